"""Suspension by profile (R18): what is planned for each state of a login and each state of its secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from pppsync.core.change import Kind
from pppsync.core.counting_service import State
from pppsync.core.policy import Policy, Suspension
from pppsync.core.reasons import Problem, Reason
from pppsync.core.secret import ListedAddresses, PppSecret, Restriction
from pppsync.core.subscriber import ServiceStatus as Status
from pppsync.core.target import Access, SuspendedProfile, access_given, access_wanted, suspended_profile
from tests.builders import (
    NAME,
    PROFILE,
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

if TYPE_CHECKING:
    from pppsync.core.change import Change
    from pppsync.core.plan import Plan
    from pppsync.core.secret import RouterState, StoredSecret
    from pppsync.core.subscriber import Service

SUSPENDED: Final = "suspended"
LIST: Final = "walled"
DEFAULT: Final = "basic"
ADDRESS: Final = "10.64.0.9"
BY_PROFILE: Final = Policy(suspension=Suspension("profile", SUSPENDED, frozenset({1})))
WITH_DEFAULT: Final = Policy(suspension=BY_PROFILE.suspension, profile_default=DEFAULT)
WALLED: Final = {SUSPENDED: Restriction(LIST)}
READ: Final = ListedAddresses(default_profiles=frozenset({"default"}))
"""An empty list, and a PPPoE server whose default profile is another."""

PAID: Final = a_service()
FOR_DUES: Final = a_service(status=Status.SUSPENDED, reason=1)
FOR_ABUSE: Final = a_service(status=Status.SUSPENDED, reason=2)
OVER: Final = a_service(status=Status.ENDED)

FULL: Final = a_secret()
RESTRICTED: Final = a_secret(profile=SUSPENDED)
OFF: Final = a_secret(disabled=True)
OFF_SUSPENDED: Final = a_secret(disabled=True, profile=SUSPENDED)


def walled(*secrets: StoredSecret, **state: Any) -> RouterState:
    """A router on which the suspended profile restricts by its list."""
    given: dict[str, Any] = {"profiles": (PROFILE, SUSPENDED), "restrictions": WALLED, "listed": READ}
    return a_router_state(*secrets, **(given | state))


def planned(service: Service, *routers: RouterState, policy: Policy = BY_PROFILE) -> Plan:
    """The plan for the subscriber with this service."""
    return a_plan(a_fleet(*routers), services=[service], policy=policy)


def sentence(change: Change) -> str:
    """A change as its kind and the words that it writes."""
    if isinstance(change.desired, PppSecret):
        return f"create profile={change.desired.profile} disabled={'yes' if change.desired.disabled else 'no'}"
    return " ".join([change.kind.value, *(f"{word}={value}" for word, value in change.words)])


def sentences(plan: Plan, router: str = TOWER) -> list[str]:
    """What is written on a router."""
    return [sentence(change) for change in plan.routers[router].changes]


def reasons(plan: Plan) -> list[tuple[str | None, Reason, str]]:
    """Login, reason and detail of each problem."""
    return [(one.name, one.reason, one.detail) for one in plan.problems]


@pytest.mark.parametrize(
    ("service", "held", "expected"),
    [
        pytest.param(PAID, None, ["create profile=30mbps disabled=no"], id="full, nothing"),
        pytest.param(PAID, OFF, ["enable disabled=no"], id="full, none"),
        pytest.param(PAID, OFF_SUSPENDED, ["enable profile=30mbps disabled=no"], id="full, none under suspended"),
        pytest.param(PAID, RESTRICTED, ["restore profile=30mbps"], id="full, restricted"),
        pytest.param(PAID, FULL, [], id="full, full"),
        pytest.param(FOR_DUES, None, ["create profile=suspended disabled=no"], id="restricted, nothing"),
        pytest.param(FOR_DUES, OFF, ["enable profile=suspended disabled=no"], id="restricted, none"),
        pytest.param(
            FOR_DUES, OFF_SUSPENDED, ["enable profile=suspended disabled=no"], id="restricted, none under suspended"
        ),
        pytest.param(FOR_DUES, RESTRICTED, [], id="restricted, restricted"),
        pytest.param(FOR_DUES, FULL, ["restrict profile=suspended"], id="restricted, full"),
        pytest.param(FOR_ABUSE, None, ["create profile=30mbps disabled=yes"], id="none, nothing"),
        pytest.param(FOR_ABUSE, OFF, [], id="none, none"),
        pytest.param(FOR_ABUSE, OFF_SUSPENDED, [], id="none, none under suspended"),
        pytest.param(FOR_ABUSE, RESTRICTED, ["disable disabled=yes"], id="none, restricted"),
        pytest.param(FOR_ABUSE, FULL, ["disable disabled=yes"], id="none, full"),
        pytest.param(OVER, None, [], id="off, nothing"),
        pytest.param(OVER, OFF, [], id="off, none"),
        pytest.param(OVER, OFF_SUSPENDED, [], id="off, none under suspended"),
        pytest.param(OVER, RESTRICTED, ["disable disabled=yes"], id="off, restricted"),
        pytest.param(OVER, FULL, ["disable disabled=yes"], id="off, full"),
    ],
)
def test_what_a_login_is_to_let_in_and_what_its_secret_lets_in_say_what_is_written(
    service: Service, held: StoredSecret | None, expected: list[str]
) -> None:
    """R18: every outcome of the table; an enable writes the profile with the flag, and nothing else is a problem."""
    plan = planned(service, walled(*([held] if held else [])))
    assert (sentences(plan), reasons(plan)) == (expected, [])


def test_without_reasons_everybody_restricted_is_disabled_and_no_profile_is_written() -> None:
    """R18: the way back to the mode `disable`: the secret keeps the suspended profile while it lets anybody in."""
    none = Policy(suspension=Suspension("profile", SUSPENDED, frozenset()))
    assert sentences(planned(FOR_DUES, walled(RESTRICTED), policy=none)) == ["disable disabled=yes"]


@pytest.mark.parametrize(
    ("service", "held", "dropped"),
    [
        (PAID, RESTRICTED, True),
        (PAID, OFF_SUSPENDED, True),
        (PAID, OFF, False),
        (FOR_DUES, FULL, True),
        (FOR_DUES, OFF, True),
        (FOR_ABUSE, RESTRICTED, True),
    ],
    ids=["restore", "enable from suspended", "plain enable", "restrict", "enable to suspended", "disable"],
)
def test_a_session_is_dropped_where_the_profile_or_the_access_changes(
    service: Service, held: StoredSecret, dropped: bool
) -> None:
    """R18: restrict and restore bite at once, for a live session keeps its profile; a plain enable drops nobody."""
    listed = ListedAddresses(frozenset({ADDRESS}), frozenset({ADDRESS}), READ.default_profiles)
    [change] = planned(service, walled(held, sessions=[a_session()], listed=listed)).routers[TOWER].changes
    assert bool(change.sessions) is dropped


@pytest.mark.parametrize(
    ("state", "fault", "expected"),
    [
        (State.ENABLED, None, Access.FULL),
        (State.ENABLED, Reason.SUSPENDED_PROFILE_OPEN, Access.FULL),
        (State.RESTRICTED, None, Access.RESTRICTED),
        (State.RESTRICTED, Reason.SUSPENDED_PROFILE_OPEN, Access.NONE),
        (State.DISABLED, None, Access.NONE),
        (State.OFF, None, Access.NONE),
    ],
)
def test_what_a_state_lets_in(state: State, fault: Reason | None, expected: Access) -> None:
    """R18: restricted counts as disabled where the profile restricts nobody."""
    assert access_wanted(a_wanted(state), SuspendedProfile(SUSPENDED, fault)) is expected


def test_without_a_suspended_profile_nobody_is_restricted() -> None:
    """R18: the mode `disable` knows no profile: the state is none, the secret lets in fully."""
    assert suspended_profile(walled(RESTRICTED), Policy()) is None
    assert access_wanted(a_wanted(State.RESTRICTED), None) is Access.NONE
    assert access_given(RESTRICTED, None) is Access.FULL


@pytest.mark.parametrize(
    ("secret", "fault", "expected"),
    [
        (FULL, None, Access.FULL),
        (RESTRICTED, None, Access.RESTRICTED),
        (RESTRICTED, Reason.SUSPENDED_PROFILE_OPEN, Access.FULL),
        (RESTRICTED, Reason.SUSPENDED_PROFILE_MISSING, Access.FULL),
        (OFF, None, Access.NONE),
        (OFF_SUSPENDED, None, Access.NONE),
    ],
)
def test_what_a_secret_lets_in_as_read(secret: StoredSecret, fault: Reason | None, expected: Access) -> None:
    """R18: restricted as read is enabled, under the profile, and the profile restricts."""
    assert access_given(secret, SuspendedProfile(SUSPENDED, fault)) is expected


@pytest.mark.parametrize(
    ("state", "fault"),
    [
        ({"profiles": (PROFILE,), "restrictions": {}}, Reason.SUSPENDED_PROFILE_MISSING),
        ({"restrictions": {}}, Reason.SUSPENDED_PROFILE_OPEN),
        ({"restrictions": {PROFILE: Restriction(LIST)}}, Reason.SUSPENDED_PROFILE_OPEN),
    ],
    ids=["missing", "open", "another has the list"],
)
@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (None, ["create profile=30mbps disabled=yes"]),
        (FULL, ["disable disabled=yes"]),
        (RESTRICTED, ["disable disabled=yes"]),
        (OFF, []),
        (OFF_SUSPENDED, []),
    ],
    ids=["nothing", "full", "restricted", "none", "none under suspended"],
)
def test_where_the_profile_restricts_nobody_who_is_suspended_is_disabled(
    state: dict[str, Any], fault: Reason, held: StoredSecret | None, expected: list[str]
) -> None:
    """R18 fails closed, and names the profile once for the router."""
    plan = planned(FOR_DUES, walled(*([held] if held else []), **state))
    assert (sentences(plan), reasons(plan)) == (expected, [(None, fault, SUSPENDED)])


def test_a_faulty_profile_is_one_problem_a_router_and_stops_no_other_router() -> None:
    """R18: router by router; two logins of one router do not name it twice."""
    subscribers = [a_subscriber(1), a_subscriber(2), a_subscriber(3)]
    services = [a_service(one.id, Status.SUSPENDED, of=one.id, reason=1) for one in subscribers]
    bare = walled(a_secret("ABC1"), a_secret("ABC2", number=2), router="a", restrictions={})
    plan = a_plan(a_fleet(bare, walled(a_secret("ABC3"), router="b")), subscribers, services, BY_PROFILE)
    assert plan.problems == (Problem("a", None, Reason.SUSPENDED_PROFILE_OPEN, SUSPENDED),)
    assert sentences(plan, "a") == ["disable disabled=yes"] * 2
    assert sentences(plan, "b") == ["restrict profile=suspended"]


def test_a_rate_limit_alone_restricts() -> None:
    """R18: open is a profile with neither list nor rate; one with a rate has no list that could be unread."""
    plan = planned(FOR_DUES, walled(FULL, restrictions={SUSPENDED: Restriction(None, "64k/64k")}, listed=None))
    assert (sentences(plan), reasons(plan)) == (["restrict profile=suspended"], [])


def test_a_list_that_the_router_did_not_show_is_told_and_stops_nothing() -> None:
    """R18: without the list the login is restricted all the same, and whether it bites is said to be unknown."""
    plan = planned(FOR_DUES, walled(FULL, listed=None))
    assert sentences(plan) == ["restrict profile=suspended"]
    assert reasons(plan) == [(None, Reason.SUSPENDED_LIST_UNREAD, LIST)]


NOT_GIVEN_BACK = "cannot be given back (add it, or set policy.profile_default)"


@pytest.mark.parametrize(
    ("name", "problem"),
    [(SUSPENDED, Reason.PROFILE_RESERVED), ("60mbps", Reason.PROFILE_MISSING)],
    ids=["reserved", "missing"],
)
class TestAPaidLoginWhosePlanHasNoProfile:
    """The plan's profile is reserved, or missing on the router (R18)."""

    def test_stays_restricted_and_is_counted(self, name: str, problem: Reason) -> None:
        """Without `profile_default` nothing is written, the cause is told, and the census counts it."""
        plan = planned(a_service(name=name), walled(RESTRICTED))
        assert sentences(plan) == []
        assert reasons(plan) == [
            (NAME, Reason.PAID_RESTRICTED, f"the profile {name} {NOT_GIVEN_BACK}"),
            (NAME, problem, name),
        ]
        assert plan.routers[TOWER].census.paid_restricted == 1

    def test_is_enabled_all_the_same(self, name: str, problem: Reason) -> None:
        """A disabled one is let in as far as it can be: restricted, which is told."""
        plan = planned(a_service(name=name), walled(OFF_SUSPENDED))
        assert sentences(plan) == ["enable disabled=no"]
        assert {reason for _, reason, _ in reasons(plan)} == {Reason.PAID_RESTRICTED, problem}

    @pytest.mark.parametrize(
        ("held", "expected"),
        [
            (RESTRICTED, ["restore profile=basic"]),
            (OFF_SUSPENDED, ["enable profile=basic disabled=no"]),
            (FULL, []),
            (OFF, ["enable disabled=no"]),
            (None, []),
        ],
        ids=["restricted", "none under suspended", "full", "none", "nothing"],
    )
    def test_gets_the_default_profile_only_if_it_leaves_the_suspended_one(
        self, name: str, problem: Reason, held: StoredSecret | None, expected: list[str]
    ) -> None:
        """`profile_default` is not for plans in general: who is not under the suspended profile keeps his own."""
        router = walled(*([held] if held else []), profiles=(PROFILE, SUSPENDED, DEFAULT))
        plan = planned(a_service(name=name), router, policy=WITH_DEFAULT)
        assert (sentences(plan), reasons(plan)) == (expected, [(NAME, problem, name)])
        assert plan.routers[TOWER].census.paid_restricted == 0

    def test_stays_restricted_if_the_router_has_no_default_profile_either(self, name: str, problem: Reason) -> None:
        """A `profile_default` that the router does not have helps nobody there."""
        plan = planned(a_service(name=name), walled(RESTRICTED), policy=WITH_DEFAULT)
        assert sentences(plan) == []
        assert {reason for _, reason, _ in reasons(plan)} == {Reason.PAID_RESTRICTED, problem}

    def test_is_not_restricted_by_a_profile_that_restricts_nobody(self, name: str, problem: Reason) -> None:
        """Under an open profile a paid login is let in fully, so nothing is said of staying restricted."""
        plan = planned(a_service(name=name), walled(RESTRICTED, restrictions={}))
        assert sentences(plan) == []
        assert reasons(plan) == [(None, Reason.SUSPENDED_PROFILE_OPEN, SUSPENDED), (NAME, problem, name)]


