"""Pure: how many changes of a kind each router had in the last 24 hours (G13), told by object keys alone.

The objects are empty. A run puts `...-planned-<n>` before its first such change on a router and `...-done-<m>` at its
end. So a run that was killed counts with what it had planned, and every other with what it did.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from pppsync.core.change import Kind
from pppsync.journal.forms import from_segment, to_segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX: Final = "day/"
WINDOW: Final = timedelta(hours=24)
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_KEY: Final = re.compile(
    r"day/(?P<stamp>[0-9]{8}T[0-9]{6}Z)/(?P<router>[^/]+)/(?P<kind>[a-z0-9_]+)"
    r"/(?P<run>[^/]+)-(?P<step>planned|done)-(?P<count>[0-9]{1,9})"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of change on one router in one run; `at` is the same for both of its keys."""

    at: datetime
    router: str
    kind: Kind
    run_id: str

    def planned(self, count: int) -> str:
        """Return the key to put before the first change."""
        return self._key("planned", count)

    def done(self, count: int) -> str:
        """Return the key to put at the end of the run: it replaces what was planned."""
        return self._key("done", count)

    def _key(self, step: str, count: int) -> str:
        run = to_segment(self.run_id)
        return f"{PREFIX}{_stamp(self.at)}/{to_segment(self.router)}/{self.kind.value}/{run}-{step}-{count}"


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Changes of the last 24 hours by router and kind; `malformed` counts the keys that are none of ours."""

    counts: Mapping[tuple[str, Kind], int]
    malformed: int = 0


def start_after(now: datetime) -> str:
    """Return the `StartAfter` of a listing below `day/` that leaves out what is older than 24 hours."""
    return f"{PREFIX}{_stamp(now - WINDOW)}"


def count(keys: Iterable[str], now: datetime) -> DayCounts:
    """Count the changes of the last 24 hours; keys of the future count too, for a clock may have been set back.

    Lambda may start a run twice with one id, after it killed it or because the event came twice. Each start has a time
    of its own and counts for itself.
    """
    first = start_after(now)
    planned: dict[tuple[str, str, str, Kind], int] = {}
    done: dict[tuple[str, str, str, Kind], int] = {}
    malformed = 0
    for key in keys:
        match = _KEY.fullmatch(key)
        kind = _kind(match["kind"]) if match else None
        if match is None or kind is None:
            malformed += 1
        elif key > first:
            steps = done if match["step"] == "done" else planned
            part = match["stamp"], match["run"], from_segment(match["router"]), kind
            steps[part] = max(steps.get(part, 0), int(match["count"]))
    counts: Counter[tuple[str, Kind]] = Counter()
    for (_, _, router, kind), number in (planned | done).items():
        counts[router, kind] += number
    return DayCounts(counts, malformed)


def _kind(text: str) -> Kind | None:
    return Kind(text) if text in Kind else None


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_STAMP)
