"""The laws of planner and guard, on a model of routers that does what it is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pppsync.core.change import FIELDS, Change, Kind
from pppsync.core.counting_service import State
from pppsync.core.desired import Desired, Wanted
from pppsync.core.guard import Guard, Verdict
from pppsync.core.masked import Masked
from pppsync.core.placement import Fleet
from pppsync.core.plan import Plan, build_plan
from pppsync.core.policy import GuardLimits, Policy
from pppsync.core.secret import ActiveSession, PppSecret, RouterState, StoredSecret
from pppsync.core.subscriber import Service, ServiceStatus, Subscriber
from tests.builders import a_secret, a_will

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterable

NAMES = ("A", "B", "C", "a", "1", "*", " D", "")
STRANGERS = ("office", "UISP", "b")
PASSWORDS = ("x", "y", "1482020", "0123", "***", "")
PROFILES = ("10M", "20M", "old")
KEPT_PROFILES = frozenset({"10M", "20M"})
ADDRESSES = (None, "10.0.0.1", "10.0.0.2", "pool")
SERVICES = ("pppoe", "any", "l2tp")
ROUTERS = ("r1", "r2", "r3")
READABLE = a_secret("keeps the passwords readable", number=0xFFFF)

policies = st.builds(
    Policy,
    allow_numeric_custom_id=st.booleans(),
    missing_password=st.sampled_from(["leave", "registration_date"]),
    static_ip_absent=st.sampled_from(["leave", "clear"]),
)
services = st.lists(
    st.builds(
        Service,
        id=st.integers(1, 99),
        subscriber_id=st.just(0),
        status=st.one_of(st.sampled_from([1, 1, 1, 3, 3, 2]), st.integers(-1, 9)),
        name=st.sampled_from(["10M", "20M", "none"]),
        plan_name=st.just("plan"),
        internet=st.sampled_from([True, True, True, False]),
        active_from=st.sampled_from([None, "2026-03-01", "2026-06-01"]),
        active_to=st.sampled_from([None, "2026-02-28"]),
    ),
    max_size=3,
    unique_by=lambda service: service.id,
)
subscribers = st.builds(
    Subscriber,
    id=st.just(0),
    custom_id=st.sampled_from(NAMES),
    registered=st.sampled_from(["2020-08-14", "2020-08-14", None]),
    archived=st.sampled_from([False, False, False, True]),
    lead=st.sampled_from([False, False, False, True]),
    tags=st.sampled_from([(), (), (), ("VIP", "custom-config ")]),
    password=st.sampled_from([None, *map(Masked, ("x", "y", "0123", "\ud800"))]),
    static_ip=st.sampled_from([None, None, "10.0.0.1", "10.0.0.2", "224.0.0.1"]),
    router=st.sampled_from([None, None, None, *ROUTERS, "unknown"]),
)
secrets = st.builds(
    StoredSecret,
    id=st.just(""),
    name=st.sampled_from([name for name in NAMES if name] + list(STRANGERS)),
    ppp_service=st.sampled_from(["pppoe", "pppoe", *SERVICES]),
    password=st.sampled_from([Masked(password) for password in PASSWORDS]),
    profile=st.sampled_from(PROFILES),
    remote_address=st.sampled_from(ADDRESSES),
    disabled=st.booleans(),
    comment=st.sampled_from([None, "UISP client 1", "UISP client 2"]),
)
sessions = st.builds(
    ActiveSession,
    id=st.just(""),
    name=st.sampled_from(["A", "B", "C", "office"]),
    ppp_service=st.sampled_from(SERVICES),
    address=st.sampled_from([None, "10.0.0.1", "10.64.0.1"]),
    radius=st.sampled_from([False, False, True]),
)


@dataclass(frozen=True)
class World:
    """Everything that a run reads."""

    people: tuple[Subscriber, ...]
    services: tuple[Service, ...]
    fleet: Fleet
    policy: Policy
    known: bool = True

    @property
    def desired(self) -> Desired:
        """The CRM's will."""
        return a_will(self.people, self.services, self.policy)

    @property
    def plan(self) -> Plan:
        """The plan of a run."""
        return build_plan(self.desired, self.fleet, self.policy, passwords_known=self.known)


