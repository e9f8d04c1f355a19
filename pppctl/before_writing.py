"""Shows what a command would do, and asks at a terminal before it writes; a script says --yes instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from pppctl import functions
from pppctl.approve_screen import question, show_before_approval
from pppctl.arguments import event_of
from pppctl.aws import CommandError
from pppctl.cells import Screen
from pppctl.screens import show
from pppctl.waiting import waiting

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from rich.console import Console

    from pppctl.aws import Aws
    from pppctl.cells import View


class DeclinedError(Exception):
    """Somebody does not want it, or it cannot be done: nothing was written."""


def asks(chosen: argparse.Namespace) -> bool:
    """Return True if the command is to ask before it writes."""
    if chosen.command == "approve":
        return not chosen.yes
    return chosen.command == "restore" and not (chosen.yes or chosen.dry_run)


def preview(chosen: argparse.Namespace, aws: Aws, errors: Console, answers: TextIO) -> dict[str, Any]:
    """Return what the command would do now: the plan as it is, or the dry run of a restore.

    Raises `CommandError` where nobody can be asked.
    """
    if not answers.isatty() or chosen.json or getattr(chosen, "csv", None):
        raise CommandError(
            f"nothing was written: {chosen.command} asks at a terminal; in a script, and for --json or --csv, say --yes"
        )
    event = event_of(chosen)
    if chosen.command == "approve":
        filters = {key: value for key, value in event.items() if key in {"routers", "subscribers"}}
        command, asked = "plan", {"action": "plan", **filters}
    else:
        command, asked = chosen.command, {**event, "dry_run": True}
    with waiting(errors, f"{chosen.command}: looking first, at {chosen.stack}") as tell:
        return functions.call(aws, command, asked, functions.Patience(chosen.wait, tell))


def agreed(chosen: argparse.Namespace, found: Mapping[str, Any], view: View, answers: TextIO) -> bool:
    """Show what was found and ask; False if there is nothing to ask about, so that what was found is the answer.

    Raises `DeclinedError` unless somebody types `yes`.
    """
    if chosen.command == "restore" and not found["imported"]:
        return False
    screen = Screen()
    if chosen.command == "approve":
        if not show_before_approval(screen, found, chosen.plan_ids, view):
            raise DeclinedError
        asked = question(found, chosen.plan_ids)
    else:
        show(screen, "restore", found, view)
        asked = f"Put {found['imported']} passwords back into the CRM?"
    screen.print(f"{asked} Type yes to go on: ", end="")
    if answers.readline().strip().lower() != "yes":
        raise DeclinedError
    return True
