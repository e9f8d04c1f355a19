"""`python -m pppctl COMMAND`: one invocation, its answer printed, an exit code that a script can use."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console

from pppctl.arguments import ROUTER_SCRIPT, event_of, parse
from pppctl.cells import plain
from pppctl.functions import Functions, InvocationError, Patience
from pppctl.router_script.__main__ import main as write_router_scripts
from pppctl.screens import show
from pppctl.waiting import waiting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DONE, NOT_OK, FAILED, INTERRUPTED = 0, 1, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit codes are listed by `--help`."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == [ROUTER_SCRIPT]:
        return write_router_scripts(words[1:])
    chosen = parse(words)
    errors = Console(stderr=True, highlight=False, markup=False, emoji=False)
    try:
        functions = Functions(chosen.stack, region=chosen.region, profile=chosen.profile)
        with waiting(errors, f"{chosen.command}: waiting for the answer of {chosen.stack}") as tell:
            answer = functions.invoke(chosen.command, event_of(chosen), Patience(chosen.wait, tell))
    except InvocationError as error:
        errors.print(plain(str(error)), style="bold red", soft_wrap=True)
        return FAILED
    except KeyboardInterrupt:
        errors.print("Interrupted. A function that was invoked goes on by itself.")
        return INTERRUPTED
    if chosen.json:
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    else:
        show(Console(highlight=False, markup=False, emoji=False), chosen.command, answer)
    return DONE if _is_ok(chosen.command, answer) else NOT_OK


def _is_ok(command: str, answer: Mapping[str, Any]) -> bool:
    applied = all(one.get("result") == "applied" for one in answer.get("approvals", ()))
    return bool(answer.get("ok")) and (command != "approve" or applied)


if __name__ == "__main__":
    sys.exit(main())
