"""The self-test of both sides: who is managed, and what the routers lack for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pppsync.core.subscriber import CrmState
from pppsync.diagnose.check.both_sides import check_sides
from pppsync.diagnose.check.counts import check_counts
from pppsync.diagnose.check.line import Check
from pppsync.errors import Code, RouterError
from pppsync.sync.decide import Survey, conclude
from tests.builders import a_router_state, a_secret, a_service, a_session, a_subscriber
from tests.unit.check_world import settings, survey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pppsync.config.settings import Settings
    from pppsync.core.subscriber import Subscriber


def test_subscribers_are_counted_with_the_reasons_of_those_left_out() -> None:
    """The number of subscribers and services, how many are managed, and why the others are not."""
    seen = survey([a_subscriber(), a_subscriber(2, lead=True)], a_router_state(a_secret()))

    assert check_counts(seen, settings())[:2] == [
        Check("crm.lists", True, "2 subscribers and 2 services, read at the domain"),
        Check("crm.managed", True, "1 of 2 subscribers are managed; ignored: lead 1"),
    ]


def test_lists_read_at_the_address_say_so() -> None:
    """If the CRM's domain failed and its address did not, the lists say so."""
    (lists, *_) = check_counts(survey([a_subscriber()], a_router_state(), source="address"), settings())

    assert lists.detail.endswith("read at the address, since the domain failed")


def test_the_commonest_reason_is_named_if_nobody_is_managed() -> None:
    """If nobody is managed, the commonest reason is told with its meaning."""
    (_, managed, *_) = check_counts(survey([a_subscriber(custom_id="4711")], a_router_state()), settings())

    assert (managed.check, managed.ok) == ("crm.managed", False)
    assert managed.detail.startswith("nobody is managed; 1 of 1: numeric_custom_id. The custom ID starts with a digit,")


def counts(seen: Survey, document: Settings | None = None) -> dict[str, Check]:
    """The lines about the CRM's lists by name."""
    return {one.check: one for one in check_counts(seen, document or settings())}


def test_coverage_names_the_reasons_of_those_left_out() -> None:
    """G15: coverage is told with the reasons of those who buy Internet and are not managed."""
    people = [a_subscriber(1), a_subscriber(2, custom_id="4711"), a_subscriber(3, router="tower-9")]
    document = settings("tower-1", "tower-2")
    seen = survey(people, a_router_state(a_secret()), a_router_state(router="tower-2"), document=document)

    assert counts(seen, document)["crm.coverage"] == Check(
        "crm.coverage",
        True,
        "33.3 % of 3 subscribers with a service that counts are managed; not managed: "
        "numeric_custom_id 1, router_unknown 1",
    )


@pytest.mark.parametrize(
    ("people", "ok", "detail"),
    [
        ([a_subscriber()], True, "100.0 % of 1 subscribers with a service that counts are managed"),
        (
            [a_subscriber(custom_id="1")],
            False,
            "0.0 % of 1 subscribers with a service that counts are managed; not managed: numeric_custom_id 1",
        ),
        (
            [a_subscriber(tags=("Custom-Config",))],
            False,
            "none: no live subscriber has an Internet service that counts",
        ),
    ],
)
def test_a_coverage_of_nobody_is_a_finding(people: list[Subscriber], ok: bool, detail: str) -> None:
    """R5: the line of the coverage fails where nothing is managed."""
    assert counts(survey(people, a_router_state()))["crm.coverage"] == Check("crm.coverage", ok, detail)


def test_logins_with_several_active_services_are_a_note() -> None:
    """R7: how many logins have more than one active Internet service is a note, for only one of them counts."""
    services = [a_service(1), a_service(2), a_service(3, of=2), a_service(4, status=3, of=2)]
    seen = survey([a_subscriber(1), a_subscriber(2)], a_router_state(), services=services)
    alone = survey([a_subscriber()], a_router_state())

    assert counts(seen)["crm.services"] == Check(
        "crm.services",
        True,
        "note: 1 login has more than one active Internet service, of which the one added last counts: ABC1",
    )
    assert counts(alone)["crm.services"].detail == "no login has more than one active Internet service"


