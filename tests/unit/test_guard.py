"""What is withheld, under which id, and what an approval lifts: G3 and G4."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import pppsync
from pppsync.core.approval import Approval, EarlierPlan
from pppsync.core.census import Census
from pppsync.core.change import Change, Kind
from pppsync.core.guard import Guard, Verdict
from pppsync.core.masked import Masked
from pppsync.core.plan import Plan, RouterPlan
from pppsync.core.policy import GuardLimits
from pppsync.core.reasons import Reason
from tests.builders import a_change, a_new_secret, a_secret, a_session, a_wanted

KEY = Masked("crm-key")
RELATIVE = (Kind.PASSWORD, Kind.PROFILE, Kind.REMOTE_ADDRESS, Kind.DISABLE, Kind.DROP)
WOULD = {
    Kind.PASSWORD: "get another password",
    Kind.PROFILE: "get another profile",
    Kind.REMOTE_ADDRESS: "get another address",
    Kind.DISABLE: "be disabled",
    Kind.DROP: "have their session dropped",
}


def many(kind: Kind, count: int, router: str = "a", first: int = 1) -> tuple[Change, ...]:
    """`count` changes of one kind on one router, each of another login."""
    return tuple(one(kind, f"ABC{number}", router, number) for number in range(first, first + count))


def one(kind: Kind, name: str = "ABC1", router: str = "a", number: int = 1) -> Change:
    """A change of this kind on the router `a`, unless another is named."""
    return a_change(kind, name, router=router, number=number)


def plan(**routers: tuple[Census, tuple[Change, ...]]) -> Plan:
    """A plan with this census and these changes for each router."""
    return Plan({name: RouterPlan(name, changes, census) for name, (census, changes) in routers.items()}, ())


def enabled(count: int, secrets: int | None = None) -> Census:
    """A router with so many managed secrets that are enabled."""
    return Census(secrets=count if secrets is None else secrets, managed_enabled=count)


def review(
    what: Plan, *approved: str, limits: GuardLimits | None = None, observed: tuple[str, ...] = (), key: Masked = KEY
) -> Verdict:
    """The guard's verdict with the default limits."""
    return Guard(limits or GuardLimits(), key, observed).review(what, approved)


def plan_id(*changes: Change, key: Masked = KEY) -> str:
    """The id of a plan of these changes."""
    return Guard(GuardLimits(), key).plan_id(changes)


def held(verdict: Verdict) -> dict[str, list[Kind]]:
    """By router, the kinds of what is withheld."""
    return {router: sorted({one.kind for one in changes}) for router, changes in verdict.withheld.items()}


