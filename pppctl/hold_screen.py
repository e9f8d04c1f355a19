"""The answer of `hold`, `stop` and `resume` on a terminal."""

from __future__ import annotations

import shlex
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pppctl.cells import BAD, DIM, GOOD, NOTE, View, exact, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from pppctl.cells import Answer

_NAMES: Final = 5
_RESUME: Final = ".venv/bin/python -m pppctl resume"


def show_holds(console: Console, answer: Answer, _view: View) -> None:
    """Print which routers are on hold now, what that means, and how to undo it."""
    for hold, rows in groupby(answer["routers"], key=lambda row: row["hold"]):
        names = _names([row["name"] for row in rows])
        if hold:
            style = NOTE if answer["action"] == "hold" else BAD
            console.print(f"{names}: {_on_hold(hold)}", style=style, soft_wrap=True)
        else:
            console.print(f"{names}: not on hold", style=GOOD, soft_wrap=True)
    if answer["action"] == "hold":
        console.print("Nothing is written there. A run that is on stops within 10 seconds if it makes cuts; what is in")
        console.print("flight is finished, and a run without cuts goes on to its end. Nothing is set back.")
        console.print("Take it back with:")
        console.print(f"  {_undo(answer)}", soft_wrap=True)
    elif answer["ok"]:
        console.print("The next run writes there what is due by then. Read it first: .venv/bin/python -m pppctl plan")
    else:
        console.print("A hold of all routers is taken back for all of them at once:", style=BAD)
        console.print(f"  {_RESUME}", style=DIM)


def _on_hold(hold: Answer) -> str:
    by, why = (f"{word}{hold[key]}" if hold[key] else "" for word, key in ((", by ", "by"), (": ", "why")))
    return plain(f"on hold until {hold['until']}{by}{why}")


def _names(names: Sequence[str | None]) -> str:
    """Return the first few names; None stands for all routers."""
    if None in names:
        return "Every router"
    more = len(names) - _NAMES
    return ", ".join(map(exact, names[:_NAMES])) + (f" and {more} more" if more > 0 else "")


def _undo(answer: Answer) -> str:
    names = [] if answer["all"] else [plain(row["name"]) for row in answer["routers"]]
    return " ".join([_RESUME, *map(shlex.quote, names)])
