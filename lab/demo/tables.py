"""What the demo prints: tables that fit a terminal, and progress on what takes a while."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from lab.demo.scenes import NORTH, SCENES, SOUTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lab.demo.provider import Mismatch, Provider

NOTHING: Final = "-"

console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)

type Picture = dict[tuple[str, str], str]


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Show what is being done while it is done, and that it is done."""
    with console.status(doing):
        yield
    console.print(f"[green]done[/]  {doing}")


def picture(provider: Provider) -> Picture:
    """Every scene's secret on each router, in a few words."""
    return {
        (scene.login, name): _describe(provider, scene.login, name) for scene in SCENES for name in provider.routers
    }


def show_scenes(before: Picture, after: Picture) -> None:
    """One line for each rule's case: the routers before and after, what changed in colour."""
    table = Table(title="One case of each rule", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("rule", "login"):
        table.add_column(column, no_wrap=True)
    table.add_column("what the CRM says, and what must happen", max_width=38)
    table.add_column("router", no_wrap=True)
    for column in ("before", "after"):
        table.add_column(column, max_width=30)
    for scene in SCENES:
        rows = [(name, before[scene.login, name], after[scene.login, name]) for name in (NORTH, SOUTH)]
        shown = [row for row in rows if row[1:] != (NOTHING, NOTHING)] or [("", NOTHING, NOTHING)]
        for position, (name, was, now) in enumerate(shown):
            head = ("", "", "") if position else (scene.rule, scene.login, scene.story)
            table.add_row(*head, name.removeprefix("tower-"), was, now if was == now else f"[bold yellow]{now}[/]")
    console.print(table)


def show_response(response: Mapping[str, Any]) -> None:
    """The response of a sync: one line for each router, then the reasons."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("router", "secrets", "managed", "in sync", "applied", "failed", "held", "dropped", "unmatched"):
        table.add_column(column, justify="left" if column == "router" else "right")
    for router in response["routers"]:
        counts = [router[key] for key in ("secrets", "managed", "in_sync")]
        changes = [sum(router[key].values()) for key in ("applied", "failed", "withheld")]
        ends = [router["sessions_dropped"], router["unmatched"]]
        table.add_row(router["name"], *map(str, [*counts, *changes, *ends]))
    console.print(table)
    reasons: dict[str, int] = {}
    for problem in response["problems"]:
        reasons[problem["reason"]] = reasons.get(problem["reason"], 0) + 1
    for title, counted in (("Ignored subscribers", response["ignored"]), ("Problems to look at", reasons)):
        words = ", ".join(f"{reason} {count}" for reason, count in sorted(counted.items()))
        console.print(f"{title}: {words or 'none'}")


def show_mismatches(mismatches: list[Mismatch]) -> None:
    """What did not end as it had to."""
    table = Table(title="Not as the CRM says", title_justify="left", title_style="bold red")
    for column in ("login", "router", "expected", "found"):
        table.add_column(column)
    for one in mismatches:
        table.add_row(one.login, one.router, one.expected, one.found)
    console.print(table)


def _describe(provider: Provider, login: str, router: str) -> str:
    held = provider.routers[router].secret(login)
    if held is None:
        return NOTHING
    parts = ["off" if held["disabled"] == "true" else "on", held["profile"], held["password"]]
    parts += [held["remote-address"]] if held.get("remote-address") else []
    parts += [held["service"]] if held["service"] != "pppoe" else []
    online = len(provider.routers[router].sessions(login))
    return " ".join(parts) + (f" ({online} online)" if online else "")
