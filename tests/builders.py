"""Valid objects in one line: a test names only the fields that it is about.

The defaults agree with each other. One subscriber with one service, planned on one router with one secret, has nothing
to change. Numbers tie the sides together: `a_subscriber(2)` has the custom ID `ABC2`, its service is
`a_service(2, of=2)`, and its secret is `a_secret("ABC2")`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pppsync.core.change import Change, Kind
from pppsync.core.counting_service import State
from pppsync.core.desired import Desired, Wanted, judge_all
from pppsync.core.masked import Masked
from pppsync.core.placement import Fleet
from pppsync.core.plan import Plan, build_plan
from pppsync.core.policy import Policy
from pppsync.core.secret import ActiveSession, ListedAddresses, PppSecret, Restriction, RouterState, StoredSecret
from pppsync.core.subscriber import Service, ServiceStatus, Subscriber

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from types import EllipsisType

    from pppsync.core.reasons import Reason

type Value = str | Masked | None

TOWER = "tower-1"
NAME = "ABC1"
PROFILE = "30mbps"
PASSWORD = "opensesame"
REGISTERED = "2020-08-14"
REGISTERED_PASSWORD = "1482020"


def a_subscriber(
    number: int = 1,
    *,
    custom_id: str | None = None,
    registered: str | None = REGISTERED,
    archived: bool = False,
    lead: bool = False,
    tags: tuple[str, ...] = (),
    password: str | None = PASSWORD,
    static_ip: str | None = None,
    router: str | None = None,
) -> Subscriber:
    """A live subscriber with the custom ID `ABC<number>`."""
    return Subscriber(
        id=number,
        custom_id=f"ABC{number}" if custom_id is None else custom_id,
        registered=registered,
        archived=archived,
        lead=lead,
        tags=tags,
        password=None if password is None else Masked(password),
        static_ip=static_ip,
        router=router,
    )


def a_service(
    number: int = 1,
    status: int = ServiceStatus.ACTIVE,
    *,
    of: int = 1,
    name: str = PROFILE,
    plan_name: str = "Home 30",
    internet: bool = True,
    active_from: str | None = None,
    active_to: str | None = None,
    reason: int | None = None,
) -> Service:
    """An active Internet service of subscriber `of`; `reason` is that of its suspension."""
    return Service(number, of, status, name, plan_name, internet, active_from, active_to, reason)


def a_wanted(
    state: State = State.ENABLED,
    *,
    name: str = NAME,
    subscriber: int = 1,
    profile: str | None = PROFILE,
    password: str | None = PASSWORD,
    registered: str | None = REGISTERED,
    static_ip: str | None = None,
    static_ip_refused: str | None = None,
    password_invalid: bool = False,
    router: str | None = None,
    counting: int | None = 1,
) -> Wanted:
    """What the CRM wants of an active subscriber's login."""
    return Wanted(
        name=name,
        subscriber=subscriber,
        state=state,
        profile=profile,
        password=None if password is None else Masked(password),
        registered=registered,
        static_ip=static_ip,
        static_ip_refused=static_ip_refused,
        password_invalid=password_invalid,
        router=router,
        counting=counting,
    )


def a_secret(
    name: str = NAME,
    *,
    number: int = 1,
    ppp_service: str = "pppoe",
    password: str = PASSWORD,
    profile: str = PROFILE,
    remote_address: str | None = None,
    disabled: bool = False,
    comment: str | None = None,
) -> StoredSecret:
    """An enabled secret as a router holds it."""
    return StoredSecret(f"*{number:X}", name, ppp_service, Masked(password), profile, remote_address, disabled, comment)


def a_new_secret(
    name: str = NAME,
    *,
    password: str = PASSWORD,
    profile: str = PROFILE,
    remote_address: str | None = None,
    disabled: bool = False,
    comment: str = "UISP client 1",
) -> PppSecret:
    """A secret to be created."""
    return PppSecret(name, Masked(password), profile, remote_address, disabled, comment)


