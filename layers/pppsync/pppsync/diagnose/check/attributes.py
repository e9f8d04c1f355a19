"""Pure: checks the custom attributes that the policy names (R10, R11, R16)."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pppsync.diagnose.check.line import Check, some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pppsync.config.settings import Settings

_LEVEL: Final = "client"
"""The level at which the sync reads attributes."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A custom attribute as the CRM lists it."""

    key: str
    name: str
    belongs_to: str
    type: str


def listed_attributes(rows: object) -> list[Attribute]:
    """Return the attributes of an answer of the CRM, without rows that are no objects."""
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [Attribute(*(str(row.get(key) or "") for key in ("key", "name", "attributeType", "type"))) for row in known]


def check_attributes(attributes: Sequence[Attribute], settings: Settings) -> list[Check]:
    """Check that the CRM has the client attributes that the policy names, and none that is confused with them."""
    policy = settings.policy
    without = {
        "password_attribute": "no existing password is compared or written; make a client attribute for text",
        "static_ip_attribute": "",
        "router_attribute": "",
    }
    if len(settings.routers) > 1 and not any(router.default for router in settings.routers):
        without["router_attribute"] = "no router is the default either, so new logins have no router to go to"
    return [_check_attribute(key, getattr(policy, key), attributes, without[key]) for key in without]


def _check_attribute(setting: str, key: str, attributes: Sequence[Attribute], without: str) -> Check:
    """Check one attribute. `without`: the sentence to show if it is missing; empty if missing is fine."""
    name = f"crm.{setting}"
    mine = next((one for one in attributes if one.key == key and one.belongs_to == _LEVEL), None)
    if mine:
        return Check(name, *_present(mine, attributes))
    missing = f"the CRM has no client attribute with the key {key}"
    near = _nearest(key, attributes)
    if near and (without or _letters(near.key) == _letters(key)):
        advice = f"rename it, or set policy.{setting}" if near.belongs_to == _LEVEL else "make one for clients"
        return Check(name, False, f"{missing}, but the {_shown(near)}: {advice}")
    if without:
        return Check(name, False, f"{missing}: {without}")
    hint = f"; the nearest is the {_shown(near)}" if near else ""
    return Check(name, True, f"note: {missing}; fine if it is not used{hint}")


def _present(mine: Attribute, attributes: Sequence[Attribute]) -> tuple[bool, str]:
    """Return whether an attribute is as it should be: a text, and the only one of this spelling on any level."""
    found = _shown(mine)
    if mine.type not in {"", "string"}:
        return False, f"{found} is of the type {mine.type}: make it a text"
    others = [one for one in attributes if one is not mine and _letters(one.key) == _letters(mine.key)]
    if not others:
        return True, found
    unread = some([_shown(one) for one in others])
    return False, f"{found} is read, but not the {unread}: move the values to the first, then delete the other"


def _shown(one: Attribute) -> str:
    return f"{one.belongs_to} attribute {one.key} ({one.name})"


def _nearest(key: str, attributes: Sequence[Attribute]) -> Attribute | None:
    """Return the attribute whose key or name is most like the key, client attributes first."""
    by_letters: dict[str, Attribute] = {}
    for one in sorted(attributes, key=lambda one: one.belongs_to != _LEVEL):
        for text in (one.key, one.name):
            by_letters.setdefault(_letters(text), one)
    matches = difflib.get_close_matches(_letters(key), by_letters, n=1, cutoff=0.75)
    return by_letters[matches[0]] if matches else None


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
