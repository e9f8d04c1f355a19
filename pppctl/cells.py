"""The parts that all screens are made of: texts that a terminal can show, tables that fit 80 columns, colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console

type Answer = Mapping[str, Any]

GOOD: Final = "green"
NOTE: Final = "yellow"
BAD: Final = "bold red"
HEAD: Final = "bold"
DIM: Final = "dim"


def plain(value: object) -> str:
    """A text as a terminal can show it: what would steer the terminal, or is no character at all, is spelled out."""
    text = "" if value is None else str(value)
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def shown(value: Any) -> str:
    """A value before or after a change; a new secret in a few words."""
    if not isinstance(value, dict):
        return plain(value)
    parts = [value["profile"], value["remote-address"], "disabled" if value["disabled"] else "enabled"]
    return plain(", ".join(filter(None, parts)))


def difference(change: Answer) -> tuple[str, str]:
    """What a change is from and to; the disabled flag as the state that it means."""
    if change["field"] == "disabled":
        return ("disabled", "enabled") if change["kind"] == "enable" else ("enabled", "disabled")
    return shown(change["actual"]), shown(change["desired"])


def counted(counts: Mapping[str, int]) -> str:
    """Counts by reason in one line."""
    return ", ".join(f"{plain(reason)} {count}" for reason, count in counts.items()) or "none"


def of_total(title: str, rows: Sequence[object], total: int) -> str:
    """A title that says so if the answer holds only the first rows."""
    return f"{title} ({len(rows)} of {total})" if len(rows) < total else title


def heading(console: Console, answer: Answer) -> None:
    """The line above a run: which, how it went, how long it took; then what weakens it."""
    state = Text("ok", style=GOOD) if answer["ok"] else Text("NOT OK", style=BAD)
    seconds = f", {answer['duration_ms'] / 1000:.1f} s" if "duration_ms" in answer else ""
    console.print(
        Text.assemble((answer.get("action", "import"), HEAD), ": ", state, f"{seconds}, run {answer['run_id']}")
    )
    for path in answer.get("weakened", ()):
        console.print(plain(f"Not verified: {path}"), style=NOTE)


def grid(columns: int) -> Table:
    """A table without lines, for what is read by rows."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for _ in range(columns):
        table.add_column(overflow="fold")
    return table


def print_table(
    console: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], numbers: int = 0
) -> None:
    """A table, if there are rows; the last `numbers` columns stand to the right."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style=DIM, padding=(0, 1, 0, 0))
    for position, column in enumerate(columns):
        right = position >= len(columns) - numbers
        widest_word = max(map(len, column.split()))
        table.add_column(column, overflow="fold", justify="right" if right else "left", min_width=widest_word)
    for row in rows:
        table.add_row(*(one if isinstance(one, Text) else plain(one) for one in row))
    if table.row_count:
        console.print()
        if title:
            console.print(title, style=HEAD)
        console.print(table)
