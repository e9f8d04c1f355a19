"""The CRM's data: tables of full records with their encoded form kept, under one lock."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from lab.simulators.uisp import attributes, records
from lab.simulators.uisp.answers import encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from lab.simulators.uisp.records import Row

_KEPT_LISTINGS: Final = 64


class Table:
    """Records by id. An encoded row is kept until that row is changed; every change calls `changed`."""

    def __init__(self, changed: Callable[[], None], rows: Iterable[Row] = ()) -> None:
        self._changed = changed
        self._rows: dict[int, Row] = {}
        self._encoded: dict[int, bytes] = {}
        self._last_id = 0
        for row in rows:
            self.put(row)

    def __iter__(self) -> Iterator[Row]:
        """Rows in order of id."""
        return (self._rows[row_id] for row_id in sorted(self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, row_id: int) -> Row | None:
        """The row itself, not a copy: a caller that changes it must `put` it back."""
        return self._rows.get(row_id)

    def next_id(self) -> int:
        """An id that was never used."""
        return self._last_id + 1

    def put(self, row: Row) -> None:
        """Adds a row, or takes in its change."""
        self._rows[row["id"]] = row
        self._encoded.pop(row["id"], None)
        self._last_id = max(self._last_id, row["id"])
        self._changed()

    def remove(self, row_id: int) -> None:
        """Forgets a row; its id is not used again."""
        del self._rows[row_id]
        self._encoded.pop(row_id, None)
        self._changed()

    def encoded(self, row_id: int) -> bytes:
        """The row as JSON."""
        text = self._encoded.get(row_id)
        if text is None:
            text = self._encoded[row_id] = encoded(self._rows[row_id])
        return text


class State:
    """Everything the CRM knows. Callers hold `lock` while they read or change it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._listings: dict[Hashable, list[int]] = {}
        self._services_of: dict[int, set[int]] = defaultdict(set)
        self._last_value_id = 0
        changed = self._listings.clear
        reasons = ({"id": 1, "name": "Payments overdue"}, {"id": 2, "name": "Other"})
        self.clients = Table(changed)
        self.services = Table(changed)
        self.attributes = Table(changed)
        self.tags = Table(changed)
        self.plans = Table(changed)
        self.organizations = Table(changed, [dict(records.ORGANIZATION)])
        self.suspension_reasons = Table(changed, reasons)

    def listing(self, key: Hashable, select: Callable[[], list[int]]) -> list[int]:
        """The ids that `select` finds, kept under `key` until anything changes."""
        found = self._listings.get(key)
        if found is None:
            if len(self._listings) >= _KEPT_LISTINGS:
                self._listings.clear()
            found = self._listings[key] = select()
        return found

    def put_service(self, row: Row) -> None:
        """Adds a service, or takes in its change; the client's cached `hasSuspendedService` follows."""
        self.services.put(row)
        self._services_of[row["clientId"]].add(row["id"])
        self._flag_suspension(row["clientId"])

    def remove_service(self, row: Row) -> None:
        """Forgets a service."""
        self.services.remove(row["id"])
        self._services_of[row["clientId"]].discard(row["id"])
        self._flag_suspension(row["clientId"])

    def services_of(self, client_id: int) -> list[Row]:
        """The client's services in order of id."""
        found = (self.services.get(service_id) for service_id in sorted(self._services_of.get(client_id, ())))
        return [row for row in found if row is not None]

    def attribute_by_key(self, key: str, attribute_type: str) -> Row:
        """The attribute of that key. Raises KeyError if the CRM has none."""
        for row in self.attributes:
            if row["key"] == key and row["attributeType"] == attribute_type:
                return row
        raise KeyError(f"the CRM has no {attribute_type} attribute {key}")

    def tag_named(self, name: str) -> Row:
        """A copy of the tag of that name, made if there is none."""
        for tag in self.tags:
            if tag["name"] == name:
                return dict(tag)
        tag = {"id": self.tags.next_id(), "name": name, "colorBackground": "#000000", "colorText": "#ffffff"}
        self.tags.put(tag)
        return dict(tag)

    def plan_named(self, name: str, plan_type: str) -> Row:
        """The service plan of that name and type, made if there is none."""
        for plan in self.plans:
            if (plan["name"], plan["servicePlanType"]) == (name, plan_type):
                return plan
        row = records.plan_record(self.plans.next_id(), {"name": name, "servicePlanType": plan_type})
        self.plans.put(row)
        return row

    def set_value(self, owner: Row, attribute: Row, value: str | None) -> None:
        """Creates, updates or (None, empty) removes one attribute value of a client or service."""
        others = [kept for kept in owner["attributes"] if kept["customAttributeId"] != attribute["id"]]
        old = [kept for kept in owner["attributes"] if kept["customAttributeId"] == attribute["id"]]
        if not value:
            owner["attributes"] = others
        elif old:
            old[0]["value"] = value
        else:
            make = attributes.client_value if attribute["attributeType"] == "client" else attributes.service_value
            self._last_value_id += 1
            owner["attributes"] = [*others, make(self._last_value_id, owner["id"], attribute, value)]

    def export(self) -> Row:
        """Every table in full, as JSON data that `restore` takes back."""
        return {name: list(table) for name, table in self._tables().items()} | {"lastValueId": self._last_value_id}

    def restore(self, exported: Row) -> None:
        """Adds what `export` wrote."""
        for name, table in self._tables().items():
            for row in exported[name]:
                table.put(row)
        for row in self.services:
            self._services_of[row["clientId"]].add(row["id"])
        self._last_value_id = exported["lastValueId"]

    def _tables(self) -> dict[str, Table]:
        return {
            "attributes": self.attributes,
            "tags": self.tags,
            "plans": self.plans,
            "organizations": self.organizations,
            "suspensionReasons": self.suspension_reasons,
            "clients": self.clients,
            "services": self.services,
        }

    def _flag_suspension(self, client_id: int) -> None:
        client = self.clients.get(client_id)
        if client is None or client["isArchived"]:
            return
        suspended = any(row["status"] == 3 for row in self.services_of(client_id))
        if suspended != client["hasSuspendedService"]:
            client["hasSuspendedService"] = suspended
            self.clients.put(client)
