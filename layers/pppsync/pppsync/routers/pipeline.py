"""Writes to one router: many changes in flight, each with its session drops as one unit (R12, G6 to G8).

A unit is a generator that sends commands and yields the replies it waits for. Units of different secrets overlap, up
to a window; a secret has at most one unit at a time, so a drop never overtakes the write that it follows.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from pppsync.core.outcome import Outcome, Result
from pppsync.errors import RouterError
from pppsync.routers.pace import Pace
from pppsync.routers.steps import Units, commands_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pppsync.core.change import Batch
    from pppsync.core.policy import Policy
    from pppsync.net.deadline import Deadline
    from pppsync.routers.link import RouterLink
    from pppsync.routers.reply import Reply
    from pppsync.routers.steps import Unit

# How changes are written
#
# One change takes up to three round trips: write, read back, drop. A thousand changes one after the other would take
# minutes over a VPN, so up to 1,024 units are in flight on the one connection (`pace`). RouterOS promises no order
# between commands in flight, and a connection may end at any moment. These rules keep the result right all the same.
#
# 1. A unit sends its next command only after the answer to the one before. So a drop follows its write, and a new value
#    is read back before its session is dropped.
# 2. A secret has at most one unit in flight. Units of different secrets touch different rows: their order is free.
# 3. The next run sees and repairs a lost create or disable, and the lost drop of a disabled user. It cannot see the
#    lost drop for a new value, because the secret is right by then. Only `IN_HAND` such units may be in flight.
# 4. `drops_per_second` spaces the units that drop sessions: everybody who is dropped dials in again at once. The feed
#    has an order, so other changes wait behind them.
# 5. A unit begins only if the answers to all that is in flight are due before the last one that is waited for, at the
#    pace that the router shows. So a slow router ends a run with `deferred` and not with `unanswered`.
# 6. When the connection ends, units whose answers have all come are finished, those in flight are `unanswered`, and the
#    rest of the feed is `deferred`. Nothing is `applied` without an answer.

IN_HAND: Final = 32
"""Limit for changes whose drop is lost for good if the connection ends: new values of somebody online (R12)."""


class Feed(Protocol):
    """Gives the changes, in order."""

    def take(self, *, wait: bool) -> Batch | None:
        """Return the next batch. None means: nothing yet (wait=False), or finished (wait=True)."""


@dataclass(slots=True)
class _Running:
    batch: Batch
    unit: Unit
    unsent: int
    """Commands that the unit has still to send, if it goes as planned; below 0 if it sent more."""
    awaited: list[Reply]


class Applier:
    """Makes one pass over a feed of changes; waits for no answer beyond `finish`."""

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
        self._units = Units(link, read_secrets)
        self._report = report
        self._finish = finish
        self._running: dict[str, _Running] = {}
        self._pace = Pace()
        self._next_drop = 0.0

    def run(self, feed: Feed, start: Deadline) -> RouterError | None:
        """Begin every change whose turn comes before `start`. A lost connection defers the rest."""
        waiting: Batch | None = None
        try:
            while (waiting := feed.take(wait=not self._running)) or self._running:
                if waiting is None:
                    self._pump()
                    continue
                self._wait_for_secret(waiting)
                in_time = self._wait_for_turn(waiting, start) and self._wait_for_pace(waiting, start)
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

    def _begin(self, batch: Batch) -> None:
        commands = commands_of(batch)
        running = self._running[batch[0].name] = _Running(batch, self._units.steps(batch), commands, [])
        self._pace.begin(commands)
        self._advance(running)

    def _wait_for_secret(self, batch: Batch) -> None:
        """Wait until nothing of this secret is in flight, nor too much that no later run would repair."""
        while batch[0].name in self._running or (
            _drop_at_stake(batch) and sum(_drop_at_stake(one.batch) for one in self._running.values()) >= IN_HAND
        ):
            self._pump()

    def _wait_for_pace(self, batch: Batch, start: Deadline) -> bool:
        """Wait until the router's pace leaves room. Return False if that is too late, or the answers would be (G7)."""
        commands = commands_of(batch)
        while not (admitted := self._pace.admits(commands, self._finish.clock(), self._finish.at)) and self._running:
            self._pump()
        return admitted and start.left() > 0

    def _wait_for_turn(self, batch: Batch, start: Deadline) -> bool:
        """Hold drops to the pace of `drops_per_second`. Return False if the turn of this batch comes too late."""
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
        """Read what the router sends. Silence for `router_timeout` is an error, silence for `patience` is not."""
        if patience is not None:
            self._link.poll(patience)
        else:
            self._link.pump(self._finish.within(self._policy.router_timeout))
        answered = [one for one in self._running.values() if all(reply.done for reply in one.awaited)]
        if answered:
            self._pace.answered(sum(len(one.awaited) for one in answered), self._finish.clock())
        for running in answered:
            self._advance(running)

    def _settle(self) -> None:
        """Finish the units whose answers arrived before the connection was lost."""
        for running in list(self._running.values()):
            if running.awaited and all(reply.done for reply in running.awaited):
                with suppress(RouterError):
                    self._advance(running)

    def _advance(self, running: _Running) -> None:
        running.awaited = []
        try:
            running.awaited = next(running.unit)
            running.unsent -= len(running.awaited)
            self._pace.sent(len(running.awaited), self._finish.clock())
        except StopIteration as stop:
            del self._running[running.batch[0].name]
            self._pace.end(running.unsent)
            for outcome in stop.value:
                self._report(outcome)


def _drop_at_stake(batch: Batch) -> bool:
    """Return True if a lost connection loses the drop too. The next run repairs that of a disabled or moved secret."""
    return batch[0].read_back and bool(batch[0].sessions)
