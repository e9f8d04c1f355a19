"""The result of a planned change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pppsync.core.change import Change
    from pppsync.core.reasons import Reason


class Result(StrEnum):
    """Every planned change of a run that writes ends as exactly one of these."""

    APPLIED = "applied"
    """The router confirmed it, and the sessions that it concerns are dropped."""
    FAILED = "failed"
    """The router refused it, or did not keep the value."""
    WITHHELD = "withheld"
    """The guard withheld it (G3)."""
    UNCONFIRMED = "unconfirmed"
    """A cut that the second CRM read did not confirm (G2)."""
    DEFERRED = "deferred"
    """Left to the next run: no time, or no connection."""
    UNANSWERED = "unanswered"
    """The connection died before the router's answer; it may have happened."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One change and its result; `reason` and `detail` say why it failed, `dropped` counts sessions that ended.

    `written` is True if it failed after the router took its write: a session was not dropped, or nobody knows whether
    the value was kept.
    """

    change: Change
    result: Result
    reason: Reason | str | None = None
    detail: str = ""
    dropped: int = 0
    written: bool = False
