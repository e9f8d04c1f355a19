"""A model of one router at the end of a line, and a client that keeps to a `Pace`: no threads, no sockets, no clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pppsync.routers.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

type Unit = tuple[int, ...]
"""The commands of each step."""


@dataclass
class Running:
    """A unit under way: when its step is answered, how many commands that has, and what comes then."""

    due: float
    commands: int
    later: deque[int]
    promised: int


@dataclass
class Client:
    """Writes units to a router that takes `seconds(number)` for a command, one after the other."""

    seconds: Callable[[int], float]
    round_trip: float
    start: float
    until: float
    now: float = 0.0
    served: int = 0
    answered: int = 0
    applied: int = 0
    deferred: int = 0
    unanswered: int = 0
    most: int = 0
    most_before_an_answer: int = 0
    reached: dict[int, float] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)
    _free_at: float = 0.0
    _running: list[Running] = field(default_factory=list)

    def write(self, units: Sequence[Unit]) -> None:
        """Write them as the pipeline does: in order, each as soon as it is admitted, else deferred."""
        waiting = deque(units)
        while waiting or self._running:
            if waiting and self.now < self.start and self.pace.admits(sum(waiting[0]), self.now, self.until):
                self._begin(waiting.popleft())
            elif waiting and (self.now >= self.start or not self._running):
                waiting.popleft()
                self.deferred += 1
            elif not self._pump():
                self.unanswered, self._running = len(self._running), []
                self.deferred += len(waiting)
                return

    def _begin(self, unit: Unit) -> None:
        self.pace.begin(sum(unit))
        running = Running(0.0, 0, deque(unit), sum(unit))
        self._running.append(running)
        self._send(running)
        self.most = max(self.most, len(self._running))
        self.reached.setdefault(len(self._running), self.now)
        if not self.answered:
            self.most_before_an_answer = max(self.most_before_an_answer, len(self._running))

    def _send(self, running: Running) -> None:
        running.commands = running.later.popleft()
        running.promised -= running.commands
        for _ in range(running.commands):
            self.served += 1
            begun = max(self._free_at, self.now + self.round_trip / 2)
            self._free_at = begun + self.seconds(self.served)
        running.due = self._free_at + self.round_trip / 2
        self.pace.sent(running.commands, self.now)

    def _pump(self) -> bool:
        """Go on to the next answer; False if it comes too late."""
        moment = min(one.due for one in self._running)
        if moment > self.until:
            return False
        self.now = max(self.now, moment)
        answered = [one for one in self._running if one.due <= self.now]
        self.answered += sum(one.commands for one in answered)
        self.pace.answered(sum(one.commands for one in answered), self.now)
        for one in answered:
            if one.later:
                self._send(one)
            else:
                self._running.remove(one)
                self.pace.end(one.promised)
                self.applied += 1
        return True
