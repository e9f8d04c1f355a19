"""Reads the latest sync from the log of the function `sync`; never invokes it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sync_widget.response import joined_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_logs import CloudWatchLogsClient

PATTERN: Final = (
    '{ ($.message = "response") || ($.message = "failed")'
    ' || ($.message = "change" && $.change.result = "withheld")'
    ' || ($.type = "platform.report" && $.record.status != "success") }'
)
"""Which lines CloudWatch sends. Each line is tested here again, since not every CloudWatch understands this."""
REACH: Final = (timedelta(minutes=20), timedelta(hours=3), timedelta(days=1), timedelta(days=14))
"""How far back the log is read, step by step: the first step is enough for a schedule that works."""
CLOCKS: Final = timedelta(minutes=1)
"""The log's clock may be ahead of ours by this much."""
_SYNC: Final = "sync"


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that raised or was cut off.

    `reason` is a code, or empty where only Lambda knows of the run. `action` is empty where the log does not tell it.
    """

    at: datetime
    run_id: str
    reason: str
    detail: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class Success:
    """A plan or a check that ended well."""

    at: datetime
    action: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The latest sync that ended, the latest that failed, and the latest other run that went well.

    Each may be missing. A run that failed counts as a sync unless the log names another action for it. `withheld` are
    the records of the changes that the sync held back, at most the 200 that a run writes.
    """

    at: datetime | None = None
    response: dict[str, Any] | None = None
    withheld: tuple[dict[str, Any], ...] = ()
    failure: Failure | None = None
    other: Success | None = None


@dataclass(frozen=True, slots=True)
class _Record:
    at: datetime
    fields: dict[str, Any]

    @property
    def run_id(self) -> str:
        return str(self.fields.get("run_id") or self.fields.get("record", {}).get("requestId", ""))

    @property
    def response(self) -> dict[str, Any]:
        """The response that the line carries, whole or a part; empty for other lines."""
        return self.fields["response"] if self.fields.get("message") == "response" else {}

    @property
    def is_sync(self) -> bool:
        """True for a whole sync: a narrow run reads a few subscribers, so its counts say nothing of a router."""
        return self.response.get("action") == _SYNC and not self.response.get("narrow")


def read_log(client: CloudWatchLogsClient, group: str, now: datetime, seconds_left: Callable[[], float]) -> Seen:
    """Return the latest runs of the log group; go back in steps until there is a sync, or time is up."""
    records: list[_Record] = []
    until = now + CLOCKS
    for reach in REACH:
        records += _between(client, group, now - reach, until, seconds_left)
        until = now - reach
        if any(record.is_sync for record in records):
            break
    return _latest(sorted(records, key=lambda record: record.at))


def _between(
    client: CloudWatchLogsClient, group: str, start: datetime, end: datetime, seconds_left: Callable[[], float]
) -> Iterator[_Record]:
    """Yield the records of a time; stop after the page that holds two syncs, for the latest is then whole.

    A CloudWatch that gives the oldest first, as an emulator does, is read to the end: its first page holds old syncs.
    """
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        filterPattern=PATTERN,
        startTime=_milliseconds(start),
        endTime=_milliseconds(end) - 1,
        startFromHead=False,
    )
    syncs: set[str] = set()
    last, newest_first = math.inf, True
    for page in pages:
        for event in page["events"]:
            last, newest_first = event["timestamp"], newest_first and event["timestamp"] <= last
            fields = _parsed(event["message"])
            if fields is not None:
                record = _Record(datetime.fromtimestamp(event["timestamp"] / 1000, UTC), fields)
                syncs |= {record.run_id} if record.is_sync else set()
                yield record
        if (len(syncs) > 1 and newest_first) or seconds_left() < 0:
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
    others = [
        Success(record.at, str(record.response["action"]))
        for record in records
        if record.response.get("action") in {"plan", "check"} and record.response.get("ok")
    ]
    seen = Seen(failure=_failure(records), other=others[-1] if others else None)
    syncs = [record for record in records if record.is_sync]
    if not syncs:
        return seen
    sync = syncs[-1]
    parts = [record.fields for record in records if record.response and record.run_id == sync.run_id]
    withheld = (
        {**record.fields["change"], "router": record.fields.get("router")}
        for record in records
        if record.run_id == sync.run_id
        and record.fields.get("message") == "change"
        and record.fields["change"]["result"] == "withheld"
    )
    in_order = sorted(withheld, key=lambda change: (str(change["router"]), change["name"], change["kind"]))
    return Seen(sync.at, joined_parts(parts), tuple(in_order), seen.failure, seen.other)


def _failure(records: list[_Record]) -> Failure | None:
    """The latest sync that failed. A wrong event is left out: that was somebody's typing error.

    Of one run there may be two records, its own with the code and Lambda's; the own one says more. What the run
    was, its record or its response tells; a run of which neither is there may have been a sync.
    """
    actions = {record.run_id: str(record.response["action"]) for record in records if "action" in record.response}
    by_run: dict[str, Failure] = {}
    for record in records:
        action = str(record.fields.get("action") or actions.get(record.run_id, ""))
        if record.fields.get("message") == "failed":
            error = record.fields["error"]
            by_run[record.run_id] = Failure(record.at, record.run_id, error["reason"], error["detail"], action)
        elif record.fields.get("type") == "platform.report" and record.fields["record"].get("status") != "success":
            status = str(record.fields["record"].get("status"))
            by_run.setdefault(record.run_id, Failure(record.at, record.run_id, "", status, action))
    failures = [each for each in by_run.values() if each.reason != "event_invalid" and each.action in {"", _SYNC}]
    return max(failures, key=lambda failure: failure.at, default=None)
