"""The sentence about one login, for every normal state and every reason."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pppsync.core.hold import Hold
from pppsync.core.policy import Policy
from pppsync.core.reasons import Problem, Reason
from pppsync.core.secret import ListedAddresses, Restriction
from pppsync.diagnose.explain.facts import facts
from pppsync.diagnose.explain.sentence import sentence
from pppsync.diagnose.explain.words import why
from tests.builders import NAME, PROFILE, a_router_state, a_secret, a_service, a_session, a_subscriber
from tests.unit.explain_world import ACTIVE as ACTIVE_STATUS
from tests.unit.explain_world import ENDED, INACTIVE, PREPARED, SUSPENDED, World, other

if TYPE_CHECKING:
    from pppsync.core.secret import StoredSecret
    from pppsync.core.subscriber import Service

NO_SERVICE: tuple[Service, ...] = ()
ACTIVE = "`ABC1` (subscriber 1) is active in the CRM (service 1, `30mbps`)"
AGREED = "both sides agree, so the next run changes nothing"
BUT = "nothing that can be set differs, so the next run changes nothing"
HELD = "tower-1 holds its secret, enabled and offline"
NOT_HELD = "no router holds a secret of this name"
HINT = (
    "if the customer cannot get in, look at the password in the customer's device, at the line and at the router's log"
)
SUSPENDED_1 = "`ABC1` (subscriber 1) is suspended in the CRM (service 1, `30mbps`)"
UNCHANGED = "the next run changes nothing"
ONLINE = "tower-1 holds its secret, enabled and online"
DISABLED = "tower-1 holds its secret, disabled and offline"
NOBODY = "No subscriber in the CRM has the custom ID `ABC1`"
UNMATCHED = "a secret that belongs to no subscriber is never changed, only counted as unmatched"
UNREAD = "tower-2 could not be read (router_unreachable)"
ENDED_1 = "`ABC1` (subscriber 1) has no running service in the CRM (the last, service 1, `30mbps`, has ended)"
NOT_HELD_YET = "no router that could be read holds a secret of this name"


NORMAL = {
    "in sync and online": (
        World(routers=[a_router_state(a_secret(), sessions=[a_session()])]),
        [ACTIVE, ONLINE, AGREED],
    ),
    "online twice": (
        World(routers=[a_router_state(a_secret(), sessions=[a_session(), a_session(number=2)])]),
        [ACTIVE, "tower-1 holds its secret, enabled and online with 2 sessions", AGREED],
    ),
    "in sync and offline": (World(), [ACTIVE, HELD, AGREED, HINT]),
    "suspended": (
        World(services=[a_service(status=SUSPENDED)], routers=[a_router_state(a_secret(disabled=True))]),
        [SUSPENDED_1, DISABLED, AGREED],
    ),
    "suspended yet online": (
        World(
            services=[a_service(status=SUSPENDED)],
            routers=[a_router_state(a_secret(disabled=True), sessions=[a_session()])],
        ),
        [SUSPENDED_1, "tower-1 holds its secret, disabled and online", "the next run will drop its session on tower-1"],
    ),
    "to be disabled": (
        World(services=[a_service(status=SUSPENDED)], routers=[a_router_state(a_secret(), sessions=[a_session()])]),
        [SUSPENDED_1, ONLINE, "the next run will disable it and drop its session on tower-1"],
    ),
    "to be enabled": (
        World(routers=[a_router_state(a_secret(disabled=True))]),
        [ACTIVE, DISABLED, "the next run will enable it on tower-1"],
    ),
    "to be created": (
        World(routers=[a_router_state()]),
        [ACTIVE, NOT_HELD, "the next run will create it, enabled and with the profile `30mbps`, on tower-1"],
    ),
    "to be created disabled": (
        World(services=[a_service(status=SUSPENDED)], routers=[a_router_state()]),
        [SUSPENDED_1, NOT_HELD, "the next run will create it, disabled and with the profile `30mbps`, on tower-1"],
    ),
    "ended": (
        World(services=[a_service(status=ENDED)], routers=[a_router_state(a_secret(disabled=True))]),
        [ENDED_1, DISABLED, AGREED],
    ),
    "inactive, never created": (
        World(services=[a_service(status=INACTIVE)], routers=[a_router_state()]),
        [
            "`ABC1` (subscriber 1) has no running service in the CRM (the last, service 1, `30mbps`, is inactive)",
            NOT_HELD,
            "nothing is created for it, so the next run changes nothing",
        ],
    ),
    "no service": (
        World(services=NO_SERVICE, routers=[a_router_state()]),
        [
            "`ABC1` (subscriber 1) has no service in the CRM",
            NOT_HELD,
            "nothing is created for it, so the next run changes nothing",
        ],
    ),
    "all fields to be changed": (
        World(
            subscribers=[a_subscriber(static_ip="198.51.100.7")],
            routers=[
                a_router_state(
                    a_secret(password="x", profile="old", remote_address="198.51.100.1"), sessions=[a_session()]
                )
            ],
        ),
        [
            ACTIVE,
            ONLINE,
            (
                "the next run will set its password to the CRM's, change its profile from `old` to `30mbps`, change "
                "its address from 198.51.100.1 to 198.51.100.7 and drop its session on tower-1"
            ),
        ],
    ),
    "address to be set": (
        World(subscribers=[a_subscriber(static_ip="198.51.100.7")]),
        [ACTIVE, HELD, "the next run will set its address to 198.51.100.7 on tower-1"],
    ),
    "address to be cleared": (
        World(routers=[a_router_state(a_secret(remote_address="198.51.100.1"))], policy={"static_ip_absent": "clear"}),
        [ACTIVE, HELD, "the next run will take its address 198.51.100.1 away on tower-1"],
    ),
    "session on another address": (
        World(
            subscribers=[a_subscriber(static_ip="198.51.100.7")],
            routers=[a_router_state(a_secret(remote_address="198.51.100.7"), sessions=[a_session()])],
        ),
        [ACTIVE, ONLINE, "the next run will drop its session, which has another address, on tower-1"],
    ),
    "withheld": (
        World(
            subscribers=[a_subscriber(password=None)],
            policy={"missing_password": "registration_date"},
        ),
        [
            ACTIVE,
            HELD,
            (
                "the next run would set its password to the registration date on tower-1, but that waits for the "
                "approval of plan PLAN"
            ),
        ],
    ),
    "observed": (
        World(routers=[a_router_state(a_secret(disabled=True))], modes={"tower-1": "observe"}),
        [ACTIVE, DISABLED, "the next run would enable it on tower-1, but that router is only observed"],
    ),
    "on hold": (
        World(
            routers=[a_router_state(a_secret(disabled=True))],
            holds={"tower-1": Hold(datetime(2026, 11, 25, 14, tzinfo=UTC), "anna", "the tower moves")},
        ),
        [
            ACTIVE,
            DISABLED,
            (
                "the next run would enable it on tower-1, but nothing is written there: it is on hold until "
                "2026-11-25T14:00:00Z, by anna: the tower moves"
            ),
        ],
    ),
    "named by its service plan": (
        World(services=[a_service(name="", plan_name="30mbps")], policy={"profile_from": "servicePlanName"}),
        [ACTIVE, HELD, AGREED, HINT],
    ),
    "another router unread": (
        World(unread=["tower-2"]),
        [ACTIVE, HELD, AGREED, HINT, UNREAD],
    ),
    "let in by RADIUS without any secret": (
        World(services=[a_service(status=ENDED)], routers=[a_router_state(sessions=[a_session(radius=True)])]),
        [
            ENDED_1,
            "tower-1 holds no secrets of this name, online through RADIUS",
            "nothing is created for it, so the next run changes nothing",
            (
                "tower-1 has it online although it must be off: without a running service, and let in by RADIUS: "
                "refuse it there, then drop the session by hand"
            ),
        ],
    ),
}
REASONED = {
    "archived": (
        World(subscribers=(), services=[a_service(status=ENDED)], archived=[a_subscriber(archived=True)]),
        [
            (
                "`ABC1` (subscriber 1) is left alone, because it is archived in the CRM (restore it and give it an "
                "active service to have it managed again)"
            ),
            HELD,
            UNCHANGED,
        ],
    ),
    "lead": (
        World(subscribers=[a_subscriber(lead=True)]),
        ["`ABC1` (subscriber 1) is left alone, because it is still a lead in the CRM", HELD, UNCHANGED],
    ),
    "custom_config": (
        World(subscribers=[a_subscriber(tags=("VIP", "custom-config "))]),
        [
            (
                "`ABC1` (subscriber 1) is left alone, because it carries the tag Custom-Config in the CRM (remove "
                "the tag to have it managed)"
            ),
            HELD,
            UNCHANGED,
        ],
    ),
    "numeric_custom_id": (
        World(subscribers=[a_subscriber(custom_id="4711")]),
        [
            (
                "`4711` (subscriber 1) is left alone, because its custom ID starts with a digit (set "
                "policy.allow_numeric_custom_id to true to allow that)"
            ),
            NOT_HELD,
            UNCHANGED,
        ],
    ),
    "invalid_custom_id": (
        World(subscribers=[a_subscriber(custom_id="ABC1 ")]),
        [
            (
                "`ABC1\\u0020` (subscriber 1) is left alone, because its custom ID starts with *, has outer blanks or "
                "control characters, is broken Unicode or longer than 8,192 characters"
            ),
            "no router holds a secret of exactly this name, but `ABC1` on tower-1, enabled and offline, reads the same",
            UNCHANGED,
        ],
    ),
    "duplicate_custom_id": (
        World(subscribers=[a_subscriber(), a_subscriber(2, custom_id=NAME), a_subscriber(3, custom_id=NAME)]),
        [
            (
                "`ABC1` (subscriber 1) is left alone, because it shares its custom ID with another live subscriber "
                "(2 and 3) (correct one of them)"
            ),
            HELD,
            UNCHANGED,
        ],
    ),
    "transitional": (
        World(services=[a_service(status=PREPARED)]),
        [
            (
                "`ABC1` (subscriber 1) is left alone, because its services are in transition: none counts yet, or "
                "the next one is about to start"
            ),
            HELD,
            UNCHANGED,
        ],
    ),
    "no_internet_service": (
        World(services=[a_service(internet=False)]),
        [
            (
                "`ABC1` (subscriber 1) is left alone, because it has only services of the type General, which bring"
                " no Internet"
            ),
            HELD,
            UNCHANGED,
        ],
    ),
    "not_found": (
        World(subscribers=[a_subscriber(2)], routers=[a_router_state()]),
        [NOBODY, NOT_HELD, "the spelling may be wrong, since letter case counts"],
    ),
    "unmatched": (
        World(subscribers=[a_subscriber(2)], routers=[a_router_state(a_secret(), sessions=[a_session()])]),
        [NOBODY, ONLINE, UNMATCHED],
    ),
    "former_login": (
        World(
            subscribers=[a_subscriber(1, custom_id="NEW1")],
            routers=[a_router_state(a_secret(comment="UISP client 1"))],
        ),
        [NOBODY, HELD, "the secret on tower-1 was made for subscriber 1, who is now NEW1", UNMATCHED],
    ),
    "name_taken": (
        World(routers=[a_router_state(a_secret(ppp_service="l2tp"))]),
        [
            ACTIVE,
            "tower-1 holds its secret, under the service l2tp, enabled and offline",
            (
                "the next run changes nothing, because tower-1 holds this name under the service l2tp, which is "
                "never touched (rename one of the two)"
            ),
        ],
    ),
    "name_case_differs": (
        World(routers=[a_router_state(a_secret("abc1"))]),
        [
            ACTIVE,
            "no router holds a secret of exactly this name, but `abc1` on tower-1, enabled and offline, reads the same",
            (
                "the next run changes nothing, because tower-1 holds abc1, this name in other letter case only (make "
                "the two equal)"
            ),
        ],
    ),
    "duplicate_secret": (
        World(routers=[a_router_state(a_secret(), a_secret(number=2))]),
        [
            ACTIVE,
            "tower-1 holds 2 secrets of this name, offline",
            "the next run changes nothing, because tower-1 holds 2 secrets of this name (remove one there)",
        ],
    ),
    "profile_missing": (
        World(routers=[a_router_state(profiles=())]),
        [
            ACTIVE,
            NOT_HELD,
            (
                "the next run changes nothing, because tower-1 has no profile named exactly 30mbps (add it there,"
                " or rename the service)"
            ),
        ],
    ),
    "profile_missing of a secret that is there": (
        World(routers=[a_router_state(a_secret(disabled=True), profiles=())]),
        [
            ACTIVE,
            DISABLED,
            "the next run will enable it on tower-1",
            "note that tower-1 has no profile named exactly 30mbps (add it there, or rename the service)",
        ],
    ),
    "password_attribute_missing": (
        World(subscribers=[a_subscriber(password=None)], password_attribute=None),
        [
            ACTIVE,
            HELD,
            BUT,
            (
                "note that the CRM shows no client attribute with the key pppPassword, so no existing password is"
                " compared or written"
            ),
        ],
    ),
    "password_absent": (
        World(subscribers=[a_subscriber(password=None)]),
        [ACTIVE, HELD, BUT, "note that the CRM holds no password for it, so the one on tower-1 is left alone"],
    ),
    "password_invalid": (
        World(subscribers=[a_subscriber(password="\ud800")]),
        [
            ACTIVE,
            HELD,
            BUT,
            "note that its password in the CRM is broken Unicode or longer than 8,192 characters (type it again)",
        ],
    ),
    "password_missing": (
        World(subscribers=[a_subscriber(password=None, registered=None)], routers=[a_router_state()]),
        [
            ACTIVE,
            NOT_HELD,
            (
                "the next run changes nothing, because the CRM holds neither a password nor a registration date "
                "for it (fill in the password)"
            ),
        ],
    ),
    "passwords_unreadable": (
        World(routers=[a_router_state(a_secret(password="*****"))]),
        [
            ACTIVE,
            HELD,
            BUT,
            (
                "note that tower-1 shows no passwords, so they are neither compared nor written (give the group "
                "of the API user the policy sensitive)"
            ),
        ],
    ),
    "static_ip_invalid": (
        World(subscribers=[a_subscriber(static_ip="224.0.0.1")]),
        [
            ACTIVE,
            HELD,
            BUT,
            (
                "note that its static address in the CRM, 224.0.0.1, is no unicast IPv4 host address, so that field is "
                "left alone"
            ),
        ],
    ),
    "static_ip_duplicate": (
        World(
            subscribers=[a_subscriber(static_ip="198.51.100.7"), a_subscriber(2, static_ip="198.51.100.7")],
            services=[a_service(), a_service(2, of=2)],
        ),
        [
            ACTIVE,
            HELD,
            BUT,
            (
                "note that more than one subscriber of tower-1 wants its static address (198.51.100.7, also wanted by"
                " ABC2), so that field is left alone"
            ),
        ],
    ),
    "radius_session": (
        World(
            services=[a_service(status=SUSPENDED)],
            routers=[a_router_state(a_secret(disabled=True), sessions=[a_session(radius=True)])],
        ),
        [
            SUSPENDED_1,
            "tower-1 holds its secret, disabled and online through RADIUS",
            BUT,
            "note that a session on tower-1 was let in by RADIUS, not by the secret, and is not dropped",
            (
                "tower-1 has it online although it must be off: suspended, and let in by RADIUS: refuse it there, "
                "then drop the session by hand"
            ),
        ],
    ),
    "router_unknown": (
        World(subscribers=[a_subscriber(router="tower-9")], routers=[a_router_state(), other("tower-2")]),
        [
            ACTIVE,
            NOT_HELD,
            (
                "the next run changes nothing, because its attribute router names tower-9, and no router of that "
                "name is configured"
            ),
        ],
    ),
    "router_not_read": (
        World(routers=[a_router_state()], unread=["tower-2"], default="tower-1"),
        [
            ACTIVE,
            NOT_HELD_YET,
            "the next run changes nothing, because tower-2 could not be read and may hold it",
            UNREAD,
        ],
    ),
    "router_not_read though it is its own": (
        World(subscribers=[a_subscriber(router="tower-2")], routers=[a_router_state()], unread=["tower-2"]),
        [
            ACTIVE,
            NOT_HELD_YET,
            "the next run changes nothing, because tower-2 could not be read and may hold it",
            UNREAD,
        ],
    ),
    "no_router": (
        World(routers=[a_router_state(), other()]),
        [
            ACTIVE,
            NOT_HELD,
            ("the next run changes nothing, because no router is named for it, none holds it, and none is the default"),
        ],
    ),
    "moved": (
        World(subscribers=[a_subscriber(router="tower-2")], routers=[a_router_state(a_secret()), other()]),
        [
            ACTIVE,
            HELD,
            "the next run will create it, enabled and with the profile `30mbps`, on tower-2",
            ("note that tower-1 still holds it too: its own router is tower-2, which does not hold it as desired yet"),
        ],
    ),
    "moved and settled": (
        World(
            subscribers=[a_subscriber(router="tower-2")],
            routers=[a_router_state(a_secret(), sessions=[a_session()]), other("tower-2", a_secret())],
        ),
        [
            ACTIVE,
            "tower-1 holds its secret, enabled and online, and tower-2 holds its secret, enabled and offline",
            (
                "the next run will disable it, since that is not its own router, and drop its session on tower-1; note "
                "that tower-1 still holds it too: its own router is tower-2, so it is disabled here"
            ),
        ],
    ),
    "login_on_two_routers": (
        World(routers=[a_router_state(a_secret()), other("tower-2", a_secret())]),
        [
            ACTIVE,
            "tower-1 holds its secret, enabled and offline, and tower-2 holds its secret, enabled and offline",
            (
                "the next run changes nothing, because several routers hold it (tower-1, tower-2), and no "
                "attribute router says which one is right"
            ),
        ],
    ),
}


def unplanned(text: str) -> str:
    """The sentence with plan ids, which no test knows beforehand, replaced."""
    return re.sub(r"\b[0-9a-f]{16}\b", "PLAN", text)


@pytest.mark.parametrize(("world", "expected"), NORMAL.values(), ids=NORMAL)
def test_one_sentence_names_the_crm_the_routers_and_the_next_run(world: World, expected: list[str]) -> None:
    """One sentence says what the CRM says, what the routers hold, and what the next run does."""
    assert unplanned(world.sentence()) == "; ".join(expected) + "."


@pytest.mark.parametrize(
    ("reason", "world", "expected"), [(key, *value) for key, value in REASONED.items()], ids=REASONED
)
def test_every_reason_is_a_sentence_and_a_code(reason: str, world: World, expected: list[str]) -> None:
    """Whatever keeps a login from being changed is said in words, and stands as a code among the facts."""
    name = next(
        (one.custom_id or "" for one in world.subscribers if one.id == 1 and reason.endswith("custom_id")), NAME
    )
    case = world.case(name)
    found = facts(case)
    codes = {found["ignored"], *(one["reason"] for one in found["problems"])}

    assert sentence(case, world.settings.policy) == "; ".join(expected) + "."
    assert reason.split(maxsplit=1)[0] in codes or reason == "moved and settled"


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_words(reason: Reason) -> None:
    """No reason of the table is without a clause, and every clause is complete with what a problem carries."""
    problem = Problem("tower-1", NAME, reason, "detail", 7)

    clause = why(problem, Policy())

    assert clause
    assert not re.search(r"[{}]|^[A-Z]|\.$", clause)


def test_what_two_secrets_need_is_said_once() -> None:
    """R6: both secrets of a suspended login are disabled, and each of its sessions is counted."""
    sessions = [a_session(), a_session(number=2, ppp_service="l2tp")]
    state = a_router_state(a_secret(), a_secret(number=2, ppp_service="any"), sessions=sessions)
    said = World(services=[a_service(status=SUSPENDED)], routers=[state]).sentence()

    assert "; the next run will disable it and drop its 2 sessions on tower-1; note that" in said


@pytest.mark.parametrize(
    ("world", "standing"),
    [
        (
            World(
                subscribers=[a_subscriber(custom_id="1001")],
                services=[a_service(status=SUSPENDED)],
                routers=[a_router_state(a_secret("1001"), sessions=[a_session("1001")])],
            ),
            "it is suspended in the CRM (service 1, `30mbps`), but online",
        ),
        (
            World(
                subscribers=[a_subscriber(custom_id="ABC1 ")],
                services=[a_service(status=SUSPENDED)],
                routers=[a_router_state(a_secret(), sessions=[a_session()])],
            ),
            "it is suspended in the CRM (service 1, `30mbps`), but online",
        ),
        (
            World(
                subscribers=[a_subscriber(tags=("Custom-Config",))],
                services=[a_service(status=ENDED)],
                routers=[a_router_state(a_secret(), sessions=[a_session()])],
            ),
            "it has no running service in the CRM (the last, service 1, `30mbps`, has ended), but online",
        ),
    ],
    ids=["numeric", "a name that reads the same", "opted out"],
)
def test_a_login_left_alone_that_must_be_off_and_is_online_is_said_to_be(world: World, standing: str) -> None:
    """Whoever is suspended and online is said to be so, whatever rule leaves the login alone."""
    said = world.sentence(world.subscribers[0].custom_id or "").removesuffix(".").split("; ")
    assert said[1] == standing


RESTRICTS: dict[str, Any] = {
    "profiles": (PROFILE, "suspended"),
    "restrictions": {"suspended": Restriction("walled")},
    "listed": ListedAddresses(frozenset({"10.64.0.9"}), frozenset({"10.64.0.9"}), frozenset({"default"})),
}


def by_profile(service: Service, *secrets: StoredSecret, sessions: bool = False, **state: Any) -> list[str]:
    """The clauses about ABC1 where the suspension is by profile for reason 1."""
    live = [a_session()] if sessions else []
    policy = {"suspension": {"mode": "profile", "profile": "suspended", "reasons": [1]}}
    router = a_router_state(*secrets, sessions=live, **(RESTRICTS | state))
    return World(services=[service], routers=[router], policy=policy).sentence().removesuffix(".").split("; ")


@pytest.mark.parametrize(
    ("reason", "meaning"),
    [
        (1, " for reason 1, so it is to be restricted"),
        (2, " for reason 2, which policy.suspension.reasons does not name, so it is to be disabled"),
        (None, " for no reason, which policy.suspension.reasons does not name, so it is to be disabled"),
    ],
)
def test_the_reason_of_a_suspension_is_said_with_what_it_means(reason: int | None, meaning: str) -> None:
    """R18: the operator sees which reason counted, and whether the settings name it."""
    assert by_profile(a_service(status=SUSPENDED, reason=reason), a_secret())[0] == f"{SUSPENDED_1}{meaning}"


def test_nothing_is_said_of_the_reason_where_nobody_is_restricted() -> None:
    """R18: with the mode `disable` the reason counts for nothing; of an active service there is none."""
    assert World(services=[a_service(status=SUSPENDED, reason=1)]).sentence().startswith(f"{SUSPENDED_1}; ")
    assert by_profile(a_service(), a_secret())[0] == ACTIVE


@pytest.mark.parametrize(
    ("service", "secret", "expected"),
    [
        (a_service(status=SUSPENDED, reason=1), a_secret(), "restrict it by the profile `suspended`"),
        (
            a_service(status=SUSPENDED, reason=1),
            a_secret(disabled=True),
            "enable it with the profile `suspended`",
        ),
        (a_service(), a_secret(profile="suspended"), "change its profile from `suspended` to `30mbps`"),
        (a_service(), a_secret(profile="suspended", disabled=True), "enable it with the profile `30mbps`"),
    ],
    ids=["restrict", "enable restricted", "restore", "enable fully"],
)
def test_what_the_next_run_does_by_profile_is_said(service: Service, secret: StoredSecret, expected: str) -> None:
    """R18: each change by profile in words, with the profile that is written."""
    assert f"the next run will {expected} on tower-1" in by_profile(service, secret)


def test_a_drop_says_that_the_session_is_still_restricted() -> None:
    """R12, R18: a drop for itself names its cause, which is not the address."""
    expected = "the next run will drop its session, which is still restricted, on tower-1"
    assert expected in by_profile(a_service(), a_secret(), sessions=True)


def test_a_profile_that_restricts_nobody_is_said_to_who_would_be_restricted() -> None:
    """R18: the fault of the router explains why a login is disabled; a paid one is not told of it."""
    fault = "the profile suspended on tower-1 has neither address-list nor rate-limit"
    restricted = by_profile(a_service(status=SUSPENDED, reason=1), a_secret(), restrictions={})
    assert any(clause.startswith(f"note that {fault}") for clause in restricted)
    assert not any(fault in clause for clause in by_profile(a_service(), a_secret(), restrictions={}))


@pytest.mark.parametrize("status", [PREPARED, ACTIVE_STATUS])
def test_a_login_left_alone_that_may_be_online_is_not_said_to_be_off(status: int) -> None:
    """Nothing is said of a login that need not be off."""
    world = World(
        subscribers=[a_subscriber(custom_id="1001")],
        services=[a_service(status=status)],
        routers=[a_router_state(a_secret("1001"), sessions=[a_session("1001")])],
    )
    assert "but online" not in world.sentence("1001")
