"""`pppctl problems`: every problem of a run, from the log, where an answer holds only the first of them."""

from __future__ import annotations

from typing import Any

import pytest

from pppctl import problems
from pppctl.cells import View
from tests.unit.pppctl_answers import screen
from tests.unit.pppctl_logs import NOW, FakeLogs, ago

LATEST, OLDER = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"


def logged(count: int = 300, total: int = 300, refusal: str = "") -> FakeLogs:
    """A log with a sync of so many problems, an older one, and a plan after both."""
    logs = FakeLogs(refusal)
    for number in range(count):
        row = {"name": f"ABC{number:03}", "router": "ab"[number % 2], "reason": "profile_missing", "detail": "30mbps"}
        logs.add(ago(5), {"message": "problem", "run_id": LATEST, "problem": row})
    logs.add(ago(5), response(LATEST, total))
    logs.add(ago(9), {"message": "problem", "run_id": OLDER, "problem": NOWHERE})
    logs.add(ago(9), response(OLDER, 1))
    logs.add(ago(2), response("a plan", 0) | {"response": {"action": "plan", "problems_total": 0}})
    return logs


NOWHERE = {"name": None, "router": None, "reason": "password_attribute_missing", "detail": "pppPassword"}


def response(run: str, total: int) -> dict[str, Any]:
    """The log record of a sync's response."""
    return {"message": "response", "run_id": run, "response": {"action": "sync", "problems_total": total}}


def asked(logs: FakeLogs, run: str | None = None, routers: list[str] | None = None) -> dict[str, Any]:
    """The answer."""
    return problems.answer(logs.aws(), run, 7, routers, NOW, lambda _: None)


@pytest.mark.parametrize("refusal", ["", "AccessDeniedException"])
def test_every_problem_of_the_latest_sync_is_listed(refusal: str) -> None:
    """An answer ends at 200 rows; the log has all, and a plan in between is no sync."""
    found = asked(logged(refusal=refusal))

    assert (found["run_id"], found["at"], found["ok"]) == (LATEST, ago(5).isoformat(), True)
    assert [one["name"] for one in found["problems"][:2]] == ["ABC000", "ABC002"]
    assert (len(found["problems"]), found["problems_total"]) == (300, 300)
    assert found["problems_by_reason"] == {"profile_missing": 300}


@pytest.mark.parametrize("run", [OLDER, OLDER[:8]])
def test_a_run_may_be_named(run: str) -> None:
    """`--run` takes the id of any run, or the beginning of it that the screens print."""
    found = asked(logged(), run)

    assert (found["run_id"], found["problems"]) == (OLDER, [NOWHERE])


def test_one_router() -> None:
    """`--router` narrows the rows and their counts."""
    found = asked(logged(), routers=["b"])

    assert ({one["router"] for one in found["problems"]}, found["problems_total"]) == ({"b"}, 150)


def test_rows_that_the_log_does_not_give_are_counted() -> None:
    """A query has an end too: the count of the run's response stays the truth."""
    assert "Problems (300 of 400)" in screen("problems", asked(logged(total=400)))


@pytest.mark.parametrize(
    ("logs", "run", "says"),
    [
        (FakeLogs(), None, "The log holds nothing of a sync in this time"),
        (logged(), "abcdef01", "The log holds nothing of the run abcdef01 in this time"),
    ],
)
def test_nothing_found(logs: FakeLogs, run: str | None, says: str) -> None:
    """A run that the log does not know must not look like one without problems."""
    found = asked(logs, run)

    assert not found["ok"]
    assert says in screen("problems", found, width=100)


def test_the_screen() -> None:
    """It shows the run, each reason, and with `--all` each problem."""
    text = screen("problems", asked(logged()), View(all_rows=True))

    assert f"problems of the run {LATEST}, 2026-11-25 11:55:00" in text
    assert "ABC299" in text
    logs = FakeLogs()
    logs.add(ago(5), response(LATEST, 0))
    assert "None.\n" in screen("problems", asked(logs))
