"""The laws of suspension by profile (R18), on the model of routers of the planner's laws."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from pppsync.core.change import Kind
from pppsync.core.counting_service import State
from pppsync.core.limits import is_daily
from pppsync.core.masked import Masked
from pppsync.core.placement import Fleet
from pppsync.core.plan import Plan
from pppsync.core.policy import GuardLimits, Policy, Suspension
from pppsync.core.secret import (
    ActiveSession,
    ListedAddresses,
    PppSecret,
    Restriction,
    RouterState,
    StoredSecret,
)
from pppsync.core.subscriber import Service, Subscriber
from tests.property.test_plan import (
    ROUTERS,
    World,
    after_run,
    changes,
    limits,
    numbered_state,
    ours,
    reviewed,
    row_of,
    shuffled,
    without_sessions,
    written,
)

if TYPE_CHECKING:
    import random

NAMES = ("A", "B", "C")
GARDEN = "garden"
PLANS = ("10M", "10M", "10M", "20M", "20M", "20M", "none", GARDEN)
HELD = ("10M", "20M", "old", GARDEN, GARDEN)

suspensions = st.sampled_from(
    [
        Suspension("profile", GARDEN, frozenset({1})),
        Suspension("profile", GARDEN, frozenset({1})),
        Suspension("profile", GARDEN),
        Suspension("profile", GARDEN, frozenset()),
        Suspension(),
    ]
)
restrictions = st.sampled_from(
    [
        {GARDEN: Restriction("walled")},
        {GARDEN: Restriction("walled")},
        {GARDEN: Restriction("walled")},
        {GARDEN: Restriction("walled"), "10M": Restriction("walled", "10M/10M")},
        {GARDEN: Restriction(None, "64k/64k"), "20M": Restriction(None, "20M/20M")},
        {"20M": Restriction(None, "20M/20M")},
    ]
)
addresses = st.frozensets(st.sampled_from(["10.0.0.1", "10.64.0.1"]))
lists = st.one_of(
    st.none(),
    st.builds(
        ListedAddresses,
        every=addresses,
        of_sessions=addresses,
        default_profiles=st.sampled_from([None, frozenset({"default"}), frozenset({GARDEN})]),
    ),
)


people = st.builds(
    Subscriber,
    id=st.just(0),
    custom_id=st.just(""),
    registered=st.just("2020-08-14"),
    password=st.sampled_from([None, Masked("x")]),
    static_ip=st.sampled_from([None, None, "10.0.0.1"]),
    router=st.sampled_from([None] * 8 + [*ROUTERS]),
)
services = st.builds(
    Service,
    id=st.just(0),
    subscriber_id=st.just(0),
    status=st.sampled_from([1, 3, 3, 2]),
    name=st.sampled_from(PLANS),
    plan_name=st.just("plan"),
    internet=st.just(True),
    suspension_reason=st.sampled_from([None, 1, 1, 7]),
)
secrets = st.builds(
    StoredSecret,
    id=st.just(""),
    name=st.sampled_from(NAMES),
    ppp_service=st.sampled_from(["pppoe"] * 9 + ["any"]),
    password=st.sampled_from([Masked("x"), Masked("y")]),
    profile=st.sampled_from(HELD),
    remote_address=st.sampled_from([None, "10.0.0.1"]),
    disabled=st.booleans(),
)
sessions = st.builds(
    ActiveSession,
    id=st.just(""),
    name=st.sampled_from(NAMES),
    ppp_service=st.just("pppoe"),
    address=st.sampled_from([None, "10.0.0.1", "10.64.0.1"]),
)


@st.composite
def suspending(draw: st.DrawFn, routers: int = 3) -> World:
    """A small provider whose customers are active, suspended or gone, restricted, disabled or let in fully."""
    names = ROUTERS[: draw(st.sampled_from([1, 1, 1, routers]))]
    states = {}
    for name in names:
        held = draw(st.lists(secrets, min_size=2, max_size=4, unique_by=lambda one: (one.name, one.ppp_service)))
        state = numbered_state(name, held, draw(st.lists(sessions, max_size=3)), hidden=False)
        profiles = {"10M", "20M", *draw(st.sampled_from([[GARDEN], [GARDEN], [GARDEN], []]))}
        states[name] = replace(state, profiles=frozenset(profiles), restrictions=draw(restrictions), listed=draw(lists))
    policy = Policy(suspension=draw(suspensions), profile_default=draw(st.sampled_from([None, "20M", "absent"])))
    numbers = range(1, len(NAMES) + 1)
    return World(
        tuple(replace(draw(people), id=number, custom_id=NAMES[number - 1]) for number in numbers),
        tuple(replace(draw(services), id=number, subscriber_id=number) for number in numbers),
        Fleet(names, names[0], states, policy.ppp_services),
        policy,
    )


def restricts(world: World, state: RouterState) -> bool:
    """Whether the suspended profile is on this router and restricts."""
    return world.policy.suspension.profile in state.profiles and GARDEN in state.restrictions


def fully(world: World, state: RouterState, secret: StoredSecret | PppSecret) -> bool:
    """Whether this secret lets somebody in fully."""
    restricted = secret.profile == world.policy.suspension.profile and restricts(world, state)
    return not secret.disabled and not restricted


@given(suspending(routers=1))
def test_one_run_makes_every_login_what_its_state_means(world: World) -> None:
    """R18: restricted means enabled under the suspended profile; disabled where that profile restricts nobody."""
    done, state = after_run(world), world.fleet.states["r1"]
    for wanted in world.desired.wanted.values():
        blocked = {one.reason for one in world.plan.problems if one.name == wanted.name}
        row = row_of(done, "r1", wanted.name)
        if row is None or "router_unknown" in blocked:
            continue
        if wanted.state is State.RESTRICTED and restricts(world, state):
            assert (row.disabled, row.profile) == (False, GARDEN)
            continue
        assert row.disabled == (wanted.state is not State.ENABLED)
        if wanted.state is State.ENABLED and row.profile == world.policy.suspension.profile:
            assert "paid_restricted" in blocked or not restricts(world, state)
            assert blocked & {"profile_missing", "profile_reserved"}


@given(suspending(routers=1))
def test_the_second_plan_writes_nothing(world: World) -> None:
    """R13, R18: what was applied is as desired, but for the drop of a session of a secret that was made anew."""
    created = {one.name for one in changes(world.plan) if one.kind is Kind.CREATE}
    done = after_run(world)
    assert {(one.kind, one.name) for one in changes(done.plan)} <= {(Kind.DROP, name) for name in created}
    assert changes(after_run(done).plan) == []


@given(suspending())
def test_a_fleet_with_restricted_logins_comes_to_rest(world: World) -> None:
    """R16, R18: after two runs nothing is left to do on any router."""
    assert changes(after_run(after_run(world)).plan) == []


@given(suspending(), st.data())
def test_a_half_applied_plan_ends_the_same(world: World, data: st.DataObject) -> None:
    """R13, R18: a killed run is finished by the next ones: the same logins are enabled, under the same profiles."""
    some = {
        name: replace(part, changes=tuple(data.draw(st.lists(st.sampled_from(part.changes), unique_by=id))))
        if part.changes
        else part
        for name, part in world.plan.routers.items()
    }
    done, whole = after_run(world, Plan(some, ())), after_run(after_run(world))
    for _ in range(3):
        done = after_run(done)
    assert changes(done.plan) == []
    assert accesses(done) == accesses(whole)


def accesses(world: World) -> set[tuple[str, str, bool]]:
    """Where which login is let in, and whether fully; of two secrets of a name it may be either."""
    return {
        (name, one.name, len(state.by_name[one.name]) == 1 and fully(world, state, one))
        for name, state in world.fleet.states.items()
        for one in state.secrets
        if not one.disabled
    }


@settings(max_examples=300)
@given(suspending(), st.data())
def test_nobody_suspended_is_let_in_fully_at_any_moment(world: World, data: st.DataObject) -> None:
    """R18: no word of any sentence lets somebody in fully who must not be, whatever waits or comes first."""
    wanted = world.desired.wanted
    for router, part in world.plan.routers.items():
        state = world.fleet.states[router]
        rows = {one.id: one for one in state.secrets}
        for change in data.draw(st.permutations(part.changes)):
            suspended = wanted[change.name].state is not State.ENABLED
            if isinstance(change.desired, PppSecret):
                assert not (suspended and fully(world, state, change.desired))
                continue
            assert change.secret is not None
            for word, value in change.words:
                row = rows[change.secret.id]
                rows[change.secret.id] = after = written(row, word, value, state.profiles)
                assert not suspended or fully(world, state, row) or not fully(world, state, after)


@given(suspending())
def test_whoever_loses_full_access_is_confirmed_and_counted(world: World) -> None:
    """G2, G3: only a cut takes full access away, and only an enable or a restore gives it back."""
    for router, part in world.plan.routers.items():
        state = world.fleet.states[router]
        for change in part.changes:
            if change.secret is None:
                continue
            row = change.secret
            for word, value in change.words:
                row = written(row, word, value, state.profiles)
            had, has = fully(world, state, change.secret), fully(world, state, row)
            assert not had or has or change.kind in {Kind.RESTRICT, Kind.DISABLE}
            assert had or not has or change.kind in {Kind.ENABLE, Kind.RESTORE}
            assert is_daily(change) or not had or has, "who is cut off from full access counts in the day"


@settings(max_examples=300)
@given(suspending(), limits)
def test_cuts_are_withheld_in_sum_and_nobody_who_paid_waits(world: World, allowance: GuardLimits) -> None:
    """G3: restricts and disables of a router pass or wait together; enables and restores never wait."""
    plan = world.plan
    verdict = reviewed(plan, allowance)
    cuts = [one for one in changes(plan) if one.kind in {Kind.RESTRICT, Kind.DISABLE}]
    enabled = sum(part.census.managed_enabled for part in plan.routers.values())
    fleet_over = len(plan.routers) > 1 and len(cuts) > max(allowance.fleet_min, enabled * allowance.percent / 100)
    for router, part in plan.routers.items():
        mine = [one for one in part.changes if one in cuts]
        limit = max(allowance.min, part.census.managed_enabled * allowance.percent / 100)
        allowed = [one for one in verdict.allowed[router] if one in cuts]
        assert allowed == ([] if fleet_over or len(mine) > limit else mine)
        assert not {one.kind for one in verdict.withheld[router]} & {Kind.ENABLE, Kind.RESTORE}
    for one in verdict.plans:
        kinds = {change.kind.value for change in one.changes}
        assert {str(one.kind)} == (kinds if len(kinds) == 1 else {"cut"})


@given(suspending())
def test_the_denominator_leaves_out_who_is_restricted(world: World) -> None:
    """G3, response: managed secrets are disabled, restricted as read, or in the denominator."""
    for router, part in world.plan.routers.items():
        state = world.fleet.states[router]
        managed = [one for name in world.desired.wanted for one in ours(world, router, name)]
        open_ones = sum(fully(world, state, one) for one in managed)
        restricted = sum(not one.disabled for one in managed) - open_ones
        assert (part.census.managed_enabled, part.census.restricted) == (open_ones, restricted)


@given(suspending(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(world: World, chance: random.Random) -> None:
    """G4, R18: the same plan, however CRM and routers list their rows."""
    states = {
        name: replace(state, secrets=shuffled(state.secrets, chance), sessions=shuffled(state.sessions, chance))
        for name, state in world.fleet.states.items()
    }
    other = replace(
        world,
        people=shuffled(world.people, chance),
        services=shuffled(world.services, chance),
        fleet=replace(world.fleet, states=states),
    )
    first, second = world.plan, other.plan
    assert [without_sessions(one) for one in changes(first)] == [without_sessions(one) for one in changes(second)]
    assert first.problems == second.problems
    assert [part.census for part in first.routers.values()] == [part.census for part in second.routers.values()]


@given(suspending())
def test_the_mode_disable_sees_no_reason(world: World) -> None:
    """R8: with the default nothing of a suspension but its status counts."""
    disabling = replace(world, policy=replace(world.policy, suspension=Suspension()))
    bare = {name: replace(state, restrictions={}, listed=None) for name, state in disabling.fleet.states.items()}
    plain = replace(
        disabling,
        services=tuple(replace(one, suspension_reason=None) for one in world.services),
        fleet=replace(world.fleet, states=bare),
    )
    assert disabling.plan == plain.plan
    assert not {one.kind for one in changes(plain.plan)} & {Kind.RESTRICT, Kind.RESTORE}
