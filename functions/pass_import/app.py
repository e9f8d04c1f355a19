"""The function `pass_import`: settings and event in, values in the CRM, a report out. Wiring only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from pppsync.config.event import read_import_event
from pppsync.crm.client import UispClient
from pppsync.invocation import Invocation, logged
from pppsync.journal.store import open_store
from pppsync.passwords import import_report
from pppsync.passwords.import_run import import_passwords
from pppsync.routers.gateway import RouterGateway

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
JOURNAL_SECONDS = 60.0
"""A restore waits for the journal: without it there is nothing to restore."""


@logged(logger)
def lambda_handler(event: object, context: LambdaContext) -> dict[str, Any]:
    """Run one import, restore or generation; raises `SyncError` if nothing could be done at all."""
    run = Invocation.begin(context, os.environ)
    settings = run.settings
    asked = read_import_event(event, run.router_names)
    bucket, endpoint = os.environ.get("JOURNAL_BUCKET", ""), os.environ.get("AWS_ENDPOINT_URL", "")
    journal = open_store(bucket, endpoint, seconds=JOURNAL_SECONDS, deadline=run.deadline) if asked.restore else None
    gateways = [RouterGateway(router, settings.policy) for router in settings.routers]
    with UispClient(settings.crm, settings.policy) as crm:
        report = import_passwords(asked, settings, crm, gateways, run.deadline, journal)
    response = report.document(run_id=run.run_id, duration_ms=round(run.seconds() * 1000))
    import_report.record(logger, report, response)
    return response
