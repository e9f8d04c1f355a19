"""`pppctl report`: the sums of some days by router, from the log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pppctl import report
from tests.unit.pppctl_answers import screen, squeezed
from tests.unit.pppctl_logs import NOW, FakeLogs, ago

if TYPE_CHECKING:
    from datetime import datetime

GOLDEN = Path(__file__).parent / "golden" / "pppctl"


def changed(logs: FakeLogs, at: datetime, kind: str, name: str, run: str = "old", **more: str) -> None:
    """Log a change."""
    facts = {"name": name, "kind": kind, "result": more.get("result", "applied")}
    logs.add(at, {"message": "change", "run_id": run, "router": more.get("router", "a"), "change": facts})


def synced(logs: FakeLogs, at: datetime, run: str, **more: Any) -> None:
    """Log the response of a sync."""
    down = {"name": "b", "secrets": None, "unmatched_online": None, "error": {"reason": "router_tls", "detail": "no"}}
    routers = [{"name": "a", "secrets": 9, "unmatched_online": 3, "error": None}, down]
    response = {"action": "sync", "ok": False, "coverage": 98.8, "routers": routers} | more
    logs.add(at, {"message": "response", "run_id": run, "response": response})


def week(refusal: str = "") -> FakeLogs:
    """A week of two routers; the latest whole sync is `new`."""
    logs = FakeLogs(refusal)
    for kind, count in {"disable": 3, "restrict": 1, "enable": 2, "restore": 1, "create": 4, "password": 9}.items():
        for number in range(count):
            changed(logs, ago(600 + number), kind, f"{kind}{number}")
    changed(logs, ago(700), "disable", "B1", router="b")
    changed(logs, ago(700), "disable", "W1", result="withheld")
    changed(logs, ago(60 * 24 * 8), "disable", "before the week")
    for minutes in (500, 505, 510):
        changed(logs, ago(minutes), "profile", "MENDED", result="failed")
        changed(logs, ago(minutes), "profile", "BROKEN", result="failed")
        changed(logs, ago(minutes), "disable", "BROKEN", result="unanswered")
    changed(logs, ago(90), "profile", "BROKEN", "new", result="failed")
    synced(logs, ago(505), "old", coverage=50, ok=True)
    synced(logs, ago(90), "new")
    synced(logs, ago(20), "wake", narrow=True, coverage=1)
    synced(logs, ago(10), "plan", action="plan", coverage=2)
    return logs


def asked(logs: FakeLogs, days: int = 7) -> dict[str, Any]:
    """The report."""
    return report.answer(logs.aws(), days, NOW, lambda _: None)


@pytest.mark.parametrize("refusal", ["", "AccessDeniedException"])
def test_the_sums(refusal: str) -> None:
    """Changes count by kind, failures by login; the rest comes from the latest sync that was not narrow."""
    found = asked(week(refusal))
    a, b = found["routers"]

    assert a == {
        "name": "a",
        "cut": 4,
        "let_in": 3,
        "new": 4,
        "failed": 2,
        "still_broken": 1,
        "unmatched_online": 3,
        "withheld": {},
        "error": None,
    }
    assert (b["cut"], b["failed"], b["error"]["reason"]) == (1, 0, "router_tls")
    assert (b["still_broken"], b["unmatched_online"]) == (None, None)
    assert (found["coverage"], found["latest"]["run_id"], found["ok"]) == (98.8, "new", False)


def test_a_response_in_parts() -> None:
    """The response of many routers is several records of one run."""
    logs = FakeLogs()
    for name, part in (("a", 1), ("b", 2)):
        routers = [{"name": name, "secrets": 1, "unmatched_online": part, "error": None}]
        synced(logs, ago(5), "new", ok=True, routers=routers, part=part, parts=2)
    found = asked(logs)

    assert [(one["name"], one["unmatched_online"]) for one in found["routers"]] == [("a", 1), ("b", 2)]
    assert found["ok"]


def test_the_latest_sync_is_looked_for_nearby_first() -> None:
    """A schedule that works costs the scan of an hour, not that of a week."""
    logs = FakeLogs()
    synced(logs, ago(5), "new")
    asked(logs)
    first, *_ = logs.queries

    assert first["endTime"] - first["startTime"] < 3700


def test_no_sync_at_all() -> None:
    """A stack whose schedule is off must not look like a quiet week."""
    found = asked(FakeLogs())
    text = screen("report", found)

    assert (found["ok"], found["latest"], found["failed"], found["routers"]) == (False, None, None, [])
    assert "No sync ended in this time: see whether the schedule is on, then run `check`." in text


def failed(logs: FakeLogs, at: datetime, run: str, reason: str = "crm_unreachable", **more: str) -> None:
    """Log a run that raised, with Lambda's own record of it, which is a little newer."""
    logs.add(at, {"message": "failed", "run_id": run, "error": {"reason": reason, "detail": "no route"}} | more)
    broken_off(logs, at, run, "error")