def numbered_state(router: str, held: list[StoredSecret], live: list[ActiveSession], *, hidden: bool) -> RouterState:
    """A router with ids of its own; its passwords are all readable or all hidden."""
    numbers = count(1)
    shown = [replace(one, id=f"*{next(numbers):X}") for one in held]
    if hidden:
        shown = [replace(one, password=Masked("***")) for one in shown]
    else:
        shown.append(READABLE)
    online = tuple(replace(one, id=f"*8{next(numbers):X}") for one in live)
    return RouterState(router, tuple(shown), KEPT_PROFILES, online)


@st.composite
def worlds(draw: st.DrawFn, routers: int = 3) -> World:
    """A small provider with every kind of oddity."""
    people = [replace(one, id=number) for number, one in enumerate(draw(st.lists(subscribers, max_size=6)), 1)]
    owned = [
        replace(one, id=one.id + 100 * person.id, subscriber_id=person.id)
        for person in people
        for one in draw(services)
    ]
    names = ROUTERS[: draw(st.integers(1, routers))]
    states = {
        name: numbered_state(
            name,
            draw(st.lists(secrets, max_size=6, unique_by=lambda one: (one.name, one.ppp_service))),
            draw(st.lists(sessions, max_size=3)),
            hidden=draw(st.sampled_from([False, False, False, True])),
        )
        for name in names
        if len(names) == 1 or draw(st.sampled_from([True, True, True, False]))
    }
    default = names[0] if len(names) == 1 else draw(st.sampled_from([None, *names]))
    policy = draw(policies)
    fleet = Fleet(names, default, states, policy.ppp_services)
    return World(tuple(people), tuple(owned), fleet, policy, draw(st.sampled_from([True, True, True, False])))


def changes(plan: Plan) -> list[Change]:
    """All changes of a plan."""
    return [change for part in plan.routers.values() for change in part.changes]


def applied(state: RouterState, todo: Iterable[Change]) -> RouterState:
    """The router after the changes: it keeps every value, ends every session it is told to, and refuses nonsense."""
    rows = {one.id: one for one in state.secrets}
    hidden = bool(rows) and not state.passwords_readable
    live = {one.id: one for one in state.sessions}
    for change in todo:
        if isinstance(change.desired, PppSecret):
            assert all(one.name != change.name for one in rows.values()), "the name is held already"
            new = change.desired
            password = Masked("***") if hidden else new.password
            number = f"*F{len(rows):X}"
            rows[number] = StoredSecret(
                number, new.name, "pppoe", password, new.profile, new.remote_address, new.disabled, new.comment
            )
            continue
        assert change.secret is not None
        if change.kind is not Kind.DROP:
            row = rows[change.secret.id]
            for word, value in change.words:
                row = written(row, word, value, state.profiles)
            rows[change.secret.id] = row
        for session in change.sessions:
            live.pop(session.id, None)
    return replace(state, secrets=tuple(rows.values()), sessions=tuple(live.values()))


def written(row: StoredSecret, word: str, value: str | Masked | None, profiles: Collection[str]) -> StoredSecret:
    """The row after one word of a sentence was set."""
    if isinstance(value, Masked):
        assert word == "password"
        return replace(row, password=value)
    if word == "remote-address":
        return replace(row, remote_address=value)
    assert isinstance(value, str)
    match word:
        case "disabled":
            return replace(row, disabled={"yes": True, "no": False}[value])
        case "profile":
            assert value in profiles, "input does not match any value of profile"
            return replace(row, profile=value)
    raise AssertionError(word)


def after_run(world: World, plan: Plan | None = None) -> World:
    """The world after a plan, its own by default, was applied as a whole."""
    plan = plan or world.plan
    states = {name: applied(state, plan.routers[name].changes) for name, state in world.fleet.states.items()}
    return replace(world, fleet=replace(world.fleet, states=states))


def row_of(world: World, router: str, name: str) -> StoredSecret | None:
    """The one secret of that name under a service of ours."""
    rows = ours(world, router, name)
    return rows[0] if len(rows) == 1 else None


def ours(world: World, router: str, name: str) -> list[StoredSecret]:
    """All secrets of that name under services of ours."""
    rows = world.fleet.states[router].by_name.get(name, ())
    return [row for row in rows if row.ppp_service in world.policy.ppp_services]


def let_in_by(world: World, router: str, secret: StoredSecret) -> list[ActiveSession]:
    """The live sessions that this secret let in, not RADIUS: those of its service, or of any that has no secret."""
    state = world.fleet.states[router]
    others = {one.ppp_service for one in state.by_name.get(secret.name, ()) if one.id != secret.id}
    return [
        one
        for one in state.sessions
        if one.name == secret.name
        and not one.radius
        and (one.ppp_service == secret.ppp_service or (secret.ppp_service == "any" and one.ppp_service not in others))
    ]


