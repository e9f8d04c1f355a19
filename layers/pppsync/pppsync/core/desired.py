"""Pure: what each subscriber's secret has to be, judged from the CRM alone (rules R2 to R11).

`judge` is the one judgement of one subscriber: the plan is made with it, and so is the confirmation before a cut.
`judge_all` adds what only the whole list shows: two subscribers with one custom ID, and nobody managed at all.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Final

from pppsync.core.ipv4 import host_address
from pppsync.core.masked import Masked
from pppsync.core.reasons import Problem
from pppsync.core.records import row_dataclass
from pppsync.core.subscriber import OVER, STARTING, Service, ServiceStatus, Subscriber

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.core.policy import Policy

_REPORTED: Final = frozenset({"duplicate_custom_id", "invalid_custom_id", "no_internet_service", "transitional"})
_AFTER_DUPLICATES: Final = frozenset({"transitional", "no_internet_service"})
"""Reasons that a shared custom ID goes before; one who opts out, or has no valid ID, says so by that reason."""


class State(Enum):
    """What the CRM wants of a login (R8)."""

    ENABLED = "enabled"
    """It exists and is enabled; every field follows."""
    DISABLED = "disabled"
    """It exists and is disabled; every field follows."""
    OFF = "off"
    """Disabled if it exists, never created; only the flag and the password follow."""


@row_dataclass(frozen=True, slots=True)
class Wanted:
    """What the CRM wants of one login.

    `registered` is the registration date as written. `static_ip` is None where the CRM names none or the named one is
    no unicast host address; `static_ip_invalid` tells the two apart. `counting` is the id of the service that decided.
    """

    name: str
    subscriber: int
    state: State
    profile: str
    password: Masked | None
    registered: str | None
    static_ip: str | None
    static_ip_invalid: bool
    password_invalid: bool
    router: str | None
    counting: int | None

    @property
    def initial_password(self) -> Masked | None:
        """The registration date as a password (R10)."""
        return registration_password(self.registered)

    def same_outcome(self, other: Wanted | Ignored) -> bool:
        """True if a second look at the CRM leads to the same cut (G2)."""
        return isinstance(other, Wanted) and (self.name, self.state, self.router) == (
            other.name,
            other.state,
            other.router,
        )


@dataclass(frozen=True, slots=True)
class Ignored:
    """A subscriber whose secret is left alone, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Desired:
    """The CRM's whole will.

    `wanted` is keyed by secret name. `ignored` counts subscribers by reason. `names` are all custom IDs, ignored
    ones too; `live` maps the ids of live subscribers to their custom IDs.
    """

    wanted: Mapping[str, Wanted]
    ignored: Mapping[str, int]
    problems: tuple[Problem, ...]
    names: frozenset[str]
    live: Mapping[int, str]


def judge_all(subscribers: Iterable[Subscriber], services: Mapping[int, Sequence[Service]], policy: Policy) -> Desired:
    """Judge every subscriber; `services` are grouped by subscriber id."""
    wanted: dict[str, Wanted] = {}
    ignored: Counter[str] = Counter()
    problems: list[Problem] = []
    subscribers = tuple(subscribers)
    live = {subscriber.id: subscriber.custom_id for subscriber in subscribers if subscriber.live}
    shared = {name for name, owners in Counter(live.values()).items() if owners > 1}
    for subscriber in subscribers:
        verdict = judge(subscriber, services.get(subscriber.id, ()), policy)
        if subscriber.custom_id in shared and (isinstance(verdict, Wanted) or verdict.reason in _AFTER_DUPLICATES):
            verdict = Ignored("duplicate_custom_id")
        if isinstance(verdict, Wanted):
            wanted[verdict.name] = verdict
            continue
        ignored[verdict.reason] += 1
        if verdict.reason in _REPORTED:
            problems.append(Problem("", subscriber.custom_id, verdict.reason, subscriber=subscriber.id))
    if subscribers and not wanted:
        reason, count = min(ignored.items(), key=lambda one: (-one[1], one[0]))
        problems.append(Problem("", "", "nothing_managed", f"{count} of {len(subscribers)}: {reason}"))
    return Desired(
        wanted=wanted,
        ignored=dict(ignored),
        problems=tuple(problems),
        names=frozenset([subscriber.custom_id for subscriber in subscribers]),
        live=live,
    )


