"""Finds the passwords that one run overwrote, in the journal (G12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.errors import Code, JournalError
from pppsync.journal import passwords
from pppsync.journal.forms import MalformedError

if TYPE_CHECKING:
    from pppsync.journal.passwords import Overwritten
    from pppsync.journal.store import Store


def kept_passwords(store: Store | None, run_id: str) -> tuple[Overwritten, ...]:
    """Return the passwords that a run overwrote; raises `JournalError` if they cannot be had, or are of services."""
    if store is None:
        detail = (
            "this stack keeps no journal (parameter Journal), so no overwritten password can be put back; deploy with "
            "Journal=true, then passwords that later runs overwrite are kept"
        )
        raise JournalError(detail, Code.JOURNAL_OFF)
    key = passwords.find(store.keys(passwords.PREFIX), run_id)
    body = store.get(key) if key else None
    if key is None or body is None:
        detail = (
            f"the journal keeps no passwords of the run {run_id!r}: it overwrote none, they were deleted after "
            "JournalDays, or the id is wrong; take the run_id of the answer or of the log record of that sync "
            "(`pppctl history LOGIN` shows it)"
        )
        raise JournalError(detail, Code.RUN_UNKNOWN)
    try:
        kept = passwords.decode(body)
    except MalformedError as fault:
        detail = f"{key} cannot be read ({fault}); deploy the release that wrote it, then try again"
        raise JournalError(detail, Code.JOURNAL_MALFORMED) from None
    if any(one.level != "client" for one in kept):
        detail = (
            f"{key} holds passwords of services, and this release puts back those of clients alone; deploy the release "
            "that wrote it, then try again"
        )
        raise JournalError(detail, Code.JOURNAL_MALFORMED)
    return kept