@pytest.mark.parametrize("kind", RELATIVE)
@pytest.mark.parametrize(
    ("count", "of", "withheld"),
    [
        pytest.param(10, 40, False, id="10 of 40"),
        pytest.param(11, 40, True, id="11 of 40"),
        pytest.param(10, 10, False, id="all 10 of a small router"),
        pytest.param(11, 11, True, id="all 11 of a small router"),
        pytest.param(10, 50, False, id="10 of 50: both limits alike"),
        pytest.param(11, 54, True, id="11 of 54: 20 % is 10.8"),
        pytest.param(11, 55, False, id="11 of 55: 20 % is 11"),
        pytest.param(200, 1000, False, id="200 of 1000: the percentage beats the minimum"),
        pytest.param(201, 1000, True, id="201 of 1000"),
        pytest.param(11, 0, True, id="11 where nothing is enabled"),
        pytest.param(1, 0, False, id="1 where nothing is enabled"),
    ],
)
def test_a_disruptive_kind_above_its_limit_is_withheld_as_a_whole(
    kind: Kind, count: int, of: int, withheld: bool
) -> None:
    """G3: above max(10, 20 % of the managed secrets enabled as read) a disruptive kind is withheld as a whole."""
    changes = many(kind, count)
    verdict = review(plan(a=(enabled(of), changes)))
    assert verdict.allowed == {"a": () if withheld else changes}
    assert verdict.withheld == {"a": changes if withheld else ()}
    limit = max(10, of // 5)
    assert [(one.plan_id, one.router, one.kind, one.changes, one.reason) for one in verdict.plans] == [
        (
            plan_id(*changes),
            "a",
            kind,
            changes,
            f"{count} of {of} enabled secrets would {WOULD[kind]}; the limit is {limit}",
        )
    ] * withheld
    assert verdict.approvals == ()


@pytest.mark.parametrize(
    ("count", "secrets", "withheld"),
    [
        pytest.param(50, 0, False, id="50 on an empty router"),
        pytest.param(51, 0, True, id="51 on an empty router"),
        pytest.param(50, 100, False, id="50 beside 100"),
        pytest.param(51, 101, True, id="51 beside 101: 50 % is 50.5"),
        pytest.param(51, 102, False, id="51 beside 102"),
        pytest.param(500, 1000, False, id="500 beside 1000"),
        pytest.param(501, 1000, True, id="501 beside 1000"),
    ],
)
def test_creates_above_their_limit_are_withheld(count: int, secrets: int, withheld: bool) -> None:
    """G3: creates above max(50, 50 % of all secrets on the router) are withheld, however few are enabled."""
    changes = many(Kind.CREATE, count)
    verdict = review(plan(a=(Census(secrets=secrets), changes)))
    assert verdict.allowed == {"a": () if withheld else changes}
    assert verdict.withheld == {"a": changes if withheld else ()}
    limit = max(50, secrets // 2)
    assert [(one.kind, one.reason) for one in verdict.plans] == [
        (Kind.CREATE, f"{count} secrets would be created beside {secrets}; the limit is {limit}")
    ] * withheld


@pytest.mark.parametrize(("limit", "count", "withheld"), [(0, 1, True), (3, 3, False), (3, 4, True)])
def test_default_passwords_above_their_limit_are_withheld(limit: int, count: int, withheld: bool) -> None:
    """G3: an existing password is replaced by the date only by approval, or up to `guard.default_password`."""
    verdict = review(
        plan(a=(enabled(1000), many(Kind.DEFAULT_PASSWORD, count))), limits=GuardLimits(default_password=limit)
    )
    assert held(verdict) == {"a": [Kind.DEFAULT_PASSWORD] * withheld}
    assert [one.reason for one in verdict.plans] == [
        f"{count} of 1000 enabled secrets would get the registration date as password; the limit is {limit}"
    ] * withheld


@pytest.mark.parametrize(
    ("limits", "kind", "count", "withheld"),
    [
        pytest.param(GuardLimits(min=0), Kind.PROFILE, 20, False, id="percent alone"),
        pytest.param(GuardLimits(min=0), Kind.PROFILE, 21, True, id="percent alone, above"),
        pytest.param(GuardLimits(min=0, percent=0), Kind.PROFILE, 1, True, id="nothing without approval"),
        pytest.param(GuardLimits(percent=100), Kind.PROFILE, 100, False, id="everything"),
        pytest.param(GuardLimits(percent=12.5), Kind.PROFILE, 12, False, id="a fraction is cut off"),
        pytest.param(GuardLimits(percent=12.5), Kind.PROFILE, 13, True, id="a fraction, above"),
        pytest.param(GuardLimits(create_min=1, create_percent=0), Kind.CREATE, 1, False, id="create_min"),
        pytest.param(GuardLimits(create_min=1, create_percent=0), Kind.CREATE, 2, True, id="create_min, above"),
        pytest.param(GuardLimits(create_min=0, create_percent=30), Kind.CREATE, 30, False, id="create_percent"),
        pytest.param(GuardLimits(create_min=0, create_percent=30), Kind.CREATE, 31, True, id="create_percent, above"),
    ],
)
def test_limits_are_settings(limits: GuardLimits, kind: Kind, count: int, withheld: bool) -> None:
    """G3: `guard.min`, `percent`, `create_min` and `create_percent` set the limits."""
    verdict = review(plan(a=(enabled(100), many(kind, count))), limits=limits)
    assert held(verdict) == {"a": [kind] * withheld}


def test_enables_are_never_withheld() -> None:
    """G3: help goes out whatever the limits."""
    changes = many(Kind.ENABLE, 1000)
    verdict = review(plan(a=(enabled(0), changes)), limits=GuardLimits(0, 0, 0, 0, 0, 0))
    assert verdict == Verdict({"a": changes}, {"a": ()}, (), ())


def test_other_kinds_go_on() -> None:
    """G3: a withheld kind holds back no other, also not of the same secrets; the order stays."""
    disables, passwords, enables = many(Kind.DISABLE, 11), many(Kind.PASSWORD, 10), many(Kind.ENABLE, 20, first=50)
    verdict = review(plan(a=(enabled(40), (*enables, *passwords, *disables))))
    assert verdict.allowed == {"a": (*enables, *passwords)}
    assert verdict.withheld == {"a": disables}


def test_each_kind_has_its_plan() -> None:
    """G3: two kinds over their limits are two plans, each with its own id and reason."""
    profiles, drops = many(Kind.PROFILE, 11), many(Kind.DROP, 12)
    verdict = review(plan(a=(enabled(40), (*profiles, *drops))))
    assert verdict.allowed == {"a": ()}
    assert verdict.withheld == {"a": (*profiles, *drops)}
    assert [(one.plan_id, one.router, one.kind, one.changes, one.reason) for one in verdict.plans] == [
        (
            plan_id(*profiles),
            "a",
            Kind.PROFILE,
            profiles,
            "11 of 40 enabled secrets would get another profile; the limit is 10",
        ),
        (
            plan_id(*drops),
            "a",
            Kind.DROP,
            drops,
            "12 of 40 enabled secrets would have their session dropped; the limit is 10",
        ),
    ]


def test_each_router_has_its_limit() -> None:
    """G3: one router over its limit holds back no other."""
    over, under = many(Kind.PASSWORD, 11, "a"), many(Kind.PASSWORD, 10, "b")
    verdict = review(plan(a=(enabled(40), over), b=(enabled(40), under), c=(enabled(40), ())))
    assert verdict.allowed == {"a": (), "b": under, "c": ()}
    assert verdict.withheld == {"a": over, "b": (), "c": ()}
    assert [one.router for one in verdict.plans] == ["a"]


@pytest.mark.parametrize(
    ("counts", "enabled_each", "withheld"),
    [
        pytest.param([10, 10, 10, 10, 10], 40, False, id="50 of 200"),
        pytest.param([10, 10, 10, 10, 10, 1], 40, True, id="51 of 240: 20 % is 48"),
        pytest.param([10, 10, 10, 10, 10, 1], 50, False, id="51 of 300: 20 % is 60"),
        pytest.param([10] * 6, 50, False, id="60 of 300"),
        pytest.param([10] * 6, 49, True, id="60 of 294: 20 % is 58.8"),
    ],
)
def test_disables_above_the_limit_of_the_fleet_are_withheld_everywhere(
    counts: list[int], enabled_each: int, withheld: bool
) -> None:
    """G3: disables over all routers together above max(50, 20 %) are withheld on every one of them."""
    parts = {f"r{number}": many(Kind.DISABLE, count, f"r{number}") for number, count in enumerate(counts)}
    enables = many(Kind.ENABLE, 1, "r0", first=90)
    everything = {**parts, "r0": (*enables, *parts["r0"])}
    verdict = review(plan(**{name: (enabled(enabled_each), changes) for name, changes in everything.items()}))
    if not withheld:
        assert verdict == Verdict(everything, dict.fromkeys(parts, ()), (), ())
        return
    assert verdict.allowed == {**dict.fromkeys(parts, ()), "r0": enables}
    assert verdict.withheld == parts
    all_cuts = tuple(change for changes in parts.values() for change in changes)
    total, whole = sum(counts), enabled_each * len(counts)
    assert [(one.plan_id, one.router, one.kind, one.changes, one.reason) for one in verdict.plans] == [
        (
            plan_id(*all_cuts),
            None,
            Kind.DISABLE,
            all_cuts,
            f"{total} of {whole} enabled secrets on all routers would be disabled; the limit is {max(50, whole // 5)}",
        )
    ]


def test_the_fleet_counts_disables_alone() -> None:
    """G3: sixty passwords on six routers are each router's own affair."""
    parts = {f"r{number}": (enabled(10), many(Kind.PASSWORD, 10, f"r{number}")) for number in range(6)}
    assert review(plan(**parts)).plans == ()


def test_the_fleet_limit_is_a_setting() -> None:
    """G3: `guard.fleet_min` sets it; a router with nothing to disable counts with its enabled secrets."""
    cuts = {"a": many(Kind.DISABLE, 2, "a"), "b": many(Kind.DISABLE, 2, "b")}
    what = plan(a=(enabled(5), cuts["a"]), b=(enabled(5), cuts["b"]), c=(enabled(5), ()))
    assert review(what, limits=GuardLimits(fleet_min=3)).withheld == {**cuts, "c": ()}
    assert review(what, limits=GuardLimits(fleet_min=4)).withheld == {"a": (), "b": (), "c": ()}
    bigger = plan(a=(enabled(5), cuts["a"]), b=(enabled(5), cuts["b"]), c=(enabled(10), ()))
    assert review(bigger, limits=GuardLimits(fleet_min=3)).withheld == {"a": (), "b": (), "c": ()}


def test_a_single_router_is_no_fleet() -> None:
    """G3: on a single router its own limit says it all."""
    changes = many(Kind.DISABLE, 60)
    assert review(plan(a=(enabled(100), changes)), limits=GuardLimits(min=60)).withheld == {"a": ()}


def test_observed_routers_are_no_part_of_the_fleet() -> None:
    """G3, G11: neither the cuts nor the enabled secrets of a router that is only observed count for the fleet."""
    parts = {name: many(Kind.DISABLE, 10, name) for name in "abcdef"}
    what = plan(**{name: (enabled(40), changes) for name, changes in parts.items()})
    assert held(review(what)) == {name: [Kind.DISABLE] for name in "abcdef"}
    assert held(review(what, observed=("f",))) == {name: [] for name in "abcdef"}
    smaller = plan(**{name: (enabled(40 if name < "f" else 4000), many(Kind.DISABLE, 10, name)) for name in "abcdef"})
    tight = GuardLimits(fleet_min=49)
    assert held(review(smaller, limits=tight)) == {name: [] for name in "abcdef"}
    assert held(review(smaller, limits=tight, observed=("f",))) == {
        name: [Kind.DISABLE] * (name < "f") for name in "abcdef"
    }


def test_an_observed_router_has_limits_of_its_own() -> None:
    """G3, G11: what would be withheld is told there too."""
    verdict = review(plan(a=(enabled(40), many(Kind.DISABLE, 11))), observed=("a",))
    assert held(verdict) == {"a": [Kind.DISABLE]}


def test_a_router_s_plan_and_the_fleet_s_plan_both_wait() -> None:
    """G3: both plans wait, each under its id."""
    cuts = {"a": many(Kind.DISABLE, 45, "a"), "b": many(Kind.DISABLE, 6, "b")}
    verdict = review(plan(a=(enabled(100), cuts["a"]), b=(enabled(100), cuts["b"])))
    assert verdict.withheld == cuts
    assert [(one.router, one.plan_id) for one in verdict.plans] == [
        ("a", plan_id(*cuts["a"])),
        (None, plan_id(*cuts["a"], *cuts["b"])),
    ]


def test_one_router_with_all_the_cuts_of_the_fleet() -> None:
    """G4: the same changes are one plan with one id, told once."""
    cuts = many(Kind.DISABLE, 60, "a")
    verdict = review(plan(a=(enabled(100), cuts), b=(enabled(100), ())))
    assert [(one.router, one.plan_id) for one in verdict.plans] == [("a", plan_id(*cuts))]
    assert review(plan(a=(enabled(100), cuts), b=(enabled(100), ())), plan_id(*cuts)).withheld == {"a": (), "b": ()}


def test_filters_never_change_a_denominator() -> None:
    """G3: the limits are those of the whole router and fleet, whatever the event selects."""
    what = plan(a=(enabled(40), many(Kind.DISABLE, 11, "a")), b=(enabled(400), many(Kind.DISABLE, 45, "b")))
    assert held(review(what)) == {"a": [Kind.DISABLE], "b": []}
    assert held(review(what.select(["a"], None))) == {"a": [Kind.DISABLE], "b": []}
    assert held(review(what.select(None, [f"ABC{number}" for number in range(1, 11)]))) == {"a": [], "b": []}
    assert held(review(what.select(["b"], None))) == {"a": [], "b": []}
    only_b = review(what.select(["b"], None), limits=GuardLimits(min=45, fleet_min=40, percent=10))
    assert held(only_b) == {"a": [], "b": [Kind.DISABLE]}
    assert only_b.plans[0].reason.startswith("45 of 440 enabled secrets on all routers")


def test_a_plan_id_is_16_hex_digits() -> None:
    """G4: lower case, as an event takes them."""
    found = plan_id(*many(Kind.DISABLE, 3))
    assert len(found) == 16
    assert set(found) <= set("0123456789abcdef")


CREATE = a_change(Kind.CREATE, router="a")
CHANGED_CREATES = [
    a_change(Kind.CREATE, router="a", desired=after)
    for after in (
        a_new_secret(password="another"),
        a_new_secret(profile="another"),
        a_new_secret(remote_address="10.0.0.9"),
        a_new_secret(disabled=True),
        a_new_secret(comment="UISP client 9"),
    )
]
BASE = a_change(Kind.PROFILE, router="a")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        pytest.param(BASE, replace(BASE, desired="50mbps"), False, id="target value"),
        pytest.param(BASE, replace(BASE, router="b"), False, id="router"),
        pytest.param(BASE, replace(BASE, wanted=a_wanted(name="ABC2")), False, id="name"),
        pytest.param(BASE, replace(BASE, kind=Kind.REMOTE_ADDRESS), False, id="kind"),
        pytest.param(BASE, replace(BASE, actual="20mbps"), True, id="value before"),
        pytest.param(BASE, replace(BASE, sessions=(a_session(),)), True, id="sessions"),
        pytest.param(BASE, replace(BASE, secret=a_secret(number=77)), True, id="id of the secret"),
        pytest.param(BASE, replace(BASE, wanted=a_wanted(subscriber=9, counting=9)), True, id="ids in the CRM"),
        pytest.param(BASE, replace(BASE, reason=Reason.MOVED), True, id="reason"),
        pytest.param(
            replace(BASE, kind=Kind.PASSWORD, desired=Masked("a")),
            replace(BASE, kind=Kind.PASSWORD, desired=Masked("b")),
            False,
            id="password",
        ),
        *(pytest.param(CREATE, other, False, id=f"create {number}") for number, other in enumerate(CHANGED_CREATES)),
    ],
)
def test_what_a_plan_id_stands_for(first: Change, second: Change, same: bool) -> None:
    """G4: an id names (router, kind, name, target value); sessions, ids and counts are no part of it."""
    assert same == (plan_id(first) == plan_id(second))