def test_leaving_the_suspended_profile_is_a_restore_even_where_it_restricts_nobody() -> None:
    """R18: `restore` is never withheld; a `profile` would be above a limit."""
    plan = planned(PAID, walled(RESTRICTED, restrictions={}))
    assert sentences(plan) == ["restore profile=30mbps"]


def test_a_reserved_profile_of_a_disabled_login_is_told_too() -> None:
    """R18: of a login that is to be disabled the plan's reserved profile is told, and never written."""
    plan = planned(a_service(status=Status.SUSPENDED, reason=2, name=SUSPENDED), walled(OFF))
    assert (sentences(plan), reasons(plan)) == ([], [(NAME, Reason.PROFILE_RESERVED, SUSPENDED)])


@pytest.mark.parametrize("second", [PROFILE, SUSPENDED])
def test_several_secrets_of_a_restricted_login_are_disabled(second: str) -> None:
    """R6, R18: of two secrets nobody knows which is right, so both are disabled and none is restricted."""
    held = walled(FULL, a_secret(number=2, ppp_service="any", profile=second))
    plan = planned(FOR_DUES, held)
    assert sentences(plan) == ["disable disabled=yes"] * 2
    assert reasons(plan) == [(NAME, Reason.DUPLICATE_SECRET, "2 secrets")]


