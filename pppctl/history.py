"""Reads the log records of one login: changes, problems and password imports, the newest first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from pppctl.log_reader import Log, Record, Wanted, wild

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from pppctl.aws import Aws

_WHAT: Final = ("change", "problem", "import")
"""The messages of records about one login; each carries its facts under its own name."""
_DONE: Final = frozenset({"applied", "imported"})
_SAME: Final = ("what", "router", "kind", "desired", "result", "reason", "detail", "approved_by")
"""Records that are equal in these are one fact that several runs wrote."""


def answer(aws: Aws, login: str, days: int, now: datetime, tell: Callable[[str], None]) -> dict[str, Any]:
    """Return the history of one login over the last days; raises `CommandError`."""
    functions = [aws.output("SyncFunctionName"), aws.output("PassImportFunctionName")]
    start = now - timedelta(days=days)
    records = Log(aws, functions, tell).read(wanted(login), start, now)
    return {
        "action": "history",
        "ok": True,
        "login": login,
        "since": start.isoformat(timespec="seconds"),
        "until": now.isoformat(timespec="seconds"),
        "records": rows(records),
        "records_total": len(records),
    }


def wanted(login: str) -> Wanted:
    """The records about one login."""
    names = [f"{what}.name" for what in _WHAT]
    return Wanted(
        " or ".join(f"{name} like /^{wild(login, '.*')}$/" for name in names),
        "{ " + " || ".join(f'($.{name} = "{wild(login, "*")}")' for name in names) + " }",
        lambda fields: fields.get("message") in _WHAT and fields.get(fields["message"], {}).get("name") == login,
    )


def rows(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Make rows of records, newest first; equal records of several runs are one row, unless they changed something."""
    found: list[dict[str, Any]] = []
    repeated: dict[tuple[str, ...], dict[str, Any]] = {}
    for record in records:
        row = _row(record)
        known = None if row["result"] in _DONE else repeated.get(key := tuple(str(row[one]) for one in _SAME))
        if known is not None:
            known["times"] += 1
            known["first"] = row["at"]
            continue
        if row["result"] not in _DONE:
            repeated[key] = row
        found.append(row)
    return found


def _row(record: Record) -> dict[str, Any]:
    what = record.fields["message"]
    facts: Mapping[str, Any] = record.fields[what]
    at = record.at.isoformat(timespec="seconds")
    return {
        "at": at,
        "first": at,
        "times": 1,
        "what": what,
        "router": record.fields.get("router") or facts.get("router"),
        **{
            key: facts.get(key)
            for key in ("kind", "field", "actual", "desired", "result", "reason", "detail", "approved_by")
        },
        **({"use": facts["use"]} if "use" in facts else {}),
        "sessions_dropped": facts.get("sessions_dropped") or 0,
        "run_id": record.run_id,
    }
