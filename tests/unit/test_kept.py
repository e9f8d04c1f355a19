"""The passwords that a run overwrote, as the import finds them in the journal (G12)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.simulators.s3 import Bucket
from pppsync.core.change import Kind
from pppsync.core.masked import Masked
from pppsync.errors import Code, JournalError
from pppsync.journal import passwords
from pppsync.journal.passwords import Overwritten
from pppsync.journal.store import Store
from pppsync.net.deadline import Deadline
from pppsync.passwords.kept import kept_passwords

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
KEY = passwords.key("run-1", NOW)
LOUD = "a-password-that-must-not-be-seen"


def an_entry(level: passwords.Level = "client", service: int | None = None) -> Overwritten:
    """One overwritten password."""
    return Overwritten("tower-1", "ABC1", Kind.PASSWORD, level, 7, service, Masked(LOUD), Masked(f"{LOUD}-2"))


def read(body: bytes | None, run_id: str = "run-1") -> tuple[Overwritten, ...]:
    """What is found of a run in a journal with this one object."""
    bucket = Bucket()
    if body is not None:
        bucket.put_object(Bucket=bucket.name, Key=KEY, Body=body)
    client: Any = bucket
    return kept_passwords(Store(client, bucket.name, Deadline.after(900)), run_id)


def refused(body: bytes | None, run_id: str = "run-1") -> JournalError:
    """The error of a run that cannot be restored."""
    with pytest.raises(JournalError) as raised:
        read(body, run_id)
    assert LOUD not in f"{raised.value}{raised.value.detail}{raised.value.__cause__}"
    return raised.value


def test_what_a_run_kept_is_found() -> None:
    """The entries come back as they were kept, whatever the day of the run."""
    assert read(passwords.encode([an_entry()])) == (an_entry(),)


@pytest.mark.parametrize("service", [None, 501])
def test_a_client_s_password_may_stand_behind_a_service(service: int | None) -> None:
    """The level decides, not the service: the CRM's attribute is the client's."""
    assert read(passwords.encode([an_entry(service=service)])) == (an_entry(service=service),)


def broken(**changed: Any) -> bytes:
    """An object whose entry has another value."""
    document = json.loads(passwords.encode([an_entry()]))
    document["passwords"][0] |= changed
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"{}",
        json.dumps({"passwords": [LOUD]}).encode(),
        broken(old=[LOUD]),
        broken(kind=LOUD),
        broken(level=LOUD),
        broken(client="7"),
        broken(level="service"),
    ],
)
def test_a_broken_object_restores_nothing(body: bytes) -> None:
    """`journal_malformed` names the object and the remedy, and shows no value of it."""
    error = refused(body)
    assert error.code == Code.JOURNAL_MALFORMED
    assert error.detail.startswith(f"{KEY} cannot be read (")
    assert "deploy the release that wrote it" in error.detail


def test_passwords_of_services_are_refused() -> None:
    """One entry of a service refuses the whole run: this release knows no attribute of services."""
    error = refused(passwords.encode([an_entry(), an_entry("service", 501)]))
    assert error.code == Code.JOURNAL_MALFORMED
    assert error.detail.startswith(f"{KEY} holds passwords of services")
    assert "deploy the release that wrote it" in error.detail


@pytest.mark.parametrize(
    ("body", "run_id"), [(None, "run-1"), (passwords.encode([an_entry()]), "run-2"), (b"{", "un-1")]
)
def test_an_unknown_run_says_where_ids_stand(body: bytes | None, run_id: str) -> None:
    """A run is found by its whole id alone."""
    error = refused(body, run_id)
    assert error.code == Code.RUN_UNKNOWN
    assert repr(run_id) in error.detail
    assert "pppctl history LOGIN" in error.detail


def test_without_a_journal_nothing_is_kept() -> None:
    """The error names the parameter that switches the journal on."""
    with pytest.raises(JournalError, match="Journal=true") as raised:
        kept_passwords(None, "run-1")
    assert raised.value.code == Code.JOURNAL_OFF
