"""What the import takes from which router, and why it leaves the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pppsync.config.event import ImportEvent
from pppsync.core.masked import Masked
from pppsync.core.reasons import Reason
from pppsync.passwords.import_plan import plan_import
from pppsync.passwords.writes import COUNTED_ONLY
from tests.builders import a_fleet
from tests.unit.import_builders import T1, T2, router, secret, subscriber

if TYPE_CHECKING:
    from pppsync.core.secret import RouterState
    from pppsync.core.subscriber import Subscriber
    from pppsync.passwords.writes import WritePlan


def counted(plan: WritePlan) -> tuple[list[tuple[str, str | None]], int, dict[str, int]]:
    """Names with the router that each password is taken from, the unchanged, and the skipped."""
    return (
        [(one.name, one.router) for one in plan.writes],
        plan.unchanged,
        {reason.value: count for reason, count in plan.skipped.items()},
    )


FREE = [("ABC1", T1)]


@pytest.mark.parametrize(
    ("subscribers", "routers", "expected"),
    [
        pytest.param([subscriber()], [router(T1, secret())], (FREE, 0, {}), id="empty attribute"),
        pytest.param([subscriber()], [router(T1, secret(ppp_service="any"))], (FREE, 0, {}), id="service any"),
        pytest.param([subscriber(tags=("Custom-Config",))], [router(T1, secret())], (FREE, 0, {}), id="opted out"),
        pytest.param([subscriber("1A")], [router(T1, secret("1A"))], ([("1A", T1)], 0, {}), id="digit first"),
        pytest.param([subscriber("*A")], [router(T1, secret("*A"))], ([("*A", T1)], 0, {}), id="star first"),
        pytest.param([subscriber(password="s3cret")], [router(T1, secret())], ([], 1, {}), id="equal"),
        pytest.param([subscriber(password="x")], [router(T1, secret())], ([], 0, {"password_differs": 1}), id="other"),
        pytest.param([], [router(T1, secret(), secret("B"))], ([], 0, {"unmatched": 2}), id="nobody's"),
        pytest.param([subscriber("abc1")], [router(T1, secret())], ([], 0, {"unmatched": 1}), id="other case"),
        pytest.param([subscriber("ABC1 ")], [router(T1, secret())], ([], 0, {"unmatched": 1}), id="outer blank"),
        pytest.param([subscriber(" ")], [router(T1, secret(" "))], ([], 0, {"unmatched": 1}), id="blank ID"),
        pytest.param([subscriber("\udcff")], [router(T1, secret("\udcff"))], ([], 0, {"unmatched": 1}), id="bytes"),
        pytest.param([subscriber("B")], [router(T1)], ([], 0, {}), id="no secret"),
        pytest.param([subscriber(lead=True)], [router(T1, secret())], ([], 0, {"lead": 1}), id="lead"),
        pytest.param([subscriber(archived=True)], [router(T1, secret())], ([], 0, {"archived": 1}), id="archived"),
        pytest.param(
            [subscriber(archived=True), subscriber(id=8)], [router(T1, secret())], (FREE, 0, {}), id="former owner"
        ),
        pytest.param(
            [subscriber(), subscriber(id=8)], [router(T1, secret())], ([], 0, {"duplicate_custom_id": 1}), id="two IDs"
        ),
        pytest.param(
            [subscriber()], [router(T1, secret(), secret())], ([], 0, {"duplicate_secret": 1}), id="two secrets"
        ),
        pytest.param(
            [subscriber()],
            [router(T1, secret(ppp_service="l2tp", password="vpn"), secret(ppp_service="any"))],
            (FREE, 0, {}),
            id="the other secret is under a service that is not ours",
        ),
        pytest.param(
            [subscriber()],
            [router(T1, secret(ppp_service="any"), secret(ppp_service="l2tp"), secret())],
            ([], 0, {"duplicate_secret": 1}),
            id="two of three are ours",
        ),
        pytest.param(
            [subscriber()],
            [router(T1, secret(ppp_service="l2tp"), secret(ppp_service="sstp"))],
            ([], 0, {"name_taken": 1}),
            id="two secrets, none of them ours",
        ),
        pytest.param(
            [subscriber()], [router(T1, secret(ppp_service="l2tp"))], ([], 0, {"name_taken": 1}), id="not our service"
        ),
        pytest.param([], [router(T1, secret(ppp_service="l2tp"))], ([], 0, {}), id="nobody's and not our service"),
    ],
)
def test_a_secret_belongs_to_the_one_live_subscriber_of_its_name(
    subscribers: list[Subscriber], routers: list[RouterState], expected: tuple[Any, int, dict[str, int]]
) -> None:
    """A secret's name is exactly one live subscriber's custom ID, whoever the sync ignores; the CRM's value stays."""
    assert counted(plan_import(ImportEvent(), subscribers, a_fleet(*routers))) == expected


