"""The function `sync`: settings and event in, a reconciled fleet of routers and a report out. Wiring only."""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from pppsync import actions
from pppsync.config.event import read_event
from pppsync.crm.client import UispClient
from pppsync.invocation import Invocation, logged
from pppsync.journal.run import Memory, RunJournal
from pppsync.journal.store import open_store
from pppsync.report import log_records, metrics
from pppsync.report.response import Report
from pppsync.routers.gateway import RouterGateway

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
memory = Memory()


@logged(logger)
def lambda_handler(event: object, context: LambdaContext) -> dict[str, Any]:
    """Run one action; raises `SyncError` if nothing could be done at all."""
    run = Invocation.begin(context, os.environ)
    settings = run.settings
    asked = read_event(event, run.router_names)
    store = open_store(
        os.environ.get("JOURNAL_BUCKET", ""), os.environ.get("AWS_ENDPOINT_URL", ""), deadline=run.deadline
    )
    journal = RunJournal(store, memory, run.run_id, lambda: datetime.now(UTC))
    with ExitStack() as connections:
        all_dates = asked.action == "explain"
        crm = connections.enter_context(UispClient(settings.crm, settings.policy, all_dates=all_dates))
        gateways = [connections.enter_context(RouterGateway(router, settings.policy)) for router in settings.routers]
        answer = actions.perform(asked, settings, crm, gateways, run.deadline, journal)
    seconds = run.seconds()
    exclusive = os.environ.get("RESERVED_CONCURRENCY") == "true"
    response = answer.document(run_id=run.run_id, exclusive=exclusive, duration_ms=round(seconds * 1000))
    log_records.record(logger, answer, response, asked.by)
    if asked.action == "sync" and isinstance(answer, Report):
        metrics.publish(answer, function_name=context.function_name, seconds=seconds)
    return response
