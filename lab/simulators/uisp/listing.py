"""The lists: filters, order and paging over rows that are kept encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab.simulators.uisp.answers import Answer, Refusal
from lab.simulators.uisp.attributes import ATTRIBUTE_TYPES
from lab.simulators.uisp.lifecycle import DEFERRED, OBSOLETE

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from lab.simulators.uisp.call import Call, Switches
    from lab.simulators.uisp.queries import Query
    from lab.simulators.uisp.records import Row
    from lab.simulators.uisp.state import State, Table

type Test = Callable[[Row], bool]

_STATUSES: Final = range(9)
_ORDERS: Final[dict[str, Callable[[Row], str]]] = {
    "user.firstName": lambda row: row["firstName"] or "",
    "user.lastName": lambda row: row["lastName"] or "",
    "client.registrationDate": lambda row: row["registrationDate"],
    "client.id": lambda _: "",
}
_SEARCHED: Final = ("userIdent", "firstName", "lastName", "companyName", "fullAddress", "username", "note")


class Listings:
    """The handlers of all GETs that answer with a JSON array."""

    def __init__(self, state: State, switches: Switches) -> None:
        self._state = state
        self._switches = switches

    def clients(self, call: Call) -> Answer:
        """GET clients: live clients by default, leads included, in order of id."""
        query = call.query
        archived = query.flag("isArchived") or False
        tests: list[Test] = [lambda row: row["isArchived"] is archived]
        tests += _equal("organizationId", query.number("organizationId"))
        tests += _equal("isLead", query.flag("lead"))
        tests += _equal("userIdent", query.text("userIdent"))
        tests += _equal("username", query.text("username"))
        tests += _attribute_tests(query)
        tests += _contact_tests(query)
        tests += _tag_tests(query)
        tests += _search_tests(query)
        if query.numbers("uninvoicedFeeTypes", (1, 2, 3)) is not None:
            tests.append(lambda _: False)  # nobody has fees here
        order = query.choice("order", _ORDERS) or "client.id"
        descending = query.choice("direction", ("ASC", "DESC")) == "DESC"

        def select() -> list[int]:
            rows = [row for row in self._state.clients if all(test(row) for test in tests)]
            rows.sort(key=lambda row: (_ORDERS[order](row), row["id"]), reverse=descending)
            return [row["id"] for row in rows]

        return self._page(call, self._state.clients, select)

    def services(self, call: Call) -> Answer:
        """GET clients/services: all statuses, services of archived clients too, in order of id."""
        query = call.query
        tests: list[Test] = list(self._hidden())
        tests += _equal("clientId", self._existing(query, "clientId", self._state.clients))
        tests += _equal("prepaid", query.flag("prepaid"))
        tests += _equal("hasOutage", query.flag("hasOutage"))
        statuses = query.numbers("statuses", _STATUSES)
        if statuses is not None:
            tests.append(lambda row: row["status"] in statuses)
        organization = self._existing(query, "organizationId", self._state.organizations)
        if organization is not None:
            tests.append(lambda row: self._organization_of(row) == organization)
        tests += _service_attribute_tests(query)
        return self._page(call, self._state.services, lambda: _matching(self._state.services, tests))

    def attributes(self, call: Call) -> Answer:
        """GET custom-attributes, of one type or of all."""
        tests = _equal("attributeType", call.query.choice("attributeType", ATTRIBUTE_TYPES))
        return self._page(call, self._state.attributes, lambda: _matching(self._state.attributes, tests))

    def plans(self, call: Call) -> Answer:
        """GET service-plans: archived plans only if asked for."""
        query = call.query
        archived = query.flag("archived") or False
        kind = query.choice("servicePlanType", ("internet", "general"))
        tests: list[Test] = [lambda row: row["archived"] is archived]
        tests += _equal("servicePlanType", kind.capitalize() if kind else None)
        tests += _equal("public", query.flag("public"))
        tests += _equal("prepaid", query.flag("prepaid"))
        tests += _equal("defaultServicePlanGroupId", query.text("servicePlanGroupId"))
        return self._page(call, self._state.plans, lambda: _matching(self._state.plans, tests))

    def whole(self, call: Call, table: Table) -> Answer:
        """A list that has no filters."""
        return self._page(call, table, lambda: _matching(table, ()))

    def _page(self, call: Call, table: Table, select: Callable[[], list[int]]) -> Answer:
        limit, offset = call.query.number("limit"), call.query.number("offset") or 0
        if self._switches.max_limit is not None:
            limit = self._switches.max_limit if limit is None else min(limit, self._switches.max_limit)
        ids = self._state.listing(_without_paging(call), select)
        wanted = ids[offset:] if limit is None else ids[offset : offset + limit]
        return Answer(200, b"[" + b",".join([table.encoded(row_id) for row_id in wanted]) + b"]")

    def _hidden(self) -> Iterable[Test]:
        if not self._switches.lists_superseded_services:
            yield lambda row: row["status"] not in {OBSOLETE, DEFERRED}
        if not self._switches.lists_archived_services:
            yield lambda row: not (self._state.clients.get(row["clientId"]) or {"isArchived": False})["isArchived"]

    def _existing(self, query: Query, name: str, table: Table) -> int | None:
        wanted = query.number(name)
        if wanted is not None and table.get(wanted) is None:
            raise Refusal(404, "Object is not found.")
        return wanted

    def _organization_of(self, service: Row) -> int | None:
        client = self._state.clients.get(service["clientId"])
        return None if client is None else client["organizationId"]


def _without_paging(call: Call) -> Hashable:
    raw = call.query.raw
    return call.path, tuple((name, *values) for name, values in sorted(raw.items()) if name not in {"limit", "offset"})


def _matching(rows: Iterable[Row], tests: Iterable[Test]) -> list[int]:
    tests = tuple(tests)
    return [row["id"] for row in rows if all(test(row) for test in tests)]


def _equal(field: str, wanted: object) -> list[Test]:
    return [] if wanted is None else [lambda row: row[field] == wanted]


def _attribute_tests(query: Query) -> list[Test]:
    pair = query.pair("customAttributeKey", "customAttributeValue")
    if pair is None:
        return []
    return [lambda row: any((entry["key"], entry["value"]) == pair for entry in row["attributes"])]


def _service_attribute_tests(query: Query) -> list[Test]:
    """As `_attribute_tests`, or by the deprecated `customAttributeId`, with a value or alone."""
    attribute, value = query.number("customAttributeId"), query.text("customAttributeValue")
    if attribute is None:
        return _attribute_tests(query)
    return [
        lambda row: any(
            entry["customAttributeId"] == attribute and value in {None, entry["value"]} for entry in row["attributes"]
        )
    ]


def _contact_tests(query: Query) -> list[Test]:
    return [_has_contact(name, value) for name in ("email", "phone") if (value := query.text(name)) is not None]


def _has_contact(name: str, value: str) -> Test:
    return lambda row: any(contact[name] == value for contact in row["contacts"])


def _tag_tests(query: Query) -> list[Test]:
    tags = query.numbers("clientTagIds")
    return [] if tags is None else [lambda row: any(tag["id"] in tags for tag in row["tags"])]


def _search_tests(query: Query) -> list[Test]:
    words = query.text("query")
    if words is None:
        return []
    if len(words) < 2:
        raise Refusal(400, "Search query must have at least two characters.")
    return [lambda row: any(words.lower() in str(row[field] or "").lower() for field in _SEARCHED)]
