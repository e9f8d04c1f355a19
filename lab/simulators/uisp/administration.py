"""The administrator's hand: what a person does in the CRM's pages, as methods. Everything is done under the lock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lab.simulators.uisp import attributes, lifecycle, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lab.simulators.uisp.records import Row
    from lab.simulators.uisp.state import State, Table


class Administration:
    """Adds and changes what the CRM holds.

    Other fields are given by the API's names in either spelling (`firstName`, `first_name`); one that the CRM does not
    have raises TypeError, an attribute key or an id that it does not have KeyError. Unlike in the API, custom IDs may
    be repeated.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    def add_attribute(self, name: str, attribute_type: str = "client", type: str = "string", **other: Any) -> int:  # noqa: A002
        """A custom attribute; its key follows from its name. Raises ValueError if the key is taken."""
        key = attributes.derived_key(name)
        with self.state.lock:
            if any(row["key"] == key for row in self.state.attributes):
                raise ValueError(f"the key {key} is taken")
            row = {
                "id": self.state.attributes.next_id(),
                "key": key,
                "name": name,
                "clientZoneVisible": False,
                "attributeType": attribute_type,
                "type": type,
            }
            return _put(self.state.attributes, row | other)

    def rename_attribute(self, attribute_id: int, name: str) -> str:
        """Renames an attribute, which changes its key on every record; returns the new key."""
        with self.state.lock:
            attribute = _get(self.state.attributes, attribute_id)
            attribute |= {"name": name, "key": attributes.derived_key(name)}
            self.state.attributes.put(attribute)
            for table, put in (
                (self.state.clients, self.state.clients.put),
                (self.state.services, self.state.put_service),
            ):
                for row in table:
                    values = [entry for entry in row["attributes"] if entry["customAttributeId"] == attribute_id]
                    for entry in values:
                        entry |= {"name": name, "key": attribute["key"]}
                        put(row)
            return str(attribute["key"])

    def add_client(
        self,
        user_ident: str | None = None,
        attributes: Mapping[str, str | None] | None = None,
        tags: Iterable[str] = (),
        registration_date: str = "2020-08-14T00:00:00+0600",
        is_lead: bool = False,
        is_archived: bool = False,
        **other: Any,
    ) -> int:
        """A client with attribute values by key and tags by name (made if new); returns its id."""
        with self.state.lock:
            fields = {
                "userIdent": user_ident,
                "registrationDate": registration_date,
                "isLead": is_lead,
                "isArchived": is_archived,
            }
            client_id = _unused(self.state.clients, other)
            row = records.client_record(client_id, fields | _api_names(other))
            self._name_organization(row)
            self._set_values(row, attributes or {}, "client")
            row["tags"] = [self.state.tag_named(name) for name in tags]
            self.state.clients.put(row)
            return client_id

    def edit_client(
        self,
        client_id: int,
        *,
        attributes: Mapping[str, str | None] | None = None,
        tags: Iterable[str] | None = None,
        **fields: Any,
    ) -> None:
        """Changes only what is given; attribute values are merged, None removes one, `tags` replaces them all."""
        with self.state.lock:
            row = _get(self.state.clients, client_id)
            row |= _known(row, fields)
            self._name_organization(row)
            self._set_values(row, attributes or {}, "client")
            if tags is not None:
                row["tags"] = [self.state.tag_named(name) for name in tags]
            self.state.clients.put(row)

    def add_service(  # noqa: PLR0913, PLR0917 - one parameter a field of the record
        self,
        client_id: int,
        status: int = 1,
        name: str = "30mbps",
        plan_name: str | None = None,
        plan_type: str = "Internet",
        active_from: str = "2022-01-15T00:00:00+0600",
        active_to: str | None = None,
        attributes: Mapping[str, str | None] | None = None,
        **other: Any,
    ) -> int:
        """A service on the plan of that name and type (made if new); its client need not exist; returns its id."""
        with self.state.lock:
            plan = self.state.plan_named(name if plan_name is None else plan_name, plan_type)
            fields = {"clientId": client_id, "name": name or plan["name"], "activeFrom": active_from}
            fields |= {"activeTo": active_to, "invoicingStart": active_from, **_of_plan(plan)}
            service_id = _unused(self.state.services, other)
            row = records.service_record(service_id, fields | _api_names(other))
            self._set_values(row, attributes or {}, "service")
            lifecycle.move(self.state, row, status)
            return service_id

    def edit_service(
        self,
        service_id: int,
        *,
        status: int | None = None,
        attributes: Mapping[str, str | None] | None = None,
        **fields: Any,
    ) -> None:
        """Changes what is given; a status brings its other fields along unless they are given too."""
        with self.state.lock:
            row = _get(self.state.services, service_id)
            known = _known(row, fields)
            self._set_values(row, attributes or {}, "service")
            if status is not None:
                lifecycle.move(self.state, row, status)
            row |= known
            self.state.put_service(row)

    def delete_client(self, client_id: int, keep_services: bool = False) -> None:
        """Deletes a client and its services; `keep_services` leaves them behind as orphans."""
        with self.state.lock:
            row = _get(self.state.clients, client_id)
            if keep_services:
                self.state.clients.remove(row["id"])
            else:
                lifecycle.delete(self.state, row)

    def delete_service(self, service_id: int) -> None:
        """Deletes a service."""
        with self.state.lock:
            self.state.remove_service(_get(self.state.services, service_id))

    def archive_client(self, client_id: int) -> None:
        """Archives a client: its services ended yesterday."""
        with self.state.lock:
            lifecycle.archive(self.state, _get(self.state.clients, client_id))

    def restore_client(self, client_id: int) -> None:
        """Restores an archived client: its services stay ended."""
        with self.state.lock:
            lifecycle.restore(self.state, _get(self.state.clients, client_id))

    def client(self, client_id: int) -> Row:
        """The client as the API returns it."""
        with self.state.lock:
            return _decoded(self.state.clients, client_id)

    def services_of(self, client_id: int) -> list[Row]:
        """The client's services as the API returns them, in order of id."""
        with self.state.lock:
            return [_decoded(self.state.services, row["id"]) for row in self.state.services_of(client_id)]

    def warm_up(self) -> None:
        """Encodes every row now, so that a measurement does not meet the cost of the first read."""
        with self.state.lock:
            for table in (self.state.clients, self.state.services):
                for row in table:
                    table.encoded(row["id"])

    def _set_values(self, row: Row, values: Mapping[str, str | None], owner: str) -> None:
        for key, value in values.items():
            self.state.set_value(row, self.state.attribute_by_key(key, owner), value)

    def _name_organization(self, row: Row) -> None:
        row["organizationName"] = _get(self.state.organizations, row["organizationId"])["name"]


