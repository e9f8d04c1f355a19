"""The day's limit (G13), counted by hand from what the routers and the bucket recorded."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lab.faults.holds import remember_holds
from lab.faults.limits import counted, enabled, enabled_of_fleet, is_fleet, share
from lab.faults.stack import STAMP, Made, Process

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from lab.faults.runs import Ran
    from lab.faults.stack import Counts, Stack, Visit
    from lab.faults.world import World

KINDS = ("disable", "password", "profile", "remote_address")
_KEY = re.compile(r"day/([^/]+)/([^/]+)/([^/]+)/(.+)-(planned|done)-(\d+)")


def judge_days(world: World, ran: Ran) -> Iterator[str]:
    """No more in 24 hours than the limits, everything announced before it is done, and told as it was."""
    stack = world.stack
    if stack is None:
        yield from (f"no journal, but {one['journal']}" for one in ran.responses if one["journal"] != "off")
        return
    for router in world.routers:
        written = counted(world, ran, router)
        for kind in KINDS:
            if written.get(kind):
                yield from _judge_kind(world, ran, router, kind, written[kind])
    yield from _judge_fleet(world, ran)
    yield from _judge_keys(world, ran)
    yield from _judge_responses(world, ran)


def remember(world: World, ran: Ran) -> None:
    """Note what was made, for the runs of the next 24 hours."""
    stack = world.stack
    if stack is None:
        return
    remember_holds(world, ran)
    counts = _made(world, ran)
    alone = ran.visits[0].process if ran.runs == 1 else None
    stack.history.append(Made(ran.visits[0].at, counts, tuple(one.run_id for one in ran.visits), alone))
    for visit in ran.visits:
        process = visit.process
        process.unread = (Counter() if visit.read else process.unread) + (counts if alone else Counter())
        process.untold = process.untold or visit.careful or visit.pressed
    if ran.killed:
        stack.process = Process()
    elif ran.runs > 1:
        # Two at once are two processes; the next run may meet either.
        stack.process = stack.rng.choice(ran.visits).process


def _made(world: World, ran: Ran) -> Counts:
    found: Counts = Counter()
    for router in world.routers:
        for kind, secrets in counted(world, ran, router, made=True).items():
            found[router, kind] = len(secrets) if kind in KINDS else 0
    return +found


def _judge_kind(world: World, ran: Ran, router: str, kind: str, written: Collection[str]) -> Iterator[str]:
    """One kind on one router: within the limit of each run that may have done it, and announced before."""
    caps = [_cap(world, ran, visit, router, kind) for visit in ran.visits]
    if len(written) > sum(caps):
        why = ", without its journal" if ran.visits[0].careful else ""
        yield f"{router}: {len(written)} of kind {kind} in a day that has {caps} left{why}: {sorted(written)}"
    first = min(write.time for write in ran.writes[router] if write.words.get(".id") in written)
    planned = sum(_number(visit, router, kind, "planned", until=first) for visit in ran.visits)
    if any(visit.careful for visit in ran.visits) or planned >= len(written):
        return
    caps = [_careful_cap(world, visit.process.unread[router, kind]) for visit in ran.visits]
    if len(written) > sum(caps) or not any(visit.pressed for visit in ran.visits):
        yield f"{router}: {len(written)} of kind {kind}, and {planned} were announced before the first of them"


def _cap(world: World, ran: Ran, visit: Visit, router: str, kind: str) -> int:
    """How many changes of a kind one run may make on a router, so that its day is kept."""
    guard: dict[str, int] = world.policy["guard"]
    stack = _stack(world)
    earlier = stack.known(visit.process, router, kind) if visit.read else visit.process.unread[router, kind]
    if visit.careful:
        return _careful_cap(world, earlier)
    limit = max(guard["day_min"], share(guard["day_percent"], enabled(world, router, ran.runs) + earlier))
    return max(0, limit - earlier)


def _careful_cap(world: World, earlier: int) -> int:
    """The same where the day cannot be read or put."""
    guard: dict[str, int] = world.policy["guard"]
    return max(0, min(guard["min"], guard["day_min"] - earlier))


def _judge_fleet(world: World, ran: Ran) -> Iterator[str]:
    """Cuts over all routers that are written."""
    cuts = sum(len(counted(world, ran, router).get("disable", ())) for router in world.writers)
    if not cuts or not is_fleet(world, ran):
        return
    guard, stack, caps = world.policy["guard"], _stack(world), []
    for visit in ran.visits:
        known = (
            stack.known(visit.process, one, "disable") if visit.read else visit.process.unread[one, "disable"]
            for one in world.writers
        )
        earlier = sum(known)
        percent = 0 if visit.careful else share(guard["day_percent"], enabled_of_fleet(world, ran) + earlier)
        caps.append(max(0, max(guard["fleet_day_min"], percent) - earlier))
    if cuts > sum(caps):
        yield f"{cuts} disables over all routers in a day that has {caps} left"


def _judge_keys(world: World, ran: Ran) -> Iterator[str]:
    """What the bucket tells of a run is what the routers saw of it; a run that only plans tells nothing."""
    for visit in ran.visits:
        yield from _judge_form(ran, visit)
    told, made = _told(world, ran), _made(world, ran)
    for (router, kind), count in made.items():
        if (router, kind) in told and told[router, kind] < count:
            yield f"{router}: {count} of kind {kind} were made, and the bucket tells of {told[router, kind]}"
    if ran.runs > 1 or ran.killed or ran.mishap.told or ran.visits[0].careful:
        return
    for (router, kind), count in told.items():
        written = counted(world, ran, router).get(kind, set())
        if count > len(written):
            yield f"{router}: {len(written)} of kind {kind} without an approval, and the bucket tells of {count}"


def _judge_form(ran: Ran, visit: Visit) -> Iterator[str]:
    puts = [one for one in visit.operations if one.verb == "put"]
    # What a plan withholds may be approved; nobody is told of it.
    told = [one for one in puts if not one.key.startswith("plans/") or b'"tell":true' in one.body]
    if told and ran.event.action != "sync":
        yield f"{told[0].key} was put by the action {ran.event.action}"
    for one in puts:
        match = _KEY.fullmatch(one.key)
        if one.key.startswith("day/") and (match is None or match[1] != f"{visit.at:{STAMP}}" or one.body):
            yield f"not a key of the day {visit.at}: {one.key} {one.body!r}"


def _judge_responses(world: World, ran: Ran) -> Iterator[str]:
    """What a response says of the journal and of the day is so."""
    stack = _stack(world)
    for response in ran.responses:
        visit = next(one for one in ran.visits if one.run_id == response["run_id"])
        failed = visit.failed
        if response["journal"] == "off" or (failed and response["journal"] != "unavailable"):
            yield f"the response says that the journal is {response['journal']}; failed: {failed}"
        if response["journal"] == "unavailable" and not (ran.mishap.told or stack.lasting or visit.pressed):
            yield "the response says that the journal is unavailable, and nothing was wrong with it"
        for one in response["routers"]:
            if one["cuts_of_the_day"]:
                yield from _judge_shown(world, ran, visit, one["name"], one["cuts_of_the_day"])


def _judge_shown(world: World, ran: Ran, visit: Visit, router: str, day: Mapping[str, int]) -> Iterator[str]:
    """The cuts of the day and their limit, as a response shows them."""
    stack, guard = _stack(world), world.policy["guard"]
    known = stack.known(visit.process, router, "disable")
    now = len(counted(world, ran, router, made=True).get("disable", ())) if ran.runs == 1 else 0
    # Keys whose put was given up may have come while the run was reading.
    runs = {each.run_id for each in ran.visits}
    told = [count for key, count in stack.read_keys().items() if key[0] not in runs and key[1:] == (router, "disable")]
    most = max(known + now, sum(told) + len(counted(world, ran, router).get("disable", ())))
    if day["count"] < known + now or (day["count"] > most and not visit.process.untold):
        yield f"{router}: cuts of the day {day['count']}, but {known} earlier, {now} now, and at most {most}"
    limit = max(guard["day_min"], share(guard["day_percent"], enabled(world, router, ran.runs) + day["count"]))
    if day["limit"] > limit:
        yield f"{router}: the limit of the day is {day['limit']}, and at most {limit}"


def _told(world: World, ran: Ran) -> Counts:
    """What the bucket tells of these runs, whether or not they had an answer."""
    found: Counts = Counter()
    runs = {visit.run_id for visit in ran.visits}
    for (run_id, router, kind), count in _stack(world).read_keys().items():
        if run_id in runs:
            found[router, kind] += count
    return found


def _number(visit: Visit, router: str, kind: str, step: str, until: float) -> int:
    """The number in a key that a run put, and was answered, before a moment."""
    for one in visit.operations:
        match = _KEY.fullmatch(one.key) if one.verb == "put" and one.answered and one.time <= until else None
        if match and (unquote(match[2]), match[3], match[5]) == (router, kind, step):
            return int(match[6])
    return 0


def _stack(world: World) -> Stack:
    assert world.stack is not None
    return world.stack