def test_a_plan_id_does_not_depend_on_the_order() -> None:
    """G4: the list is sorted first."""
    changes = (*many(Kind.DISABLE, 5, "b"), *many(Kind.DISABLE, 5, "a"))
    assert plan_id(*changes) == plan_id(*reversed(changes))


def test_a_plan_id_depends_on_the_number_of_its_changes() -> None:
    """G4: one login more or less is another plan."""
    assert plan_id(*many(Kind.DISABLE, 5)) != plan_id(*many(Kind.DISABLE, 6))


def test_a_plan_id_depends_on_the_crm_key() -> None:
    """G4: without the key nobody can tell from an id which password it was made with."""
    assert plan_id(BASE) != plan_id(BASE, key=Masked("another"))


SCRIPT = """
from types import SimpleNamespace as Login
from pppsync.core.change import Change, Kind
from pppsync.core.guard import Guard
from pppsync.core.masked import Masked
from pppsync.core.reasons import Reason
from pppsync.core.policy import GuardLimits
from pppsync.core.secret import PppSecret
new = PppSecret("Pe\\u00f1a", Masked("p\\u00e4ssw\\u00f6rd"), "30mbps", None, False, "UISP client 1")
changes = [
    Change(Kind.CREATE, "a", Login(name="Pe\\u00f1a"), None, None, new),
    Change(Kind.PASSWORD, "b", Login(name="x\\udcff"), None, Masked("1"), Masked("2")),
    Change(Kind.DROP, "a", Login(name="ABC1"), None, None, None),
]
print(Guard(GuardLimits(), Masked("crm-key")).plan_id(changes))
"""