@given(worlds(routers=1))
def test_one_run_makes_a_router_as_desired(world: World) -> None:
    """R8 to R13: after the plan was applied every login is as the CRM wants it, where nothing stands in the way."""
    done = after_run(world)
    for wanted in world.desired.wanted.values():
        blocked = {one.reason for one in world.plan.problems if one.name == wanted.name}
        if "router_unknown" in blocked:
            continue
        if len(ours(done, "r1", wanted.name)) > 1:
            assert "duplicate_secret" in blocked
            flags = {one.disabled for one in ours(done, "r1", wanted.name)}
            assert flags == {True} if wanted.state is not State.ENABLED else False in flags
            continue
        row = row_of(done, "r1", wanted.name)
        if row is None:
            assert wanted.state is State.OFF or blocked
            continue
        assert row.disabled == (wanted.state is not State.ENABLED)
        if wanted.state is not State.OFF:
            assert row.profile == wanted.profile or "profile_missing" in blocked
            assert wanted.static_ip in {None, row.remote_address} or blocked & {
                "static_ip_duplicate",
                "static_ip_taken",
            }
        if world.known and world.fleet.states["r1"].passwords_readable and wanted.password:
            assert row.password == wanted.password
        if row.disabled and row_of(world, "r1", wanted.name):
            assert let_in_by(done, "r1", row) == []


@given(worlds(routers=1))
def test_the_second_plan_is_empty(world: World) -> None:
    """R13: what was applied is as desired, so that the next run has nothing to do.

    But for a login that was created disabled while a session of a lost secret still lived: a repair (R12).
    """
    created = {one.name for one in changes(world.plan) if one.kind is Kind.CREATE}
    done = after_run(world)
    assert {(one.kind, one.name) for one in changes(done.plan)} <= {(Kind.DROP, name) for name in created}
    assert changes(after_run(done).plan) == []


@given(worlds())
def test_a_fleet_comes_to_rest(world: World) -> None:
    """R16: a move takes a run to create and a run to cut; then nothing is left to do."""
    done = after_run(after_run(world))
    assert changes(done.plan) == []


@given(worlds(), st.data())
def test_a_half_applied_plan_is_finished_by_the_next_runs(world: World, data: st.DataObject) -> None:
    """R13: no run needs to know what the one before it did; a killed run is repaired."""
    cut = {
        name: replace(part, changes=tuple(data.draw(st.lists(st.sampled_from(part.changes), unique_by=id))))
        if part.changes
        else part
        for name, part in world.plan.routers.items()
    }
    done = after_run(world, Plan(cut, ()))
    whole = after_run(after_run(world))
    for _ in range(3):
        done = after_run(done)
    assert changes(done.plan) == []
    assert enabled_logins(done) == enabled_logins(whole)


def enabled_logins(world: World) -> set[tuple[str, str]]:
    """Where which login is enabled."""
    return {(name, one.name) for name, state in world.fleet.states.items() for one in state.secrets if not one.disabled}


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(world: World, chance: random.Random) -> None:
    """G4: the same plan with the same ids, however CRM and routers list their rows."""
    states = {
        name: replace(state, secrets=shuffled(state.secrets, chance), sessions=shuffled(state.sessions, chance))
        for name, state in shuffled(tuple(world.fleet.states.items()), chance)
    }
    other = replace(
        world,
        people=shuffled(world.people, chance),
        services=shuffled(world.services, chance),
        fleet=replace(world.fleet, states={name: states[name] for name in world.fleet.states}),
    )
    first, second = world.plan, other.plan
    assert [without_sessions(one) for one in changes(first)] == [without_sessions(one) for one in changes(second)]
    assert [set(one.sessions) for one in changes(first)] == [set(one.sessions) for one in changes(second)]
    assert first.problems == second.problems
    assert [part.census for part in first.routers.values()] == [part.census for part in second.routers.values()]
    strict = GuardLimits(0, 0, 0, 0, 0, 0)
    ids = [[one.plan_id for one in reviewed(plan, strict).plans] for plan in (first, second)]
    assert ids[0] == ids[1]


