"""Reads the command line, and makes the event of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from pppctl import hold_arguments
from pppctl.argument_kinds import client, days, filled, plan_id, reason, run_id, seconds, whole_run_id
from pppctl.problem_screen import ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

STACK_NAME: Final = "unms-ros-sync"
ROUTER_SCRIPT: Final = "router-script"
"""The command that invokes nothing: all that follows it belongs to `pppctl.router_script`."""
MOST_NAMES: Final = 100
_ENDING: Final = """\
Begin with `plan`: it writes nothing.

exit codes:
  0  done, and nothing is wrong; also where changes wait for an approval, or
     problems are listed
  1  done, and the answer says that something is wrong: a router or a change
     failed, a check is not ok, a plan was not applied, a password was not
     imported or put back, a configuration has faults
  2  the command line is wrong; nothing was invoked
  3  there is no answer: the function raised an error, AWS refused it, a file
     cannot be read, you answered no
130  interrupted; a function that was invoked goes on by itself

The AWS account and region are those of your AWS environment (AWS_PROFILE,
AWS_DEFAULT_REGION, AWS_ENDPOINT_URL for a local AWS).
"""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line; a wrong one ends the process with exit code 2."""
    parser = argparse.ArgumentParser(
        prog="python -m pppctl",
        description="Asks the functions of a deployed stack, or their logs, and prints the answer.",
        epilog=_ENDING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common(parser, {"stack": STACK_NAME, "region": None, "profile": None, "json": False, "wait": 300.0})
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (meaning, options) in _COMMANDS.items():
        command = commands.add_parser(name, help=meaning, description=f"{meaning[0].upper()}{meaning[1:]}.")
        for option in options:
            flags, keywords = _OPTIONS[option]
            command.add_argument(*flags, **keywords)
        _add_common(command, {})
    commands.add_parser(ROUTER_SCRIPT, help="write a router's scripts (router-script --help lists its own options)")
    chosen = parser.parse_args(arguments)
    _refuse_nonsense(parser, chosen)
    return chosen


def _refuse_nonsense(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> None:
    """End the process with exit code 2 where the options do not fit together."""
    if chosen.command is None:
        parser.error("the following arguments are required: COMMAND; begin with `plan`, which writes nothing")
    if chosen.command == ROUTER_SCRIPT:
        parser.error(f"{ROUTER_SCRIPT} stands first: it knows none of the options before it")
    if chosen.command == "explain":
        asked = {*chosen.names, *chosen.clients}
        if not asked:
            parser.error("explain: the following arguments are required: NAME, or --client ID")
        if len(asked) > MOST_NAMES:
            parser.error(f"explain takes at most {MOST_NAMES} names at a time")
    if chosen.command in {"import", "restore"}:
        _refuse_import(parser, chosen)
    if chosen.json and getattr(chosen, "csv", None):
        parser.error("--json and --csv: choose one of them")


def _refuse_import(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> None:
    if chosen.command == "restore":
        if chosen.yes and chosen.dry_run:
            parser.error("--yes and --dry-run: choose one of them")
        return
    beside = {"--overwrite": chosen.overwrite, "--field": chosen.fields, "--router": chosen.routers}
    given = [option for option, value in beside.items() if value]
    if chosen.generate and given:
        parser.error(f"import --generate takes nothing from a router: leave out {', '.join(given)}")


def event_of(chosen: argparse.Namespace) -> dict[str, Any]:
    """The event that the command line means."""
    given: dict[str, Any] = {key: getattr(chosen, key, None) for key in ("routers", "subscribers")}
    if chosen.command == "import":
        given |= {"dry_run": chosen.dry_run or None, "overwrite": chosen.overwrite or None}
        given |= {"generate": chosen.generate or None, "fields": chosen.fields}
    elif chosen.command == "restore":
        given |= {"restore": chosen.run_id, "dry_run": chosen.dry_run or None}
    elif chosen.command == "approve":
        given |= {"action": "sync", "approve": chosen.plan_ids}
    else:
        given |= {"action": chosen.command}
    if chosen.command == "explain":
        given |= {"subscribers": [*chosen.names, *chosen.clients]}
    return {key: value for key, value in given.items() if value is not None}


def _add_common(parser: argparse.ArgumentParser, defaults: dict[str, Any]) -> None:
    """Options that may stand before the command as well as after it."""
    for name, keywords in _COMMON.items():
        parser.add_argument(f"--{name}", default=defaults.get(name, argparse.SUPPRESS), **keywords)


def _days_of(default: int) -> dict[str, Any]:
    return {"metavar": "N", "type": days, "default": default, "help": f"how many days back (default {default})"}


def _csv_of(*lists: str) -> dict[str, Any]:
    return {
        "metavar": "|".join(lists),
        "choices": lists,
        "help": "print one list of the answer as CSV, all rows that the answer has (200 at most, changes 2,000), and "
        "nothing else; a text that a spreadsheet would "
        "take for a formula gets a ' before it",
    }


_COMMON: Final[dict[str, dict[str, Any]]] = {
    "stack": {"metavar": "NAME", "help": f"name of the CloudFormation stack (default {STACK_NAME})"},
    "region": {"help": "AWS region, instead of that of the environment"},
    "profile": {"help": "AWS profile, instead of that of the environment"},
    "json": {"action": "store_true", "help": "print the answer as JSON"},
    "wait": {
        "metavar": "SECONDS",
        "type": seconds,
        "help": "how long to wait for a run that is under way, since only one may run at a time (default 300)",
    },
}
_OPTIONS: Final[dict[str, tuple[tuple[str, ...], dict[str, Any]]]] = {
    "names": (("names",), {"metavar": "NAME", "nargs": "*", "type": filled, "help": "a login, to the letter"}),
    "clients": (
        ("--client",),
        {
            "dest": "clients",
            "metavar": "ID",
            "action": "append",
            "default": [],
            "type": client,
            "help": "a client's number in the CRM, instead of a login (can be repeated)",
        },
    ),
    "login": (("login",), {"metavar": "LOGIN", "type": filled, "help": "a login, to the letter"}),
    "history_days": (("--days",), _days_of(30)),
    "report_days": (("--days",), _days_of(7)),
    "run": (("--run",), {"metavar": "RUN_ID", "type": run_id, "help": "of this run, not of the latest sync"}),
    "all": (
        ("--all",),
        {
            "action": "store_true",
            "help": f"show all rows that the answer has (200 at most, changes 2,000), not the first {ROWS}",
        },
    ),
    "reasons": (
        ("--reason",),
        {
            "dest": "reasons",
            "metavar": "REASON",
            "action": "append",
            "default": [],
            "type": reason,
            "help": "of the problems, only those with this reason, all that the answer has (can be repeated)",
        },
    ),
    "csv_of_plan": (("--csv",), _csv_of("problems", "unmatched", "changes")),
    "csv_of_sync": (("--csv",), _csv_of("problems", "changes")),
    "csv_of_check": (("--csv",), _csv_of("unmatched")),
    "csv_of_problems": (("--csv",), _csv_of("problems")),
    "verb": (
        ("verb",),
        {
            "metavar": "check|put",
            "choices": ("check", "put"),
            "help": "check: judge the file, ask nobody; put: judge it, then put it into the stack's config secret",
        },
    ),
    "file": (("file",), {"metavar": "FILE", "help": "the JSON document; - is standard input"}),
    "plan_ids": (
        ("plan_ids",),
        {"metavar": "PLAN_ID", "nargs": "+", "type": plan_id, "help": "as `plan`, a notice or the widget prints it"},
    ),
    "routers": (
        ("--router",),
        {"dest": "routers", "metavar": "NAME", "action": "append", "help": "only this router (can be repeated)"},
    ),
    "subscribers": (
        ("--subscriber",),
        {"dest": "subscribers", "metavar": "ID", "action": "append", "help": "only this login (can be repeated)"},
    ),
    "run_id": (
        ("run_id",),
        {
            "metavar": "RUN_ID",
            "type": whole_run_id,
            "help": "the sync that overwrote them, as its answer or `history LOGIN` shows it",
        },
    ),
    "yes": (("--yes",), {"action": "store_true", "help": "do not ask, and show nothing first; for scripts"}),
    "generate": (
        ("--generate",),
        {
            "action": "store_true",
            "help": "instead, make up a random password for every login that has neither one in the CRM nor a secret",
        },
    ),
    "fields": (
        ("--field",),
        {
            "dest": "fields",
            "metavar": "FIELD",
            "action": "append",
            "choices": ("password", "static_ip"),
            "help": "what to copy: password or static_ip (can be repeated; default password)",
        },
    ),
    "dry_run": (("--dry-run",), {"action": "store_true", "help": "count only, write nothing"}),
    "overwrite": (("--overwrite",), {"action": "store_true", "help": "replace passwords that the CRM already has"}),
    **hold_arguments.OPTIONS,
}
_SHOWN: Final = ("all", "reasons")
_COMMANDS: Final = {
    "plan": ("show what a sync would change; writes nothing", ("routers", "subscribers", *_SHOWN, "csv_of_plan")),
    "sync": ("make the routers equal to the CRM; see `plan` first", ("routers", "subscribers", *_SHOWN, "csv_of_sync")),
    "check": ("test the deployment; writes nothing", ("routers", *_SHOWN, "csv_of_check")),
    "explain": ("say why subscribers are as they are; writes nothing", ("names", "clients")),
    "approve": (
        "show withheld plans as they are now, ask, and apply what is still due of them",
        ("plan_ids", "yes", "routers", "subscribers", *_SHOWN, "csv_of_sync"),
    ),
    **hold_arguments.COMMANDS,
    "import": (
        "copy the routers' passwords into the CRM",
        ("dry_run", "overwrite", "fields", "generate", "routers", "subscribers", *_SHOWN),
    ),
    "restore": (
        "put the passwords that a sync overwrote back into the CRM; shows them and asks before it writes",
        ("run_id", "dry_run", "yes", "routers", "subscribers", *_SHOWN),
    ),
    "history": ("list what the log holds of one login, the newest first; writes nothing", ("login", "history_days")),
    "problems": (
        "list every problem of a run, from the log; writes nothing",
        ("run", "report_days", "routers", *_SHOWN, "csv_of_problems"),
    ),
    "report": ("sum up the last days by router, from the log; writes nothing", ("report_days",)),
    "config": ("judge a config document, or put it into the config secret", ("verb", "file")),
}
