"""The actions `hold` and `release`: no side is read, only the journal is written (G14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.journal.run import RunJournal
from pppsync.report.holds import HoldAnswer

if TYPE_CHECKING:
    from pppsync.config.event import Event
    from pppsync.config.settings import Settings


def change_holds(event: Event, settings: Settings, journal: RunJournal | None) -> HoldAnswer:
    """Put routers on hold or take holds back; raises `JournalError` if that cannot be done."""
    holds = (journal or RunJournal.off()).holds
    if event.lasting is not None:
        holds.put(event.routers, event.lasting, event.by, event.why)
    else:
        holds.release(event.routers)
    names = [router.name for router in settings.routers] if event.routers is None else event.routers
    return HoldAnswer(event.action, {name: holds.of(name) for name in sorted(names)}, settings.weakened)