def shuffled[Row](rows: tuple[Row, ...], chance: random.Random) -> tuple[Row, ...]:
    """The rows in another order."""
    return tuple(chance.sample(rows, len(rows)))


def without_sessions(change: Change) -> Change:
    """The change itself."""
    return replace(change, sessions=())


@given(worlds())
def test_who_is_never_in_a_plan(world: World) -> None:
    """R1 to R6, R14: unmanaged, ignored and unknown names, and secrets under services that are not ours, stay alone."""
    wanted = world.desired.wanted
    for change in changes(world.plan):
        assert change.name in wanted
        owners = [one for one in world.people if one.custom_id == change.name and one.live]
        assert len(owners) == 1
        assert owners[0].tags == ()
        assert owners[0].id == change.wanted.subscriber
        held = world.fleet.states[change.router].by_name.get(change.name, ())
        if change.secret is None:
            assert held == ()
            continue
        assert change.secret in held
        assert change.secret.ppp_service in world.policy.ppp_services
        doubled = len(ours(world, change.router, change.name)) > 1
        assert not doubled or change.kind in {Kind.ENABLE, Kind.DISABLE, Kind.DROP}
        assert set(change.sessions) <= set(let_in_by(world, change.router, change.secret))


@given(worlds())
def test_a_change_carries_only_what_differs(world: World) -> None:
    """R13: `actual` is what the router holds, `desired` is something else; no field of a secret is written twice."""
    seen = Counter((*one.key, one.field) for one in changes(world.plan))
    assert set(seen.values()) <= {1}
    for change in changes(world.plan):
        if change.secret is None:
            assert change.kind is Kind.CREATE
            continue
        held = {
            "disabled": "yes" if change.secret.disabled else "no",
            "password": change.secret.password,
            "profile": change.secret.profile,
            "remote-address": change.secret.remote_address,
            None: None,
        }[FIELDS.get(change.kind)]
        assert change.actual == held
        assert change.desired != change.actual or (change.kind is Kind.DROP and change.sessions)


@given(worlds())
def test_no_password_is_written_blindly(world: World) -> None:
    """R10, G5: without the attribute in the CRM, or where the router hides them, no existing password is written."""
    for change in changes(world.plan):
        if change.kind in {Kind.PASSWORD, Kind.DEFAULT_PASSWORD}:
            assert world.known
            assert world.fleet.states[change.router].passwords_readable


@given(worlds())
def test_nobody_who_pays_is_cut_off_without_a_working_login(world: World) -> None:
    """R16: an active subscriber's login is disabled only where another router holds it enabled."""
    wanted = world.desired.wanted
    for change in changes(world.plan):
        if change.kind is Kind.DISABLE and wanted[change.name].state is State.ENABLED:
            assert change.reason == "moved"
            home = row_of(world, wanted[change.name].router or "", change.name)
            assert home is not None
            assert not home.disabled


limits = st.builds(
    GuardLimits,
    min=st.integers(0, 3),
    percent=st.sampled_from([0.0, 20.0, 50.0, 100.0]),
    default_password=st.integers(0, 2),
    create_min=st.integers(0, 2),
    create_percent=st.sampled_from([0.0, 50.0]),
    fleet_min=st.integers(0, 3),
)


def reviewed(plan: Plan, allowance: GuardLimits, approved: tuple[str, ...] = ()) -> Verdict:
    """The guard's verdict."""
    return Guard(allowance, Masked("crm-key")).review(plan, approved)


def cap(kind: Kind, plan: Plan, router: str, allowance: GuardLimits) -> float:
    """The rule's limit of a kind on one router, written down once more."""
    census = plan.routers[router].census
    if kind is Kind.ENABLE:
        return float("inf")
    if kind is Kind.CREATE:
        return max(allowance.create_min, census.secrets * allowance.create_percent / 100)
    if kind is Kind.DEFAULT_PASSWORD:
        return allowance.default_password
    return max(allowance.min, census.managed_enabled * allowance.percent / 100)


@given(worlds(), limits)
def test_the_guard_divides_a_plan(world: World, allowance: GuardLimits) -> None:
    """G3: every change is either allowed or withheld, in order; a kind on a router as a whole or not at all."""
    plan = world.plan
    verdict = reviewed(plan, allowance)
    for router, part in plan.routers.items():
        allowed, held = verdict.allowed[router], verdict.withheld[router]
        assert sorted(map(part.changes.index, (*allowed, *held))) == list(range(len(part.changes)))
        assert [one for one in part.changes if one in allowed] == list(allowed)
        assert {one.kind for one in allowed} & {one.kind for one in held} == set()


