"""Who must be off by the CRM, is online, and is cut by no change: each is a problem, whatever keeps the sync away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pppsync.core.policy import Policy, Suspension
from pppsync.core.reasons import Problem, Reason
from pppsync.core.secret import ListedAddresses, Restriction
from pppsync.core.subscriber import ServiceStatus as Status
from tests.builders import PROFILE, TOWER, a_fleet, a_plan, a_router_state, a_secret, a_service, a_session, a_subscriber

if TYPE_CHECKING:
    from pppsync.core.placement import Fleet
    from pppsync.core.plan import Plan
    from pppsync.core.secret import StoredSecret
    from pppsync.core.subscriber import Subscriber

BY_HAND = "disable the secret and drop the session by hand"


def online(name: str, *names: str, ppp_service: str = "pppoe", radius: bool = False) -> Fleet:
    """One router on which a secret of each name is enabled and online."""
    return a_fleet(
        a_router_state(
            *(a_secret(one, number=number, ppp_service=ppp_service) for number, one in enumerate((name, *names), 1)),
            sessions=[
                a_session(one, number=number, ppp_service=ppp_service, radius=radius)
                for number, one in enumerate((name, *names), 1)
            ],
        )
    )


def suspended(fleet: Fleet, *subscribers: Subscriber, status: int = Status.SUSPENDED) -> Plan:
    """The plan where every one of these subscribers has a service of this status."""
    return a_plan(fleet, subscribers, [a_service(one.id, status, of=one.id) for one in subscribers])


def told(plan: Plan) -> list[tuple[str | None, str | None, str, int | None]]:
    """Who is told: router, login, detail, subscriber."""
    rows = [one for one in plan.problems if one.reason is Reason.SUSPENDED_ONLINE]
    return [(one.router, one.name, one.detail, one.subscriber) for one in rows]


def test_a_numeric_login_that_is_suspended_and_online_is_told() -> None:
    """R5, R8: whoever the sync ignores by the form of the custom ID is told by router and login, with the remedy."""
    plan = suspended(online("1001"), a_subscriber(custom_id="1001"))
    detail = f"suspended, and left alone (numeric_custom_id): correct that, or {BY_HAND}"
    assert told(plan) == [(TOWER, "1001", detail, 1)]
    assert plan.routers[TOWER].census.suspended_online == 0


@pytest.mark.parametrize("status", [Status.ENDED, Status.INACTIVE])
def test_a_service_that_is_over_counts_like_a_suspended_one(status: int) -> None:
    """R8: a login whose services are over must be off as well; the detail says which it is."""
    [(_, _, detail, _)] = told(suspended(online("1001"), a_subscriber(custom_id="1001"), status=status))
    assert detail.startswith("without a running service, and left alone (numeric_custom_id)")


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.PREPARED])
def test_a_login_that_need_not_be_off_is_not_told(status: int) -> None:
    """R8: active and undecided logins may be online, also where they are ignored."""
    assert told(suspended(online("1001"), a_subscriber(custom_id="1001"), status=status)) == []


@pytest.mark.parametrize(
    "subscriber",
    [
        a_subscriber(tags=("Custom-Config",)),
        a_subscriber(archived=True),
        a_subscriber(lead=True),
        a_subscriber(custom_id=" "),
    ],
    ids=["tag", "archived", "lead", "no custom ID"],
)
def test_who_has_no_relation_with_a_router_is_not_told(subscriber: Subscriber) -> None:
    """R2 to R4: nothing is said about the tag, archived subscribers, leads, and those without a custom ID."""
    assert told(suspended(online(subscriber.custom_id or ""), subscriber)) == []


def test_nobody_offline_is_told() -> None:
    """A suspended login without a session is no problem."""
    state = a_router_state(a_secret("1001"), sessions=[a_session("other")])
    assert told(suspended(a_fleet(state), a_subscriber(custom_id="1001"))) == []


@pytest.mark.parametrize(
    ("second", "expected"), [(Status.SUSPENDED, 1), (Status.ENDED, 1), (Status.ACTIVE, 0), (Status.PREPARED, 0)]
)
@pytest.mark.parametrize("login", ["ABC1", "1001"])
def test_a_shared_login_is_told_only_if_it_must_be_off_for_all(login: str, second: int, expected: int) -> None:
    """R6: a login that one of its subscribers pays for may be online."""
    subscribers = [a_subscriber(1, custom_id=login), a_subscriber(2, custom_id=login)]
    services = [a_service(1, Status.SUSPENDED, of=1), a_service(2, second, of=2)]
    assert len(told(a_plan(a_fleet(*online(login).states.values()), subscribers, services))) == expected


def test_a_managed_login_that_the_plan_cuts_is_not_told() -> None:
    """R12: a session that a change of this plan drops stands among the changes already."""
    plan = suspended(online("ABC1"), a_subscriber())
    assert [one.kind for one in plan.routers[TOWER].changes] == ["disable"]
    assert told(plan) == []


def test_a_session_by_radius_is_told() -> None:
    """R12: no change drops a session that RADIUS let in; the remedy is there."""
    [(_, name, detail, _)] = told(suspended(online("ABC1", radius=True), a_subscriber()))
    assert (name, detail) == (
        "ABC1",
        "suspended, and let in by RADIUS: refuse it there, then drop the session by hand",
    )


def test_a_session_by_a_secret_of_another_service_is_told() -> None:
    """R1: a secret under a service of others is never touched, so the detail names the service."""
    [(_, _, detail, _)] = told(suspended(online("ABC1", ppp_service="l2tp"), a_subscriber()))
    assert detail == f"suspended, and let in by the secret under the service l2tp, which is never touched: {BY_HAND}"


def test_a_session_of_a_secret_that_is_gone_is_told_unless_the_next_run_drops_it() -> None:
    """R8, R12: a session without a secret stays where none is created; a created one is disabled and drops it."""
    fleet = a_fleet(a_router_state(sessions=[a_session()]))
    [(_, _, detail, _)] = told(suspended(fleet, a_subscriber(), status=Status.ENDED))
    assert detail == (
        "without a running service, and let in by no secret that the router still holds: drop the session by hand"
    )
    assert told(suspended(fleet, a_subscriber())) == []


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.ENDED])
def test_a_login_of_an_unknown_router_is_told(status: int) -> None:
    """R16: a login whose own router is not known is cut nowhere, so its sessions on other routers are told."""
    fleet = a_fleet(*online("ABC1").states.values(), a_router_state(router="b"))
    [(router, _, detail, _)] = told(suspended(fleet, a_subscriber(router="nowhere"), status=status))
    assert router == TOWER
    assert detail.endswith(f"its own router is not known (router_unknown): correct that, or {BY_HAND}")


@pytest.mark.parametrize("held", ["abc1", "ABC1\u00a0"])
def test_a_secret_that_reads_the_same_is_told_as_the_login(held: str) -> None:
    """R1: somebody online by a name that only reads the same is told under the login, with the name that is held."""
    shown = held.replace("\u00a0", "\\u00a0")
    plan = suspended(online(held), a_subscriber())
    assert told(plan) == [(TOWER, "ABC1", f"suspended, and online as {shown}: {BY_HAND}", 1)]


def test_a_name_that_reads_like_a_login_of_somebody_who_paid_is_not_told() -> None:
    """R1: where it may be either of two subscribers, nobody is told to cut it off."""
    subscribers = [a_subscriber(1), a_subscriber(2, custom_id="AbC1")]
    services = [a_service(1, Status.SUSPENDED, of=1), a_service(2, of=2)]
    assert told(a_plan(online("abc1"), subscribers, services)) == []


def test_a_look_alike_beside_the_login_itself_is_not_told() -> None:
    """R1: where a router holds the login itself, a name that reads the same may be anybody's."""
    state = a_router_state(a_secret(disabled=True), a_secret("abc1", number=2), sessions=[a_session("abc1")])
    assert told(suspended(a_fleet(state), a_subscriber())) == []


