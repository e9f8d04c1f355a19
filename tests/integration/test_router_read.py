"""What a router holds is read whole and literally, whatever its version and whoever may look (G1, G5, R10)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.routeros import Account, Fault, RouterSimulator, Trap
from pppsync.errors import RouterError
from tests.integration.providers import ROUTER_PASSWORD, certified_router, fails, gateway, soon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pppsync.core.secret import RouterState, StoredSecret

VERSIONS = ["6.43", "6.49.10", "7.10", "7.15.3", "7.16", "7.18.2", "7.20.8", "7.21", "7.22.1"]
PASSWORDS = ["123", "yes", "no", "true", "0123", "00", "pässwörd", "a=b", "=x=", " outer ", "*", "", "\t", "Я" * 60]


def read(router: RouterSimulator, **settings: Any) -> RouterState:
    """One reading of a router."""
    with gateway(router, **settings) as tower:
        return tower.read(soon())


def only_secret(state: RouterState) -> StoredSecret:
    """The secret of a router that has one."""
    (secret,) = state.secrets
    return secret


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_read(version: str) -> None:
    """With and without `!empty`, show-sensitive, and an address that is not set shown as 0.0.0.0."""
    with certified_router(version=version) as router:
        router.add_profile("30mbps")
        router.add_secret(name="ABC1", password="secret-1", service="pppoe", profile="30mbps")
        router.add_secret(name="ABC2", password="2", disabled=True, remote_address="10.0.0.2", comment="UISP client 2")
        state = read(router)
        assert router.warnings == []
    first, second = state.secrets
    assert (first.id, first.name, first.ppp_service, first.password.reveal()) == ("*1", "ABC1", "pppoe", "secret-1")
    assert (first.profile, first.remote_address, first.disabled, first.comment) == ("30mbps", None, False, None)
    assert (second.ppp_service, second.remote_address, second.disabled) == ("any", "10.0.0.2", True)
    assert second.comment == "UISP client 2"
    assert state.profiles == {"30mbps", "default", "default-encryption"}
    assert state.sessions == ()


@pytest.mark.parametrize("version", VERSIONS)
def test_an_empty_router_is_read(version: str) -> None:
    """A print of nothing is `!empty` from 7.18 on and nothing before."""
    with certified_router(version=version, empty_everywhere=version >= "7.18") as router:
        state = read(router)
    assert (state.secrets, state.sessions) == ((), ())


def test_sessions_are_read() -> None:
    """Which service let them in, on which address, and whether RADIUS did."""
    with certified_router() as router:
        router.connect_session("ABC1", "10.1.0.1")
        router.connect_session("ABC2", "10.1.0.2", service="l2tp", radius=True)
        one, two = read(router).sessions
    assert (one.name, one.ppp_service, one.address, one.radius) == ("ABC1", "pppoe", "10.1.0.1", False)
    assert (two.name, two.ppp_service, two.address, two.radius) == ("ABC2", "l2tp", "10.1.0.2", True)
    assert one.id != two.id


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("version", ["6.49.10", "7.18.2", "7.22.1"])
def test_a_password_is_a_text(password: str, version: str) -> None:
    """No number, no truth value, no trimmed blank, no lost letter."""
    with certified_router(version=version) as router:
        router.add_secret(name="ABC1", password=password)
        assert only_secret(read(router)).password.reveal() == password


@pytest.mark.parametrize("name", ["123", "yes", "0123", "*1", "jürgen", "a=b", " a ", "ABC,1"])
def test_a_name_is_a_text(name: str) -> None:
    """The same for names, which decide who is who."""
    with certified_router() as router:
        router.add_secret(name=name)
        router.connect_session(name)
        state = read(router)
    assert only_secret(state).name == state.sessions[0].name == name


@pytest.mark.parametrize("raw", [b"p\xe4ss", b"\xff\xfe", b"\xc3", b"ok\x00ay", bytes(range(1, 256))])
def test_bytes_that_are_no_utf8_survive(raw: bytes) -> None:
    """WinBox writes the code page of its PC; what is read can be compared and written back unchanged."""
    with certified_router() as router:
        router.add_secret(name=b"ABC\xe9", password=raw)
        secret = only_secret(read(router))
    assert secret.password.reveal().encode("utf-8", "surrogateescape") == raw
    assert secret.name.encode("utf-8", "surrogateescape") == b"ABC\xe9"


@pytest.mark.parametrize(
    ("version", "switches"),
    [("7.18.2", {}), ("7.21", {}), ("7.21", {"masks_by_default": True}), ("7.22.1", {"masks_by_default": True})],
)
def test_passwords_are_shown_to_a_user_with_sensitive(version: str, switches: dict[str, Any]) -> None:
    """From 7.21 on they may have to be asked for by `show-sensitive`."""
    with certified_router(version=version, **switches) as router:
        router.add_secret(name="ABC1", password="secret-1")
        state = read(router)
    assert only_secret(state).password.reveal() == "secret-1"
    assert state.passwords_readable


@pytest.mark.parametrize("version", ["6.49.10", "7.18.2", "7.22.1"])
def test_a_user_without_sensitive_sees_no_password(version: str) -> None:
    """All asterisks: unreadable, which is neither equal nor different (G5)."""
    with certified_router(
        version=version, accounts=[Account("sync", ROUTER_PASSWORD, frozenset({"api", "read", "write"}))]
    ) as router:
        router.add_secret(name="ABC1", password="secret-1")
        router.add_secret(name="ABC2", password="secret-2")
        assert not read(router).passwords_readable


@pytest.mark.parametrize("message", ["unknown parameter", "unknown parameter show-sensitive"])
def test_a_router_that_does_not_know_show_sensitive_is_asked_without(message: str) -> None:
    """Whatever its version says."""
    with certified_router(version="7.22.1") as router:
        router.add_secret(name="ABC1", password="secret-1")
        router.faults.append(Fault("/ppp/secret/print", "trap", message=message, category=0))
        state = read(router)
    assert only_secret(state).password.reveal() == "secret-1"
    assert len(state.profiles) == 2


def test_a_router_that_hides_its_version_is_read_as_an_old_one() -> None:
    """The version is a help, not a need."""
    with certified_router(version="7.18.2") as router:
        router.add_secret(name="ABC1", password="secret-1")
        router.faults.append(Fault("/system/resource/print", "trap", message="not enough permissions (9)"))
        assert only_secret(read(router)).password.reveal() == "secret-1"


def test_replies_of_several_commands_may_interleave() -> None:
    """RouterOS promises no order across tags."""
    with certified_router(interleave=True) as router:
        for number in range(100):
            router.add_secret(name=f"ABC{number}", password=f"secret-{number}")
            router.add_profile(f"{number}mbps")
            router.connect_session(f"ABC{number}")
        state = read(router)
    assert [secret.name for secret in state.secrets] == [f"ABC{number}" for number in range(100)]
    assert (len(state.profiles), len(state.sessions)) == (102, 100)


def test_only_what_is_needed_is_asked_for() -> None:
    """A proplist keeps a router with 10,000 secrets from printing all it knows; each table is read once."""
    with certified_router() as router:
        read(router)
        asked = [exchange.words for exchange in router.transcript if exchange.direction == "in"]
        assert router.commands.keys() >= {"/ppp/secret/print", "/ppp/profile/print", "/ppp/active/print"}
        assert set(router.commands.values()) == {1}
    assert all(any(word.startswith("=.proplist=") for word in words) for words in asked if words[0] != "/login")


def test_reading_writes_nothing_and_leaves_no_connection() -> None:
    """The session ends with the gateway."""
    with certified_router() as router:
        read(router)
        assert (router.writes, router.warnings, router.connections) == ([], [], 1)


@pytest.mark.parametrize(
    "policies", [{"api"}, {"api", "write"}, {"api", "write", "sensitive"}], ids=lambda one: "+".join(sorted(one))
)
def test_a_user_who_may_not_read_is_told_which_policies_are_needed(policies: set[str]) -> None:
    """`router_refused` with the router's own words."""
    account = Account("sync", ROUTER_PASSWORD, frozenset(policies))
    with (
        certified_router(accounts=[account]) as router,
        fails("router_refused", RouterError, saying="not enough permissions.*`api` and `read`"),
    ):
        read(router)


