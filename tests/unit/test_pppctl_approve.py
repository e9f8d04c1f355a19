"""What stands on the screen before an approval, who is asked, and what is sent then (G4)."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from pppctl.__main__ import main
from pppctl.approve_screen import approvable, question, show_before_approval
from pppctl.aws import Aws
from pppctl.cells import Screen, View
from pppsync.journal import plans
from tests.unit.pppctl_answers import APPROVALS, NOTHING, OTHER, PLAN
from tests.unit.pppctl_aws import ARN, FakeLambda, FakeSession, payload
from tests.unit.pppctl_full_answer import FULL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EARLIER = {
    "plan_id": OTHER,
    "router": "tower-1",
    "kind": "disable",
    "count": 12,
    "due": 1,
    "online": 1,
    "gone": 11,
    "names_gone": ["PAID1", "PAID2"],
}


def a_change(name: str, *plans: str, online: bool = False) -> dict[str, Any]:
    """A cut that these plans would release."""
    change = {"name": name, "kind": "disable", "field": "disabled", "actual": "no", "desired": "yes"}
    return {**change, "online": online, "plans": [*plans]}


def a_router(name: str, *changes: Mapping[str, Any], plans: Sequence[str] = (PLAN,), **other: Any) -> dict[str, Any]:
    """A router of a plan's answer, on which these plans wait."""
    waiting = [
        {"plan_id": one, "kind": "disable", "count": 12, "online": 3, "reason": "12 of 40 would be disabled"}
        for one in plans
    ]
    row: dict[str, Any] = {
        "name": name,
        "changes": [*changes],
        "changes_total": len(changes),
        "withheld_plans": waiting,
    }
    return {**FULL["routers"][0], **row, "mode": "enforce", "hold": None, **other}


