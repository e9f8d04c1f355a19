"""Suspension by profile over the wire (R18): who is suspended is let in restricted, and nobody fully meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.providers import Provider, part
from tests.integration.walled import (
    ABUSE,
    ACTIVE,
    ADDRESS,
    DISABLED,
    DUES,
    ENDED,
    FULL,
    RESTRICTED,
    SUSPENDED,
    SUSPENDED_SERVICE,
    access,
    add_secret,
    customer,
    drops,
    listed,
    problems,
    quiet_run,
    results,
    sets,
    suspend,
    suspend_by,
    walled_provider,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


VERSIONS = ["6.49.17", "7.18.2", "7.22.1"]


@pytest.fixture
def isp(request: pytest.FixtureRequest) -> Iterator[Provider]:
    """A provider that suspends by profile, with one router; a test may choose its RouterOS."""
    with walled_provider(version=getattr(request, "param", "7.18.2")) as running:
        yield running


def asked(isp: Provider) -> list[str]:
    """The commands that the router got, in order."""
    return [one.words[0] for one in isp.router.transcript if one.direction == "in"]


@pytest.mark.parametrize("isp", VERSIONS, indirect=True)
def test_a_suspended_customer_is_restricted(isp: Provider) -> None:
    """One sentence writes the profile, it is read back, then the session is dropped; the next one is in the list."""
    isp.subscribe("A1", "x", SUSPENDED_SERVICE, staticIp=ADDRESS)
    add_secret(isp, "A1", remote_address=ADDRESS)
    (session,) = isp.router.sessions("A1")
    report = isp.run()

    assert results(report) == {"applied": {"restrict": 1}}
    assert (sets(isp), drops(isp)) == ([{"profile": SUSPENDED}], [session[".id"]])
    written = asked(isp).index("/ppp/secret/set")
    assert asked(isp)[written + 1 :] == ["/ppp/secret/print", "/ppp/active/print", "/ppp/active/remove"]
    (again,) = isp.router.sessions("A1")
    assert (access(isp, "A1"), again["address"], listed(isp)) == (RESTRICTED, ADDRESS, [ADDRESS])
    assert (isp.router.secret("A1") or {})["remote-address"] == ADDRESS
    found = quiet_run(isp)
    assert problems(found) == []
    assert (part(found).census.restricted, part(found).census.suspended_online) == (1, 0)


@pytest.mark.parametrize("isp", VERSIONS, indirect=True)
def test_a_customer_who_pays_is_restored(isp: Provider) -> None:
    """The plan's profile is written and the session dropped, so that the next one is in no list."""
    customer(isp, "A1", ACTIVE, profile=SUSPENDED)
    assert len(listed(isp)) == 1

    assert results(isp.run()) == {"applied": {"restore": 1}}
    assert (sets(isp), len(drops(isp))) == ([{"profile": "30mbps"}], 1)
    assert (access(isp, "A1"), len(isp.router.sessions("A1")), listed(isp)) == (FULL, 1, [])
    quiet_run(isp)


@pytest.mark.parametrize(
    ("status", "profile", "desired"), [(SUSPENDED_SERVICE, "30mbps", RESTRICTED), (ACTIVE, SUSPENDED, FULL)]
)
def test_an_enable_writes_the_profile_in_the_same_sentence(
    isp: Provider, status: int, profile: str, desired: tuple[str, str]
) -> None:
    """Between two sentences a suspended customer could dial in fully, or a paid one restricted."""
    customer(isp, "A1", status, online=False, profile=profile, disabled="yes")

    assert results(isp.run()) == {"applied": {"enable": 1}}
    assert (sets(isp), drops(isp)) == ([{"profile": desired[0], "disabled": "no"}], [])
    isp.router.connect_session("A1")
    assert (access(isp, "A1"), len(listed(isp))) == (desired, status == SUSPENDED_SERVICE)
    quiet_run(isp)


def test_a_session_that_lived_on_is_dropped_by_the_enable(isp: Provider) -> None:
    """A session that a disabled secret left was dialled in under another profile."""
    customer(isp, "A1", SUSPENDED_SERVICE, disabled="yes")

    assert results(isp.run()) == {"applied": {"enable": 1}}
    assert (sets(isp), len(drops(isp))) == ([{"profile": SUSPENDED, "disabled": "no"}], 1)
    assert len(listed(isp)) == 1
    quiet_run(isp)


def test_a_missing_secret_is_created_restricted(isp: Provider) -> None:
    """The first session of a customer who is suspended already stands in the list."""
    isp.subscribe("A1", "x", SUSPENDED_SERVICE)

    assert results(isp.run()) == {"applied": {"create": 1}}
    (words,) = sets(isp)
    assert (words["profile"], words["disabled"]) == (SUSPENDED, "no")
    isp.router.connect_session("A1")
    assert len(listed(isp)) == 1
    quiet_run(isp)


def missing(isp: Provider) -> None:
    """Somebody removes the suspended profile."""
    isp.routers["tower-1"].remove_profile(SUSPENDED)


def opened(isp: Provider, **words: str) -> None:
    """Somebody makes the suspended profile anew, and forgets what restricts."""
    missing(isp)
    isp.routers["tower-1"].add_profile(SUSPENDED, **words)