@pytest.mark.parametrize("seed", ["0", "1"])
def test_a_plan_id_is_the_same_in_every_process(seed: str) -> None:
    """G4: whoever prints the plan and whoever approves it are two processes."""
    environment = {"PYTHONPATH": str(Path(pppsync.__path__[0]).parent), "PYTHONHASHSEED": seed}
    found = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    here = plan_id(
        a_change(Kind.CREATE, "Peña", router="a", desired=a_new_secret("Peña", password="pässwörd")),
        a_change(Kind.PASSWORD, "x\udcff", router="b", actual=Masked("1"), desired=Masked("2")),
        a_change(Kind.DROP, router="a"),
    )
    assert found.stdout.strip() == here == "8d1cffea3869a687"


PROFILES, PASSWORDS = many(Kind.PROFILE, 11), many(Kind.PASSWORD, 12)
TWO_OVER = plan(a=(enabled(40), (*PASSWORDS, *PROFILES)))


def test_an_approval_lifts_that_plan_alone() -> None:
    """G4: the approved plan is applied, the other one waits on."""
    verdict = review(TWO_OVER, plan_id(*PROFILES))
    assert verdict.allowed == {"a": PROFILES}
    assert verdict.withheld == {"a": PASSWORDS}
    assert [one.plan_id for one in verdict.plans] == [plan_id(*PASSWORDS)]
    assert verdict.approvals == (Approval(plan_id(*PROFILES), "applied", 11),)


