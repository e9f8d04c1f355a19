"""The whole of both sides: which changes on which router, in which order, and the count of every secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from pppsync.core.census import Census
from pppsync.core.change import Change, Kind
from pppsync.core.plan import Plan
from pppsync.core.policy import Policy
from pppsync.core.reasons import Problem, Reason
from pppsync.core.subscriber import ServiceStatus as Status
from tests.builders import (
    PASSWORD,
    PROFILE,
    REGISTERED_PASSWORD,
    TOWER,
    a_fleet,
    a_plan,
    a_router_state,
    a_secret,
    a_service,
    a_session,
    a_subscriber,
)

if TYPE_CHECKING:
    from pppsync.core.placement import Fleet
    from pppsync.core.subscriber import Service, Subscriber

    type Person = tuple[Subscriber, Service]

DETAIL_MOVED = "its own router is b, which does not hold it as desired yet"


@dataclass(frozen=True, kw_only=True)
class Lists:
    """Every list that a plan can fill, as `router/name`; problems with their reason. A list not named is empty."""

    enable: list[str] = field(default_factory=list)
    restore: list[str] = field(default_factory=list)
    create: list[str] = field(default_factory=list)
    password: list[str] = field(default_factory=list)
    default_password: list[str] = field(default_factory=list)
    profile: list[str] = field(default_factory=list)
    remote_address: list[str] = field(default_factory=list)
    restrict: list[str] = field(default_factory=list)
    disable: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def lists(plan: Plan) -> Lists:
    """The lists of a plan."""
    rows = {kind.value: [f"{one.router}/{one.name}" for one in changes(plan) if one.kind is kind] for kind in Kind}
    return Lists(**rows, problems=[f"{one.router or ''}/{one.name or ''} {one.reason}" for one in plan.problems])


def changes(plan: Plan) -> list[Change]:
    """All changes, router by router."""
    return [change for router in plan.routers.values() for change in router.changes]


def person(
    number: int,
    status: int = Status.ACTIVE,
    *,
    custom_id: str | None = None,
    password: str | None = PASSWORD,
    static_ip: str | None = None,
    router: str | None = None,
    tags: tuple[str, ...] = (),
) -> Person:
    """A subscriber with one service of this status."""
    subscriber = a_subscriber(
        number, custom_id=custom_id, password=password, static_ip=static_ip, router=router, tags=tags
    )
    return subscriber, a_service(number, status, of=number)


def planned(people: list[Person], fleet: Fleet, policy: Policy | None = None, *, known: bool = True) -> Plan:
    """The plan for these people on these routers."""
    subscribers, services = [one for one, _ in people], [one for _, one in people]
    return a_plan(fleet, subscribers, services, policy, passwords_known=known)


@pytest.mark.parametrize(
    ("people", "fleet", "expected"),
    [
        pytest.param(
            [person(1), person(2, Status.SUSPENDED), person(3, Status.ENDED)],
            a_fleet(
                a_router_state(
                    a_secret("ABC1"), a_secret("ABC2", disabled=True), a_secret("ABC3", disabled=True), router="a"
                )
            ),
            Lists(),
            id="R13: both sides equal",
        ),
        pytest.param(
            [
                person(1),
                person(2),
                person(3, password="new"),
                person(4),
                person(5, static_ip="10.0.0.1"),
                person(6, Status.SUSPENDED),
                person(7, Status.ENDED),
                person(8, Status.SUSPENDED),
            ],
            a_fleet(
                a_router_state(
                    a_secret("ABC1", disabled=True),
                    a_secret("ABC3"),
                    a_secret("ABC4", profile="old"),
                    a_secret("ABC5"),
                    a_secret("ABC6"),
                    a_secret("ABC7"),
                    a_secret("ABC8", disabled=True),
                    router="a",
                    sessions=[a_session("ABC8")],
                )
            ),
            Lists(
                enable=["a/ABC1"],
                create=["a/ABC2"],
                password=["a/ABC3"],
                profile=["a/ABC4"],
                remote_address=["a/ABC5"],
                disable=["a/ABC6", "a/ABC7"],
                drop=["a/ABC8"],
            ),
            id="R8: one of each kind",
        ),
        pytest.param(
            [
                person(1),
                person(2, Status.SUSPENDED),
                person(3, Status.ENDED),
                person(4, Status.INACTIVE),
                person(5, Status.PREPARED),
            ],
            a_fleet(a_router_state(router="a")),
            Lists(create=["a/ABC1", "a/ABC2"], problems=["/ABC5 transitional"]),
            id="R8: an empty router",
        ),
        pytest.param(
            [
                person(1, tags=("VIP", "Custom-Config")),
                person(2, custom_id="2X"),
                person(3, custom_id=""),
                person(4, Status.QUOTED),
                person(5, custom_id="ABC6"),
                person(6),
                person(7),
            ],
            a_fleet(
                a_router_state(
                    a_secret("ABC1", password="x"),
                    a_secret("2X", password="x"),
                    a_secret("ABC4", disabled=True),
                    a_secret("ABC6", profile="old"),
                    a_secret("ABC7"),
                    router="a",
                )
            ),
            Lists(problems=["/ABC4 transitional", "/ABC6 duplicate_custom_id", "/ABC6 duplicate_custom_id"]),
            id="R2 to R6: whoever is ignored keeps the secret as it is",
        ),
        pytest.param(
            [person(1)],
            a_fleet(
                a_router_state(
                    a_secret("ABC1"),
                    a_secret("office", password="", profile="old"),
                    a_secret("vpn", ppp_service="l2tp"),
                    router="a",
                    sessions=[a_session("office")],
                )
            ),
            Lists(),
            id="R14: whoever is unknown keeps the secret as it is",
        ),
        pytest.param(
            [person(1), person(2), person(3, Status.SUSPENDED)],
            a_fleet(
                a_router_state(
                    a_secret("ABC1", ppp_service="ovpn"),
                    a_secret("abc2"),
                    a_secret("ABC3", ppp_service="any"),
                    router="a",
                )
            ),
            Lists(disable=["a/ABC3"], problems=["a/ABC1 name_taken", "a/ABC2 name_case_differs"]),
            id="R1: a name that is taken or differs in case",
        ),
        pytest.param(
            [person(1, Status.SUSPENDED), person(2, Status.SUSPENDED)],
            a_fleet(
                a_router_state(
                    a_secret("ABC1", number=1), a_secret("ABC1", number=2), a_secret("ABC2", number=3), router="a"
                )
            ),
            Lists(disable=["a/ABC1", "a/ABC1", "a/ABC2"], problems=["a/ABC1 duplicate_secret"]),
            id="R6: two secrets of one name",
        ),
        pytest.param(
            [
                person(1, static_ip="10.0.0.1"),
                person(2, Status.SUSPENDED, static_ip="10.0.0.1"),
                person(3, static_ip="10.0.0.3"),
            ],
            a_fleet(a_router_state(a_secret("ABC1"), a_secret("ABC2"), a_secret("ABC3"), router="a")),
            Lists(
                remote_address=["a/ABC3"],
                disable=["a/ABC2"],
                problems=["a/ABC1 static_ip_duplicate", "a/ABC2 static_ip_duplicate"],
            ),
            id="R11: an address wanted by an active and a suspended one",
        ),
        pytest.param(
            [
                person(1, static_ip="10.0.0.1"),
                person(2, Status.ENDED, static_ip="10.0.0.1"),
                person(3, Status.PREPARED, static_ip="10.0.0.1"),
            ],
            a_fleet(a_router_state(a_secret("ABC1"), a_secret("ABC2", disabled=True), router="a")),
            Lists(remote_address=["a/ABC1"], problems=["/ABC3 transitional"]),
            id="R11: an ended one is no rival for an address",
        ),
        pytest.param(
            [person(1, static_ip="10.0.0.1"), person(2, static_ip="10.0.0.1")],
            a_fleet(a_router_state(a_secret("ABC1"), router="a"), a_router_state(a_secret("ABC2"), router="b")),
            Lists(remote_address=["a/ABC1", "b/ABC2"]),
            id="R11: nor is one on another router",
        ),
        pytest.param(
            [person(1), person(2, router="b"), person(3), person(4, Status.SUSPENDED)],
            a_fleet(
                a_router_state(a_secret("ABC1", disabled=True), router="a"), a_router_state(router="b"), default="a"
            ),
            Lists(enable=["a/ABC1"], create=["a/ABC3", "a/ABC4", "b/ABC2"]),
            id="R16: each on its own router",
        ),
        pytest.param(
            [person(1), person(2), person(3, Status.ENDED)],
            a_fleet(a_router_state(a_secret("ABC1"), router="a"), a_router_state(router="b")),
            Lists(problems=["/ABC2 no_router"]),
            id="R16: no default",
        ),
        pytest.param(
            [person(1, router="x"), person(2, Status.SUSPENDED, router="x")],
            a_fleet(
                a_router_state(a_secret("ABC1"), a_secret("ABC2"), router="a"), a_router_state(router="b"), default="a"
            ),
            Lists(problems=["/ABC1 router_unknown", "/ABC2 router_unknown"]),
            id="R16: a router that is not configured",
        ),
        pytest.param(
            [person(1, router="b")],
            a_fleet(a_router_state(a_secret(), router="a"), a_router_state(router="b")),
            Lists(create=["b/ABC1"], problems=["a/ABC1 moved"]),
            id="R16: moved, first run: created, not yet cut",
        ),
        pytest.param(
            [person(1, router="b")],
            a_fleet(a_router_state(a_secret(), router="a"), a_router_state(a_secret(), router="b")),
            Lists(disable=["a/ABC1"], problems=["a/ABC1 moved"]),
            id="R16: moved, second run: held as desired, cut elsewhere",
        ),
        pytest.param(
            [person(1, router="b")],
            a_fleet(a_router_state(a_secret(), router="a"), a_router_state(a_secret(profile="old"), router="b")),
            Lists(profile=["b/ABC1"], problems=["a/ABC1 moved"]),
            id="R16: moved, but something differs at home",
        ),
        pytest.param(
            [person(1, router="b")],
            a_fleet(a_router_state(a_secret(), router="a"), a_router_state(a_secret(disabled=True), router="b")),
            Lists(enable=["b/ABC1"], problems=["a/ABC1 moved"]),
            id="R16: moved, but disabled at home",
        ),
        pytest.param(
            [person(1, router="b")],
            a_fleet(a_router_state(a_secret(), router="a"), a_router_state(a_secret(ppp_service="l2tp"), router="b")),
            Lists(problems=["a/ABC1 moved", "b/ABC1 name_taken"]),
            id="R16: moved, but the name is taken at home",
        ),
        pytest.param(
            [person(1, router="b")],
            a_fleet(a_router_state(a_secret(), router="a"), a_router_state(router="b", profiles=())),
            Lists(problems=["a/ABC1 moved", "b/ABC1 profile_missing"]),
            id="R16: moved, but the profile is missing at home",
        ),
        pytest.param(
            [person(1, router="b")],
            a_fleet(a_router_state(a_secret(), router="a"), "b"),
            Lists(problems=["a/ABC1 moved"]),
            id="R16: moved, but home could not be read",
        ),
        pytest.param(
            [person(1, router="b")],
            a_fleet(a_router_state(a_secret(disabled=True), router="a"), "b"),
            Lists(),
            id="R16: moved long ago, home could not be read",
        ),
        pytest.param(
            [person(1, Status.SUSPENDED, router="b")],
            a_fleet(a_router_state(a_secret(), router="a"), "b"),
            Lists(disable=["a/ABC1"], problems=["a/ABC1 moved"]),
            id="R16: moved and to be suspended anyway",
        ),
        pytest.param(
            [person(1, Status.ENDED, router="b")],
            a_fleet(a_router_state(a_secret(), router="a"), a_router_state(a_secret(), router="b")),
            Lists(disable=["a/ABC1", "b/ABC1"], problems=["a/ABC1 moved"]),
            id="R16: moved and ended, held on both",
        ),
        pytest.param(
            [person(1, Status.SUSPENDED, router="b")],
            a_fleet(a_router_state(a_secret(), router="a"), a_router_state(router="b")),
            Lists(create=["b/ABC1"], disable=["a/ABC1"], problems=["a/ABC1 moved"]),
            id="R16: moved and suspended before it is held",
        ),
        pytest.param(
            [person(1, router="b")],
            a_fleet(a_router_state(a_secret(disabled=True), router="a"), a_router_state(a_secret(), router="b")),
            Lists(),
            id="R16: moved, disabled there already",
        ),
        pytest.param(
            [person(1, router="b")],
            a_fleet(
                a_router_state(a_secret(disabled=True), router="a", sessions=[a_session()]),
                a_router_state(a_secret(), router="b"),
            ),
            Lists(drop=["a/ABC1"], problems=["a/ABC1 moved"]),
            id="R16: moved, disabled there, yet online there",
        ),
        pytest.param(
            [person(1, router="b")],
            a_fleet(
                a_router_state(a_secret(number=1), a_secret(number=2), router="a"),
                a_router_state(a_secret(), router="b"),
            ),
            Lists(disable=["a/ABC1", "a/ABC1"], problems=["a/ABC1 duplicate_secret", "a/ABC1 moved"]),
            id="R16: moved, held there twice",
        ),
        pytest.param(
            [person(1, router="b")],
            a_fleet(*(a_router_state(a_secret(), router=one) for one in ("a", "b", "c"))),
            Lists(disable=["a/ABC1", "c/ABC1"], problems=["a/ABC1 moved", "c/ABC1 moved"]),
            id="R16: moved from two routers",
        ),
        pytest.param(
            [person(1, router="b", password=None)],
            a_fleet(
                a_router_state(a_secret(), router="a"),
                a_router_state(a_secret(password=REGISTERED_PASSWORD), router="b"),
            ),
            Lists(problems=["a/ABC1 moved", "b/ password_absent"]),
            id="R10, R16: moved without a password in the CRM: the one that works is not cut",
        ),
        pytest.param(
            [person(1, router="b", password=None)],
            a_fleet(a_router_state(a_secret(), router="a"), a_router_state(a_secret(), router="b")),
            Lists(disable=["a/ABC1"], problems=["a/ABC1 moved", "b/ password_absent"]),
            id="R10, R16: moved without a password in the CRM, carried over by hand",
        ),
        pytest.param(
            [person(1, password="new", static_ip="10.0.0.1")],
            a_fleet(
                a_router_state(a_secret(), router="a"), a_router_state(a_secret(disabled=True), router="b"), default="a"
            ),
            Lists(enable=["b/ABC1"], problems=["/ABC1 login_on_two_routers"]),
            id="R16: on two routers without attribute, active",
        ),
        pytest.param(
            [person(1, Status.SUSPENDED, password="new")],
            a_fleet(a_router_state(a_secret(), router="a"), a_router_state(a_secret(), router="b"), default="a"),
            Lists(disable=["a/ABC1", "b/ABC1"], problems=["/ABC1 login_on_two_routers"]),
            id="R16: on two routers without attribute, suspended",
        ),
        pytest.param(
            [person(1, Status.ENDED)],
            a_fleet(
                a_router_state(a_secret(disabled=True), router="a", sessions=[a_session()]),
                a_router_state(a_secret(), router="b"),
            ),
            Lists(disable=["b/ABC1"], drop=["a/ABC1"], problems=["/ABC1 login_on_two_routers"]),
            id="R16: on two routers without attribute, ended, one disabled yet online",
        ),
        pytest.param(
            [person(1), person(2), person(3, router="a"), person(4, router="b"), person(5, Status.ENDED)],
            a_fleet(a_router_state(a_secret("ABC1", disabled=True), router="a"), "b", default="a"),
            Lists(enable=["a/ABC1"], create=["a/ABC3"], problems=["/ABC2 router_not_read"]),
            id="R16: a router could not be read",
        ),
        pytest.param(
            [person(1), person(2, router="a")],
            a_fleet("a", "b", default="a"),
            Lists(problems=["/ABC1 router_not_read"]),
            id="R16: no router could be read",
        ),
    ],
)
def test_everything_that_is_planned_and_reported(people: list[Person], fleet: Fleet, expected: Lists) -> None:
    """R1 to R16: each case states everything that is planned and everything that is reported."""
    assert expected == lists(planned(people, fleet))


def test_nobody_and_an_empty_router_give_an_empty_plan() -> None:
    """R8: no subscribers and an empty router are an empty plan."""
    plan = planned([], a_fleet(a_router_state(router="a")))
    assert plan == Plan({"a": plan.routers["a"]}, ())
    assert plan.routers["a"].changes == ()
    assert plan.routers["a"].census == Census()


def test_each_part_of_a_plan_names_its_router() -> None:
    """G11: a plan is reported router by router."""
    plan = a_plan(a_fleet(a_router_state(a_secret())))
    assert [part.router for part in plan.routers.values()] == [TOWER]


def test_enables_come_first_and_drops_last() -> None:
    """G8: enables, creates, field changes, disables, repairs; within a kind by name."""
    people = [
        person(1, Status.SUSPENDED),
        person(2, password="new", static_ip="10.0.0.1"),
        person(3),
        person(4),
        person(5, Status.SUSPENDED),
        person(6, Status.SUSPENDED, password="new"),
    ]
    state = a_router_state(
        a_secret("ABC1"),
        a_secret("ABC2", profile="old"),
        a_secret("ABC4", disabled=True),
        a_secret("ABC5", disabled=True),
        a_secret("ABC6"),
        router="a",
        sessions=[a_session("ABC5")],
    )
    assert [(one.kind, one.name) for one in changes(planned(people, a_fleet(state)))] == [
        (Kind.ENABLE, "ABC4"),
        (Kind.CREATE, "ABC3"),
        (Kind.PASSWORD, "ABC2"),
        (Kind.PASSWORD, "ABC6"),
        (Kind.PROFILE, "ABC2"),
        (Kind.REMOTE_ADDRESS, "ABC2"),
        (Kind.DISABLE, "ABC1"),
        (Kind.DISABLE, "ABC6"),
        (Kind.DROP, "ABC5"),
    ]


@pytest.mark.parametrize(
    ("fleet", "status", "expected"),
    [
        pytest.param(
            a_fleet(a_router_state(a_secret(), router="a")), Status.SUSPENDED, [("a", None)], id="the CRM's own"
        ),
        pytest.param(
            a_fleet(a_router_state(a_secret(), router="a"), a_router_state(a_secret(), router="b")),
            Status.SUSPENDED,
            [("a", "login_on_two_routers"), ("b", "login_on_two_routers")],
            id="on two routers",
        ),
    ],
)
def test_a_cut_that_is_no_suspension_has_a_reason(fleet: Fleet, status: int, expected: list[tuple[str, str]]) -> None:
    """R16: a cut that is not simply the CRM's suspension says why."""
    assert expected == [(one.router, one.reason) for one in changes(planned([person(1, status)], fleet))]


