"""Reads the events that invoke the two functions into frozen values; one message lists all faults of an event."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeIs, get_args

from pppsync.config.kinds import RefusedError, ValueKind, filled, flag, text, token
from pppsync.config.reader import Reader
from pppsync.core.hold import duration
from pppsync.errors import EventError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import timedelta

type Action = Literal["sync", "plan", "check", "explain", "hold", "release"]
type Field = Literal["password", "static_ip"]

ACTIONS: Final[tuple[str, ...]] = get_args(Action.__value__)
FIELDS: Final[tuple[Field, ...]] = get_args(Field.__value__)
EXPLAIN_LIMIT: Final = 100
HIGHEST_ID: Final = 2**31 - 1
LONGEST_REMARK: Final = 200
"""Characters of `by` and `why`; every response repeats them while a hold lasts."""
_SCHEDULERS: Final = ("aws.scheduler", "aws.events")
_SHOWN_CHARACTERS: Final = 40
_SHOWN_ROUTERS: Final = 10
# A filter that an action does not obey is refused: the caller believes that it holds.
_USED_WITH: Final[dict[str, tuple[str, ...]]] = {
    "routers": ("sync", "plan", "check", "hold", "release"),
    "subscribers": ("sync", "plan", "explain"),
    "approve": ("sync",),
    "for": ("hold",),
    "why": ("hold",),
    "by": ("sync", "hold", "release"),
}
_NEEDED: Final[dict[str, dict[str, str]]] = {
    "explain": {"subscribers": "lists the logins, or the ids of CRM clients as numbers, to explain"},
    "hold": {
        "for": 'says how long, a whole number and m, h or d, such as "2h"',
        "why": "says why, for whoever finds the router on hold",
    },
}
_NOT_WITH: Final[dict[str, tuple[str, ...]]] = {
    "restore": ("generate", "overwrite", "fields"),
    "generate": ("overwrite", "fields", "routers"),
}
"""Each further use of the import, and what makes no sense beside it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One request to the function `sync`; a filter of None means all.

    `subscribers` are logins. `subscriber_ids` are ids of CRM clients, which only `explain` takes. `lasting` and `why`
    belong to a hold. `by` is who asks.
    """

    action: Action = "sync"
    routers: frozenset[str] | None = None
    subscribers: frozenset[str] | None = None
    approve: tuple[str, ...] = ()
    subscriber_ids: frozenset[int] = frozenset()
    lasting: timedelta | None = None
    why: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class ImportEvent:
    """One request to the function `pass_import`; a filter of None means all.

    `fields` are what it takes from the routers. `restore` is the id of the run whose overwritten passwords go back into
    the CRM instead. With `generate` it makes passwords up for those who have none.
    """

    dry_run: bool = False
    overwrite: bool = False
    routers: frozenset[str] | None = None
    subscribers: frozenset[str] | None = None
    fields: tuple[Field, ...] = ("password",)
    restore: str | None = None
    generate: bool = False


def _action(value: object) -> str:
    if isinstance(value, str) and value in ACTIONS:
        return value
    shown = f", not {_shown(value)}" if isinstance(value, str) else ""
    raise RefusedError(f"must be one of {', '.join(ACTIONS)}{shown}")


def _names(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not value:
        raise RefusedError("must be a list of one or more names; leave it out to mean all")
    try:
        return frozenset(map(filled, value))
    except RefusedError as refused:
        raise RefusedError(f"every name {refused}") from None


def _logins(value: object) -> frozenset[str]:
    if isinstance(value, list) and any(map(_is_number, value)):
        raise RefusedError("must be logins as texts; only explain takes numbers, which are ids of CRM clients")
    return _names(value)


def _logins_and_ids(value: object) -> frozenset[str | int]:
    """Take logins as texts, and ids of CRM clients as numbers."""
    if not isinstance(value, list):
        return frozenset(_names(value))
    ids = frozenset(filter(_is_number, value))
    if not all(1 <= identity <= HIGHEST_ID for identity in ids):
        raise RefusedError(f"every number must be the id of a CRM client, from 1 to {HIGHEST_ID}")
    texts = [item for item in value if not _is_number(item)]
    return ids | _names(texts) if texts or not ids else ids


def _is_number(value: object) -> TypeIs[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _fields(value: object) -> tuple[Field, ...]:
    """Take some of the fields, and return them in the order of the table."""
    if isinstance(value, list) and value and all(isinstance(item, str) and item in FIELDS for item in value):
        return tuple(field for field in FIELDS if field in value)
    raise RefusedError(f"must be a list of one or more of {', '.join(FIELDS)}")


def _plan_ids(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(dict.fromkeys(value))
    raise RefusedError("must be a list of plan ids as printed")


def _duration(value: object) -> timedelta:
    try:
        return duration(text(value))
    except ValueError as fault:
        raise RefusedError(str(fault)) from None


def _remark(value: object) -> str:
    found = filled(value)
    if len(found) > LONGEST_REMARK:
        raise RefusedError(f"must have at most {LONGEST_REMARK} characters")
    return found


EVENT_KEYS: Final[dict[str, ValueKind]] = {
    "action": _action,
    "routers": _names,
    "subscribers": _logins_and_ids,
    "approve": _plan_ids,
    "for": _duration,
    "why": _remark,
    "by": _remark,
}
IMPORT_KEYS: Final[dict[str, ValueKind]] = {
    "dry_run": flag,
    "overwrite": flag,
    "routers": _names,
    "subscribers": _logins,
    "fields": _fields,
    "restore": token,
    "generate": flag,
}


def read_event(event: object, router_names: Collection[str]) -> Event:
    """Return what an event of the function `sync` asks for; raises `EventError` with all its faults."""
    document = _object(event)
    if document.get("source") in _SCHEDULERS:
        return Event()
    reader = Reader()
    explains = document.get("action") == "explain"
    table = EVENT_KEYS if explains else EVENT_KEYS | {"subscribers": _logins}
    found = _read(reader, document, table, router_names)
    if "action" in found or "action" not in document:
        _check_combination(reader, document, found)
    _raise_faults(reader)
    if explains:
        asked = found.pop("subscribers")
        found["subscriber_ids"] = frozenset(filter(_is_number, asked))
        found["subscribers"] = asked - found["subscriber_ids"]
    found["lasting"] = found.pop("for", None)
    return Event(**found)


def read_import_event(event: object, router_names: Collection[str] | None = None) -> ImportEvent:
    """Return what an event of the function `pass_import` asks for; raises `EventError` with all its faults."""
    reader = Reader()
    found = _read(reader, _object(event), IMPORT_KEYS, router_names)
    use = next((use for use in _NOT_WITH if found.get(use)), "")
    for key in _NOT_WITH.get(use, ()):
        if found.get(key):
            reader.fault(key, f"cannot be used with {use}")
    _raise_faults(reader)
    return ImportEvent(**found)


def _object(event: object) -> dict[str, object]:
    if isinstance(event, dict):
        return event
    raise EventError("the event must be an object; an empty one runs with the defaults")


def _read(
    reader: Reader, event: object, table: Mapping[str, ValueKind], router_names: Collection[str] | None
) -> dict[str, Any]:
    found = reader.keys("", event, table)
    if router_names is not None:
        unknown = sorted(found.get("routers", frozenset()).difference(router_names))
        for name in unknown[:_SHOWN_ROUTERS]:
            matches = difflib.get_close_matches(name[:_SHOWN_CHARACTERS], router_names, n=1)
            hint = f"; did you mean {_shown(matches[0])}?" if matches else ""
            reader.fault("routers", f"no router is named {_shown(name)}{hint}")
        if unknown[_SHOWN_ROUTERS:]:
            reader.fault("routers", f"{len(unknown) - _SHOWN_ROUTERS} more names are no router's")
    return found


def _check_combination(reader: Reader, event: Mapping[str, object], found: Mapping[str, Any]) -> None:
    action = found.get("action", Event().action)
    for key, actions in _USED_WITH.items():
        if key in event and action not in actions:
            reader.fault(key, f"cannot be used with the action {action}, only with {', '.join(actions)}")
    for key, meaning in _NEEDED.get(action, {}).items():
        if key not in event:
            reader.fault(key, f"is missing; it {meaning}")
    if action == "explain" and len(found.get("subscribers", ())) > EXPLAIN_LIMIT:
        reader.fault("subscribers", f"must list at most {EXPLAIN_LIMIT} logins and ids to explain")


def _shown(name: str) -> str:
    return repr(name[:_SHOWN_CHARACTERS])


def _raise_faults(reader: Reader) -> None:
    if reader.faults:
        raise EventError("; ".join(reader.faults))
