"""Reads every problem of one run from the log: an answer lists only the first of them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pppctl.log_reader import Log, Record, Wanted
from pppctl.report import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from pppctl.aws import Aws


def answer(
    aws: Aws, run_id: str | None, days: int, routers: Collection[str] | None, now: datetime, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Return the problems of a run, or of the latest sync of the last days; raises `CommandError`."""
    start = now - timedelta(days=days)
    log = Log(aws, [aws.output("SyncFunctionName")], tell)
    if run_id is None:
        responses = log.latest(RESPONSES, start, now)
        run_id = responses[0].run_id if responses else None
    found = log.latest(wanted(run_id), start, now) if run_id else []
    records = [one for one in found if one.run_id == found[0].run_id]
    return {
        "action": "problems",
        "ok": bool(records),
        "run_id": records[0].run_id if records else run_id,
        "at": records[0].at.isoformat(timespec="seconds") if records else None,
        **_listed(records, routers),
    }


def wanted(run_id: str) -> Wanted:
    """The records of the problems of a run, and its response, which counts them; the id may be its beginning."""
    return Wanted(
        f'run_id like /^{run_id}/ and message in ["problem", "response"]',
        f'{{ ($.run_id = "{run_id}*") && (($.message = "problem") || ($.message = "response")) }}',
        lambda fields: (
            str(fields.get("run_id")).startswith(run_id) and fields.get("message") in {"problem", "response"}
        ),
    )


def _listed(records: Sequence[Record], routers: Collection[str] | None) -> dict[str, Any]:
    """Return the problems as an answer lists them; of some routers alone, only the counts of these."""
    rows = [one.fields["problem"] for one in records if one.fields["message"] == "problem"]
    rows = [one for one in rows if routers is None or one["router"] in routers]
    rows.sort(key=lambda one: (one["router"] or "", one["name"] or "", one["reason"], one["detail"]))
    counts = Counter(one["reason"] for one in rows)
    total = len(rows)
    if routers is None:
        responses = (one.fields["response"] for one in records if one.fields["message"] == "response")
        total = max([total, *(one.get("problems_total") or 0 for one in responses)])
    return {"problems": rows, "problems_total": total, "problems_by_reason": dict(sorted(counts.items()))}