def test_the_cut_of_a_moved_login_says_moved() -> None:
    """R16: the cut on the old router carries `moved`; until then the problem says what is waited for."""
    old, new = a_router_state(a_secret(), router="a"), a_router_state(a_secret(), router="b")
    people = [person(1, router="b")]
    assert [one.reason for one in changes(planned(people, a_fleet(old, new)))] == ["moved"]
    waiting = planned(people, a_fleet(old, a_router_state(router="b", profiles=())))
    assert waiting.problems == (
        Problem("a", "ABC1", Reason.MOVED, DETAIL_MOVED, 1),
        Problem("b", "ABC1", Reason.PROFILE_MISSING, PROFILE, 1),
    )


@pytest.mark.parametrize("policy", [Policy(), Policy(missing_password="registration_date")])
def test_without_the_attribute_no_existing_password_is_written(policy: Policy) -> None:
    """R10: no existing password is written anywhere, once it is reported, and new secrets are created all the same."""
    people = [person(1, password="new"), person(2, password=None), person(3)]
    state = a_router_state(a_secret("ABC1"), a_secret("ABC2"), router="a")
    plan = planned(people, a_fleet(state, a_router_state(router="b"), default="b"), policy, known=False)
    assert lists(plan) == Lists(create=["b/ABC3"], problems=["/ password_attribute_missing"])
    assert plan.problems == (Problem(None, None, Reason.PASSWORD_ATTRIBUTE_MISSING, "pppPassword"),)


