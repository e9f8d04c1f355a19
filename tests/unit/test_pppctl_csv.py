"""`--csv`: one list of an answer for a spreadsheet, whole, to the letter, and never a formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from pppctl.aws import CommandError
from pppctl.cells import View
from pppctl.csv_output import write_csv
from tests.unit.pppctl_answers import CHECKS, RUN, SYNC
from tests.unit.pppctl_full_answer import FULL

if TYPE_CHECKING:
    from collections.abc import Mapping


def written(answer: Mapping[str, Any], name: str, *reasons: str) -> tuple[list[dict[str, str]], str]:
    """The rows as a spreadsheet reads them, and the note."""
    output = io.StringIO()
    note = write_csv(output, answer, name, View(reasons=frozenset(reasons)))
    return list(csv.DictReader(io.StringIO(output.getvalue()))), note


def test_problems() -> None:
    """All problems of the answer, none of them shortened; the note says how many the answer lacks."""
    rows, note = written(FULL, "problems")

    assert len(rows) == 71
    assert rows[-1] == {
        "reason": "transitional",
        "name": "ZED1",
        "subscriber": "9",
        "service": "77",
        "router": "",
        "detail": "starts on 2026-12-01",
    }
    assert note.startswith("71 of 901 problems: the answer holds no more")


def test_problems_of_one_reason() -> None:
    """`--reason` narrows the CSV as it narrows the screen."""
    rows, note = written(FULL, "problems", "transitional")

    assert [one["name"] for one in rows] == ["ZED1"]
    assert note == ""


def test_unmatched() -> None:
    """A blank at the end of a name stays, since a cell is to the letter."""
    rows, note = written(FULL, "unmatched")

    assert rows[-1] == {"router": "tower-1", "name": "Ann ", "enabled": "no", "online": "no", "near": "ANN (1042)"}
    assert note.startswith("62 of 89 unmatched")


def test_changes() -> None:
    """All changes of all routers, with the state that a flag means and the result."""
    rows, note = written(FULL, "changes")

    assert [list(one.values())[:8] for one in rows] == [
        ["tower-1", "ABC1", "disable", "disabled", "enabled", "disabled", "yes", "withheld"],
        ["tower-1", "[red]NEW1[/]", "create", "", "", "30mbps, 198.51.100.7, enabled", "no", "deferred"],
    ]
    assert note.startswith("2 of 13 changes")


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-5", "'-5"),
        ("@SUM", "'@SUM"),
        ("\t=1", "'\t=1"),
        ("a=1", "a=1"),
        (' "x", y\n', ' "x", y\n'),
        ("'q", "'q"),
        ("żółw\u00a0", "żółw\u00a0"),
    ],
)
def test_cells(name: str, cell: str) -> None:
    """A text that a spreadsheet would compute gets a ' before it; every other text is as it was."""
    rows, _ = written({"problems": [FULL["problems"][0] | {"name": name}], "problems_total": 1}, "problems")

    assert rows[0]["name"] == cell


@pytest.mark.parametrize(
    ("answer", "name"), [(SYNC, "changes"), (RUN, "unmatched"), (CHECKS, "problems"), (CHECKS, "changes")]
)
def test_a_list_that_the_answer_has_not(answer: Mapping[str, Any], name: str) -> None:
    """An empty file would look like a network without problems: the error says that the functions are too old."""
    with pytest.raises(CommandError, match=f"^the answer lists no {name}: deploy the stack again"):
        written(answer, name)
