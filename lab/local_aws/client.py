"""What an operator does with the deployed stack: put the configuration, invoke, read logs.

Nothing here knows of the emulator: the AWS_ variables of the process say where AWS is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

# A function may take its whole timeout, and an invocation that is retried would run twice.
_PATIENT = Config(read_timeout=900, retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class Invocation:
    """A function's answer: what it returned, or the error that it raised."""

    payload: Any
    failed: bool

    @property
    def error(self) -> str | None:
        """The message of the error, if it failed."""
        return str(self.payload["errorMessage"]) if self.failed else None


def put_config(secret_arn: str, document: Mapping[str, Any]) -> None:
    """The functions find this document in their config secret from now on."""
    boto3.client("secretsmanager").put_secret_value(SecretId=secret_arn, SecretString=json.dumps(document))


def invoke(function: str, event: Mapping[str, Any] | None = None) -> Invocation:
    """Runs the function and waits for its answer."""
    answer = boto3.client("lambda", config=_PATIENT).invoke(
        FunctionName=function,
        Payload=json.dumps(dict(event or {})).encode(),
    )
    return Invocation(payload=json.loads(answer["Payload"].read()), failed="FunctionError" in answer)


def log_streams(function: str) -> dict[str, list[str]]:
    """The lines that the function has logged, by log stream, in the order of writing."""
    logs = boto3.client("logs")
    group = f"/aws/lambda/{function}"
    streams: dict[str, list[str]] = {}
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
        for event in page["events"]:
            streams.setdefault(event["logStreamName"], []).append(event["message"])
    return streams


def log_lines(function: str) -> list[str]:
    """The lines that the function has logged, oldest log stream first."""
    return [line for lines in log_streams(function).values() for line in lines]


def log_records(function: str) -> list[dict[str, Any]]:
    """The structured records among the lines that the function has logged."""
    return [record for line in log_lines(function) if (record := parse_record(line)) is not None]


def parse_record(line: str) -> dict[str, Any] | None:
    """The JSON object that a log line holds; None for the lines that Lambda itself writes as text."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