@pytest.mark.parametrize(
    ("first", "second", "stays"),
    [(PROFILE, PROFILE, False), (PROFILE, SUSPENDED, True), (SUSPENDED, SUSPENDED, True)],
)
@pytest.mark.parametrize("disabled", [False, True])
def test_several_secrets_of_a_paid_login_are_told_if_one_restricts(
    first: str, second: str, stays: bool, disabled: bool
) -> None:
    """R6, R18: no profile is written; two disabled ones are enabled as they are, and one that restricts is told."""
    held = [
        a_secret(profile=first, disabled=disabled),
        a_secret(number=2, ppp_service="any", profile=second, disabled=disabled),
    ]
    plan = planned(PAID, walled(*held))
    assert sentences(plan) == ["enable disabled=no"] * (2 * disabled)
    told = [(NAME, Reason.DUPLICATE_SECRET, "2 secrets")]
    told += [(NAME, Reason.PAID_RESTRICTED, "several secrets have its name")] * stays
    assert reasons(plan) == told


def test_on_two_routers_a_restricted_login_is_disabled_on_both() -> None:
    """R16, R18: without an attribute no router is its own, so none restricts it: it must be off on every one."""
    plan = planned(FOR_DUES, walled(FULL, router="a"), walled(RESTRICTED, router="b"))
    assert sentences(plan, "a") == sentences(plan, "b") == ["disable disabled=yes"]