@pytest.mark.parametrize("table", ["secret", "profile", "active"])
@pytest.mark.parametrize(
    ("trap", "words"),
    [
        (Fault("", "trap", message="no such command prefix"), "no such command prefix"),
        (Fault("", "trap"), "refused without a reason"),
        (Fault("", "trap", traps=[Trap("first", 0), Trap("second", None)]), "first; second"),
        (Fault("", "trap", message="123"), "123"),
        (Fault("", "trap", message="late", applied=True, times=None), "late"),
    ],
    ids=["one", "without a message", "two", "a number", "after the rows"],
)
def test_a_table_that_is_refused_is_no_empty_table(table: str, trap: Fault, words: str) -> None:
    """Neither before the first row nor after the last; several refusals are all told."""
    with certified_router() as router:
        router.add_secret(name="ABC1")
        router.connect_session("ABC1")
        router.faults.append(replace(trap, on=f"/ppp/{table}/print"))
        with fails("router_refused", RouterError, saying=f"/ppp/{table}/print.*{words}"):
            read(router)


@pytest.fixture
def changing() -> Iterator[RouterSimulator]:
    """A router with five secrets, whose users are online, and five profiles with its own two."""
    with certified_router() as router:
        for number in range(5):
            router.add_secret(name=f"ABC{number}", password=f"secret-{number}")
            router.connect_session(f"ABC{number}")
        for number in range(3):
            router.add_profile(f"{number}mbps")
        yield router