def test_each_approved_id_has_its_answer() -> None:
    """G4: each id has its answer, in the order that was asked."""
    ids = [plan_id(*PROFILES), plan_id(*PASSWORDS)]
    verdict = review(TWO_OVER, *ids)
    assert verdict == Verdict(
        {"a": (*PASSWORDS, *PROFILES)},
        {"a": ()},
        (),
        tuple(Approval(one, "applied", count) for one, count in zip(ids, (11, 12), strict=True)),
    )


def test_without_a_journal_a_plan_that_changed_is_withheld_again() -> None:
    """G4: an id must match exactly there; the plan that took its place is named where one alone waits."""
    verdict = review(plan(a=(enabled(40), many(Kind.PROFILE, 12))), plan_id(*many(Kind.PROFILE, 11)))
    now = plan_id(*many(Kind.PROFILE, 12))
    assert held(verdict) == {"a": [Kind.PROFILE]}
    assert [one.plan_id for one in verdict.plans] == [now]
    assert verdict.refused
    assert verdict.approvals == (Approval(plan_id(*many(Kind.PROFILE, 11)), "unknown", now=now),)


def test_an_unknown_id_names_no_successor_where_several_plans_wait() -> None:
    """G4: which of them took its place cannot be told, so none is."""
    verdict = review(TWO_OVER, "0123456789abcdef")
    assert held(verdict) == {"a": [Kind.PASSWORD, Kind.PROFILE]}
    assert verdict.approvals == (Approval("0123456789abcdef", "unknown"),)