def test_the_date_as_password_is_a_kind_of_its_own() -> None:
    """R10: `missing_password: registration_date` is a kind of its own."""
    people = [person(1, password=None), person(2)]
    fleet = a_fleet(a_router_state(a_secret("ABC1"), a_secret("ABC2", password="x"), router="a"))
    assert lists(planned(people, fleet, Policy(missing_password="registration_date"))) == Lists(
        password=["a/ABC2"], default_password=["a/ABC1"]
    )


def test_absent_passwords_are_counted() -> None:
    """R10: one problem for each router says how many secrets keep a password that the CRM does not know."""
    people = [person(number, password=None) for number in range(1, 6)]
    fleet = a_fleet(
        a_router_state(a_secret("ABC1"), a_secret("ABC2"), router="a"),
        a_router_state(a_secret("ABC3"), router="b"),
        a_router_state(router="c"),
        default="c",
    )
    assert planned(people, fleet).problems == (
        Problem(
            "a", None, Reason.PASSWORD_ABSENT, "2 secrets keep the router's password; an import copies it into the CRM"
        ),
        Problem(
            "b", None, Reason.PASSWORD_ABSENT, "1 secret keeps the router's password; an import copies it into the CRM"
        ),
    )


def test_hidden_passwords_are_reported_once_and_stay() -> None:
    """G5: reported once for the router; its new secrets get their password, existing ones stay."""
    hidden = a_router_state(a_secret("ABC1", password="***"), a_secret("ABC2", password=""), router="a")
    shown = a_router_state(a_secret("ABC3", password="x"), router="b")
    plan = planned([person(number) for number in (1, 2, 3, 4)], a_fleet(hidden, shown, default="a"))
    assert lists(plan) == Lists(create=["a/ABC4"], password=["b/ABC3"], problems=["a/ passwords_unreadable"])


