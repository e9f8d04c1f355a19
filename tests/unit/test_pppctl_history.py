"""`pppctl history`: what the logs hold of one login, found by Logs Insights or page by page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pppctl import history, log_reader
from pppctl.aws import CommandError
from pppctl.log_reader import Log
from tests.unit.pppctl_answers import screen
from tests.unit.pppctl_logs import IMPORT_GROUP, NOW, FakeLogs, ago

if TYPE_CHECKING:
    from collections.abc import Mapping

GOLDEN = Path(__file__).parent / "golden" / "pppctl"
NASTY = ['O\'Brien "x"', "back\\slash", "a/b", "*|{}[]().?+^$", "żółw\u00a0", "| limit 1", "ABC1", "=1+1 ", "x" * 300]


def change(name: str, run: str = "r1", **more: Any) -> dict[str, Any]:
    """The log record of a change."""
    facts: dict[str, Any] = {
        "kind": "disable",
        "field": "disabled",
        "actual": "no",
        "desired": "yes",
        "result": "applied",
    }
    facts |= {"reason": "", "detail": "", "sessions_dropped": 0, "subscriber": 1}
    return {"message": "change", "run_id": run, "router": "tower-1", "change": {"name": name} | facts | more}


def problem(name: str, run: str = "r1", reason: str = "profile_missing", detail: str = "30mbps") -> dict[str, Any]:
    """The log record of a problem."""
    facts = {"name": name, "subscriber": 1, "router": "tower-1", "reason": reason, "detail": detail}
    return {"message": "problem", "run_id": run, "problem": facts}


def asked(logs: FakeLogs, login: str, days: int = 30) -> dict[str, Any]:
    """The history."""
    return history.answer(logs.aws(), login, days, NOW, lambda _: None)


@pytest.mark.parametrize("refusal", ["", "AccessDeniedException"])
@pytest.mark.parametrize("login", NASTY)
def test_one_login_exactly(login: str, refusal: str) -> None:
    """Only the records of that login are given, whatever characters it has, on both ways to read the log."""
    logs = FakeLogs(refusal)
    for number, name in enumerate([*NASTY, login + "x", login.swapcase() + "y"]):
        logs.add(ago(number), change(name))
    logs.add(ago(1), problem("another"))
    logs.add(ago(1), "START RequestId: 1")
    logs.add(ago(1), {"message": "response", "response": {}})

    assert [(one["what"], one["at"]) for one in asked(logs, login)["records"]] == [
        ("change", ago(NASTY.index(login)).isoformat())
    ]


@pytest.mark.parametrize("login", NASTY)
def test_nothing_of_a_login_can_end_its_query(login: str) -> None:
    """A query and a pattern carry letters and digits of the login alone; all else is a wildcard that it fits."""
    wanted = history.wanted(login)
    regex = wanted.query.split("/")[1]
    pattern = wanted.pattern.split('"')[1]

    assert re.fullmatch(r"\^([0-9A-Za-z]|\.\*)*\$", regex)
    assert re.search(regex, login)
    assert re.fullmatch(r"[0-9A-Za-z*]*", pattern)
    assert wanted.query.count("/") == 6
    assert len(wanted.pattern) < 1024


def test_the_way_without_insights_is_told() -> None:
    """The program says once why it reads page by page, and the answer is the same."""
    told: list[str] = []
    answers = []
    for refusal in ("", "AccessDeniedException", "Failed", "Timeout"):
        logs = FakeLogs(refusal)
        logs.add(ago(5), change("ABC1"))
        logs.add(ago(9), {"message": "import", "import": {"name": "ABC1", "result": "imported"}}, IMPORT_GROUP)
        answers.append(history.answer(logs.aws(), "ABC1", 30, NOW, told.append))

    assert [one["records"] for one in answers] == [answers[0]["records"]] * 4
    assert [one["what"] for one in answers[0]["records"]] == ["change", "import"]
    assert told == [
        f"Logs Insights cannot be used ({why}); reading the log page by page"
        for why in ("AccessDeniedException", "Failed", "Timeout")
    ]


def test_no_log() -> None:
    """The error names the log group that does not exist."""
    with pytest.raises(CommandError, match=r"^there is no log yet: /aws/lambda/Sync and /aws/lambda/Pass"):
        asked(FakeLogs("ResourceNotFoundException"), "ABC1")


def test_a_query_is_waited_for() -> None:
    """The reader polls a running query with growing pauses."""
    logs = FakeLogs(busy=7)
    logs.add(ago(5), change("ABC1"))
    naps: list[float] = []
    found = Log(logs.aws(), ["Sync"], lambda _: None, naps.append).read(history.wanted("ABC1"), ago(60), NOW)

    assert len(found) == 1
    assert naps == [0.25, 0.5, 1, 2, 4, 4, 4]


def test_more_records_than_a_query_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader splits the time of a full answer in halves until no record can be missing."""
    monkeypatch.setattr(log_reader, "ROWS", 3)
    logs = FakeLogs(most=3)
    for number in range(20):
        logs.add(ago(number * 7), change("ABC1", f"r{number}"))
    found = asked(logs, "ABC1", 1)["records"]

    assert [one["run_id"] for one in found] == [f"r{number}" for number in range(20)]
    assert all(query["limit"] == 3 for query in logs.queries)


