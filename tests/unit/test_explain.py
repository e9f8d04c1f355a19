"""The sentence and the facts about one login, for every reason and every normal state."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pppsync.config.settings import Settings, read_settings
from pppsync.core.policy import Policy
from pppsync.core.reasons import Problem, Reason
from pppsync.core.subscriber import CrmState
from pppsync.diagnose.explain.answer import Explanations
from pppsync.diagnose.explain.case import Case, Casebook
from pppsync.diagnose.explain.facts import facts
from pppsync.diagnose.explain.sentence import sentence, status_word, why
from pppsync.errors import Code, CrmError, RouterError
from pppsync.sync.decide import Survey, conclude, review
from tests.builders import NAME, a_router_state, a_secret, a_service, a_session, a_subscriber

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pppsync.core.secret import RouterState
    from pppsync.core.subscriber import Service, Subscriber

UNREACHABLE = RouterError(Code.ROUTER_UNREACHABLE, "tower-2:8729: no route to host")
SUSPENDED, ENDED, INACTIVE, PREPARED = 3, 2, 8, 0
NO_SERVICE: tuple[Service, ...] = ()
ACTIVE = "ABC1 (subscriber 1) is active in the CRM (service 1, 30mbps)"
AGREED = "both sides agree, so the next run changes nothing"
BUT = "nothing that can be set differs, so the next run changes nothing"
HELD = "tower-1 holds its secret, enabled and offline"
NOT_HELD = "no router holds a secret of this name"
HINT = (
    "if the customer cannot get in, look at the password in the customer's device, at the line and at the router's log"
)
SUSPENDED_1 = "ABC1 (subscriber 1) is suspended in the CRM (service 1, 30mbps)"
UNCHANGED = "the next run changes nothing"
ONLINE = "tower-1 holds its secret, enabled and online"
DISABLED = "tower-1 holds its secret, disabled and offline"
NOBODY = "No subscriber in the CRM has the custom ID ABC1"
UNMATCHED = "a secret that belongs to no subscriber is never changed, only counted as unmatched"
UNREAD = "tower-2 could not be read (router_unreachable)"
ENDED_1 = "ABC1 (subscriber 1) has no running service in the CRM (the last, service 1, 30mbps, has ended)"
NOT_HELD_YET = "no router that could be read holds a secret of this name"


@dataclass(frozen=True)
class World:
    """Both sides as read; by default they agree about ABC1."""

    subscribers: Sequence[Subscriber] = (a_subscriber(),)
    services: Sequence[Service] = (a_service(),)
    routers: Sequence[RouterState] = (a_router_state(a_secret()),)
    unread: Sequence[str] = ()
    policy: dict[str, Any] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    default: str = ""
    password_attribute: int | None = 7
    archived: Sequence[Subscriber] = ()
    lookup_error: CrmError | None = None

    @property
    def settings(self) -> Settings:
        """The config secret that fits the routers."""
        names = [*(state.router for state in self.routers), *self.unread]
        entries = [
            {"name": name, "host": name, "mode": self.modes.get(name, "enforce"), "default": name == self.default}
            for name in names
        ]
        crm = {"ucrm_key": "k", "domain_name": "crm.example.com"}
        return read_settings(json.dumps({"ucrm": crm, "routers": entries, "policy": self.policy}))

    @property
    def seen(self) -> Survey:
        """The plan of all this, made by the code of the sync."""
        grouped: defaultdict[int, tuple[Service, ...]] = defaultdict(tuple)
        for service in self.services:
            grouped[service.subscriber_id] += (service,)
        crm = CrmState(tuple(self.subscribers), dict(grouped), self.password_attribute, "domain")
        states = {state.router: state for state in self.routers} | dict.fromkeys(self.unread, UNREACHABLE)
        return conclude(self.settings, crm, states)

    def case(self, name: str = NAME) -> Case:
        """What is known of one login."""
        seen = self.seen
        book = Casebook(self.settings, seen, review(self.settings, seen.plan))
        return book.case(name, self.archived, self.lookup_error)

    def sentence(self, name: str = NAME) -> str:
        """What is said of it."""
        return sentence(self.case(name), self.settings.policy)


def other(name: str = "tower-2", *secrets: Any, **state: Any) -> RouterState:
    """Another router."""
    return a_router_state(*secrets, router=name, **state)


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
        [ACTIVE, NOT_HELD, "the next run will create it, enabled and with the profile 30mbps, on tower-1"],
    ),
    "to be created disabled": (
        World(services=[a_service(status=SUSPENDED)], routers=[a_router_state()]),
        [SUSPENDED_1, NOT_HELD, "the next run will create it, disabled and with the profile 30mbps, on tower-1"],
    ),
    "ended": (
        World(services=[a_service(status=ENDED)], routers=[a_router_state(a_secret(disabled=True))]),
        [ENDED_1, DISABLED, AGREED],
    ),
    "inactive, never created": (
        World(services=[a_service(status=INACTIVE)], routers=[a_router_state()]),
        [
            "ABC1 (subscriber 1) has no running service in the CRM (the last, service 1, 30mbps, is inactive)",
            NOT_HELD,
            "nothing is created for it, so the next run changes nothing",
        ],
    ),
    "no service": (
        World(services=NO_SERVICE, routers=[a_router_state()]),
        [
            "ABC1 (subscriber 1) has no service in the CRM",
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
                "the next run will set its password to the CRM's, change its profile from old to 30mbps, change "
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
        ],
    ),
}
REASONED = {
    "archived": (
        World(subscribers=(), services=[a_service(status=ENDED)], archived=[a_subscriber(archived=True)]),
        [
            (
                "ABC1 (subscriber 1) is left alone, because it is archived in the CRM (restore it and give it an "
                "active service to have it managed again)"
            ),
            HELD,
            UNCHANGED,
        ],
    ),
    "lead": (
        World(subscribers=[a_subscriber(lead=True)]),
        ["ABC1 (subscriber 1) is left alone, because it is still a lead in the CRM", HELD, UNCHANGED],
    ),
    "custom_config": (
        World(subscribers=[a_subscriber(tags=("VIP", "custom-config "))]),
        [
            (
                "ABC1 (subscriber 1) is left alone, because it carries the tag Custom-Config in the CRM (remove "
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
                "4711 (subscriber 1) is left alone, because its custom ID starts with a digit (set "
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
                "ABC1  (subscriber 1) is left alone, because its custom ID starts with *, has outer blanks or "
                "control characters, is broken Unicode or longer than 8,192 characters"
            ),
            NOT_HELD,
            UNCHANGED,
        ],
    ),
    "duplicate_custom_id": (
        World(subscribers=[a_subscriber(), a_subscriber(2, custom_id=NAME), a_subscriber(3, custom_id=NAME)]),
        [
            (
                "ABC1 (subscriber 1) is left alone, because it shares its custom ID with another live subscriber "
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
                "ABC1 (subscriber 1) is left alone, because its services are in transition: none counts yet, or "
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
                "ABC1 (subscriber 1) is left alone, because it has only services of the type General, which bring"
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
            NOT_HELD,
            (
                "the next run changes nothing, because tower-1 holds this name in other letter case only (make "
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
            "the next run will create it, enabled and with the profile 30mbps, on tower-2",
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


def test_a_name_in_other_letter_case_is_not_found_but_named() -> None:
    """A name that the CRM has in other letter case only is not found, and the sentence says who is near."""
    text = World(routers=[a_router_state()]).sentence(" abc1")

    assert text.startswith(
        "No subscriber in the CRM has the custom ID  abc1 (ABC1 differs from it in letter case or blanks);"
    )


def test_a_failed_look_up_claims_nothing() -> None:
    """Where the look-up fails, the sentence does not claim more than is known."""
    world = World(subscribers=[a_subscriber(2)], lookup_error=CrmError(Code.CRM_FAILING, "503"))

    assert "custom ID ABC1, though archived ones could not be looked up (crm_failing);" in world.sentence()


def test_the_managed_one_of_several_is_explained() -> None:
    """Of a lead, an archived and a live subscriber with one custom ID, the one who is managed is explained."""
    world = World(
        subscribers=[a_subscriber(2, custom_id=NAME, lead=True), a_subscriber()],
        archived=[a_subscriber(3, custom_id=NAME, archived=True)],
    )

    assert world.sentence().startswith(ACTIVE)
    assert facts(world.case())["same_custom_id"] == [2, 3]


def test_the_reason_is_the_subscribers_own() -> None:
    """The reason is the subscriber's own, not that of others with the same custom ID."""
    world = World(
        subscribers=[
            a_subscriber(tags=("Custom-Config",)),
            a_subscriber(2, custom_id=NAME),
            a_subscriber(3, custom_id=NAME),
        ]
    )

    assert facts(world.case())["ignored"] == "custom_config"