def test_one_unknown_id_makes_the_others_void() -> None:
    """G4: then nothing at all is written, so an id that is known beside it releases nothing."""
    verdict = review(TWO_OVER, "0123456789abcdef", plan_id(*PROFILES))
    assert verdict.refused
    assert verdict.released == frozenset()
    assert held(verdict) == {"a": [Kind.PASSWORD, Kind.PROFILE]}
    assert verdict.approvals == (
        Approval("0123456789abcdef", "unknown"),
        Approval(plan_id(*PROFILES), "observed", now=plan_id(*PROFILES)),
    )


def earlier(*changes: Change, router: str | None = "a", count: int | None = None) -> dict[str, EarlierPlan]:
    """The plan of these changes as the journal kept it."""
    guard = Guard(GuardLimits(), KEY)
    kind = changes[0].kind.value
    marks = frozenset(map(guard.mark, changes))
    kept = EarlierPlan(router, kind, len(changes) if count is None else count, marks)
    return {guard.plan_id(changes): kept}


def approve(what: Plan, kept: dict[str, EarlierPlan], *ids: str, observed: tuple[str, ...] = ()) -> Verdict:
    """The verdict on these ids, by default on all that the journal kept."""
    return Guard(GuardLimits(), KEY, observed, None, kept).review(what, ids or tuple(kept))


def test_an_approval_survives_a_payment() -> None:
    """G4: who paid meanwhile is not due any more; the rest of the approved plan is applied."""
    cuts = many(Kind.DISABLE, 12)
    kept = earlier(*cuts)
    verdict = approve(plan(a=(enabled(40), cuts[1:])), kept)
    assert verdict.allowed == {"a": cuts[1:]}
    assert verdict.released == frozenset(change.key for change in cuts[1:])
    assert verdict.approvals == (Approval(next(iter(kept)), "applied", 11, 1),)
    assert verdict.plans == ()


def test_what_came_since_stays_withheld_under_an_id_of_its_own() -> None:
    """G4: an approval releases what somebody saw, and nothing that came after it, however few."""
    cuts = many(Kind.DISABLE, 14)
    kept = earlier(*cuts[:12])
    verdict = approve(plan(a=(enabled(40), cuts[2:])), kept)
    assert verdict.allowed == {"a": cuts[2:12]}
    assert verdict.withheld == {"a": cuts[12:]}
    (waiting,) = verdict.plans
    assert waiting.changes == cuts[12:]
    assert waiting.plan_id == plan_id(*cuts[12:])
    assert waiting.reason == ("12 of 40 enabled secrets would be disabled; the limit is 10; 10 of them are approved")
    assert verdict.approvals == (Approval(next(iter(kept)), "applied", 10, 2, waiting.plan_id),)


def test_another_value_is_another_change() -> None:
    """G4: an approved password that the CRM changed again since is not the one that was approved."""
    seen = tuple(a_change(Kind.PASSWORD, f"ABC{n}", router="a", desired=Masked("x"), number=n) for n in range(12))
    now = tuple(a_change(Kind.PASSWORD, f"ABC{n}", router="a", desired=Masked("y"), number=n) for n in range(12))
    verdict = approve(plan(a=(enabled(40), now)), earlier(*seen))
    assert verdict.withheld == {"a": now}
    assert [one.result for one in verdict.approvals] == ["unknown"]