def test_unreadable_passwords_come_with_the_remedy() -> None:
    """G5: the problem says which work is not done, and what to grant."""
    state = a_router_state(a_secret(password="*****"))
    plan = a_plan(a_fleet(state))
    (problem,) = [one for one in plan.problems if one.reason == "passwords_unreadable"]
    assert problem.detail.startswith("passwords of existing secrets are neither compared nor written; grant")


def test_an_empty_router_hides_nothing() -> None:
    """G5: without secrets there is nothing that could be unreadable."""
    assert planned([person(1)], a_fleet(a_router_state(router="a"))).problems == ()


@pytest.mark.parametrize(
    ("name", "comment", "expected"),
    [
        pytest.param("OLD1", "UISP client 1", [("OLD1", "now ABC1", 1)], id="another custom ID now"),
        pytest.param("OLD5", "UISP client 5", [("OLD5", "now without a custom ID", 5)], id="none any more"),
        pytest.param("OLD6", "UISP client 6", [("OLD6", "now ABC6", 6)], id="opted out under the new one"),
        pytest.param("ABC1", "UISP client 1", [], id="the same custom ID"),
        pytest.param("ABC1", "UISP client 2", [], id="matched by another subscriber"),
        pytest.param("ABC6", "UISP client 1", [], id="matched by one who opted out"),
        pytest.param("OLD3", "UISP client 3", [], id="archived"),
        pytest.param("OLD4", "UISP client 4", [], id="a lead"),
        pytest.param("OLD9", "UISP client 99", [], id="no such subscriber"),
        pytest.param("OLD1", None, [], id="no comment"),
        pytest.param("OLD1", "UISP client 01", [], id="leading zero"),
        pytest.param("OLD1", "UISP client 1 ", [], id="blank after"),
        pytest.param("OLD1", "UISP client  1", [], id="two blanks"),
        pytest.param("OLD1", "UISP client 1.", [], id="longer"),
        pytest.param("OLD1", "UISP client \u0661", [], id="another digit"),
        pytest.param("OLD1", "UISP client ", [], id="no number"),
        pytest.param("OLD1", "UISP client " + "9" * 5000, [], id="endless number"),
    ],
)
def test_a_former_login_is_reported_and_left_alone(
    name: str, comment: str, expected: list[tuple[str, str, int]]
) -> None:
    """R14: a secret of nobody, made for a live subscriber who has another custom ID now, is reported and left alone."""
    subscribers = [
        a_subscriber(1),
        a_subscriber(2),
        a_subscriber(3, archived=True),
        a_subscriber(4, lead=True),
        a_subscriber(5, custom_id=" "),
        a_subscriber(6, tags=("Custom-Config",)),
    ]
    state = a_router_state(a_secret("ABC2"), a_secret(name, comment=comment), router="a")
    plan = a_plan(a_fleet(state), subscribers, [a_service(1, of=1), a_service(2, of=2)])
    found = [(one.name, one.detail, one.subscriber) for one in plan.problems if one.reason == "former_login"]
    assert expected == found
    assert {one.name for one in changes(plan)} <= {"ABC1"}


