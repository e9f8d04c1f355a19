"""The function `pass_import`: settings and event in, the routers' passwords in the CRM, a report out. Wiring only."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Tracer

from pppsync.config import fetch
from pppsync.config.event import read_import_event
from pppsync.crm.client import UispClient
from pppsync.net.deadline import Deadline
from pppsync.passwords import import_report
from pppsync.passwords.import_run import import_passwords
from pppsync.report import log_setup
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
    """Run one import; raises `SyncError` if nothing could be done at all."""
    began = time.monotonic()
    deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000)
    settings = fetch.load(os.environ["CONFIG_SECRET_ARN"], os.environ.get("AWS_ENDPOINT_URL", ""))
    asked = read_import_event(event, [router.name for router in settings.routers])
    gateways = [RouterGateway(router, settings.policy) for router in settings.routers]
    with UispClient(settings.crm, settings.policy) as crm:
        report = import_passwords(asked, settings, crm, gateways, deadline)
    response = report.document(run_id=context.aws_request_id, duration_ms=round((time.monotonic() - began) * 1000))
    import_report.record(logger, report, response)
    return response
