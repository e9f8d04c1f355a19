"""What each command's answer looks like on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from pppctl.cells import (
    BAD,
    DIM,
    GOOD,
    HEAD,
    NOTE,
    View,
    difference,
    exact,
    plain,
    print_grid,
    print_table,
)
from pppctl.hold_screen import show_holds
from pppctl.import_screen import show_import
from pppctl.log_screens import show_history, show_problem_list, show_report
from pppctl.problem_screen import show_problems, show_unmatched
from pppctl.run_screen import show_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from pppctl.cells import Answer


FIRST_ROWS: Final = View()


def show(console: Console, command: str, answer: Answer, view: View = FIRST_ROWS) -> None:
    """Print the answer to a command."""
    _SCREENS[command](console, answer, view)


def show_checks(console: Console, answer: Answer, view: View) -> None:
    """Print the answer of a check in sections, then unmatched secrets and problems if it has them."""
    failed = [one for one in answer["checks"] if not one["ok"]]
    section = ""
    rows: list[tuple[str | Text, ...]] = []
    for one in answer["checks"]:
        head, _, name = one["check"].rpartition(".")
        if head != section:
            section = head
            rows.append((Text(plain(head), style=HEAD), "", ""))
        detail = one["detail"].removeprefix(_NOTE)
        note = detail != one["detail"] or detail.startswith("not ") or any(word in detail for word in _NOTED)
        style = (NOTE if note else GOOD) if one["ok"] else BAD
        word = ("note" if note else "ok") if one["ok"] else "FAIL"
        rows.append((f"  {plain(name)}", Text(word, style=style), plain(detail if word == "note" else one["detail"])))
    print_grid(console, rows)
    show_unmatched(console, answer, view)
    if "problems" in answer:
        show_problems(console, answer, view)
    elif view.reasons:
        console.print("A check lists no problems; `plan` does.", style=NOTE)
    total = len(answer["checks"])
    if failed:
        console.print(f"{len(failed)} of {total} checks need attention", style=BAD)
    else:
        console.print(f"All {total} checks passed", style=GOOD)


def show_explanations(console: Console, answer: Answer, _view: View) -> None:
    """Each sentence, and the facts behind it."""
    for one in answer["explanations"]:
        name = one["name"]
        console.print(f'"{exact(name)}"' if isinstance(name, str) else f"client {name}", style=HEAD)
        console.print(plain(one["sentence"]))
        facts = [(Text(f"  {what}", style=DIM), plain(line)) for what, line in _facts(one["facts"])]
        print_grid(console, facts)
        console.print()


def show_approvals(console: Console, answer: Answer, view: View) -> None:
    """The run that applied what was approved, and the result for each plan id."""
    show_run(console, answer, view)
    styles = {"applied": GOOD, "unknown": BAD}
    rows = [
        (
            one["plan_id"],
            Text(one["result"], style=styles.get(one["result"], NOTE)),
            one["now"] or "",
            one.get("released"),
            one.get("gone") or None,
        )
        for one in answer["approvals"]
    ]
    print_table(console, "Approvals", ("plan", "result", "waiting now", "released", "not due"), rows, numbers=2)
    for result in sorted({one["result"] for one in answer["approvals"]} & _NOT_APPLIED.keys()):
        console.print(f"{result}: {_NOT_APPLIED[result]}", style=NOTE)


def show_config(console: Console, answer: Answer, _view: View) -> None:
    """Print the faults of a config document, its size and the next step."""
    for fault in answer["faults"]:
        console.print(plain(fault), style=BAD)
    for path in answer["weakened"]:
        console.print(plain(f"Not verified: {path}"), style=NOTE)
    console.print(f"{answer['bytes']} of {answer['bytes'] + answer['bytes_left']} bytes, {answer['bytes_left']} left")
    if answer["faults"]:
        put = ", so nothing was put into the config secret" if answer["action"] == "config put" else ""
        faults = "1 fault" if len(answer["faults"]) == 1 else f"{len(answer['faults'])} faults"
        console.print(f"{faults}{put}", style=BAD)
    elif answer["action"] == "config put":
        console.print(f"The document is in the config secret: {answer['secret']}", style=GOOD, soft_wrap=True)
        console.print("Next: .venv/bin/python -m pppctl plan; it writes nothing. `check` tests every connection.")
    else:
        console.print("The document has no faults. Whether CRM and routers answer, `check` says.", style=GOOD)


_NOT_APPLIED: Final = {
    "observed": "nothing was written: its routers are observed or on hold, or another id was unknown",
    "unknown": "never seen, older than 7 days, or nothing of it is due any more; so nothing at all was written",
}
_NOTE: Final = "note: "
_NOTED: Final = ("note: ", "not verified")
_SCREENS: Final[dict[str, Callable[[Console, Answer, View], None]]] = {
    "plan": show_run,
    "sync": show_run,
    "check": show_checks,
    "explain": show_explanations,
    "approve": show_approvals,
    "import": show_import,
    "restore": show_import,
    "history": show_history,
    "problems": show_problem_list,
    "report": show_report,
    "config": show_config,
    **dict.fromkeys(("hold", "stop", "resume"), show_holds),
}


def _facts(facts: Answer) -> list[tuple[str, str]]:
    """The facts in lines, each with what it is about."""
    lines = [("service", _service_line(one, facts["counting_service"])) for one in facts["services"]]
    if facts["tags"]:
        lines.append(("tags", ", ".join(map(exact, facts["tags"]))))
    if facts["router"]:
        lines.append(("router", f"{facts['router']}, since {facts['router_because']}"))
    lines += [("secret", _secret_line(one)) for one in facts["secrets"]]
    lines += [("session", _session_line(one)) for one in facts["sessions"]]
    lines += [("next run", _step_line(one)) for one in facts["next_run"]]
    lines += [
        ("problem", f"{one['reason']} {one['router'] or ''} {one['detail']}".rstrip()) for one in facts["problems"]
    ]
    return lines


def _service_line(one: Answer, counting: int | None) -> str:
    parts = [f"{one['id']} {one['status']}", *dict.fromkeys(map(exact, (one["name"], one["plan"]))), one["type"]]
    parts += [f"{word} {one[key]}" for word, key in (("from", "active_from"), ("to", "active_to")) if one[key]]
    return ", ".join(parts) + (" (this one counts)" if one["id"] == counting else "")


def _secret_line(one: Answer) -> str:
    address = f", address {one['address']}" if one["address"] else ""
    state = "enabled" if one["enabled"] else "disabled"
    return f"{one['router']}: {state}, {exact(one['profile'])}, {one['service']}, password {one['password']}{address}"


def _session_line(one: Answer) -> str:
    return f"{one['router']}: {one['address']}, {one['service']}{', by RADIUS' if one['radius'] else ''}"


def _step_line(one: Answer) -> str:
    values = "" if one["field"] is None else f" {' -> '.join(map(exact, difference(one)))}"
    dropped = f", drops {one['sessions_dropped']}" if one["sessions_dropped"] else ""
    held = f", withheld by {' '.join(one['plan_ids'])}" if one["withheld"] else ""
    unwritten = ", only observed" if one["observed"] else ", on hold" if one.get("hold") else ""
    return f"{one['router']}: {one['kind']}{values}{dropped}{held}{unwritten}"