def test_a_secret_of_another_service_is_no_former_login() -> None:
    """R1, R14: only secrets of ours are looked at."""
    state = a_router_state(a_secret("OLD1", ppp_service="l2tp", comment="UISP client 1"), a_secret(), router="a")
    assert planned([person(1)], a_fleet(state)).problems == ()


def test_a_former_login_is_reported_with_its_router_and_subscriber() -> None:
    """R14: the problem names the router, the secret and the subscriber, so that the operator finds them."""
    state = a_router_state(a_secret("OLD1", number=7, comment="UISP client 1"), a_secret())
    plan = a_plan(a_fleet(state))
    (problem,) = [one for one in plan.problems if one.reason == "former_login"]
    assert (problem.router, problem.name, problem.subscriber, problem.detail) == (TOWER, "OLD1", 1, "now ABC1")


@pytest.mark.parametrize(("digits", "reported"), [(19, True), (20, False), (5000, False)])
def test_a_number_of_20_digits_in_a_comment_is_no_id(digits: int, reported: bool) -> None:
    """R14: no id has 20 digits, so such a comment names no subscriber."""
    number = 10 ** (digits - 1) if digits < 100 else 1
    text = str(number) if digits < 100 else "1" * digits
    state = a_router_state(a_secret("OLD1", number=7, comment=f"UISP client {text}"), a_secret())
    plan = a_plan(a_fleet(state), [a_subscriber(number, custom_id="ABC1")])
    assert ("former_login" in {one.reason for one in plan.problems}) is reported


