"""Live sessions of the simulated router: what touches them and what does not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from lab.simulators.routeros.raw_client import RawClient

if TYPE_CHECKING:
    from lab.simulators.routeros import RouterSimulator

DONE = [["!done"]]


@pytest.fixture
def router(router: RouterSimulator) -> RouterSimulator:
    """A router with one customer online at a static address."""
    router.add_profile("30mbps")
    router.add_secret(name="A1", remote_address="10.0.0.9")
    router.connect_session("A1", caller_id="AA:BB:CC:DD:EE:FF")
    return router


def test_a_session_shows_name_address_and_an_id_far_from_those_of_secrets(client: RawClient) -> None:
    """A session's properties; its ids are far from those of secrets."""
    properties = ".id,name,service,caller-id,address,encoding,session-id,limit-bytes-in,limit-bytes-out,radius"
    assert client.talk("/ppp/active/print", f"=.proplist={properties}")[0] == [
        "!re",
        "=.id=*80000001",
        "=name=A1",
        "=service=pppoe",
        "=caller-id=AA:BB:CC:DD:EE:FF",
        "=address=10.0.0.9",
        "=encoding=",
        "=session-id=0x81100000",
        "=limit-bytes-in=0",
        "=limit-bytes-out=0",
        "=radius=false",
    ]
    assert "=uptime=" in " ".join(client.talk("/ppp/active/print")[0])


@pytest.mark.parametrize(
    "words",
    [
        ("/ppp/secret/disable", "=.id=*1"),
        ("/ppp/secret/set", "=.id=*1", "=disabled=yes", "=profile=30mbps", "=remote-address=10.0.0.10", "=password=x"),
        ("/ppp/secret/set", "=.id=*1", "=name=A9"),
        ("/ppp/secret/remove", "=.id=*1"),
    ],
    ids=lambda words: words[0],
)
def test_secrets_do_not_touch_sessions(router: RouterSimulator, client: RawClient, words: tuple[str, ...]) -> None:
    """Whatever happens to a secret, the session that is up stays as it is."""
    before = router.sessions()
    assert client.talk(*words) == DONE
    assert router.sessions() == before


def test_cut_session_is_noted_on_the_secret(router: RouterSimulator, client: RawClient) -> None:
    """When a session ends its secret tells when, from where and why."""
    assert client.talk("/ppp/active/remove", "=.id=*80000001") == DONE
    assert router.sessions() == []
    secret = router.secret("A1")
    assert secret is not None
    assert secret["last-caller-id"] == "AA:BB:CC:DD:EE:FF"
    assert secret["last-disconnect-reason"] == "nas-request"
    assert not secret["last-logged-out"].startswith("1970")


def test_removing_what_is_gone(client: RawClient) -> None:
    """A session may end before it is cut; names address none, and nothing but removal is possible."""
    assert client.talk("/ppp/active/remove", "=.id=A1")[0][-1] == "=message=no such item"
    assert client.talk("/ppp/active/remove", "=.id=*80000001,*80000001") == DONE
    assert client.talk("/ppp/active/remove", "=.id=*80000001")[0] == ["!trap", "=category=0", "=message=no such item"]
    assert client.talk("/ppp/active/remove", "=numbers=0")[0][-1] == "=message=no such item"
    assert client.talk("/ppp/active/remove")[0][-1] == "=message=missing =.id="


def test_redial_takes_the_present_settings(router: RouterSimulator, client: RawClient) -> None:
    """A cut customer comes back under a new id with what the secret says now."""
    router.redial = True
    client.talk("/ppp/secret/set", "=.id=*1", "=remote-address=10.0.0.10")
    client.talk("/ppp/active/remove", "=.id=*80000001")
    (session,) = router.sessions("A1")
    assert (session[".id"], session["address"]) == ("*80000002", "10.0.0.10")
    client.talk("/ppp/secret/set", "=.id=*1", "=!remote-address=")
    client.talk("/ppp/active/remove", "=.id=*80000002")
    (session,) = router.sessions()
    assert (session[".id"], session["address"]) == ("*80000003", "10.255.0.1")


@pytest.mark.parametrize("command", ["/ppp/secret/disable", "/ppp/secret/remove"])
def test_a_customer_without_an_enabled_secret_stays_offline(
    router: RouterSimulator, client: RawClient, command: str
) -> None:
    """Whose secret is disabled or gone stays offline."""
    router.redial = True
    client.talk(command, "=.id=*1")
    client.talk("/ppp/active/remove", "=.id=*80000001")
    assert router.sessions() == []


def test_a_delayed_redial_reads_the_secret_when_it_dials(router: RouterSimulator, client: RawClient) -> None:
    """A delayed redial asks for the secret when it dials, not when it was cut."""
    router.redial = True
    router.redial_delay = 0.5
    client.talk("/ppp/active/remove", "=.id=*80000001")
    client.talk("/ppp/secret/set", "=.id=*1", "=remote-address=10.0.0.11")
    assert router.sessions() == []
    deadline = time.monotonic() + 5
    while not router.sessions() and time.monotonic() < deadline:
        client.talk("/ppp/active/print")
    assert [session["address"] for session in router.sessions()] == ["10.0.0.11"]


def test_radius_session_comes_back_by_itself(router: RouterSimulator, client: RawClient) -> None:
    """RADIUS customers need no secret."""
    router.redial = True
    router.connect_session("R1", address="10.9.9.9", radius=True)
    client.talk("/ppp/active/remove", "=.id=*80000002")
    (session,) = router.sessions("R1")
    assert (session[".id"], session["radius"], session["address"]) == ("*80000003", "true", "10.9.9.9")


def test_one_name_may_be_online_twice(router: RouterSimulator, client: RawClient) -> None:
    """A name may be online twice, under any service."""
    router.connect_session("A1", address="10.0.0.50", service="l2tp")
    assert [row[2] for row in client.talk("/ppp/active/print", "=.proplist=name,service", "?name=A1")[:-1]] == [
        "=service=pppoe",
        "=service=l2tp",
    ]
    router.disconnect_session("A1")
    assert router.sessions() == []


def test_a_reboot_cuts_connections_and_sessions_and_keeps_ids(router: RouterSimulator, client: RawClient) -> None:
    """A reboot cuts connections and sessions; secrets keep their ids, and new connections are welcome."""
    router.redial = True
    router.reboot()
    with pytest.raises((ConnectionResetError, EOFError)):
        client.read()
    assert router.sessions() == []
    with RawClient(router.host, router.port) as again:
        assert again.login().talk("/ppp/secret/print", "=.proplist=.id,name")[0] == ["!re", "=.id=*1", "=name=A1"]
    assert router.open_connections <= 1
