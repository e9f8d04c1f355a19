"""Which overwritten passwords go back into the CRM, and why the others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pppsync.config.event import ImportEvent
from pppsync.core.change import Kind
from pppsync.core.masked import Masked
from pppsync.journal.passwords import Overwritten
from pppsync.passwords.restore_plan import plan_restore
from tests.unit.import_builders import T1, T2, subscriber

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pppsync.core.subscriber import Subscriber
    from pppsync.passwords.writes import WritePlan

RESTORE = ImportEvent(restore="run-1")
EMPTY: dict[str, int] = {}


def kept(name: str = "ABC1", actual: str = "right", router: str = T1, **other: Any) -> Overwritten:
    """A password that the run overwrote with `wrong`."""
    fields: dict[str, Any] = {"kind": Kind.PASSWORD, "level": "client", "client_id": 7, "service_id": None}
    fields |= {"written": Masked("wrong")} | other
    return Overwritten(router=router, name=name, actual=Masked(actual), **fields)


def defaulted(**other: Any) -> Overwritten:
    """A password that the run overwrote with the registration date, since the CRM held none."""
    return kept(kind=Kind.DEFAULT_PASSWORD, written=Masked("1482020"), **other)


def counted(plan: WritePlan) -> tuple[list[tuple[str, str]], int, dict[str, int]]:
    """Logins with the password that each gets, the unchanged, and the skipped."""
    return (
        [(one.name, one.desired.reveal()) for one in plan.writes if isinstance(one.desired, Masked)],
        plan.unchanged,
        {reason.value: count for reason, count in plan.skipped.items()},
    )


BACK = ([("ABC1", "right")], 0, EMPTY)
SINCE: tuple[list[Any], int, dict[str, int]] = ([], 0, {"changed_since": 1})


@pytest.mark.parametrize(
    ("entry", "now", "expected"),
    [
        pytest.param(kept(), subscriber(password="wrong"), BACK, id="as it was written"),
        pytest.param(kept(), subscriber(password="right"), ([], 1, EMPTY), id="there already"),
        pytest.param(kept(), subscriber(password="by hand"), SINCE, id="another by now"),
        pytest.param(kept(), subscriber(), SINCE, id="none by now"),
        pytest.param(defaulted(), subscriber(), BACK, id="still none"),
        pytest.param(defaulted(), subscriber(password="right"), ([], 1, EMPTY), id="default, there already"),
        pytest.param(defaulted(), subscriber(password="by hand"), SINCE, id="default, one by now"),
        pytest.param(defaulted(), subscriber(password="1482020"), SINCE, id="default, the date by now"),
        pytest.param(kept(), subscriber("ABC2", "wrong"), SINCE, id="another login"),
        pytest.param(kept(), subscriber(password="wrong", id=8), SINCE, id="another subscriber of the login"),
        pytest.param(kept(), subscriber(password="wrong", archived=True), SINCE, id="archived"),
        pytest.param(kept(), subscriber(password="wrong", lead=True), SINCE, id="a lead again"),
        pytest.param(kept(), subscriber(password="wrong", tags=("Custom-Config",)), BACK, id="opted out since"),
        pytest.param(kept(actual=""), subscriber(password="wrong"), ([], 0, {"password_empty": 1}), id="empty"),
        pytest.param(kept(actual="***"), subscriber(password="wrong"), ([], 0, {"password_masked": 1}), id="masked"),
        pytest.param(
            kept(actual="p\udce4"), subscriber(password="wrong"), ([], 0, {"password_invalid": 1}), id="bytes"
        ),
        pytest.param(kept(actual=""), subscriber(), ([], 0, {"password_empty": 1}), id="empty, and none by now"),
    ],
)
def test_a_password_goes_back_where_the_crm_is_as_the_run_found_it(
    entry: Overwritten, now: Subscriber, expected: tuple[Any, int, dict[str, int]]
) -> None:
    """G12: only where the CRM still holds what was written, or no password; what somebody entered since stays."""
    assert counted(plan_restore(RESTORE, [entry], [now])) == expected


@pytest.mark.parametrize(
    ("attribute", "entries", "expected"),
    [
        pytest.param(None, [kept(), kept(router=T2)], BACK, id="equal on both"),
        pytest.param(T1, [kept(), kept(router=T2, actual="other")], BACK, id="the named one counts"),
        pytest.param(T2, [kept(actual="other"), kept(router=T2)], BACK, id="the other is named"),
        pytest.param(None, [kept(), kept(router=T2, actual="other")], None, id="nobody is named"),
        pytest.param("tower-3", [kept(), kept(router=T2, actual="other")], None, id="neither is named"),
        pytest.param(None, [kept(), kept(router=T2, actual="")], None, id="one is empty"),
        pytest.param(T1, [kept(), kept(actual="other"), kept(router=T2)], None, id="the named one held two"),
    ],
)
def test_of_two_routers_the_named_one_counts(attribute: str | None, entries: list[Overwritten], expected: Any) -> None:
    """R16: where two routers held different passwords, the CRM's attribute decides; without it none goes back."""
    plan = plan_restore(RESTORE, entries, [subscriber(password="wrong", router=attribute)])
    assert counted(plan) == (expected or ([], 0, {"login_on_two_routers": 1}))
    if expected is None:
        assert {T1} <= set(plan.problems[0].detail.split(" held ")[0].split(", ")) <= {T1, T2}


