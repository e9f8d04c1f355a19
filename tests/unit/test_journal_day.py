"""How many changes of a kind each router had in the last 24 hours, told by keys: G13."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pppsync.core.change import Kind
from pppsync.journal import day
from pppsync.journal.day import Entry

if TYPE_CHECKING:
    from random import Random

NOW = datetime(2026, 11, 25, 9, 30, 15, tzinfo=UTC)


def entry(
    *, ago: timedelta = timedelta(hours=1), router: str = "tower-1", kind: Kind = Kind.DISABLE, run: str = "run-1"
) -> Entry:
    """What a run made on a router so long ago."""
    return Entry(NOW - ago, router, kind, run)


def test_the_keys_are_those_of_the_contract() -> None:
    """Section 7: time, router, kind, run and count stand in the key; the time is UTC, names are percent-encoded."""
    local = NOW.astimezone(timezone(timedelta(hours=6)))

    assert entry().planned(12) == "day/20261125T083015Z/tower-1/disable/run-1-planned-12"
    assert entry().done(0) == "day/20261125T083015Z/tower-1/disable/run-1-done-0"
    assert Entry(local, "a/b щ%", Kind.PASSWORD, "r").planned(1).startswith("day/20261125T093015Z/a%2Fb%20%D1%89%25/")
    assert day.start_after(local) == "day/20261124T093015Z"


def test_what_was_done_replaces_what_was_planned() -> None:
    """G13: a run that ended counts with what it did, also if that is nothing; one that was killed with its plan."""
    keys = [entry(run="a").planned(9), entry(run="a").done(4), entry(run="b").planned(7), entry(run="c").planned(5)]

    assert day.count([*keys, entry(run="c").done(0)], NOW).counts == {("tower-1", Kind.DISABLE): 11}


def test_routers_and_kinds_are_counted_apart() -> None:
    """G13: each router has its own count, and so has each kind; names come back as they are."""
    parts = [
        ("a/b", Kind.DISABLE, 1),
        ("Башня %2F", Kind.DISABLE, 2),
        ("..", Kind.PROFILE, 3),
        ("a/b", Kind.PROFILE, 4),
    ]

    found = day.count([entry(router=router, kind=kind).done(count) for router, kind, count in parts], NOW)

    assert found.counts == {(router, kind): count for router, kind, count in parts}
    assert found.malformed == 0


def test_only_24_hours_count() -> None:
    """G13: what is a second older than 24 hours is over, whether or not the listing left it out."""
    keys = [
        entry(ago=timedelta(hours=24), run="in").done(3),
        entry(ago=timedelta(hours=24, seconds=1), run="out").done(5),
    ]

    assert day.count(keys, NOW).counts == {("tower-1", Kind.DISABLE): 3}
    assert [key > day.start_after(NOW) for key in keys] == [True, False]


def test_a_key_of_the_future_counts() -> None:
    """G13: if a clock was set back, what was done before that still counts."""
    assert day.count([entry(ago=timedelta(days=-2)).done(3)], NOW).counts == {("tower-1", Kind.DISABLE): 3}


@pytest.mark.parametrize(
    "key",
    [
        "",
        "day/",
        "day/20261125T083015Z/tower-1/disable/run-1-planned-",
        "day/20261125T083015Z/tower-1/disable/run-1-planned--1",
        "day/20261125T083015Z/tower-1/disable/run-1-planned-1x",
        "day/20261125T083015Z/tower-1/disable/run-1-planned-1\n",
        "day/20261125T083015Z/tower-1/disable/run-1-planned-9999999999",
        "day/20261125T083015Z/tower-1/disable/run-1-planned-\u0661",
        "day/20261125T083015Z/tower-1/disable/run-1-began-1",
        "day/20261125T083015Z/tower-1/no_such_kind/run-1-done-1",
        "day/20261125T083015Z/tower/1/disable/run-1-done-1",
        "day/20261125T083015Z//disable/run-1-done-1",
        "day/2026-11-25/tower-1/disable/run-1-done-1",
        "plans/20261125T083015Z/tower-1/disable/run-1-done-1",
    ],
)
def test_a_malformed_key_is_ignored_and_counted(key: str) -> None:
    """G13: a key that no release of ours put changes no count, and is seen."""
    found = day.count([key, entry().done(2)], NOW)

    assert (found.counts, found.malformed) == ({("tower-1", Kind.DISABLE): 2}, 1)


runs = st.dictionaries(
    st.tuples(
        st.sampled_from(["run-1", "run-2", "9-planned-1", "x-done-7"]),
        st.sampled_from(["tower-1", "a/b", "..", "Башня"]),
        st.sampled_from([Kind.DISABLE, Kind.PROFILE]),
    ),
    st.tuples(st.integers(0, 99), st.none() | st.integers(0, 99), st.integers(0, 86_399)),
    max_size=12,
)
"""By run, router and kind: planned, done or None, and how many seconds ago it began."""


def test_a_run_that_is_started_twice_counts_twice() -> None:
    """G13: Lambda gives a killed run its id again; what the first start made must not vanish behind the second's."""
    first, again = (Entry(NOW - timedelta(minutes=ago), "tower-1", Kind.DISABLE, "run-1") for ago in (9, 4))
    found = day.count([first.planned(9), again.planned(3), again.done(3)], NOW)
    assert found.counts == {("tower-1", Kind.DISABLE): 12}


@given(runs, st.randoms())
def test_the_count_depends_on_nothing_but_the_runs(
    made: dict[tuple[str, str, Kind], tuple[int, int | None, int]], random: Random
) -> None:
    """G13: whatever the order and however often a key is listed, a run counts once."""
    keys: list[str] = []
    expected: dict[tuple[str, Kind], int] = {}
    for (run, router, kind), (planned, done, ago) in made.items():
        entry = Entry(NOW - timedelta(seconds=ago), router, kind, run)
        keys.append(entry.planned(planned))
        if done is not None:
            keys.append(entry.done(done))
        expected[router, kind] = expected.get((router, kind), 0) + (planned if done is None else done)
    keys += random.sample(keys, random.randint(0, len(keys)))
    random.shuffle(keys)

    assert day.count(keys, NOW) == day.DayCounts(expected)


@given(st.lists(st.text(max_size=60)))
def test_no_key_breaks_the_count(keys: list[str]) -> None:
    """G13: whatever stands in the bucket, the count does not fail."""
    assert day.count([f"day/{key}" for key in keys], NOW).malformed == len(keys)