def test_the_former_login_of_a_suspended_subscriber_is_told() -> None:
    """R14: a secret that we made for the subscriber under another custom ID lets nobody in unseen."""
    state = a_router_state(a_secret("OLD1", comment="UISP client 1"), sessions=[a_session("OLD1")])
    assert told(suspended(a_fleet(state), a_subscriber())) == [
        (TOWER, "ABC1", f"suspended, and online as OLD1: {BY_HAND}", 1)
    ]


def test_each_router_is_told_once_for_a_login() -> None:
    """Two sessions of one login on a router are one problem, on two routers two."""
    states = [
        a_router_state(a_secret("1001"), router=router, sessions=[a_session("1001"), a_session("1001", number=2)])
        for router in ("a", "b")
    ]
    plan = suspended(a_fleet(*states), a_subscriber(custom_id="1001"))
    assert [router for router, *_ in told(plan)] == ["a", "b"]


def test_the_problem_is_listed_beside_the_one_that_keeps_the_sync_away() -> None:
    """The reason why the login is not written stays listed too."""
    plan = suspended(online("ABC1", radius=True), a_subscriber())
    assert Problem(TOWER, "ABC1", Reason.RADIUS_SESSION, "", 1) in plan.problems


@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=["lower first", "higher first"])
@pytest.mark.parametrize("login", ["ABC1", "1001"])
def test_a_shared_login_that_must_be_off_is_told_with_the_lower_id(login: str, order: tuple[int, int]) -> None:
    """R6: the CRM lists its clients in any order, and each run tells the same subscriber."""
    subscribers = [a_subscriber(number, custom_id=login) for number in order]
    plan = suspended(online(login), *subscribers)
    assert [(name, subscriber) for _, name, _, subscriber in told(plan)] == [(login, 1)]


