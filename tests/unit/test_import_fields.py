"""Static addresses go over as passwords do: what is empty is filled, what is equal by meaning stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pppsync.config.event import ImportEvent
from pppsync.core.masked import Masked
from pppsync.passwords.import_plan import plan_import
from tests.builders import a_fleet
from tests.unit.import_builders import T1, T2, router, secret, subscriber

if TYPE_CHECKING:
    from pppsync.passwords.writes import WritePlan

ADDRESS = ImportEvent(fields=("static_ip",))
BOTH = ImportEvent(fields=("password", "static_ip"))


def counted(plan: WritePlan) -> tuple[list[tuple[str, str, Any]], int, dict[str, int]]:
    """Each value that is written, the unchanged, and the skipped."""
    return (
        [(one.name, one.field, one.desired) for one in plan.writes],
        plan.unchanged,
        {reason.value: count for reason, count in plan.skipped.items()},
    )


TAKEN = [("ABC1", "static_ip", "10.0.0.1")]


@pytest.mark.parametrize(
    ("actual", "held", "expected"),
    [
        (None, "10.0.0.1", (TAKEN, 0, {})),
        (None, None, ([], 0, {})),
        ("10.0.0.1", None, ([], 0, {})),
        ("10.0.0.1", "10.0.0.1", ([], 1, {})),
        ("10.0.0.1/32", "10.0.0.1", ([], 1, {})),
        ("10.0.0.2", "10.0.0.1", ([], 0, {"static_ip_differs": 1})),
        ("no address", "10.0.0.1", ([], 0, {"static_ip_differs": 1})),
        (None, "pool-1", ([], 0, {"remote_address_invalid": 1})),
        (None, "10.0.0.1-10.0.0.9", ([], 0, {"remote_address_invalid": 1})),
        (None, "255.255.255.255", ([], 0, {"remote_address_invalid": 1})),
        ("10.0.0.1", "pool-1", ([], 0, {"remote_address_invalid": 1})),
    ],
)
def test_an_address_fills_an_empty_attribute(
    actual: str | None, held: str | None, expected: tuple[Any, int, dict[str, int]]
) -> None:
    """R11: only one host address is taken, only into an empty attribute; the same address is never written."""
    plan = plan_import(ADDRESS, [subscriber(static_ip=actual)], a_fleet(router(T1, secret(address=held))))
    assert counted(plan) == expected


@pytest.mark.parametrize(
    ("actual", "written"), [("10.0.0.2", True), ("no address", True), ("10.0.0.1/32", False), (None, True)]
)
def test_overwrite_replaces_a_different_address(actual: str | None, written: bool) -> None:
    """With `overwrite` the router's address replaces another one, never one that means the same."""
    asked = ImportEvent(fields=("static_ip",), overwrite=True)
    plan = plan_import(asked, [subscriber(static_ip=actual)], a_fleet(router(T1, secret(address="10.0.0.1"))))
    assert counted(plan) == ((TAKEN, 0, {}) if written else ([], 1, {}))


def test_each_field_is_counted_and_the_login_once() -> None:
    """Both fields of a login are written in order; what concerns the login itself is counted once."""
    held = [secret("A", address="10.0.0.1"), secret("B", address="10.0.0.2"), secret("C"), secret("C")]
    people = [subscriber("A"), subscriber("B", "s3cret", id=8), subscriber("C", id=9)]
    assert counted(plan_import(BOTH, people, a_fleet(router(T1, *held)))) == (
        [
            ("A", "password", Masked("s3cret")),
            ("A", "static_ip", "10.0.0.1"),
            ("B", "static_ip", "10.0.0.2"),
        ],
        1,
        {"duplicate_secret": 1},
    )


def test_hidden_passwords_hide_no_address() -> None:
    """G5: a router that shows no password shows its addresses all the same."""
    plan = plan_import(BOTH, [subscriber()], a_fleet(router(T1, secret(password="***", address="10.0.0.1"))))
    assert counted(plan) == (TAKEN, 0, {"passwords_unreadable": 1})


def test_without_fields_no_address_is_taken() -> None:
    """The default is the password alone."""
    plan = plan_import(ImportEvent(), [subscriber()], a_fleet(router(T1, secret(address="10.0.0.1"))))
    assert counted(plan) == ([("ABC1", "password", Masked("s3cret"))], 0, {})


def test_the_detail_shows_what_clashes() -> None:
    """Both addresses, or the text that is none, stand in the detail; a text that is invisible is spelled out."""
    held = [secret("A", address="10.0.0.1"), secret("B", address="pool\u00a0")]
    people = [subscriber("A", static_ip="10.0.0.9"), subscriber("B", id=8)]
    plan = plan_import(ADDRESS, people, a_fleet(router(T1, *held)))
    assert [(one.name, one.detail) for one in plan.problems] == [
        ("A", "10.0.0.1 on the router, 10.0.0.9 in the CRM"),
        ("B", r"pool\u00a0"),
    ]


def test_the_named_router_gives_the_address_too() -> None:
    """R16: of several holders the one that the attribute names counts for every field."""
    fleet = a_fleet(router(T1, secret(address="10.0.0.2")), router(T2, secret(address="10.0.0.1")))
    assert counted(plan_import(ADDRESS, [subscriber(router=T2)], fleet)) == (TAKEN, 0, {})
    assert counted(plan_import(ADDRESS, [subscriber()], fleet)) == ([], 0, {"login_on_two_routers": 1})