def the_plan(*routers: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """An answer of `plan`."""
    return {**FULL, "action": "plan", "ok": True, "routers": [*routers], "earlier_plans": [*earlier]}


def shown(answer: Mapping[str, Any], *plan_ids: str, width: int = 80) -> tuple[bool, str]:
    """What is printed before the approval of these ids, and whether it can be asked for."""
    output = io.StringIO()
    fine = show_before_approval(Screen(file=output, width=width), answer, plan_ids, View())
    return fine, output.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_plan_that_waits_as_it_was(width: int) -> None:
    """Who is due, with the session that ends, and why it waits."""
    fine, text = shown(the_plan(a_router("tower-1", a_change("ABC1", PLAN, online=True))), PLAN, width=width)
    assert fine
    words = text.split()
    for word in (f"{PLAN}:", "disable", "tower-1", "ABC1", "online"):
        assert word in words
    assert "12 of 40 would be disabled" in " ".join(words)
    assert "3 of 12 online: an approval drops their sessions" in " ".join(words)
    assert max(map(len, text.splitlines())) <= width


def test_a_plan_of_an_earlier_day_says_who_paid() -> None:
    """Who is not due any more is named, as far as the journal kept names."""
    answer = the_plan(a_router("tower-1", a_change("ABC1", OTHER, online=True), plans=()), earlier=[EARLIER])
    fine, text = shown(answer, OTHER)
    assert fine
    assert f"{OTHER}: 1 x disable on tower-1" in text
    assert "11 not due any more, such as paid since: PAID1, PAID2" in text
    assert question(answer, [OTHER]) == "Apply 1 change and drop 1 session?"


def test_the_fleet_s_plan_is_asked_for_once() -> None:
    """It stands under every router that it touches, and its changes are counted once."""
    answer = the_plan(a_router("tower-1", a_change("A", PLAN)), a_router("tower-2", a_change("B", PLAN)))
    assert "on several routers" in shown(answer, PLAN)[1]
    assert question(answer, [PLAN]) == "Apply 12 changes and drop 3 sessions?"


def test_a_cut_that_waits_under_two_ids_is_counted_once() -> None:
    """G3: a cut may wait in its router's plan and in the fleet's; who approves both makes it once."""
    both = [a_change(f"ABC{number}", PLAN, OTHER, online=number < 3) for number in range(12)]
    answer = the_plan(a_router("tower-1", *both, plans=(PLAN, OTHER)))
    assert question(answer, [PLAN, OTHER]) == "Apply 12 changes and drop 3 sessions?"


@pytest.mark.parametrize(
    ("router", "writes"),
    [
        ({}, True),
        ({"mode": "observe"}, False),
        ({"hold": {"until": "2026-11-25T14:00:00Z", "by": "", "why": ""}}, False),
    ],
)
def test_an_observed_router_says_that_an_approval_does_nothing(router: dict[str, Any], writes: bool) -> None:
    """G11, G14: nobody approves a plan and waits for what cannot happen."""
    text = shown(the_plan(a_router("tower-1", a_change("A", PLAN), **router)), PLAN)[1]
    assert ("an approval writes nothing there" in text) is not writes


@pytest.mark.parametrize("router", ["tower-1", None])
@pytest.mark.parametrize("mode", ["enforce", "observe"])
def test_an_earlier_plan_that_no_row_names(router: str | None, mode: str) -> None:
    """G11: a long answer leaves ids out of its rows; whether an approval writes does not depend on that."""
    answer = the_plan(a_router("tower-1", a_change("A", PLAN), mode=mode), earlier=[{**EARLIER, "router": router}])
    assert ("an approval writes nothing there" in shown(answer, OTHER)[1]) is (mode == "observe")


def test_an_unknown_id_shows_what_waits() -> None:
    """An id that is not known cannot be asked for; the ids that wait are listed."""
    fine, text = shown(the_plan(a_router("tower-1", a_change("A", PLAN))), OTHER, PLAN)
    assert not fine
    assert f"{OTHER}: unknown" in text
    assert f"Or {plans.SHOWN} later plans hide it here." in text
    assert "What waits now" in text
    assert "Nothing waits now." in shown(the_plan(a_router("tower-1", plans=())), OTHER)[1]
    assert approvable(the_plan(), PLAN) is None


class Typed(io.StringIO):
    """Somebody at a terminal who types this."""

    def isatty(self) -> bool:
        """Somebody is there."""
        return True


def approve(lambda_: FakeLambda, typed: io.StringIO, *options: str) -> int:
    """The exit code of `approve PLAN` where somebody types this."""
    session = FakeSession(["SyncFunctionName", "PassImportFunctionName"], lambda_)
    return main(["approve", PLAN, *options], lambda stack, **_: Aws(stack, session=lambda **_: session), typed)


@pytest.mark.parametrize(("typed", "code", "calls"), [("yes\n", 0, 2), ("YES\n", 0, 2), ("y\n", 1, 1), ("", 1, 1)])
def test_somebody_is_asked(capsys: pytest.CaptureFixture[str], typed: str, code: int, calls: int) -> None:
    """Only `yes` sends the approval; all else writes nothing, which is said."""
    functions = FakeLambda(
        payload(the_plan(a_router("tower-1", a_change("ABC1", PLAN)))), payload(NOTHING | {"approvals": APPROVALS[:1]})
    )
    assert approve(functions, Typed(typed)) == code
    printed = capsys.readouterr()
    assert "Apply 12 changes and drop 3 sessions? Type yes to go on: " in printed.out
    assert ("Nothing was written." in printed.err) is (code == 1)
    events = [json.loads(call["Payload"]) for call in functions.calls]
    assert events == [{"action": "plan"}, {"action": "sync", "approve": [PLAN], "by": ARN}][:calls]


def test_an_unknown_id_asks_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """G4: it would write nothing at all, so nothing is sent."""
    functions = FakeLambda(payload(the_plan(a_router("tower-1", plans=()))))
    assert approve(functions, Typed("yes\n")) == 1
    assert "Type yes" not in capsys.readouterr().out
    assert len(functions.calls) == 1


@pytest.mark.parametrize(
    ("typed", "options"),
    [(io.StringIO("yes\n"), ()), (Typed("yes\n"), ("--json",)), (Typed("yes\n"), ("--csv", "changes"))],
    ids=["script", "json", "csv"],
)
def test_a_script_says_yes(capsys: pytest.CaptureFixture[str], typed: io.StringIO, options: tuple[str, ...]) -> None:
    """Without a terminal, or where the output is for a program, `--yes` is asked for and nothing is sent."""
    functions = FakeLambda()
    assert approve(functions, typed, *options) == 3
    assert "--yes" in capsys.readouterr().err
    assert functions.calls == []
