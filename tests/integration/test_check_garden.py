"""The self-test of a walled garden (R18), over the wire: what it reads, and what it says of menus that are unread."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from lab.simulators.routeros.faults import Fault
from pppsync.config.event import Event
from pppsync.crm.client import UispClient
from pppsync.diagnose.check.self_test import check
from pppsync.routers.gateway import RouterGateway
from tests.integration.providers import Provider, SkippingClock, provider
from tests.integration.walled import LIST, SUSPENDED, suspend_by

if TYPE_CHECKING:
    from collections.abc import Iterator

FIREWALL = ("/ip/firewall/", "/ipv6/firewall/")


@pytest.fixture(params=["7.18.2", "6.49.18"])
def isp(request: pytest.FixtureRequest) -> Iterator[Provider]:
    """A provider that suspends by profile; its router refuses the list all but one host."""
    with provider(version=request.param) as running:
        suspend_by(running)
        router = running.router
        router.add_profile(SUSPENDED, address_list=LIST, use_ipv6="no")
        for match in ({"dst_address_list": "allowed"}, {"protocol": "udp", "dst_port": "53"}):
            router.add("/ip/firewall/filter", chain="forward", action="accept", src_address_list=LIST, **match)
        router.add("/ip/firewall/filter", chain="forward", action="drop", src_address_list=LIST)
        router.add("/ip/firewall/address-list", list="allowed", address="198.51.100.1")
        router.add("/ip/firewall/address-list", list="blocked", address="198.51.100.2")
        yield running


def garden(isp: Provider) -> dict[str, tuple[bool, str]]:
    """The lines of the self-test about the garden; nothing is written."""
    settings = isp.settings
    with ExitStack() as connections:
        crm = connections.enter_context(UispClient(settings.crm, settings.policy))
        gateways = [connections.enter_context(RouterGateway(one, settings.policy)) for one in settings.routers]
        found = check(Event("check"), settings, crm, gateways, SkippingClock().deadline(100))
    assert not isp.router.writes
    lines = {one.check.removeprefix("router.tower-1."): (one.ok, one.detail) for one in found.checks}
    return {name: line for name, line in lines.items() if name == "suspended_profile" or name.startswith("garden_")}


def asked(isp: Provider) -> list[list[str]]:
    """What the router was asked of its firewall, in order."""
    sentences = [one.words for one in isp.router.transcript if one.direction == "in"]
    return [list(words) for words in sentences if words[0].startswith(FIREWALL)]


def test_a_garden_that_works_is_told_as_that(isp: Provider) -> None:
    """The rules are read once, and of the address lists only the one that they let customers reach."""
    found = garden(isp)
    assert found == {
        "suspended_profile": (True, "the profile `suspended` has the address list `walled`"),
        "garden_rules": (True, "the list `walled` is refused, also what was open before"),
        "garden_hosts": (True, "hosts let through: `allowed`"),
        "garden_ipv6": (True, "off in the profile"),
    }
    queries = [word for words in asked(isp) for word in words if word.startswith("?list=")]
    assert queries == ["?list=walled", "?list=allowed"]


def test_a_router_without_rules_lets_suspended_customers_through(isp: Provider) -> None:
    """A list that no rule refuses restricts nobody."""
    for rule in isp.router.items("/ip/firewall/filter"):
        isp.router.edit("/ip/firewall/filter", rule[".id"], disabled="yes")
    found = garden(isp)
    refusal = "no enabled rule of forward refuses the list `walled`: suspended customers have full service"
    assert found["garden_rules"] == (False, refusal)
    assert found["garden_hosts"] == (False, "no host is let through: nobody can pay")


@pytest.mark.parametrize(
    ("isp", "expected"),
    [
        (
            "7.18.2",
            (
                False,
                "no rule of /ipv6/firewall/filter refuses suspended customers: set use-ipv6=no in the profile",
            ),
        ),
        ("6.49.18", (True, "the router has no IPv6")),
    ],
    indirect=["isp"],
)
def test_ipv6_is_looked_at_where_the_router_has_it(isp: Provider, expected: tuple[bool, str]) -> None:
    """RouterOS 6 without the package has no such menu, which is no failure; RouterOS 7 has one without a rule."""
    isp.router.remove_profile(SUSPENDED)
    isp.router.add_profile(SUSPENDED, address_list=LIST)
    assert garden(isp)["garden_ipv6"] == expected


def test_a_lost_connection_is_told_and_asks_nothing_more(isp: Provider) -> None:
    """After the router closed the session each line says why it is not verified."""
    isp.router.faults.append(Fault(on="/interface/pppoe-server/server/print", action="close", nth=3))
    found = garden(isp)
    assert all(ok for ok, _ in found.values())
    assert found["garden_rules"][1].startswith("not verified: router_closed: ")
    assert "/ip/firewall/filter/print" not in [words[0] for words in asked(isp)]


def test_what_the_router_refuses_to_show_is_said_to_be_unread(isp: Provider) -> None:
    """One menu that is refused hides no other line, and is no failure."""
    fault = Fault(on="/ip/firewall/filter/print", action="trap", message="not enough permissions (9)")
    isp.router.faults.append(fault)
    found = garden(isp)
    unread = (True, "not verified: router_refused: /ip/firewall/filter/print: not enough permissions (9)")
    assert found["garden_rules"] == found["garden_hosts"] == unread
    assert found["suspended_profile"][0]


def test_without_suspension_by_profile_the_firewall_is_not_read(isp: Provider) -> None:
    """With the mode `disable` nobody is restricted, so the check has no lines about it."""
    isp.sections["policy"] = {}
    assert garden(isp) == {}
    assert asked(isp) == []


def test_hosts_that_the_router_refuses_to_show_are_said_to_be_unread(isp: Provider) -> None:
    """The rules are judged all the same; the list of hosts is the second that is asked for."""
    message = "not enough permissions (9)"
    isp.router.faults.append(Fault(on="/ip/firewall/address-list/print", action="trap", nth=2, message=message))
    found = garden(isp)
    unread = f"not verified: router_refused: /ip/firewall/address-list/print: {message}"
    assert found["garden_hosts"] == (True, unread)
    assert found["garden_rules"] == (True, "the list `walled` is refused, also what was open before")
