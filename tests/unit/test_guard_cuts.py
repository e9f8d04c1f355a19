"""Restricts and disables are cuts, counted in sum (G3); a day counts who loses full access (G13)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pppsync.core.census import Census
from pppsync.core.change import Kind
from pppsync.core.guard import Guard, Verdict
from pppsync.core.limits import CUT, Day, day_limit
from pppsync.core.masked import Masked
from pppsync.core.plan import Plan, RouterPlan
from pppsync.core.policy import GuardLimits, Policy, Suspension
from pppsync.core.secret import ListedAddresses, Restriction
from pppsync.core.subscriber import ServiceStatus as Status
from tests.builders import (
    PROFILE,
    TOWER,
    a_change,
    a_fleet,
    a_plan,
    a_router_state,
    a_secret,
    a_service,
    a_subscriber,
)

if TYPE_CHECKING:
    from pppsync.core.change import Change

FORTY = Census(secrets=40, managed=40, managed_enabled=40)


def cuts(kind: Kind, count: int, router: str = "a", first: int = 1, *, restricted: bool = False) -> tuple[Change, ...]:
    """So many cuts of one kind, each of another login; `restricted` tells that the secrets are so as read."""
    changes = (a_change(kind, f"ABC{number}", router=router, number=number) for number in range(first, first + count))
    return tuple(replace(change, restricted=restricted) for change in changes)


def review(day: Day | None, *approved: str, **routers: tuple[Change, ...]) -> Verdict:
    """The verdict with the default limits; each router has 40 enabled secrets."""
    parts = {name: RouterPlan(name, changes, FORTY) for name, changes in routers.items()}
    return Guard(GuardLimits(), Masked("crm-key"), (), day).review(Plan(parts, ()), approved)


def told(verdict: Verdict) -> list[tuple[str | None, str, int, str]]:
    """Router, kind, number of changes and reason of each plan that waits."""
    return [(one.router, str(one.kind), len(one.changes), one.reason) for one in verdict.plans]


def test_cuts_of_both_kinds_are_withheld_together_under_one_id() -> None:
    """G3: 6 restricts and 6 disables pass the limit of 10 in sum, so all wait as one plan of the kind `cut`."""
    both = (*cuts(Kind.RESTRICT, 6), *cuts(Kind.DISABLE, 6, first=7))
    verdict = review(None, a=both)
    reason = "12 of 40 enabled secrets would be disabled or restricted; the limit is 10"
    assert told(verdict) == [("a", CUT, 12, reason)]
    assert verdict.withheld == {"a": both}
    released = review(None, verdict.plans[0].plan_id, a=both)
    assert (released.allowed, released.plans) == ({"a": both}, ())


def test_ten_cuts_of_both_kinds_pass() -> None:
    """G3: a limit of 10 lets 10 pass, whatever kinds they are."""
    both = (*cuts(Kind.RESTRICT, 5), *cuts(Kind.DISABLE, 5, first=6))
    assert (review(None, a=both).allowed, review(None, a=both).plans) == ({"a": both}, ())


@pytest.mark.parametrize(("kind", "what"), [(Kind.DISABLE, "disabled"), (Kind.RESTRICT, "restricted")])
def test_cuts_of_one_kind_keep_their_kind(kind: Kind, what: str) -> None:
    """G3: only a plan that holds both is a `cut`."""
    reason = f"11 of 40 enabled secrets would be {what}; the limit is 10"
    assert told(review(None, a=cuts(kind, 11))) == [("a", kind.value, 11, reason)]


def test_cuts_of_both_kinds_of_the_fleet_are_one_plan() -> None:
    """G3: 9 cuts on each of six routers are within each router's limit; the 54 pass the fleet's 50 in sum."""
    names = "abcdef"
    parts = {name: (*cuts(Kind.RESTRICT, 4, name), *cuts(Kind.DISABLE, 5, name, first=5)) for name in names}
    verdict = review(None, **parts)
    reason = "54 of 240 enabled secrets on all routers would be disabled or restricted; the limit is 50"
    assert told(verdict) == [(None, CUT, 54, reason)]
    assert verdict.withheld == parts
    assert told(review(None, **{name: cuts(Kind.DISABLE, 9, name) for name in names}))[0][:3] == (None, "disable", 54)


def test_who_is_restricted_as_read_is_not_in_the_denominator() -> None:
    """G3: of 60 enabled secrets 20 are restricted: 20 % of 40 is 8, so the limit is 10 and not 12; 11 cuts wait."""
    policy = Policy(suspension=Suspension("profile", "suspended"))
    subscribers = [a_subscriber(number) for number in range(1, 61)]
    off = dict.fromkeys(range(1, 32), Status.SUSPENDED)
    services = [a_service(one.id, off.get(one.id, Status.ACTIVE), of=one.id) for one in subscribers]
    secrets = [
        a_secret(f"ABC{number}", number=number, profile="suspended" if number <= 20 else PROFILE)
        for number in range(1, 61)
    ]
    state = a_router_state(
        *secrets,
        profiles=(PROFILE, "suspended"),
        restrictions={"suspended": Restriction("walled")},
        listed=ListedAddresses(),
    )
    plan = a_plan(a_fleet(state), subscribers, services, policy)
    verdict = Guard(GuardLimits(), Masked("crm-key")).review(plan, ())
    reason = "11 of 40 enabled secrets would be restricted; the limit is 10"
    assert told(verdict) == [(TOWER, "restrict", 11, reason)]


def test_a_restricted_secret_that_is_disabled_counts_in_the_run() -> None:
    """G3: 11 restricted secrets that would be disabled pass the limit; they are told apart from the denominator."""
    verdict = review(None, a=cuts(Kind.DISABLE, 11, restricted=True))
    reason = "0 of 40 enabled secrets and 11 restricted ones would be disabled; the limit is 10"
    assert told(verdict) == [("a", "disable", 11, reason)]


FULL_DAY = Day({("a", Kind.RESTRICT): 20, ("a", Kind.DISABLE): 10})
"""30 cuts on the router within 24 hours: the limit, for 25 % of 40 and these 30 is 17."""


def test_a_restricted_secret_that_is_disabled_does_not_count_in_the_day() -> None:
    """G13: it has lost full access already, on the day when it was restricted."""
    changes = cuts(Kind.DISABLE, 5, restricted=True)
    verdict = review(FULL_DAY, a=changes)
    assert (verdict.allowed, verdict.plans) == ({"a": changes}, ())
    assert verdict.counted("a") == {}


@pytest.mark.parametrize("kind", [Kind.RESTRICT, Kind.DISABLE])
def test_one_more_cut_of_either_kind_passes_the_day(kind: Kind) -> None:
    """G13: cuts of both kinds fill one day; the restricted ones beside it wait with it, and are not counted."""
    changes = (*cuts(kind, 1), *cuts(Kind.DISABLE, 5, first=2, restricted=True))
    reason = "31 cuts within 24 hours, 30 of them made already; the limit of a day is 30"
    whole = CUT if kind is Kind.RESTRICT else "disable"
    assert told(review(FULL_DAY, a=changes)) == [("a", whole, 6, reason)]


def test_the_day_of_the_fleet_counts_the_same() -> None:
    """G13: with 100 cuts made on four routers, restricted ones may be disabled, and one more full one may not."""
    day = Day({(name, Kind.RESTRICT): 25 for name in "abcd"})
    restricted = cuts(Kind.DISABLE, 3, restricted=True)
    idle: dict[str, tuple[Change, ...]] = dict.fromkeys("bcd", ())
    assert review(day, a=restricted, **idle).plans == ()
    one_more = (*restricted, *cuts(Kind.RESTRICT, 1, first=4))
    reason = "101 cuts on all routers within 24 hours, 100 of them made already; the limit of a day is 100"
    assert told(review(day, a=one_more, **idle)) == [(None, CUT, 4, reason)]


@pytest.mark.parametrize(("enabled", "limit"), [(40, 30), (400, 107)])
def test_the_limit_of_a_day_counts_the_cuts_that_were_made(enabled: int, limit: int) -> None:
    """G13: max(30, 25 % of the enabled ones and the 30 that were cut): 17 of 70, 107 of 430."""
    assert day_limit(GuardLimits(), FULL_DAY, "a", replace(FORTY, managed_enabled=enabled)) == limit


def test_a_plan_id_names_the_profile_of_an_enable_and_the_address_that_is_cleared() -> None:
    """G4: an id stands for every value that is written: another profile is another id, no address is one too."""
    guard = Guard(GuardLimits(), Masked("crm-key"))
    enable = a_change(Kind.ENABLE)
    under = [replace(enable, profile=profile) for profile in ("30mbps", "60mbps")]
    address = [a_change(Kind.REMOTE_ADDRESS, desired=desired) for desired in (None, "10.0.0.1")]
    ids = [guard.plan_id([change]) for change in (enable, *under, *address)]
    assert len(set(ids)) == len(ids)
