"""Firewall rules of the simulated router: their order, what they show, what RouterOS refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.simulators.routeros import RouterSimulator
from lab.simulators.routeros.raw_client import RawClient
from tests.contract.replies import DONE, trap

if TYPE_CHECKING:
    from collections.abc import Iterator

FILTER = "/ip/firewall/filter"
MENUS = (FILTER, "/ip/firewall/nat", "/ip/firewall/raw", "/ipv6/firewall/filter")
BUILTIN = "special dummy rule to show fasttrack counters"


@pytest.fixture
def router() -> Iterator[RouterSimulator]:
    """A router with FastTrack, an accept of what is established, and a drop."""
    with RouterSimulator() as router:
        for action, state in (("fasttrack-connection", True), ("accept", True), ("drop", False)):
            given = {"connection_state": "established,related"} if state else {}
            router.add(FILTER, chain="forward", action=action, comment=action, **given)
        yield router


def order(router: RouterSimulator, path: str = FILTER) -> list[str]:
    """The comments of the rules, in their order."""
    return [rule.get("comment", rule["action"]) for rule in router.items(path)]


def test_fasttrack_has_a_rule_of_the_router_s_own_in_front(router: RouterSimulator, client: RawClient) -> None:
    """It is dynamic, stands first, and is neither changed, moved nor removed; nothing is put in front of it."""
    assert order(router) == [BUILTIN, "fasttrack-connection", "accept", "drop"]
    row, _ = client.talk(f"{FILTER}/print", "?dynamic=true", "=.proplist=.id,chain,action,dynamic")
    number = row[1].removeprefix("=.id=")
    assert row[2:] == ["=chain=forward", "=action=passthrough", "=dynamic=true"]
    assert client.talk(f"{FILTER}/set", f"=.id={number}", "=disabled=yes") == trap("failure: cannot change builtin")
    assert client.talk(f"{FILTER}/remove", f"=.id={number}") == trap("failure: cannot remove builtin")
    assert client.talk(f"{FILTER}/move", f"=numbers={number}") == trap("failure: cannot move builtin")
    assert client.talk(f"{FILTER}/move", "=numbers=*3", f"=destination={number}") == trap(
        "failure: cannot move builtin"
    )
    assert client.talk(f"{FILTER}/add", "=chain=forward", f"=place-before={number}") == trap(
        "failure: cannot move builtin"
    )


def test_a_rule_is_put_in_front_of_another(router: RouterSimulator, client: RawClient) -> None:
    """`place-before` of `add`, `destination` of `move`; without them a rule stands at the end."""
    words = ("=chain=forward", "=action=reject", "=src-address-list=suspended")
    client.talk(f"{FILTER}/add", *words, "=comment=first", "=place-before=*1")
    client.talk(f"{FILTER}/add", *words, "=comment=last")
    assert order(router) == [BUILTIN, "first", "fasttrack-connection", "accept", "drop", "last"]
    last = router.items(FILTER)[-1][".id"]
    assert client.talk(f"{FILTER}/move", f"=numbers={last}", "=destination=*1") == DONE
    assert order(router) == [BUILTIN, "first", "last", "fasttrack-connection", "accept", "drop"]
    assert client.talk(f"{FILTER}/move", f"=numbers={last}") == DONE
    assert order(router)[-1] == "last"
    assert client.talk(f"{FILTER}/add", *words, "=place-before=*77") == trap("no such item", 0)


def test_a_rule_as_print_shows_it(client: RawClient) -> None:
    """What was given, the counters and flags; a matcher that was not given is absent, booleans are true or false."""
    client.talk(
        *(f"{FILTER}/add", "=chain=garden", "=action=reject", "=protocol=tcp", "=dst-port=80,443", "=log=yes"),
        "=src-address=10.0.0.9/24",
    )
    shown = client.talk(f"{FILTER}/print", "?chain=garden")[0]
    assert sorted(shown[2:]) == sorted(
        [
            *("=chain=garden", "=action=reject", "=protocol=tcp", "=dst-port=80,443", "=src-address=10.0.0.0/24"),
            *("=reject-with=icmp-network-unreachable", "=bytes=0", "=packets=0", "=log=true", "=log-prefix="),
            *("=invalid=false", "=dynamic=false", "=disabled=false"),
        ]
    )


def test_rules_are_switched_changed_and_removed(router: RouterSimulator, client: RawClient) -> None:
    """By their ids; a matcher can be cleared, a rule has no name."""
    number = next(one[".id"] for one in router.items(FILTER) if one.get("comment") == "accept")
    assert client.talk(f"{FILTER}/disable", f"=.id={number}") == DONE
    assert client.talk(f"{FILTER}/set", f"=.id={number}", "=!connection-state=", "=src-address-list=!staff") == DONE
    rule = next(one for one in router.items(FILTER) if one[".id"] == number)
    assert (rule["disabled"], rule["src-address-list"], "connection-state" in rule) == ("true", "!staff", False)
    assert client.talk(f"{FILTER}/remove", "=.id=accept") == trap("no such item", 0)
    assert client.talk(f"{FILTER}/remove", f"=.id={number}") == DONE
    assert "accept" not in order(router)


@pytest.mark.parametrize("path", MENUS)
def test_a_rule_needs_a_chain(client: RawClient, path: str) -> None:
    """Nothing else is mandatory; without an action it accepts."""
    assert client.talk(f"{path}/add", "=action=accept") == trap("missing =chain=", 0)
    assert client.talk(f"{path}/add", "=chain=x") == [["!done", "=ret=" + client.talk(f"{path}/print")[-2][1][5:]]]
    assert "=action=accept" in client.talk(f"{path}/print", "?chain=x")[0]


@pytest.mark.parametrize(
    ("path", "words", "refusal"),
    [
        (FILTER, ("=action=refuse",), "input does not match any value of action"),
        (FILTER, ("=action=dst-nat",), "input does not match any value of action"),
        ("/ip/firewall/raw", ("=connection-state=new",), "unknown parameter connection-state"),
        ("/ip/firewall/nat", ("=reject-with=tcp-reset",), "unknown parameter reject-with"),
        ("/ipv6/firewall/filter", ("=action=tarpit",), "input does not match any value of action"),
        ("/ipv6/firewall/filter", ("=dst-address=10.0.0.1",), "failure: 10.0.0.1 is not a valid dns name"),
        (FILTER, ("=dst-address=pay.example.com",), "invalid value for argument dst-address"),
        (FILTER, ("=connection-state=established,old",), "input does not match any value of connection-state"),
        (FILTER, ("=protocol=tpc",), "input does not match any value of protocol"),
        (FILTER, ("=protocol=tcp", "=dst-port=70000"), "invalid value for argument dst-port"),
        (FILTER, ("=dst-port=53",), "failure: ports can be specified if proto is tcp, udp, udp-lite, dccp or sctp"),
        (FILTER, ("=action=jump",), "failure: jump-target is not specified"),
        (FILTER, ("=action=reject", "=reject-with=tcp-reset"), "failure: tcp-reset can be used with protocol tcp only"),
        (FILTER, ("=frobnicate=yes",), "unknown parameter frobnicate"),
    ],
)
def test_rules_that_are_refused(client: RawClient, path: str, words: tuple[str, ...], refusal: str) -> None:
    """What a menu does not have, and matchers that do not go together."""
    assert client.talk(f"{path}/add", "=chain=x", *words)[0][-1] == f"=message={refusal}"


@pytest.mark.parametrize(
    ("version", "path", "word", "known"),
    [
        ("6.49.17", FILTER, "=hw-offload=yes", False),
        ("7.18.2", FILTER, "=hw-offload=yes", True),
        ("7.15.3", "/ipv6/firewall/filter", "=action=fasttrack-connection", False),
        ("7.18.2", "/ipv6/firewall/filter", "=action=fasttrack-connection", True),
    ],
)
def test_what_releases_know(version: str, path: str, word: str, *, known: bool) -> None:
    """Hardware offload of FastTrack is RouterOS 7's, FastTrack of IPv6 that of 7.18."""
    with RouterSimulator(version) as router, RawClient(router.host, router.port) as client:
        client.login()
        assert (client.talk(f"{path}/add", "=chain=forward", word)[0][0] == "!done") is known


def test_a_hand_adds_and_edits_rules(router: RouterSimulator) -> None:
    """What a client may not do is refused to a hand too; a menu that cannot be edited is a fault of the test."""
    number = router.add(FILTER, chain="input", action="drop")
    router.edit(FILTER, number, disabled=True, comment="mine")
    assert router.items(FILTER)[-1]["comment"] == "mine"
    with pytest.raises(ValueError, match="does not match any value of action"):
        router.add(FILTER, chain="input", action="refuse")
    with pytest.raises(KeyError):
        router.edit(FILTER, "*77", disabled=True)
    with pytest.raises(TypeError, match="nothing can be added to /ppp/active"):
        router.add("/ppp/active", name="x")
