"""One-line valid objects: the defaults agree with each other, a test overrides what it is about.

A subscriber with a service, and a router with a secret, all as built by default, have nothing to change.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pppsync.core.change import Change, Kind
from pppsync.core.counting_service import State
from pppsync.core.desired import Desired, Wanted, judge_all
from pppsync.core.masked import Masked
from pppsync.core.placement import Fleet
from pppsync.core.plan import Plan, build_plan
from pppsync.core.policy import Policy
from pppsync.core.secret import ActiveSession, PppSecret, RouterState, StoredSecret
from pppsync.core.subscriber import Service, ServiceStatus, Subscriber

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pppsync.core.reasons import Reason

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
) -> Service:
    """An active Internet service of subscriber `of`."""
    return Service(number, of, status, name, plan_name, internet, active_from, active_to)


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
) -> RouterState:
    """A router as read."""
    return RouterState(router, secrets, frozenset(profiles), tuple(sessions))


def a_fleet(
    *states: RouterState,
    unread: tuple[str, ...] = (),
    default: str | None = None,
    ppp_services: Collection[str] = Policy().ppp_services,
) -> Fleet:
    """The routers that were read and, after them, those that could not be; with a single one, that is the default."""
    names = (*(state.router for state in states), *unread)
    only = names[0] if len(names) == 1 else None
    return Fleet(names, default or only, {state.router: state for state in states}, ppp_services)


def a_will(
    subscribers: Iterable[Subscriber] = (), services: Iterable[Service] = (), policy: Policy | None = None
) -> Desired:
    """The CRM's whole will; services as a flat list."""
    grouped: defaultdict[int, list[Service]] = defaultdict(list)
    for service in services:
        grouped[service.subscriber_id].append(service)
    return judge_all(subscribers, grouped, policy or Policy())


def a_plan(
    subscribers: Iterable[Subscriber],
    services: Iterable[Service],
    fleet: Fleet,
    policy: Policy | None = None,
    *,
    passwords_known: bool = True,
) -> Plan:
    """The plan of a run that read all this."""
    policy = policy or Policy()
    return build_plan(a_will(subscribers, services, policy), fleet, policy, passwords_known=passwords_known)


def a_change(
    kind: Kind = Kind.DISABLE,
    name: str = NAME,
    *,
    router: str = TOWER,
    number: int = 1,
    desired: str | Masked | PppSecret | None = "yes",
    actual: str | Masked | None = "no",
    sessions: tuple[ActiveSession, ...] = (),
    reason: Reason | None = None,
) -> Change:
    """A cut; for other kinds the values that belong to them have to be given."""
    secret = None if isinstance(desired, PppSecret) else a_secret(name, number=number)
    return Change(kind, router, a_wanted(name=name, subscriber=number), secret, actual, desired, sessions, reason)