def broken_off(logs: FakeLogs, at: datetime, run: str, status: str) -> None:
    """Log what Lambda says of a run."""
    logs.add(at, {"type": "platform.report", "record": {"requestId": run, "status": status}})


def test_a_newer_sync_that_failed_is_said() -> None:
    """A CRM that went away after the last good run must not hide behind the sums of the week."""
    logs = FakeLogs()
    synced(logs, ago(20), "good", ok=True, routers=[])
    broken_off(logs, ago(20), "good", "success")
    failed(logs, ago(10), "bad", action="sync")
    failed(logs, ago(9), "a plan", action="plan")
    failed(logs, ago(8), "typed", "event_invalid")
    found = asked(logs)

    assert (found["latest"]["run_id"], found["ok"]) == ("good", False)
    assert found["failed"] == {
        "run_id": "bad",
        "at": ago(10).isoformat(),
        "reason": "crm_unreachable",
        "detail": "no route",
    }
    assert "A newer sync failed: 2026-11-25 11:50:00, run bad: crm_unreachable: no route" in squeezed(
        screen("report", found)
    )


def test_a_run_that_lambda_ended_is_said() -> None:
    """A run that was cut off at its time limit wrote no record of its own."""
    logs = FakeLogs()
    broken_off(logs, ago(10), "cut off", "timeout")
    found = asked(logs)

    assert (found["failed"]["run_id"], found["failed"]["reason"]) == ("cut off", "timeout")
    assert "A sync failed: 2026-11-25 11:50:00, run cut off: timeout: Lambda ended the run" in screen("report", found)


def test_what_failed_before_the_latest_sync_is_over() -> None:
    """An older failure, and one that Lambda notes of the latest sync after its work, are no newer failure."""
    logs = FakeLogs()
    failed(logs, ago(30), "bad", action="sync")
    synced(logs, ago(20), "good", ok=True, routers=[])
    broken_off(logs, ago(19), "good", "timeout")

    assert (asked(logs)["failed"], asked(logs)["ok"]) == (None, True)


def test_changes_that_wait_are_said() -> None:
    """Cuts that nobody approved are in no sum, so they stand below the table, by router and kind."""
    logs = FakeLogs()
    router = {"name": "a", "secrets": 9, "unmatched_online": 3, "error": None}
    routers = [router | {"withheld": {"disable": 12, "profile": 1}}, router | {"name": "b", "withheld": {}}]
    synced(logs, ago(20), "new", ok=True, routers=routers)
    found = asked(logs)
    text = screen("report", found)

    assert (found["routers"][0]["withheld"], found["ok"]) == ({"disable": 12, "profile": 1}, True)
    assert "a: withheld, waiting for your approval: disable 12, profile 1\n" in text
    assert "b: withheld" not in text
    assert "waiting for your approval" not in screen("report", asked(week()))


def test_a_function_without_coverage() -> None:
    """An older function's response has no coverage, and the report prints all the same."""
    logs = FakeLogs()
    logs.add(ago(5), {"message": "response", "run_id": "r", "response": {"action": "sync", "ok": True, "routers": []}})

    assert "Coverage" not in screen("report", asked(logs))


@pytest.mark.parametrize("width", [60, 100])
def test_the_report_as_it_is_printed(width: int) -> None:
    """The whole screen, line by line."""
    lines = [line.rstrip() for line in screen("report", asked(week()), width=width).splitlines()]

    assert lines == (GOLDEN / f"report-{width}.txt").read_text(encoding="utf-8").splitlines()
