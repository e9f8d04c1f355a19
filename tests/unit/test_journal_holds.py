"""How long a hold may be, how it is kept, and which routers are on hold now: G14."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pppsync.core.hold import LONGEST, Hold, duration
from pppsync.journal import holds
from pppsync.journal.forms import MalformedError

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
HOLD = Hold(NOW + timedelta(hours=2), "arn:aws:iam::123456789012:user/anna", "tower moves")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("1m", 1), ("30m", 30), ("2h", 120), ("7d", 10_080), ("30d", 43_200), ("720h", 43_200), ("43200m", 43_200)],
)
def test_a_duration_is_a_number_and_a_unit(text: str, minutes: int) -> None:
    """G14: `for` is a whole number of minutes, hours or days."""
    assert duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0m",
        "2",
        "h",
        "2 h",
        " 2h",
        "2h\n",
        "-1h",
        "1.5h",
        "2H",
        "2w",
        "02h",
        "٢h",
        "31d",
        "721h",
        "43201m",
        "9" * 99 + "d",
    ],
)
def test_any_other_duration_is_refused_in_a_sentence(text: str) -> None:
    """G14: nothing above 30 days, nothing of no length, and the fault says what is right."""
    with pytest.raises(ValueError, match=r'^must be a whole number and m, h or d, such as "30m".*at most 30d$'):
        duration(text)


def test_the_keys_and_bodies_are_those_of_the_contract() -> None:
    """Section 7: one object for all routers and one for each; the end is UTC ISO 8601."""
    local = Hold(HOLD.until.astimezone(timezone(timedelta(hours=-5))), "anna", "щ")

    assert (holds.key(None), holds.key("a/b.1")) == ("holds/all", "holds/router/a%2Fb.1.json")
    assert holds.key("..") == "holds/router/%2E%2E.json"
    assert holds.encode(local) == b'{"until":"2026-11-25T11:30:00Z","by":"anna","why":"\\u0449"}'


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.text(),
    st.text(),
)
def test_a_hold_survives_its_object(until: datetime, by: str, why: str) -> None:
    """G14: what was put comes back, to the second."""
    hold = Hold(until.replace(microsecond=0), by, why)

    assert holds.decode(holds.encode(hold)) == hold


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"until":"2026-11-25T11:30:00Z","by":"a"}',
        b'{"until":"2026-11-25T11:30:00Z","by":"a","why":"b","more":1}',
        b'{"until":"2026-11-25T11:30:00Z","by":1,"why":"b"}',
        b'{"until":"2026-11-25T11:30:00","by":"a","why":"b"}',
        b'{"until":"2026-11-25T11:30:00+01:00","by":"a","why":"b"}',
        b'{"until":"2026-13-25T11:30:00Z","by":"a","why":"b"}',
        b'{"until":"tomorrow","by":"a","why":"b"}',
        b'{"until":1764070200,"by":"a","why":"b"}',
    ],
)
def test_a_malformed_body_is_a_hold_too(body: bytes) -> None:
    """G14: somebody wanted to stop, so a body that cannot be read stops its router, and says which object it is."""
    with pytest.raises(MalformedError):
        holds.decode(body)
    found = holds.read({"holds/router/tower-1.json": body}, NOW)
    hold = found.of("tower-1", NOW)

    assert found.malformed == ("holds/router/tower-1.json",)
    assert hold is not None
    assert hold.until == NOW + LONGEST
    assert hold.why.startswith("the object holds/router/tower-1.json cannot be read (")
    assert found.of("tower-2", NOW) is None


def test_a_hold_ends_by_itself() -> None:
    """G14: a router is on hold until the moment that the hold names, and not at it."""
    found = holds.read({"holds/router/tower-1.json": holds.encode(HOLD)}, NOW)

    assert found.of("tower-1", HOLD.until - timedelta(seconds=1)) == HOLD
    assert found.of("tower-1", HOLD.until) is None


def test_a_hold_over_all_holds_every_router() -> None:
    """G14: routers without a hold of their own too; of two holds the later one is shown."""
    later, ended = Hold(NOW + timedelta(days=1), "b", ""), Hold(NOW - timedelta(days=1), "c", "")
    objects = {"holds/all": HOLD, "holds/router/later.json": later, "holds/router/ended.json": ended}
    found = holds.read({key: holds.encode(hold) for key, hold in objects.items()}, NOW)

    assert found.on_hold(["later", "ended", "new"], NOW) == {"later": later, "ended": HOLD, "new": HOLD}
    assert found.on_hold(["later", "ended", "new"], HOLD.until) == {"later": later}
    assert holds.Holds().on_hold(["new"], NOW) == {}


@pytest.mark.parametrize("order", [1, -1])
def test_a_key_put_by_hand_holds_too(order: int) -> None:
    """G14: a name without its escapes holds the same router; the later end counts; foreign keys are ignored."""
    later = Hold(NOW + timedelta(days=1), "b", "")
    objects = [("holds/router/a b.json", later), ("holds/router/a%20b.json", HOLD), ("holds/README", HOLD)][::order]
    found = holds.read({key: holds.encode(hold) for key, hold in objects}, NOW)

    assert (found.everywhere, found.routers) == (None, {"a b": later})


def test_a_body_that_cannot_be_read_for_all_holds_all() -> None:
    """G14: the same for the object over all routers."""
    assert holds.read({"holds/all": b"stop!"}, NOW).on_hold(["a"], NOW).keys() == {"a"}
