"""The facts about one login, and the response that carries them."""

from __future__ import annotations

import json

import pytest

from pppsync.core.policy import Policy
from pppsync.diagnose.explain.answer import Explanations
from pppsync.diagnose.explain.facts import facts
from pppsync.diagnose.explain.words import status_word
from pppsync.sync.decide import review
from tests.builders import NAME, a_router_state, a_secret, a_service, a_session, a_subscriber
from tests.unit.explain_world import SUSPENDED, World, other


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
        "near_secrets": [],
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
                "suspension_reason": None,
            },
            {
                "id": 2,
                "status": "unknown (77)",
                "name": "30mbps",
                "plan": "Home 30",
                "type": "General",
                "active_from": None,
                "active_to": None,
                "suspension_reason": None,
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
                "hold": None,
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
    assert "from `\\udce9t\\udce9` to `30mbps`" in document["explanations"][0]["sentence"]


@pytest.mark.parametrize(("unread", "ok"), [((), True), (("tower-2",), False)])
def test_an_explanation_is_whole_only_if_every_router_was_read(unread: tuple[str, ...], ok: bool) -> None:
    """An explanation is whole only if every router could be read."""
    seen = World(unread=unread).seen

    assert Explanations((), Policy(), seen.crm, seen.states).ok is ok