def a_session(
    name: str = NAME,
    *,
    number: int = 0x80000001,
    ppp_service: str = "pppoe",
    address: str | None = "10.64.0.9",
    radius: bool = False,
) -> ActiveSession:
    """A live session that a secret let in, on an address of the pool."""
    return ActiveSession(f"*{number:X}", name, ppp_service, address, radius)


def a_router_state(
    *secrets: StoredSecret,
    router: str = TOWER,
    profiles: Collection[str] = (PROFILE,),
    sessions: Iterable[ActiveSession] = (),
    restrictions: Mapping[str, Restriction] | None = None,
    listed: ListedAddresses | None = None,
) -> RouterState:
    """A router as read: without secrets and sessions unless given."""
    return RouterState(router, secrets, frozenset(profiles), tuple(sessions), restrictions or {}, listed)


def a_fleet(
    *routers: RouterState | str, default: str | None = None, ppp_services: Collection[str] = Policy().ppp_services
) -> Fleet:
    """Routers in order; a name alone is a router that could not be read. A single router is the default."""
    states = {one.router: one for one in routers if isinstance(one, RouterState)}
    names = tuple(one if isinstance(one, str) else one.router for one in routers)
    only = names[0] if len(names) == 1 else None
    return Fleet(names, default or only, states, ppp_services)


def a_will(
    subscribers: Iterable[Subscriber] = (), services: Iterable[Service] = (), policy: Policy | None = None
) -> Desired:
    """What the CRM wants for every login; services as a flat list."""
    grouped: defaultdict[int, list[Service]] = defaultdict(list)
    for service in services:
        grouped[service.subscriber_id].append(service)
    return judge_all(subscribers, grouped, policy or Policy())


def a_plan(
    fleet: Fleet,
    subscribers: Sequence[Subscriber] | None = None,
    services: Iterable[Service] | None = None,
    policy: Policy | None = None,
    *,
    passwords_known: bool = True,
) -> Plan:
    """The plan for one subscriber, or for these; without services, each has an active one."""
    policy = policy or Policy()
    subscribers = [a_subscriber()] if subscribers is None else subscribers
    services = [a_service(one.id, of=one.id) for one in subscribers] if services is None else services
    return build_plan(a_will(subscribers, services, policy), fleet, policy, passwords_known=passwords_known)


VALUES: Final[Mapping[Kind, tuple[Value, Value]]] = {
    Kind.ENABLE: ("yes", "no"),
    Kind.RESTORE: ("suspended", PROFILE),
    Kind.PASSWORD: (Masked("old"), Masked(PASSWORD)),
    Kind.DEFAULT_PASSWORD: (Masked("old"), Masked(REGISTERED_PASSWORD)),
    Kind.PROFILE: ("10mbps", PROFILE),
    Kind.REMOTE_ADDRESS: (None, "10.0.0.1"),
    Kind.RESTRICT: (PROFILE, "suspended"),
    Kind.DISABLE: ("no", "yes"),
    Kind.DROP: (None, None),
}
"""The actual and the desired value that belong to a kind; a create has a whole secret instead."""


def a_change(
    kind: Kind = Kind.DISABLE,
    name: str = NAME,
    *,
    router: str = TOWER,
    number: int = 1,
    desired: Value | PppSecret | EllipsisType = ...,
    actual: Value | EllipsisType = ...,
    sessions: tuple[ActiveSession, ...] = (),
    reason: Reason | None = None,
) -> Change:
    """A change of this kind, with the values that belong to it unless others are given."""
    wanted = a_wanted(name=name, subscriber=number)
    if kind is Kind.CREATE:
        created = a_new_secret(name) if desired is ... else desired
        return Change(kind, router, wanted, None, None, created, sessions, reason)
    values = VALUES[kind]
    actual, desired = values[0] if actual is ... else actual, values[1] if desired is ... else desired
    return Change(kind, router, wanted, a_secret(name, number=number), actual, desired, sessions, reason)
