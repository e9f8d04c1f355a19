"""The lines about the journal: whether it can be read, and which routers are on hold (G14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pppsync.diagnose.check.line import Check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pppsync.journal.run import RunJournal

_OFF: Final = (
    "note: off (parameter Journal), so there is no limit for a day, overwritten passwords are not kept, and no router "
    "can be put on hold"
)


def check_journal(journal: RunJournal, routers: Sequence[str]) -> list[Check]:
    """Read the holds once; return a line about the journal, and one for each of these routers that is on hold."""
    journal.holds.read()
    if journal.state == "off":
        return [Check("config.journal", True, _OFF)]
    held = journal.holds.on_hold(routers)
    lines = [
        Check(f"router.{name}.hold", True, f"note: {hold.sentence}; nothing is written there; `release` takes it back")
        for name, hold in held.items()
    ]
    if journal.failures:
        return [Check("config.journal", False, journal.failures[0]), *lines]
    return [Check("config.journal", True, f"read; routers on hold: {len(held)}"), *lines]
