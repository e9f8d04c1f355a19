"""Tells how long a run, or one router's part of it, may still take."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on a monotonic clock; `clock` and `sleep` are arguments so that tests need not wait."""

    at: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Self:
        """Return the moment `seconds` from now."""
        return cls(clock() + seconds, clock)

    def left(self) -> float:
        """Return the seconds until the deadline, negative after it."""
        return self.at - self.clock()

    def within(self, seconds: float) -> Deadline:
        """Return the earlier of this deadline and `seconds` from now."""
        return Deadline(min(self.at, self.clock() + seconds), self.clock, self.sleep)

    def before(self, seconds: float) -> Deadline:
        """Return a deadline earlier by `seconds`."""
        return Deadline(self.at - seconds, self.clock, self.sleep)
