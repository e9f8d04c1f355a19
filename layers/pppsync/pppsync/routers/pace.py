"""Pure: learns how fast one router answers, and limits what is under way so that every answer comes in time (G7).

Every `now` is a moment on one monotonic clock, which the caller reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# How the pace is measured
#
# A router works through its commands one after the other, at the far end of a line with a round trip. Some take 0.1 ms
# a command, some 100 ms, and some change from one to the other in the middle of a run.
#
# A measurement counts the commands under way when one is sent, and takes the time until as many are answered. Time by
# number is never less than what the router takes for a command, whatever the line adds and in whatever order the
# answers come. On a fast router nearly all of that time is the line's. Then the limit rises, more commands are under
# way in the next measurement, and the time for each falls. So the limit grows within a few round trips to what the
# router can really do, and on a slow router it stays where it is.

FIRST: Final = 32
"""Units under way until the first measurement ends."""
WINDOW: Final = 1024
"""Units under way: what a router has to buffer, and what may be unanswered if it goes down."""
_AHEAD: Final = 2.0
"""Seconds of work that a router is given in advance: enough for any line, and little is lost if it slows down."""
_ROUND_TRIPS_AHEAD: Final = 4
"""The same in round trips, for a line with a very long one."""
_TRIPS: Final = 3
"""Round trips of the longest unit: write, read back, drop."""
_UNKNOWN: Final = 0.5
"""Seconds that a command is taken to last until the first measurement ends."""
_THROTTLED: Final = 0.02
"""Seconds that a command may take soon: RouterOS was seen to go from 1 ms to this after some 150 commands."""


@dataclass(slots=True)
class _Measurement:
    """Begins with the last command before the first answer; `commands` were under way then."""

    since: float
    commands: int
    answered: int = 0


class Pace:
    """What is under way on one connection, and how long its answers take."""

    def __init__(self) -> None:
        self._units = 0
        self._sent = 0
        self._promised = 0
        self._seconds: float | None = None
        self._latency = 0.0
        self._woken: float | None = None
        self._measurement: _Measurement | None = None

    def admits(self, commands: int, now: float, until: float) -> bool:
        """Return True if a unit of so many commands may begin: all that is under way then is due before `until`.

        One unit may always begin if nothing is known yet and nothing is under way.
        """
        if not self._units:
            return self._seconds is None or self._due(commands, now) <= until
        return self._has_room(commands, now) and self._due(commands, now) <= until

    def begin(self, commands: int) -> None:
        """Count a unit that will send so many commands."""
        self._units += 1
        self._promised += commands

    def end(self, commands: int) -> None:
        """Count a unit as ended that has sent so many commands less than it was to send (below 0: more)."""
        self._units -= 1
        self._promised -= commands

    def sent(self, commands: int, now: float) -> None:
        """Count commands that were sent."""
        if not self._sent:
            self._woken = now
        self._sent += commands
        self._promised -= commands
        if self._measurement is None or not self._measurement.answered:
            self._measurement = _Measurement(now, self._sent)

    def answered(self, commands: int, now: float) -> None:
        """Count commands whose answers are complete."""
        self._sent -= commands
        if self._woken is not None:
            self._latency, self._woken = now - self._woken, None
        running = self._measurement
        if running is None:
            return
        running.answered += commands
        if running.answered >= running.commands:
            self._seconds, self._measurement = (now - running.since) / running.commands, None

    def _has_room(self, commands: int, now: float) -> bool:
        if self._seconds is None:
            return self._units < FIRST
        work = (self._work + commands) * self._pace(now)
        return self._units < WINDOW and work <= max(_AHEAD, _ROUND_TRIPS_AHEAD * self._latency)

    def _due(self, commands: int, now: float) -> float:
        """Return when everything is answered that is under way with these commands."""
        return now + _TRIPS * self._latency + (self._work + commands) * max(self._pace(now), _THROTTLED)

    @property
    def _work(self) -> int:
        """The commands that are not answered yet, and those that the units under way will send."""
        return self._sent + max(self._promised, 0)

    def _pace(self, now: float) -> float:
        """Return the seconds that a command takes: as measured last, or longer if the answers are late by now."""
        if self._seconds is None:
            return _UNKNOWN
        running = self._measurement
        if running is None:
            return self._seconds
        return max(self._seconds, (now - running.since - self._latency) / max(running.answered, 1))
