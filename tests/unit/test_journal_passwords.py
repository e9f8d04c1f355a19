"""The passwords that a run overwrites: kept before it does, masked in memory: G10, G12."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pppsync.core.change import Kind
from pppsync.core.masked import Masked
from pppsync.journal import passwords
from pppsync.journal.forms import MalformedError
from pppsync.journal.passwords import Overwritten

AT = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
ENTRY = Overwritten("tower-1", "ABC1", Kind.PASSWORD, "client", 7, None, Masked("before!"), Masked("after!"))
ROW: dict[str, Any] = {
    "router": "tower-1",
    "name": "ABC1",
    "kind": "password",
    "level": "client",
    "client": 7,
    "service": None,
    "old": "before!",
    "written": "after!",
}


def test_the_key_and_the_body_are_those_of_the_contract() -> None:
    """G12: one object a run under its day in UTC, with what was overwritten and what was written."""
    local = AT.astimezone(timezone(timedelta(hours=6)))

    assert passwords.key("run/1", local) == "passwords/2026/11/25/run%2F1.json"
    assert json.loads(passwords.encode([ENTRY])) == {"passwords": [ROW]}


def test_a_run_is_found_without_its_day() -> None:
    """Section 7: `restore` names the run alone; another run whose id ends alike is not found."""
    keys = [passwords.key(run, AT) for run in ("a-run-1", "run-1", "run-2")]

    assert passwords.find(keys, "run-1") == "passwords/2026/11/25/run-1.json"
    assert passwords.find([*keys, "plans/2026/11/25/run-3.json"], "run-3") is None


byte_texts = st.binary(max_size=20).map(lambda data: data.decode("utf-8", "surrogateescape"))
entries = st.builds(
    Overwritten,
    router=st.text(max_size=9),
    name=byte_texts,
    kind=st.sampled_from([Kind.PASSWORD, Kind.DEFAULT_PASSWORD]),
    level=st.sampled_from(["client", "service"]),
    client_id=st.integers(0),
    service_id=st.integers(0),
    actual=byte_texts.map(Masked),
    written=byte_texts.map(Masked),
)


@given(st.lists(entries, max_size=4))
def test_any_password_survives_its_object(kept: list[Overwritten]) -> None:
    """G12: whatever bytes a router held, `restore` gets the same."""
    assert passwords.decode(passwords.encode(kept)) == tuple(kept)


def test_nothing_shows_a_password_in_memory() -> None:
    """G10: an entry prints asterisks."""
    assert "before!" not in repr(ENTRY)
    assert "after!" not in f"{ENTRY}"
    assert passwords.decode(passwords.encode([ENTRY])) == (ENTRY,)
    assert passwords.decode(passwords.encode([replace(ENTRY, level="service", service_id=9)]))[0].service_id == 9


@pytest.mark.parametrize(
    "row",
    [
        "before!",
        ROW | {"more": "before!"},
        {key: value for key, value in ROW.items() if key != "kind"},
        ROW | {"router": None},
        ROW | {"name": 1},
        ROW | {"kind": "disable"},
        ROW | {"level": "before!"},
        ROW | {"level": "service"},
        ROW | {"client": "7"},
        ROW | {"client": True},
        ROW | {"client": -1},
        ROW | {"service": 1.5},
        ROW | {"old": None},
        ROW | {"written": ["after!"]},
    ],
)
def test_a_malformed_entry_refuses_the_object(row: object) -> None:
    """G12: a body that is not exactly of our form restores nothing, and the fault shows no password."""
    with pytest.raises(MalformedError) as caught:
        passwords.decode(json.dumps({"passwords": [row]}).encode())
    assert "before!" not in str(caught.value)
    assert "after!" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"null", b'{"passwords":{}}', b'{"passwords":"before!"}', b'{"before!":1}'])
def test_a_malformed_body_is_refused(body: bytes) -> None:
    """G12: the same for the object around the entries."""
    with pytest.raises(MalformedError) as caught:
        passwords.decode(body)
    assert "before!" not in str(caught.value)
