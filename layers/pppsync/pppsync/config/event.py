"""Reads the events that invoke the two functions into frozen values; one message lists all faults of an event."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from pppsync.config.kinds import RefusedError, ValueKind, filled, flag
from pppsync.config.reader import Reader
from pppsync.errors import EventError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

type Action = Literal["sync", "plan", "check", "explain"]

ACTIONS: Final[tuple[str, ...]] = get_args(Action.__value__)
EXPLAIN_LIMIT: Final = 100
_SCHEDULERS: Final = ("aws.scheduler", "aws.events")
_SHOWN_CHARACTERS: Final = 40
_SHOWN_ROUTERS: Final = 10
# A filter that an action does not obey is refused: the caller believes that it holds.
_USED_WITH: Final[dict[str, tuple[str, ...]]] = {
    "routers": ("sync", "plan", "check"),
    "subscribers": ("sync", "plan", "explain"),
    "approve": ("sync",),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One request to the function `sync`; a filter of None means all."""

    action: Action = "sync"
    routers: frozenset[str] | None = None
    subscribers: frozenset[str] | None = None
    approve: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportEvent:
    """One request to the function `pass_import`; a filter of None means all."""

    dry_run: bool = False
    overwrite: bool = False
    routers: frozenset[str] | None = None
    subscribers: frozenset[str] | None = None


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


def _plan_ids(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(dict.fromkeys(value))
    raise RefusedError("must be a list of plan ids as printed")


EVENT_KEYS: Final[dict[str, ValueKind]] = {
    "action": _action,
    "routers": _names,
    "subscribers": _names,
    "approve": _plan_ids,
}
IMPORT_KEYS: Final[dict[str, ValueKind]] = {
    "dry_run": flag,
    "overwrite": flag,
    "routers": _names,
    "subscribers": _names,
}


def read_event(event: object, router_names: Collection[str]) -> Event:
    """Return what an event of the function `sync` asks for; raises `EventError` with all its faults."""
    document = _object(event)
    if document.get("source") in _SCHEDULERS:
        return Event()
    reader = Reader()
    found = _read(reader, document, EVENT_KEYS, router_names)
    if "action" in found or "action" not in document:
        _check_combination(reader, document, found)
    _raise_faults(reader)
    return Event(**found)


def read_import_event(event: object, router_names: Collection[str] | None = None) -> ImportEvent:
    """Return what an event of the function `pass_import` asks for; raises `EventError` with all its faults."""
    reader = Reader()
    found = _read(reader, _object(event), IMPORT_KEYS, router_names)
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
    if action != "explain":
        return
    if "subscribers" not in event:
        reader.fault("subscribers", "is missing; it lists the custom IDs to explain")
    elif len(found.get("subscribers", ())) > EXPLAIN_LIMIT:
        reader.fault("subscribers", f"must list at most {EXPLAIN_LIMIT} names to explain")


def _shown(name: str) -> str:
    return repr(name[:_SHOWN_CHARACTERS])


def _raise_faults(reader: Reader) -> None:
    if reader.faults:
        raise EventError("; ".join(reader.faults))
