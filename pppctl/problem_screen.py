"""Prints problems, totals by reason, and secrets that match no login."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from rich.text import Text

from pppctl.cells import DIM, NOTE, View, exact, of_total, plain, print_rest, print_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from pppctl.cells import Answer

ROWS: Final = 50
"""Rows of each table without `--all`."""
_EACH: Final = 5
"""Rows that each reason has at least, if it has them."""
_NAMES: Final = 5
"""Logins to name where many have the same problem."""


def problems_of(answer: Answer, view: View) -> list[Answer]:
    """Return the problems that have one of the view's reasons; all if it has none."""
    return [one for one in answer.get("problems", ()) if not view.reasons or one["reason"] in view.reasons]


def show_problems(console: Console, answer: Answer, view: View) -> None:
    """Print every reason with its count, then the problems; equal problems of many logins are one row."""
    by_reason = answer.get("problems_by_reason") or {}
    print_table(console, "Problems by reason", ("reason", "count"), by_reason.items(), numbers=1)
    held = problems_of(answer, view)
    if view.reasons and not held:
        reasons = ", ".join(sorted(view.reasons))
        console.print(plain(f"\nThis answer lists no problem with the reason {reasons}."), style=NOTE)
        return
    groups = _alike(held, each=view.all_rows or bool(view.reasons))
    chosen = groups if view.all_rows or view.reasons else _fair(groups)
    rows = [
        (Text(plain(one["reason"]), style=NOTE), _first_of(names), one["router"], one["detail"])
        for one, names in chosen
    ]
    total = (
        sum(by_reason.get(one, 0) for one in view.reasons) if view.reasons else answer.get("problems_total", len(held))
    )
    title = of_total("Problems", sum(len(names) for _, names in chosen), len(held), total)
    print_table(console, title, ("reason", "login", "router", "detail"), rows)
    print_rest(console, answer, "problems", len(held), total)
    if rows:
        console.print("What each reason means and what to do: docs/operations.md", style=DIM)


def show_unmatched(console: Console, answer: Answer, view: View) -> None:
    """Print the secrets that match no login of the CRM, in the order of the answer."""
    held = answer.get("unmatched") or ()
    shown = held if view.all_rows else held[:ROWS]
    rows = [
        (
            one["router"],
            one["name"],
            "enabled" if one["enabled"] else "disabled",
            Text("online" if one["online"] else "", style=NOTE),
            one["near"],
        )
        for one in shown
    ]
    total = answer.get("unmatched_total", len(held))
    title = of_total("Secrets that match no login of the CRM", len(shown), len(held), total)
    print_table(console, title, ("router", "login", "state", "online", "near"), rows)
    print_rest(console, answer, "unmatched", len(held), total)


def _alike(problems: Iterable[Answer], *, each: bool) -> list[tuple[Answer, list[str]]]:
    """Group equal problems and their logins, in order; with `each`, one group a login."""
    alike: dict[tuple[str, ...], tuple[Answer, list[str]]] = {}
    for one in problems:
        name = one["name"] or ""
        key = (one["reason"], one["router"] or "", one["detail"], name if each else "")
        alike.setdefault(key, (one, []))[1].append(name)
    return [alike[key] for key in sorted(alike)]


def _fair(groups: Sequence[tuple[Answer, list[str]]]) -> list[tuple[Answer, list[str]]]:
    """Choose the first rows so that a reason with many rows does not hide the others."""
    seen: dict[str, int] = defaultdict(int)
    first: list[int] = []
    rest: list[int] = []
    for place, (one, _) in enumerate(groups):
        seen[one["reason"]] += 1
        (first if seen[one["reason"]] <= _EACH else rest).append(place)
    chosen = first + rest[: max(0, ROWS - len(first))]
    return [groups[place] for place in sorted(chosen)]


def _first_of(names: Sequence[str]) -> Text:
    """The first names of a list, and how many more there are."""
    more = len(names) - _NAMES
    return Text(", ".join(map(exact, names[:_NAMES])) + (f" and {more} more" if more > 0 else ""))