def unlimited(isp: Provider) -> None:
    """The suspended profile has a rate limit that limits nothing."""
    opened(isp, rate_limit="0/0")


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (missing, "suspended_profile_missing"),
        (opened, "suspended_profile_open"),
        (unlimited, "suspended_profile_open"),
    ],
)
def test_without_a_profile_that_restricts_a_router_disables(act: Any, reason: str) -> None:
    """It fails closed router by router, and tells each router once however many customers it concerns."""
    with walled_provider("tower-1", "tower-2") as isp:
        act(isp)
        for tower in ("tower-1", "tower-2"):
            for name in ("A", "B"):
                isp.subscribe(name + tower, "x", SUSPENDED_SERVICE, router=tower)
                add_secret(isp, name + tower, tower)
            isp.subscribe("NEW" + tower, "x", SUSPENDED_SERVICE, router=tower)
        report = isp.run()

        assert results(report) == {"applied": {"create": 1, "disable": 2}}
        assert results(report, "tower-2") == {"applied": {"create": 1, "restrict": 2}}
        assert [one for one in problems(report) if one[1] is None] == [("tower-1", None, reason)]
        assert {one["disabled"] for one in isp.routers["tower-1"].secrets()} == {"true"}
        assert isp.routers["tower-1"].sessions() == []
        assert len(listed(isp, "tower-2")) == 2
        quiet_run(isp)


def test_a_profile_with_a_rate_limit_alone_restricts(isp: Provider) -> None:
    """A slow line is a restriction too; no list is read, and none is missed."""
    opened(isp, rate_limit="64k/64k")
    customer(isp, "A1", SUSPENDED_SERVICE)
    report = isp.run()

    assert (results(report), problems(report)) == ({"applied": {"restrict": 1}}, [])
    assert "/ip/firewall/address-list/print" not in isp.router.commands
    assert problems(quiet_run(isp)) == []


def test_only_a_matching_reason_restricts() -> None:
    """Whoever is suspended for another reason is disabled as ever, also one who was restricted until then."""
    with walled_provider(reasons=[DUES]) as isp:
        clients = {name: customer(isp, name) for name in ("DUES", "ABUSE", "LATER")}
        for name, client in clients.items():
            suspend(isp, client, ABUSE if name == "ABUSE" else DUES)

        assert results(isp.run()) == {"applied": {"restrict": 2, "disable": 1}}
        assert [access(isp, name) for name in clients] == [RESTRICTED, DISABLED, RESTRICTED]
        quiet_run(isp)
        suspend(isp, clients["LATER"], ABUSE)
        assert results(isp.run()) == {"applied": {"disable": 1}}
        assert access(isp, "LATER") == (SUSPENDED, "true")
        assert isp.router.sessions("LATER") == []
        quiet_run(isp)


def test_an_ended_customer_is_disabled_never_restricted(isp: Provider) -> None:
    """Only a suspension restricts; whoever was restricted when the service ended is cut off."""
    customer(isp, "A1", ENDED)
    customer(isp, "A2", ENDED, profile=SUSPENDED)

    assert results(isp.run()) == {"applied": {"disable": 2}}
    assert sets(isp) == [{"disabled": "yes"}, {"disabled": "yes"}]
    assert isp.router.sessions() == []
    quiet_run(isp)


def test_the_way_back_to_disabling_lets_nobody_in_fully(isp: Provider) -> None:
    """With no reason left everybody restricted is disabled; after the change of mode the plan's profile follows."""
    client = customer(isp, "A1", SUSPENDED_SERVICE, profile=SUSPENDED)
    suspend_by(isp, reasons=[])
    assert results(isp.run()) == {"applied": {"disable": 1}}
    assert (access(isp, "A1"), isp.router.sessions()) == ((SUSPENDED, "true"), [])
    quiet_run(isp)

    isp.sections["policy"] = {"suspension": {"mode": "disable"}}
    assert results(isp.run()) == {"applied": {"profile": 1}}
    assert access(isp, "A1") == DISABLED
    quiet_run(isp)
    isp.mark(client, ACTIVE)
    assert results(isp.run()) == {"applied": {"enable": 1}}
    assert access(isp, "A1") == FULL
    quiet_run(isp)


@pytest.mark.parametrize("held", ["30mbps", SUSPENDED])
def test_a_login_that_moved_is_disabled_never_restricted(held: str) -> None:
    """Whoever belongs to another router is not to be let in here at all."""
    with walled_provider("tower-1", "tower-2") as isp:
        isp.subscribe("A1", "x", SUSPENDED_SERVICE, router="tower-2")
        add_secret(isp, "A1", profile=held)
        add_secret(isp, "A1", "tower-2", online=False)
        report = isp.run()

        assert results(report) == {"applied": {"disable": 1}}
        assert [one.reason for one in part(report).planned] == ["moved"]
        assert results(report, "tower-2") == {"applied": {"restrict": 1}}
        assert (sets(isp), isp.routers["tower-1"].sessions()) == ([{"disabled": "yes"}], [])
        assert access(isp, "A1", "tower-2") == RESTRICTED
        quiet_run(isp)


def test_a_paid_customer_whose_plan_has_no_profile_stays_and_is_told(isp: Provider) -> None:
    """Nothing is written and nobody is dropped; with `profile_default` that profile is given back."""
    isp.router.remove_profile("30mbps")
    isp.router.add_profile("basic")
    customer(isp, "A1", ACTIVE, profile=SUSPENDED)
    report = quiet_run(isp)

    assert problems(report) == [("tower-1", "A1", "paid_restricted"), ("tower-1", "A1", "profile_missing")]
    assert part(report).census.paid_restricted == 1
    isp.sections["policy"] |= {"profile_default": "basic"}
    assert results(isp.run()) == {"applied": {"restore": 1}}
    assert (access(isp, "A1"), listed(isp)) == (("basic", "false"), [])
    quiet_run(isp)
