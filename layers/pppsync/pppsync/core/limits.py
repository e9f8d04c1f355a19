"""Pure: how many changes of a kind may be made without an approval, in one run (G3) and in a day (G13)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pppsync.core.change import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pppsync.core.census import Census
    from pppsync.core.change import Change
    from pppsync.core.policy import GuardLimits

DISRUPTIVE: Final = (Kind.PASSWORD, Kind.PROFILE, Kind.REMOTE_ADDRESS, Kind.DISABLE, Kind.DROP)
DAILY: Final = frozenset({Kind.PASSWORD, Kind.PROFILE, Kind.REMOTE_ADDRESS, Kind.DISABLE})
"""The kinds that a day limits too: cuts, and new values, for a wrong list in slices is the same mistake (G13)."""
_PASSWORDS: Final = frozenset({Kind.PASSWORD, Kind.DEFAULT_PASSWORD})
_WOULD_BE: Final = {
    Kind.PASSWORD: "get another password",
    Kind.DEFAULT_PASSWORD: "get the registration date as password",
    Kind.PROFILE: "get another profile",
    Kind.REMOTE_ADDRESS: "get another address",
    Kind.DISABLE: "be disabled",
    Kind.DROP: "have their session dropped",
}
_NAMES: Final = {
    Kind.PASSWORD: "new passwords",
    Kind.PROFILE: "new profiles",
    Kind.REMOTE_ADDRESS: "new addresses",
    Kind.DISABLE: "cuts",
}

type DayCounts = Mapping[tuple[str, Kind], int]
"""By router and kind, the changes of the last 24 hours that nobody approved."""


@dataclass(frozen=True, slots=True)
class Day:
    """What the journal says about the last 24 hours (G13).

    `reachable` is False if the journal could not be read or written. Then `counts` are what this process made since it
    last read it, and stricter limits hold: `guard.min` in one run, `guard.day_min` in sum.
    """

    counts: DayCounts = field(default_factory=Counter)
    reachable: bool = True

    def of(self, router: str, kind: Kind) -> int:
        """Return the changes of this kind on this router that count in the day's limit."""
        return self.counts.get((router, kind), 0)


def excess(limits: GuardLimits, day: Day | None, kind: Kind, changes: Sequence[Change], census: Census) -> str | None:
    """Return the sentence that says which limits of a router these changes pass, or None if they pass none.

    `day` is None without a journal: then there is no limit of the day.
    """
    sentences = [_of_a_run(limits, day, kind, changes, census), _of_a_day(limits, day, kind, changes, census)]
    return "; ".join(filter(None, sentences)) or None


def day_limit(limits: GuardLimits, day: Day, router: str, census: Census) -> int:
    """Return how many cuts a router may have in 24 hours; those already made still count in the denominator."""
    return _day_limit(limits, day, census.managed_enabled, day.of(router, Kind.DISABLE))


def fleet_excess(limits: GuardLimits, day: Day | None, cuts: Mapping[str, int], enabled: int) -> str | None:
    """Return the sentence that says which limits the cuts of all written routers pass together, or None.

    `cuts` are those of this run by router, written routers without any included.
    """
    count = sum(cuts.values())
    limit = max(limits.fleet_min, share(limits.percent, enabled))
    sentences = []
    if count > limit:
        sentences.append(f"{count} of {enabled} enabled secrets on all routers would be disabled; the limit is {limit}")
    if day:
        earlier = sum(day.of(router, Kind.DISABLE) for router in cuts)
        percent = share(limits.day_percent, enabled + earlier) if day.reachable else 0
        of_day = max(limits.fleet_day_min, percent)
        if earlier + count > of_day:
            sentences.append(_in_a_day("cuts on all routers", earlier, count, of_day))
    return "; ".join(sentences) or None


def share(percent: float, whole: int) -> int:
    """Return so many percent of a number, rounded down."""
    return int(whole * percent / 100)


def _of_a_run(
    limits: GuardLimits, day: Day | None, kind: Kind, changes: Sequence[Change], census: Census
) -> str | None:
    count = len(changes)
    if kind is Kind.CREATE:
        limit = max(limits.create_min, share(limits.create_percent, census.secrets))
        return (
            f"{count} secrets would be created beside {census.secrets}; the limit is {limit}" if count > limit else None
        )
    if kind is Kind.DEFAULT_PASSWORD:
        limit = limits.default_password
    elif kind not in DISRUPTIVE:
        return None
    elif day and not day.reachable and kind in DAILY:
        limit = limits.min
    else:
        limit = max(limits.min, share(limits.percent, census.managed_enabled))
    if count <= limit:
        return None
    disabled = sum(change.secret is not None and change.secret.disabled for change in changes)
    some = f"{count - disabled} of {census.managed_enabled} enabled secrets"
    also = f" and {disabled} disabled ones" if disabled else ""
    online = sum(bool(change.sessions) for change in changes) if kind in _PASSWORDS else 0
    proof = f" ({online} of them online with the password that the router holds)" if online else ""
    why = ", since the journal cannot be reached" if limit == limits.min and day and not day.reachable else ""
    return f"{some}{also} would {_WOULD_BE[kind]}{proof}; the limit is {limit}{why}"


def _of_a_day(
    limits: GuardLimits, day: Day | None, kind: Kind, changes: Sequence[Change], census: Census
) -> str | None:
    if day is None or kind not in DAILY or not changes:
        return None
    earlier = day.of(changes[0].router, kind)
    limit = _day_limit(limits, day, census.managed_enabled, earlier)
    return _in_a_day(_NAMES[kind], earlier, len(changes), limit) if earlier + len(changes) > limit else None


def _day_limit(limits: GuardLimits, day: Day, enabled: int, earlier: int) -> int:
    if not day.reachable:
        return limits.day_min
    return max(limits.day_min, share(limits.day_percent, enabled + earlier))


def _in_a_day(what: str, earlier: int, count: int, limit: int) -> str:
    return f"{earlier + count} {what} within 24 hours, {earlier} of them made already; the limit of a day is {limit}"
