"""Sets logging up: libraries stay quiet, so that no record can carry a password, and a failed run leaves one record."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Final

import urllib3

from pppsync.errors import SyncError
from pppsync.report.rows import LONGEST_SENTENCE, readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.utilities.typing import LambdaContext

type Handler[Response] = Callable[[object, LambdaContext], Response]

# Below these levels librouteros logs every word, botocore every answer of Secrets Manager, urllib3 every URL.
THIRD_PARTIES: Final = {
    "librouteros": logging.WARNING,
    "botocore": logging.INFO,
    "boto3": logging.INFO,
    "urllib3": logging.INFO,
}


def quieten_third_parties() -> None:
    """Set library loggers to a level at which they do not log passwords."""
    # Every run has a record of its own for a connection that is not verified.
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    for name, level in THIRD_PARTIES.items():
        logging.getLogger(name).setLevel(level)


def failures[Response](logger: Logger) -> Callable[[Handler[Response]], Handler[Response]]:
    """Return a decorator for handlers: a run that could do nothing at all leaves one record with the error's code."""

    def recorded(handler: Handler[Response]) -> Handler[Response]:
        @functools.wraps(handler)
        def handle(event: object, context: LambdaContext) -> Response:
            try:
                return handler(event, context)
            except SyncError as error:
                run = {"run_id": context.aws_request_id, **_asked(event)}
                logger.error("failed", extra={**run, "error": error_row(error)})  # noqa: TRY400 - Lambda logs the trace
                raise

        return handle

    return recorded


def _asked(event: object) -> dict[str, str]:
    """Return the action that the event names, so that a failed plan is told from a failed sync."""
    action = event.get("action") if isinstance(event, dict) else None
    return {"action": readable(action)} if isinstance(action, str) else {}


def error_row(error: SyncError) -> dict[str, str]:
    """Return the code and the sentence of an error, as log records carry them."""
    return {"reason": error.code, "detail": readable(error.detail, LONGEST_SENTENCE)}
