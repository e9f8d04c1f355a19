"""The function `sync`: settings and event in, a reconciled fleet of routers and a report out. Wiring only."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Tracer

from pppsync import actions
from pppsync.config import fetch
from pppsync.config.event import read_event
from pppsync.crm.client import UispClient
from pppsync.net.deadline import Deadline
from pppsync.report import log_records, log_setup, metrics
from pppsync.report.response import Report
from pppsync.routers.gateway import RouterGateway

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

log_setup.quieten_third_parties()
logger = Logger()
tracer = Tracer()


@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
@logger.inject_lambda_context
@log_setup.failures(logger)
def lambda_handler(event: object, context: LambdaContext) -> dict[str, Any]:
    """Run one action; raises `SyncError` if nothing could be done at all."""
    began = time.monotonic()
    deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000)
    settings = fetch.load(os.environ["CONFIG_SECRET_ARN"], os.environ.get("AWS_ENDPOINT_URL", ""))
    asked = read_event(event, [router.name for router in settings.routers])
    with ExitStack() as connections:
        all_dates = asked.action == "explain"
        crm = connections.enter_context(UispClient(settings.crm, settings.policy, all_dates=all_dates))
        gateways = [connections.enter_context(RouterGateway(router, settings.policy)) for router in settings.routers]
        answer = actions.perform(asked, settings, crm, gateways, deadline)
    seconds = time.monotonic() - began
    response = answer.document(
        run_id=context.aws_request_id,
        exclusive=os.environ.get("RESERVED_CONCURRENCY") == "true",
        duration_ms=round(seconds * 1000),
    )
    log_records.record(logger, answer, response)
    if asked.action == "sync" and isinstance(answer, Report):
        metrics.publish(answer, function_name=context.function_name, seconds=seconds)
    return response