def test_a_router_that_is_not_configured_is_a_finding() -> None:
    """R16: routers that subscribers name and that are not configured are listed with the number of subscribers."""
    people = [a_subscriber(1, router="tower-9"), a_subscriber(2, router="tower-9"), a_subscriber(3, router="Tower-1")]
    document = settings("tower-1", "tower-2")
    seen = survey(people, a_router_state(), a_router_state(router="tower-2"), document=document)
    known = survey(
        [a_subscriber(router="tower-2")], a_router_state(), a_router_state(router="tower-2"), document=document
    )

    assert counts(seen, document)["crm.routers"] == Check(
        "crm.routers",
        False,
        "these routers are not configured (subscribers who name them): tower-9 (2), Tower-1 (1); correct the attribute "
        "router, or add the router; configured are tower-1, tower-2",
    )
    assert counts(known, document)["crm.routers"].ok


SIDES = {
    "profiles": (
        survey([a_subscriber(1), a_subscriber(2)], a_router_state(profiles=())),
        "no profile for these service plans (subscribers): 30mbps (2); add /ppp/profile",
    ),
    "duplicates": (
        survey([a_subscriber()], a_router_state(a_secret("X"), a_secret("X", number=2))),
        "more than one secret of these names, whose fields are left alone: X; remove one",
    ),
    "names": (
        survey(
            [a_subscriber(), a_subscriber(2)], a_router_state(a_secret(ppp_service="l2tp"), a_secret("abc2", number=2))
        ),
        (
            "subscribers' names held under a service that is not ours: ABC1; in other letter case: ABC2 (`abc2`); "
            "rename one side"
        ),
    ),
    "names that only read the same": (
        survey([a_subscriber()], a_router_state(a_secret("ABC\u00a01"))),
        "subscribers' names held as a name that only reads the same: ABC1 (`ABC\\u00a01`); rename one side",
    ),
    "profiles that only read the same": (
        survey(
            [a_subscriber(1), a_subscriber(2)],
            a_router_state(a_secret(profile="x"), profiles=["30 mbps"]),
            services=[a_service(1, name="30  mbps"), a_service(2, of=2, name="90mbps")],
        ),
        (
            "no profile for these service plans (subscribers): 30\\u0020\\u0020mbps (1), 90mbps (1); "
            "`30\\u0020\\u0020mbps` and the profile `30 mbps` only read the same: make them equal; "
            "add /ppp/profile for the others"
        ),
    ),
}


@pytest.mark.parametrize(("name", "seen", "detail"), [(key, *value) for key, value in SIDES.items()], ids=SIDES)
def test_what_a_router_lacks_is_listed_with_the_names(name: str, seen: Survey, detail: str) -> None:
    """What a router lacks for its subscribers is told with the names; what is well beside it stays well."""
    found = sides(seen)

    assert list(found) == ["profiles", "duplicates", "names", "passwords"]
    assert [key for key, one in found.items() if not one.ok] == [name.split(maxsplit=1)[0]]
    assert found[name.split(maxsplit=1)[0]].detail == detail


RENAMED = "no profile for these service plans (subscribers): 30mbps (3); "
PROFILES = {
    "most share one": (
        ["30M", "30M", "10M"],
        (),
        (
            f"{RENAMED}2 of 3 secrets of `30mbps` have the profile `30M`, which no service plan names: rename that "
            "profile, or the service plan, instead of adding one"
        ),
    ),
    "half share one": (["30M", "10M"], (), f"{RENAMED}add /ppp/profile"),
    "the shared one is every router's": (["default"] * 3, (), f"{RENAMED}add /ppp/profile"),
    "the shared one is another plan's": (["30M"] * 3, ("30M",), f"{RENAMED}add /ppp/profile"),
    "the shared one is gone": (["gone"] * 3, (), f"{RENAMED}add /ppp/profile"),
    "nobody has a secret": ([], (), f"{RENAMED}add /ppp/profile"),
}