LISTED = ListedAddresses(frozenset({ADDRESS}), frozenset({ADDRESS}), READ.default_profiles)


def test_a_session_that_still_stands_in_the_list_is_dropped() -> None:
    """R12, R18: the drop of a restore was lost: who is let in fully and stands in the list gets the drop again."""
    [change] = planned(PAID, walled(FULL, sessions=[a_session()], listed=LISTED)).routers[TOWER].changes
    assert (change.kind, change.reason, len(change.sessions)) == (Kind.DROP, Reason.STILL_RESTRICTED, 1)


@pytest.mark.parametrize(
    "state",
    [
        {"restrictions": WALLED | {"other": Restriction(LIST)}},
        {"listed": ListedAddresses(LISTED.every, LISTED.of_sessions, frozenset({SUSPENDED}))},
        {"listed": ListedAddresses(LISTED.every, LISTED.of_sessions, None)},
        {"listed": ListedAddresses(LISTED.every, frozenset(), READ.default_profiles)},
        {"listed": READ},
        {"restrictions": {SUSPENDED: Restriction(None, "64k/64k")}, "listed": None},
    ],
    ids=["shared list", "inherited list", "servers not shown", "static entry", "not in the list", "no list"],
)
def test_a_session_that_may_stand_there_for_another_cause_is_never_dropped(state: dict[str, Any]) -> None:
    """R18: the repair must not come back at every run, so it needs a list of which only this profile is the source."""
    plan = planned(PAID, walled(FULL, sessions=[a_session()], **state))
    assert (sentences(plan), reasons(plan)) == ([], [])