BY_PROFILE = Policy(suspension=Suspension("profile", "suspended"))


def walled(*secrets: StoredSecret, radius: bool = False, open_profile: bool = False) -> Fleet:
    """One router whose suspended profile restricts; ABC1 is online on an address in its list."""
    return a_fleet(
        a_router_state(
            *secrets,
            profiles=(PROFILE, "suspended"),
            sessions=[a_session(radius=radius)],
            restrictions={} if open_profile else {"suspended": Restriction("walled")},
            listed=ListedAddresses(frozenset({"10.64.0.9"}), frozenset({"10.64.0.9"}), frozenset()),
        )
    )


def told_by_profile(fleet: Fleet, *subscribers: Subscriber) -> list[str]:
    """The details of who is told where suspension is by profile."""
    services = [a_service(one.id, Status.SUSPENDED, of=one.id, reason=1) for one in subscribers]
    return [detail for _, _, detail, _ in told(a_plan(fleet, subscribers, services, BY_PROFILE))]


RESTRICTED = a_secret(profile="suspended")


def test_who_is_restricted_as_read_may_be_online() -> None:
    """R18: a managed login under the suspended profile is as the CRM wants it."""
    assert told_by_profile(walled(RESTRICTED), a_subscriber()) == []


def test_who_is_left_alone_and_restricted_as_read_may_be_online() -> None:
    """R6, R18: two suspended subscribers of one login are left alone, and the profile restricts it all the same."""
    subscribers = [a_subscriber(1), a_subscriber(2, custom_id="ABC1")]
    assert told_by_profile(walled(RESTRICTED), *subscribers) == []


@pytest.mark.parametrize(
    "fleet",
    [
        walled(a_secret()),
        walled(RESTRICTED, open_profile=True),
        walled(RESTRICTED, radius=True),
        walled(a_secret(profile="suspended", ppp_service="any"), a_secret(number=2)),
        walled(),
    ],
    ids=[
        "under the plan's profile",
        "open profile",
        "RADIUS",
        "the secret of its own service lets in fully",
        "no secret",
    ],
)
def test_a_session_that_is_not_surely_restricted_is_told(fleet: Fleet) -> None:
    """R18: only a session that nothing but restricted secrets let in is none."""
    subscribers = [a_subscriber(1), a_subscriber(2, custom_id="ABC1")]
    [detail] = told_by_profile(fleet, *subscribers)
    assert detail.startswith("suspended, and left alone (duplicate_custom_id)")
