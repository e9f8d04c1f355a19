"""Prints the answers that come from the log: the history of one login, and the report of some days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from pppctl.cells import BAD, DIM, GOOD, HEAD, NOTE, View, counted, difference, exact, of_total, plain, print_table
from pppctl.problem_screen import ROWS, show_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from pppctl.cells import Answer

_SUMS: Final = ("cut", "let_in", "new", "failed", "still_broken", "unmatched_online")
_OVERWRITES: Final = frozenset({"password", "default_password"})
_STYLES: Final = {"applied": GOOD, "imported": GOOD, "failed": BAD, "unanswered": BAD}


def show_history(console: Console, answer: Answer, view: View) -> None:
    """Print each record as a row, equal records of several runs as one row."""
    console.print(Text.assemble((f'"{exact(answer["login"])}"', HEAD), f" {_period(answer)}"))
    rows = answer["records"]
    if not rows:
        console.print("The log holds no change and no problem of this login. `explain` says how it is now.")
        return
    shown = rows if view.all_rows else rows[:ROWS]
    title = of_total("History, the newest first", len(shown), len(rows), len(rows))
    columns = ("time (UTC)", "router", "what", "result", "detail")
    print_table(console, title, columns, [_history_row(one) for one in shown])
    _show_restorable(console, rows)
    console.print("--json has the id of each run.", style=DIM)


def show_problem_list(console: Console, answer: Answer, view: View) -> None:
    """Print every problem of one run."""
    if answer["at"] is None:
        run = f"of the run {answer['run_id']}" if answer["run_id"] else "of a sync"
        console.print(
            f"The log holds nothing {run} in this time; a new record needs some seconds to get there.", style=BAD
        )
        return
    console.print(Text.assemble(("problems", HEAD), f" of the run {answer['run_id']}, {_time(answer['at'])} UTC"))
    if not answer["problems"]:
        console.print("None.", style=GOOD)
    show_problems(console, answer, view)


def _show_restorable(console: Console, rows: Sequence[Answer]) -> None:
    """Print how to put back the passwords of the latest run that overwrote one of this login."""
    latest = next((one for one in rows if one["kind"] in _OVERWRITES and one["result"] == "applied"), None)
    if latest:
        console.print(f"The run of {_time(latest['at'])} overwrote a password. To put back all that it overwrote:")
        console.print(plain(f"  .venv/bin/python -m pppctl restore {latest['run_id']}"), soft_wrap=True)


def show_report(console: Console, answer: Answer, _view: View) -> None:
    """Print the sums by router, and the state of the latest sync."""
    console.print(Text.assemble(("report", HEAD), f": {_period(answer)}"))
    _show_latest(console, answer)
    if answer["coverage"] is not None:
        console.print(f"Coverage: {answer['coverage']} % of the subscribers with a service have a managed login")
    routers = answer["routers"]
    columns = ("router", "cut", "let in", "new", "failed", "still broken", "unmatched online")
    rows = [_report_row(one["name"], one) for one in routers]
    if len(rows) > 1:
        known = {key: [one[key] for one in routers if one[key] is not None] for key in _SUMS}
        rows.append(_report_row("all", {key: sum(counts) if counts else None for key, counts in known.items()}))
    print_table(console, "By router", columns, rows, numbers=6)
    console.print(
        "Cut, let in and new count changes. Failed and still broken count logins: any time, and in the latest sync.",
        style=DIM,
    )
    waiting = {one["name"]: one["withheld"] for one in routers if one["withheld"]}
    for name, counts in waiting.items():
        console.print(plain(f"{name}: withheld, waiting for your approval: {counted(counts)}"), style=NOTE)
    if waiting:
        console.print("`plan` lists them and says how to approve them.")
    for one in routers:
        if one["error"]:
            console.print(plain(f"{one['name']}: {one['error']['reason']}: {one['error']['detail']}"), style=BAD)


def _show_latest(console: Console, answer: Answer) -> None:
    """Print which sync ended last, and whether one has failed since."""
    latest, failed = answer["latest"], answer["failed"]
    if latest is not None:
        console.print(f"Latest sync that ended: {_time(latest['at'])}, run {latest['run_id']}")
    elif failed is None:
        console.print("No sync ended in this time: see whether the schedule is on, then run `check`.", style=BAD)
    else:
        console.print("No sync ended in this time.", style=BAD)
    if failed is not None:
        run = f"{'A newer' if latest else 'A'} sync failed: {_time(failed['at'])}, run {failed['run_id']}"
        console.print(plain(f"{run}: {failed['reason']}: {failed['detail']}"), style=BAD)


def _period(answer: Answer) -> str:
    return f"from {_time(answer['since'])} to {_time(answer['until'])} UTC"


def _time(text: str) -> str:
    return text[:19].replace("T", " ")


def _history_row(one: Answer) -> tuple[object, ...]:
    result = plain(one["result"])
    if one["sessions_dropped"]:
        result += f", {one['sessions_dropped']} dropped"
    notes = [exact(one[key]) for key in ("reason", "detail") if one[key] and one["what"] != "problem"]
    if one["what"] == "problem":
        notes = [exact(one["detail"])] if one["detail"] else []
    if one["approved_by"]:
        notes.append(f"approved by {exact(one['approved_by'])}")
    if one["times"] > 1:
        notes.append(f"{one['times']} times since {_time(one['first'])}")
    style = _STYLES.get(one["result"], NOTE)
    return _time(one["at"]), one["router"], _what(one), Text(result, style=style), Text("; ".join(notes))


def _what(one: Answer) -> Text:
    if one["what"] == "problem":
        return Text(plain(one["reason"]), style=NOTE)
    if one["what"] == "import":
        return Text(plain(f"{one.get('field') or 'password'} {one.get('use', 'import')}"))
    if one["field"] is None and one["desired"] is None:
        return Text(plain(one["kind"]))
    actual, desired = map(exact, difference(one))
    return Text(f"{one['kind']}: {actual} -> {desired}" if actual else f"{one['kind']}: {desired}")


def _report_row(name: str, one: Answer) -> tuple[object, ...]:
    """The sums of a router, with a dash if the latest sync could not read it."""
    return (name, *(Text("-", style=DIM) if one[key] is None else _sum(key, one[key]) for key in _SUMS))


def _sum(key: str, count: int) -> Text:
    return Text(str(count), style=BAD if count and key == "still_broken" else "")
