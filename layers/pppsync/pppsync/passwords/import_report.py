"""Writes the response document and the log records of an import, a restore or a generation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pppsync.config.event import ImportEvent
from pppsync.core.masked import MASK, Masked
from pppsync.report.rows import problem_row, readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools import Logger

    from pppsync.core.subscriber import CrmState
    from pppsync.passwords.writes import Write, WritePlan

LONGEST: Final = 200
"""Rows of each list in the response."""


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """The result of one planned write."""

    planned: Write
    result: Literal["imported", "failed", "skipped"]
    reason: str | None = None
    detail: str = ""
    crm_failing: bool = False

    def row(self) -> dict[str, Any]:
        """Return the outcome as the log shows it."""
        return {
            "name": self.planned.name,
            "subscriber": self.planned.subscriber,
            "router": self.planned.router,
            "field": self.planned.field,
            "result": self.result,
            "reason": self.reason,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True)
class ImportReport:
    """One whole use of the function; `secrets` counts them by router, None where it was not read.

    `refused` are the routers from which nothing was taken, and why.
    """

    event: ImportEvent
    crm: CrmState
    secrets: Mapping[str, int | None]
    refused: Mapping[str, dict[str, str]]
    plan: WritePlan
    outcomes: tuple[WriteOutcome, ...]
    weakened: tuple[str, ...] = ()

    def of(self, result: str) -> list[WriteOutcome]:
        """Return the outcomes of one result in order of name."""
        return sorted((one for one in self.outcomes if one.result == result), key=lambda one: one.planned.name)

    def document(self, *, run_id: str, duration_ms: int) -> dict[str, Any]:
        """Return the response; passwords in it are masked."""
        dry_run, planned = self.event.dry_run, self.plan.writes
        failed = self.of("failed")
        skipped = Counter(self.plan.skipped) + Counter(one.reason for one in self.of("skipped"))
        return {
            "run_id": run_id,
            "ok": not (failed or self.refused),
            "dry_run": dry_run,
            **_use(self.event),
            "duration_ms": duration_ms,
            "weakened": list(self.weakened),
            "crm": {
                "subscribers": len(self.crm.subscribers),
                "services": self.crm.service_count,
                "source": self.crm.source,
            },
            "imported": len(planned) if dry_run else len(self.of("imported")),
            "unchanged": self.plan.unchanged,
            "deferred": 0 if dry_run else len(planned) - len(self.outcomes),
            "skipped": dict(sorted(skipped.items())),
            "password_differs_online": self.plan.differing_online,
            "failed": [_failed_row(one, self.event) for one in failed[:LONGEST]],
            "failed_total": len(failed),
            "routers": [
                {"name": name, "ok": name not in self.refused, "secrets": count, "error": self.refused.get(name)}
                for name, count in sorted(self.secrets.items())
            ],
            **({"changes": [change_row(one) for one in planned[:LONGEST]]} if dry_run else {}),
            "problems": [problem_row(one) for one in self.plan.problems[:LONGEST]],
            "problems_total": len(self.plan.problems),
        }


def _use(event: ImportEvent) -> dict[str, Any]:
    """Return what the event asks for beyond an import of passwords."""
    if event.restore is not None:
        return {"restore": event.restore}
    if event.generate:
        return {"generate": True}
    return {} if event.fields == ImportEvent().fields else {"fields": [*event.fields]}


def _failed_row(outcome: WriteOutcome, event: ImportEvent) -> dict[str, Any]:
    """Return a failed write; if other fields than the password are asked for, the row says which it is about."""
    field = {"field": outcome.planned.field} if event.fields != ImportEvent().fields else {}
    return {"name": outcome.planned.name, **field, "reason": outcome.reason, "detail": outcome.detail}


def change_row(planned: Write) -> dict[str, Any]:
    """Return a write as a dry run shows it, passwords masked."""
    return {
        "name": planned.name,
        "subscriber": planned.subscriber,
        "router": planned.router,
        "field": planned.field,
        "actual": _shown(planned.actual),
        "desired": _shown(planned.desired),
        "online": planned.online,
    }


def _shown(value: Masked | str | None) -> str | None:
    return MASK if isinstance(value, Masked) else None if value is None else readable(value)


def record(logger: Logger, report: ImportReport, response: dict[str, Any]) -> None:
    """Log each write, problem, failed router and weakened setting, and the whole response."""
    run = {"run_id": response["run_id"]}
    for path in report.weakened:
        logger.warning("A connection is not verified", extra={**run, "setting": path})
    use = (
        {"use": "restore"} if report.event.restore is not None else {"use": "generate"} if report.event.generate else {}
    )
    for outcome in report.outcomes:
        logger.info("import", extra={**run, "import": outcome.row() | use})
    if report.event.dry_run:
        for planned in report.plan.writes:
            logger.info("would import", extra={**run, "import": change_row(planned)})
    for router, error in report.refused.items():
        logger.error("router failed", extra={**run, "router": router, "error": error})
    for problem in report.plan.problems:
        logger.warning("problem", extra={**run, "problem": problem_row(problem)})
    logger.info("response", extra={**run, "response": response})
