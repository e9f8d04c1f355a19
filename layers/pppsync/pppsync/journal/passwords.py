"""Pure: the passwords that a run overwrites, kept before it does (G12).

This is the only journal object that holds secrets. They are masked in memory and revealed in the body alone. The
sync's role may put such an object and not get it; the role of the import may get it (`restore`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final, Literal

from pppsync.core.change import Kind
from pppsync.core.masked import Masked
from pppsync.journal.forms import MalformedError, checked, from_body, is_count, is_text, to_body, to_segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from pppsync.journal.forms import Check

type Level = Literal["client", "service"]

PREFIX: Final = "passwords/"
_KINDS: Final = (Kind.PASSWORD.value, Kind.DEFAULT_PASSWORD.value)


@dataclass(frozen=True, slots=True)
class Overwritten:
    """One password before and after it was written.

    `level` says where the CRM's password attribute stands; `service_id` is None where no service stands behind it.
    `actual` is what the router held, `written` what the run was about to write. `kind` is `password` or
    `default_password`: for the latter, `restore` expects that the CRM holds no password.
    """

    router: str
    name: str
    kind: Kind
    level: Level
    client_id: int
    service_id: int | None
    actual: Masked
    written: Masked


def key(run_id: str, at: datetime) -> str:
    """Return the key of a run's object."""
    return f"{PREFIX}{at.astimezone(UTC):%Y/%m/%d}/{to_segment(run_id)}.json"


def find(keys: Iterable[str], run_id: str) -> str | None:
    """Return the key of a run among the keys below `passwords/`, or None: the day is no part of a run's id."""
    ending = f"/{to_segment(run_id)}.json"
    return next((one for one in keys if one.startswith(PREFIX) and one.endswith(ending)), None)


def encode(entries: Iterable[Overwritten]) -> bytes:
    """Return the body, with the passwords in clear: it goes into the bucket and nowhere else."""
    return to_body({"passwords": [_row(entry) for entry in entries]})


def decode(body: bytes) -> tuple[Overwritten, ...]:
    """Return the entries of a body; raises `MalformedError`, whose text shows no value."""
    rows = from_body(body, {"passwords": _is_list})["passwords"]
    return tuple(map(_entry, rows))


def _row(entry: Overwritten) -> dict[str, Any]:
    return {
        "router": entry.router,
        "name": entry.name,
        "kind": entry.kind.value,
        "level": entry.level,
        "client": entry.client_id,
        "service": entry.service_id,
        "old": entry.actual.reveal(),
        "written": entry.written.reveal(),
    }


def _entry(value: object) -> Overwritten:
    row = checked(value, _CHECKS)
    if row["level"] == "service" and row["service"] is None:
        raise MalformedError("the value of service is not of its form")
    return Overwritten(
        row["router"],
        row["name"],
        Kind(row["kind"]),
        row["level"],
        row["client"],
        row["service"],
        Masked(row["old"]),
        Masked(row["written"]),
    )


def _is_list(value: object) -> bool:
    return isinstance(value, list)


_CHECKS: Final[Mapping[str, Check]] = {
    "router": is_text,
    "name": is_text,
    "kind": lambda value: value in _KINDS,
    "level": lambda value: value in ("client", "service"),
    "client": is_count,
    "service": lambda value: value is None or is_count(value),
    "old": is_text,
    "written": is_text,
}
