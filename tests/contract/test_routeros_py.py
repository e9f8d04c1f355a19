"""routeros-py 1.1.0 (module routeros) against the simulated router, one command at a time and tagged."""

from __future__ import annotations

import ssl
import threading
from typing import TYPE_CHECKING

import pytest
import routeros

from lab.simulators.certificates import Authority
from lab.simulators.routeros import Account, Fault, RouterSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

SYNC = Account("sync", "s3cret")
VERSIONS = ["6.42", "6.43", "6.49", "7.15.3", "7.18.2", "7.21.1"]


def dial(router: RouterSimulator) -> routeros.Client:
    """A client logged in as the sync user."""
    return routeros.dial(f"{router.host}:{router.port}", SYNC.name, SYNC.password, timeout=5)


@pytest.fixture(params=VERSIONS)
def router(request: pytest.FixtureRequest) -> Iterator[RouterSimulator]:
    """A router of each kind of release; this client answers the challenge of the oldest."""
    with RouterSimulator(request.param, accounts=[SYNC]) as router:
        router.add_profile("30mbps")
        yield router


@pytest.fixture
def client(router: RouterSimulator) -> Iterator[routeros.Client]:
    """A client of it."""
    with dial(router) as client:
        yield client


def test_a_print_of_nothing_gives_no_rows(client: routeros.Client) -> None:
    """A menu without items gives no rows, with `!empty` or without."""
    assert client.run("/ppp/secret/print").re == []


def test_a_secret_is_added_changed_and_removed(router: RouterSimulator, client: routeros.Client) -> None:
    """A secret's whole life."""
    words = ["=name=ABC1", "=password=a=b", "=profile=30mbps", "=remote-address=10.0.0.9"]
    done = client.run("/ppp/secret/add", *words).done
    assert done is not None
    assert done.map == {"ret": "*1"}
    (row,) = client.run("/ppp/secret/print", "=.proplist=name,password,disabled", "?name=ABC1").re
    assert row.map == {"name": "ABC1", "password": "a=b", "disabled": "false"}
    client.run("/ppp/secret/set", "=.id=*1", "=disabled=yes", "=!remote-address=")
    (row,) = client.run("/ppp/secret/print").re
    assert row.map["disabled"] == "true"
    assert "remote-address" not in row.map
    client.run("/ppp/secret/set", "=.id=*1", "=local-address=10.0.0.1")
    client.run("/ppp/secret/unset", "=.id=*1", "=value-name=local-address")
    assert "local-address" not in (router.secret("ABC1") or {})
    client.run("/ppp/secret/remove", "=.id=*1")
    assert router.secrets() == []


def test_a_trap_raises_and_the_next_command_works(client: routeros.Client) -> None:
    """A refused command raises the router's words; the next one works."""
    with pytest.raises(routeros.DeviceError, match="missing =name="):
        client.run("/ppp/secret/add", "=password=x")
    assert client.run("/ppp/secret/print").re == []


@pytest.mark.parametrize("interleave", [False, True])
def test_replies_reach_the_thread_that_asked(interleave: bool) -> None:
    """Replies of many threads on one connection reach their askers, in whatever order they come."""
    with RouterSimulator(accounts=[SYNC], interleave=interleave) as router:
        for number in range(20):
            router.add_secret(name=f"A{number}")
        with dial(router) as client:
            client.async_start()
            found: dict[int, list[str]] = {}

            def ask(number: int) -> None:
                rows = client.run("/ppp/secret/print", "=.proplist=name", f"?name=A{number}").re
                found[number] = [row.map["name"] for row in rows]

            threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert found == {number: [f"A{number}"] for number in range(20)}


def test_the_library_verifies_the_address() -> None:
    """The library over TLS, verifying the address."""
    authority = Authority()
    with RouterSimulator(accounts=[SYNC], tls=authority.issue("127.0.0.1").server_context()) as router:
        context = ssl.create_default_context(cadata=authority.pem)
        address = f"{router.host}:{router.port}"
        with routeros.dial_tls(address, SYNC.name, SYNC.password, tls_context=context, timeout=5) as client:
            (row,) = client.run("/system/identity/print").re
            assert row.map == {"name": "tower-1"}


def test_an_unknown_reply_word_is_an_error() -> None:
    """A reply word that no document knows is an error to this client."""
    with RouterSimulator(accounts=[SYNC]) as router:
        router.faults.append(Fault("/ppp/secret/print", "unknown_reply", message="perhaps"))
        with dial(router) as client, pytest.raises(routeros.UnknownReplyError, match="!perhaps"):
            client.run("/ppp/secret/print")


def test_an_empty_before_done_is_passed_over() -> None:
    """`!empty` before any `!done` without data is passed over."""
    with RouterSimulator(accounts=[SYNC], empty_everywhere=True) as router:
        number = router.add_secret(name="A1")
        with dial(router) as client:
            assert client.run("/ppp/secret/set", f"=.id={number}", "=comment=x").re == []
