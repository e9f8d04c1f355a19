"""Asks at a terminal before a command writes; a script says --yes instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from pppctl.aws import CommandError

if TYPE_CHECKING:
    from rich.console import Console


def agreed(console: Console, question: str, answers: TextIO) -> bool:
    """Return whether somebody typed `yes`; raises `CommandError` where nobody can be asked."""
    if not answers.isatty():
        raise CommandError("this command asks before it writes, and here is no terminal to ask at: say --yes")
    console.print(f"{question} Type yes to go on: ", end="")
    return answers.readline().strip().lower() == "yes"
