"""Runs one command: gets its answer, prints it, and returns an exit code that a script can use."""

from __future__ import annotations

import json
import math
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TextIO

from pppctl import before_writing, config_document, functions, history, holding, problems, report
from pppctl.arguments import ROUTER_SCRIPT, event_of, parse
from pppctl.aws import Aws, CommandError
from pppctl.cells import Screen, View, plain
from pppctl.csv_output import write_csv
from pppctl.identity import caller
from pppctl.router_script.__main__ import main as write_router_scripts
from pppctl.screens import show
from pppctl.waiting import waiting

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import Console

DONE, NOT_OK, FAILED, INTERRUPTED = 0, 1, 3, 130
_NAMED: Final = frozenset({"sync", "approve"})
"""Commands whose event says who asks."""

type Tell = Callable[[str], None]


def main(arguments: Sequence[str] | None = None, aws: Callable[..., Aws] = Aws, answers: TextIO | None = None) -> int:
    """Run one command and return its exit code; `--help` lists them.

    `aws` makes the stack's AWS side; `answers` is where somebody types, standard input unless it is given.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == [ROUTER_SCRIPT]:
        return write_router_scripts(words[1:])
    try:
        chosen = parse(words)
    except SystemExit:
        _until_closed(lambda: None)  # `--help` may be read by `head` too
        raise
    errors = Screen(stderr=True)
    try:
        answer = _answer(chosen, aws, errors, answers or sys.stdin)
        _until_closed(lambda: _print(chosen, answer, errors))
    except before_writing.DeclinedError:
        errors.print("Nothing was written.")
        return NOT_OK
    except CommandError as error:
        errors.print(plain(str(error)), style="bold red", soft_wrap=True)
        return FAILED
    except KeyboardInterrupt:
        errors.print("Interrupted. A function that was invoked goes on by itself.")
        return INTERRUPTED
    return DONE if _is_ok(chosen.command, answer) else NOT_OK


def _answer(chosen: argparse.Namespace, aws: Callable[..., Aws], errors: Console, answers: TextIO) -> dict[str, Any]:
    if chosen.command == "config" and chosen.verb == "check":
        return config_document.judge(config_document.read(chosen.file))
    stack = aws(chosen.stack, region=chosen.region, profile=chosen.profile)
    if before_writing.asks(chosen):
        found = before_writing.preview(chosen, stack, errors, answers)
        if not before_writing.agreed(chosen, found, _view(chosen), answers):
            return found
    with waiting(errors, f"{chosen.command}: waiting for the answer of {chosen.stack}") as tell:
        return _ASKED.get(chosen.command, _invoke)(chosen, stack, tell)


def _invoke(chosen: argparse.Namespace, aws: Aws, tell: Tell) -> dict[str, Any]:
    asked = event_of(chosen)
    if chosen.command in _NAMED:
        asked |= {"by": caller(aws)}
    return functions.call(aws, chosen.command, asked, functions.Patience(chosen.wait, tell))


def _history(chosen: argparse.Namespace, aws: Aws, tell: Tell) -> dict[str, Any]:
    return history.answer(aws, chosen.login, chosen.days, datetime.now(UTC), tell)


def _report(chosen: argparse.Namespace, aws: Aws, tell: Tell) -> dict[str, Any]:
    return report.answer(aws, chosen.days, datetime.now(UTC), tell)


def _problems(chosen: argparse.Namespace, aws: Aws, tell: Tell) -> dict[str, Any]:
    return problems.answer(aws, chosen.run, chosen.days, chosen.routers, datetime.now(UTC), tell)


def _put_config(chosen: argparse.Namespace, aws: Aws, _tell: Tell) -> dict[str, Any]:
    return config_document.put(aws, config_document.read(chosen.file))


def _hold(chosen: argparse.Namespace, aws: Aws, tell: Tell) -> dict[str, Any]:
    # Somebody wants to stop: it is tried until the function's place is free.
    return holding.answer(chosen, aws, functions.Patience(math.inf, tell), lambda: datetime.now(UTC))


_ASKED: Final[Mapping[str, Callable[[argparse.Namespace, Aws, Tell], dict[str, Any]]]] = {
    "history": _history,
    "problems": _problems,
    "report": _report,
    "config": _put_config,
    **dict.fromkeys(holding.ACTIONS, _hold),
}


def _print(chosen: argparse.Namespace, answer: Mapping[str, Any], errors: Console) -> None:
    view = _view(chosen)
    if chosen.json:
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    elif getattr(chosen, "csv", None):
        note = write_csv(sys.stdout, answer, chosen.csv, view)
        if note:
            errors.print(note)
    else:
        show(Screen(), chosen.command, answer, view)


def _view(chosen: argparse.Namespace) -> View:
    return View(getattr(chosen, "all", False), frozenset(getattr(chosen, "reasons", ())))


def _until_closed(write: Callable[[], None]) -> None:
    """Print until all is printed or the reader, such as `head`, has left."""
    try:
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_ok(command: str, answer: Mapping[str, Any]) -> bool:
    applied = all(one.get("result") == "applied" for one in answer.get("approvals", ()))
    return bool(answer.get("ok")) and (command != "approve" or applied)
