"""Pure: logins with more than one active Internet service, of which only one counts (R7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.core.subscriber import ServiceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pppsync.core.subscriber import Service


def active_services(services: Iterable[Service]) -> tuple[Service, ...]:
    """Return the active Internet services in their order; the last one counts."""
    return tuple(one for one in services if one.internet and one.status == ServiceStatus.ACTIVE)
