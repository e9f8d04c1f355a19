"""Who gets a random password in the CRM, and why the others do not."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pppsync.config.event import ImportEvent
from pppsync.core.masked import Masked
from pppsync.core.policy import Policy
from pppsync.passwords.generate_plan import ALPHABET, LENGTH, plan_generation
from tests.builders import a_fleet
from tests.unit.import_builders import T1, T2, router, secret, subscriber

if TYPE_CHECKING:
    from pppsync.core.secret import RouterState
    from pppsync.core.subscriber import Subscriber
    from pppsync.passwords.writes import WritePlan

GENERATE = ImportEvent(generate=True)


def first(text: str) -> str:
    """Choose the first character."""
    return text[0]


def plan(people: list[Subscriber], *routers: RouterState | str, **fields: Any) -> WritePlan:
    """The plan for these subscribers and routers, under the policy and filters of the fields."""
    event = replace(GENERATE, subscribers=fields.pop("subscribers", None))
    return plan_generation(event, people, a_fleet(*(routers or [router(T1)])), Policy(**fields), first)


def counted(found: WritePlan) -> tuple[list[str], int, dict[str, int]]:
    """Logins that get a password, the unchanged, and the skipped."""
    return (
        [one.name for one in found.writes],
        found.unchanged,
        {reason.value: count for reason, count in found.skipped.items()},
    )


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(subscriber(), (["ABC1"], 0, {}), id="no password and no secret"),
        pytest.param(subscriber(password="x"), ([], 1, {}), id="has one"),
        pytest.param(subscriber(archived=True), ([], 0, {"archived": 1}), id="archived"),
        pytest.param(subscriber(lead=True), ([], 0, {"lead": 1}), id="lead"),
        pytest.param(subscriber(tags=("custom-config ",)), ([], 0, {"custom_config": 1}), id="opted out"),
        pytest.param(subscriber(tags=("custom-config",), password="x"), ([], 0, {"custom_config": 1}), id="opted, has"),
        pytest.param(subscriber(custom_id=None), ([], 0, {"no_custom_id": 1}), id="no ID"),
        pytest.param(subscriber("  "), ([], 0, {"no_custom_id": 1}), id="blank ID"),
        pytest.param(subscriber("1A"), ([], 0, {"numeric_custom_id": 1}), id="digit first"),
        pytest.param(subscriber("A\u200b"), ([], 0, {"invalid_custom_id": 1}), id="control"),
    ],
)
def test_whoever_the_sync_ignores_gets_none(one: Subscriber, expected: tuple[list[str], int, dict[str, int]]) -> None:
    """R2 to R5: the sync makes no secret of them, so nobody needs a password; one that is there stays."""
    assert counted(plan([one])) == expected


def test_numbers_get_one_where_the_policy_allows_them() -> None:
    """R5: with `allow_numeric_custom_id` a login that starts with a digit is a login."""
    assert counted(plan([subscriber("1A")], allow_numeric_custom_id=True)) == (["1A"], 0, {})


def test_two_subscribers_of_one_login_get_none() -> None:
    """R6: neither of two live subscribers of one login gets a password; one who has left does not count."""
    pair = [subscriber(), subscriber(id=8)]
    assert counted(plan(pair)) == ([], 0, {"duplicate_custom_id": 2})
    assert counted(plan([subscriber(), subscriber(id=8, archived=True)])) == (["ABC1"], 0, {"archived": 1})


@pytest.mark.parametrize(
    ("routers", "reason"),
    [
        pytest.param([router(T1, secret())], "password_absent", id="exactly"),
        pytest.param([router(T1, secret(ppp_service="any"))], "password_absent", id="under any"),
        pytest.param([router(T1), router(T2, secret())], "password_absent", id="on another router"),
        pytest.param([router(T1, secret()), router(T2, secret())], "password_absent", id="on both"),
        pytest.param([router(T1, secret(ppp_service="l2tp"))], "name_taken", id="another service"),
        pytest.param([router(T1, secret(ppp_service="l2tp"), secret())], "password_absent", id="ours and another"),
        pytest.param([router(T1, secret(), secret())], "duplicate_secret", id="doubled"),
        pytest.param([router(T1, secret("abc1"))], "name_case_differs", id="other case"),
        pytest.param([router(T1, secret("ABC1 "))], "name_looks_alike", id="reads alike"),
        pytest.param([router(T1, secret("ABC1 ")), router(T2, secret())], "password_absent", id="alike and exactly"),
        pytest.param([router(T1), T2], "router_not_read", id="one was not read"),
        pytest.param([router(T1, secret("ABC1 ")), T2], "name_looks_alike", id="alike, and one was not read"),
    ],
)
def test_a_name_that_stands_on_a_router_gets_none(routers: list[RouterState | str], reason: str) -> None:
    """Nobody with a secret in any form gets a password, and nobody at all unless every router was read."""
    found = plan([subscriber()], *routers)
    assert counted(found) == ([], 0, {reason: 1})
    listed = [] if reason in {"password_absent", "router_not_read"} else [("ABC1", reason)]
    assert [(one.name, one.reason) for one in found.problems] == listed


def test_a_look_alike_that_is_a_login_itself_is_not_in_the_way() -> None:
    """R1: the exact login of another live subscriber stands in nobody's way."""
    people = [subscriber("ABC1"), subscriber("abc1", "x", id=8)]
    assert counted(plan(people, router(T1, secret("abc1")))) == (["ABC1"], 1, {})