FACTS = {
    "the only router": (World(routers=[a_router_state()]), ("tower-1", "it is the only router")),
    "holder": (World(routers=[a_router_state(a_secret()), other()]), ("tower-1", "it holds the secret")),
    "default": (
        World(routers=[a_router_state(), other()], default="tower-2"),
        ("tower-2", "it is the default router"),
    ),
    "attribute": (
        World(subscribers=[a_subscriber(router="tower-2")], routers=[a_router_state(), other()]),
        ("tower-2", "its attribute router names it"),
    ),
    "nowhere": (World(routers=[a_router_state(), other()]), (None, None)),
    "ignored": (World(subscribers=[a_subscriber(lead=True)]), (None, None)),
}


@pytest.mark.parametrize(("world", "expected"), FACTS.values(), ids=FACTS)
def test_why_a_router_is_the_own_one(world: World, expected: tuple[str | None, str]) -> None:
    """The facts name the login's own router, and why it is."""
    found = facts(world.case())

    assert (found["router"], found["router_because"]) == expected


@pytest.mark.parametrize(
    ("in_crm", "on_router", "expected"),
    [
        ("s3cret", "s3cret", "same"),
        ("s3cret", "other", "different"),
        ("s3cret", "*****", "unreadable"),
        (None, "s3cret", "absent in the CRM"),
    ],
)
def test_passwords_are_only_compared(in_crm: str | None, on_router: str, expected: str) -> None:
    """A password is same, different, unreadable or absent, and stands nowhere in the response."""
    world = World(subscribers=[a_subscriber(password=in_crm)], routers=[a_router_state(a_secret(password=on_router))])
    seen = world.seen
    answer = Explanations((world.case(),), world.settings.policy, seen.crm, seen.states)
    document = answer.document(run_id="r", exclusive=True, duration_ms=1)
    (secret,) = document["explanations"][0]["facts"]["secrets"]

    assert secret["password"] == expected
    assert "s3cret" not in json.dumps(document)


