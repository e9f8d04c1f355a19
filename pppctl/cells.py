"""The parts that all screens are made of: texts that a terminal can show, tables that fit any width, colours."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

type Answer = Mapping[str, Any]

GOOD: Final = "green"
NOTE: Final = "yellow"
BAD: Final = "bold red"
HEAD: Final = "bold"
DIM: Final = "dim"
_LONGEST_WORD: Final = 26
"""A word that is no longer than this is never broken: the longest reason has so many characters."""
_LEAST: Final = 10
"""A column of sentences is at least so wide."""
_GAP: Final = 2
_PPPCTL: Final = ".venv/bin/python -m pppctl"
_LISTS: Final = {
    "problems": "problems",
    "changes": "changes",
    "failures": "failed changes",
    "unmatched": "secrets that match no login",
}
_IN_A_FEW_WORDS: Final = frozenset({"password", "profile", "remote-address", "disabled"})
# Python calls these printable, and no terminal shows anything for them.
_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_OUTER_BLANKS: Final = re.compile(r"^ +| +$|(?<= ) +")


@dataclass(frozen=True, slots=True)
class View:
    """Which rows to show: the first of each table or all, problems of every reason or of some."""

    all_rows: bool = False
    reasons: frozenset[str] = frozenset()


class Screen(Console):
    """A console that prints texts as they are: no markup, no highlighting, no emoji codes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def on_broken_pipe(self) -> None:
        """Raise if the reader of standard output has left; if that of standard error has, print no more."""
        if not self.stderr:
            raise BrokenPipeError
        self.quiet = True


def plain(value: object) -> str:
    """Return a text as a terminal can show it: spells out control characters and invisible ones."""
    text = "" if value is None else str(value)
    return "".join(one if one.isprintable() and not _INVISIBLE.match(one) else _spelled(one) for one in text)


def exact(value: object) -> str:
    """Return a name or value unmistakably: like `plain`, and spells out blanks and letters that look like others."""
    text = "" if value is None else str(value)
    if not unicodedata.is_normalized("NFKC", text):
        text = "".join(_spelled(one) if _looks_like_another(one) else one for one in text)
    return _OUTER_BLANKS.sub(lambda blanks: r"\x20" * len(blanks[0]), plain(text))


def described(value: Any) -> str:
    """Return the actual or desired value of a change as text; a new secret in a few words."""
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    states: dict[object, str] = {True: "disabled", False: "enabled"}
    others = [f"{key} {one}" for key, one in value.items() if one and key not in _IN_A_FEW_WORDS]
    return ", ".join(
        filter(None, [value.get("profile"), value.get("remote-address"), *others, states.get(value.get("disabled"))])
    )


def difference(change: Answer) -> tuple[str, str]:
    """Return the actual and the desired value of a change; for the disabled flag the state that it means."""
    if change["field"] == "disabled":
        return ("disabled", "enabled") if change["kind"] == "enable" else ("enabled", "disabled")
    return described(change["actual"]), described(change["desired"])


def counted(counts: Mapping[str, int]) -> str:
    """Counts by reason in one line."""
    return ", ".join(f"{plain(reason)} {count}" for reason, count in counts.items()) or "none"


def of_total(title: str, shown: int, held: int, total: int) -> str:
    """Add the counts to a title if rows are missing: `held` rows are in the answer, `total` there are."""
    if shown >= total:
        return title
    more = f"; --all shows {held}" if held > shown else ""
    return f"{title} ({shown} of {total}{more})"


def rest_of(answer: Answer, name: str) -> tuple[str, str]:
    """Return where the rows of a list are that the answer has not, and the command that shows them, if there is one."""
    if name == "problems" and answer.get("action") in {"plan", "sync"}:
        return "the log has each", f"{_PPPCTL} problems --run {answer['run_id'][:8]}"
    if name == "changes" and answer.get("action") == "plan":
        return "ask with --router or --subscriber for fewer", ""
    if name in {"changes", "failures"}:
        return "the log has each", f"{_PPPCTL} history LOGIN"
    return "those online come first" if name == "unmatched" else "the log has more", ""


