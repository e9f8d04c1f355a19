"""The answer of an import, a restore or a generation of passwords on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from pppctl.cells import BAD, NOTE, View, counted, heading, of_total, plain, print_table
from pppctl.problem_screen import ROWS, show_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from pppctl.cells import Answer

_USES: Final = {
    "import": ("imported", "equal already"),
    "restore": ("put back", "there already"),
    "generate": ("made up", "there already"),
}
"""What each use of the function did, and what it found to be done."""


def show_import(console: Console, answer: Answer, view: View) -> None:
    """Print the answer of an import, a restore or a generation."""
    use = next((one for one in ("restore", "generate") if answer.get(one)), "import")
    heading(console, {**answer, "action": use})
    if answer.get("restore"):
        console.print(plain(f"Of the passwords that the run {answer['restore']} overwrote"))
    done, already = _USES[use]
    would = f"would be {done}" if answer["dry_run"] else done
    several = bool(answer.get("fields"))
    what = "Values" if several else "Passwords"
    console.print(f"{what} {would}: {answer['imported']}, {already}: {answer['unchanged']}")
    console.print(f"Skipped: {counted(answer['skipped'])}")
    if answer["deferred"]:
        left = f"{answer['deferred']} are left for lack of time or because the CRM failed: run the same command again"
        console.print(left, style=NOTE)
    for router in answer.get("routers", ()):
        if router["error"]:
            console.print(
                plain(f"{router['name']}: {router['error']['reason']}: {router['error']['detail']}"), style=BAD
            )
    failed = [
        (one["name"], one.get("field"), Text(plain(one["reason"]), style=BAD), one.get("detail", ""))
        for one in answer["failed"]
    ]
    _print_first(console, "Failed", ("login", "field", "reason", "detail"), failed, view)
    changes = [
        (one["name"], one["router"], one.get("field") if several else "", one["actual"] or "(none)", one["desired"])
        for one in answer.get("changes", ())
    ]
    columns = ("login", "router", "field", "actual", "desired")
    _print_first(console, "Would be written to the CRM", columns, changes, view, answer["imported"])
    if "problems" in answer:
        show_problems(console, answer, view)
    if answer.get("restore") and answer["imported"] and not answer["dry_run"]:
        console.print("The routers hold the other passwords until the next sync. See it first:")
        console.print("  .venv/bin/python -m pppctl plan")


def _print_first(
    console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], view: View, total: int = 0
) -> None:
    shown = rows if view.all_rows else rows[:ROWS]
    print_table(console, of_total(title, len(shown), len(rows), max(total, len(rows))), columns, shown)
