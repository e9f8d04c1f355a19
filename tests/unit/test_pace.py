"""The window follows the router: how many units are under way, and that every answer comes in time (G7)."""

from __future__ import annotations

import pytest

from pppsync.routers.pace import FIRST, WINDOW, Pace
from tests.unit.pace_router import Client

WRITE_AND_LOOK = (2,)
WITH_A_DROP = (1, 2, 1)


def wrote(seconds: float, round_trip: float, *, units: int, start: float = 12.0) -> Client:
    """Units written to a router that takes so long for each command, with 7 s for answers after the last beginning."""
    client = Client(lambda _: seconds, round_trip, start, start + 7)
    client.write([WRITE_AND_LOOK] * units)
    return client


def test_the_window_begins_small() -> None:
    """Until the first measurement ends nobody knows what the router can take."""
    pace = Pace()
    for number in range(FIRST):
        assert pace.admits(1, 0.0, 1000.0), number
        pace.begin(1)
        pace.sent(1, 0.0)
    assert not pace.admits(1, 0.0, 1000.0)


def test_with_little_time_left_it_begins_smaller() -> None:
    """An unknown router is taken to need half a second for a command."""
    assert wrote(0.4, 0.05, units=400, start=3.0).most == 10


def test_a_first_unit_begins_whatever_the_time() -> None:
    """Else a router that nothing is known of would never be written in a short run."""
    assert Pace().admits(9, 0.0, 0.1)


@pytest.mark.parametrize("round_trip", [0.05, 0.15, 0.3])
def test_a_fast_router_has_the_whole_window_within_five_round_trips(round_trip: float) -> None:
    """On a fast router the time is the line's, so many units have to be under way."""
    client = wrote(0.0, round_trip, units=4000, start=100.0)
    assert client.most == WINDOW
    assert client.reached[WINDOW] <= 5 * round_trip
    assert client.now <= 7 * round_trip


@pytest.mark.parametrize("round_trip", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("seconds", [0.0002, 0.001, 0.01, 0.1])
def test_a_slow_router_is_never_kept_waiting(seconds: float, round_trip: float) -> None:
    """It writes without a break, but for the first few round trips."""
    client = wrote(seconds, round_trip, units=800, start=300.0)
    assert client.applied == 800
    assert client.now <= 1600 * seconds + 5 * round_trip


def test_a_router_of_100_ms_a_write_ends_deferred_and_not_unanswered() -> None:
    """400 changes with 22 s left: what it can do in 12 s is done, all of it is answered, the rest waits."""
    client = Client(lambda number: 0.1 if number % 2 else 0.0, 0.05, 12.0, 19.0)
    client.write([WRITE_AND_LOOK] * 400)
    assert client.unanswered == 0
    assert 115 <= client.applied <= 145
    assert client.applied + client.deferred == 400


@pytest.mark.parametrize("at", [40, 150, 1000, 3500, 9000])
def test_a_router_that_throttles_in_the_middle_leaves_nothing_unanswered(at: int) -> None:
    """RouterOS was seen to go from 1 ms a command to 20 ms."""
    client = Client(lambda number: 0.001 if number < at else 0.02, 0.05, 12.0, 19.0)
    client.write([WRITE_AND_LOOK] * 20_000)
    assert client.unanswered == 0
    assert client.deferred > 0


@pytest.mark.parametrize("at", range(5, 100, 10))
def test_a_slow_router_that_becomes_three_times_slower_leaves_nothing_unanswered(at: int) -> None:
    """It is given no more than some two seconds of work in advance."""
    client = Client(lambda number: 0.1 if number < at else 0.3, 0.05, 12.0, 19.0)
    client.write([WRITE_AND_LOOK] * 400)
    assert client.unanswered == 0


def test_a_router_that_stalls_gets_no_more() -> None:
    """What is under way then stays unanswered; nothing is sent after it."""
    client = Client(lambda number: 0.1 if number < 90 else 1000.0, 0.05, 30.0, 37.0)
    client.write([WITH_A_DROP] * 400)
    assert 1 <= client.unanswered <= 6
    assert client.served <= 90 + 4 * client.unanswered


def test_late_answers_slow_down_what_is_sent_before_the_measurement_ends() -> None:
    """100 commands took 0.1 s; the next 100 have not come after 1 s, so they may take a while."""
    pace = Pace()
    for moment in (0.0, 0.1):
        pace.begin(100)
        pace.sent(100, moment)
        if not moment:
            pace.answered(100, 0.1)
            pace.end(0)
    assert pace.admits(100, 0.2, 10.0)
    assert not pace.admits(100, 1.2, 10.0)
    pace.answered(50, 1.2)
    assert pace.admits(100, 1.2, 10.0)


def test_a_unit_that_cannot_be_answered_in_time_does_not_begin() -> None:
    """Also where nothing else is under way: it is deferred."""
    pace = Pace()
    pace.begin(1)
    pace.sent(1, 0.0)
    pace.answered(1, 2.0)
    pace.end(0)
    assert pace.admits(1, 2.0, 11.0)
    assert not pace.admits(2, 2.0, 11.0)


def test_commands_that_a_unit_has_still_to_send_are_under_way() -> None:
    """A write that is answered in time and a drop that is not would be half a unit (R12)."""
    pace = Pace()
    pace.begin(10)
    pace.sent(1, 0.0)
    pace.answered(1, 1.0)
    pace.sent(1, 1.0)
    assert not pace.admits(1, 1.0, 13.0)
    pace.end(8)
    pace.answered(1, 1.5)
    assert pace.admits(1, 1.5, 13.0)


def test_a_unit_that_sends_more_than_foreseen_leaves_no_trace() -> None:
    """Somebody dialled in meanwhile and is dropped too; afterwards nothing is under way."""
    pace = Pace()
    pace.begin(2)
    pace.sent(2, 0.0)
    pace.answered(2, 0.2)
    pace.sent(3, 0.2)
    assert pace.admits(10, 0.2, 3.0)
    assert not pace.admits(30, 0.2, 3.0)
    pace.answered(3, 0.3)
    pace.end(-3)
    assert pace.admits(70, 0.3, 3.0)
    assert not pace.admits(73, 0.3, 3.0)