def _of_plan(plan: Row) -> Row:
    return {
        "servicePlanId": plan["id"],
        "servicePlanName": plan["name"],
        "servicePlanType": plan["servicePlanType"],
        "servicePlanPeriodId": plan["periods"][0]["id"],
        "downloadSpeed": plan["downloadSpeed"],
        "uploadSpeed": plan["uploadSpeed"],
    }


def _unused(table: Table, other: dict[str, Any]) -> int:
    row_id = int(other.pop("id", table.next_id()))
    if table.get(row_id) is not None:
        raise ValueError(f"the id {row_id} is taken")
    return row_id


def _get(table: Table, row_id: int) -> Row:
    row = table.get(row_id)
    if row is None:
        raise KeyError(row_id)
    return row


def _put(table: Table, row: Row) -> int:
    table.put(row)
    return int(row["id"])


def _decoded(table: Table, row_id: int) -> Row:
    _get(table, row_id)
    row: Row = json.loads(table.encoded(row_id))
    return row


def _api_names(fields: Row) -> Row:
    """Python spelling to the API's: `active_to` -> `activeTo`, `plan_name` -> `servicePlanName`."""
    return {_camel(f"service_{name}" if name in {"plan_name", "plan_type"} else name): fields[name] for name in fields}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def _known(row: Row, fields: Row) -> Row:
    named = _api_names(fields)
    unknown = sorted(named.keys() - row.keys())
    if unknown:
        raise TypeError(f"the CRM has no field {', '.join(unknown)} here")
    return named
