"""Static addresses that clash (R11): with another login, and with a secret of the router that keeps the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pppsync.core.change import Kind
from pppsync.core.reasons import Reason
from pppsync.core.secret import PppSecret, StoredSecret
from pppsync.core.subscriber import ServiceStatus
from tests.builders import a_fleet, a_plan, a_router_state, a_secret, a_service, a_session, a_subscriber

if TYPE_CHECKING:
    from pppsync.core.plan import Plan

X, Y, Z = "10.0.0.1", "10.0.0.2", "10.0.0.3"
SUSPENDED = ServiceStatus.SUSPENDED

type Wish = tuple[str, str | None, int]


def planned(wishes: list[Wish], *secrets: StoredSecret) -> Plan:
    """The plan for logins with the static addresses that they want, and the status of their service."""
    people = [a_subscriber(number, custom_id=name, static_ip=ip) for number, (name, ip, _) in enumerate(wishes, 1)]
    services = [a_service(number, status, of=number) for number, (_, _, status) in enumerate(wishes, 1)]
    return a_plan(a_fleet(a_router_state(*secrets)), people, services)


def written(plan: Plan) -> dict[str, str | None]:
    """The addresses that are written, by login."""
    found = {}
    for change in plan.routers["tower-1"].changes:
        if isinstance(change.desired, PppSecret):
            found[change.name] = change.desired.remote_address
        elif change.field == "remote-address":
            assert isinstance(change.desired, str)
            found[change.name] = change.desired
    return found


def taken(plan: Plan) -> dict[str, str]:
    """The logins whose address is taken, and by whom."""
    return {one.name or "": one.detail for one in plan.problems if one.reason is Reason.STATIC_IP_TAKEN}


HELD = a_secret("OLD", number=9, remote_address=X)
ON, OFF = ServiceStatus.ACTIVE, ServiceStatus.ENDED


@pytest.mark.parametrize(
    ("wishes", "secrets", "addresses", "clashes"),
    [
        pytest.param([("A", X, ON)], [a_secret("A")], {"A": X}, {}, id="free"),
        pytest.param([("A", X, ON)], [a_secret("A"), HELD], {}, {"A": f"{X}, held by OLD"}, id="held by nobody's"),
        pytest.param([("A", X, ON)], [HELD], {"A": None}, {"A": f"{X}, held by OLD"}, id="a create goes without"),
        pytest.param(
            [("A", X, ON)],
            [a_secret("A"), a_secret("OLD", number=9, remote_address=X, disabled=True)],
            {"A": X},
            {},
            id="held by a disabled one",
        ),
        pytest.param(
            [("A", X, ON)],
            [a_secret("A"), a_secret("OLD", number=9, remote_address=X, ppp_service="l2tp")],
            {},
            {"A": f"{X}, held by OLD"},
            id="held under another service",
        ),
        pytest.param(
            [("A", X, ON), ("B", Y, ON)],
            [a_secret("A"), a_secret("B", number=2, remote_address=X)],
            {"A": X, "B": Y},
            {},
            id="given up in the same plan",
        ),
        pytest.param(
            [("A", X, ON), ("B", None, ON)],
            [a_secret("A"), a_secret("B", number=2, remote_address=X)],
            {},
            {"A": f"{X}, held by B"},
            id="an absent wish keeps its address",
        ),
        pytest.param(
            [("A", X, ON), ("B", None, SUSPENDED)],
            [a_secret("A"), a_secret("B", number=2, remote_address=X)],
            {"A": X},
            {},
            id="the holder is cut in the same plan",
        ),
        pytest.param(
            [("A", X, ON), ("B", None, ON)],
            [a_secret("A"), a_secret("B", number=2, remote_address=X, disabled=True)],
            {},
            {"A": f"{X}, held by B"},
            id="the holder is let in by the same plan",
        ),
        pytest.param(
            [("A", X, ON), ("B", Y, ON)],
            [a_secret("A"), a_secret("B", number=2, remote_address=X), a_secret("OLD", number=9, remote_address=Y)],
            {},
            {"A": f"{X}, held by B", "B": f"{Y}, held by OLD"},
            id="a chain: who does not get its own keeps the other's",
        ),
        pytest.param(
            [("A", X, ON), ("B", Y, ON)],
            [a_secret("A", remote_address=Y), a_secret("B", number=2, remote_address=X)],
            {"A": X, "B": Y},
            {},
            id="an exchange",
        ),
        pytest.param(
            [("A", X, ON)], [a_secret("A", remote_address=X), HELD], {}, {"A": f"{X}, held by OLD"}, id="both have it"
        ),
        pytest.param([("A", X, OFF)], [a_secret("A"), HELD], {}, {}, id="an ended one wants nothing"),
        pytest.param(
            [("A", X, SUSPENDED)], [a_secret("A"), HELD], {}, {"A": f"{X}, held by OLD"}, id="a suspended one does"
        ),
    ],
)
def test_an_address_that_another_secret_keeps_is_left_alone(
    wishes: list[Wish], secrets: list[StoredSecret], addresses: dict[str, str | None], clashes: dict[str, str]
) -> None:
    """R11: held by an enabled secret of another name that keeps it after this plan: `static_ip_taken`."""
    plan = planned(wishes, *secrets)
    assert (written(plan), taken(plan)) == (addresses, clashes)


def test_the_other_fields_follow_all_the_same() -> None:
    """R11: only the address is left alone; the password, which differs too, is written."""
    plan = planned([("A", X, ON)], a_secret("A", password="other"), HELD)
    assert [change.field for change in plan.routers["tower-1"].changes] == ["password"]


@pytest.mark.parametrize(
    ("status", "others", "kinds"),
    [
        pytest.param(ON, [HELD], [], id="taken"),
        pytest.param(ON, [], [Kind.DROP], id="free"),
        pytest.param(SUSPENDED, [HELD], [Kind.DROP], id="taken, but suspended and online"),
    ],
)
def test_an_address_that_is_taken_drops_nobody(status: int, others: list[StoredSecret], kinds: list[Kind]) -> None:
    """R11, R12: who cannot have the address is not dropped at every run for being on another one."""
    secret = a_secret("A", remote_address=X, disabled=status != ON)
    state = a_router_state(secret, *others, sessions=[a_session("A", address=Y)])
    plan = a_plan(a_fleet(state), [a_subscriber(1, custom_id="A", static_ip=X)], [a_service(1, status, of=1)])
    assert [change.kind for change in plan.routers["tower-1"].changes] == kinds


def test_the_same_address_on_another_router_is_no_clash() -> None:
    """R11: addresses are looked at router by router."""
    fleet = a_fleet(a_router_state(a_secret("A"), router="a"), a_router_state(HELD, router="b"))
    plan = a_plan(fleet, [a_subscriber(custom_id="A", static_ip=X)])
    assert [change.desired for change in plan.routers["a"].changes] == [X]


def test_rivals_for_an_address_are_named() -> None:
    """R11: `static_ip_duplicate` names the others who want it, in order."""
    plan = planned([("A", X, ON), ("B", X, ON), ("C", X, SUSPENDED)], a_secret("A"), a_secret("B"), a_secret("C"))
    found = {one.name: one.detail for one in plan.problems if one.reason is Reason.STATIC_IP_DUPLICATE}
    wanted = {"A": f"{X}, also wanted by B, C", "B": f"{X}, also wanted by A, C", "C": f"{X}, also wanted by A, B"}
    assert found == wanted