@pytest.mark.parametrize(
    ("attribute", "routers", "expected"),
    [
        pytest.param(None, [router(T1, secret()), router(T2)], FREE, id="one holder"),
        pytest.param(None, [router(T1, secret()), router(T2, secret())], "login_on_two_routers", id="equal"),
        pytest.param(T1, [router(T1, secret()), router(T2, secret())], FREE, id="named"),
        pytest.param(T2, [router(T1, secret()), router(T2)], FREE, id="named one holds none"),
        pytest.param("tower-3", [router(T1, secret()), router(T2)], FREE, id="unknown, but held on one only"),
        pytest.param("tower-3", [router(T1, secret()), router(T2, secret())], "router_unknown", id="unknown, on two"),
        pytest.param(
            "tower-3",
            [router(T1, secret()), router(T2, secret()), router("tower-3")],
            "login_on_two_routers",
            id="neither is named",
        ),
        pytest.param(None, [router(T1, secret()), T2], "router_not_read", id="may be on the unread"),
        pytest.param(T1, [router(T1, secret()), T2], FREE, id="named, other unread"),
        pytest.param(T2, [router(T1, secret()), T2], "router_not_read", id="named is unread"),
        pytest.param(
            T2, [router(T1, secret()), router("tower-3", secret()), T2], "router_not_read", id="two, named is unread"
        ),
        pytest.param(
            None, [router(T1, secret()), router("tower-3", secret()), T2], "login_on_two_routers", id="two read"
        ),
        pytest.param(
            T2, [router(T1, secret()), router(T2), "tower-3"], "router_not_read", id="named holds none, other unread"
        ),
    ],
)
def test_the_named_router_counts_unless_another_may_hold_the_login(
    attribute: str | None, routers: list[RouterState | str], expected: str | list[tuple[str, str]]
) -> None:
    """Of several holders the one that the attribute names counts; while another may hold it, none does."""
    plan = plan_import(ImportEvent(), [subscriber(router=attribute)], a_fleet(*routers))
    wanted: Any = ([], 0, {expected: 1}) if isinstance(expected, str) else (expected, 0, {})
    assert counted(plan) == wanted


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "password_empty"),
        ("*", "password_masked"),
        ("*****", "password_masked"),
        ("p\udce4ss", "password_invalid"),
        *[(text, "") for text in ("123", "0123", "yes", "true", " x ", " ", "pässwörd", "a=b", "**x**", "\U0001f511")],
    ],
)
def test_any_text_is_a_password_taken_literally(password: str, reason: str) -> None:
    """Any text is a password, taken literally; nothing, asterisks alone and bytes that are no text are none."""
    plan = plan_import(
        ImportEvent(overwrite=True), [subscriber()], a_fleet(router(T1, secret("B"), secret("ABC1", password)))
    )
    assert [one.desired for one in plan.writes] == ([] if reason else [Masked(password)])
    assert plan.skipped == ({reason: 1} if reason else {}) | {"unmatched": 1}


@pytest.mark.parametrize("shown", ["", "*****"])
def test_a_router_that_hides_its_passwords_is_left_out(shown: str) -> None:
    """If a router shows no password at all, none of its logins is touched, not even by `overwrite` (G5)."""
    states = a_fleet(router(T1, secret("A", shown), secret("B", shown)), router(T2, secret("C")))
    people = [subscriber("A", "x"), subscriber("B"), subscriber("C")]
    plan = plan_import(ImportEvent(overwrite=True), people, states)
    assert counted(plan) == ([("C", T2)], 0, {"passwords_unreadable": 2})
    assert plan.problems == ()


