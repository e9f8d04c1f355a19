"""Pure: one router's part of a run, and its row of the response document."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from pppsync.core.census import Census
from pppsync.core.change import Change
from pppsync.core.outcome import Result
from pppsync.report.holds import hold_row
from pppsync.report.rows import (
    LONGEST_SENTENCE,
    change_row,
    deferred_row,
    failure_row,
    outcome_row,
    readable,
    withheld_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pppsync.core.change import ChangeKey
    from pppsync.core.guard import WithheldPlan
    from pppsync.core.hold import Hold
    from pppsync.core.outcome import Outcome
    from pppsync.errors import RouterError


@dataclass(frozen=True, slots=True)
class RouterReport:
    """One router's part of a run.

    `planned` are its changes after the event's filters; `outcomes` what became of them, empty where nothing is
    written. `error` is why it could not be read, or how its connection ended. `read` is False if
    its tables could not be read: then nothing is known of it.
    `cuts_of_the_day` are the unapproved cuts of the last 24 hours and their limit, None without a journal.
    `hold` is what it was on hold by, at the start of the run or since.
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
    hold: Hold | None = None

    @property
    def untouched(self) -> list[Change]:
        """The planned changes that nothing became of: those of a router that is observed or on hold."""
        if self.mode == "enforce" and self.hold is None:
            return []
        known = {one.change.key for one in self.outcomes}
        return [change for change in self.planned if change.key not in known]

    def count(self, result: Result) -> Counter[str]:
        """Count the changes with this result, by kind."""
        return Counter(one.change.kind.value for one in self.outcomes if one.result is result)

    @property
    def failed(self) -> bool:
        """True if the router failed, or any of its changes failed or was not answered."""
        return self.error is not None or any(one.result in {Result.FAILED, Result.UNANSWERED} for one in self.outcomes)


class Budget:
    """Rows that the response has left for one kind of list."""

    def __init__(self, rows: int) -> None:
        self._left = rows

    def take[Row](self, rows: Sequence[Row]) -> Iterator[Row]:
        """Yield as many of the rows as are left."""
        taken = min(self._left, len(rows))
        self._left -= taken
        return islice(rows, taken)


def router_row(
    router: RouterReport,
    failures: Budget,
    changes: Budget,
    plans: Mapping[ChangeKey, Sequence[str]],
    *,
    planning: bool,
) -> dict[str, Any]:
    """Return the router's row; `plans` are the ids that withhold or would release a change, for a plan alone."""
    error = router.error
    failed = sorted(
        (one for one in router.outcomes if one.result is Result.FAILED),
        key=lambda one: (one.change.name, one.change.kind),
    )
    counts = {result: router.count(result) for result in Result}
    if not planning:
        # A router that is not written: count its changes as deferred, so that the sums agree.
        counts[Result.DEFERRED] += Counter(one.kind.value for one in router.untouched)
    decided = _decided(router, planning=planning)
    return {
        "name": router.name,
        "mode": router.mode,
        "hold": hold_row(router.hold),
        "ok": not router.failed,
        "error": {"reason": error.code, "detail": readable(error.detail, LONGEST_SENTENCE)} if error else None,
        **_census(router),
        "planned": dict(Counter(change.kind.value for change in router.planned)),
        **{result.value: dict(count) for result, count in counts.items()},
        "sessions_dropped": sum(one.dropped for one in router.outcomes) if router.read else None,
        "cuts_of_the_day": _of_the_day(router.cuts_of_the_day),
        "failures": [failure_row(one) for one in failures.take(failed)],
        "failures_total": len(failed),
        "changes": [_change(one, plans, planning=planning) for one in changes.take(decided)],
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
        found += (*router.outcomes, *router.untouched)
    return sorted(found, key=_by_name)


def _by_name(one: Outcome | Change) -> tuple[str, str]:
    change = one if isinstance(one, Change) else one.change
    return change.name, change.kind


def _change(one: Outcome | Change, plans: Mapping[ChangeKey, Sequence[str]], *, planning: bool) -> dict[str, Any]:
    if not isinstance(one, Change):
        return outcome_row(one)
    if not planning:
        return deferred_row(one)
    row = change_row(one)
    return {**row, "plans": ids} if (ids := plans.get(one.key)) else row
