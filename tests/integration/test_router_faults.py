"""A router in its bad hours: every failure has a code and an end, and half of a table is none (G1, G7)."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.routeros import Account, Fault, RouterSimulator
from lab.simulators.routeros.wire import encode_sentence
from lab.simulators.silence import silent_ports
from pppsync.config.settings import RouterSettings
from pppsync.core.policy import Policy
from pppsync.errors import RouterError
from pppsync.routers.gateway import RouterGateway
from tests.integration.providers import (
    ROUTER_PASSWORD,
    certified_router,
    fails,
    gateway,
    policy,
    router_settings,
    soon,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab.simulators.routeros.faults import Action
    from pppsync.core.secret import RouterState

TABLES = ["/system/resource/print", "/ppp/secret/print", "/ppp/profile/print", "/ppp/active/print"]


@pytest.fixture
def router() -> Iterator[RouterSimulator]:
    """A router with a few secrets and sessions."""
    with certified_router() as running:
        for number in range(9):
            running.add_secret(name=f"ABC{number}", password=f"secret-{number}")
            running.connect_session(f"ABC{number}")
        yield running


def read(router: RouterSimulator, timeout: float = 20, **settings: Any) -> RouterState:
    """One reading of a router."""
    with gateway(router, {"router_timeout": timeout}, **settings) as tower:
        return tower.read(soon())


@pytest.mark.parametrize("version", ["6.43", "6.44", "6.49.10", "7.18.2", "7.22.1"])
@pytest.mark.parametrize("password", ["", "123", "yes", "a=b", " outer ", "pässwörd"])
def test_the_plain_login_sends_the_password_in_its_first_sentence(version: str, password: str) -> None:
    """The password goes literally, in the first sentence."""
    with certified_router(version=version, accounts=[Account("sync", password)]) as router:
        assert read(router, password=password).secrets == ()


@pytest.mark.parametrize("version", ["6.40", "6.42.12", "6.43", "6.44"])
@pytest.mark.parametrize("password", ["", "123", "yes", "a=b", " outer ", "pässwörd"])
def test_the_challenge_login_sends_no_password(version: str, password: str) -> None:
    """`plaintext_login: false` proves the password without sending it, whatever letters it has."""
    with certified_router(version=version, accounts=[Account("sync", password)]) as router:
        read(router, password=password, plaintext_login=False)
        words = [word for sent in router.transcript if sent.direction == "in" for word in sent.words]
    assert not any(word.startswith("=password=") for word in words)


def test_a_plain_login_answers_the_challenge_of_an_old_router() -> None:
    """RouterOS before 6.43 asks for it whatever was sent."""
    with certified_router(version="6.42.12") as router:
        assert read(router).secrets == ()


LOGIN = {
    "a wrong password": (Account("sync", "another"), {}),
    "a wrong user": (Account("somebody", ROUTER_PASSWORD), {}),
    "a disabled user": (Account("sync", ROUTER_PASSWORD, disabled=True), {}),
    "a user of another network": (Account("sync", ROUTER_PASSWORD, address="192.0.2.0/24"), {}),
    "no policy api": (Account("sync", ROUTER_PASSWORD, frozenset({"read", "write", "sensitive"})), {}),
    "a challenge that nobody gives any more": (Account("sync", ROUTER_PASSWORD), {"plaintext_login": False}),
}


@pytest.mark.parametrize("version", ["6.49.10", "7.18.2"])
@pytest.mark.parametrize("kind", LOGIN)
def test_a_refused_login_says_what_to_check(kind: str, version: str) -> None:
    """The router does not tell these apart, so the message names them all; it shows no password."""
    account, settings = LOGIN[kind]
    with (
        certified_router(version=version, accounts=[account]) as router,
        fails("router_login", RouterError, saying="invalid user name or password.*policy `api`") as caught,
    ):
        read(router, **settings)
    assert ROUTER_PASSWORD not in repr(caught.value)


def test_a_login_refused_in_other_words_is_a_refused_login(router: RouterSimulator) -> None:
    """A trap of any text; one that quotes the password is cleaned of it."""
    words = f"radius says no to {ROUTER_PASSWORD}"
    router.faults.append(Fault("login", "trap", message=words))
    with fails("router_login", RouterError, saying=r"radius says no to \*\*\*;") as caught:
        read(router)
    assert ROUTER_PASSWORD not in repr(caught.value)


BROKEN: list[tuple[Action, str]] = [
    ("close", "router_closed"),
    ("close_mid_word", "router_closed"),
    ("close_mid_sentence", "router_closed"),
    ("reset", "router_closed"),
    ("reboot", "router_closed"),
    ("fatal", "router_closed"),
    ("control_byte", "router_protocol"),
    ("huge_word", "router_protocol"),
    ("unknown_reply", "router_protocol"),
]


@pytest.mark.parametrize("command", ["login", *TABLES])
@pytest.mark.parametrize(("action", "code"), BROKEN)
def test_what_is_no_answer_ends_the_reading(router: RouterSimulator, command: str, action: Action, code: str) -> None:
    """Wherever it happens, as a `RouterError` of its own code and at once."""
    router.faults.append(Fault(command, action))
    with fails(code, RouterError):
        read(router)


@pytest.mark.parametrize("rows", [1, 5, 8])
@pytest.mark.parametrize("command", TABLES[1:])
def test_a_table_that_breaks_off_is_no_table(router: RouterSimulator, command: str, rows: int) -> None:
    """The rows that came are not used: a missing secret would be created again."""
    router.faults.append(Fault(command, "cut", rows=rows))
    with fails("router_closed", RouterError):
        read(router)


def test_a_connection_that_is_lost_after_the_last_answer_is_none_of_the_readings_business(
    router: RouterSimulator,
) -> None:
    """Everything had been said."""
    router.faults.append(Fault("/ppp/active/print", "close_after_reply"))
    assert len(read(router).sessions) == 9


@pytest.mark.parametrize(("message", "told"), [("too many sessions", "too many sessions"), (None, "no reason given")])
def test_the_reason_of_a_fatal_is_told(router: RouterSimulator, message: str | None, told: str) -> None:
    """It is a bare word, and may be missing."""
    router.faults.append(Fault("/ppp/secret/print", "fatal", message=message))
    with fails("router_closed", RouterError, saying=told):
        read(router)


@pytest.mark.parametrize("challenge", [b"xyz", b"00f", "ä".encode()])
def test_a_challenge_that_is_none_is_a_fault_of_the_protocol(challenge: bytes) -> None:
    """Nothing that depends on the password is sent."""

    def challenged(_: bytes) -> bytes:
        return encode_sentence([b"!done", b"=ret=" + challenge, b".tag=1"])

    with scripted(challenged, login=False) as port, plain_gateway(port) as tower, fails("router_protocol", RouterError):
        tower.read(soon())


def test_an_empty_sentence_is_nothing(router: RouterSimulator) -> None:
    """It is skipped, as RouterOS itself does."""
    router.faults.append(Fault("/ppp/secret/print", "empty_sentence"))
    assert len(read(router).secrets) == 9


@pytest.mark.parametrize("command", ["login", *TABLES])
@pytest.mark.parametrize("action", ["stall", "drip"])
def test_a_router_that_hangs_does_not_hang_the_run(router: RouterSimulator, command: str, action: Action) -> None:
    """`router_timeout` bounds connect and read as a whole, also where a byte comes now and then."""
    router.faults.append(Fault(command, action, interval=0.1, times=None))
    with fails("router_timeout", RouterError, saying=r"0\.3 s .policy.router_timeout"):
        read(router, timeout=0.3)


def test_a_router_that_accepts_and_says_nothing_does_not_hang_the_run(router: RouterSimulator) -> None:
    """Not even the TLS handshake takes longer."""
    router.faults.append(Fault("connect", "stall"))
    with fails("router_timeout", RouterError):
        read(router, timeout=0.3)


def test_the_run_may_have_less_time_than_the_router(router: RouterSimulator) -> None:
    """The deadline of the run counts too."""
    router.faults.append(Fault("/ppp/secret/print", "stall"))
    with gateway(router) as tower, fails("router_timeout", RouterError):
        tower.read(soon(0.3))


def test_no_time_left_is_a_timeout(router: RouterSimulator) -> None:
    """Not a crash."""
    with gateway(router) as tower, fails("router_timeout", RouterError):
        tower.read(soon(-1))


def test_a_slow_router_is_waited_for(router: RouterSimulator) -> None:
    """As long as the whole stays within the limit."""
    for command in TABLES:
        router.faults.append(Fault(command, "delay", interval=0.1))
    assert len(read(router).secrets) == 9


def test_an_unreachable_router_is_named_with_its_place() -> None:
    """`router_unreachable` names the place."""
    with certified_router() as router:
        pass
    with fails("router_unreachable", RouterError, saying=f"127.0.0.1:{router.port}.*refused"):
        read(router)


def test_a_connect_that_nobody_answers_has_a_limit_of_its_own(router: RouterSimulator) -> None:
    """A tower without power is given up long before `router_timeout`; the error names the place and the limit (G7)."""
    with silent_ports(1) as (port,):
        tower = RouterGateway(router_settings(router, port=port), policy(), connect_seconds=0.2)
        saying = rf"127\.0\.0\.1:{port}: no answer to a connect within 0\.2 s; check its host"
        with tower, fails("router_unreachable", RouterError, saying=saying) as caught:
            tower.read(soon())
        assert "router_timeout" not in str(caught.value)
        with tower, fails("router_unreachable", RouterError, saying=saying):
            tower.connect(soon())


def test_the_time_that_is_left_limits_a_connect_too(router: RouterSimulator) -> None:
    """Where it is less than the connect has."""
    with silent_ports(1) as (port,), gateway(router, port=port) as tower, fails("router_timeout", RouterError):
        tower.read(soon(0.2))


@pytest.mark.parametrize("action", ["close", "reset"])
def test_a_router_that_closes_before_the_login_is_named(router: RouterSimulator, action: Action) -> None:
    """A connection closed before the login, as by an address list, is an error of this router."""
    router.faults.append(Fault("connect", action))
    with fails("router_(tls|unreachable|closed)", RouterError):
        read(router)


def test_one_session_too_many_is_a_failure_of_this_router_alone() -> None:
    """`max-sessions` of the service; the same client succeeds when another has gone."""
    with certified_router(max_sessions=1) as router:
        with gateway(router) as first:
            first.read(soon())
            with fails("router_tls", RouterError, saying="and its max-sessions"):
                read(router)
        assert read(router).secrets == ()


def test_plain_connections_are_possible() -> None:
    """`use_ssl: false`, as the old program had it."""
    with certified_router(tls=None) as router:
        router.add_secret(name="ABC1")
        assert len(read(router, use_ssl=False, ssl_ca=None).secrets) == 1


def test_a_plain_client_at_a_tls_port_gets_no_further() -> None:
    """No password is sent in the clear and answered by chance."""
    with certified_router() as router, fails("router_(closed|timeout|protocol)", RouterError):
        read(router, timeout=1, use_ssl=False, ssl_ca=None)


def test_a_failed_reading_leaves_no_connection(router: RouterSimulator) -> None:
    """Every reading begins anew: a stale answer of the last one can not be taken for one of this."""
    router.faults.append(Fault("/ppp/secret/print", "trap", message="no"))
    with gateway(router) as tower:
        with fails("router_refused", RouterError):
            tower.read(soon())
        assert len(tower.read(soon()).secrets) == 9
    assert router.connections == 2


def plain_gateway(port: int) -> RouterGateway:
    """A gateway to that port of loopback, in the clear."""
    return RouterGateway(RouterSettings("tower-1", default=True, host="127.0.0.1", port=port, tls=None), Policy())


@contextmanager
def scripted(*answers: Callable[[bytes], bytes], login: bool = True) -> Iterator[int]:
    """A peer on a port that takes the login (or not), and answers each sentence after it with these bytes in turn."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                for answer in (_done, *answers) if login else answers:
                    data = peer.recv(65536)
                    tag = data[data.index(b".tag=") :].split(b"\0")[0]
                    peer.sendall(answer(tag))
                while peer.recv(65536):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def _done(tag: bytes) -> bytes:
    return encode_sentence([b"!done", tag])


