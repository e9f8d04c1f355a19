"""Deadlines on a clock that the test moves."""

from __future__ import annotations

import time

from pppsync.net.deadline import Deadline


class Clock:
    """A clock that stands still until it is moved, and a sleep that moves it."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        """The time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def test_the_time_left_shrinks_and_goes_below_zero() -> None:
    """G7: the time left shrinks with the clock and is negative afterwards."""
    clock = Clock(100)
    deadline = Deadline.after(30, clock)
    left = [deadline.left()]
    for seconds in (10, 20, 5):
        clock.sleep(seconds)
        left.append(deadline.left())
    assert left == [30, 20, 0, -5]


def test_a_part_never_outlasts_the_whole() -> None:
    """G7: a part may take so long, but never longer than the whole."""
    clock = Clock(100)
    whole = Deadline(130, clock, clock.sleep)
    assert whole.within(10) == Deadline(110, clock, clock.sleep)
    assert whole.within(60) == whole
    clock.sleep(25)
    assert whole.within(10) == whole


def test_no_unit_starts_in_the_last_ten_seconds() -> None:
    """G7: no unit starts in the last 10 s."""
    clock = Clock(100)
    start = Deadline(130, clock, clock.sleep).before(10)
    assert start == Deadline(120, clock, clock.sleep)
    start.sleep(20)
    assert start.left() == 0


def test_the_default_clock_is_monotonic() -> None:
    """G7: by default the clock is monotonic: a corrected system time moves no deadline."""
    deadline = Deadline.after(60)
    assert (deadline.clock, deadline.sleep) == (time.monotonic, time.sleep)
    assert 59 < deadline.left() <= 60
