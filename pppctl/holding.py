"""Puts routers on hold and takes holds back: in the journal bucket itself, so that a run that is on is no obstacle.

Strategy
--------
The function has one place, and a run may occupy it for 15 minutes. So `hold`, `stop` and `resume` write the objects
of the journal themselves, with the functions' own code. Who may not do that asks the function, until its place is free.
"""

from __future__ import annotations

import difflib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config

from pppctl import functions, layer
from pppctl.aws import CommandError
from pppctl.identity import caller
from pppctl.log_reader import Log
from pppctl.report import RESPONSES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from pppctl.aws import Aws

ACTIONS: Final[Mapping[str, str]] = {"hold": "hold", "stop": "hold", "resume": "release"}
"""The action of the function that each command stands for."""
_SECONDS: Final = 30.0
_LOOK_BACK: Final = timedelta(days=7)
_PROMPT: Final = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})
_NO_JOURNAL: Final = (
    'the stack {stack} keeps no journal (parameter Journal), so nothing can be put on hold: set "mode": "observe" in '
    "the config secret, or deploy with ScheduleState=DISABLED"
)

type Tell = Callable[[str], None]


def answer(
    chosen: argparse.Namespace, aws: Aws, patience: functions.Patience, now: Callable[[], datetime]
) -> dict[str, Any]:
    """Return what the function would answer to the event, done here where the caller may; raises `CommandError`.

    `all` says that no router was named. A row without a name stands for all routers, also those that are added later.
    """
    bucket = _bucket(aws)
    names = sorted(set(getattr(chosen, "routers", ()))) or None
    event = _event(chosen, names, caller(aws))
    _refuse_unknown(names or (), aws, patience.tell, now())
    errors = layer.module("errors")
    try:
        found = _done_here(event, names, aws, bucket, now)
    except errors.JournalError as error:
        patience.tell(f"{error.detail}. Asking the function instead")
        found = functions.call(aws, chosen.command, event, patience)
    return found | {"all": names is None}


def _bucket(aws: Aws) -> str:
    try:
        return aws.output("JournalBucketName")
    except CommandError as error:
        if "has no output" not in str(error):
            raise
        raise CommandError(_NO_JOURNAL.format(stack=aws.stack)) from None


def _event(chosen: argparse.Namespace, names: Collection[str] | None, by: str) -> dict[str, Any]:
    action = ACTIONS[chosen.command]
    event: dict[str, Any] = {"action": action, "by": by}
    if names is not None:
        event["routers"] = list(names)
    if action == "hold":
        event |= {"for": chosen.lasting, "why": chosen.why}
    return event


def _done_here(
    event: Mapping[str, Any], names: Sequence[str] | None, aws: Aws, bucket: str, now: Callable[[], datetime]
) -> dict[str, Any]:
    """Write the objects as the function does; raises the layer's `JournalError`."""
    holds = _run_holds(aws, bucket, now)
    if event["action"] == "hold":
        lasting = layer.module("core.hold").duration(event["for"])
        holds.put(names, lasting, event["by"], event["why"])
    else:
        holds.release(names)
    shown = [(name, holds.of(name)) for name in names or (None,)]
    row = layer.module("report.holds").hold_row
    return {
        "action": event["action"],
        "ok": all((hold is not None) == (event["action"] == "hold") for _, hold in shown),
        "routers": [{"name": name, "hold": row(hold)} for name, hold in shown],
    }


def _run_holds(aws: Aws, bucket: str, now: Callable[[], datetime]) -> Any:
    store = layer.module("journal.store").Store
    deadline = layer.module("net.deadline").Deadline.after(_SECONDS)
    run_holds = layer.module("journal.run_holds")
    client = aws.client("s3", config=_PROMPT)
    return run_holds.RunHolds(store(client, bucket, deadline, _SECONDS), run_holds.KnownHolds(), now, [])


def _refuse_unknown(names: Collection[str], aws: Aws, tell: Tell, now: datetime) -> None:
    """Raise `CommandError` for a name that no router of the latest run has: a slip would stop nothing."""
    if not names:
        return
    known = _routers_of_the_latest_run(aws, tell, now)
    if known is None:
        tell("the log names no router, so nobody checks the names: spell them to the letter")
        return
    for name in names:
        if name not in known:
            matches = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {matches[0]!r}?" if matches else f"; there are {', '.join(sorted(known))}"
            raise CommandError(f"no router of the latest run is named {name!r}{hint}. Nothing was done")


def _routers_of_the_latest_run(aws: Aws, tell: Tell, now: datetime) -> set[str] | None:
    try:
        records = Log(aws, [aws.output("SyncFunctionName")], tell).latest(RESPONSES, now - _LOOK_BACK, now)
    except CommandError:
        return None
    newest = [one for one in records if one.run_id == records[0].run_id]
    return {str(router["name"]) for one in newest for router in one.fields["response"]["routers"]} or None
