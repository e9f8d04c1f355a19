"""Pure: how much of the CRM the sync manages at all (G15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.core.desired import Wanted
from pppsync.core.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pppsync.core.desired import Desired
    from pppsync.core.placement import Placement


def coverage(desired: Desired, placements: Mapping[str, Placement]) -> float | None:
    """Return the share of coverable subscribers with a managed login, in percent; None if nobody is coverable.

    A login is managed if no rule ignores it and it has a router. One that may be on a router which could not be read
    counts as managed: that router's own alarm rings.
    """
    if not desired.coverable:
        return None
    managed = sum(_is_managed(desired, subscriber, placements) for subscriber in desired.coverable)
    return round(100 * managed / len(desired.coverable), 1)


def _is_managed(desired: Desired, subscriber: int, placements: Mapping[str, Placement]) -> bool:
    verdict = desired.verdicts[subscriber]
    if not isinstance(verdict, Wanted):
        return False
    placement = placements[verdict.name]
    if placement.home or placement.strays:
        return True
    return placement.problem is not None and placement.problem.reason is Reason.ROUTER_NOT_READ
