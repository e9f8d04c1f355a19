"""Logging set up so that no record can carry a password."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any, Final

import urllib3

from pppsync.core.outcome import Result
from pppsync.errors import SyncError
from pppsync.report.response import LONGEST_SENTENCE, Report, change_row, problem_row, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from pppsync.core.change import ChangeKey
    from pppsync.core.outcome import Outcome
    from pppsync.report.answer import Answer
    from pppsync.report.response import RouterReport

type Handler[Response] = Callable[[object, LambdaContext], Response]

WITHHELD_CHANGES: Final = 200
"""Records of withheld changes in one run: until somebody approves them, every run would write all of them anew."""

# Below these levels librouteros logs every word, botocore every answer of Secrets Manager, urllib3 every URL.
THIRD_PARTIES: Final = {
    "librouteros": logging.WARNING,
    "botocore": logging.INFO,
    "boto3": logging.INFO,
    "urllib3": logging.INFO,
}


def quieten_third_parties() -> None:
    """Keep libraries above the level at which they log what passes through them."""
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # every run says itself what is not verified
    for name, level in THIRD_PARTIES.items():
        logging.getLogger(name).setLevel(level)


def failures[Response](logger: Logger) -> Callable[[Handler[Response]], Handler[Response]]:
    """A decorator for handlers: a run that could do nothing at all leaves one record with the error's code."""

    def recorded(handler: Handler[Response]) -> Handler[Response]:
        @functools.wraps(handler)
        def handle(event: object, context: LambdaContext) -> Response:
            try:
                return handler(event, context)
            except SyncError as error:
                run = {"run_id": context.aws_request_id}
                logger.error("failed", extra={**run, "error": _error(error)})  # noqa: TRY400 - Lambda logs the trace
                raise

        return handle

    return recorded


def record(logger: Logger, answer: Answer, response: dict[str, Any]) -> None:
    """One record for each change, problem, router that failed and weakened setting, and one with the whole response."""
    run = {"run_id": response["run_id"]}
    for path in answer.weakened:
        logger.warning("A connection is not verified", extra={**run, "setting": path})
    if isinstance(answer, Report):
        _record_run(logger, answer, run)
    logger.info("response", extra={**run, "response": response})


def _record_run(logger: Logger, report: Report, run: dict[str, str]) -> None:
    for router, row in _changes(report):
        logger.info("change", extra={**run, "router": router, "change": row})
    for part in report.routers:
        if part.error:
            logger.error("router failed", extra={**run, "router": part.name, "error": _error(part.error)})
        for plan in part.plans:
            withheld = {"plan_id": plan.plan_id, "kind": plan.kind.value, "reason": plan.reason}
            logger.warning("withheld", extra={**run, "router": part.name, "withheld": withheld})
    for problem in report.problems:
        logger.warning("problem", extra={**run, "problem": problem_row(problem)})


def _changes(report: Report) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every change by router, but of the withheld ones only so many."""
    withheld = 0
    for router in report.routers:
        plans = _plans_of(router)
        for outcome in router.outcomes:
            withheld += outcome.result is Result.WITHHELD
            if outcome.result is not Result.WITHHELD:
                yield router.name, _change(outcome)
            elif withheld <= WITHHELD_CHANGES:
                yield router.name, {**_change(outcome), "plans": plans.get(outcome.change.key, [])}


def _plans_of(router: RouterReport) -> dict[ChangeKey, list[str]]:
    """The ids of the plans that hold each change back: its router's, the fleet's, or both."""
    plans: dict[ChangeKey, list[str]] = {}
    for plan in router.plans:
        for change in plan.changes:
            plans.setdefault(change.key, []).append(plan.plan_id)
    return plans


def _error(error: SyncError) -> dict[str, str]:
    return {"reason": error.code, "detail": readable(error.detail, LONGEST_SENTENCE)}


def _change(outcome: Outcome) -> dict[str, Any]:
    return {
        **change_row(outcome.change),
        "subscriber": outcome.change.wanted.subscriber,
        "result": outcome.result.value,
        "reason": outcome.reason or outcome.change.reason,
        "detail": readable(outcome.detail),
        "sessions_dropped": outcome.dropped,
    }
