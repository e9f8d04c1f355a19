"""Pure: reads a withheld plan from its object in the journal, and refuses every object that is none."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of an object; a plan of 200,000 changes has 14 million."""
_KEY: Final = re.compile(r"plans/([0-9a-f]{16})\.json")
_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HMAC: Final = re.compile(r"[0-9a-f]{16,128}")
_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):\d{2}Z")


class NotAPlanError(Exception):
    """The object is no plan; the message says why and shows nothing of it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A withheld plan; `router` is empty for the plan over all routers, `at` is such as `2026-11-25 09:30 UTC`.

    `names` are the first logins in order, `online` those of them with a live session. The HMACs of the changes are not
    taken over, so that no text can show one.
    """

    plan_id: str
    router: str
    kind: str
    count: int
    reason: str
    names: tuple[str, ...]
    online: frozenset[str]
    tell: bool
    at: str


def read_plan(key: str, body: bytes) -> Plan:
    """Return the plan of an object; raises `NotAPlanError` unless its key and every value are of the journal's form."""
    named = _KEY.fullmatch(key)
    if named is None:
        raise NotAPlanError("its key is not plans/<16 hex digits>.json")
    if len(body) > LARGEST:
        raise NotAPlanError(f"its body is longer than {LARGEST} bytes")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAPlanError("its body is not JSON") from None
    if not isinstance(found, dict) or {"tell", *found} != _CHECKS.keys():
        raise NotAPlanError(f"its body is no object with the keys {', '.join(sorted(_CHECKS))}")
    found = {"tell": True, **found}
    wrong = sorted(name for name, is_right in _CHECKS.items() if not is_right(found[name]))
    if wrong:
        raise NotAPlanError(f"a value is not of its form: {', '.join(wrong)}")
    if found["plan_id"] != named[1]:
        raise NotAPlanError("its key and its body name two plans")
    day, minute = _MOMENT.fullmatch(found["at"]).groups()  # type: ignore[union-attr]
    return Plan(
        plan_id=found["plan_id"],
        router=found["router"],
        kind=found["kind"],
        count=found["count"],
        reason=found["reason"],
        names=tuple(found["names"]),
        online=frozenset(found["online"]).intersection(found["names"]),
        tell=found["tell"],
        at=f"{day} {minute} UTC",
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_names(value: object) -> bool:
    return isinstance(value, list) and _are_texts(value) and len(value) <= 20


def _is(form: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


def _are_hmacs(value: object) -> bool:
    return isinstance(value, list) and all(map(_is(_HMAC), value))


_CHECKS: Final[Mapping[str, Callable[[object], bool]]] = {
    "plan_id": _is_text,
    "router": _is_text,
    "kind": _is(_KIND),
    "count": _is_count,
    "reason": _is_text,
    "names": _are_names,
    "online": _are_names,
    "changes": _are_hmacs,
    "tell": lambda value: isinstance(value, bool),
    "at": _is(_MOMENT),
}