@pytest.mark.parametrize(
    ("service", "held"), [(FOR_DUES, RESTRICTED), (a_service(name="60mbps"), RESTRICTED)], ids=["suspended", "paid"]
)
def test_a_session_of_a_restricted_secret_belongs_into_the_list(service: Service, held: StoredSecret) -> None:
    """R18: whose secret has the suspended profile would come back into the list, so nothing is dropped."""
    assert sentences(planned(service, walled(held, sessions=[a_session()], listed=LISTED))) == []


def test_a_session_on_another_address_and_still_in_the_list_is_dropped_once() -> None:
    """R12, R18: two causes of one repair are one drop, told with the cause that R18 names."""
    secret = a_secret(remote_address="10.0.0.5")
    fleet = a_fleet(walled(secret, sessions=[a_session()], listed=LISTED))
    plan = a_plan(fleet, [a_subscriber(static_ip="10.0.0.5")], policy=BY_PROFILE)
    [change] = plan.routers[TOWER].changes
    assert (change.kind, change.reason, len(change.sessions)) == (Kind.DROP, Reason.STILL_RESTRICTED, 1)


def test_a_restricted_session_that_is_in_no_list_is_told_with_its_remedy() -> None:
    """R18: it may be open, so it counts as online; it is dropped by hand, never by the sync."""
    plan = planned(FOR_DUES, walled(RESTRICTED, sessions=[a_session()]))
    remedy = f"/ppp active remove [find address={ADDRESS}]"
    assert (sentences(plan), reasons(plan)) == ([], [(NAME, Reason.RESTRICTED_NOT_LISTED, remedy)])
    assert plan.routers[TOWER].census.suspended_online == 1