def print_rest(console: Console, answer: Answer, name: str, held: int, total: int) -> None:
    """Print where the rest of a list is, if the answer has not all of it."""
    if held < total:
        where, command = rest_of(answer, name)
        console.print(f"The answer holds {held} of {total} {_LISTS[name]}: {where}", style=DIM)
        if command:
            console.print(f"  {command}", soft_wrap=True)


def heading(console: Console, answer: Answer) -> None:
    """The line above a run: which, how it went, how long it took; then what weakens it."""
    state = Text("ok", style=GOOD) if answer["ok"] else Text("NOT OK", style=BAD)
    seconds = f", {answer['duration_ms'] / 1000:.1f} s" if "duration_ms" in answer else ""
    console.print(
        Text.assemble((answer.get("action", "import"), HEAD), ": ", state, f"{seconds}, run {answer['run_id']}")
    )
    for path in answer.get("weakened", ()):
        console.print(plain(f"Not verified: {path}"), style=NOTE)


def print_grid(console: Console, rows: Sequence[Sequence[str | Text]]) -> None:
    """Print rows without lines and heads; wraps columns that are wider than a long word."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0))
    for cells in zip(*rows, strict=True):
        narrow = max(cell_len(str(one)) for one in cells) <= _LONGEST_WORD
        table.add_column(overflow="fold", no_wrap=narrow)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def print_table(
    console: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], numbers: int = 0
) -> None:
    """Print a table of the rows and of the columns that are not empty; aligns the last `numbers` columns to the right.

    If the table would have to break names to fit the width, prints each row as a block of one line a column.
    """
    cells = [[one if isinstance(one, Text) else Text(exact(one)) for one in row] for row in rows]
    if not cells:
        return
    console.print()
    if title:
        console.print(title, style=HEAD)
    filled = [place for place, column in enumerate(zip(*cells, strict=True)) if any(one.plain for one in column)]
    rights = {place for place in filled if place >= len(columns) - numbers}
    heads = [columns[place].replace(" ", "\n") if place in rights else columns[place] for place in filled]
    cells = [[row[place] for place in filled] for row in cells]
    texts = [
        [head, *(one.plain for one in column)] for head, column in zip(heads, zip(*cells, strict=True), strict=True)
    ]
    widths = _widths(texts, console.width - _GAP * (len(filled) - 1))
    if widths is None:
        _print_blocks(console, [columns[place] for place in filled], cells)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style=DIM, padding=(0, 1, 0, 0))
    for place, head, width in zip(filled, heads, widths, strict=True):
        table.add_column(head, overflow="fold", justify="right" if place in rights else "left", width=width)
    for row in cells:
        table.add_row(*row)
    console.print(table)


def _widths(texts: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """Return the width of each column; None if a table of this width would break words."""
    wanted = [max(cell_len(line) for one in column for line in one.splitlines() or [""]) for column in texts]
    words = [max(cell_len(word) for one in column for word in one.split() or [""]) for column in texts]
    found = [max(min(word, _LONGEST_WORD), min(most, _LEAST)) for word, most in zip(words, wanted, strict=True)]
    spare = width - sum(found)
    if spare < 0:
        return None
    # The columns that need least come first, so that the others get the rest.
    places = sorted(range(len(found)), key=lambda place: wanted[place] - found[place])
    for number, place in enumerate(places):
        more = min(wanted[place] - found[place], spare // (len(places) - number))
        found[place] += more
        spare -= more
    return found


def _print_blocks(console: Console, columns: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
    for number, row in enumerate(rows):
        if number:
            console.print()
        filled = [(Text(f"  {head}", style=DIM), cell) for head, cell in zip(columns, row, strict=True) if cell.plain]
        print_grid(console, filled)


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _looks_like_another(character: str) -> bool:
    """Return True for a combining accent, a joining Korean letter, or one that stands for another, as U+212A for K."""
    if "\u1160" <= character <= "\u11ff" or unicodedata.combining(character):
        return True
    return not unicodedata.is_normalized("NFKC", character)
