"""The function `widget`: the log of the sync in, a piece of HTML for the dashboard out. Wiring only."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from pppsync.net.deadline import Deadline
from sync_widget.log_reader import read_log
from sync_widget.page import DESCRIPTION, page
from sync_widget.words import Setting

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_logs import CloudWatchLogsClient

logs: CloudWatchLogsClient = boto3.client("logs")


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> str:
    """The page, or with `{"describe": true}` what the console shows of the widget to who edits the dashboard."""
    if event.get("describe"):
        return DESCRIPTION
    now = datetime.now(UTC)
    deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000).before(5)
    setting = Setting(
        function=os.environ["SYNC_FUNCTION"],
        region=os.environ["AWS_REGION"],
        scheduled=os.environ["SCHEDULE_STATE"] == "ENABLED",
        timeout=int(os.environ["SYNC_TIMEOUT"]),
    )
    seen = read_log(logs, f"/aws/lambda/{setting.function}", now, deadline)
    return page(seen, setting, now, event.get("widgetContext", {}))
