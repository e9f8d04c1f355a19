"""Pure: which of a subscriber's services decides, and what state it asks for (R7, R8)."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Final

from pppsync.core.reasons import Reason
from pppsync.core.subscriber import OVER, STARTING, Service, ServiceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.core.policy import Suspension


class State(Enum):
    """What the CRM wants of a login (R8)."""

    ENABLED = "enabled"
    """It exists and is enabled; every field follows."""
    RESTRICTED = "restricted"
    """It exists, is enabled, and has the suspended profile (R18); every other field follows."""
    DISABLED = "disabled"
    """It exists and is disabled; every field follows."""
    OFF = "off"
    """Disabled if it exists, never created; only the flag and the password follow."""


_RANK: Final[Mapping[int, int]] = {
    ServiceStatus.ACTIVE: 3,
    ServiceStatus.SUSPENDED: 2,
    ServiceStatus.ENDED: 1,
    ServiceStatus.INACTIVE: 1,
}


def counting_service(services: Iterable[Service]) -> Service | None:
    """Return the service that counts (R7): the last added active Internet service, else suspended, else ended."""
    counting = [service for service in services if service.internet and service.status in _RANK]
    if len(counting) < 2:
        return counting[0] if counting else None
    return max(counting, key=lambda one: (_RANK[one.status], one.id))


def state_of(service: Service | None, suspension: Suspension) -> State:
    """Return the state that the counting service asks for; None is no service at all."""
    if service is None or service.status in OVER:
        return State.OFF
    if service.status == ServiceStatus.ACTIVE:
        return State.ENABLED
    return State.RESTRICTED if suspension.restricts(service.suspension_reason) else State.DISABLED


def unsettled(service: Service | None, services: Sequence[Service]) -> Reason | None:
    """Return why nothing may be decided yet (R8), or None if the counting service decides."""
    if service is None:
        if any(one.internet for one in services):
            return Reason.TRANSITIONAL
        return Reason.NO_INTERNET_SERVICE if services else None
    if service.status in OVER and any(_follows(one, service) for one in services if one.internet):
        return Reason.TRANSITIONAL
    return None


def _follows(successor: Service, predecessor: Service) -> bool:
    """Return True if a starting service begins by the day after the other ends; an unknown day may be that."""
    if successor.status not in STARTING:
        return False
    if successor.active_from is None or predecessor.active_to is None:
        return True
    start, end = date.fromisoformat(successor.active_from), date.fromisoformat(predecessor.active_to)
    return start.toordinal() <= end.toordinal() + 1