def test_days() -> None:
    """Records from before the time are left out."""
    logs = FakeLogs()
    logs.add(ago(60), change("ABC1", "young"))
    logs.add(ago(60 * 49), change("ABC1", "old"))

    assert [one["run_id"] for one in asked(logs, "ABC1", 2)["records"]] == ["young"]


def test_what_every_run_repeats_is_one_row() -> None:
    """A problem that every run writes is one row; applied changes never are, even if they are equal."""
    logs = FakeLogs()
    for number in range(10):
        logs.add(ago(number * 5), problem("ABC1", f"r{number}"))
        logs.add(ago(number * 5), change("ABC1", f"r{number}", result="withheld"))
    logs.add(ago(3), change("ABC1"))
    logs.add(ago(33), change("ABC1"))
    found = asked(logs, "ABC1")

    assert [(one["what"], one["result"], one["times"], one["first"]) for one in found["records"]] == [
        ("problem", None, 10, ago(45).isoformat()),
        ("change", "withheld", 10, ago(45).isoformat()),
        ("change", "applied", 1, ago(3).isoformat()),
        ("change", "applied", 1, ago(33).isoformat()),
    ]
    assert found["records_total"] == 22


def test_who_approved_a_change_is_shown() -> None:
    """A change that an approval let pass names who gave it; one that nobody approved does not."""
    logs = FakeLogs()
    logs.add(ago(1), change("ABC1", approved_by="arn:aws:iam::1:user/[red]ann[/]"))
    logs.add(ago(2), change("ABC1", result="failed", reason="refused"))
    logs.add(ago(3), change("ABC1", result="failed", reason="refused", approved_by="unknown"))
    found = asked(logs, "ABC1")
    text = " ".join(screen("history", found, width=200).split())

    assert [one["approved_by"] for one in found["records"]] == ["arn:aws:iam::1:user/[red]ann[/]", None, "unknown"]
    assert "approved by arn:aws:iam::1:user/[red]ann[/]" in text
    assert "refused; approved by unknown" in text
    assert text.count("approved by") == 2


def test_the_hint_of_a_restore_names_the_latest_run() -> None:
    """G12: the newest run that overwrote a password is named, with the command; one that failed overwrote nothing."""
    logs = FakeLogs()
    overwriting = {"field": "password", "actual": "***", "desired": "***"}
    logs.add(ago(30), change("ABC1", "oldest", kind="password", **overwriting))
    logs.add(ago(20), change("ABC1", "wanted", kind="default_password", **overwriting))
    logs.add(ago(10), change("ABC1", "failed", kind="password", result="failed", **overwriting))
    logs.add(ago(5), change("ABC1", "cut"))
    text = screen("history", asked(logs, "ABC1"), width=60)

    assert "The run of 2026-11-25 11:40:00 overwrote a password." in text
    assert re.findall(r"pppctl restore (\S+)", text) == ["wanted"]


def test_no_hint_where_nothing_was_overwritten() -> None:
    """A cut is put right in the CRM: a restore would find nothing."""
    logs = FakeLogs()
    logs.add(ago(5), change("ABC1"))

    assert "restore" not in screen("history", asked(logs, "ABC1"))


def shown() -> Mapping[str, Any]:
    """A history with every kind of row."""
    logs = FakeLogs()
    created = {"password": "***", "profile": "30mbps", "remote-address": "", "disabled": False}
    logs.add(ago(60 * 24), change("ABC1", kind="create", field=None, actual=None, desired=created))
    logs.add(
        ago(60 * 20),
        {"message": "import", "import": {"name": "ABC1", "router": "b", "result": "imported"}},
        IMPORT_GROUP,
    )
    logs.add(ago(600), change("ABC1", sessions_dropped=2))
    for number in range(3):
        failed = {"kind": "profile", "field": "profile", "actual": "30mbps", "desired": "50mbps ", "result": "failed"}
        logs.add(ago(300 - number * 5), change("ABC1", reason="trap", detail="no such item", **failed))
        logs.add(ago(300 - number * 5), problem("ABC1"))
    logs.add(ago(1), change("ABC1", kind="drop", field=None, actual=None, desired=None))
    return asked(logs, "ABC1")


@pytest.mark.parametrize("width", [60, 100])
def test_the_history_as_it_is_printed(width: int) -> None:
    """The whole screen, line by line."""
    lines = [line.rstrip() for line in screen("history", shown(), width=width).splitlines()]

    assert lines == (GOLDEN / f"history-{width}.txt").read_text(encoding="utf-8").splitlines()


def test_a_login_that_nobody_has() -> None:
    """An empty history says where to ask next, and shows the name as it was understood."""
    text = screen("history", asked(FakeLogs(), "abc1 "))

    assert text.startswith('"abc1\\x20" from 2026-10-26 12:00:00 to 2026-11-25 12:00:00 UTC')
    assert "The log holds no change and no problem of this login. `explain` says how it is" in text