@given(worlds(), limits)
def test_never_above_the_limit_without_approval(world: World, allowance: GuardLimits) -> None:
    """G3: of each kind no more is allowed than the limit; enables are never withheld; below the limit nothing is."""
    plan = world.plan
    verdict = reviewed(plan, allowance)
    cuts = sum(one.kind is Kind.DISABLE for one in changes(plan))
    enabled = sum(part.census.managed_enabled for part in plan.routers.values())
    fleet_over = len(plan.routers) > 1 and cuts > max(allowance.fleet_min, enabled * allowance.percent / 100)
    for router, part in plan.routers.items():
        planned = Counter(one.kind for one in part.changes)
        allowed = Counter(one.kind for one in verdict.allowed[router])
        for kind in Kind:
            over = planned[kind] > cap(kind, plan, router, allowance) or (kind is Kind.DISABLE and fleet_over)
            assert allowed[kind] == (0 if over else planned[kind])


@given(worlds(), limits)
def test_approving_every_plan_lifts_everything(world: World, allowance: GuardLimits) -> None:
    """G4: each withheld plan has an id of its own, and with all of them approved nothing is withheld."""
    plan = world.plan
    ids = tuple(one.plan_id for one in reviewed(plan, allowance).plans)
    assert len(set(ids)) == len(ids)
    verdict = reviewed(plan, allowance, ids)
    assert dict(verdict.allowed) == {router: part.changes for router, part in plan.routers.items()}
    assert verdict.plans == ()
    assert [one.result for one in verdict.approvals] == ["applied"] * len(ids)


@given(worlds(), limits, st.data())
def test_an_approval_lifts_nothing_else(world: World, allowance: GuardLimits, data: st.DataObject) -> None:
    """G4: with one plan approved, exactly its changes are allowed beyond what was."""
    plan = world.plan
    before = reviewed(plan, allowance)
    if not before.plans:
        return
    chosen = data.draw(st.sampled_from(before.plans))
    after = reviewed(plan, allowance, (chosen.plan_id,))
    freed = [
        change
        for router in plan.routers
        for change in after.allowed[router]
        if not any(change is one for one in before.allowed[router])
    ]
    assert {id(one) for one in freed} == {id(one) for one in chosen.changes}


@given(worlds(), st.sets(st.sampled_from(ROUTERS)), st.sets(st.sampled_from(NAMES)))
def test_filters_only_leave_out(world: World, routers: set[str], names: set[str]) -> None:
    """G3: a filter chooses changes and leaves every count as it was read."""
    chosen = world.plan.select(routers, names)
    for router, part in world.plan.routers.items():
        assert chosen.routers[router].census == part.census
        assert chosen.routers[router].changes == tuple(
            one for one in part.changes if router in routers and one.name in names
        )
    assert chosen.problems == world.plan.problems


@given(worlds())
def test_every_secret_is_counted_once(world: World) -> None:
    """R14: under our services a secret is managed, of somebody ignored, or unmatched."""
    desired = world.desired
    for router, part in world.plan.routers.items():
        ours = [one for one in world.fleet.states[router].secrets if one.ppp_service in world.policy.ppp_services]
        of_ignored = sum(one.name in desired.names and one.name not in desired.wanted for one in ours)
        census = part.census
        assert census.managed + census.unmatched + of_ignored == len(ours)
        assert census.managed_enabled <= census.managed
        assert census.in_sync <= census.managed
        assert census.unmatched_enabled <= census.unmatched
        assert census.secrets == len(world.fleet.states[router].secrets)


@given(subscribers, services, policies)
def test_judging_one_is_judging_all(person: Subscriber, owned: list[Service], policy: Policy) -> None:
    """G2: the confirmation before a cut judges one subscriber by the code that judged all."""
    person = replace(person, id=7)
    owned = [replace(one, subscriber_id=7) for one in owned]
    desired = a_will([person], owned, policy)
    assert all(isinstance(one, Wanted) and one.subscriber == 7 for one in desired.wanted.values())
    assert len(desired.wanted) + sum(desired.ignored.values()) == 1
    statuses = {one.status for one in owned if one.internet}
    if ServiceStatus.ACTIVE in statuses:
        assert all(one.state is State.ENABLED for one in desired.wanted.values())
