"""Names in an explanation: quoted, alike, asked for by the id of a CRM client, and whose they are."""

from __future__ import annotations

import pytest

from pppsync.core.subscriber import ServiceStatus
from pppsync.diagnose.explain.facts import facts
from pppsync.errors import Code, CrmError
from tests.builders import NAME, a_router_state, a_secret, a_service, a_session, a_subscriber
from tests.unit.explain_world import World, other

ACTIVE = "`ABC1` (subscriber 1) is active in the CRM (service 1, `30mbps`)"
NOT_FOUND = "No subscriber in the CRM has the custom ID"


def test_a_name_in_other_letter_case_is_not_found_but_named() -> None:
    """A name that the CRM has in other letter case only is not found, and the sentence says who is near."""
    text = World(routers=[a_router_state()]).sentence(" abc1")

    assert text.startswith("No subscriber in the CRM has the custom ID `\\u0020abc1`, but `ABC1` reads the same;")


def test_a_failed_look_up_claims_nothing() -> None:
    """Where the look-up fails, the sentence does not claim more than is known."""
    world = World(subscribers=[a_subscriber(2)], lookup_error=CrmError(Code.CRM_FAILING, "503"))

    assert "custom ID `ABC1`, though archived ones could not be looked up (crm_failing);" in world.sentence()


def test_the_managed_one_of_several_is_explained() -> None:
    """Of a lead, an archived and a live subscriber with one custom ID, the one who is managed is explained."""
    world = World(
        subscribers=[a_subscriber(2, custom_id=NAME, lead=True), a_subscriber()],
        archived=[a_subscriber(3, custom_id=NAME, archived=True)],
    )

    assert world.sentence().startswith(ACTIVE)
    assert facts(world.case())["same_custom_id"] == [2, 3]


NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("held", "shown"),
    [
        ("Clinic ", "`Clinic\\u0020`"),
        (f"Cli{NBSP}nic", "`Cli\\u00a0nic`"),
        ("Cli\u200bnic", "`Cli\\u200bnic`"),
        ("CLINIC", "`CLINIC`"),
        ("\udca0Clinic", "`\\udca0Clinic`"),
    ],
)
def test_a_login_that_only_reads_like_a_secret_names_it(held: str, shown: str) -> None:
    """R1: where no router holds the login, the sentence names the secret that reads the same, and if it is in use."""
    world = World(
        subscribers=[a_subscriber(custom_id="Clinic")],
        routers=[a_router_state(a_secret(held), sessions=[a_session(held)])],
    )
    said = (
        f"no router holds a secret of exactly this name, but {shown} on tower-1, enabled and online, reads the same; "
    )

    assert said in world.sentence("Clinic")
    assert facts(world.case("Clinic"))["near_secrets"] == [
        {
            "router": "tower-1",
            "name": held.encode("utf-8", "backslashreplace").decode(),
            "enabled": True,
            "online": True,
            "because": "reads_the_same",
        }
    ]


def test_a_name_that_nobody_has_names_the_login_that_reads_the_same() -> None:
    """R1: a name of a router or of the event that is no login is told with the live login that reads the same."""
    held = f"ABC{NBSP}1"
    world = World(routers=[a_router_state(a_secret(held, disabled=True))])

    assert world.sentence(held) == (
        f"{NOT_FOUND} `ABC\\u00a01`, but `ABC1` reads the same; tower-1 holds its secret, disabled and offline; "
        "a secret that belongs to no subscriber is never changed, only counted as unmatched."
    )
    assert facts(world.case(held))["near"] == ["ABC1"]


def test_several_names_that_read_the_same_are_all_named() -> None:
    """R1: every name that reads the same is named, on every router, beside a secret of the exact name too."""
    world = World(
        subscribers=[a_subscriber(), a_subscriber(2, custom_id="x")],
        routers=[a_router_state(a_secret()), other("tower-2", a_secret("abc1"), a_secret("ABC1 ", number=2))],
    )

    assert (
        "tower-1 holds its secret, enabled and offline; `ABC1\\u0020` on tower-2, enabled and offline, and "
        "`abc1` on tower-2, enabled and offline, read the same; "
    ) in world.sentence()


def test_the_exact_login_of_somebody_else_is_no_near_secret() -> None:
    """R1: a name that reads the same and is another live subscriber's exact login does not stand in the way."""
    world = World(
        subscribers=[a_subscriber(), a_subscriber(2, custom_id="abc1")],
        routers=[a_router_state(a_secret("abc1"))],
    )

    assert "no router holds a secret of this name; " in world.sentence()
    assert facts(world.case())["near_secrets"] == []
    assert facts(world.case())["near"] == ["abc1"]


