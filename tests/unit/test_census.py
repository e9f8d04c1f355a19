"""How many secrets of each sort one router holds, counted as read."""

from __future__ import annotations

import pytest

from pppsync.core.census import Census
from pppsync.core.subscriber import ServiceStatus as Status
from tests.builders import TOWER, a_fleet, a_plan, a_router_state, a_secret, a_service, a_session, a_subscriber


def test_every_secret_is_counted_as_it_was_read() -> None:
    """R14: every secret is counted as read; changes, filters and services of others do not disturb the count."""
    subscribers = [
        *(a_subscriber(number) for number in (1, 3, 4, 5)),
        a_subscriber(2, password="new"),
        a_subscriber(6, tags=("Custom-Config",)),
    ]
    statuses = (Status.ACTIVE, Status.ACTIVE, Status.SUSPENDED, Status.SUSPENDED, Status.ENDED, Status.ACTIVE)
    services = [a_service(number, status, of=number) for number, status in enumerate(statuses, start=1)]
    state = a_router_state(
        a_secret("ABC1", number=1),
        a_secret("ABC2", number=2, profile="old"),
        a_secret("ABC3", number=3, disabled=True),
        a_secret("ABC4", number=4, ppp_service="any"),
        a_secret("ABC5", number=5, disabled=True),
        a_secret("ABC6", number=6),
        a_secret("free", number=7),
        a_secret("spare", number=8, disabled=True),
        a_secret("guest", number=9),
        a_secret("vpn", number=10, ppp_service="l2tp"),
        router="a",
        sessions=[
            a_session("ABC1"),
            a_session("ABC2"),
            a_session("ABC3"),
            a_session("ABC3", number=2),
            a_session("ABC4", ppp_service="l2tp"),
            a_session("ABC5", radius=True),
            a_session("ABC6"),
            a_session("free"),
            a_session("spare"),
            a_session("guest", radius=True),
            a_session("vpn", ppp_service="l2tp"),
        ],
    )
    plan = a_plan(a_fleet(state), subscribers, services)
    expected = Census(
        secrets=10,
        managed=5,
        managed_enabled=3,
        in_sync=2,  # ABC1 and ABC5; ABC2 has two changes, ABC3 a drop, ABC4 a disable
        unmatched=3,
        unmatched_enabled=2,
        unmatched_online=2,
        suspended_online=2,
    )
    assert expected == plan.routers["a"].census
    assert expected == plan.select([], []).routers["a"].census


@pytest.mark.parametrize(("status", "suspended"), [(Status.ACTIVE, 0), (Status.SUSPENDED, 1)])
@pytest.mark.parametrize("radius", [False, True])
def test_a_suspended_login_with_a_session_of_its_secret_is_counted(status: int, suspended: int, radius: bool) -> None:
    """Section 8: only who must not be online counts, and only by a session that the secret let in."""
    state = a_router_state(a_secret(), sessions=[a_session(radius=radius)])
    plan = a_plan(a_fleet(state), services=[a_service(status=status)])
    assert plan.routers[TOWER].census.suspended_online == (0 if radius else suspended)


@pytest.mark.parametrize("radius", [False, True])
def test_an_unmatched_secret_with_a_session_of_its_own_is_counted(radius: bool) -> None:
    """R14: a secret that belongs to no subscriber is online only by a session that the secret let in."""
    state = a_router_state(a_secret(), a_secret("GUEST", number=2), sessions=[a_session("GUEST", radius=radius)])
    plan = a_plan(a_fleet(state))
    assert plan.routers[TOWER].census.unmatched_online == (0 if radius else 1)