@pytest.mark.parametrize("table", ["secret", "profile", "active"])
@pytest.mark.parametrize("rows", [0, 1, 4])
def test_a_table_that_changes_while_it_is_printed_is_printed_once_more(
    changing: RouterSimulator, table: str, rows: int
) -> None:
    """G1: the second print counts alone, no row twice and none missing; the other tables are printed once."""
    path = f"/ppp/{table}/print"
    changing.faults.append(Fault(path, "trap_mid_print", rows=rows, message="no such item (4)"))
    state = read(changing)
    assert [secret.name for secret in state.secrets] == [f"ABC{number}" for number in range(5)]
    assert (len(state.profiles), len(state.sessions)) == (5, 5)
    assert {name: count for name, count in changing.commands.items() if count > 1} == {path: 2}


@pytest.mark.parametrize("table", ["secret", "profile", "active"])
@pytest.mark.parametrize("message", ["no such item (4)", "interrupted", None])
def test_a_table_that_keeps_changing_is_refused_in_the_routers_words(
    changing: RouterSimulator, table: str, message: str | None
) -> None:
    """G1: after the second print the run leaves this router alone, and blames no policy."""
    path = f"/ppp/{table}/print"
    changing.faults.append(Fault(path, "trap_mid_print", rows=2, message=message, times=None))
    words = re.escape(message or "refused without a reason")
    with fails("router_refused", RouterError, saying=f"{path}: {words}; printed twice") as caught:
        read(changing)
    assert "polic" not in str(caught.value)
    assert changing.commands[path] == 2


def test_all_tables_may_change_at_once(changing: RouterSimulator) -> None:
    """G1: each table is printed once more, all in one round trip."""
    for table in ("secret", "profile", "active"):
        changing.faults.append(Fault(f"/ppp/{table}/print", "trap_mid_print", rows=1, message="no such item (4)"))
    state = read(changing)
    assert (len(state.secrets), len(state.profiles), len(state.sessions)) == (5, 5, 5)


def test_a_refusal_before_the_first_row_is_not_asked_again_and_blames_no_policy(changing: RouterSimulator) -> None:
    """G1: a command that the router does not know stays unknown, and no policy would help."""
    fault = Fault("/ppp/secret/print", "trap", message="no such command prefix", times=None)
    changing.faults.append(fault)
    with fails("router_refused", RouterError, saying="no such command prefix") as caught:
        read(changing)
    assert "polic" not in str(caught.value)
    assert fault.fired == 1


def test_a_large_router_is_read() -> None:
    """Rows arrive in pieces that end anywhere."""
    with certified_router() as router:
        for number in range(3000):
            router.add_secret(name=f"ABC{number}", password=f"pässwörd-{number}" + "x" * (number % 300))
        secrets = read(router).secrets
    assert len(secrets) == 3000
    assert all(
        secret.password.reveal() == f"pässwörd-{number}" + "x" * (number % 300) for number, secret in enumerate(secrets)
    )