def test_changes_are_counted_by_kind() -> None:
    """Response: a plan counts its changes by kind."""
    fleet = a_fleet(a_router_state(a_secret("ABC1"), a_secret("ABC2", disabled=True), router="a"))
    plan = planned([person(1, Status.SUSPENDED, password="new"), person(2), person(3), person(4)], fleet)
    assert plan.routers["a"].counts() == {"enable": 1, "create": 2, "password": 1, "disable": 1}


@pytest.mark.parametrize(
    ("routers", "names", "expected"),
    [
        pytest.param(None, None, ["a/ABC1", "a/ABC2", "b/ABC3"], id="all"),
        pytest.param(["a"], None, ["a/ABC1", "a/ABC2"], id="one router"),
        pytest.param(["b"], ["ABC1", "ABC3"], ["b/ABC3"], id="both filters"),
        pytest.param(None, ["ABC2"], ["a/ABC2"], id="one login"),
        pytest.param(None, ["abc2"], [], id="exact names"),
        pytest.param([], None, [], id="no router"),
        pytest.param(None, [], [], id="no login"),
    ],
)
def test_only_the_named_routers_and_logins_are_written(
    routers: list[str] | None, names: list[str] | None, expected: list[str]
) -> None:
    """Response: only the routers and custom IDs that the event names are written; problems are those of the whole."""
    states = (
        a_router_state(a_secret("ABC1"), a_secret("ABC2"), a_secret("ABC4", ppp_service="l2tp"), router="a"),
        a_router_state(a_secret("ABC3"), router="b"),
    )
    people = [person(number, Status.SUSPENDED) for number in (1, 2, 3, 4)]
    plan = planned(people, a_fleet(*states, default="a"))
    chosen = plan.select(routers, names)
    assert expected == lists(chosen).disable
    assert list(chosen.routers) == ["a", "b"]
    assert chosen.problems == plan.problems == (Problem("a", "ABC4", Reason.NAME_TAKEN, "l2tp", 4),)


