"""A CloudWatch Logs that holds records, for the tests of the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pppctl.aws import Aws

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SYNC_GROUP, IMPORT_GROUP = "/aws/lambda/Sync", "/aws/lambda/Pass"


def ago(minutes: float) -> datetime:
    """So many minutes before the tests' now."""
    return NOW - timedelta(minutes=minutes)


class FakeLogs:
    """Answers queries and pages with every record of the time and groups; it knows no conditions.

    `refusal` is the error code, or the status, with which Logs Insights answers instead.
    """

    def __init__(self, refusal: str = "", most: int = 10_000, busy: int = 0) -> None:
        self.queries: list[dict[str, Any]] = []
        self.patterns: list[str] = []
        self._records: list[tuple[str, datetime, str]] = []
        self._refusal = refusal
        self._most = most
        self._busy = busy

    def add(self, at: datetime, fields: dict[str, Any] | str, group: str = SYNC_GROUP) -> None:
        """Log a record, or a line that is none."""
        self._records.append((group, at, fields if isinstance(fields, str) else json.dumps(fields)))

    def aws(self) -> Aws:
        """A stack with these logs."""
        return Aws("a-stack", session=lambda **_: self)

    def client(self, service: str, config: object = None) -> Any:
        """The fake of a service; it is its own CloudFormation."""
        assert service in {"cloudformation", "logs"}
        assert config is None
        return self

    def describe_stacks(self, **_: str) -> Any:
        """The two functions."""
        outputs = {"SyncFunctionName": "Sync", "PassImportFunctionName": "Pass"}
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": name} for key, name in outputs.items()]}]}

    def start_query(self, **call: Any) -> Any:
        """Keeps the query."""
        if self._refusal.endswith("Exception"):
            raise ClientError({"Error": {"Code": self._refusal, "Message": "no"}}, "StartQuery")
        self.queries.append(call)
        return {"queryId": str(len(self.queries) - 1)}

    def get_query_results(self, queryId: str) -> Any:  # noqa: N803 - AWS's word
        """The newest records of the query's time."""
        if self._busy:
            self._busy -= 1
            return {"status": "Running", "results": []}
        call = self.queries[int(queryId)]
        found = [
            (at, line)
            for group, at, line in self._records
            if group in call["logGroupNames"] and call["startTime"] <= int(at.timestamp()) <= call["endTime"]
        ]
        rows = [
            [
                {"field": "@timestamp", "value": at.strftime("%Y-%m-%d %H:%M:%S.000")},
                {"field": "@message", "value": line},
                {"field": "@ptr", "value": "x"},
            ]
            for at, line in sorted(found, reverse=True)
        ]
        return {"status": self._refusal or "Complete", "results": rows[: self._most]}

    def get_paginator(self, name: str) -> Any:
        """Pages of a log."""
        assert name == "filter_log_events"
        return self

    def paginate(self, **call: Any) -> Iterator[Any]:
        """One page for each record, and an empty one."""
        self.patterns.append(call["filterPattern"])
        yield {"events": []}
        for group, at, line in self._records:
            stamp = round(at.timestamp() * 1000)
            if group == call["logGroupName"] and call["startTime"] <= stamp <= call["endTime"]:
                yield {"events": [{"timestamp": stamp, "message": line}]}
