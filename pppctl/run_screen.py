"""The answer of a sync or a plan on a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.text import Text

from pppctl.cells import BAD, DIM, GOOD, NOTE, counted, difference, heading, of_total, plain, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from pppctl.cells import Answer

_NAMES: Final = 5
"""Logins that are named of a problem that many have alike; `--json` has all."""
_RESULTS: Final = ("planned", "applied", "withheld", "failed", "unanswered", "unconfirmed", "deferred")
_STYLES: Final = {"withheld": NOTE, "failed": BAD, "unanswered": BAD, "unconfirmed": NOTE, "deferred": NOTE}


def show_run(console: Console, answer: Answer) -> None:
    """The answer of a sync or a plan."""
    heading(console, answer)
    waiting = sum(sum(router["withheld"].values()) for router in answer["routers"])
    if waiting:
        console.print(f"{waiting} of the changes wait for your approval, see below", style=NOTE)
    crm = answer["crm"]
    console.print(f"CRM: {crm['subscribers']} subscribers, {crm['services']} services, read at the {crm['source']}")
    console.print(f"Ignored: {counted(answer['ignored'])}")
    print_table(
        console,
        "Routers",
        ("router", "secrets", "managed", "in sync", "unmatched", "of them online", "suspended online"),
        [_router_row(router) for router in answer["routers"]],
        numbers=6,
    )
    if any(router["applied"] for router in answer["routers"]):
        console.print("Counted as the run found them, before it changed anything.", style=DIM)
    for router in answer["routers"]:
        if router["error"]:
            error = router["error"]
            console.print(plain(f"{router['name']}: {error['reason']}: {error['detail']}"), style=BAD)
    _show_counts(console, answer["routers"])
    _show_changes(console, answer["routers"])
    _show_failures(console, answer["routers"])
    _show_withheld(console, answer["routers"])
    show_problems(console, answer)


def _router_row(router: Answer) -> tuple[object, ...]:
    online = router["suspended_online"]
    name = Text(plain(router["name"]))
    if router["mode"] == "observe":
        name.append(" (observe)", NOTE)
    if not router["ok"]:
        name.append(" FAILED", BAD)
    if router["error"] and not router["secrets"]:
        return (name, *[Text("-", style=DIM)] * 6)
    return (
        name,
        *(router[key] for key in ("secrets", "managed", "in_sync", "unmatched", "unmatched_online")),
        Text(str(online), style=BAD if online else ""),
    )


def _show_counts(console: Console, routers: Sequence[Answer]) -> None:
    """What was planned and what became of it, by router and kind; results that nobody has are no column."""
    results = [one for one in _RESULTS if any(router[one] for router in routers)]
    rows: list[tuple[object, ...]] = []
    for router in routers:
        for kind in router["planned"]:
            counts = [router[one].get(kind, 0) for one in results]
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
    dropped = sum(router["sessions_dropped"] for router in routers)
    if dropped:
        console.print(f"Sessions dropped: {dropped}")


def _show_changes(console: Console, routers: Sequence[Answer]) -> None:
    rows = [
        (router["name"], one["name"], one["kind"], *difference(one))
        for router in routers
        for one in router.get("changes", ())
    ]
    total = sum(router.get("changes_total", 0) for router in routers)
    print_table(console, of_total("Each change", rows, total), ("router", "login", "kind", "from", "to"), rows)


def _show_failures(console: Console, routers: Sequence[Answer]) -> None:
    rows = [
        (router["name"], one["name"], one["kind"], Text(one["reason"], style=BAD), one.get("detail", ""))
        for router in routers
        for one in router["failures"]
    ]
    total = sum(router.get("failures_total", 0) for router in routers)
    print_table(console, of_total("Failed", rows, total), ("router", "login", "kind", "reason", "detail"), rows)


def _show_withheld(console: Console, routers: Sequence[Answer]) -> None:
    plans = {one["plan_id"]: (router["name"], one) for router in routers for one in router["withheld_plans"]}
    shared = Counter(one["plan_id"] for router in routers for one in router["withheld_plans"])
    rows = [
        (Text(plan_id, style=NOTE), "all" if shared[plan_id] > 1 else router, one["kind"], one["count"], one["reason"])
        for plan_id, (router, one) in plans.items()
    ]
    print_table(console, "Withheld until approved", ("plan", "router", "kind", "count", "why"), rows)
    if rows:
        console.print("Wrong? Correct the CRM: the next run plans anew. Right? Apply it, if it is still the same:")
        console.print(f"  .venv/bin/python -m pppctl approve {' '.join(plans)}", soft_wrap=True)


def show_problems(console: Console, answer: Answer) -> None:
    """What somebody should know, by reason."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for one in answer["problems"]:
        alike.setdefault((one["reason"], one["router"] or "", one["detail"]), []).append(one["name"] or "")
    rows = [
        (Text(reason, style=NOTE), _first_of(names), router, detail)
        for (reason, router, detail), names in sorted(alike.items())
    ]
    title = of_total("Problems", answer["problems"], answer["problems_total"])
    print_table(console, title, ("reason", "login", "router", "detail"), rows)
    if rows:
        console.print("What each reason means and what to do: docs/operations.md", style=DIM)


def _first_of(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = len(names) - _NAMES
    return ", ".join(names[:_NAMES]) + (f" and {more} more" if more > 0 else "")
