"""Custom attributes: how the CRM derives a key from a name, and which values a type admits."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lab.simulators.uisp.records import Row

ATTRIBUTE_TYPES: Final = ("client", "invoice", "payment", "service")
_VALUE_PATTERNS: Final = {
    "string": re.compile(r".+", re.DOTALL),
    "enum": re.compile(r".+", re.DOTALL),
    "integer": re.compile(r"-?\d+"),
    "boolean": re.compile(r"[01]"),
}


def derived_key(name: str) -> str:
    """The key of an attribute: lower case, other runs than a-z and 0-9 are word ends, camel case.

    `PPP Password` -> `pppPassword`, `Requiere CAE?` -> `requiereCae`, `PPPoEUsername` -> `pppoeusername`.
    """
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    return "".join(words[:1] + [word.capitalize() for word in words[1:]])


def admits(attribute: Row, value: str) -> bool:
    """Whether a string is a value of the attribute's type (all values travel as strings)."""
    if attribute["type"] == "date":
        return is_date(value)
    return _VALUE_PATTERNS[attribute["type"]].fullmatch(value) is not None


def is_date(text: str) -> bool:
    """Whether a text is a day of the calendar as `2020-12-16`."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def client_value(value_id: int, client_id: int, attribute: Row, value: str) -> Row:
    """One entry of a client's `attributes`: its id is an integer."""
    return {"id": value_id, "clientId": client_id, **_shared(attribute, value)}


def service_value(value_id: int, service_id: int, attribute: Row, value: str) -> Row:
    """One entry of a service's `attributes`: its id is a UUID."""
    return {"id": str(uuid.UUID(int=value_id, version=4)), "serviceId": service_id, **_shared(attribute, value)}


def _shared(attribute: Row, value: str) -> Row:
    return {
        "name": attribute["name"],
        "key": attribute["key"],
        "clientZoneVisible": attribute["clientZoneVisible"],
        "value": value,
        "customAttributeId": attribute["id"],
    }
