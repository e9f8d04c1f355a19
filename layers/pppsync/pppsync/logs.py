"""Logging set up so that no record can carry a password."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import urllib3

from pppsync.outcome import Result
from pppsync.report import Report, change_row, problem_row, readable

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

    from pppsync.actions import Answer
    from pppsync.outcome import Outcome

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


def record(logger: Logger, answer: Answer, response: dict[str, Any]) -> None:
    """One record for each change and each problem, one for each weakened setting, and one with the whole response."""
    for path in answer.weakened:
        logger.warning("A connection is not verified", extra={"setting": path})
    if isinstance(answer, Report):
        _record_run(logger, answer)
    logger.info("response", extra={"response": response})


def _record_run(logger: Logger, report: Report) -> None:
    for router in report.routers:
        for outcome in router.outcomes:
            if outcome.result is not Result.WITHHELD:
                logger.info("change", extra={"router": router.name, "change": _change(outcome)})
        for plan in router.plans:
            withheld = {"plan_id": plan.plan_id, "kind": plan.kind.value, "reason": plan.reason}
            logger.warning("withheld", extra={"router": router.name, "withheld": withheld})
    for problem in report.problems:
        logger.warning("problem", extra={"problem": problem_row(problem)})


def _change(outcome: Outcome) -> dict[str, Any]:
    return {
        **change_row(outcome.change),
        "subscriber": outcome.change.wanted.subscriber,
        "result": outcome.result.value,
        "reason": outcome.reason or outcome.change.reason,
        "detail": readable(outcome.detail),
        "sessions_dropped": outcome.dropped,
    }
