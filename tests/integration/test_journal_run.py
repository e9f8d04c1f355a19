"""A whole run with its journal: what is kept before a write, what the response says, what a failing bucket costs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.routeros import Fault
from lab.simulators.s3 import Bucket, refusal
from pppsync.config.event import Event
from pppsync.core.outcome import Result
from pppsync.journal.run import Memory, RunJournal
from pppsync.journal.store import Store
from pppsync.net.deadline import Deadline
from tests.integration.providers import Provider, part, provider

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def isp() -> Iterator[Provider]:
    """A provider with one router and three customers, one of them suspended, one with another password."""
    with provider() as running:
        running.subscribe("PAID", "s3cret")
        running.subscribe("LATE", "s3cret", status=3)
        running.subscribe("NEW-PASSWORD", "changed")
        for name in ("PAID", "LATE", "NEW-PASSWORD"):
            running.router.add_secret(name=name, password="s3cret", profile="30mbps", service="pppoe")
        yield running


def journal_of(bucket: Bucket, memory: Memory | None = None, run_id: str = "run-1") -> RunJournal:
    """The journal of one run on this bucket."""
    client: Any = bucket
    return RunJournal(Store(client, bucket.name, Deadline.after(900)), memory or Memory(), run_id, lambda: NOW)


def shown(isp: Provider, journal: RunJournal) -> dict[str, Any]:
    """The response of one run."""
    return isp.run(journal=journal).document(run_id="run-1", exclusive=True, duration_ms=1)


def test_a_run_keeps_and_counts_what_it_does(isp: Provider) -> None:
    """G12, G13: the password is kept before it is overwritten, the cut is counted, and the response says both."""
    bucket = Bucket()
    response = shown(isp, journal_of(bucket))
    assert (response["journal"], response["routers"][0]["cuts_of_the_day"]) == ("ok", {"count": 1, "limit": 30})
    day = "day/20261125T120000Z/tower-1/"
    assert sorted(bucket.objects) == [
        f"{day}disable/run-1-done-1",
        f"{day}disable/run-1-planned-1",
        f"{day}password/run-1-done-1",
        f"{day}password/run-1-planned-1",
        "passwords/2026/11/25/run-1.json",
    ]
    assert (isp.router.secret("NEW-PASSWORD") or {})["password"] == "changed"


def test_the_next_run_sees_the_cuts_of_the_day(isp: Provider) -> None:
    """G13: a later run counts the earlier one's cut, and writes nothing new into the bucket."""
    bucket = Bucket()
    shown(isp, journal_of(bucket))
    before = sorted(bucket.objects)
    response = shown(isp, journal_of(bucket, run_id="run-2"))
    assert response["routers"][0]["cuts_of_the_day"] == {"count": 1, "limit": 30}
    assert sorted(bucket.objects) == before


@pytest.mark.parametrize(("name", "kind"), [("LATE", "disable"), ("NEW-PASSWORD", "password")])
def test_a_change_whose_drop_fails_counts_all_the_same(isp: Provider, name: str, kind: str) -> None:
    """G13: the router took the write, and the next run sees no change left that it could count."""
    isp.router.connect_session(name)
    isp.router.faults.append(Fault("/ppp/active/remove", "trap", message="action failed (6)"))
    bucket = Bucket()
    report = isp.run(journal=journal_of(bucket))
    assert part(report).count(Result.FAILED) == {kind: 1}
    assert f"day/20261125T120000Z/tower-1/{kind}/run-1-done-1" in bucket.objects


def test_a_write_that_the_router_refuses_does_not_count(isp: Provider) -> None:
    """G13: what never happened uses up nothing, or a router that refuses one cut would use up the day."""
    isp.router.faults.append(Fault("/ppp/secret/set", "trap", times=None, message="action failed (6)"))
    bucket = Bucket()
    isp.run(journal=journal_of(bucket))
    assert "day/20261125T120000Z/tower-1/disable/run-1-done-0" in bucket.objects


def test_a_bucket_that_cannot_be_written_defers_the_password_alone(isp: Provider) -> None:
    """G12: exactly the overwritten passwords wait, the cut goes on, and the response says why."""
    bucket = Bucket()

    def refuse(operation: str) -> None:
        if operation == "PutObject":
            raise refusal("AccessDenied", operation)

    bucket.before = refuse
    report = isp.run(journal=journal_of(bucket))
    assert part(report).count(Result.DEFERRED) == {"password": 1}
    assert part(report).count(Result.APPLIED) == {"disable": 1}
    response = report.document(run_id="run-1", exclusive=True, duration_ms=1)
    assert (response["journal"], response["routers"][0]["cuts_of_the_day"]) == (
        "unavailable",
        {"count": 1, "limit": 30},
    )
    assert response["problems"][0]["reason"] == "journal_unavailable"
    assert (isp.router.secret("NEW-PASSWORD") or {})["password"] == "s3cret"


def test_a_plan_writes_nothing_into_the_bucket(isp: Provider) -> None:
    """Section 7: `plan` reads the day and puts nothing, where nothing is withheld."""
    bucket = Bucket()
    response = isp.run(Event(action="plan"), journal=journal_of(bucket)).document(
        run_id="run-1", exclusive=True, duration_ms=1
    )
    assert (bucket.objects, response["journal"]) == ({}, "ok")
    assert response["routers"][0]["cuts_of_the_day"] == {"count": 0, "limit": 30}


def test_without_a_journal_nothing_is_counted(isp: Provider) -> None:
    """Section 7: `cuts_of_the_day` is null and `journal` is off."""
    response = isp.run().document(run_id="run-1", exclusive=True, duration_ms=1)
    assert (response["journal"], response["routers"][0]["cuts_of_the_day"]) == ("off", None)