def test_a_password_has_twelve_characters_that_nobody_confuses() -> None:
    """Twelve characters, each chosen anew from an alphabet without those that read the same."""
    given: list[str] = []

    def choose(text: str) -> str:
        given.append(text)
        return text[len(given)]

    (write,) = plan_generation(GENERATE, [subscriber()], a_fleet(router(T1)), Policy(), choose).writes
    assert write.desired == Masked(ALPHABET[1:13])
    assert given == [ALPHABET] * LENGTH == [ALPHABET] * 12
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    assert not set(ALPHABET) & set("iIlLoO01") | {one for one in ALPHABET if one.isupper()}


def test_only_the_named_logins_get_one() -> None:
    """The event's subscribers limit it; a name that nobody has is listed."""
    people = [subscriber("A"), subscriber("B", id=8), subscriber("C", "x", id=9)]
    found = plan(people, subscribers=frozenset({"A", "C", "D"}))
    assert counted(found) == (["A"], 1, {})
    assert [(one.name, one.reason) for one in found.problems] == [("D", "not_found")]


logins = st.sampled_from([None, " ", "A", "B", "a", "A ", "1", "*x"])
someone = st.builds(
    subscriber,
    name=st.just("-"),
    custom_id=logins,
    password=st.sampled_from([None, "x"]),
    archived=st.booleans(),
    tags=st.sampled_from([(), ("Custom-Config",)]),
)
held = st.builds(secret, st.sampled_from(["A", "B", "a", "A ", "C"]), ppp_service=st.sampled_from(["pppoe", "l2tp"]))


@given(st.lists(someone, max_size=6), st.lists(held, max_size=4))
def test_done_twice_it_writes_nothing_the_second_time(people: list[Subscriber], entries: list[Any]) -> None:
    """Law: after a generation the same generation writes nothing, and whoever got one counts as unchanged."""
    people = [replace(one, id=number) for number, one in enumerate(people)]
    fleet = a_fleet(router(T1, *entries))
    made = plan_generation(GENERATE, people, fleet, Policy(), secrets.choice)
    given = {one.subscriber: one.desired for one in made.writes if isinstance(one.desired, Masked)}
    assert not {one.name for one in made.writes} & {one.name for one in entries}
    after = [replace(one, password=given.get(one.id, one.password)) for one in people]
    again = plan_generation(GENERATE, after, fleet, Policy(), secrets.choice)
    assert (again.writes, again.unchanged) == ((), made.unchanged + len(made.writes))
    assert again.skipped == made.skipped
