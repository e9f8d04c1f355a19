"""The time of a run: sleeping takes none, it may jump, and the run may die at one of its ticks."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field


class KilledError(BaseException):
    """The function was ended from outside; nothing of ours catches it."""


@dataclass
class Clock:
    """Monotonic time in which sleeping takes none, that may jump, and at one of whose ticks the run dies."""

    jump_at: int = 0
    jump: float = 0.0
    kill_at: int = 0
    ticks: int = 0
    ahead: float = 0.0
    dead: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> float:
        """Now."""
        with self.lock:
            self.ticks += 1
            if self.dead or (self.kill_at and self.ticks >= self.kill_at):
                raise KilledError
            if self.ticks == self.jump_at:
                self.ahead += self.jump
            return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        """Be that much later."""
        with self.lock:
            self.ahead += seconds

    def die(self) -> None:
        """End the run at its next tick."""
        with self.lock:
            self.dead = True
