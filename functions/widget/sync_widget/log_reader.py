"""Reads the latest run out of the log of the function `sync`, which knows nothing of it and is never invoked for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_logs import CloudWatchLogsClient

PATTERN: Final = (
    '{ ($.message = "response") || ($.message = "failed")'
    ' || ($.message = "change" && $.change.result = "withheld")'
    ' || ($.type = "platform.report" && $.record.status != "success") }'
)
"""What CloudWatch sends of the log; it is looked at once more here, since not every CloudWatch understands this."""
REACH: Final = (timedelta(minutes=20), timedelta(days=1), timedelta(days=14))
"""How far back is looked for a run, step by step: the first is enough for a schedule that works."""
CLOCKS: Final = timedelta(minutes=1)
"""The log's clock may be so far ahead of ours."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that raised or was cut off; `reason` is a code, or empty where only Lambda knows of it."""

    at: datetime
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The latest sync that ended, and the latest run that failed, whichever they are; each may be missing.

    `withheld` are the records of the changes that the sync held back, by far not always all of them.
    """

    at: datetime | None = None
    response: dict[str, Any] | None = None
    withheld: tuple[dict[str, Any], ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class _Record:
    at: datetime
    fields: dict[str, Any]

    @property
    def run_id(self) -> str:
        return str(self.fields.get("run_id") or self.fields.get("record", {}).get("requestId", ""))

    @property
    def is_sync(self) -> bool:
        response = self.fields.get("response", {})
        return self.fields.get("message") == "response" and response.get("action") == "sync"


def read_log(client: CloudWatchLogsClient, group: str, now: datetime, seconds_left: Callable[[], float]) -> Seen:
    """The latest of what the log group holds; goes back in steps until it finds a sync, or time is up."""
    records: list[_Record] = []
    until = now + CLOCKS
    for reach in REACH:
        records += _between(client, group, now - reach, until, seconds_left)
        until = now - reach
        if any(record.is_sync for record in records):
            break
    return _latest(records)


def _between(
    client: CloudWatchLogsClient, group: str, start: datetime, end: datetime, seconds_left: Callable[[], float]
) -> Iterator[_Record]:
    """The records of a time, newest first; stops after the page that holds two syncs, for the latest is then whole."""
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        filterPattern=PATTERN,
        startTime=_milliseconds(start),
        endTime=_milliseconds(end) - 1,
        startFromHead=False,
    )
    syncs = 0
    for page in pages:
        for event in page["events"]:
            fields = _parsed(event["message"])
            if fields is not None:
                record = _Record(datetime.fromtimestamp(event["timestamp"] / 1000, UTC), fields)
                syncs += record.is_sync
                yield record
        if syncs > 1 or seconds_left() < 0:
            return


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None


def _latest(records: list[_Record]) -> Seen:
    records = sorted(records, key=lambda record: record.at)
    failure = _failure(records)
    syncs = [record for record in records if record.is_sync]
    if not syncs:
        return Seen(failure=failure)
    sync = syncs[-1]
    withheld = (
        {**record.fields["change"], "router": record.fields.get("router")}
        for record in records
        if record.run_id == sync.run_id
        and record.fields.get("message") == "change"
        and record.fields["change"]["result"] == "withheld"
    )
    in_order = sorted(withheld, key=lambda change: (str(change["router"]), change["name"], change["kind"]))
    return Seen(sync.at, sync.fields["response"], tuple(in_order), failure)


def _failure(records: list[_Record]) -> Failure | None:
    """The latest run that failed, unless only its event was wrong: that was somebody's typing error.

    Of one run there may be two records, its own with the code and Lambda's; the own one says more.
    """
    by_run: dict[str, Failure] = {}
    for record in records:
        if record.fields.get("message") == "failed":
            error = record.fields["error"]
            by_run[record.run_id] = Failure(record.at, error["reason"], error["detail"])
        elif record.fields.get("type") == "platform.report" and record.fields["record"].get("status") != "success":
            status = str(record.fields["record"].get("status"))
            by_run.setdefault(record.run_id, Failure(record.at, "", status))
    failures = [failure for failure in by_run.values() if failure.reason != "event_invalid"]
    return max(failures, key=lambda failure: failure.at, default=None)
