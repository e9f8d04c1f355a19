"""Writes what a run did into the log: one record a fact, none with a password."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pppsync.core.outcome import Result
from pppsync.report.log_setup import error_row
from pppsync.report.response import Report
from pppsync.report.rows import approval_row, change_row, problem_row, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_lambda_powertools import Logger

    from pppsync.core.outcome import Outcome
    from pppsync.report.answer import Answer

WITHHELD_CHANGES: Final = 200
"""Records of withheld changes in one run: until somebody approves them, every run would write all of them anew."""

NOBODY_NAMED: Final = "unknown"
"""Who approved a change, where the event does not say it."""

LONGEST_RECORD: Final = 200_000
"""Characters; CloudWatch cuts a record at 256 kB."""


def record(logger: Logger, answer: Answer, response: dict[str, Any], by: str = "") -> None:
    """Write a record for each change, problem, failed router and weakened setting, and one with the whole response.

    `by` is who asked; without a name it is left out.
    """
    run = {"run_id": response["run_id"]}
    by = readable(by)
    for path in answer.weakened:
        logger.warning("A connection is not verified", extra={**run, "setting": path})
    if isinstance(answer, Report):
        _record_run(logger, answer, run, by)
    logger.info("response", extra={**run, **_asked(by), "response": _loggable(response)})


def _asked(by: str) -> dict[str, str]:
    return {"by": by} if by else {}


def _loggable(response: dict[str, Any]) -> dict[str, Any]:
    """Return the response as one record holds it; of a long one, changes are left to their own records."""
    if len(json.dumps(response, default=str)) <= LONGEST_RECORD:
        return response
    return {**response, "routers": [{**router, "changes": []} for router in response["routers"]]}


def _record_run(logger: Logger, report: Report, run: dict[str, str], by: str) -> None:
    for router, row in _changes(report, by or NOBODY_NAMED):
        logger.info("change", extra={**run, "router": router, "change": row})
    for part in report.routers:
        if part.error:
            logger.error("router failed", extra={**run, "router": part.name, "error": error_row(part.error)})
        for plan in part.plans:
            withheld = {"plan_id": plan.plan_id, "kind": str(plan.kind), "reason": plan.reason}
            logger.warning("withheld", extra={**run, "router": part.name, "withheld": withheld})
    for approval in report.approvals:
        logger.info("approval", extra={**run, **_asked(by), "approval": approval_row(approval)})
    for problem in report.problems:
        logger.warning("problem", extra={**run, "problem": problem_row(problem)})


def _changes(report: Report, by: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every change by router, of the withheld ones at most `WITHHELD_CHANGES`; `by` approved what is released."""
    withheld = 0
    plans = report.plans_by_change()
    for router in report.routers:
        for outcome in router.outcomes:
            withheld += outcome.result is Result.WITHHELD
            if outcome.result is not Result.WITHHELD:
                approved = {"approved_by": by} if outcome.change.key in report.released else {}
                yield router.name, {**_change(outcome), **approved}
            elif withheld <= WITHHELD_CHANGES:
                yield router.name, {**_change(outcome), "plans": plans.get(outcome.change.key, [])}


def _change(outcome: Outcome) -> dict[str, Any]:
    return {
        **change_row(outcome.change),
        "subscriber": outcome.change.wanted.subscriber,
        "result": outcome.result.value,
        "reason": outcome.reason or outcome.change.reason,
        "detail": readable(outcome.detail),
        "sessions_dropped": outcome.dropped,
    }