def test_an_earlier_plan_of_which_nothing_is_due_is_unknown() -> None:
    """G4: everybody paid: nothing is written, and the plan of that router and kind that waits now is named."""
    kept = earlier(*many(Kind.DISABLE, 12))
    cuts = many(Kind.DISABLE, 11, first=100)
    verdict = approve(plan(a=(enabled(40), cuts)), kept)
    assert verdict.refused
    assert verdict.approvals == (Approval(next(iter(kept)), "unknown", now=plan_id(*cuts)),)


def test_a_plan_that_waits_is_known_without_the_journal_s_memory() -> None:
    """G4: an id that equals a plan withheld in this run is known, whatever its age."""
    verdict = approve(TWO_OVER, {}, plan_id(*PROFILES))
    assert verdict.approvals == (Approval(plan_id(*PROFILES), "applied", 11),)
    assert not verdict.refused


def test_an_id_that_the_journal_never_saw_names_no_successor() -> None:
    """G4: the journal would know it; so it is a slip, and the plan that waits is not what was meant."""
    verdict = approve(plan(a=(enabled(40), many(Kind.PROFILE, 12))), {}, "0123456789abcdef")
    assert verdict.approvals == (Approval("0123456789abcdef", "unknown"),)


def test_a_refused_plan_that_is_the_router_s_and_the_fleet_s_names_itself() -> None:
    """G4: all cuts of the fleet may be one router's; its plan waits still, and `now` says under which id."""
    cuts = many(Kind.DISABLE, 60)
    waiting = plan_id(*cuts)
    verdict = review(plan(a=(enabled(100), cuts), b=(enabled(100), ())), waiting, "0" * 16)
    assert [one.now for one in verdict.approvals] == [waiting, waiting]


def test_an_earlier_plan_of_the_fleet_releases_on_every_router() -> None:
    """G4: also the cuts of a router whose own limit they pass; who came since on a router waits."""
    cuts = {"a": many(Kind.DISABLE, 45, "a"), "b": many(Kind.DISABLE, 6, "b")}
    kept = earlier(*cuts["a"], *cuts["b"], router=None)
    more = many(Kind.DISABLE, 1, "b", first=50)
    verdict = approve(plan(a=(enabled(100), cuts["a"][1:]), b=(enabled(100), (*cuts["b"], *more))), kept)
    assert verdict.allowed == {"a": cuts["a"][1:], "b": cuts["b"]}
    assert verdict.withheld == {"a": (), "b": more}
    (waiting,) = verdict.plans
    assert (waiting.router, waiting.changes) == (None, more)
    assert verdict.approvals == (Approval(next(iter(kept)), "applied", 50, 1, waiting.plan_id),)


def test_an_approved_id_releases_also_what_is_within_its_limit_now() -> None:
    """G13: what somebody approved is no part of the day, also where it needs no approval any more."""
    cuts = many(Kind.DISABLE, 12)
    verdict = approve(plan(a=(enabled(40), cuts[:3])), earlier(*cuts))
    assert verdict.allowed == {"a": cuts[:3]}
    assert verdict.counted("a") == {}
    assert [(one.result, one.released, one.gone) for one in verdict.approvals] == [("applied", 3, 9)]


def test_doubles_of_one_name_share_a_mark() -> None:
    """R6, G4: two secrets of one name are two changes of a plan; both are released, and none counts as gone."""
    doubles = (one(Kind.DISABLE, "ABC1", number=1), one(Kind.DISABLE, "ABC1", number=2))
    cuts = (*doubles, *many(Kind.DISABLE, 11, first=10))
    changes = (*cuts, *many(Kind.DISABLE, 1, first=50))
    verdict = approve(plan(a=(enabled(40), changes)), earlier(*cuts))
    assert verdict.allowed == {"a": cuts}
    assert [(one.result, one.released, one.gone) for one in verdict.approvals] == [("applied", 13, 0)]


def test_an_earlier_plan_of_an_observed_router_is_observed() -> None:
    """G4, G11: nothing is released where nothing is written."""
    cuts = many(Kind.DISABLE, 12)
    kept = earlier(*cuts)
    verdict = approve(plan(a=(enabled(40), cuts[1:])), kept, observed=("a",))
    assert verdict.approvals == (Approval(next(iter(kept)), "observed", 0, 1),)


def test_plans_of_earlier_days_that_can_be_approved_are_listed() -> None:
    """G4: one that waits as it was is listed as waiting, one of which nothing is due is listed nowhere."""
    cuts = many(Kind.DISABLE, 12)
    kept = earlier(*cuts) | earlier(*cuts[1:]) | earlier(*many(Kind.PROFILE, 11))
    verdict = Guard(GuardLimits(), KEY, (), None, kept).review(plan(a=(enabled(40), cuts[1:])), ())
    assert [(one.plan_id, len(one.due), one.gone) for one in verdict.earlier] == [(plan_id(*cuts), 11, 1)]


