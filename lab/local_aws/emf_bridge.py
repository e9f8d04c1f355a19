"""A stand-in for CloudWatch, which makes metrics of the embedded metric format in log lines; the emulator does not.

It reads what the function logged and puts the data as CloudWatch would: one datum for each metric and dimension set.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING, Any

import boto3

from lab.local_aws.client import log_streams, parse_record

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

# The limit of one PutMetricData request.
_DATA_PER_REQUEST = 1000


class EmfBridge:
    """Forwards each metric line of one function once, however often it is asked."""

    def __init__(self, function: str) -> None:
        self._function = function
        self._forwarded: dict[str, int] = {}

    def forward(self) -> int:
        """Puts what was logged since the last call; returns the number of data."""
        by_namespace: dict[str, list[MetricDatumTypeDef]] = {}
        for stream, lines in log_streams(self._function).items():
            for line in lines[self._forwarded.get(stream, 0) :]:
                for namespace, datum in metric_data(parse_record(line) or {}):
                    by_namespace.setdefault(namespace, []).append(datum)
            self._forwarded[stream] = len(lines)
        cloudwatch = boto3.client("cloudwatch")
        for namespace, data in by_namespace.items():
            for batch in batched(data, _DATA_PER_REQUEST, strict=False):
                cloudwatch.put_metric_data(Namespace=namespace, MetricData=batch)
        return sum(len(data) for data in by_namespace.values())


def metric_data(record: dict[str, Any]) -> Iterator[tuple[str, "MetricDatumTypeDef"]]:
    """The namespace and datum of each metric in a log record; none if the record is no metric line."""
    metadata = record.get("_aws", {})
    for directive in metadata.get("CloudWatchMetrics", ()):
        for names in directive["Dimensions"]:
            for metric in directive["Metrics"]:
                values = record[metric["Name"]]
                yield (
                    directive["Namespace"],
                    {
                        "MetricName": metric["Name"],
                        "Unit": metric.get("Unit", "None"),
                        "Dimensions": [{"Name": name, "Value": str(record[name])} for name in names],
                        "Values": values if isinstance(values, list) else [values],
                        "Timestamp": datetime.fromtimestamp(metadata["Timestamp"] / 1000, UTC),
                    },
                )
