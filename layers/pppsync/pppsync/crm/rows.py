"""Decodes rows of UISP CRM (API v1.0) into subscribers and services. Pure.

Only what the rules ask for is kept. New fields are ignored, and most may be missing. The ids must be whole numbers, and
the two lists of a client lists of objects: a row that breaks this makes the whole answer untrustworthy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pppsync.core.masked import Masked
from pppsync.core.subscriber import OVER, STARTING, Service, ServiceStatus, Subscriber

if TYPE_CHECKING:
    from pppsync.core.policy import Policy

type JsonRow = dict[str, Any]


class RowError(ValueError):
    """A row lacks what every row has; the message names the row and the field, never a value."""


@dataclass(frozen=True, slots=True)
class RowDecoder:
    """Decodes rows.

    `all_dates` keeps the dates of every service, not only of those for which a rule asks: `explain` shows them.
    """

    policy: Policy
    all_dates: bool = False
    _shared: dict[str, str] = field(default_factory=dict)

    def subscriber(self, row: object) -> Subscriber:
        """Decode a row of `clients`."""
        fields = _object(row, "client")
        identity = _whole(fields, "id", "client")
        custom_id = fields.get("userIdent")
        if custom_id is not None and (isinstance(custom_id, bool) or not isinstance(custom_id, str | int)):
            raise RowError(f"client {identity}: userIdent is no text")
        values = {
            _text(attribute.get("key")): _text(attribute.get("value"))
            for attribute in _objects(fields, "attributes", identity)
        }
        policy, value = self.policy, values.get
        password = value(policy.password_attribute)
        address = value(policy.static_ip_attribute)
        router = value(policy.router_attribute)
        tags = _objects(fields, "tags", identity)
        return Subscriber(
            identity,
            None if custom_id is None else str(custom_id) or None,
            _day(fields.get("registrationDate")),
            fields.get("isArchived") is True,
            fields.get("isLead") is True,
            tuple([self._share(_text(tag.get("name"))) for tag in tags]) if tags else (),
            Masked(password) if password else None,
            (address.strip() or None) if address else None,
            (self._share(router.strip()) or None) if router else None,
        )

    def service(self, row: object) -> Service:
        """Decode a row of `clients/services`."""
        fields = _object(row, "service")
        identity = _whole(fields, "id", "service")
        get = fields.get
        status = get("status")
        if type(status) is not int:
            status = -1
        return Service(
            identity,
            _whole(fields, "clientId", "service", identity),
            status,
            self._share(_text(get("name"))),
            self._share(_text(get("servicePlanName"))),
            get("servicePlanType") != "General",
            _day(get("activeFrom")) if self.all_dates or status in STARTING else None,
            _day(get("activeTo")) if self.all_dates or status in OVER else None,
            _number(get("suspensionReasonId")) if status == ServiceStatus.SUSPENDED else None,
        )

    def _share(self, text: str) -> str:
        return self._shared.setdefault(text, text)


def attribute_id(row: object, key: str) -> int | None:
    """Return the id of a row of `custom-attributes` if it is the client attribute of this key."""
    fields = _object(row, "custom attribute")
    if fields.get("key") != key or fields.get("attributeType") != "client":
        return None
    return _whole(fields, "id", "custom attribute")


def keeps_value(row: object, attribute: int, value: Masked) -> bool:
    """Return False if the answer to a write shows attributes, but not this one with this value."""
    fields = _object(row, "client")
    return "attributes" not in fields or any(
        entry.get("customAttributeId") == attribute and _text(entry.get("value")) == value.reveal()
        for entry in _objects(fields, "attributes")
    )


def _object(row: object, what: str) -> JsonRow:
    if not isinstance(row, dict):
        raise RowError(f"a {what} is no object")
    return row


def _objects(fields: JsonRow, key: str, identity: object = "") -> list[JsonRow]:
    rows = fields.get(key)
    if rows is None:
        return []
    if isinstance(rows, list):
        # Fast path: a loop, for `all()` would start a generator for every row.
        for row in rows:
            if not isinstance(row, dict):
                break
        else:
            return rows
    raise RowError(f"{f'client {identity}'.strip()}: {key} is no list of objects")


def _whole(fields: JsonRow, key: str, what: str, identity: object = "") -> int:
    value = fields.get(key)
    if type(value) is int:  # a bool is an int too, and no number
        return value
    raise RowError(f"{f'{what} {identity}'.strip()}: no whole number as {key}")


def _number(value: object) -> int | None:
    return value if type(value) is int else None


def _text(value: object) -> str:
    """Return the text, or the digits of a whole number; empty for null and for any other type."""
    if type(value) is str:
        return value
    return str(value) if type(value) is int else ""


_DAY: Final = len("YYYY-MM-DD")


def _day(value: object) -> str | None:
    """Return the date as it is written: converting it to UTC would shift it east of Greenwich."""
    return _calendar_day(value[:_DAY]) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _calendar_day(text: str) -> str | None:
    """Return the day of that text. Fast path: cached, for thousands of rows share a day."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None