@pytest.mark.parametrize(
    "sentence",
    [
        [b"!re", b"=name"],
        [b"!re", b"=name=a"],
        [b"!re", b"=.id=*1"],
        [b"!re", b"=.id=*\xff", b"=name=a"],
        [b"!re"],
        [b"!done", b"=ret"],
        [b"!trap", b"=message"],
        [b"hello"],
    ],
    ids=repr,
)
def test_a_row_that_is_none_is_a_fault_of_the_protocol(sentence: list[bytes]) -> None:
    """Whatever the peer is, it is a `RouterError`, and the other routers go on."""

    def answer(tag: bytes) -> bytes:
        return encode_sentence([*sentence, tag])

    with scripted(_done, answer) as port, plain_gateway(port) as tower, fails("router_protocol", RouterError):
        tower.read(soon())


def test_a_profile_without_a_name_is_a_fault_of_the_protocol() -> None:
    """The third print is that of the profiles."""

    def tables(_: bytes) -> bytes:
        return encode_sentence([b"!done", b".tag=3"]) + encode_sentence([b"!re", b"=default=true", b".tag=4"])

    with scripted(_done, tables) as port, plain_gateway(port) as tower, fails("router_protocol", RouterError):
        tower.read(soon())


@pytest.mark.parametrize("tag", [b"", b".tag=99", b".tag="])
def test_an_answer_to_nothing_is_a_fault_of_the_protocol(tag: bytes) -> None:
    """Taken for the answer to something else it could confirm what never happened."""

    def answer(_: bytes) -> bytes:
        return encode_sentence([b"!done", *([tag] if tag else [])])

    with scripted(answer) as port, plain_gateway(port) as tower, fails("router_protocol", RouterError):
        tower.read(soon())
