"""The check of a walled garden: whether rules restrict suspended customers and let them pay, as far as rows tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pppctl.router_script import garden
from pppsync.diagnose.check.garden import GardenRows, check_garden, garden_lists
from tests.unit.router_builders import garden_request, plans, router

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pppsync.diagnose.check.line import Check

    type Row = dict[str, str]

PROFILES = [
    {"name": "default", "address-list": ""},
    {"name": "30mbps", "address-list": "", "rate-limit": "30M/30M"},
    {"name": "suspended", "address-list": "suspended", "use-ipv6": "no"},
]
SERVERS = [{"default-profile": "default", "disabled": "false"}]
HOSTS = [
    {"list": "allowed", "address": "pay.example.com", "dynamic": "false", "disabled": "false"},
    {"list": "allowed", "address": "198.51.100.1", "dynamic": "true", "disabled": "false"},
]


def forward(action: str, **matchers: str) -> Row:
    """A rule of forward as print shows it."""
    return a_rule("forward", action, **matchers)


def a_rule(chain: str, action: str, **matchers: str) -> Row:
    """A rule of any chain; matchers with `_` for `-`."""
    given = {name.replace("_", "-"): value for name, value in matchers.items()}
    return {"chain": chain, "action": action, "dynamic": "false", "invalid": "false", "disabled": "false"} | given


TRACKED = [forward("fasttrack-connection", connection_state="established,related", comment="defconf: fasttrack")]
ESTABLISHED = [forward("accept", connection_state="established,related", comment="established")]
ALLOWED = forward("accept", src_address_list="suspended", dst_address_list="allowed")
DNS = forward("accept", src_address_list="suspended", protocol="udp", dst_port="53")
REFUSED = forward("reject", src_address_list="suspended", comment="refuse")
BACK = forward("drop", dst_address_list="suspended")
GOOD = [DNS, ALLOWED, REFUSED, BACK, *TRACKED, *ESTABLISHED]


def seen(rules: list[Row] | str, **rows: list[Row] | str) -> GardenRows:
    """What was read of a router, all in order but for what is given."""
    healthy = GardenRows(PROFILES, SERVERS, rules, HOSTS, [])
    return replace(healthy, **rows)


def lines(rows: GardenRows) -> Mapping[str, Check]:
    """The lines by the last part of their name."""
    return {one.check.removeprefix("router.tower-1."): one for one in check_garden("tower-1", "suspended", rows)}


def judged(rules: list[Row]) -> tuple[bool, str]:
    """The line about the rules."""
    line = lines(seen(rules))["garden_rules"]
    return line.ok, line.detail


def test_a_garden_that_is_right() -> None:
    """Every line is good, and says what was found."""
    assert {name: (one.ok, one.detail) for name, one in lines(seen(GOOD)).items()} == {
        "suspended_profile": (True, "the profile `suspended` has the address list `suspended`"),
        "garden_rules": (True, "the list `suspended` is refused, also what was open before"),
        "garden_hosts": (True, "hosts let through: `allowed`"),
        "garden_ipv6": (True, "off in the profile"),
    }


def test_the_garden_of_the_script_is_right() -> None:
    """What `router-script garden` makes passes, and its list of hosts is the one to read."""
    shell = plans(router(filter=[rule | {"dynamic": "no"} for rule in (*TRACKED, *ESTABLISHED)]))
    shell.run(garden.setup(garden_request()))
    rules = shell.tables["/ip firewall filter"]
    hosts = [*shell.tables["/ip firewall address-list"], {"list": "suspended-allowed", "address": "198.51.100.1"}]
    found = lines(seen(rules, hosts=hosts, profiles=shell.tables["/ppp profile"]))

    assert garden_lists(rules, "suspended") == ["suspended-allowed"]
    assert [one.detail for one in found.values() if not one.ok or "not" in one.detail] == []


@pytest.mark.parametrize(
    ("rows", "ok", "detail"),
    [
        ({"profiles": "no right"}, True, "not verified: no right"),
        ({"profiles": PROFILES[:2]}, False, "the profile `suspended` is missing: suspended logins are disabled here"),
        ({"profiles": [{"name": "suspended"}]}, False, "has neither address-list nor rate-limit"),
        ({"profiles": [{"name": "suspended", "rate-limit": "1M/1M"}]}, True, "a rate and no address-list"),
        ({"profiles": [*PROFILES, {"name": "slow", "address-list": "suspended"}]}, False, "are restricted: `slow`"),
        ({"server_profiles": "no right"}, True, "are not verified: no right"),
        ({"server_profiles": [{"default-profile": "suspended"}]}, False, "is the default-profile of a PPPoE server"),
        ({"server_profiles": [{"default-profile": "suspended", "disabled": "true"}]}, True, "has the address list"),
    ],
)
def test_the_profile(rows: dict[str, list[Row] | str], *, ok: bool, detail: str) -> None:
    """A profile that is missing or open, and one whose list takes in customers who pay, is a failure."""
    line = lines(seen(GOOD, **rows))["suspended_profile"]
    assert (line.ok, detail in line.detail) == (ok, True)


@pytest.mark.parametrize("profile", [[], [{"name": "suspended", "rate-limit": "1M/1M"}]])
def test_without_a_list_there_are_no_rules_to_judge(profile: list[Row]) -> None:
    """The line of the profile is the only one."""
    assert list(lines(seen(GOOD, profiles=profile))) == ["suspended_profile"]


@pytest.mark.parametrize(
    ("rules", "detail"),
    [
        ([], "no enabled rule of forward refuses the list `suspended`: suspended customers have full service"),
        ([DNS, ALLOWED, *ESTABLISHED], "no enabled rule"),
        ([REFUSED | {"disabled": "true"}], "no enabled rule"),
        ([REFUSED | {"invalid": "true"}], "no enabled rule"),
        ([a_rule("input", "drop", src_address_list="suspended")], "no enabled rule"),
        ([*TRACKED, REFUSED], "rule 0 (`defconf: fasttrack`) lets what was open before"),
        ([*ESTABLISHED, REFUSED], "rule 0 (`established`) lets what was open before"),
        ([forward("accept"), REFUSED], "rule 0 (`accept`) lets everything"),
        ([forward("accept", src_address_list="suspended"), REFUSED], "rule 0 (`accept`) lets everything"),
        ([forward("accept", dst_address="0.0.0.0/0"), REFUSED], "rule 0 (`accept`) lets everything"),
        ([forward("accept", ipsec_policy="in,none"), REFUSED], "rule 0 (`accept`) lets everything"),
        ([forward("accept", in_interface="all-ppp"), REFUSED], "rule 0 (`accept`) lets everything"),
        ([forward("jump", jump_target="x"), a_rule("x", "accept"), REFUSED], "rule 1 (`accept`) lets everything"),
        ([forward("jump", jump_target="x"), a_rule("x", "return"), a_rule("x", "drop")], "no enabled rule"),
        ([forward("jump", jump_target="forward")], "no enabled rule"),
        ([forward("jump")], "no enabled rule"),
        ([forward("drop", connection_state="new", src_address_list="suspended"), *ESTABLISHED], "rule 1"),
        ([forward("drop", protocol="udp", src_address_list="suspended")], "no enabled rule"),
        ([forward("drop", protocol="tcp", dst_port="80", src_address_list="suspended")], "no enabled rule"),
        ([forward("drop", dst_address_list="blocked")], "no enabled rule"),
        ([forward("drop", src_address_list="!suspended")], "no enabled rule"),
    ],
)
def test_rules_that_leak(rules: list[Row], detail: str) -> None:
    """The line names the rule that lets through, as the router numbers it, or says that none refuses."""
    ok, found = judged(rules)
    assert not ok
    assert detail in found


@pytest.mark.parametrize(
    "rules",
    [
        [REFUSED],
        [forward("drop", dst_address_list="!allowed", src_address_list="suspended"), *ESTABLISHED],
        [forward("accept", dst_address="10.80.0.0/24", connection_state="established"), REFUSED],
        [forward("accept", ipsec_policy="in,ipsec"), REFUSED],
        [forward("accept", src_address_list="!suspended"), REFUSED],
        [forward("passthrough"), forward("log"), forward("add-src-to-address-list", address_list="x"), REFUSED],
        [forward("jump", jump_target="x", src_address_list="suspended"), *ESTABLISHED, a_rule("x", "drop")],
        [forward("jump", jump_target="x"), a_rule("x", "return"), REFUSED],
        [forward("accept", protocol="tcp", dst_port="80,8080"), REFUSED],
        [{"chain": "forward", "action": "tarpit"}],
    ],
)
def test_rules_that_hold(rules: list[Row]) -> None:
    """Exceptions for some destinations, other chains and actions that go on do no harm."""
    assert judged(rules) == (True, "the list `suspended` is refused, also what was open before")


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ([forward("drop", src_address_list="suspended", out_interface="wan")], "rule 0 (`drop`)"),
        ([forward("accept", in_interface_list="LAN", connection_state="established"), REFUSED], "rule 0 (`accept`)"),
        ([forward("accept", src_address="10.0.0.0/8"), REFUSED], "rule 0 (`accept`)"),
        ([forward("accept", src_address_list="staff"), REFUSED], "rule 0 (`accept`)"),
        ([forward("accept", protocol="tcp", dst_port="1-1024"), REFUSED], "rule 0 (`accept`)"),
        ([forward("jump", jump_target="x", limit="1"), a_rule("x", "drop")], "rule 1 (`drop`)"),
        ([forward("return", limit="1"), forward("drop", in_interface="ether1")], "rule 1 (`drop`)"),
    ],
)
def test_rules_that_depend_on_more_are_no_failure(rules: list[Row], named: str) -> None:
    """What an interface, an address or a limit decides is not guessed: the line names the rule."""
    ok, detail = judged(rules)
    assert ok
    assert detail == f"not verified: for the list `suspended` it depends on more than the list: {named}"


def test_answers_that_are_tracked_fast_are_a_note() -> None:
    """Where only one way is refused, FastTrack may keep connections that were open."""
    ok, detail = judged([REFUSED, *TRACKED])
    assert (ok, "note: FastTrack takes the answers" in detail) == (True, True)
    assert judged([REFUSED, *ESTABLISHED])[1].endswith("also what was open before")


@pytest.mark.parametrize(
    ("rules", "hosts", "ok", "detail"),
    [
        ([REFUSED], HOSTS, False, "no host is let through: nobody can pay"),
        ([REFUSED, ALLOWED], HOSTS, False, "no host is let through: nobody can pay"),
        (GOOD, [], False, "the list `allowed` of hosts is empty: nobody can pay"),
        (GOOD, HOSTS[:1], False, "the list `allowed` of hosts holds 1 names and no address: see /ip/dns"),
        (GOOD, [HOSTS[0], HOSTS[1] | {"disabled": "true"}], False, "holds 1 names and no address"),
        (GOOD, "no right", True, "not verified: no right"),
        ([ALLOWED, REFUSED], HOSTS, True, "note: no rule lets DNS through"),
        ([DNS, forward("drop", src_address_list="suspended", dst_address_list="!allowed")], HOSTS, True, "`allowed`"),
        ([DNS, forward("accept", dst_address="192.0.2.10"), REFUSED], [], True, "hosts let through: by address"),
        ([DNS | {"dst-address-list": "dns"}, ALLOWED, REFUSED], HOSTS, True, "hosts let through: `allowed`"),
    ],
)
def test_hosts(rules: list[Row], hosts: list[Row] | str, *, ok: bool, detail: str) -> None:
    """Somebody must be able to pay: hosts are let through, and their lists hold addresses."""
    line = lines(seen(rules, hosts=hosts))["garden_hosts"]
    assert (line.ok, detail in line.detail) == (ok, True), line.detail


@pytest.mark.parametrize(
    ("ipv6", "rules", "ok", "detail"),
    [
        ("no", "no right", True, "off in the profile"),
        ("yes", [], False, "set use-ipv6=no in the profile"),
        ("default", [forward("accept")], False, "set use-ipv6=no in the profile"),
        ("yes", "/ipv6/firewall/filter/print: no such command prefix", True, "the router has no IPv6"),
        ("yes", "not enough permissions (9)", True, "not verified: not enough permissions (9)"),
        ("yes", [REFUSED], True, "not verified: rule 0 (`refuse`) refuses the list, and whether RouterOS puts IPv6"),
        ("yes", [forward("drop", in_interface_list="s")], True, "not verified: it depends on rule 0 (`drop`)"),
    ],
)
def test_ipv6(ipv6: str, rules: list[Row] | str, *, ok: bool, detail: str) -> None:
    """IPv6 is off in the profile, or somebody has to see to it; a router without it needs nothing."""
    profiles = [PROFILES[2] | {"use-ipv6": ipv6}]
    line = lines(seen(GOOD, profiles=profiles, ipv6_rules=rules))["garden_ipv6"]
    assert (line.ok, detail in line.detail) == (ok, True), line.detail


def test_rules_that_were_not_read_are_said_to_be() -> None:
    """A user without the right: every line that needs the rules says why it says nothing."""
    found = lines(seen("not enough permissions (9)"))
    assert [(name, found[name].ok, found[name].detail) for name in ("garden_rules", "garden_hosts")] == [
        ("garden_rules", True, "not verified: not enough permissions (9)"),
        ("garden_hosts", True, "not verified: not enough permissions (9)"),
    ]
