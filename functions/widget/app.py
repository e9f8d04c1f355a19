"""The function `widget`: the log of the sync in, a piece of HTML for the dashboard out. Wiring only."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from sync_widget.log_reader import read_log
from sync_widget.page import DESCRIPTION, page
from sync_widget.words import Setting

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_logs import CloudWatchLogsClient

logs: CloudWatchLogsClient = boto3.client("logs")

MARGIN_SECONDS = 5
"""What the page takes after the log is read, at most."""


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> str:
    """The page, or with `{"describe": true}` what the console shows of the widget to who edits the dashboard."""
    if event.get("describe"):
        return DESCRIPTION
    now = datetime.now(UTC)
    setting = Setting(
        function=os.environ["SYNC_FUNCTION"],
        region=os.environ["AWS_REGION"],
        scheduled=os.environ["SCHEDULE_STATE"] == "ENABLED",
        timeout=int(os.environ["SYNC_TIMEOUT"]),
        coverage=float(os.environ["COVERAGE_ALARM"]),
    )
    seen = read_log(
        logs,
        f"/aws/lambda/{setting.function}",
        now,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000 - MARGIN_SECONDS,
    )
    return page(seen, setting, now, event.get("widgetContext", {}))