def test_a_filter_of_routers_does_not_choose_a_password() -> None:
    """The routers of the event say whom to restore, never which of two passwords is right."""
    asked = ImportEvent(restore="run-1", routers=frozenset({T1}))
    entries = [kept(), kept(router=T2, actual="other")]
    assert counted(plan_restore(asked, entries, [subscriber(password="wrong")])) == ([], 0, {"login_on_two_routers": 1})


@pytest.mark.parametrize(
    ("filters", "names", "problems"),
    [
        ({}, ["A", "B"], []),
        ({"routers": {T2}}, ["B"], []),
        ({"subscribers": {"A"}}, ["A"], []),
        ({"subscribers": {"A", "C"}}, ["A"], [("C", "not_overwritten")]),
        ({"subscribers": {"A"}, "routers": {T2}}, [], [("A", "not_overwritten")]),
    ],
)
def test_only_the_named_logins_go_back(
    filters: dict[str, set[str]], names: list[str], problems: list[tuple[str, str]]
) -> None:
    """The event's routers and subscribers limit a restore; a name of which nothing was overwritten is listed."""
    fields: dict[str, Any] = {key: frozenset(value) for key, value in filters.items()}
    entries = [kept("B", router=T2, client_id=8), kept("A")]
    people = [subscriber("A", "wrong"), subscriber("B", "wrong", id=8), subscriber("C", "wrong", id=9)]
    plan = plan_restore(ImportEvent(restore="run-1", **fields), entries, people)
    assert [one.name for one in plan.writes] == names
    assert [(one.name, one.reason) for one in plan.problems] == problems
    assert plan.skipped == {}


def test_every_skipped_login_is_listed_with_its_router() -> None:
    """Whoever did not get a password back can be found by name, with the fact that stood in the way."""
    people = [subscriber("A", "by hand"), subscriber("B", "wrong", id=8)]
    entries = [kept("A"), kept("B", router=T2, actual="", client_id=8)]
    plan = plan_restore(RESTORE, entries, people)
    assert [(one.router, one.name, one.reason, one.detail, one.subscriber) for one in plan.problems] == [
        (T1, "A", "changed_since", "the CRM holds another password by now", 7),
        (T2, "B", "password_empty", "", 8),
    ]


texts = st.sampled_from(["", "***", "a", "b", "c"])
entries = st.builds(
    kept,
    name=st.sampled_from(["A", "B"]),
    actual=texts,
    router=st.sampled_from([T1, T2]),
    client_id=st.sampled_from([7, 8]),
    kind=st.sampled_from([Kind.PASSWORD, Kind.DEFAULT_PASSWORD]),
    written=texts.map(Masked),
)
people = st.tuples(texts, texts, st.sampled_from([None, T1]), st.booleans()).map(
    lambda given: [
        subscriber("A", given[0], router=given[2]),
        subscriber("B", given[1], id=8, archived=given[3]),
    ]
)


@given(st.lists(entries, max_size=6), people)
def test_a_restore_done_twice_writes_nothing_the_second_time(
    found: Iterable[Overwritten], before: list[Subscriber]
) -> None:
    """Law: after a restore the same restore writes nothing, and what it wrote counts as unchanged."""
    first = plan_restore(RESTORE, found, before)
    written = {one.subscriber: one.desired for one in first.writes}
    assert len(written) == len(first.writes), "no attribute is written twice"
    after = [
        subscriber(one.custom_id or "", _text(written.get(one.id, one.password)), id=one.id, archived=one.archived)
        for one in before
    ]
    for old, new in zip(before, after, strict=True):
        object.__setattr__(new, "router", old.router)
    second = plan_restore(RESTORE, found, after)
    assert (second.writes, second.unchanged) == ((), first.unchanged + len(first.writes))


def _text(password: Masked | str | None) -> str | None:
    return password.reveal() if isinstance(password, Masked) else password
