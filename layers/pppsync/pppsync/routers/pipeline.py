"""Writes to one router: many changes in flight, each with its session drops as one unit (R12, G6 to G8).

A unit is a generator that sends commands and yields the replies it waits for. Units of different secrets overlap, up
to a window; a secret has at most one unit at a time, so a drop never overtakes the write that it follows.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from pppsync.core.change import VALUE_KINDS, batches
from pppsync.core.outcome import Outcome, Result
from pppsync.errors import RouterError
from pppsync.routers.steps import Units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pppsync.core.change import Batch, Change
    from pppsync.core.policy import Policy
    from pppsync.net.deadline import Deadline
    from pppsync.routers.link import RouterLink
    from pppsync.routers.reply import Reply
    from pppsync.routers.steps import Unit

WINDOW: Final = 1024
"""Units in flight; what a router has to keep in mind of us, and what may be unanswered if it goes down."""
IN_HAND: Final = 32
"""Of these, units with a drop that no later run would see is missing: new values for somebody online (R12)."""


class Feed(Protocol):
    """Where the changes come from, in order."""

    def take(self, *, wait: bool) -> Batch | None:
        """What comes next; None if there is nothing at the moment or, having waited, nothing any more."""


class Changes:
    """A feed of changes that are all known."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._batches = deque(batches(changes))

    def take(self, *, wait: bool) -> Batch | None:  # noqa: ARG002 - there is nothing to wait for
        """The next batch, None at the end."""
        return self._batches.popleft() if self._batches else None


@dataclass(slots=True)
class _Running:
    batch: Batch
    unit: Unit
    awaited: list[Reply]


class Applier:
    """One pass over a feed of changes; no answer is waited for beyond `finish`."""

    def __init__(
        self,
        link: RouterLink,
        policy: Policy,
        read_secrets: Iterable[str],
        finish: Deadline,
        report: Callable[[Outcome], None],
    ) -> None:
        self._link = link
        self._policy = policy
        self._units = Units(link, policy, read_secrets)
        self._report = report
        self._finish = finish
        self._running: dict[str, _Running] = {}
        self._next_drop = 0.0

    def run(self, feed: Feed, start: Deadline) -> RouterError | None:
        """Begin every change that has its turn before `start`; a lost connection defers the rest."""
        waiting: Batch | None = None
        try:
            while (waiting := feed.take(wait=not self._running)) or self._running:
                if waiting is None:
                    self._pump()
                    continue
                self._make_room(waiting)
                in_time = self._wait_for_turn(waiting, start)
                batch, waiting = waiting, None
                if in_time:
                    self._begin(batch)
                else:
                    self._report_all(batch, Result.DEFERRED, "", "no time left in this run")
        except RouterError as error:
            self._settle()
            for running in self._running.values():
                self._report_all(running.batch, Result.UNANSWERED, error.code, error.detail)
            while left := waiting or feed.take(wait=True):
                waiting = None
                self._report_all(left, Result.DEFERRED, error.code, error.detail)
            return error
        return None

    def _report_all(self, batch: Batch, result: Result, reason: str, detail: str) -> None:
        for change in batch:
            self._report(Outcome(change, result, reason, detail))

    def _make_room(self, batch: Batch) -> None:
        while (
            len(self._running) >= WINDOW
            or batch[0].name in self._running
            or (_drop_at_stake(batch) and sum(_drop_at_stake(one.batch) for one in self._running.values()) >= IN_HAND)
        ):
            self._pump()

    def _begin(self, batch: Batch) -> None:
        running = self._running[batch[0].name] = _Running(batch, self._units.steps(batch), [])
        self._advance(running)

    def _wait_for_turn(self, batch: Batch, start: Deadline) -> bool:
        """Hold drops to the pace of `drops_per_second`; False if the turn of this batch comes too late."""
        turn = start.clock()
        pace = self._policy.drops_per_second
        drops = len(batch[0].sessions) if pace else 0
        if drops:
            turn = max(turn, self._next_drop)
        if turn >= start.at:
            return False
        if drops:
            self._next_drop = turn + drops / pace
        while (left := turn - start.clock()) > 0:
            if self._running:
                self._pump(left)
            else:
                start.sleep(left)
        return True

    def _pump(self, patience: float | None = None) -> None:
        """Take in what the router sends; silence for `router_timeout` is a fault, for `patience` none."""
        if patience is not None:
            self._link.poll(patience)
        else:
            self._link.pump(self._finish.within(self._policy.router_timeout))
        for running in list(self._running.values()):
            if all(reply.done for reply in running.awaited):
                self._advance(running)

    def _settle(self) -> None:
        """Take in the answers that came before the connection ended; a unit that would have to go on cannot."""
        for running in list(self._running.values()):
            if running.awaited and all(reply.done for reply in running.awaited):
                with suppress(RouterError):
                    self._advance(running)

    def _advance(self, running: _Running) -> None:
        running.awaited = []
        try:
            running.awaited = next(running.unit)
        except StopIteration as stop:
            del self._running[running.batch[0].name]
            for outcome in stop.value:
                self._report(outcome)


def _drop_at_stake(batch: Batch) -> bool:
    """True if the drop would be lost with the connection; one for a disabled or moved secret, the next run repairs."""
    return batch[0].kind in VALUE_KINDS and bool(batch[0].sessions)
