"""The CRM side of the domain: who is billed, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Literal

from pppsync.core.records import row_dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pppsync.core.masked import Masked


class ServiceStatus(IntEnum):
    """The codes of a service's `status` (UISP CRM API v1.0)."""

    PREPARED = 0
    ACTIVE = 1
    ENDED = 2
    SUSPENDED = 3
    PREPARED_BLOCKED = 4
    OBSOLETE = 5
    DEFERRED = 6
    QUOTED = 7
    INACTIVE = 8


STARTING: Final = frozenset({ServiceStatus.PREPARED, ServiceStatus.PREPARED_BLOCKED, ServiceStatus.DEFERRED})
OVER: Final = frozenset({ServiceStatus.ENDED, ServiceStatus.INACTIVE})


@row_dataclass(frozen=True, slots=True)
class Service:
    """One service of a subscriber.

    `status` is -1 where the CRM sent no number. `active_from` and `active_to` are the dates as written
    (`YYYY-MM-DD`, the last one inclusive), kept only where a rule asks for them, else None. `suspension_reason` is the
    id of the reason for which it is suspended, None if it is not, or where the CRM sent no number.
    """

    id: int
    subscriber_id: int
    status: int
    name: str
    plan_name: str
    internet: bool
    active_from: str | None = None
    active_to: str | None = None
    suspension_reason: int | None = None


@row_dataclass(frozen=True, slots=True)
class Subscriber:
    """A CRM client, reduced to what the rules ask for.

    `custom_id` is `userIdent` as written, None if there is none. `registered` is the date of `registrationDate`
    as written. An attribute that is absent, null or empty is None.
    """

    id: int
    custom_id: str | None
    registered: str | None = None
    archived: bool = False
    lead: bool = False
    tags: tuple[str, ...] = ()
    password: Masked | None = None
    static_ip: str | None = None
    router: str | None = None

    @property
    def live(self) -> bool:
        """Neither archived nor a lead."""
        return not (self.archived or self.lead)


type Source = Literal["domain", "address"]
"""Where the CRM was read: at its domain name, or at its fallback address."""


@dataclass(frozen=True, slots=True)
class CrmState:
    """All subscribers and services of one read.

    `services` are grouped by subscriber id, in order of service id. `password_attribute` is the id of the client
    attribute that holds passwords, None if the CRM has none of that key or does not list its attributes;
    `static_ip_attribute` is that of the static addresses.
    """

    subscribers: tuple[Subscriber, ...]
    services: Mapping[int, tuple[Service, ...]]
    password_attribute: int | None
    source: Source
    static_ip_attribute: int | None = None

    @property
    def service_count(self) -> int:
        """The number of services, orphans included."""
        return sum(map(len, self.services.values()))
