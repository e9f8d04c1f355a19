"""Passwords in the journal: none is overwritten before it is kept (G12), and none stands anywhere else (G10)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.faults.runs import Ran
    from lab.faults.stack import Visit
    from lab.faults.world import World
    from lab.simulators.routeros.journal import Sentence

_SECRET = re.compile(r"zq[0-9a-f]{12}qz")
_FORM = {"router", "name", "kind", "level", "client", "service", "old", "written"}


def judge_kept(world: World, ran: Ran) -> Iterator[str]:
    """Every password that a router held stands in the bucket before it is overwritten there."""
    if world.stack is None:
        return
    for visit in ran.visits:
        yield from _judge_objects(visit)
    kept = [(time, row) for visit in ran.visits for time, row in _kept(visit)]
    for router, writes in ran.writes.items():
        for write in writes:
            if write.command == "/ppp/secret/set" and "password" in write.words:
                yield from _judge_write(world, router, write, kept)


def _judge_objects(visit: Visit) -> Iterator[str]:
    """No password, key or token outside `passwords/`; there, one object a run, which is never overwritten."""
    for one in visit.operations:
        if one.verb != "put":
            continue
        name = f"passwords/{visit.at:%Y/%m/%d}/{visit.run_id}.json"
        if one.key.startswith("passwords/"):
            if one.key != name or not one.once:
                yield f"passwords in {one.key} for {name}, If-None-Match: {one.once}"
            found = _SECRET.findall(one.key)
        else:
            found = _SECRET.findall(one.key + one.body.decode("utf-8", "replace"))
        if found:
            yield f"the secret value {found[0]} stands in {one.key}"


def _kept(visit: Visit) -> Iterator[tuple[float, dict[str, Any]]]:
    """The passwords that a run put and was answered for, each with the time of that."""
    for one in visit.operations:
        if one.verb == "put" and one.answered and one.key.startswith("passwords/"):
            for row in json.loads(one.body)["passwords"]:
                yield one.time, row


def _judge_write(world: World, router: str, write: Sentence, kept: list[tuple[float, dict[str, Any]]]) -> Iterator[str]:
    number, value = write.words.get(".id", ""), write.words["password"]
    held = [
        (row["name"], row["password"]) for each in world.moments for row in each.held[router] if row[".id"] == number
    ]
    if not held:
        return
    mine = [(time, row) for time, row in kept if row["router"] == router and (row["name"], row["old"]) in held]
    if any(time <= write.time and row.keys() == _FORM and row["written"] == value for time, row in mine):
        return
    yield f"{router}: the password of {held[0][0]!r} was overwritten before it was kept, {len(mine)} are kept now"