def judge(subscriber: Subscriber, services: Sequence[Service], policy: Policy) -> Wanted | Ignored:
    """What one subscriber's secret has to be, or why it is left alone (R2 to R11)."""
    reason = _ineligible(subscriber, policy)
    if reason:
        return Ignored(reason)
    service = counting_service(services)
    reason = _unsettled(service, services)
    if reason:
        return Ignored(reason)
    static_ip = host_address(subscriber.static_ip) if subscriber.static_ip else None
    broken_password = subscriber.password is not None and not _encodable(subscriber.password.reveal())
    # Without names, which would double the price of what is made for everybody at every run.
    return Wanted(
        subscriber.custom_id,
        subscriber.id,
        _state(service),
        "" if service is None else service.name if policy.profile_from == "name" else service.plan_name,
        None if broken_password else subscriber.password,
        subscriber.registered,
        static_ip,
        subscriber.static_ip is not None and static_ip is None,
        broken_password,
        subscriber.router,
        None if service is None else service.id,
    )


def counting_service(services: Iterable[Service]) -> Service | None:
    """The service that counts (R7): the last added active Internet service, else suspended, else ended or inactive."""
    counting = [service for service in services if service.internet and service.status in _RANK]
    if len(counting) < 2:
        return counting[0] if counting else None
    return max(counting, key=lambda one: (_RANK[one.status], one.id))


def registration_password(registered: str | None) -> Masked | None:
    """The registration date as day, month, year with no leading zeros: `2020-08-14` gives `1482020` (R10)."""
    if registered is None:
        return None
    day = date.fromisoformat(registered)
    return Masked(f"{day.day}{day.month}{day.year}")


_RANK: Final[Mapping[int, int]] = {
    ServiceStatus.ACTIVE: 3,
    ServiceStatus.SUSPENDED: 2,
    ServiceStatus.ENDED: 1,
    ServiceStatus.INACTIVE: 1,
}


def _state(service: Service | None) -> State:
    if service is None or service.status in OVER:
        return State.OFF
    return State.ENABLED if service.status == ServiceStatus.ACTIVE else State.DISABLED


def _unsettled(service: Service | None, services: Sequence[Service]) -> str:
    """Why nothing may be decided yet (R8), or nothing."""
    if service is None:
        if any(one.internet for one in services):
            return "transitional"
        return "no_internet_service" if services else ""
    if service.status in OVER and any(_follows(one, service) for one in services if one.internet):
        return "transitional"
    return ""


def _follows(successor: Service, predecessor: Service) -> bool:
    """True if a starting service takes over no later than the day after the other ends; an unknown day may be that."""
    if successor.status not in STARTING:
        return False
    if successor.active_from is None or predecessor.active_to is None:
        return True
    start, end = date.fromisoformat(successor.active_from), date.fromisoformat(predecessor.active_to)
    return start.toordinal() <= end.toordinal() + 1


def _ineligible(subscriber: Subscriber, policy: Policy) -> str:
    """Why a subscriber has no relation with any router (R2 to R5), or nothing."""
    name = subscriber.custom_id
    if subscriber.archived:
        return "archived"
    if subscriber.lead:
        return "lead"
    if subscriber.tags and _opts_out(subscriber.tags, policy.unmanaged_tag):
        return "custom_config"
    if not name.strip():
        return "no_custom_id"
    if not _valid_name(name):
        return "invalid_custom_id"
    if name[0] in _DIGITS and not policy.allow_numeric_custom_id:
        return "numeric_custom_id"
    return ""


def _opts_out(tags: Iterable[str], unmanaged_tag: str) -> bool:
    wanted = unmanaged_tag.strip().casefold()
    return any(tag.strip().casefold() == wanted for tag in tags)


_DIGITS: Final = frozenset("0123456789")


def _valid_name(name: str) -> bool:
    if name.isascii() and name.isalnum() and len(name) <= _LONGEST:
        return True  # nearly every name: decided without a look at each rule
    if name.startswith("*") or name != name.strip():
        return False
    # What is printable has neither controls nor surrogates.
    return _encodable(name) and (name.isprintable() or not any(unicodedata.category(one) == "Cc" for one in name))


_LONGEST: Final = 8192
"""Characters. A router ends the session at a word that is too long for it, and so everybody's changes at every run."""


def _encodable(text: str) -> bool:
    # A lone surrogate cannot go over the wire, and would look like a raw byte that a router holds.
    return len(text) <= _LONGEST and (
        text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
    )
