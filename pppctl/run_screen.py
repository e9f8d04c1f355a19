"""The answer of a sync or a plan on a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.text import Text

from pppctl.cells import (
    BAD,
    DIM,
    GOOD,
    NOTE,
    View,
    counted,
    difference,
    heading,
    of_total,
    plain,
    print_rest,
    print_table,
)
from pppctl.online_screen import show_suspended_online
from pppctl.problem_screen import ROWS, show_problems, show_unmatched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from pppctl.cells import Answer

_RESULTS: Final = ("planned", "applied", "withheld", "failed", "unanswered", "unconfirmed", "deferred")
_STYLES: Final = {"withheld": NOTE, "failed": BAD, "unanswered": BAD, "unconfirmed": NOTE, "deferred": NOTE}
_COUNTS: Final = ("secrets", "managed", "in_sync", "unmatched", "unmatched_online")
_NOBODY: Final = "nothing_managed"
_JOURNAL: Final = {
    "off": ", so there is no limit for a day, and overwritten passwords are not kept",
    "unavailable": ", so this run did less than it could; see the problems",
}


def show_run(console: Console, answer: Answer, view: View) -> None:
    """The answer of a sync or a plan."""
    routers = answer["routers"]
    _show_nobody(console, answer)
    heading(console, answer)
    waiting = sum(sum(_counts(router, "withheld").values()) for router in routers)
    if waiting:
        console.print(f"{waiting} of the changes wait for your approval, see below", style=NOTE)
    _show_both_sides(console, answer)
    columns = ("router", "secrets", "managed", "in sync", "unmatched", "of them online", "suspended online")
    print_table(console, "Routers", columns, [_router_row(router) for router in routers], numbers=6)
    if any(router["applied"] for router in routers):
        console.print("Counted as the run found them, before it changed anything.", style=DIM)
    show_suspended_online(console, routers, view)
    for router in routers:
        if router.get("hold"):
            console.print(_hold_line(router), style=NOTE)
    for router in routers:
        if router["error"]:
            error = router["error"]
            console.print(plain(f"{router['name']}: {error['reason']}: {error['detail']}"), style=BAD)
    _show_counts(console, routers)
    _show_changes(console, answer, view)
    _show_failures(console, answer, view)
    _show_withheld(console, routers)
    show_unmatched(console, answer, view)
    show_problems(console, answer, view)


def _show_nobody(console: Console, answer: Answer) -> None:
    """Print first that nothing is managed: the run is `ok` all the same, for nothing failed."""
    for one in answer["problems"]:
        if one["reason"] == _NOBODY:
            console.print(plain(f"Nobody is managed, so no login reaches a router ({one['detail']})"), style=BAD)


def _show_both_sides(console: Console, answer: Answer) -> None:
    """Print the size of the CRM, the coverage and the state of the journal."""
    crm = answer["crm"]
    logins = f", {crm['logins']} logins" if "logins" in crm else ""
    console.print(
        f"CRM: {crm['subscribers']} subscribers, {crm['services']} services{logins}, read at the {crm['source']}"
    )
    if answer.get("coverage") is not None:
        console.print(f"Coverage: {answer['coverage']} % of the subscribers with a service have a managed login")
    if "journal" in answer:
        meaning = _JOURNAL.get(answer["journal"], "")
        console.print(f"Journal: {plain(answer['journal'])}{meaning}", style=NOTE if meaning else "")
    console.print(f"Ignored: {counted(answer['ignored'])}")


def _counts(router: Answer, result: str) -> dict[str, int]:
    """The counts by kind; a router that was not read has none."""
    return dict(router.get(result) or {})


def _router_row(router: Answer) -> tuple[object, ...]:
    name = Text(plain(router["name"]))
    if router["mode"] == "observe":
        name.append(" (observe)", NOTE)
    if router.get("hold"):
        name.append(" (on hold)", NOTE)
    failed = sum(sum(_counts(router, one).values()) for one in ("failed", "unanswered"))
    if router["error"]:
        name.append(" FAILED", BAD)
    elif failed:
        name.append(f" ({failed} {'change' if failed == 1 else 'changes'} failed)", BAD)
    if router["error"] and not router["secrets"]:
        return (name, *[Text("-", style=DIM)] * (len(_COUNTS) + 1))
    online = router["suspended_online"]
    return (name, *(router[key] for key in _COUNTS), Text(str(online), style=BAD if online else ""))


def _hold_line(router: Answer) -> str:
    hold = router["hold"]
    by, why = (f", {word} {hold[key]}" if hold.get(key) else "" for word, key in (("by", "by"), ("why:", "why")))
    return plain(f"{router['name']} is on hold until {hold['until']}{by}{why}")


def _show_counts(console: Console, routers: Sequence[Answer]) -> None:
    """What was planned and what became of it, by router and kind; results that nobody has are no column."""
    results = [one for one in _RESULTS if any(_counts(router, one) for router in routers)]
    rows: list[tuple[object, ...]] = []
    for router in routers:
        for kind in _counts(router, "planned"):
            counts = [_counts(router, one).get(kind, 0) for one in results]
            cells = [
                Text(str(n or "-"), style=_STYLES.get(one, "") if n else DIM)
                for one, n in zip(results, counts, strict=True)
            ]
            rows.append((router["name"], kind, *cells))
    if not rows:
        if all(router["ok"] for router in routers):
            console.print("\nNothing to change.", style=GOOD)
        return
    print_table(console, "Changes", ("router", "kind", *results), rows, numbers=len(results))
    dropped = sum(router["sessions_dropped"] or 0 for router in routers)
    if dropped:
        console.print(f"Sessions dropped: {dropped}")


def _show_changes(console: Console, answer: Answer, view: View) -> None:
    """Print each change, with its result and whether the login is online if the answer has them."""
    changes = [(router["name"], one) for router in answer["routers"] for one in router.get("changes") or ()]
    total = sum(router.get("changes_total") or 0 for router in answer["routers"])
    extra = [key for key in ("online", "result") if any(key in one for _, one in changes)]
    shown = changes if view.all_rows else changes[:ROWS]
    rows = [
        (router, one["name"], one["kind"], *difference(one), *(_change_cell(one, key) for key in extra))
        for router, one in shown
    ]
    title = of_total("Each change", len(shown), len(changes), total)
    print_table(console, title, ("router", "login", "kind", "from", "to", *extra), rows)
    print_rest(console, answer, "changes", len(changes), total)
    if "online" in extra and answer["action"] == "plan" and len(changes) == total:
        waiting = {plan["plan_id"] for router in answer["routers"] for plan in router["withheld_plans"] or ()}
        after = sum(bool(waiting.intersection(one.get("plans", ()))) for _, one in changes if one.get("online"))
        due = sum(bool(one.get("online")) for _, one in changes) - after
        approval = f", and {after} after an approval" if after else ""
        console.print(f"Sessions that a sync would drop: {due}{approval}")


def _change_cell(change: Answer, key: str) -> Text:
    if key == "online":
        return Text("online" if change.get("online") else "", style=NOTE)
    result = plain(change.get("result"))
    return Text(result, style=_STYLES.get(result, ""))


def _show_failures(console: Console, answer: Answer, view: View) -> None:
    routers = answer["routers"]
    failures = [(router["name"], one) for router in routers for one in router["failures"] or ()]
    total = sum(router.get("failures_total") or 0 for router in routers)
    shown = failures if view.all_rows else failures[:ROWS]
    rows = [
        (router, one["name"], one["kind"], Text(plain(one["reason"]), style=BAD), one.get("detail", ""))
        for router, one in shown
    ]
    title = of_total("Failed", len(shown), len(failures), total)
    print_table(console, title, ("router", "login", "kind", "reason", "detail"), rows)
    print_rest(console, answer, "failures", len(failures), total)


def _show_withheld(console: Console, routers: Sequence[Answer]) -> None:
    plans = {one["plan_id"]: (router["name"], one) for router in routers for one in router["withheld_plans"] or ()}
    shared = Counter(one["plan_id"] for router in routers for one in router["withheld_plans"] or ())
    online = ["online"] if any("online" in one for _, one in plans.values()) else []
    rows = [
        (
            Text(plan_id, style=NOTE),
            "all" if shared[plan_id] > 1 else router,
            one["kind"],
            *(one.get(key) for key in ("count", *online)),
            one["reason"],
        )
        for plan_id, (router, one) in plans.items()
    ]
    print_table(console, "Withheld until approved", ("plan", "router", "kind", "count", *online, "why"), rows)
    if online:
        console.print("An approved plan drops the sessions of those who are online.", style=DIM)
    if rows:
        console.print("Wrong? Correct the CRM: the next run plans anew. Right? Look at it once more, then apply it:")
        console.print(f"  .venv/bin/python -m pppctl approve {' '.join(plans)}", soft_wrap=True)
