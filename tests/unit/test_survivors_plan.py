"""Rules of plans that only a change of the code itself showed to be without a test."""

from __future__ import annotations

import pytest

from pppsync.core.placement import Fleet, place
from pppsync.core.subscriber import ServiceStatus
from tests.builders import (
    TOWER,
    a_fleet,
    a_plan,
    a_router_state,
    a_secret,
    a_service,
    a_session,
    a_subscriber,
    a_wanted,
)


def test_a_former_login_is_told_with_its_router_and_subscriber() -> None:
    """R14: the operator has to find the secret, so that the problem names where it is and whose it was."""
    state = a_router_state(a_secret("OLD1", number=7, comment="UISP client 1"), a_secret())
    plan = a_plan([a_subscriber()], [a_service()], a_fleet(state))
    (problem,) = [one for one in plan.problems if one.reason == "former_login"]
    assert (problem.router, problem.name, problem.subscriber, problem.detail) == (TOWER, "OLD1", 1, "now ABC1")


@pytest.mark.parametrize(("digits", "told"), [(19, True), (20, False), (5000, False)])
def test_a_mark_of_more_digits_than_any_id_has_is_none(digits: int, told: bool) -> None:
    """R14: a comment may hold any number; one that cannot be an id is not even read as a number."""
    number = 10 ** (digits - 1) if digits < 100 else 1
    text = str(number) if digits < 100 else "1" * digits
    state = a_router_state(a_secret("OLD1", number=7, comment=f"UISP client {text}"), a_secret())
    plan = a_plan([a_subscriber(number, custom_id="ABC1")], [a_service(of=number)], a_fleet(state))
    assert ("former_login" in {one.reason for one in plan.problems}) is told


def test_a_single_router_is_the_home_even_if_nobody_called_it_the_default() -> None:
    """R16: with a single router, that one."""
    fleet = Fleet((TOWER,), None, {TOWER: a_router_state()}, frozenset({"pppoe", "any"}))
    assert place(a_wanted(), fleet).home == TOWER


def test_a_plan_knows_its_router() -> None:
    """G11: what is planned is told router by router."""
    plan = a_plan([a_subscriber()], [a_service()], a_fleet(a_router_state(a_secret())))
    assert [part.router for part in plan.routers.values()] == [TOWER]


@pytest.mark.parametrize(("status", "suspended"), [(ServiceStatus.ACTIVE, 0), (ServiceStatus.SUSPENDED, 1)])
@pytest.mark.parametrize("radius", [False, True])
def test_who_is_suspended_and_online(status: int, suspended: int, radius: bool) -> None:
    """Section 8: only who must not be online counts, and only by a session that the secret let in."""
    state = a_router_state(a_secret(), sessions=[a_session(radius=radius)])
    plan = a_plan([a_subscriber()], [a_service(status=status)], a_fleet(state))
    assert plan.routers[TOWER].census.suspended_online == (0 if radius else suspended)


@pytest.mark.parametrize("radius", [False, True])
def test_who_is_unmatched_and_online(radius: bool) -> None:
    """R14: likewise for secrets that belong to nobody."""
    state = a_router_state(a_secret(), a_secret("GUEST", number=2), sessions=[a_session("GUEST", radius=radius)])
    plan = a_plan([a_subscriber()], [a_service()], a_fleet(state))
    assert plan.routers[TOWER].census.unmatched_online == (0 if radius else 1)


def test_unreadable_passwords_come_with_the_remedy() -> None:
    """G5: the problem says what is left undone, and what to grant."""
    state = a_router_state(a_secret(password="*****"))
    plan = a_plan([a_subscriber()], [a_service()], a_fleet(state))
    (problem,) = [one for one in plan.problems if one.reason == "passwords_unreadable"]
    assert problem.detail.startswith("passwords of existing secrets are neither compared nor written; grant")
