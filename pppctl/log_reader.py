"""Reads records of the functions' logs: by CloudWatch Logs Insights, and page by page where that cannot be used."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from pppctl.aws import CommandError, code_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pppctl.aws import Aws

ROWS: Final = 10_000
"""Rows that one query of Logs Insights gives at most."""
_STEPS: Final = (timedelta(hours=1), timedelta(days=1))
"""How far back to look for the latest record before reading the whole time."""
_LONGEST: Final = 100
"""Characters of a name that a query carries: a filter pattern has at most 1,024."""
_LONGEST_PAUSE: Final = 4.0


@dataclass(frozen=True, slots=True)
class Record:
    """One structured record of a log."""

    at: datetime
    fields: Mapping[str, Any]

    @property
    def run_id(self) -> str:
        """The run that wrote it."""
        return str(self.fields.get("run_id") or self.fields.get("record", {}).get("requestId", ""))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records to read: one condition for Insights, as a filter pattern, and in Python.

    The first two save time and may let other records through. The last one decides.
    """

    query: str
    pattern: str
    matches: Callable[[Mapping[str, Any]], bool]


class _InsightsError(Exception):
    """Logs Insights gives no answer here; the text says why."""


class Log:
    """The logs of some functions of one stack; calls `tell` if reading will be slow."""

    def __init__(
        self,
        aws: Aws,
        functions: Sequence[str],
        tell: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._aws = aws
        self._groups = [f"/aws/lambda/{name}" for name in functions]
        self._client = aws.client("logs")
        self._tell = tell
        self._sleep = sleep
        self._insights = True

    def read(self, wanted: Wanted, start: datetime, end: datetime) -> list[Record]:
        """Return all records of that time, the newest first; raises `CommandError` if the log cannot be read."""
        with self._aws.errors():
            found = [one for one in self._read(wanted, start, end) if wanted.matches(one.fields)]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def latest(self, wanted: Wanted, start: datetime, end: datetime) -> list[Record]:
        """Return the records of the last hour, or day, or of the whole time: the first of these that has any."""
        for step in _STEPS:
            if end - step > start and (found := self.read(wanted, end - step, end)):
                return found
        return self.read(wanted, start, end)

    def _read(self, wanted: Wanted, start: datetime, end: datetime) -> Iterator[Record]:
        if self._insights:
            try:
                yield from self._query(wanted.query, int(start.timestamp()), int(end.timestamp()) + 1)
            except _InsightsError as error:
                self._insights = False
                self._tell(f"Logs Insights cannot be used ({error}); reading the log page by page")
            else:
                return
        yield from self._pages(wanted.pattern, start, end)

    def _query(self, condition: str, start: int, end: int) -> list[Record]:
        """Return the records between two seconds; splits the time in halves if the answer is full."""
        rows = self._answer(f"fields @timestamp, @message | filter {condition} | sort @timestamp desc", start, end)
        if len(rows) >= ROWS and end > start:
            middle = (start + end) // 2
            return self._query(condition, middle + 1, end) + self._query(condition, start, middle)
        cells = [{cell["field"]: cell["value"] for cell in row} for row in rows]
        return [
            Record(datetime.fromisoformat(one["@timestamp"]).replace(tzinfo=UTC), fields)
            for one in cells
            if (fields := _parsed(one.get("@message", ""))) is not None
        ]

    def _answer(self, query: str, start: int, end: int) -> list[list[dict[str, str]]]:
        client, pause = self._client, 0.25
        try:
            query_id = client.start_query(
                logGroupNames=self._groups, startTime=start, endTime=end, queryString=query, limit=ROWS
            )["queryId"]
            while (answer := client.get_query_results(queryId=query_id))["status"] in {"Scheduled", "Running"}:
                self._sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        except ClientError as error:
            raise self._refused(error) from error
        if answer["status"] != "Complete":
            raise _InsightsError(answer["status"])
        rows: list[list[dict[str, str]]] = answer["results"]
        return rows

    def _refused(self, error: ClientError) -> Exception:
        if code_of(error) == "ResourceNotFoundException":
            return CommandError(f"there is no log yet: {' and '.join(self._groups)}; see whether the stack is deployed")
        return _InsightsError(code_of(error))

    def _pages(self, pattern: str, start: datetime, end: datetime) -> Iterator[Record]:
        pages = self._client.get_paginator("filter_log_events")
        for group in self._groups:
            for page in pages.paginate(
                logGroupName=group,
                filterPattern=pattern,
                startTime=round(start.timestamp() * 1000),
                endTime=round(end.timestamp() * 1000),
            ):
                for event in page["events"]:
                    if (fields := _parsed(event["message"])) is not None:
                        yield Record(datetime.fromtimestamp(event["timestamp"] / 1000, UTC), fields)


def wild(name: str, wildcard: str) -> str:
    """Replace all but ASCII letters and digits by a wildcard, so that nothing in a query needs quoting."""
    cut = wildcard if len(name) > _LONGEST else ""
    return re.sub(r"[^0-9A-Za-z]+", wildcard.replace("\\", r"\\"), name[:_LONGEST]) + cut


def _parsed(line: str) -> Mapping[str, Any] | None:
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None