def test_overwrite_replaces_a_different_password_alone() -> None:
    """With `overwrite` the router's value replaces another, never an equal one."""
    states = a_fleet(router(T1, secret("A", "new"), secret("B", "same")))
    plan = plan_import(ImportEvent(overwrite=True), [subscriber("A", "old"), subscriber("B", "same")], states)
    assert counted(plan) == ([("A", T1)], 1, {})


BOTH = [subscriber("A"), subscriber("B"), subscriber("C", router=T2), subscriber("D")]


@pytest.mark.parametrize(
    ("filters", "expected", "problems"),
    [
        ({}, ([("A", T1), ("B", T2), ("C", T2)], 0, {"unmatched": 2}), []),
        ({"routers": {T1}}, ([("A", T1)], 0, {"unmatched": 1}), []),
        ({"routers": {T2}}, ([("B", T2), ("C", T2)], 0, {"unmatched": 1}), []),
        ({"subscribers": {"A"}}, ([("A", T1)], 0, {}), []),
        ({"subscribers": {"A", "x"}}, ([("A", T1)], 0, {"unmatched": 1}), ["not_found"]),
        ({"subscribers": {"nobody"}}, ([], 0, {}), ["not_found"]),
        ({"subscribers": {"D"}}, ([], 0, {"secret_missing": 1}), ["secret_missing"]),
        ({"subscribers": {"B"}, "routers": {T1}}, ([], 0, {"secret_missing": 1}), ["secret_missing"]),
        ({"subscribers": {"C"}, "routers": {T1}}, ([], 0, {"secret_missing": 1}), ["secret_missing"]),
    ],
)
def test_only_the_named_logins_are_imported_and_counted(
    filters: dict[str, set[str]], expected: tuple[Any, int, dict[str, int]], problems: list[str]
) -> None:
    """Only what is asked for is imported and counted; who is named and has nothing to import is told."""
    states = a_fleet(
        router(T1, secret("A"), secret("C"), secret("x")), router(T2, secret("B"), secret("C"), secret("y"))
    )
    fields: dict[str, Any] = {key: frozenset(value) for key, value in filters.items()}
    asked = ImportEvent(**fields)
    plan = plan_import(asked, BOTH, states)
    assert counted(plan) == expected
    assert [problem.reason for problem in plan.problems] == problems


def test_a_filter_of_routers_hides_no_second_holder() -> None:
    """All routers count when it is judged who holds a login, also those that are not asked for."""
    states = a_fleet(router(T1, secret()), router(T2, secret()))
    plan = plan_import(ImportEvent(routers=frozenset({T1})), [subscriber()], states)
    assert counted(plan) == ([], 0, {"login_on_two_routers": 1})


def test_a_named_subscriber_waits_while_a_router_is_unread() -> None:
    """Somebody asked for by name may be on the router that was not read."""
    asked = ImportEvent(subscribers=frozenset({"ABC1"}))
    assert plan_import(asked, [subscriber()], a_fleet(router(T1), T2)).skipped == {"router_not_read": 1}


def test_logins_are_imported_in_order_of_names() -> None:
    """Imports and problems come in order of name, in whatever order both sides list them."""
    names = ["C", "A", "D", "B"]
    states = a_fleet(router(T1, *(secret(name) for name in names), *(secret(f"x{name}") for name in names)))
    people = [subscriber(name) for name in names] + [subscriber(f"x{name}", "other") for name in names]
    plan = plan_import(ImportEvent(), people, states)
    assert [one.name for one in plan.writes] == sorted(names)
    assert [one.name for one in plan.problems] == sorted(f"x{name}" for name in names)


def test_reasons_are_in_the_table() -> None:
    """Every reason that is only counted is one that the operator's manual explains."""
    assert set(Reason) >= COUNTED_ONLY