def test_problems_are_sorted_and_none_stands_twice() -> None:
    """Response: problems are sorted by router and name, then reason, detail and subscriber, and none stands twice."""
    people = [
        *(person(number, custom_id="X") for number in (9, 6, 8, 5, 7)),
        person(3, static_ip="nonsense"),
        person(2, static_ip="nonsense"),
        person(1, Status.PREPARED),
    ]
    states = (a_router_state(a_secret("ABC3"), router="b", profiles=()), a_router_state(a_secret("ABC2"), router="a"))
    assert planned(people, a_fleet(*states)).problems == (
        Problem(None, "ABC1", Reason.TRANSITIONAL, "", 1),
        *(Problem(None, "X", Reason.DUPLICATE_CUSTOM_ID, "", number) for number in (5, 6, 7, 8, 9)),
        Problem("a", "ABC2", Reason.STATIC_IP_INVALID, "nonsense", 2),
        Problem("b", "ABC3", Reason.PROFILE_MISSING, PROFILE, 3),
        Problem("b", "ABC3", Reason.STATIC_IP_INVALID, "nonsense", 3),
    )
    radius = [a_session(radius=True)]
    twice = a_fleet(a_router_state(a_secret(password="x", profile="old"), router="a", sessions=radius))
    assert planned([person(1)], twice).problems == (Problem("a", "ABC1", Reason.RADIUS_SESSION, "", 1),)
