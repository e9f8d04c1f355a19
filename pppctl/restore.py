"""Puts overwritten passwords back into the CRM: shows what a dry run found, asks, then does it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pppctl.aws import CommandError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

    from rich.console import Console

    type Ask = Callable[[Console, str], bool | None]
    """Asks the operator; None if nobody can answer."""
    type Answer = Mapping[str, Any]


def ask(console: Console, question: str) -> bool | None:
    """Ask on the terminal; return None if standard input is none."""
    if not sys.stdin.isatty():
        return None
    console.print(f"{question} [y/N] ", end="", style="bold")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def asks(chosen: argparse.Namespace) -> bool:
    """Return True if the command is to ask before it writes."""
    return chosen.command == "restore" and not (chosen.yes or chosen.dry_run)


def confirm(preview: Answer, errors: Console, show: Callable[[], None], ask: Ask) -> bool:
    """Return True if the operator wants what the preview shows; raises `CommandError` if not, or if nobody can say.

    False means that there is nothing to ask about: the preview is the answer.
    """
    if not preview["imported"]:
        return False
    show()
    agreed = ask(errors, f"Put {preview['imported']} passwords back into the CRM?")
    if agreed is None:
        raise CommandError("nothing was written: standard input is no terminal; repeat the command with --yes")
    if not agreed:
        raise CommandError("nothing was written, as you answered")
    return True
