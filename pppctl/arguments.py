"""What can be said on the command line, and the event that it becomes."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

STACK_NAME: Final = "unms-ros-sync"
ROUTER_SCRIPT: Final = "router-script"
"""The command that invokes nothing: all that follows it belongs to `pppctl.router_script`."""
MOST_NAMES: Final = 100
_PLAN_ID: Final = re.compile(r"[0-9a-f]{16}")
_ENDING: Final = """\
exit codes:
  0  done, and nothing is wrong; also where changes wait for an approval, or problems are listed
  1  done, and the answer says that something is wrong: a router or a change failed, a check is
     not ok, a plan was not applied, a password was not imported
  2  the command line is wrong; nothing was invoked
  3  the function raised an error, or could not be invoked
130  interrupted; a function that was invoked goes on by itself

The AWS account and region are those of your AWS environment (AWS_PROFILE, AWS_DEFAULT_REGION,
AWS_ENDPOINT_URL for a local AWS).
"""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line; a wrong one ends the process with exit code 2."""
    parser = argparse.ArgumentParser(
        prog="python -m pppctl",
        description="Invokes the functions of a deployed stack and prints what they answer.",
        epilog=_ENDING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common(parser, {"stack": STACK_NAME, "region": None, "profile": None, "json": False, "wait": 300.0})
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (meaning, options) in _COMMANDS.items():
        command = commands.add_parser(name, help=meaning, description=f"{meaning[0].upper()}{meaning[1:]}.")
        for option in options:
            flags, keywords = _OPTIONS[option]
            command.add_argument(*flags, **keywords)
        _add_common(command, {})
    commands.add_parser(ROUTER_SCRIPT, help="write a router's scripts (router-script --help lists its own options)")
    chosen = parser.parse_args(arguments)
    if chosen.command == ROUTER_SCRIPT:
        parser.error(f"{ROUTER_SCRIPT} stands first: it knows none of the options before it")
    if len(set(getattr(chosen, "names", ()))) > MOST_NAMES:
        parser.error(f"explain takes at most {MOST_NAMES} names at a time")
    return chosen


def event_of(chosen: argparse.Namespace) -> dict[str, Any]:
    """The event that the command line means."""
    given: dict[str, Any] = {key: getattr(chosen, key, None) for key in ("routers", "subscribers")}
    if chosen.command == "import":
        given |= {"dry_run": chosen.dry_run or None, "overwrite": chosen.overwrite or None}
    elif chosen.command == "approve":
        given |= {"action": "sync", "approve": chosen.plan_ids}
    else:
        given |= {"action": chosen.command}
    if chosen.command == "explain":
        given |= {"subscribers": chosen.names}
    return {key: value for key, value in given.items() if value is not None}


def _plan_id(text: str) -> str:
    if _PLAN_ID.fullmatch(text):
        return text
    raise argparse.ArgumentTypeError("a plan id is 16 hex digits, as `plan` prints it")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if 0 <= seconds <= 86400:
        return seconds
    raise argparse.ArgumentTypeError("a number of seconds from 0 to 86400")


def _filled(text: str) -> str:
    if text.strip():
        return text
    raise argparse.ArgumentTypeError("a name that is not blank")


def _add_common(parser: argparse.ArgumentParser, defaults: dict[str, Any]) -> None:
    """Options that may stand before the command as well as after it."""
    for name, keywords in _COMMON.items():
        parser.add_argument(f"--{name}", default=defaults.get(name, argparse.SUPPRESS), **keywords)


_COMMON: Final[dict[str, dict[str, Any]]] = {
    "stack": {"metavar": "NAME", "help": f"name of the CloudFormation stack (default {STACK_NAME})"},
    "region": {"help": "AWS region, instead of that of the environment"},
    "profile": {"help": "AWS profile, instead of that of the environment"},
    "json": {"action": "store_true", "help": "print the answer as JSON"},
    "wait": {
        "metavar": "SECONDS",
        "type": _seconds,
        "help": "how long to wait for a run that is under way, since only one may run at a time (default 300)",
    },
}
_OPTIONS: Final[dict[str, tuple[tuple[str, ...], dict[str, Any]]]] = {
    "names": (("names",), {"metavar": "NAME", "nargs": "+", "type": _filled, "help": "a custom ID, to the letter"}),
    "plan_ids": (("plan_ids",), {"metavar": "PLAN_ID", "nargs": "+", "type": _plan_id, "help": "as `plan` prints it"}),
    "routers": (
        ("--router",),
        {"dest": "routers", "metavar": "NAME", "action": "append", "help": "only this router (can be repeated)"},
    ),
    "subscribers": (
        ("--subscriber",),
        {"dest": "subscribers", "metavar": "ID", "action": "append", "help": "only this custom ID (can be repeated)"},
    ),
    "dry_run": (("--dry-run",), {"action": "store_true", "help": "count only, write nothing"}),
    "overwrite": (("--overwrite",), {"action": "store_true", "help": "replace passwords that the CRM already has"}),
}
_COMMANDS: Final = {
    "plan": ("show what a sync would change; writes nothing", ("routers", "subscribers")),
    "sync": ("make the routers equal to the CRM", ("routers", "subscribers")),
    "check": ("test the deployment; writes nothing", ("routers",)),
    "explain": ("say why subscribers are as they are; writes nothing", ("names",)),
    "approve": (
        "sync, and with it apply withheld plans if they are still the same",
        ("plan_ids", "routers", "subscribers"),
    ),
    "import": ("copy the routers' passwords into the CRM", ("dry_run", "overwrite", "routers", "subscribers")),
}
