"""The same state twice, with a good journal and without one that can be reached: the second must write no more."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from lab.faults.clock import Clock
from lab.faults.days import KINDS, remember
from lab.faults.holds import unread
from lab.faults.journal_mishaps import for_good
from lab.faults.judge import judge
from lab.faults.limits import kind_of
from lab.faults.mishap import Mishap
from lab.faults.runs import Ran, run
from pppsync.config.event import Event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from lab.faults.stack import Stack
    from lab.faults.world import World
    from lab.simulators.routeros import RouterSimulator
    from lab.simulators.routeros.journal import Sentence

PATIENCE = 20.0

type Told = tuple[str, str, str, str]
"""Router, kind, name and value."""


def replay(world: World, rng: Random, runs: list[Ran]) -> Iterator[str]:
    """Run twice from the present state, compare, and leave everything as it was."""
    stack = world.stack
    if stack is None or stack.lasting:
        return
    kept, saved = {name: _save(router) for name, router in world.routers.items()}, stack.save()
    written: list[Counter[Told]] = []
    days: list[bool] = []
    blind = False
    for trouble in ([], [for_good(rng)]):
        stack.troubles = trouble
        ran = Ran(Mishap(patience=PATIENCE, told=[str(one) for one in trouble]), Event())
        run(world, ran, [Clock()])
        runs.append(ran)
        yield from judge(world, ran)
        # One exception of G14: a fresh process that cannot read the holds.
        blind = unread(world, ran)
        remember(world, ran)
        written.append(_written(world, ran))
        days.append(ran.visits[0].read)
        stack.load(saved)
        for name, router in world.routers.items():
            _load(router, kept[name])
    world.steps.append(f"  twice: with the journal, and with {trouble[0]}")
    stack.troubles = []
    for told in (written[1] - written[0]).elements():
        # A process that cannot read the day does not know how full it is: up to `guard.min` may be more (G13).
        if not blind and (days[1] or not _unknown(stack, told)):
            yield f"written without its journal, and not with it: {told[:3]}"


def _unknown(stack: Stack, told: Told) -> bool:
    router, kind, _, _ = told
    dropped = kind == "drop" and any(stack.began[router, one] for one in KINDS)
    fleet = kind in {"disable", "drop"} and any(count for (_, one), count in stack.began.items() if one == "disable")
    return bool(stack.began[router, kind]) or dropped or fleet


def _written(world: World, ran: Ran) -> Counter[Told]:
    return Counter(_told(world, ran, router, write) for router, writes in ran.writes.items() for write in writes)


def _told(world: World, ran: Ran, router: str, write: Sentence) -> Told:
    number = write.words.get(".id", "")
    if write.command == "/ppp/active/remove":
        return router, "drop", ran.sessions[router].get(number, {}).get("name", "redialled"), ""
    if write.command == "/ppp/secret/add":
        return router, "create", write.words["name"], repr(sorted(write.words.items()))
    held = next(row["name"] for row in world.moments[0].held[router] if row[".id"] == number)
    field = next(iter(write.words.keys() - {".id"}))
    return router, kind_of(world, held, write.words), f"{held} {number}", write.words[field]


def _save(router: RouterSimulator) -> dict[str, Any]:
    with router._lock:
        tables = {"secrets": router._state.secrets, "sessions": router._state.sessions}
        rows = {name: [(row.number, dict(row.values)) for row in table] for name, table in tables.items()}
        return {"rows": rows, "next": {name: table.next_number for name, table in tables.items()}}


def _load(router: RouterSimulator, kept: dict[str, Any]) -> None:
    with router._lock:
        for name, rows in kept["rows"].items():
            table = getattr(router._state, name)
            table.clear()
            for number, values in rows:
                table.insert(values, number)
            table.next_number = kept["next"][name]
