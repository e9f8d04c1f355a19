"""One schedule: a provider, edits, mishaps and runs in turn, judged after every run; then quiet, and arrival."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from lab.faults.arrival import MOVING, lacking
from lab.faults.clock import Clock
from lab.faults.days import remember
from lab.faults.edits import EDITS, mass_edit
from lab.faults.holds import hand, in_run, release_all
from lab.faults.journal_mishaps import journal_mishaps
from lab.faults.judge import judge
from lab.faults.mishap import Mishap
from lab.faults.mishaps import clear, plan_mishaps
from lab.faults.population import populate
from lab.faults.replay import replay
from lab.faults.runs import Ran, run
from lab.faults.slices import another_value, slice_edit
from lab.faults.world import SLACK, World
from pppsync.config.event import Event

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lab.faults.stack import Approved

ROUNDS = 5
"""Quiet runs until all is approved and settled; a login that moves needs one of its own."""
LATEST = 0.7
"""How often the plans of the last run alone are approved."""
CHANGED = 0.4
"""How often a value is changed between the look at a plan and its approval."""
REPLAYS = 0.2
"""How often a step is played twice, with the journal and without."""


@dataclass
class Result:
    """A schedule that was played: what was done, and what must not have happened."""

    seed: int
    steps: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    runs: int = 0
    writes: int = 0
    cuts: int = 0

    def __str__(self) -> str:
        lines = [f"schedule {self.seed}", *self.steps, *(f"VIOLATION: {one}" for one in self.violations)]
        return "\n".join((*lines, f"replay with: python -m lab.faults --seed {self.seed}"))


def play(seed: int, skip: Collection[int] = ()) -> Result:
    """Play one schedule; steps in `skip` are left out, and the others are the same all the same."""
    result = Result(seed)
    try:
        _play(result, skip)
    except Exception:  # noqa: BLE001 - whatever it is, it belongs beside the steps that led there
        result.violations.append(traceback.format_exc())
    return result


def _play(result: Result, skip: Collection[int]) -> None:
    with World(result.seed) as world:
        populate(world)
        result.steps = world.steps
        world.steps.append(_described(world))
        for number in range(1, world.rng.randint(2, 5) + 1):
            if number not in skip:
                _round(world, number, result)
            if result.violations:
                return
        _settle(world, result)


def _described(world: World) -> str:
    routers = ", ".join(
        f"{name} RouterOS {router._router.release.text} {world.modes[name]}" for name, router in world.routers.items()
    )
    wire = "TLS" if world.tls else "plain"
    wire += ", journal" if world.stack else ", no journal"
    return f"{len(world.crm.state.clients)} clients, pages of {world.page_size}; {routers}; {wire}; {world.policy}"


def _round(world: World, number: int, result: Result) -> None:
    rng = Random(f"round {world.seed} {number}")
    world.steps.append(f"step {number}")
    if world.stack:
        world.steps.append(f"  {world.stack.pass_time()}")
    for _ in range(rng.choice((0, 1, 2, 4, 30 if world.crowded else 6))):
        world.do(rng.choice(EDITS), rng)
    if rng.random() < (0.5 if world.crowded else 0.05):
        world.do(mass_edit, rng)
    other = Random(f"journal {world.seed} {number}")
    holding = Random(f"holds {world.seed} {number}")
    hand(world, holding)
    if world.mistake:
        world.do(slice_edit, other)
    if other.random() < REPLAYS:
        twice: list[Ran] = []
        result.violations += replay(world, other, twice)
        result.runs += len(twice)
    mishap = plan_mishaps(world, rng)
    ran = Ran(mishap, _event(world, rng))
    clocks, seconds, told = _clocks(rng, ran)
    journal_mishaps(world, other, mishap)
    in_run(world, holding, mishap)
    _approve(world, other, ran)
    world.steps += [f"  {one}" for one in mishap.told]
    world.steps.append(f"  run: {told} {ran.event}")
    run(world, ran, clocks, seconds)
    _conclude(world, ran, result)


def _clocks(rng: Random, ran: Ran) -> tuple[list[Clock], float, str]:
    how = rng.random()
    if how < 0.6:
        return [Clock()], 100.0, "one"
    if how < 0.75:
        ran.killed = True
        clock = Clock(kill_at=rng.choice((rng.randint(1, 60), rng.randint(30, 300))))
        return [clock], 100.0, f"killed at tick {clock.kill_at}"
    if how < 0.85:
        ran.rushed = True
        clock = Clock(jump_at=rng.randint(1, 120), jump=rng.choice((5, 60, 88, 95, 3600)))
        return [clock], 100.0, f"the clock jumps by {clock.jump} at tick {clock.jump_at}"
    if how < 0.93:
        ran.runs = 2
        return [Clock(), Clock()], 100.0, "two at once"
    ran.rushed = True
    seconds = rng.choice((10.0, 10.05, 10.2, 10.5))
    return [Clock()], seconds, f"{seconds} seconds left"


def _event(world: World, rng: Random) -> Event:
    how = rng.random()
    if how < 0.85:
        return Event()
    if how < 0.9:
        return Event("plan")
    if how < 0.95:
        return Event(routers=frozenset({rng.choice(list(world.routers))}))
    names = [row["userIdent"] for row in world.crm.state.clients if row["userIdent"]] or ["ABC0"]
    return Event(subscribers=frozenset(rng.sample(names, min(3, len(names)))))


def _approve(world: World, rng: Random, ran: Ran) -> None:
    """Now and then somebody approves what an earlier run withheld, and meanwhile both sides may have changed."""
    if world.stack and world.offers and ran.event == Event() and rng.random() < 0.3:
        # Of older plans often nothing is due any more, and one such id refuses all.
        offers = sorted(world.latest if world.latest and rng.random() < LATEST else world.offers)
        chosen = rng.sample(offers, rng.randint(1, min(2, len(offers))))
        ran.approved = _all(world.offers[one] for one in chosen)
        if rng.random() < CHANGED:
            world.do(lambda world, rng: another_value(world, rng, ran.approved), rng)
        ran.slip = rng.random() < 0.15
        ran.event = Event(approve=(*chosen, *(["0123456789abcdef"] if ran.slip else [])))


def _all(approved: Iterable[Approved]) -> Approved:
    return frozenset().union(*approved)


def _conclude(world: World, ran: Ran, result: Result) -> None:
    for error in ran.errors:
        world.steps.append(f"    ended with {error!r}")
    for response in ran.responses:
        world.steps += [f"    {one}" for one in map(_summary, response["routers"])]
    result.violations += judge(world, ran)
    remember(world, ran)
    world.offers |= ran.offers
    world.latest = ran.offers
    world.recording = False
    clear(world)
    result.runs += ran.runs
    result.writes += sum(map(len, ran.writes.values()))
    cuts = [one for writes in ran.writes.values() for one in writes if one.words.get("disabled") == "yes"]
    result.cuts += sum(one.command == "/ppp/secret/set" for one in cuts)


def _summary(router: dict[str, object]) -> str:
    keys = ("error", "planned", "applied", "failed", "withheld", "unconfirmed", "deferred", "unanswered")
    return f"{router['name']}: " + ", ".join(f"{key} {router[key]}" for key in keys if router[key])


def _settle(world: World, result: Result) -> None:
    """The faults are over: one run does all but what waits for approval or a second look; the last writes nothing."""
    world.steps.append("quiet")
    approve: tuple[str, ...] = ()
    if world.stack:
        world.stack.lasting = []
    release_all(world, Random(f"release {world.seed}"))
    missing: list[str] = []
    for attempt in range(1, ROUNDS + 1):
        approved = _all(world.offers[one] for one in approve)
        ran = Ran(Mishap(patience=SLACK), Event(approve=approve), approved=approved)
        run(world, ran, [Clock()])
        _conclude(world, ran, result)
        if ran.errors:
            empty = any(code in str(ran.errors[0]) for code in ("crm_empty",))
            result.violations += [] if empty else [f"quiet run {attempt} failed: {ran.errors[0]!r}"]
            return
        approve = tuple(ran.offers)
        missing = lacking(world)
        held = any(one["withheld"] and world.modes[one["name"]] == "enforce" for one in ran.responses[0]["routers"])
        # A session that outlived its secret, or lived beside a disabled one, is looked at from the next run on.
        helped = _helped(world, ran)
        late = [one for one in missing if not one.startswith((MOVING, *helped))]
        if late and not held and attempt == 1:
            result.violations += [f"not after one quiet run: {one}" for one in late]
        if not any(ran.writes.values()) and not held:
            break
        if result.violations:
            return
    else:
        result.violations.append(f"{ROUNDS} quiet runs, and the last one still writes or withholds")
    result.violations += [f"never reached: {one}" for one in missing]


def _helped(world: World, ran: Ran) -> tuple[str, ...]:
    """The logins that a run created or enabled, as findings begin with them."""
    names = {(name, row[".id"]): row["name"] for name, router in world.routers.items() for row in router.secrets()}
    writes = [(name, one.words) for name, written in ran.writes.items() for one in written]
    created = [words["name"] for _, words in writes if "name" in words]
    enabled = [names.get((name, words.get(".id", "")), "") for name, words in writes if words.get("disabled") == "no"]
    return tuple(map(repr, (*created, *enabled)))
