"""Withheld plans that are kept, and when somebody is told: G4, G15; nothing secret outside `passwords/`: G10."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pppsync.core.change import Change, Kind
from pppsync.core.guard import Guard, WithheldPlan
from pppsync.core.hold import Hold
from pppsync.core.masked import Masked
from pppsync.core.policy import GuardLimits
from pppsync.journal import day, holds, passwords, plans
from pppsync.journal.day import Entry
from pppsync.journal.forms import MalformedError
from tests.builders import a_change, a_new_secret, a_session

if TYPE_CHECKING:
    from pppsync.journal.plans import KeptPlan

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
ID = "9f036593ac695801"
MAC = "0123456789abcdef" * 4


def withheld(count: int = 12, *, router: str | None = "tower-1", kind: Kind = Kind.DISABLE) -> WithheldPlan:
    """A plan over so many logins; every third one is online."""
    changes = tuple(
        a_change(kind, f"ABC{number:02}", number=number, sessions=() if number % 3 else (a_session(),))
        for number in reversed(range(count))
    )
    return WithheldPlan(ID, router, kind, changes, f"{count} would be disabled; the limit is 10")


def kept(
    count: int = 12, *, ago: timedelta = timedelta(hours=1), tell: bool = True, plan: WithheldPlan | None = None
) -> KeptPlan:
    """A plan that the journal has kept since so long ago."""
    return plans.keep(plan or withheld(count), [MAC], NOW - ago, tell=tell)


def test_the_body_is_that_of_the_contract() -> None:
    """Section 7: router, kind, count, reason, names in order, who is online, one HMAC a change, whether to tell."""
    assert plans.key(ID) == "plans/9f036593ac695801.json"
    assert json.loads(plans.encode(plans.keep(withheld(3), ["ff" * 8, "00" * 8], NOW, tell=False))) == {
        "plan_id": ID,
        "router": "tower-1",
        "kind": "disable",
        "count": 3,
        "reason": "3 would be disabled; the limit is 10",
        "names": ["ABC00", "ABC01", "ABC02"],
        "online": ["ABC00"],
        "changes": ["00" * 8, "ff" * 8],
        "tell": False,
        "at": "2026-11-25T09:30:00Z",
    }


def test_at_most_20_names_are_kept() -> None:
    """Section 7: of a larger plan the first 20 logins in order, and who of them is online; the count is of all."""
    found = plans.keep(withheld(50), [MAC], NOW, tell=True)

    assert found.names == tuple(f"ABC{number:02}" for number in range(20))
    assert found.online == tuple(f"ABC{number:02}" for number in range(0, 20, 3))
    assert found.count == 50


@pytest.mark.parametrize("router", ["tower-1", None])
def test_a_plan_survives_its_object(router: str | None) -> None:
    """G4: what was put comes back; the plan over the fleet has an empty router in its body and none in memory."""
    plan = kept(plan=withheld(router=router))

    assert plans.decode(plans.encode(plan)) == plan
    assert json.loads(plans.encode(plan))["router"] == (router or "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("plan_id", "9F036593AC695801"),
        ("plan_id", 1),
        ("router", None),
        ("kind", 1),
        ("count", -1),
        ("count", True),
        ("count", 1.0),
        ("reason", []),
        ("names", "ABC1"),
        ("names", [1]),
        ("names", ["a"] * 21),
        ("online", {}),
        ("changes", [1]),
        ("changes", ["opensesame"]),
        ("changes", None),
        ("tell", 1),
        ("at", "2026-11-25"),
        ("at", 0),
        ("value", "opensesame"),
    ],
)
def test_a_malformed_plan_is_refused_and_counted(field: str, value: object) -> None:
    """G4: a body with a value of another form, or with a key more, is no plan; the others are read."""
    document: dict[str, Any] = json.loads(plans.encode(kept()))
    body = json.dumps(document | {field: value}).encode()

    with pytest.raises(MalformedError):
        plans.decode(body)
    other = WithheldPlan("0" * 16, None, Kind.PROFILE, (), "")
    good = plans.encode(kept(plan=other))
    assert plans.read({plans.key(ID): body, plans.key("0" * 16): good}) == ((plans.decode(good),), 1)


def test_a_plan_under_a_foreign_key_is_none() -> None:
    """G4: an approval names a key, so the id in the body must be that of the key."""
    assert plans.read({plans.key("0" * 16): plans.encode(kept())}) == ((), 1)


def test_plans_are_read_without_what_they_name() -> None:
    """G15: to say what was told needs no HMAC, and a day of plans may hold millions."""
    (found,), _ = plans.read({plans.key(ID): plans.encode(kept())}, changes=False)
    assert (found.changes, found.plan_id, found.count) == (frozenset(), ID, kept().count)


@pytest.mark.parametrize("slip", ["", "9F036593AC695801", "../holds/all", f"{ID}\n", f"{ID}0"])
def test_a_slip_is_no_key(slip: str) -> None:
    """G4: what an operator types never leads to another object."""
    with pytest.raises(MalformedError, match="16 hex digits"):
        plans.key(slip)


def test_plans_are_read_in_order_of_time() -> None:
    """G15: the latest plan is the last, whatever the order of the keys."""
    ids = [f"{number:016x}" for number in range(3)]
    made = [
        plans.keep(WithheldPlan(one, None, Kind.DISABLE, (), ""), [], NOW - timedelta(hours=n), tell=True)
        for n, one in enumerate(ids)
    ]

    assert plans.read({plans.key(plan.plan_id): plans.encode(plan) for plan in made}) == (tuple(reversed(made)), 0)


def test_an_approval_finds_a_plan_for_7_days() -> None:
    """G4: up to 7 days, and no longer; a plan of the future, put before a clock was set back, neither."""
    assert plans.known([kept(ago=timedelta(days=7))], NOW) == {ID: kept(ago=timedelta(days=7))}
    assert plans.known([kept(ago=timedelta(days=7, seconds=1))], NOW) == {}
    assert plans.known([kept(ago=timedelta(days=-8))], NOW) == {}


@pytest.mark.parametrize(
    ("earlier", "told"),
    [
        ([], True),
        ([kept(12)], False),
        ([kept(2)], False),
        ([kept(1)], True),
        ([kept(50)], False),
        ([kept(12, ago=timedelta(hours=24, seconds=-1))], False),
        ([kept(12, ago=timedelta(hours=24))], True),
        ([kept(12, ago=timedelta(hours=-1))], False),
        ([kept(12, ago=timedelta(hours=-25))], True),
        ([kept(12, tell=False)], True),
        ([kept(1), kept(12, tell=False)], True),
        ([kept(1, ago=timedelta(hours=2)), kept(12)], False),
        ([kept(12, ago=timedelta(hours=2)), kept(1)], True),
        ([kept(plan=withheld(router="tower-2"))], True),
        ([kept(plan=withheld(router=None))], True),
        ([kept(plan=withheld(kind=Kind.PROFILE))], True),
    ],
)
def test_somebody_is_told_once(earlier: list[KeptPlan], told: bool) -> None:
    """G15: told if none of that router and kind was in 24 hours, or if more than `guard.min` came since the last."""
    assert plans.to_be_told(withheld(12), earlier, NOW, 10) is told
    assert plans.to_be_told(withheld(12), earlier[::-1], NOW, 10) is told


def test_the_plan_over_the_fleet_is_told_for_itself() -> None:
    """G15: a plan over all routers is not one of any router."""
    fleet = withheld(12, router=None)

    assert plans.to_be_told(fleet, [kept(12)], NOW, 10) is True
    assert plans.to_be_told(fleet, [kept(plan=fleet)], NOW, 10) is False


PLANTED = "s3cr3t-Pässwörd"


def planted() -> tuple[Change, ...]:
    """A change of every kind that carries a password, as its actual and its desired value."""
    made = (
        a_change(kind, actual=Masked(PLANTED), desired=Masked(PLANTED))
        for kind in (Kind.PASSWORD, Kind.DEFAULT_PASSWORD)
    )
    return (*made, a_change(Kind.CREATE, desired=a_new_secret(password=PLANTED)))


def test_nothing_secret_stands_outside_passwords() -> None:
    """G10, G12: no key and no body but that below `passwords/` holds a password, in no spelling."""
    guard = Guard(GuardLimits(), Masked(PLANTED))
    objects: dict[str, bytes] = {}
    for change in planted():
        plan = WithheldPlan(guard.plan_id([change]), change.router, change.kind, (change,), "1 would be changed")
        found = plans.keep(plan, [MAC], NOW, tell=True)
        objects[plans.key(plan.plan_id)] = plans.encode(found)
        entry = Entry(NOW, change.router, change.kind, "run-1")
        objects |= {entry.planned(1): b"", entry.done(1): b""}
        assert day.count(objects, NOW).counts
    objects[holds.key("tower-1")] = holds.encode(Hold(NOW, "anna", "tower moves"))
    kept_password = passwords.Overwritten(
        "tower-1", "ABC1", Kind.PASSWORD, "client", 1, None, Masked(PLANTED), Masked(PLANTED)
    )
    spellings = {
        PLANTED.encode(),
        PLANTED.encode("latin-1"),
        json.dumps(PLANTED)[1:-1].encode(),
        b64encode(PLANTED.encode()),
        PLANTED.encode().hex().encode(),
    }

    assert [key for key, body in objects.items() if any(one in key.encode() + body for one in spellings)] == []
    assert any(one in passwords.encode([kept_password]) for one in spellings), "the scan finds what is there"
