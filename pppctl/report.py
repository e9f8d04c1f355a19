"""Sums up the changes and failures of the last days by router, from the log of the sync."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from pppctl.log_reader import Log, Record, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from pppctl.aws import Aws


def _is_whole_sync(fields: Mapping[str, Any]) -> bool:
    """True for the response of a sync that saw everything: a narrow run knows only a few subscribers."""
    response = fields.get("response", {})
    return fields.get("message") == "response" and response.get("action") == "sync" and not response.get("narrow")


_DEEDS: Final = {"disable": "cut", "restrict": "cut", "enable": "let_in", "restore": "let_in", "create": "new"}
"""The count that an applied change belongs to, by its kind; others are counted nowhere."""
_FAILED: Final = frozenset({"failed", "unanswered"})
_RESULTS: Final = ("applied", "failed", "unanswered")
CHANGES: Final = Wanted(
    'message = "change" and change.result in ["applied", "failed", "unanswered"]',
    '{ ($.message = "change") && (($.change.result = "applied") || ($.change.result = "failed")'
    ' || ($.change.result = "unanswered")) }',
    lambda fields: fields.get("message") == "change" and fields.get("change", {}).get("result") in _RESULTS,
)
RESPONSES: Final = Wanted(
    'message = "response" and response.action = "sync"',
    '{ ($.message = "response") && ($.response.action = "sync") }',
    _is_whole_sync,
)
FAILURES: Final = Wanted(
    'message = "failed" or (type = "platform.report" and record.status != "success")',
    '{ ($.message = "failed") || ($.type = "platform.report" && $.record.status != "success") }',
    lambda fields: fields.get("message") == "failed" or _broke_off(fields),
)
"""Runs that raised, and those that Lambda ended; the second sort names no action."""


def answer(aws: Aws, days: int, now: datetime, tell: Callable[[str], None]) -> dict[str, Any]:
    """Return the sums of the last days; raises `CommandError`."""
    start = now - timedelta(days=days)
    log = Log(aws, [aws.output("SyncFunctionName")], tell)
    latest = log.latest(RESPONSES, start, now)
    failures = log.read(FAILURES, latest[0].at if latest else start, now)
    failed = failed_since(failures, latest[0] if latest else None)
    found = summed(log.read(CHANGES, start, now), latest, start, now)
    return {**found, "ok": found["ok"] and failed is None, "failed": failed}


def failed_since(failures: Iterable[Record], latest: Record | None) -> dict[str, Any] | None:
    """Return the newest sync that failed after the latest one that ended, None if there is none.

    A run of which the log names no action may have been a sync. A wrong event is left out: a typing error.
    """
    by_run: dict[str, Record] = {}
    for record in failures:
        if "error" in record.fields or record.run_id not in by_run:
            by_run[record.run_id] = record  # Lambda's own record of the same run says less.
    for record in by_run.values():
        later = latest is None or (record.run_id != latest.run_id and record.at > latest.at)
        error = record.fields.get("error", {})
        if later and record.fields.get("action", "sync") == "sync" and error.get("reason") != "event_invalid":
            return {
                "run_id": record.run_id,
                "at": record.at.isoformat(timespec="seconds"),
                "reason": error.get("reason") or str(record.fields.get("record", {}).get("status")),
                "detail": error.get("detail") or "Lambda ended the run",
            }
    return None


def summed(changes: Sequence[Record], responses: Sequence[Record], start: datetime, end: datetime) -> dict[str, Any]:
    """Make the answer of the changes and of the responses of the latest syncs, the newest first."""
    run_id = responses[0].run_id if responses else ""
    parts = [one.fields["response"] for one in responses if one.run_id == run_id]
    routers = {one["name"]: one for part in parts for one in part.get("routers", ())}
    counts = _counts(changes, run_id)
    return {
        "action": "report",
        "ok": bool(parts) and all(part["ok"] for part in parts),
        "since": start.isoformat(timespec="seconds"),
        "until": end.isoformat(timespec="seconds"),
        "latest": {"run_id": run_id, "at": responses[0].at.isoformat(timespec="seconds")} if responses else None,
        "coverage": parts[0].get("coverage") if parts else None,
        "routers": [
            {
                "name": name,
                **{key: counts[name][key] for key in ("cut", "let_in", "new", "failed")},
                "still_broken": counts[name]["still_broken"] if _was_read(routers, name) else None,
                "unmatched_online": routers[name].get("unmatched_online") if _was_read(routers, name) else None,
                "withheld": routers.get(name, {}).get("withheld") or {},
                "error": routers.get(name, {}).get("error"),
            }
            for name in sorted({*counts, *routers})
        ],
    }


def _counts(changes: Iterable[Record], latest_run: str) -> defaultdict[str, Counter[str]]:
    """Count by router: applied changes, and logins with a failed change, at any time and in the latest run."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    failed: set[tuple[str, str]] = set()
    broken: set[tuple[str, str]] = set()
    for record in changes:
        change, router = record.fields["change"], str(record.fields.get("router"))
        if change["result"] in _FAILED:
            failed.add((router, change["name"]))
            if record.run_id == latest_run:
                broken.add((router, change["name"]))
        elif change["kind"] in _DEEDS:
            counts[router][_DEEDS[change["kind"]]] += 1
    for key, logins in (("failed", failed), ("still_broken", broken)):
        for router, _ in logins:
            counts[router][key] += 1
    return counts


def _was_read(routers: Mapping[str, Mapping[str, Any]], name: str) -> bool:
    """True if the latest sync knows how things stand on the router."""
    router = routers.get(name, {})
    return bool(router) and not (router.get("error") and not router.get("secrets"))


def _broke_off(fields: Mapping[str, Any]) -> bool:
    return fields.get("type") == "platform.report" and fields.get("record", {}).get("status") != "success"
