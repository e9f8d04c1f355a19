"""Pure: what a run found and did -> the response document."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal

from pppsync.core.census import Census
from pppsync.core.change import Change
from pppsync.core.outcome import Result
from pppsync.report.rows import (
    LONGEST_SENTENCE,
    change_row,
    deferred_row,
    failure_row,
    outcome_row,
    problem_row,
    readable,
    unmatched_row,
    withheld_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pppsync.core.guard import Approval, WithheldPlan
    from pppsync.core.outcome import Outcome
    from pppsync.core.reasons import Problem, Reason
    from pppsync.core.unmatched import Unmatched
    from pppsync.errors import RouterError

LONGEST: Final = {"changes": 2000, "failures": 200, "problems": 200, "unmatched": 200}
"""Rows of each kind in one response, over all routers; Lambda refuses an answer of more than 6 MB."""
EACH_REASON: Final = 5
"""Rows that each reason has in a list of problems that is cut, if it has so many."""


@dataclass(frozen=True, slots=True)
class RouterReport:
    """One router's part of a run.

    `planned` are its changes after the event's filters; `outcomes` what became of them, empty where nothing is
    written. `error` is why it could not be read, or how its connection ended. `read` is False if
    its tables could not be read: then nothing is known of it.
    `cuts_of_the_day` are the unapproved cuts of the last 24 hours and their limit, None without a journal.
    """

    name: str
    mode: str
    error: RouterError | None = None
    census: Census = field(default_factory=Census)
    planned: tuple[Change, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    plans: tuple[WithheldPlan, ...] = ()
    read: bool = True
    cuts_of_the_day: tuple[int, int] | None = None

    def count(self, result: Result) -> Counter[str]:
        """Count the changes with this result, by kind."""
        return Counter(one.change.kind.value for one in self.outcomes if one.result is result)

    @property
    def failed(self) -> bool:
        """True if the router failed, or any of its changes failed or was not answered."""
        return self.error is not None or any(one.result in {Result.FAILED, Result.UNANSWERED} for one in self.outcomes)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run.

    `logins` counts the logins that no rule ignores, `ignored` subscribers by reason. `coverage` is in percent, None if
    nobody has a service that counts.
    """

    action: str
    source: str
    subscribers: int
    services: int
    ignored: Mapping[Reason, int]
    routers: tuple[RouterReport, ...]
    problems: tuple[Problem, ...]
    approvals: tuple[Approval, ...] = ()
    weakened: tuple[str, ...] = ()
    logins: int = 0
    coverage: float | None = None
    unmatched: tuple[Unmatched, ...] = ()
    journal: Literal["ok", "off", "unavailable"] = "off"
    journal_failures: int = 0

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
            "crm": {
                "subscribers": self.subscribers,
                "services": self.services,
                "logins": self.logins,
                "source": self.source,
            },
            "coverage": self.coverage,
            "journal": self.journal,
            "ignored": dict(sorted(self.ignored.items())),
            "routers": [
                _router(router, failures, changes, planning=self.action == "plan")
                for router in sorted(self.routers, key=lambda one: one.name)
            ],
            "approvals": [{"plan_id": one.plan_id, "result": one.result, "now": one.now} for one in self.approvals],
            "problems": [problem_row(one) for one in shown_problems(self.problems)],
            "problems_total": len(self.problems),
            "problems_by_reason": by_reason(self.problems),
            "unmatched": [unmatched_row(one) for one in self.unmatched[: LONGEST["unmatched"]]],
            "unmatched_total": len(self.unmatched),
        }


def shown_problems(problems: Sequence[Problem]) -> list[Problem]:
    """Return as many problems as a response shows, in order; each reason has at least five if it has so many."""
    seen: Counter[Reason] = Counter()
    first: list[int] = []
    rest: list[int] = []
    for position, problem in enumerate(problems):
        seen[problem.reason] += 1
        (first if seen[problem.reason] <= EACH_REASON else rest).append(position)
    chosen = sorted([*first, *rest[: max(0, LONGEST["problems"] - len(first))]])
    return [problems[position] for position in chosen]


def by_reason(problems: Iterable[Problem]) -> dict[str, int]:
    """Return the number of problems of each reason, all of them, the most frequent first."""
    counts = Counter(problem.reason.value for problem in problems)
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


class _Budget:
    """Rows that the response has left for one kind of list."""

    def __init__(self, rows: int) -> None:
        self._left = rows

    def take[Row](self, rows: Sequence[Row]) -> Iterator[Row]:
        taken = min(self._left, len(rows))
        self._left -= taken
        return islice(rows, taken)


def _router(router: RouterReport, failures: _Budget, changes: _Budget, *, planning: bool) -> dict[str, Any]:
    error = router.error
    failed = sorted(
        (one for one in router.outcomes if one.result is Result.FAILED),
        key=lambda one: (one.change.name, one.change.kind),
    )
    counts = {result: router.count(result) for result in Result}
    if router.mode == "observe" and not planning:
        # Observed routers: count the planned changes as deferred, so that the sums agree.
        counts[Result.DEFERRED] = Counter(one.kind.value for one in router.planned) - counts[Result.WITHHELD]
    decided = _decided(router, planning=planning)
    return {
        "name": router.name,
        "mode": router.mode,
        "hold": None,
        "ok": not router.failed,
        "error": {"reason": error.code, "detail": readable(error.detail, LONGEST_SENTENCE)} if error else None,
        **_census(router),
        "planned": dict(Counter(change.kind.value for change in router.planned)),
        **{result.value: dict(count) for result, count in counts.items()},
        "sessions_dropped": sum(one.dropped for one in router.outcomes) if router.read else None,
        "cuts_of_the_day": _of_the_day(router.cuts_of_the_day),
        "failures": [failure_row(one) for one in failures.take(failed)],
        "failures_total": len(failed),
        "changes": [_change(one, planning=planning) for one in changes.take(decided)],
        "changes_total": len(decided),
        "withheld_plans": [withheld_row(plan) for plan in router.plans],
    }


def _of_the_day(cuts: tuple[int, int] | None) -> dict[str, int] | None:
    return None if cuts is None else {"count": cuts[0], "limit": cuts[1]}


def _census(router: RouterReport) -> dict[str, int | None]:
    """Return what the router holds, counted; null for every count of one that was not read."""
    census = router.census
    counts = {
        "secrets": census.secrets,
        "managed": census.managed,
        "in_sync": census.in_sync,
        "unmatched": census.unmatched,
        "unmatched_enabled": census.unmatched_enabled,
        "unmatched_online": census.unmatched_online,
        "suspended_online": census.suspended_online,
        "restricted": census.restricted,
    }
    return {name: count if router.read else None for name, count in counts.items()}


def _decided(router: RouterReport, *, planning: bool) -> list[Outcome | Change]:
    """Return the router's changes in order of name: what was planned, or for a sync what became of it."""
    found: list[Outcome | Change] = []
    if planning:
        found += router.planned
    else:
        found += router.outcomes
        if router.mode == "observe":
            withheld = {one.change.key for one in router.outcomes}
            found += [change for change in router.planned if change.key not in withheld]
    return sorted(found, key=_by_name)


def _by_name(one: Outcome | Change) -> tuple[str, str]:
    change = one if isinstance(one, Change) else one.change
    return change.name, change.kind


def _change(one: Outcome | Change, *, planning: bool) -> dict[str, Any]:
    if not isinstance(one, Change):
        return outcome_row(one)
    return change_row(one) if planning else deferred_row(one)
