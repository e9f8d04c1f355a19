"""How much of the CRM the sync manages (G15), and which secrets belong to nobody (R14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pppsync.core.change import Kind
from pppsync.core.reasons import Reason
from pppsync.core.subscriber import Service, ServiceStatus, Subscriber
from tests.builders import a_fleet, a_plan, a_router_state, a_secret, a_service, a_session, a_subscriber

if TYPE_CHECKING:
    from pppsync.core.placement import Fleet
    from pppsync.core.secret import StoredSecret

EMPTY = a_fleet(a_router_state())
TWO = a_fleet(a_router_state(router="a"), a_router_state(router="b"))
HALF = a_fleet(a_router_state(router="a"), "b")


@pytest.mark.parametrize(
    ("people", "services", "fleet", "expected"),
    [
        pytest.param([], [], EMPTY, None, id="nobody"),
        pytest.param([a_subscriber()], [], EMPTY, None, id="nobody with a service"),
        pytest.param([a_subscriber()], [a_service()], EMPTY, 100.0, id="all"),
        pytest.param([a_subscriber(custom_id="1")], [a_service()], EMPTY, 0.0, id="a numeric ID"),
        pytest.param([a_subscriber(custom_id="")], [a_service()], EMPTY, 0.0, id="no ID"),
        pytest.param(
            [a_subscriber(), a_subscriber(2, custom_id="2"), a_subscriber(3, custom_id="3")],
            [a_service(), a_service(2, of=2), a_service(3, of=3)],
            EMPTY,
            33.3,
            id="one of three",
        ),
        pytest.param(
            [a_subscriber(), a_subscriber(2, tags=("Custom-Config",))],
            [a_service(), a_service(2, of=2)],
            EMPTY,
            100.0,
            id="who opts out does not count",
        ),
        pytest.param(
            [a_subscriber(), a_subscriber(2, archived=True), a_subscriber(3, lead=True)],
            [a_service(), a_service(2, of=2), a_service(3, of=3)],
            EMPTY,
            100.0,
            id="archived ones and leads do not count",
        ),
        pytest.param(
            [a_subscriber(), a_subscriber(2, custom_id="2")],
            [a_service(), a_service(2, of=2, internet=False)],
            EMPTY,
            100.0,
            id="a General service does not count",
        ),
        pytest.param(
            [a_subscriber(), a_subscriber(2, custom_id="2")],
            [a_service(), a_service(2, ServiceStatus.PREPARED, of=2)],
            EMPTY,
            100.0,
            id="a prepared service does not count",
        ),
        pytest.param([a_subscriber(router="z")], [a_service()], TWO, 0.0, id="a router that nobody knows"),
        pytest.param([a_subscriber()], [a_service()], TWO, 0.0, id="no router"),
        pytest.param([a_subscriber()], [a_service()], HALF, 100.0, id="a router that was not read"),
        pytest.param(
            [a_subscriber()],
            [a_service()],
            a_fleet(a_router_state(a_secret("ABC1 "))),
            0.0,
            id="a name that reads alike",
        ),
    ],
)
def test_coverage_is_the_share_of_those_who_can_be_managed(
    people: list[Subscriber], services: list[Service], fleet: Fleet, expected: float | None
) -> None:
    """G15: live subscribers with a managed login by live subscribers with an Internet service that counts."""
    assert a_plan(fleet, people, services).coverage == expected


@pytest.mark.parametrize(
    ("secret", "near", "owner"),
    [
        pytest.param(a_secret("guest"), None, None, id="nobody"),
        pytest.param(a_secret("abc1 "), "ABC1", None, id="reads like a login"),
        pytest.param(a_secret("OLD1", comment="UISP client 1"), "ABC1", 1, id="our comment"),
        pytest.param(a_secret("OLD1", comment="UISP client 2"), "subscriber 2", 2, id="of one without a login"),
        pytest.param(a_secret("OLD1", comment="UISP client 9"), None, None, id="our comment, of nobody"),
        pytest.param(a_secret("OLD1", comment="UISP client 01"), None, None, id="not exactly our comment"),
    ],
)
def test_an_unmatched_secret_names_whose_it_may_be(secret: StoredSecret, near: str | None, owner: int | None) -> None:
    """R14: `near` is the live subscriber whose login reads alike, or to whom our comment points."""
    people = [a_subscriber(), a_subscriber(2, custom_id="")]
    plan = a_plan(a_fleet(a_router_state(a_secret(number=7), secret)), people, [a_service()])
    assert [(one.near, one.owner) for one in plan.unmatched] == [(near, owner)]


def test_unmatched_secrets_that_are_online_come_first() -> None:
    """R14: those enabled and online first, then by router and name; foreign services and ignored names are left out."""
    secrets = [
        a_secret("d", number=1),
        a_secret("c", number=2, disabled=True),
        a_secret("b", number=3),
        a_secret("a", number=4),
        a_secret("vpn", number=5, ppp_service="l2tp"),
        a_secret("7", number=6),
    ]
    sessions = [a_session("b"), a_session("a", ppp_service="l2tp"), a_session("d", radius=True)]
    state = a_router_state(*secrets, sessions=sessions)
    plan = a_plan(a_fleet(state), [a_subscriber(custom_id="7")])
    found = [(one.name, one.enabled, one.online) for one in plan.unmatched]
    assert found == [("b", True, True), ("a", True, False), ("d", True, False), ("c", False, False)]


@pytest.mark.parametrize(("comment", "reason"), [("UISP client 1", Reason.FORMER_LOGIN), ("mine", None)])
def test_a_new_secret_for_somebody_who_had_another_login_says_so(comment: str, reason: Reason | None) -> None:
    """R14: a custom ID that was renamed makes a new secret, perhaps on another router, while the old one stays."""
    old = a_router_state(a_secret("OLD1", comment=comment), router="a")
    fleet = a_fleet(old, a_router_state(router="b"), default="b")
    plan = a_plan(fleet)
    assert [(one.kind, one.reason) for one in plan.routers["b"].changes] == [(Kind.CREATE, reason)]
