"""Pure: what a run found and did -> the response document."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pppsync.report.router_row import Budget, router_row
from pppsync.report.rows import approval_row, earlier_row, problem_row, unmatched_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.core.approval import Approval, Release
    from pppsync.core.change import ChangeKey
    from pppsync.core.reasons import Problem, Reason
    from pppsync.core.unmatched import Unmatched
    from pppsync.report.router_row import RouterReport

LONGEST: Final = {"changes": 2000, "failures": 200, "problems": 200, "unmatched": 200}
"""Rows of each kind in one response, over all routers; Lambda refuses an answer of more than 6 MB."""
EARLIER_IDS: Final = 20_000
"""Ids of earlier plans in all rows of changes: a plan that changes at every run leaves 200 of them for each change."""
EACH_REASON: Final = 5
"""Rows that each reason has in a list of problems that is cut, if it has so many."""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run.

    `logins` counts the logins that no rule ignores, `ignored` subscribers by reason. `coverage` is in percent, None if
    nobody has a service that counts. `earlier` are plans of the last days that can be approved still. `released` are
    the changes that an approval let pass.
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
    earlier: tuple[Release, ...] = ()
    released: frozenset[ChangeKey] = frozenset()

    @property
    def ok(self) -> bool:
        """False if a router failed, anything failed or went unanswered, or an approved id was unknown."""
        unknown = any(one.result == "unknown" for one in self.approvals)
        return not unknown and not any(router.failed for router in self.routers)

    def plans_by_change(self) -> dict[ChangeKey, list[str]]:
        """Return the ids that withhold or would release a change: its router's, the fleet's, those of earlier days.

        Of many earlier plans the first are named: a notice names the first of a row of plans that differ a little.
        """
        found: dict[ChangeKey, dict[str, None]] = {}
        for plan in (one for router in self.routers for one in router.plans):
            for change in plan.changes:
                found.setdefault(change.key, {})[plan.plan_id] = None
        earlier: dict[ChangeKey, list[str]] = {}
        due = {change.key for one in self.earlier for change in one.due}
        each = EARLIER_IDS // max(1, min(len(due), LONGEST["changes"]))
        for one in self.earlier:
            for change in one.due:
                ids = earlier.setdefault(change.key, [])
                if len(ids) < each:
                    ids.append(one.plan_id)
        return {key: [*dict.fromkeys((*found.get(key, ()), *earlier.get(key, ())))] for key in found | earlier}

    def document(self, *, run_id: str, exclusive: bool, duration_ms: int) -> dict[str, Any]:
        """The response of `sync` and `plan`; passwords in it are masked."""
        failures, changes = Budget(LONGEST["failures"]), Budget(LONGEST["changes"])
        plans = self.plans_by_change() if self.action == "plan" else {}
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
                router_row(router, failures, changes, plans, planning=self.action == "plan")
                for router in sorted(self.routers, key=lambda one: one.name)
            ],
            "approvals": [approval_row(one) for one in self.approvals],
            **({"earlier_plans": [earlier_row(one) for one in self.earlier]} if self.action == "plan" else {}),
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
