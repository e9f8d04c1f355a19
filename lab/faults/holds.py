"""Holds (G14): a hand puts and releases them, before a run and in it; what a run read of them, and then wrote."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote

from lab.faults.bucket import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from lab.faults.bucket import Operation, Verb
    from lab.faults.mishap import Mishap
    from lab.faults.runs import Ran
    from lab.faults.stack import Snapshot, Span, Stack, Visit
    from lab.faults.world import World
    from lab.simulators.routeros.journal import Sentence
    from lab.simulators.uisp import RecordedRequest

HAND = 0.3
"""How often a hand puts or releases holds before a run."""
IN_RUN = 0.2
"""How often a hold is put while a run is under way."""
UNREADABLE = 0.1
"""How often a run cannot read the holds, from the first time on or from the second."""
GRACE = 0.5
"""Seconds in which what was sent before a read of the holds comes to the router."""
_AGAIN = 1
"""The number of the reading before the first cut; 0 is the one at the start."""
_ALL = "holds/all"
_UNTIL = "%Y-%m-%dT%H:%M:%SZ"
_MALFORMED = (b"", b"{", b"[]", b'{"until": "tomorrow", "by": "", "why": ""}', b'{"by": "x", "why": "y"}', b"\xff\xfe")
_WHEN = (
    *(("GET clients/{id}", 1), ("GET clients/{id}", 1), ("GET clients/{id}", 2), ("GET clients", 1)),
    *(("GET clients", 2), ("GET clients/services", 1)),
)

type Known = tuple[float, tuple[Snapshot, ...]]
"""The snapshots of which one is what a run knows from a moment on."""


@dataclass(frozen=True)
class Load:
    """One reading of the holds: which snapshots it may have found; none if it failed."""

    end: float
    found: tuple[Snapshot, ...]


def hand(world: World, rng: Random) -> None:
    """Before a run: put a hold, a malformed one or one that has ended, or release some, or do nothing."""
    stack = world.stack
    if stack is None or rng.random() > HAND:
        return
    if stack.holds and rng.random() < 0.6:
        gone = sorted(stack.holds) if rng.random() < 0.5 else [rng.choice(sorted(stack.holds))]
        for key in gone:
            stack.bucket.delete_object(Bucket=stack.bucket.name, Key=key)
        world.steps.append(f"  released: {', '.join(gone)}")
    else:
        world.steps.append(f"  {_put(world, stack, rng)}")


def in_run(world: World, rng: Random, mishap: Mishap) -> None:
    """Let a hold be put at one of the next run's requests, or let the run not read the holds.

    The request is most often the look at somebody who is to be cut.
    """
    stack = world.stack
    if stack is None:
        return
    if rng.random() < UNREADABLE:
        verb: Verb = "get" if rng.random() < 1 / 3 else "list"
        stack.troubles.append(
            Trouble(rng.choice(("refused", "busy", "garbled")), verb, "holds/", rng.choice((1, 1, 2)))
        )
        mishap.told.append(str(stack.troubles[-1]))
    if rng.random() > IN_RUN:
        return
    endpoint, left = rng.choice(_WHEN)
    hook = world.crm.on_request

    def act(request: RecordedRequest) -> None:
        nonlocal left
        if hook:
            hook(request)
        with world.lock:
            left -= request.endpoint == endpoint
            if left == 0:
                left = -1
                told = _put(world, stack, rng)
                world.steps.append(f"    in the run: {told}")

    world.crm.on_request = act


def release_all(world: World, rng: Random) -> None:
    """End every hold: by time, or by hand; a malformed object ends by hand alone."""
    stack = world.stack
    if stack is None:
        return
    if rng.random() < 0.5:
        ends = [_until(body) for body in stack.holds.values()]
        stack.now = max([stack.now, *(end for end in ends if end)])
    for key, body in stack.holds.items():
        if _holds(body, stack.now):
            stack.bucket.delete_object(Bucket=stack.bucket.name, Key=key)


def on_hold(snapshot: Snapshot, router: str, now: datetime) -> bool:
    """True if the objects say that a router must not be written now."""
    bodies = [snapshot[key] for key in (_ALL, _key(router)) if key in snapshot]
    return any(_holds(body, now) for body in bodies)


def surely_held(world: World, ran: Ran, router: str) -> bool:
    """True if every run that was under way knew from its start that the router is on hold."""
    return bool(ran.visits) and all(
        all(on_hold(one, router, visit.at) for one in _known(world, visit)[0][1]) for visit in ran.visits
    )


def perhaps_held(world: World, ran: Ran, router: str) -> bool:
    """True if some run may have taken the router for one on hold."""
    return any(
        on_hold(one, router, visit.at) for visit in ran.visits for _, known in _known(world, visit) for one in known
    )


def judge_holds(world: World, ran: Ran) -> Iterator[str]:
    """From the moment on in which a run has read a hold, it begins nothing on that router."""
    for router, writes in ran.writes.items():
        if writes and surely_held(world, ran, router):
            yield f"{router} is on hold, and {len(writes)} writes came"
    if ran.runs == 1 and ran.visits:
        yield from _judge_read_again(world, ran, ran.visits[0])


def remember_holds(world: World, ran: Ran) -> None:
    """Note what the process of each run may have in memory of the holds."""
    for visit in ran.visits:
        visit.process.holds = _known(world, visit)[-1][1]


def unread(world: World, ran: Ran) -> bool:
    """True if holds stand in the bucket and this run could neither read nor remember one of them."""
    stack = world.stack
    return stack is not None and not all(
        surely_held(world, ran, router) for router in world.routers if on_hold(stack.holds, router, stack.now)
    )


def _judge_read_again(world: World, ran: Ran, visit: Visit) -> Iterator[str]:
    """The holds are read before the first cut, and what that reading and later ones found is obeyed."""
    known = _known(world, visit)
    for router, writes in ran.writes.items():
        cuts = [one for one in writes if one.words.get("disabled") == "yes" and one.command == "/ppp/secret/set"]
        if cuts and not visit.pressed and (len(known) < _AGAIN + 1 or cuts[0].time < known[_AGAIN][0]):
            yield f"{router}: a cut came before the holds were read again"
        if len(known) <= _AGAIN:
            continue
        if cuts and all(on_hold(one, router, visit.at) for one in known[_AGAIN][1]):
            yield f"{router}: was put on hold before the first cut, and {len(cuts)} cuts came"
        yield from _judge_late(router, writes, known[_AGAIN:], visit)


def _judge_late(router: str, writes: Sequence[Sentence], known: Sequence[Known], visit: Visit) -> Iterator[str]:
    """Nothing is begun a while after a reading that found a hold."""
    begun: dict[str, float] = {}
    for one in writes:
        if one.command != "/ppp/active/remove":
            begun.setdefault(one.words.get(".id", one.words.get("name", "")), one.time)
    for (read, found), (then, later) in pairwise([*known, (float("inf"), known[-1][1])]):
        held = all(on_hold(one, router, visit.at) for one in (*found, *later))
        late = [key for key, moment in begun.items() if read + GRACE < moment < then]
        if held and late:
            yield f"{router}: on hold, and {late} were begun more than {GRACE} s after that was read"


def _known(world: World, visit: Visit) -> list[Known]:
    """What a run may have known of the holds: from its memory, and after each reading; first comes its start.

    The first entry is after the reading at the start, from which the run plans; the rest are later readings.
    """
    stack = world.stack
    assert stack is not None
    possible, found = visit.process.holds, []
    loads = list(_loads(visit.operations, stack.hold_times))
    for number, load in enumerate(loads):
        # Nobody tells whether a reading aside, or one that took long, was still awaited.
        certain = number <= _AGAIN and not visit.pressed
        if load.found:
            possible = load.found if certain else (*possible, *(one for one in load.found if one not in possible))
        found.append((load.end, possible))
    return found or [(0.0, possible)]


def _loads(operations: Sequence[Operation], times: Sequence[Span]) -> Iterator[Load]:
    group: list[Operation] = []
    for one in sorted((one for one in operations if one.key.startswith("holds/")), key=lambda one: one.began):
        pages_left = bool(group) and group[-1].verb == "list" and group[-1].answered and not group[-1].last
        if one.verb == "list" and group and not pages_left:
            yield _load(group, times)
            group = []
        group.append(one)
    if group:
        yield _load(group, times)


def _load(group: Sequence[Operation], times: Sequence[Span]) -> Load:
    begin, end = min(one.began for one in group), max(one.time for one in group)
    pages = [one for one in group if one.verb == "list"]
    if not all(one.answered for one in group) or not pages[-1].last:
        return Load(end, ())
    over = [*(put for _, put, _ in times[1:]), float("inf")]
    found = (one for (since, _, one), until in zip(times, over, strict=True) if since <= end and until >= begin)
    return Load(end, tuple(found))


def _put(world: World, stack: Stack, rng: Random) -> str:
    key = rng.choice((_ALL, *map(_key, world.routers)))
    minutes = rng.choice((-30, 3, 20, 90, 600, 3000))
    until = stack.now + timedelta(minutes=minutes)
    body = json.dumps({"until": f"{until:{_UNTIL}}", "by": "hand", "why": "works at the mast"}).encode()
    if rng.random() < 0.2:
        body = rng.choice(_MALFORMED)
    begin = time.monotonic()
    stack.bucket.put_object(Bucket=stack.bucket.name, Key=key, Body=body)
    stack.hold_times.append((begin, time.monotonic(), stack.holds))
    return f"put {key}: {body!r}"


def _key(router: str) -> str:
    return f"holds/router/{quote(router, safe='')}.json"


def _holds(body: bytes, now: datetime) -> bool:
    """A body that cannot be read holds too."""
    until = _until(body)
    return until is None or now < until


def _until(body: bytes) -> datetime | None:
    try:
        return datetime.strptime(json.loads(body)["until"], _UNTIL).replace(tzinfo=UTC)
    except (ValueError, KeyError, TypeError):
        return None
