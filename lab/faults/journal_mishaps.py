"""What goes wrong at the journal: out of reach, refused by prefix, slow, half-written, a run that dies between keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.faults.bucket import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from lab.faults.bucket import Verb
    from lab.faults.mishap import Mishap
    from lab.faults.world import World

PARTS: tuple[tuple[Verb, str], ...] = (
    *(("list", "day/"), ("put", "day/"), ("put", "-planned-"), ("put", "-done-"), ("put", "passwords/")),
    *(("put", "/tower-1/"), ("put", "/disable/"), ("put", ""), ("get", "")),
)


def _out_of_reach(rng: Random) -> Trouble:
    return Trouble(rng.choice(("unreachable", "busy")), nth=rng.choice((1, 1, 2, 3)))


def _refused(rng: Random) -> Trouble:
    verb, part = rng.choice(PARTS)
    return Trouble(rng.choice(("refused", "refused", "garbled")), verb, part)


def _half_written(rng: Random) -> Trouble:
    verb, part = rng.choice(PARTS)
    return Trouble(rng.choice(("lost", "repeated")), verb, part, rng.randint(1, 2), rng.choice((1, None)))


def _slow(rng: Random) -> Trouble:
    verb, part = rng.choice(PARTS)
    return Trouble("slow", verb, part, rng.randint(1, 2), rng.choice((1, None)), rng.choice((0.5, 2.0, 4.9, 6.0)))


def _hangs(rng: Random) -> Trouble:
    verb, part = rng.choice(PARTS)
    return Trouble("hangs", verb, part)


def _killed(rng: Random) -> Trouble:
    part = rng.choice(("-planned-", "-done-", "-done-", "passwords/"))
    return Trouble("killed", "put", part, rng.randint(1, 2), applied=rng.random() < 0.5)


_TROUBLES: tuple[Callable[[Random], Trouble], ...] = (
    *(_out_of_reach, _out_of_reach, _refused, _refused, _half_written, _half_written, _slow, _hangs, _killed, _killed),
)


def journal_mishaps(world: World, rng: Random, mishap: Mishap) -> None:
    """Put up to two things in the way of the next run's journal."""
    stack = world.stack
    if stack is None:
        return
    stack.troubles = [rng.choice(_TROUBLES)(rng) for _ in range(rng.choice((0, 0, 1, 1, 2)))]
    stack.hanging = any(one.how == "hangs" for one in stack.troubles)
    mishap.told += map(str, (*stack.troubles, *stack.lasting))


def for_good(rng: Random) -> Trouble:
    """Return what keeps a journal from one whole run."""
    refused = [Trouble("refused", "list"), Trouble("refused", "put"), Trouble("refused", "put", "day/")]
    return rng.choice((Trouble("unreachable"), *refused, Trouble("slow", "list", seconds=6.0), Trouble("lost", "put")))
