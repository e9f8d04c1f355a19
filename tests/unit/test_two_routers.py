"""A login that two routers hold and no attribute places (R16): a failover pair, over several runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pppsync.core.change import Kind
from pppsync.core.reasons import Reason
from pppsync.core.subscriber import ServiceStatus
from tests.builders import a_fleet, a_plan, a_router_state, a_secret, a_service, a_session, a_subscriber

if TYPE_CHECKING:
    from pppsync.core.secret import RouterState

PAID, SUSPENDED = ServiceStatus.ACTIVE, ServiceStatus.SUSPENDED
BOTH = ("a", "b")


def after(
    states: dict[str, RouterState], status: ServiceStatus, read: tuple[str, ...] = BOTH
) -> dict[str, RouterState]:
    """The routers after one run that read those named; nothing but the flag and the sessions may have changed."""
    seen = [states[name] for name in read]
    unread = tuple(name for name in BOTH if name not in read)
    plan = a_plan(a_fleet(*seen, *unread), services=[a_service(status=status)])
    done = dict(states)
    for name in read:
        for change in plan.routers[name].changes:
            assert change.kind in {Kind.ENABLE, Kind.DISABLE, Kind.DROP}
            dropped = {session.id for session in change.sessions}
            state = done[name]
            done[name] = replace(
                state,
                secrets=tuple(
                    replace(one, disabled=change.kind is not Kind.ENABLE) if one == change.secret else one
                    for one in state.secrets
                ),
                sessions=tuple(session for session in state.sessions if session.id not in dropped),
            )
    return done


def flags(states: dict[str, RouterState]) -> list[bool]:
    """Whether the login is enabled, by router."""
    return [not states[name].secrets[0].disabled for name in BOTH]


def pair(*, disabled: tuple[bool, bool] = (False, False), online: str | None = None) -> dict[str, RouterState]:
    """Two routers with the same secret, one session on the named one."""
    return {
        name: a_router_state(a_secret(disabled=one), router=name, sessions=[a_session()] if online == name else [])
        for name, one in zip(BOTH, disabled, strict=True)
    }


def test_suspended_it_is_disabled_on_both() -> None:
    """R16: off means off everywhere, and its session ends."""
    done = after(pair(online="a"), SUSPENDED)
    assert flags(done) == [False, False]
    assert done["a"].sessions == ()


def test_paid_it_is_let_in_on_both_again() -> None:
    """R16: both stayed disabled for ever, since nothing said which router is right."""
    assert flags(after(after(pair(), SUSPENDED), PAID)) == [True, True]


@pytest.mark.parametrize("read", [("a",), ("b",)])
def test_one_of_the_two_is_not_read_when_it_is_suspended(read: tuple[str, ...]) -> None:
    """R16: the one that was read is cut at once, the other as soon as it is read; paid, both come back."""
    half = after(pair(), SUSPENDED, read)
    assert flags(half) == [name not in read for name in BOTH]
    whole = after(half, SUSPENDED)
    assert flags(whole) == [False, False]
    assert flags(after(whole, PAID)) == [True, True]


@pytest.mark.parametrize("read", [("a",), ("b",)])
def test_one_of_the_two_is_not_read_when_it_is_paid(read: tuple[str, ...]) -> None:
    """R16: who paid is let in where that is possible, and on the other one as soon as it is read."""
    half = after(after(pair(), SUSPENDED), PAID, read)
    assert flags(half) == [name in read for name in BOTH]
    assert flags(after(half, PAID)) == [True, True]


@pytest.mark.parametrize("online", BOTH)
def test_nobody_is_touched_while_online(online: str) -> None:
    """R16: a live session shows that the customer is in; the second way in waits until it has ended."""
    states = pair(disabled=(online != "a", online != "b"), online=online)
    assert after(states, PAID) == states


def test_paid_and_enabled_on_both_nothing_is_written() -> None:
    """R16: no value is ever written to a login of two routers, and it is reported."""
    plan = a_plan(a_fleet(*pair().values()), [a_subscriber(password="another")])
    assert [part.changes for part in plan.routers.values()] == [(), ()]
    assert [one.reason for one in plan.problems] == [Reason.LOGIN_ON_TWO_ROUTERS]