@pytest.mark.parametrize(
    ("session", "listed"),
    [
        (a_session(), LISTED),
        (a_session(), ListedAddresses(frozenset({ADDRESS}), frozenset(), READ.default_profiles)),
        (a_session(address=None), READ),
    ],
    ids=["by the session", "by hand", "no address yet"],
)
def test_a_restricted_session_that_may_be_in_the_list_is_not_told(session: Any, listed: ListedAddresses) -> None:
    """R18: a static entry restricts too, and a session without an address proves nothing."""
    plan = planned(FOR_DUES, walled(RESTRICTED, sessions=[session], listed=listed))
    assert reasons(plan) == []
    assert plan.routers[TOWER].census.suspended_online == 0


def test_the_census_counts_who_is_restricted_as_read_apart() -> None:
    """G3: the denominator leaves out who is restricted; a profile that restricts nobody restricts nobody there."""
    secrets = (
        a_secret("ABC1"),
        a_secret("ABC2", number=2, profile=SUSPENDED),
        a_secret("ABC3", number=3, disabled=True),
    )
    subscribers = [a_subscriber(number) for number in (1, 2, 3)]
    for restrictions, expected in ((WALLED, (1, 1)), ({}, (2, 0))):
        fleet = a_fleet(walled(*secrets, restrictions=restrictions))
        census = a_plan(fleet, subscribers, policy=BY_PROFILE).routers[TOWER].census
        assert (census.managed_enabled, census.restricted) == expected


def test_a_radius_session_of_a_login_with_two_secrets_is_told_for_each_and_dropped_for_none() -> None:
    """R6, R12, R18: both secrets are disabled; a session that RADIUS let in stays, and is told."""
    held = walled(FULL, a_secret(number=2, profile=SUSPENDED), sessions=[a_session(radius=True)])
    plan = planned(FOR_DUES, held)
    assert sentences(plan) == ["disable disabled=yes"] * 2
    assert [change.sessions for change in plan.routers[TOWER].changes] == [(), ()]
    assert {reason for _, reason, _ in reasons(plan)} >= {Reason.DUPLICATE_SECRET, Reason.RADIUS_SESSION}


def test_of_two_sessions_only_the_one_on_another_address_is_dropped() -> None:
    """R12: a session on the static address, and one whose address is not known yet, stay."""
    live = [a_session(number=number, address=address) for number, address in enumerate(("10.0.0.5", None, ADDRESS), 1)]
    fleet = a_fleet(walled(a_secret(remote_address="10.0.0.5"), sessions=live))
    [change] = a_plan(fleet, [a_subscriber(static_ip="10.0.0.5")], policy=BY_PROFILE).routers[TOWER].changes
    assert (change.kind, change.reason, [one.address for one in change.sessions]) == (Kind.DROP, None, [ADDRESS])


def test_a_session_that_lives_on_under_two_disabled_secrets_is_dropped_once() -> None:
    """R6, R12: both secrets may have let it in, and one drop ends it."""
    held = walled(OFF, a_secret(number=2, disabled=True), sessions=[a_session()])
    assert sentences(planned(FOR_DUES, held)) == ["drop"]


def test_a_session_on_the_static_address_stays() -> None:
    """R12: the repair leaves alone who has the address that the secret has."""
    fleet = a_fleet(walled(a_secret(remote_address=ADDRESS), sessions=[a_session()]))
    assert sentences(a_plan(fleet, [a_subscriber(static_ip=ADDRESS)], policy=BY_PROFILE)) == []
