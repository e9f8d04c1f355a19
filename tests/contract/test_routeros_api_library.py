"""RouterOS-api 0.21.0 (module routeros_api) against the simulated router: it tags every command."""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import routeros_api
from routeros_api.exceptions import (
    RouterOsApiCommunicationError,
    RouterOsApiConnectionClosedError,
    RouterOsApiParsingError,
)

from lab.simulators.certificates import Authority
from lab.simulators.routeros import Account, Fault, RouterSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

SYNC = Account("sync", "s3cret")


@contextlib.contextmanager
def connected(router: RouterSimulator, **options: Any) -> Iterator[Any]:
    """A client logged in as the sync user."""
    options = {"plaintext_login": True, **options}
    pool = routeros_api.RouterOsApiPool(router.host, SYNC.name, SYNC.password, router.port, **options)
    try:
        yield pool.get_api()
    finally:
        pool.disconnect()


@pytest.fixture(params=["6.43", "6.49", "7.15.3", "7.18.2", "7.21.1"])
def router(request: pytest.FixtureRequest) -> Iterator[RouterSimulator]:
    """A router of each kind of release."""
    with RouterSimulator(request.param, accounts=[SYNC]) as router:
        router.add_profile("30mbps")
        yield router


@pytest.fixture
def secrets(router: RouterSimulator) -> Iterator[Any]:
    """The menu of PPP secrets."""
    with connected(router) as api:
        yield api.get_resource("/ppp/secret")


def test_a_print_of_nothing_gives_no_rows(secrets: Any) -> None:
    """A menu without items gives no rows, with `!empty` or without."""
    assert secrets.get() == []


def test_a_secret_is_added_changed_and_removed(router: RouterSimulator, secrets: Any) -> None:
    """A secret's whole life; this library keeps strings."""
    added = secrets.add(name="ABC1", password="123", profile="30mbps", **{"remote-address": "10.0.0.9"})
    assert added.done_message == {"ret": "*1"}
    (row,) = secrets.get(name="ABC1")
    assert (row["id"], row["password"], row["remote-address"], row["disabled"]) == ("*1", "123", "10.0.0.9", "false")
    secrets.set(id="*1", disabled="yes", password="pässwörd")
    secrets.call("unset", {"id": "*1", "value-name": "remote-address"})
    (row,) = secrets.get()
    assert (row["password"], row["disabled"]) == ("pässwörd", "true")
    assert "remote-address" not in row
    secrets.remove(id="*1")
    assert router.secrets() == []


def test_a_trap_raises_and_the_next_command_works(router: RouterSimulator, secrets: Any) -> None:
    """A refused command raises the router's words; the next one works."""
    router.add_secret(name="A1")
    with pytest.raises(RouterOsApiCommunicationError, match="secret with the same name already exists"):
        secrets.add(name="A1")
    with pytest.raises(RouterOsApiCommunicationError, match="no such item"):
        secrets.remove(id="*99")
    assert len(secrets.get()) == 1


def test_replies_find_their_commands(router: RouterSimulator) -> None:
    """Several commands outstanding at once are answered by tag."""
    for number in range(5):
        router.add_secret(name=f"A{number}")
    with connected(router) as api:
        resource = api.get_resource("/ppp/secret")
        promises = [resource.get_async(name=f"A{number}") for number in range(5)]
        assert [promise.get()[0]["name"] for promise in reversed(promises)] == ["A4", "A3", "A2", "A1", "A0"]


@pytest.mark.parametrize(("version", "works"), [("6.42", True), ("6.43", True), ("6.45.1", False), ("7.18.2", False)])
def test_the_challenge_is_answered_before_6_45_1_alone(version: str, works: bool) -> None:
    """A bare `/login` gets a challenge before 6.45.1, and is never mistaken for a login after it."""
    with RouterSimulator(version, accounts=[SYNC]) as router:
        if works:
            with connected(router, plaintext_login=False) as api:
                assert api.get_resource("/ppp/secret").get() == []
        else:
            with (
                pytest.raises(RouterOsApiCommunicationError, match="invalid user name or password"),
                connected(router, plaintext_login=False),
            ):
                pass


def test_the_library_verifies_the_address() -> None:
    """The library over TLS, verifying the address."""
    authority = Authority()
    with RouterSimulator(accounts=[SYNC], tls=authority.issue("127.0.0.1").server_context()) as router:
        context = ssl.create_default_context(cadata=authority.pem)
        with connected(router, ssl_context=context) as api:
            assert api.get_resource("/system/identity").get() == [{"name": "tower-1"}]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("/ppp/secret/print", "close"), RouterOsApiConnectionClosedError),
        (Fault("/ppp/secret/print", "fatal", message="shutting down"), RouterOsApiParsingError),
        (Fault("/ppp/secret/print", "trap", message="busy"), RouterOsApiCommunicationError),
    ],
    ids=lambda value: getattr(value, "action", None),
)
def test_faults_reach_this_library_too(fault: Fault, error: type[Exception]) -> None:
    """Faults reach another library too; it cannot read the bare word of `!fatal`."""
    with RouterSimulator(accounts=[SYNC]) as router:
        router.faults.append(fault)
        with connected(router) as api, pytest.raises(error):
            api.get_resource("/ppp/secret").get()


def test_a_word_without_its_second_equals_sign_is_refused() -> None:
    """This library sends an empty value as a bare `=password`: the simulated router does not take it."""
    with RouterSimulator() as router:
        pool = routeros_api.RouterOsApiPool(router.host, "admin", "", router.port, plaintext_login=True)
        with pytest.raises(RouterOsApiCommunicationError, match="malformed word"):
            pool.get_api()
        pool.disconnect()
