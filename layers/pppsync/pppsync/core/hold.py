"""Pure: a hold keeps a router from being written until it ends or is released (G14)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

LONGEST: Final = timedelta(days=30)
_DURATION: Final = re.compile(r"(?P<number>[1-9][0-9]{0,4})(?P<unit>[mhd])")
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Hold:
    """Says until when a router is on hold, who asked for it, and why."""

    until: datetime
    by: str
    why: str

    @property
    def ends(self) -> str:
        """Its end as objects and responses show it: UTC ISO 8601 in whole seconds, such as `2026-11-25T09:30:00Z`."""
        return self.until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def sentence(self) -> str:
        """Until when, by whom and why, as a clause."""
        return f"on hold until {self.ends}{f', by {self.by}' if self.by else ''}{f': {self.why}' if self.why else ''}"


def duration(text: str) -> timedelta:
    """Return how long a hold lasts; raises `ValueError` with the sentence of the fault."""
    match = _DURATION.fullmatch(text)
    found = int(match["number"]) * _UNITS[match["unit"]] if match else timedelta()
    if not timedelta() < found <= LONGEST:
        raise ValueError('must be a whole number and m, h or d, such as "30m", "2h" or "7d", and at most 30d')
    return found
