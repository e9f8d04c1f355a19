"""Address lists of the simulated router: what sessions and DNS names put into them, and what a client may do."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from lab.simulators.routeros import Account, RouterSimulator
from lab.simulators.routeros.raw_client import RawClient
from tests.contract.replies import DONE, trap

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTS = "/ip/firewall/address-list"
VERSIONS = ["6.49.17", "7.18.2"]


@pytest.fixture(params=VERSIONS)
def router(request: pytest.FixtureRequest) -> Iterator[RouterSimulator]:
    """A router with a suspended profile that has a list, a customer in it and one outside."""
    with RouterSimulator(request.param) as router:
        router.add_profile("30mbps")
        router.add_profile("suspended", address_list="suspended", rate_limit="1M/1M")
        router.add_secret(name="S1", profile="suspended", remote_address="10.0.0.9")
        router.add_secret(name="A1", profile="30mbps")
        yield router


def entries(router: RouterSimulator) -> list[tuple[str, str]]:
    """List and address of every entry."""
    return [(one["list"], one["address"]) for one in router.items(LISTS)]


def test_a_session_stands_in_the_list_of_its_profile_while_it_is_up(router: RouterSimulator, client: RawClient) -> None:
    """The entry comes with the session and goes with it, however it ends; a profile without a list makes none."""
    router.connect_session("A1")
    session = router.connect_session("S1")
    assert entries(router) == [("suspended", "10.0.0.9")]
    client.talk("/ppp/active/remove", f"=.id={session}")
    assert entries(router) == []
    router.connect_session("S1")
    router.reboot()
    assert entries(router) == []


def test_an_entry_of_a_session_as_print_shows_it(router: RouterSimulator, client: RawClient) -> None:
    """It is dynamic, with its moment of creation, and without a timeout or a comment."""
    router.connect_session("S1")
    row, _ = client.talk(f"{LISTS}/print", "?list=suspended")
    created = row.pop(4).removeprefix("=creation-time=").title()
    assert row == [
        "!re",
        "=.id=*1",
        "=list=suspended",
        "=address=10.0.0.9",
        "=dynamic=true",
        "=disabled=false",
    ]
    form = "%b/%d/%Y %H:%M:%S" if "/" in created else "%Y-%m-%d %H:%M:%S"
    age = dt.datetime.now(dt.UTC) - dt.datetime.strptime(created, form).replace(tzinfo=dt.UTC)
    assert age < dt.timedelta(seconds=30)


@pytest.mark.parametrize(
    "words",
    [
        ("/ppp/secret/set", "=.id=*1", "=profile=30mbps"),
        ("/ppp/secret/disable", "=.id=*1"),
        ("/ppp/secret/remove", "=.id=*1"),
        ("/ppp/profile/set", "=.id=*2", "=address-list=other"),
        ("/ppp/profile/set", "=.id=*2", "=address-list="),
    ],
    ids=" ".join,
)
def test_an_entry_keeps_what_it_was_at_dial_in(
    router: RouterSimulator, client: RawClient, words: tuple[str, ...]
) -> None:
    """Neither a change of the secret nor one of the profile moves a session that is up."""
    router.connect_session("S1")
    before = router.items(LISTS)
    assert client.talk(*words) == DONE
    assert router.items(LISTS) == before


def test_a_session_that_dials_again_gets_the_profile_of_that_moment(router: RouterSimulator, client: RawClient) -> None:
    """Restricted by a drop, and let in fully by the next one; the static address stays."""
    router.redial = True
    router.connect_session("S1")
    client.talk("/ppp/secret/set", "=.id=*1", "=profile=30mbps")
    (session,) = router.sessions("S1")
    client.talk("/ppp/active/remove", f"=.id={session['.id']}")
    assert (entries(router), router.sessions("S1")[0]["address"]) == ([], "10.0.0.9")
    client.talk("/ppp/secret/set", "=.id=*1", "=profile=suspended")
    (session,) = router.sessions("S1")
    client.talk("/ppp/active/remove", f"=.id={session['.id']}")
    assert (entries(router), router.sessions("S1")[0]["address"]) == ([("suspended", "10.0.0.9")], "10.0.0.9")


def test_each_session_has_an_entry_of_its_own(router: RouterSimulator) -> None:
    """A name that is online twice stands there twice; RADIUS and a name without a secret put nothing there."""
    router.connect_session("S1")
    router.connect_session("S1", address="10.0.0.77")
    router.connect_session("S1", address="10.0.0.78", radius=True)
    router.connect_session("nobody")
    assert entries(router) == [("suspended", "10.0.0.9"), ("suspended", "10.0.0.77")]


def test_the_list_is_that_of_the_secret_of_the_session_s_service(router: RouterSimulator) -> None:
    """A secret under the session's own service goes before one under `any`."""
    router.add_secret(name="S1", service="l2tp", profile="30mbps", allow_duplicate=True)
    router.connect_session("S1", service="l2tp")
    assert entries(router) == []


def test_what_a_session_put_there_cannot_be_taken_away(router: RouterSimulator, client: RawClient) -> None:
    """The entry of a session can be read, and neither changed nor removed."""
    router.connect_session("S1")
    assert "=message=failure: can not remove" in client.talk(f"{LISTS}/remove", "=.id=*1")[0][-1]
    assert "=message=failure: can not change" in client.talk(f"{LISTS}/set", "=.id=*1", "=list=other")[0][-1]


