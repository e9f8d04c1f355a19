"""What a run does before and after it writes, so that the day has a limit and no password is lost (G12, G13)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pppsync.core.change import Kind
from pppsync.core.limits import is_daily
from pppsync.core.outcome import Outcome, Result
from pppsync.core.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from pppsync.core.guard import Verdict
    from pppsync.core.limits import Day
    from pppsync.journal.run import RunJournal

_PASSWORDS: Final = frozenset({Kind.PASSWORD, Kind.DEFAULT_PASSWORD})
_MADE: Final = frozenset({Result.APPLIED, Result.UNANSWERED})
"""What counts as made, beside what failed once it was written: a change without an answer may have happened."""


@dataclass(frozen=True, slots=True)
class Protected:
    """What may be written now, and the changes that wait because the journal cannot keep what they overwrite."""

    verdict: Verdict
    deferred: Mapping[str, tuple[Outcome, ...]]


def protect(
    journal: RunJournal, verdict: Verdict, writers: Collection[str], again: Callable[[Day], Verdict]
) -> Protected:
    """Announce the run's changes of the day and keep the passwords that it overwrites; nothing is written yet.

    `writers` are the routers that are written. `again` reviews the plan anew, under the limits that hold if the
    journal cannot be written.
    """
    stricter = journal.announce(_counted(verdict, writers))
    if stricter is not None:
        verdict = again(stricter)
    overwriting = [one for router in writers for one in verdict.allowed[router] if one.kind in _PASSWORDS]
    if journal.keep_passwords(overwriting):
        return Protected(verdict, {})
    waiting = {one.key for one in overwriting}
    detail = "the journal cannot keep the password that the router holds"
    return Protected(
        replace(
            verdict,
            allowed={
                router: tuple(change for change in changes if change.key not in waiting)
                for router, changes in verdict.allowed.items()
            },
        ),
        {
            router: tuple(
                Outcome(one, Result.DEFERRED, Reason.JOURNAL_UNAVAILABLE, detail)
                for one in overwriting
                if one.router == router
            )
            for router in writers
        },
    )


def conclude(
    journal: RunJournal, verdict: Verdict, writers: Collection[str], outcomes: Iterable[Outcome]
) -> Counter[tuple[str, Kind]]:
    """Tell the journal what the run made of the kinds that a day limits, and return it."""
    made = Counter(dict.fromkeys(_counted(verdict, writers), 0))
    for outcome in outcomes:
        change = outcome.change
        happened = outcome.written or outcome.result in _MADE
        if happened and is_daily(change) and change.key not in verdict.released:
            made[change.router, change.kind] += 1
    journal.conclude(made)
    return made


def _counted(verdict: Verdict, writers: Collection[str]) -> dict[tuple[str, Kind], int]:
    return {(router, kind): count for router in writers for kind, count in verdict.counted(router).items()}
