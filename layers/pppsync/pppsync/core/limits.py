"""Pure: how many changes of a kind may be made without an approval, in one run (G3) and in a day (G13).

Restricts and disables are cuts: they are counted in sum, and withheld together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from pppsync.core.change import CUTS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.core.census import Census
    from pppsync.core.change import Change
    from pppsync.core.policy import GuardLimits

type GroupKind = Kind | Literal["cut"]
"""What is counted and withheld together: changes of one kind, or cuts of both kinds."""

CUT: Final = "cut"
_CUT_GROUPS: Final = frozenset({*CUTS, CUT})
DISRUPTIVE: Final = frozenset({Kind.PASSWORD, Kind.PROFILE, Kind.REMOTE_ADDRESS, Kind.DROP}) | _CUT_GROUPS
_VALUES_OF_A_DAY: Final = frozenset({Kind.PASSWORD, Kind.PROFILE, Kind.REMOTE_ADDRESS})
DAILY: Final = _VALUES_OF_A_DAY | CUTS
"""The kinds that a day limits too: cuts, and new values, for a wrong list in slices is the same mistake (G13)."""
_PASSWORDS: Final = frozenset({Kind.PASSWORD, Kind.DEFAULT_PASSWORD})
_WOULD_BE: Final[Mapping[GroupKind, str]] = {
    Kind.PASSWORD: "get another password",
    Kind.DEFAULT_PASSWORD: "get the registration date as password",
    Kind.PROFILE: "get another profile",
    Kind.REMOTE_ADDRESS: "get another address",
    Kind.RESTRICT: "be restricted",
    Kind.DISABLE: "be disabled",
    CUT: "be disabled or restricted",
    Kind.DROP: "have their session dropped",
}
_NAMES: Final = {
    Kind.PASSWORD: "new passwords",
    Kind.PROFILE: "new profiles",
    Kind.REMOTE_ADDRESS: "new addresses",
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

    def cuts(self, router: str) -> int:
        """Return the cuts of both kinds on this router."""
        return sum(self.of(router, kind) for kind in CUTS)


def is_daily(change: Change) -> bool:
    """Return True if a day's limit counts the change; who is restricted already loses no full access (G13)."""
    return change.kind in DAILY and not (change.kind is Kind.DISABLE and change.restricted)


def grouped(changes: Iterable[Change]) -> list[tuple[GroupKind, tuple[Change, ...]]]:
    """Return the changes by what is counted together; the cuts of both kinds are one group."""
    groups: dict[object, list[Change]] = {}
    for change in changes:
        groups.setdefault(CUT if change.kind in CUTS else change.kind, []).append(change)
    return [(kind_of(group), tuple(group)) for group in groups.values()]


def kind_of(group: Sequence[Change]) -> GroupKind:
    """Return the kind of changes that are counted together: `cut` where they are both restricts and disables."""
    kinds = {change.kind for change in group}
    return group[0].kind if len(kinds) == 1 else CUT


def excess(
    limits: GuardLimits, day: Day | None, kind: GroupKind, changes: Sequence[Change], census: Census
) -> str | None:
    """Return the sentence that says which limits of a router these changes pass, or None if they pass none.

    `day` is None without a journal: then there is no limit of the day.
    """
    sentences = [_of_a_run(limits, day, kind, changes, census), _of_a_day(limits, day, kind, changes, census)]
    return "; ".join(filter(None, sentences)) or None


def day_limit(limits: GuardLimits, day: Day, router: str, census: Census) -> int:
    """Return how many cuts a router may have in 24 hours; those already made still count in the denominator."""
    return _day_limit(limits, day, census.managed_enabled, day.cuts(router))


def fleet_excess(
    limits: GuardLimits, day: Day | None, cuts: Sequence[Change], routers: Iterable[str], enabled: int
) -> str | None:
    """Return the sentence that says which limits the cuts of all written routers pass together, or None.

    `routers` are all written ones, those without any cut included.
    """
    limit = max(limits.fleet_min, share(limits.percent, enabled))
    sentences = []
    if len(cuts) > limit:
        whom = _whom(cuts, f"of {enabled} enabled secrets on all routers")
        sentences.append(f"{whom} would {_WOULD_BE[kind_of(cuts)]}; the limit is {limit}")
    if day:
        count = sum(map(is_daily, cuts))
        earlier = sum(map(day.cuts, routers))
        percent = share(limits.day_percent, enabled + earlier) if day.reachable else 0
        of_day = max(limits.fleet_day_min, percent)
        if earlier + count > of_day:
            sentences.append(_in_a_day("cuts on all routers", earlier, count, of_day))
    return "; ".join(sentences) or None


def share(percent: float, whole: int) -> int:
    """Return so many percent of a number, rounded down."""
    return int(whole * percent / 100)


def _of_a_run(
    limits: GuardLimits, day: Day | None, kind: GroupKind, changes: Sequence[Change], census: Census
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
    elif day and not day.reachable and kind in _VALUES_OF_A_DAY | _CUT_GROUPS:
        limit = limits.min
    else:
        limit = max(limits.min, share(limits.percent, census.managed_enabled))
    if count <= limit:
        return None
    whom = _whom(changes, f"of {census.managed_enabled} enabled secrets")
    online = sum(bool(change.sessions) for change in changes) if kind in _PASSWORDS else 0
    proof = f" ({online} of them online with the password that the router holds)" if online else ""
    why = ", since the journal cannot be reached" if limit == limits.min and day and not day.reachable else ""
    return f"{whom} would {_WOULD_BE[kind]}{proof}; the limit is {limit}{why}"


def _whom(changes: Sequence[Change], enabled: str) -> str:
    """Return how many secrets are changed: those in the denominator first, then the others."""
    disabled = sum(change.secret is not None and change.secret.disabled for change in changes)
    restricted = sum(change.restricted for change in changes)
    parts = [f"{len(changes) - disabled - restricted} {enabled}"]
    parts += [
        f"{number} {what} ones" for number, what in ((disabled, "disabled"), (restricted, "restricted")) if number
    ]
    return " and ".join(parts)


def _of_a_day(
    limits: GuardLimits, day: Day | None, kind: GroupKind, changes: Sequence[Change], census: Census
) -> str | None:
    count = sum(map(is_daily, changes))
    if day is None or not count:
        return None
    router = changes[0].router
    earlier = day.cuts(router) if kind in _CUT_GROUPS else day.of(router, changes[0].kind)
    limit = _day_limit(limits, day, census.managed_enabled, earlier)
    name = "cuts" if kind in _CUT_GROUPS else _NAMES[changes[0].kind]
    return _in_a_day(name, earlier, count, limit) if earlier + count > limit else None


def _day_limit(limits: GuardLimits, day: Day, enabled: int, earlier: int) -> int:
    if not day.reachable:
        return limits.day_min
    return max(limits.day_min, share(limits.day_percent, enabled + earlier))


def _in_a_day(what: str, earlier: int, count: int, limit: int) -> str:
    return f"{earlier + count} {what} within 24 hours, {earlier} of them made already; the limit of a day is {limit}"
