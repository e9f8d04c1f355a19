"""Pure: what a run found and did -> the response document."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pppsync.core.census import Census
from pppsync.core.masked import MASK, Masked
from pppsync.core.outcome import Result
from pppsync.core.secret import PppSecret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pppsync.core.change import Change
    from pppsync.core.guard import Approval, WithheldPlan
    from pppsync.core.outcome import Outcome
    from pppsync.core.reasons import Problem, Reason
    from pppsync.errors import RouterError

LONGEST: Final = {"changes": 2000, "failures": 200, "problems": 200}
"""Rows of each kind in one response, over all routers; Lambda refuses an answer of more than 6 MB."""
LONGEST_TEXT: Final = 300
"""Characters of a name or a detail that are shown; a custom ID has at most 255."""
LONGEST_SENTENCE: Final = 2000
"""Characters of a sentence of which an answer has few: its end is where the remedy stands."""


@dataclass(frozen=True, slots=True)
class RouterReport:
    """One router's part of a run.

    `planned` are its changes after the event's filters; `outcomes` what became of them, empty where nothing is
    written. `error` is why it could not be read, or how its connection ended.
    """

    name: str
    mode: str
    error: RouterError | None = None
    census: Census = field(default_factory=Census)
    planned: tuple[Change, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    plans: tuple[WithheldPlan, ...] = ()

    def count(self, result: Result) -> Counter[str]:
        """The number of changes that ended so, by kind."""
        return Counter(one.change.kind.value for one in self.outcomes if one.result is result)

    @property
    def failed(self) -> bool:
        """True if the router failed, or any of its changes failed or went unanswered."""
        return self.error is not None or any(one.result in {Result.FAILED, Result.UNANSWERED} for one in self.outcomes)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run; `ignored` counts subscribers by reason."""

    action: str
    source: str
    subscribers: int
    services: int
    ignored: Mapping[Reason, int]
    routers: tuple[RouterReport, ...]
    problems: tuple[Problem, ...]
    approvals: tuple[Approval, ...] = ()
    weakened: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """False if a router failed, or anything failed or went unanswered."""
        return not any(router.failed for router in self.routers)

    def document(self, *, run_id: str, exclusive: bool, duration_ms: int) -> dict[str, Any]:
        """The response of `sync` and `plan`; passwords in it are masked."""
        failures, changes = _Budget(LONGEST["failures"]), _Budget(LONGEST["changes"])
        return {
            "run_id": run_id,
            "action": self.action,
            "ok": self.ok,
            "exclusive": exclusive,
            "duration_ms": duration_ms,
            "weakened": list(self.weakened),
            "crm": {"subscribers": self.subscribers, "services": self.services, "source": self.source},
            "ignored": dict(sorted(self.ignored.items())),
            "routers": [
                _router(router, failures, changes if self.action == "plan" else None)
                for router in sorted(self.routers, key=lambda one: one.name)
            ],
            "approvals": [{"plan_id": one.plan_id, "result": one.result, "now": one.now} for one in self.approvals],
            "problems": [problem_row(one) for one in self.problems[: LONGEST["problems"]]],
            "problems_total": len(self.problems),
        }


def readable(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text of a router or the CRM as a response can carry it: neither endless nor, as JSON would refuse, no UTF-8."""
    shown = text.encode("utf-8", "backslashreplace").decode()
    return shown if len(shown) <= longest else shown[:longest] + "..."


def problem_row(problem: Problem) -> dict[str, Any]:
    """A problem as the response and the log show it."""
    return {
        "name": readable(problem.name) if problem.name else None,
        "subscriber": problem.subscriber,
        "router": problem.router,
        "reason": problem.reason,
        "detail": readable(problem.detail),
    }


def change_row(change: Change) -> dict[str, Any]:
    """A change as the response and the log show it, passwords masked."""
    row = {
        "name": readable(change.name),
        "kind": change.kind.value,
        "field": change.field,
        "actual": _shown(change.actual),
        "desired": _shown(change.desired),
    }
    return {**row, "reason": change.reason} if change.reason else row


class _Budget:
    """Rows that the response has left for one kind of list."""

    def __init__(self, rows: int) -> None:
        self._left = rows

    def take[Row](self, rows: Sequence[Row]) -> Iterator[Row]:
        taken = min(self._left, len(rows))
        self._left -= taken
        return islice(rows, taken)


def _router(router: RouterReport, failures: _Budget, changes: _Budget | None) -> dict[str, Any]:
    error, census = router.error, router.census
    failed = sorted(
        (one for one in router.outcomes if one.result is Result.FAILED),
        key=lambda one: (one.change.name, one.change.kind),
    )
    counts = {result: router.count(result) for result in Result}
    if router.mode == "observe" and changes is None:
        # Left to the run that will be allowed to: every planned change has a result, also where nothing is written.
        counts[Result.DEFERRED] = Counter(one.kind.value for one in router.planned) - counts[Result.WITHHELD]
    row: dict[str, Any] = {
        "name": router.name,
        "mode": router.mode,
        "ok": not router.failed,
        "error": {"reason": error.code, "detail": readable(error.detail, LONGEST_SENTENCE)} if error else None,
        "secrets": census.secrets,
        "managed": census.managed,
        "in_sync": census.in_sync,
        "unmatched": census.unmatched,
        "unmatched_enabled": census.unmatched_enabled,
        "unmatched_online": census.unmatched_online,
        "suspended_online": census.suspended_online,
        "planned": dict(Counter(change.kind.value for change in router.planned)),
        **{result.value: dict(count) for result, count in counts.items()},
        "sessions_dropped": sum(one.dropped for one in router.outcomes),
        "failures": [_failure(one) for one in failures.take(failed)],
        "failures_total": len(failed),
        "withheld_plans": [_withheld(plan) for plan in router.plans],
    }
    if changes is not None:
        planned = sorted(router.planned, key=lambda one: (one.name, one.kind))
        row["changes"] = [change_row(change) for change in changes.take(planned)]
        row["changes_total"] = len(planned)
    return row


def _failure(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": readable(outcome.change.name),
        "kind": outcome.change.kind.value,
        "reason": outcome.reason,
        "detail": readable(outcome.detail),
    }


def _withheld(plan: WithheldPlan) -> dict[str, Any]:
    return {"plan_id": plan.plan_id, "kind": plan.kind.value, "count": len(plan.changes), "reason": plan.reason}


def _shown(value: str | Masked | PppSecret | None) -> Any:
    if isinstance(value, Masked):
        return MASK
    if isinstance(value, PppSecret):
        return {
            "password": MASK,
            "profile": readable(value.profile),
            "remote-address": value.remote_address,
            "disabled": value.disabled,
        }
    return readable(value) if value is not None else None