def test_what_is_invisible_in_a_profile_is_marked() -> None:
    """Names of services and profiles are quoted too: two blanks would read as one."""
    world = World(services=[a_service(name="30  mbps")], routers=[a_router_state(profiles=["30 mbps"])])
    text = world.sentence()

    assert "(service 1, `30\\u0020\\u0020mbps`)" in text
    assert "has no profile named exactly 30\\u0020\\u0020mbps, but 30 mbps reads alike" in text


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ([1, 1], "it has 2 active Internet services (1 and 2), of which 2, added last, counts"),
        ([1, 3, 1], "it has 2 active Internet services (1 and 3), of which 3, added last, counts"),
        ([1, 3], None),
        ([3, 3], None),
    ],
)
def test_several_active_services_are_told_with_the_one_that_counts(statuses: list[int], said: str | None) -> None:
    """R7: of several active Internet services the one added last counts, and the sentence says which."""
    services = [a_service(number, status) for number, status in enumerate(statuses, 1)]
    text = World(services=[*services, a_service(9, ServiceStatus.ACTIVE, internet=False)]).sentence()

    assert ("active Internet services" in text) is bool(said)
    assert said is None or f"; {said}; " in text


def test_a_client_is_explained_by_its_login() -> None:
    """A client asked for by its id is explained by its own login, also where another has the login too."""
    world = World(subscribers=[a_subscriber(), a_subscriber(2, custom_id=NAME, tags=("Custom-Config",))])

    assert world.case_of(1) == world.case(NAME)
    assert world.case_of(2).name == NAME
    assert facts(world.case_of(2))["ignored"] == "custom_config"
    assert world.sentence_of(2).startswith("`ABC1` (subscriber 2) is left alone, because it carries the tag")


@pytest.mark.parametrize("custom_id", ["", "  "])
def test_a_client_without_a_login_is_explained_by_its_id(custom_id: str) -> None:
    """R4: a client without a login has its id as name, and the sentence claims nothing about secrets of that name."""
    world = World(
        subscribers=[a_subscriber(1042, custom_id=custom_id)],
        services=[a_service(of=1042)],
        routers=[a_router_state(a_secret("1042"))],
    )
    case = world.case_of(1042)
    found = facts(case)

    assert (case.name, found["subscriber"], found["ignored"]) == ("1042", 1042, "no_custom_id")
    assert [one["id"] for one in found["services"]] == [1]
    assert world.sentence_of(1042) == (
        "Subscriber 1042 is left alone, because it has no custom ID in the CRM (the custom ID is the login); "
        "the next run changes nothing."
    )


def test_a_secret_that_was_made_for_a_client_is_named() -> None:
    """R14: a secret whose comment names the client is told, whatever login the client has now, or none."""
    world = World(
        subscribers=[a_subscriber(1, custom_id="NEW1"), a_subscriber(2, custom_id="")],
        routers=[
            a_router_state(
                a_secret("OLD1", comment="UISP client 1"),
                a_secret("OLD2", number=2, comment="UISP client 2", disabled=True),
            )
        ],
    )

    assert "; `OLD1` on tower-1, enabled and offline, was made for this subscriber; " in world.sentence("NEW1")
    assert "; `OLD2` on tower-1, disabled and offline, was made for this subscriber; " in world.sentence_of(2)
    assert [one["because"] for one in facts(world.case("NEW1"))["near_secrets"]] == ["made_for_it"]


def test_a_secret_that_was_made_for_a_client_and_reads_the_same_is_named_once() -> None:
    """R1, R14: a secret that is both is told once, as the one that was made for the client."""
    world = World(routers=[a_router_state(a_secret("abc1", comment="UISP client 1"))])

    assert [one["because"] for one in facts(world.case())["near_secrets"]] == ["made_for_it"]


def test_an_id_that_no_client_has_is_not_found() -> None:
    """An id that the CRM does not know is `not_found`; a failed look-up claims less."""
    world = World()
    failed = World(lookup_error=CrmError(Code.CRM_FAILING, "503"))

    assert world.sentence_of(77) == "No client in the CRM has the id 77."
    assert [one["reason"] for one in facts(world.case_of(77))["problems"]] == ["not_found"]
    assert failed.sentence_of(77) == (
        "No client in the CRM has the id 77, though archived ones could not be looked up (crm_failing)."
    )


def test_an_archived_client_is_explained_by_its_login() -> None:
    """A client whom no list shows is explained as the CRM shows it alone."""
    world = World(subscribers=(), archived=[a_subscriber(archived=True)])

    assert world.sentence_of(1).startswith("`ABC1` (subscriber 1) is left alone, because it is archived in the CRM")
