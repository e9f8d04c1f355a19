"""One list of an answer as CSV, for spreadsheets and scripts."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, Final, TextIO

from pppctl.aws import CommandError
from pppctl.cells import difference, rest_of
from pppctl.problem_screen import problems_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pppctl.cells import Answer, View

LISTS: Final[dict[str, tuple[str, ...]]] = {
    "problems": ("reason", "name", "subscriber", "service", "router", "detail"),
    "unmatched": ("router", "name", "enabled", "online", "near"),
    "changes": ("router", "name", "kind", "field", "actual", "desired", "online", "result", "reason"),
}
"""The lists and their columns."""
# A spreadsheet takes a text that begins so for a formula, also after a tab or a carriage return.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write_csv(output: TextIO, answer: Answer, name: str, view: View) -> str:
    """Write all rows that the answer has of a list; return a note if the answer itself was cut, else nothing.

    Raises `CommandError` if the answer has no such list: the deployed functions are older than this program.
    """
    rows, total = _rows(answer, name, view)
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(LISTS[name])
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in LISTS[name]])
    if len(rows) < total:
        where, command = rest_of(answer, name)
        return f"{len(rows)} of {total} {name}: the answer holds no more; {where}{f': {command}' if command else ''}"
    return ""


def _rows(answer: Answer, name: str, view: View) -> tuple[Sequence[Answer], int]:
    if name == "changes" and any("changes" in router for router in answer.get("routers", ())):
        return _changes(answer), sum(router.get("changes_total") or 0 for router in answer["routers"])
    if name != "changes" and name in answer:
        if name == "problems" and view.reasons:
            by_reason = answer.get("problems_by_reason") or {}
            return problems_of(answer, view), sum(by_reason.get(one, 0) for one in view.reasons)
        return answer[name], answer.get(f"{name}_total", 0)
    raise CommandError(f"the answer lists no {name}: deploy the stack again from this checkout, then repeat it")


def _changes(answer: Answer) -> list[dict[str, Any]]:
    rows = []
    for router in answer["routers"]:
        for change in router.get("changes") or ():
            actual, desired = difference(change)
            rows.append({**change, "router": router["name"], "actual": actual, "desired": desired})
    return rows


def _cell(value: Any) -> str:
    """Return a value as a cell: never a formula, otherwise unchanged."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        return "" if value is None else str(value)
    return f"'{value}" if value.startswith(_FORMULA) else value