def test_a_name_stands_there_with_its_addresses(router: RouterSimulator, client: RawClient) -> None:
    """The entry of a DNS name stays as it is, and a dynamic one for each address follows what DNS says."""
    router.set_names({"pay.example.com": ["192.0.2.1", "192.0.2.2", "2001:db8::1"]})
    assert client.talk(f"{LISTS}/add", "=list=allowed", "=address=pay.example.com") == [["!done", "=ret=*1"]]
    shown = client.talk(f"{LISTS}/print", "=.proplist=address,dynamic,comment")
    assert shown[:-1] == [
        ["!re", "=address=pay.example.com", "=dynamic=false"],
        ["!re", "=address=192.0.2.1", "=dynamic=true", "=comment=pay.example.com"],
        ["!re", "=address=192.0.2.2", "=dynamic=true", "=comment=pay.example.com"],
    ]
    router.set_names({"pay.example.com": ["192.0.2.2"]})
    assert [address for _, address in entries(router)] == ["pay.example.com", "192.0.2.2"]
    client.talk(f"{LISTS}/disable", "=.id=*1")
    assert [address for _, address in entries(router)] == ["pay.example.com"]
    client.talk(f"{LISTS}/enable", "=.id=*1")
    client.talk(f"{LISTS}/remove", "=.id=*1")
    assert entries(router) == []


def test_a_name_that_dns_does_not_know_lets_nobody_through(router: RouterSimulator, client: RawClient) -> None:
    """The entry is taken, and no address stands beside it."""
    client.talk(f"{LISTS}/add", "=list=allowed", "=address=pay.example.com")
    assert entries(router) == [("allowed", "pay.example.com")]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("10.0.0.9/32", "10.0.0.9"),
        ("10.0.0.9/24", "10.0.0.0/24"),
        ("192.168.0.0-192.168.1.255", "192.168.0.0/23"),
        ("10.0.0.9-10.0.0.11", "10.0.0.9-10.0.0.11"),
        ("*.example.com", None),
        ("2001:db8::1", None),
        ("", None),
    ],
)
def test_addresses_of_an_entry(client: RawClient, router: RouterSimulator, given: str, kept: str | None) -> None:
    """One address, a network, a range or a name; no wildcard, no IPv6 in a list of IPv4."""
    reply = client.talk(f"{LISTS}/add", "=list=x", f"=address={given}")
    if kept is None:
        wanted = f"failure: {given} is not a valid dns name" if given else "invalid value for argument address"
        assert reply[0][-1] == f"=message={wanted}"
        assert router.items(LISTS) == []
    else:
        assert entries(router) == [("x", kept)]


def test_an_address_stands_once_in_a_list(client: RawClient) -> None:
    """A second one is refused with the text that scripts look for; another list may hold it too."""
    words = (f"{LISTS}/add", "=address=10.0.0.9")
    assert client.talk(*words, "=list=x")[0][0] == "!done"
    assert client.talk(*words, "=list=x") == trap("failure: already have such entry")
    assert client.talk(*words, "=list=y")[0][0] == "!done"
    assert client.talk(f"{LISTS}/set", "=.id=*2", "=list=x") == trap("failure: already have such entry")
    assert client.talk(f"{LISTS}/add", "=list=x") == trap("missing =address=", 0)


def test_an_entry_with_a_timeout_is_dynamic(router: RouterSimulator, client: RawClient) -> None:
    """It lives in memory; unlike that of a session it can be removed."""
    client.talk(f"{LISTS}/add", "=list=x", "=address=10.0.0.9", "=timeout=1d")
    (entry,) = router.items(LISTS)
    assert (entry["timeout"], entry["dynamic"]) == ("1d", "true")
    assert client.talk(f"{LISTS}/remove", "=.id=*1") == DONE


@pytest.mark.parametrize("path", [LISTS, "/ip/firewall/filter", "/ip/firewall/nat", "/ip/firewall/raw"])
def test_reading_the_firewall_takes_the_policy_read(path: str) -> None:
    """A user with `read` may read it and may not change it; one without may not even read it."""
    accounts = (Account("reader", "x", frozenset({"api", "read"})), Account("writer", "x", frozenset({"api", "write"})))
    words = ("=list=x", "=address=10.0.0.9") if path == LISTS else ("=chain=forward",)
    with RouterSimulator(accounts=accounts) as router:
        with RawClient(router.host, router.port) as client:
            client.login("reader", "x")
            assert client.talk(f"{path}/print") == [["!empty"], ["!done"]]
            assert client.talk(f"{path}/add", *words) == trap("not enough permissions (9)")
        with RawClient(router.host, router.port) as client:
            client.login("writer", "x")
            assert client.talk(f"{path}/print") == trap("not enough permissions (9)")
            assert client.talk(f"{path}/add", *words)[0][0] == "!done"


@pytest.mark.parametrize(
    ("version", "package", "known"),
    [("6.49.17", False, False), ("6.49.17", True, True), ("7.18.2", False, True)],
)
def test_the_menus_of_ipv6_are_a_package_of_routeros_6(version: str, *, package: bool, known: bool) -> None:
    """Without its package RouterOS 6 has no such menu; RouterOS 7 has it always."""
    with RouterSimulator(version, ipv6_package=package) as router, RawClient(router.host, router.port) as client:
        client.login()
        reply = client.talk("/ipv6/firewall/filter/print")
        assert (reply[-1] == ["!done"] and reply[0][0] != "!trap") is known
        if known:
            client.talk("/ipv6/firewall/address-list/add", "=list=x", "=address=2001:db8::1")
            (entry,) = router.items("/ipv6/firewall/address-list")
            assert entry["address"] == "2001:db8::1/128"
