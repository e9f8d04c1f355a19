"""The laws of the window, on a model of a router that takes its time (G7)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pppsync.routers.pace import FIRST, WINDOW
from tests.unit.pace_router import Client

RESERVED = 7.0
"""Seconds between the last beginning of a unit and the last answer that is waited for."""

steps = st.sampled_from([(1,), (2,), (1, 2, 1), (1, 2), (2, 1), (1, 2, 5), (3, 2, 1), (1, 3, 2, 1)])
units = st.lists(steps, max_size=30).flatmap(lambda some: st.integers(1, 40).map(lambda times: some * times))
round_trips = st.floats(0.0, 0.3)
starts = st.floats(0.1, 30.0)


@given(st.floats(0.0, 0.4), round_trips, starts, units)
def test_a_router_of_constant_pace_answers_everything(
    seconds: float, round_trip: float, start: float, work: list[tuple[int, ...]]
) -> None:
    """Whatever its pace, the line and the time that is left: what begins is answered, the rest is deferred."""
    client = Client(lambda _: seconds, round_trip, start, start + RESERVED)
    client.write(work)
    assert client.unanswered == 0
    assert client.applied + client.deferred == len(work)


@given(st.lists(st.floats(0.0, 0.5), min_size=1, max_size=40), round_trips, starts, units)
def test_no_more_is_under_way_than_allowed(
    paces: list[float], round_trip: float, start: float, work: list[tuple[int, ...]]
) -> None:
    """However the router's pace changes, and nothing is counted twice."""
    client = Client(lambda number: paces[number // 20 % len(paces)], round_trip, start, start + RESERVED)
    client.write(work)
    assert client.most <= WINDOW
    assert client.most_before_an_answer <= FIRST
    assert client.applied + client.deferred + client.unanswered == len(work)


@given(st.floats(0.0, 0.02), round_trips, st.integers(100, 1500), st.sampled_from([(1,), (2,), (1, 2, 1)]))
def test_the_full_pace_is_reached_within_a_few_round_trips(
    seconds: float, round_trip: float, count: int, unit: tuple[int, ...]
) -> None:
    """With time enough, all is written in what the router needs, and a few round trips for each window."""
    client = Client(lambda _: seconds, round_trip, 500.0, 507.0)
    client.write([unit] * count)
    windows = len(unit) * (1 + count // WINDOW)
    assert client.applied == count
    assert client.now <= count * sum(unit) * seconds * 1.05 + (5 + 2 * windows) * round_trip + 0.001
