"""Which router is a subscriber's own: R16."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pppsync.core.counting_service import State
from pppsync.core.placement import Fleet, Placement, place
from pppsync.core.reasons import Problem, Reason
from tests.builders import NAME, TOWER, a_fleet, a_router_state, a_secret, a_wanted

if TYPE_CHECKING:
    from pppsync.core.desired import Wanted

A_HOLDS = a_router_state(a_secret(), router="a")
B_HOLDS = a_router_state(a_secret(), router="b")
A_EMPTY = a_router_state(router="a")
B_EMPTY = a_router_state(router="b")
B_FOREIGN = a_router_state(a_secret(ppp_service="l2tp"), router="b")
B_OTHER_CASE = a_router_state(a_secret("abc1"), router="b")
B_TWICE = a_router_state(a_secret(number=1), a_secret(number=2, ppp_service="l2tp"), router="b")


def problem(reason: Reason, detail: str = "", router: str | None = None) -> Problem:
    """A problem of the subscriber under test."""
    return Problem(router, NAME, reason, detail, 1)


@pytest.mark.parametrize(
    ("attribute", "fleet", "expected"),
    [
        pytest.param(None, a_fleet(A_EMPTY), Placement("a"), id="the only router"),
        pytest.param(None, a_fleet(A_HOLDS), Placement("a"), id="the only router, which holds it"),
        pytest.param(None, a_fleet(A_HOLDS, B_EMPTY, default="b"), Placement("a"), id="holder before default"),
        pytest.param(None, a_fleet(A_EMPTY, B_HOLDS), Placement("b"), id="holder without default"),
        pytest.param(None, a_fleet(A_EMPTY, B_EMPTY, default="b"), Placement("b"), id="default"),
        pytest.param(
            None,
            a_fleet(A_EMPTY, B_EMPTY),
            Placement(None, problem=problem(Reason.NO_ROUTER)),
            id="no default: no router",
        ),
        pytest.param("b", a_fleet(A_EMPTY, B_EMPTY), Placement("b"), id="attribute"),
        pytest.param("b", a_fleet(A_EMPTY, B_EMPTY, default="a"), Placement("b"), id="attribute before default"),
        pytest.param("b", a_fleet(A_HOLDS, B_EMPTY), Placement("b", ("a",)), id="attribute before holder: moved"),
        pytest.param("b", a_fleet(A_HOLDS, B_HOLDS), Placement("b", ("a",)), id="attribute of two holders: moved"),
        pytest.param("b", a_fleet(A_EMPTY, B_HOLDS), Placement("b"), id="attribute names the holder"),
        pytest.param("b", a_fleet(A_HOLDS, "b"), Placement("b", ("a",)), id="attribute names an unread router"),
        pytest.param(
            "c",
            a_fleet(A_HOLDS, B_EMPTY),
            Placement(None, problem=problem(Reason.ROUTER_UNKNOWN, "c")),
            id="unknown name",
        ),
        pytest.param(
            "A",
            a_fleet(A_HOLDS, B_EMPTY),
            Placement(None, problem=problem(Reason.ROUTER_UNKNOWN, "A")),
            id="exact name",
        ),
        pytest.param("c", a_fleet(A_HOLDS), Placement("a"), id="a single router: the attribute has no say"),
        pytest.param(
            None,
            a_fleet(A_HOLDS, B_HOLDS, default="a"),
            Placement(None, ("a", "b"), problem(Reason.LOGIN_ON_TWO_ROUTERS, "a, b")),
            id="on two",
        ),
        pytest.param(None, a_fleet(A_HOLDS, "b", default="b"), Placement("a"), id="holder, another router unread"),
        pytest.param(
            None,
            a_fleet(A_EMPTY, "b", "c", default="a"),
            Placement(None, problem=problem(Reason.ROUTER_NOT_READ, "b, c")),
            id="on none that was read",
        ),
        pytest.param(
            None,
            a_fleet("a"),
            Placement(None, problem=problem(Reason.ROUTER_NOT_READ, "a")),
            id="nothing read",
        ),
        pytest.param(
            None,
            a_fleet(A_EMPTY, B_FOREIGN, default="a"),
            Placement("a"),
            id="a name under another service holds nothing",
        ),
        pytest.param(None, a_fleet(A_HOLDS, B_FOREIGN), Placement("a"), id="nor makes it two routers"),
        pytest.param(
            None,
            a_fleet(A_EMPTY, B_FOREIGN),
            Placement(None, problem=problem(Reason.NAME_TAKEN, "l2tp", "b")),
            id="no default, but the name is taken",
        ),
        pytest.param(None, a_fleet(A_EMPTY, B_TWICE), Placement("b"), id="held twice is held"),
        pytest.param(
            None,
            a_fleet(A_EMPTY, B_OTHER_CASE, default="a"),
            Placement(None, problem=problem(Reason.NAME_CASE_DIFFERS, "abc1", router="b")),
            id="held in other case, on any router",
        ),
        pytest.param(
            None, a_fleet(A_HOLDS, B_OTHER_CASE), Placement("a"), id="the exact name beside one in other case"
        ),
        pytest.param("a", a_fleet(A_EMPTY, B_OTHER_CASE), Placement("a"), id="attribute before other case elsewhere"),
    ],
)
@pytest.mark.parametrize("state", [State.ENABLED, State.DISABLED])
def test_the_own_router_is_the_named_one_the_holder_the_default_or_the_only_one(
    state: State, attribute: str | None, fleet: Fleet, expected: Placement
) -> None:
    """R16: the one that the attribute names, else the holder, else the default, else the only one."""
    wanted = a_wanted(state, router=attribute)
    assert expected == place(wanted, fleet)


def test_a_single_router_needs_no_default() -> None:
    """R16: the only router is everybody's own, although no default is set."""
    fleet = Fleet((TOWER,), None, {TOWER: a_router_state()}, frozenset({"pppoe", "any"}))
    assert place(a_wanted(), fleet).home == TOWER


@pytest.mark.parametrize(
    ("wanted", "fleet", "expected"),
    [
        pytest.param(a_wanted(State.OFF), a_fleet(A_EMPTY, "b"), Placement(None), id="unread router"),
        pytest.param(a_wanted(State.OFF), a_fleet(A_EMPTY, B_EMPTY), Placement(None), id="no default"),
        pytest.param(a_wanted(State.OFF), a_fleet(A_EMPTY, B_EMPTY, default="a"), Placement("a"), id="default"),
        pytest.param(
            a_wanted(State.OFF),
            a_fleet(A_EMPTY, B_OTHER_CASE),
            Placement(None, problem=problem(Reason.NAME_CASE_DIFFERS, "abc1", router="b")),
            id="other case",
        ),
        pytest.param(
            a_wanted(State.OFF),
            a_fleet(A_HOLDS, B_HOLDS),
            Placement(None, ("a", "b"), problem(Reason.LOGIN_ON_TWO_ROUTERS, "a, b")),
            id="on two",
        ),
    ],
)
def test_an_ended_login_on_no_router_needs_none(wanted: Wanted, fleet: Fleet, expected: Placement) -> None:
    """R16, R8: who is ended and on no router is never created, so that no router that fits is no problem."""
    assert expected == place(wanted, fleet)


def test_holders_follow_the_policy() -> None:
    """R1, R16: which services make a router the holder is the setting `ppp_services`."""
    assert a_fleet(A_EMPTY, B_FOREIGN, ppp_services={"l2tp"}).holders(NAME) == ("b",)
    assert a_fleet(A_HOLDS, B_FOREIGN, ppp_services={"l2tp"}).holders(NAME) == ("b",)
