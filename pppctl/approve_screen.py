"""Shows plans as they are now, before somebody approves them: who is due, who is not any more, who is online."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from pppctl.cells import BAD, HEAD, NOTE, difference, exact, of_total, plain, print_table
from pppctl.problem_screen import ROWS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rich.console import Console

    from pppctl.cells import Answer, View

SHOWN: Final = 200
"""Earlier plans that an answer of `plan` knows, the latest."""


@dataclass(frozen=True, slots=True)
class Approvable:
    """One plan as the answer of `plan` knows it; `router` is None for the plan over all routers.

    `count` is how many changes are due, `gone` how many are not any more, `names_gone` some of their logins.
    `writes` is False where every router concerned is observed or on hold.
    """

    plan_id: str
    router: str | None
    kind: str
    count: int
    online: int
    reason: str
    gone: int
    names_gone: tuple[str, ...]
    rows: tuple[tuple[str, Answer], ...]
    writes: bool


def approvable(answer: Answer, plan_id: str) -> Approvable | None:
    """Return the plan of this id, if the answer of `plan` knows it."""
    holders = [
        (router["name"], one)
        for router in answer["routers"]
        for one in router["withheld_plans"] or ()
        if one["plan_id"] == plan_id
    ]
    earlier = next((one for one in answer.get("earlier_plans", ()) if one["plan_id"] == plan_id), None)
    rows = tuple(
        (router["name"], change)
        for router in answer["routers"]
        for change in router.get("changes") or ()
        if plan_id in change.get("plans", ())
    )
    concerned = {name for name, _ in holders} or {name for name, _ in rows}
    if not concerned and earlier is not None:
        # A long answer does not name every earlier plan at every change.
        concerned = {one["name"] for one in answer["routers"] if earlier["router"] in {None, one["name"]}}
    writes = any(
        router["mode"] == "enforce" and not router.get("hold")
        for router in answer["routers"]
        if router["name"] in concerned
    )
    if holders:
        name, one = holders[0]
        router = name if len(holders) == 1 else None
        return Approvable(
            plan_id, router, one["kind"], one["count"], one.get("online") or 0, one["reason"], 0, (), rows, writes
        )
    if earlier is None:
        return None
    return Approvable(
        plan_id,
        earlier["router"],
        earlier["kind"],
        earlier["due"],
        earlier["online"],
        f"{earlier['count']} when it was withheld",
        earlier["gone"],
        tuple(earlier["names_gone"]),
        rows,
        writes,
    )


def show_before_approval(console: Console, answer: Answer, plan_ids: Sequence[str], view: View) -> bool:
    """Print each plan as it is now; return whether all of them can be approved."""
    found = [(plan_id, approvable(answer, plan_id)) for plan_id in plan_ids]
    for plan_id, plan in found:
        if plan is None:
            console.print(f"{plan_id}: unknown", style=BAD)
            console.print("  No plan of the last 7 days has this id, or nothing of it is due any more.")
            console.print(
                f"  Or {SHOWN} later plans hide it here. If a notice named it, --yes approves what is still due."
            )
        else:
            _show(console, plan, view)
    unknown = sum(plan is None for _, plan in found)
    if unknown:
        _show_waiting(console, answer)
    return not unknown


def question(answer: Answer, plan_ids: Collection[str]) -> str:
    """Return what is asked before an approval: how many changes, on which routers, how many sessions.

    A cut may wait under two of the ids, its router's and the fleet's: it is counted once.
    """
    plans = [plan for one in plan_ids if (plan := approvable(answer, one))]
    count, online = sum(one.count for one in plans), sum(one.online for one in plans)
    if all(len(one.rows) == one.count for one in plans):
        due = [
            change
            for router in answer["routers"]
            for change in router.get("changes") or ()
            if not set(plan_ids).isdisjoint(change.get("plans", ()))
        ]
        count, online = len(due), sum(bool(change.get("online")) for change in due)
    sessions = f" and drop {_number(online, 'session')}" if online else ""
    return f"Apply {_number(count, 'change')}{sessions}?"


def _show(console: Console, plan: Approvable, view: View) -> None:
    where = f"on {exact(plan.router)}" if plan.router else "on several routers"
    console.print(Text.assemble((plan.plan_id, HEAD), f": {plan.count} x {plain(plan.kind)} {where}"))
    console.print(f"  {plain(plan.reason)}")
    if plan.gone:
        names = ", ".join(map(exact, plan.names_gone[:ROWS]))
        console.print(f"  {plan.gone} not due any more, such as paid since{f': {names}' if names else ''}", style=NOTE)
    if not plan.writes:
        console.print("  Its routers are observed or on hold: an approval writes nothing there.", style=NOTE)
    shown = plan.rows if view.all_rows else plan.rows[:ROWS]
    rows = [
        (router, one["name"], one["kind"], *difference(one), Text("online" if one.get("online") else "", style=NOTE))
        for router, one in shown
    ]
    title = of_total("Due now", len(shown), len(plan.rows), plan.count)
    print_table(console, title, ("router", "login", "kind", "from", "to", "online"), rows)
    if plan.online:
        console.print(f"{plan.online} of {plan.count} online: an approval drops their sessions", style=NOTE)
    console.print()


def _show_waiting(console: Console, answer: Answer) -> None:
    rows: dict[str, tuple[Any, ...]] = {}
    for router in answer["routers"]:
        for one in router["withheld_plans"] or ():
            rows[one["plan_id"]] = (one["plan_id"], router["name"], one["kind"], one["count"], one["reason"])
    if rows:
        print_table(console, "What waits now", ("plan", "router", "kind", "count", "why"), list(rows.values()))
    else:
        console.print("Nothing waits now.")


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