@pytest.mark.parametrize(("held", "others", "detail"), PROFILES.values(), ids=PROFILES)
def test_a_profile_that_the_secrets_share_is_to_be_renamed(
    held: Sequence[str], others: Sequence[str], detail: str
) -> None:
    """R9: where most secrets of a plan have one other profile that no plan names, the remedy is another name."""
    secrets = [a_secret(f"ABC{number}", number=number, profile=one) for number, one in enumerate(held, 1)]
    people = [a_subscriber(number) for number in range(1, 4 + len(others))]
    services = [a_service(number, of=number, name=one) for number, one in enumerate(others, 4)]
    state = a_router_state(*secrets, profiles=["30M", "10M", "default"])

    assert sides(survey(people, state, services=services))["profiles"].detail == detail


def test_one_profile_is_renamed_for_one_plan() -> None:
    """R9: of two plans whose secrets share a profile, only the one with more subscribers is advised to rename it."""
    secrets = [a_secret(f"ABC{number}", number=number, profile="30M") for number in range(1, 4)]
    people = [a_subscriber(number) for number in range(1, 4)]
    services = [a_service(1, name="promo")]
    found = sides(survey(people, a_router_state(*secrets, profiles=["30M"]), services=services))["profiles"].detail

    assert found == (
        "no profile for these service plans (subscribers): 30mbps (2), promo (1); 2 of 2 secrets of `30mbps` have the "
        "profile `30M`, which no service plan names: rename that profile, or the service plan, instead of adding one; "
        "add /ppp/profile for the others"
    )


def test_a_secret_under_a_foreign_service_makes_no_double() -> None:
    """R6: only secrets under our services count as doubles."""
    state = a_router_state(a_secret(), a_secret(number=2, ppp_service="l2tp"))

    assert sides(survey([a_subscriber()], state))["duplicates"].ok


def sides(seen: Survey) -> dict[str, Check]:
    """The lines about one router by name."""
    return {one.check.removeprefix("router.tower-1."): one for one in check_sides("tower-1", seen, settings().policy)}


def passwords(count: int, online: int, **other: Any) -> Check:
    """The line about passwords where so many differ, so many of them of logins that are online."""
    secrets = [a_secret(f"ABC{number}", number=number, password="router's") for number in range(1, count + 1)]
    sessions = [a_session(f"ABC{number}", number=number) for number in range(1, online + 1)]
    people = [a_subscriber(number) for number in range(1, count + 1)]
    return sides(survey(people, a_router_state(*secrets, sessions=sessions), **other))["passwords"]


PROOF = (
    "of these logins are online, which proves that the router's password is right; correct the CRM, or import the "
    "router's passwords"
)


@pytest.mark.parametrize(
    ("count", "online", "ok", "detail"),
    [
        (0, 0, True, "the next run changes no password"),
        (1, 0, True, "note: the next run would change 1 password of this router; none of these logins is online"),
        (
            12,
            10,
            True,
            f"note: the next run would change 12 passwords of this router; 10 {PROOF}",
        ),
        (
            12,
            11,
            False,
            f"the next run would change 12 passwords of this router; 11 {PROOF} (pass_import, overwrite): ABC1, ",
        ),
    ],
)
def test_passwords_of_those_online_prove_themselves(count: int, online: int, ok: bool, detail: str) -> None:
    """Who is online has the router's password: more of them than the guard's minimum are a finding."""
    found = passwords(count, online)

    assert (found.ok, found.detail[: len(detail)]) == (ok, detail)


def test_passwords_that_cannot_be_compared_are_not_counted() -> None:
    """R10, G5: without the attribute, or the router's passwords, the line refers to the one that fails for it."""
    hidden = survey([a_subscriber()], a_router_state(a_secret(password="***")))

    assert passwords(3, 3, attribute=None) == Check(
        "router.tower-1.passwords", True, "not compared: see crm.password_attribute"
    )
    assert sides(hidden)["passwords"].detail == "not compared: see router.tower-1.policies"


def test_a_router_that_was_not_read_is_not_compared() -> None:
    """Nothing is claimed of a router that could not be read."""
    crm = CrmState((a_subscriber(),), {}, 7, "domain")
    seen = conclude(settings(), crm, {"tower-1": RouterError(Code.ROUTER_TIMEOUT, "late")})

    assert check_sides("tower-1", seen, settings().policy) == []
