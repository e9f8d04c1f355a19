"""Pure: what each subscriber's secret has to be, judged from the CRM alone (rules R2 to R11).

`judge` is the one judgement of one subscriber: the plan is made with it, and so is the confirmation before a cut.
`judge_all` adds what only the whole list shows: two subscribers with one custom ID, and nobody managed at all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pppsync.core.counting_service import State, counting_service, state_of, unsettled
from pppsync.core.eligibility import encodable, ineligible
from pppsync.core.ipv4 import host_address
from pppsync.core.masked import Masked
from pppsync.core.reasons import Problem, Reason
from pppsync.core.records import row_dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.core.policy import Policy
    from pppsync.core.subscriber import Service, Subscriber

_REPORTED: Final = frozenset(
    {Reason.DUPLICATE_CUSTOM_ID, Reason.INVALID_CUSTOM_ID, Reason.NO_INTERNET_SERVICE, Reason.TRANSITIONAL}
)
_AFTER_DUPLICATES: Final = frozenset({Reason.TRANSITIONAL, Reason.NO_INTERNET_SERVICE})
"""`duplicate_custom_id` replaces these reasons; all other reasons are kept."""
_WITH_A_LOGIN: Final = frozenset({Reason.NUMERIC_CUSTOM_ID, Reason.INVALID_CUSTOM_ID})
"""Reasons of a subscriber who has a login that is left alone; whether it must be off is told (`suspended_online`)."""


@row_dataclass(frozen=True, slots=True)
class Wanted:
    """What the CRM wants of one login.

    `profile` is None if no service counts. `registered` is the registration date as written. `static_ip` is None where
    the CRM names none or the named one is no unicast host address; `static_ip_refused` is the text of the latter.
    `counting` is the id of the service that decided.
    """

    name: str
    subscriber: int
    state: State
    profile: str | None
    password: Masked | None
    registered: str | None
    static_ip: str | None
    static_ip_refused: str | None
    password_invalid: bool
    router: str | None
    counting: int | None

    @property
    def initial_password(self) -> Masked | None:
        """The registration date as a password (R10)."""
        return registration_password(self.registered)

    def same_outcome(self, other: Judgement) -> bool:
        """Return True if the second CRM read leads to the same cut (G2)."""
        return isinstance(other, Wanted) and (self.name, self.state, self.router) == (
            other.name,
            other.state,
            other.router,
        )


@dataclass(frozen=True, slots=True)
class Ignored:
    """A subscriber whose secret is left alone, and why.

    `state` is what the CRM would want of the login, None if nothing is decided or there is no relation with a router.
    """

    reason: Reason
    state: State | None = field(default=None, compare=False)


type Judgement = Wanted | Ignored


@dataclass(frozen=True)
class Desired:
    """What the CRM wants for every login, and who is left out.

    `verdicts` are keyed by subscriber id, `wanted` by secret name. `ignored` counts subscribers by reason. `names` are
    all custom IDs, those of ignored subscribers too; `live` maps the ids of live subscribers to their custom
    IDs. `coverable` are the live subscribers with an Internet service that counts, but for those who opt out (G15).
    """

    verdicts: Mapping[int, Judgement]
    wanted: Mapping[str, Wanted]
    ignored: Mapping[Reason, int]
    problems: tuple[Problem, ...]
    names: frozenset[str]
    live: Mapping[int, str | None]
    coverable: frozenset[int]

    @cached_property
    def logins(self) -> frozenset[str]:
        """The exact logins of all live subscribers."""
        return frozenset([name for name in self.live.values() if name is not None])


def judge_all(subscribers: Iterable[Subscriber], services: Mapping[int, Sequence[Service]], policy: Policy) -> Desired:
    """Judge every subscriber; `services` are grouped by subscriber id."""
    subscribers = tuple(subscribers)
    live = {subscriber.id: subscriber.custom_id for subscriber in subscribers if subscriber.live}
    shared = {name for name, owners in Counter(live.values()).items() if owners > 1}
    verdicts: dict[int, Judgement] = {}
    wanted: dict[str, Wanted] = {}
    ignored: Counter[Reason] = Counter()
    problems: list[Problem] = []
    coverable: list[int] = []
    for subscriber in subscribers:
        verdict = judge(subscriber, services.get(subscriber.id, ()), policy)
        if subscriber.custom_id in shared and (isinstance(verdict, Wanted) or verdict.reason in _AFTER_DUPLICATES):
            verdict = Ignored(Reason.DUPLICATE_CUSTOM_ID, verdict.state)
        verdicts[subscriber.id] = verdict
        if subscriber.id in live and _coverable(verdict, services.get(subscriber.id, ())):
            coverable.append(subscriber.id)
        if isinstance(verdict, Wanted):
            wanted[verdict.name] = verdict
            continue
        ignored[verdict.reason] += 1
        if verdict.reason in _REPORTED:
            problems.append(Problem(None, subscriber.custom_id, verdict.reason, subscriber=subscriber.id))
    if subscribers and not wanted:
        reason, count = min(ignored.items(), key=lambda one: (-one[1], one[0]))
        problems.append(Problem(None, None, Reason.NOTHING_MANAGED, f"{count} of {len(subscribers)}: {reason}"))
    return Desired(
        verdicts=verdicts,
        wanted=wanted,
        ignored=dict(ignored),
        problems=tuple(problems),
        names=frozenset([subscriber.custom_id for subscriber in subscribers if subscriber.custom_id is not None]),
        live=live,
        coverable=frozenset(coverable),
    )


def judge(subscriber: Subscriber, services: Sequence[Service], policy: Policy) -> Judgement:
    """Return what one subscriber's secret has to be, or why it is left alone (R2 to R11)."""
    reason = ineligible(subscriber, policy)
    if reason and reason not in _WITH_A_LOGIN:
        return Ignored(reason)
    service = counting_service(services)
    if reason:
        return Ignored(reason, None if unsettled(service, services) else state_of(service, policy.suspension))
    assert subscriber.custom_id is not None  # noqa: S101 - else it was ineligible
    reason = unsettled(service, services)
    if reason:
        return Ignored(reason)
    static_ip = host_address(subscriber.static_ip) if subscriber.static_ip else None
    broken_password = subscriber.password is not None and not encodable(subscriber.password.reveal())
    # Fast path: positional, since keyword arguments double the cost of this call, made once per subscriber.
    return Wanted(
        subscriber.custom_id,
        subscriber.id,
        state_of(service, policy.suspension),
        None if service is None else service.name if policy.profile_from == "name" else service.plan_name,
        None if broken_password else subscriber.password,
        subscriber.registered,
        static_ip,
        subscriber.static_ip if static_ip is None else None,
        broken_password,
        subscriber.router,
        None if service is None else service.id,
    )


def _coverable(verdict: Judgement, services: Sequence[Service]) -> bool:
    if isinstance(verdict, Wanted):
        return verdict.counting is not None
    return verdict.reason is not Reason.CUSTOM_CONFIG and counting_service(services) is not None


def registration_password(registered: str | None) -> Masked | None:
    """Return the registration date as day, month, year with no leading zeros: `2020-08-14` gives `1482020` (R10)."""
    if registered is None:
        return None
    day = date.fromisoformat(registered)
    return Masked(f"{day.day}{day.month}{day.year}")