def test_an_id_that_is_none() -> None:
    """G4: what cannot be a plan id is unknown, also while a plan waits that could have taken its place."""
    verdict = review(TWO_OVER, plan_id(*PROFILES).upper(), "abc")
    assert [one.result for one in verdict.approvals] == ["unknown", "unknown"]


@pytest.mark.parametrize(
    "what",
    [plan(), plan(a=(enabled(40), ())), plan(a=(enabled(40), many(Kind.PROFILE, 10)))],
    ids=["none", "empty", "in"],
)
def test_an_unknown_id_lifts_nothing(what: Plan) -> None:
    """G4: an id that is no plan's, while none waits, is unknown and lifts nothing."""
    verdict = review(what, "0123456789abcdef")
    assert verdict.approvals == (Approval("0123456789abcdef", "unknown"),)
    assert verdict.plans == ()


def test_an_approved_plan_within_its_limit_is_applied() -> None:
    """G4: whoever approves what meanwhile needs no approval is told that it is applied."""
    changes = many(Kind.DISABLE, 10)
    verdict = review(plan(a=(enabled(40), changes)), plan_id(*changes))
    assert verdict == Verdict({"a": changes}, {"a": ()}, (), (Approval(plan_id(*changes), "applied", 10),))


def test_approving_the_fleet_s_plan_lifts_it_on_every_router() -> None:
    """G4: approving the cuts of all routers lifts them everywhere, also where a router's own limit is passed."""
    cuts = {"a": many(Kind.DISABLE, 45, "a"), "b": many(Kind.DISABLE, 6, "b")}
    what = plan(a=(enabled(100), cuts["a"]), b=(enabled(100), cuts["b"]))
    fleet_id = plan_id(*cuts["a"], *cuts["b"])
    assert review(what, fleet_id) == Verdict(cuts, {"a": (), "b": ()}, (), (Approval(fleet_id, "applied", 51),))


def test_a_router_s_plan_approved_while_the_fleet_waits() -> None:
    """G4: exactly the approved cuts are applied; the fleet's other ones wait on."""
    cuts = {"a": many(Kind.DISABLE, 45, "a"), "b": many(Kind.DISABLE, 6, "b")}
    verdict = review(plan(a=(enabled(100), cuts["a"]), b=(enabled(100), cuts["b"])), plan_id(*cuts["a"]))
    assert verdict.allowed == {"a": cuts["a"], "b": ()}
    assert verdict.withheld == {"a": (), "b": cuts["b"]}
    assert [one.router for one in verdict.plans] == [None]
    assert verdict.approvals == (Approval(plan_id(*cuts["a"]), "applied", 45),)


def test_an_empty_plan_withholds_nothing() -> None:
    """G3: nothing planned, nothing withheld."""
    assert review(plan(a=(Census(), ()))) == Verdict({"a": ()}, {"a": ()}, (), ())


def test_an_approval_for_an_observed_router_says_that_nothing_is_written() -> None:
    """G4, G11: the id is known, and its result is `observed`; with a written router beside it, `applied`."""
    what = plan(a=(enabled(40), many(Kind.DISABLE, 11)))
    (waiting,) = review(what).plans
    for observed, result in (((), "applied"), (("a",), "observed")):
        verdict = review(what, waiting.plan_id, observed=observed)
        assert [(one.plan_id, one.result) for one in verdict.approvals] == [(waiting.plan_id, result)]


@pytest.mark.parametrize(
    ("disabled", "online", "sentence"),
    [
        (0, 0, "11 of 40 enabled secrets would get another password; the limit is 10"),
        (4, 0, "7 of 40 enabled secrets and 4 disabled ones would get another password; the limit is 10"),
        (
            0,
            3,
            (
                "11 of 40 enabled secrets would get another password (3 of them online with the password that the "
                "router holds); the limit is 10"
            ),
        ),
    ],
)
def test_the_sentence_counts_what_it_says(disabled: int, online: int, sentence: str) -> None:
    """G3: `1803 of 1742 enabled secrets` counted disabled ones too; who is online has a password that works."""
    changes = tuple(
        replace(
            one,
            actual=Masked("a"),
            desired=Masked("b"),
            secret=a_secret(one.name, number=number, disabled=number <= disabled),
            sessions=(a_session(one.name),) if number > 11 - online else (),
        )
        for number, one in enumerate(many(Kind.PASSWORD, 11), 1)
    )
    (waiting,) = review(plan(a=(enabled(40), changes))).plans
    assert waiting.reason == sentence