def test_facts_hold_services_tags_secrets_sessions_and_the_change() -> None:
    """The facts hold services with words and dates, tags, the secret with its sessions, and the planned change."""
    service = a_service(status=SUSPENDED, active_from="2022-01-15", active_to="2026-05-31")
    world = World(
        subscribers=[a_subscriber(tags=("VIP",))],
        services=[service, a_service(2, 77, internet=False)],
        routers=[a_router_state(a_secret(remote_address="198.51.100.7"), sessions=[a_session(address="198.51.100.7")])],
    )

    assert facts(world.case()) == {
        "subscriber": 1,
        "same_custom_id": [],
        "near": [],
        "tags": ["VIP"],
        "services": [
            {
                "id": 1,
                "status": "suspended",
                "name": "30mbps",
                "plan": "Home 30",
                "type": "Internet",
                "active_from": "2022-01-15",
                "active_to": "2026-05-31",
            },
            {
                "id": 2,
                "status": "unknown (77)",
                "name": "30mbps",
                "plan": "Home 30",
                "type": "General",
                "active_from": None,
                "active_to": None,
            },
        ],
        "counting_service": 1,
        "wanted": "disabled",
        "ignored": None,
        "router": "tower-1",
        "router_because": "it holds the secret",
        "secrets": [
            {
                "router": "tower-1",
                "enabled": True,
                "profile": "30mbps",
                "address": "198.51.100.7",
                "service": "pppoe",
                "password": "same",
                "online": 1,
            }
        ],
        "sessions": [{"router": "tower-1", "address": "198.51.100.7", "service": "pppoe", "radius": False}],
        "next_run": [
            {
                "router": "tower-1",
                "kind": "disable",
                "field": "disabled",
                "actual": "no",
                "desired": "yes",
                "online": True,
                "sessions_dropped": 1,
                "observed": False,
                "withheld": False,
                "plan_ids": [],
            }
        ],
        "problems": [],
        "routers_not_read": {},
    }


def test_a_withheld_change_names_its_plan() -> None:
    """A change that the guard withholds stands among the facts with the id that releases it."""
    world = World(
        subscribers=[a_subscriber(number) for number in range(1, 31)],
        services=[a_service(number, SUSPENDED, of=number) for number in range(1, 31)],
        routers=[a_router_state(*(a_secret(f"ABC{number}", number=number) for number in range(1, 31)))],
    )
    (plan,) = review(world.settings, world.seen.plan).plans

    (step,) = facts(world.case("ABC7"))["next_run"]

    assert (step["kind"], step["withheld"], step["plan_ids"]) == ("disable", True, [plan.plan_id])
    assert world.sentence("ABC7").endswith(f"but that waits for the approval of plan {plan.plan_id}.")


@pytest.mark.parametrize(
    ("status", "word"),
    [(1, "active"), (4, "prepared blocked"), (7, "quoted"), (-1, "unknown (-1)"), (99, "unknown (99)")],
)
def test_a_status_is_named_in_words(status: int, word: str) -> None:
    """A status is told in words, an unknown one with its number."""
    assert status_word(status) == word


def test_a_name_that_is_no_utf8_is_spelled_out() -> None:
    """What is no UTF-8 on a router is spelled out, so that the response can always be written as JSON."""
    world = World(routers=[a_router_state(a_secret(profile="\udce9t\udce9"))])
    seen = world.seen
    answer = Explanations((world.case(),), world.settings.policy, seen.crm, seen.states)
    document = answer.document(run_id="r", exclusive=True, duration_ms=1)

    assert json.dumps(document, ensure_ascii=False).encode()
    assert "from \\udce9t\\udce9 to 30mbps" in document["explanations"][0]["sentence"]


@pytest.mark.parametrize(("unread", "ok"), [((), True), (("tower-2",), False)])
def test_an_explanation_is_whole_only_if_every_router_was_read(unread: tuple[str, ...], ok: bool) -> None:
    """An explanation is whole only if every router could be read."""
    seen = World(unread=unread).seen

    assert Explanations((), Policy(), seen.crm, seen.states).ok is ok
