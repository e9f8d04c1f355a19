"""The API under /crm/api/v1.0/: from a request to an answer, without any network.

Paths, parameters and bodies: the blueprint of the UISP CRM API. What it leaves open follows UCRM 2.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from simulators.uisp import answers, lifecycle, patching
from simulators.uisp.answers import Answer, Refusal
from simulators.uisp.listing import Listings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulators.uisp.queries import Query
    from simulators.uisp.records import Row
    from simulators.uisp.state import State, Table

BASE: Final = "/crm/api/v1.0/"
_NUMBER: Final = re.compile(r"\d+")


@dataclass(slots=True)
class Switches:
    """What differs between installations; the meaning of each is documented at `UispSimulator`."""

    version: str
    max_limit: int | None
    lists_archived_services: bool
    lists_superseded_services: bool
    forbids_organizations: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the API sees it; `headers` have lower-case names."""

    method: str
    path: str
    query: Query
    headers: Mapping[str, str]
    body: bytes

    @property
    def endpoint(self) -> str:
        """Method and path below the base, numbers replaced: `GET clients/{id}`."""
        relative = self.path.removeprefix(BASE)
        return f"{self.method} {'/'.join('{id}' if _NUMBER.fullmatch(part) else part for part in relative.split('/'))}"

    @property
    def ids(self) -> list[int]:
        """The numbers in the path."""
        return [int(part) for part in self.path.removeprefix(BASE).split("/") if _NUMBER.fullmatch(part)]


class Api:
    """Routes, keys and handlers over one state."""

    def __init__(self, state: State, keys: dict[str, str], switches: Switches) -> None:
        self._state = state
        self._keys = keys
        self._switches = switches
        self._lists = Listings(state, switches)
        self._routes: dict[str, dict[str, Callable[[Call], Answer]]] = {
            "version": {"GET": lambda _: answers.ok({"version": switches.version})},
            "clients": {"GET": self._lists.clients},
            "clients/{id}": {"GET": self._client, "PATCH": self._patch_client},
            "clients/services": {"GET": self._lists.services},
            "clients/services/{id}": {"GET": self._service, "PATCH": self._patch_service},
            "custom-attributes": {"GET": self._lists.attributes},
            "service-plans": {"GET": self._lists.plans},
            "client-tags": {"GET": lambda call: self._lists.whole(call, state.tags)},
            "service-suspension-reasons": {"GET": lambda call: self._lists.whole(call, state.suspension_reasons)},
            "organizations": {"GET": self._organizations},
        }

    def answer(self, call: Call) -> Answer:
        """What the CRM answers; the state is changed by a write that it accepts."""
        if not call.path.startswith(BASE):
            return answers.html(404, "404 Not Found")
        try:
            handler = self._routed(call)
            self._authorize(call)
            with self._state.lock:
                return handler(call)
        except Refusal as refusal:
            return refusal.answer

    def _routed(self, call: Call) -> Callable[[Call], Answer]:
        methods = self._routes.get(call.endpoint.partition(" ")[2])
        if methods is None:
            raise Refusal(404, "Not Found")
        if call.method not in methods:
            raise Refusal(405, "Method Not Allowed")
        return methods[call.method]

    def _authorize(self, call: Call) -> None:
        kind = self._keys.get(call.headers.get("x-auth-app-key", ""))
        if kind is None:
            raise Refusal(401, "User authentication failed.")
        if kind != "write" and call.method != "GET":
            raise Refusal(403, "Forbidden")

    def _client(self, call: Call) -> Answer:
        return _found(self._state.clients, call)

    def _service(self, call: Call) -> Answer:
        return _found(self._state.services, call)

    def _organizations(self, call: Call) -> Answer:
        if self._switches.forbids_organizations:
            raise Refusal(403, "Forbidden")
        return self._lists.whole(call, self._state.organizations)

    def _patch_client(self, call: Call) -> Answer:
        body = _json_object(call)
        client = _row(self._state.clients, call)
        if client["isArchived"]:
            raise Refusal(404, "Client is archived. All you can do is restore him.")
        patching.patch_client(self._state, client, body)
        return _found(self._state.clients, call)

    def _patch_service(self, call: Call) -> Answer:
        body = _json_object(call)
        service = _row(self._state.services, call)
        if any(row["status"] == lifecycle.DEFERRED for row in self._state.services_of(service["clientId"])):
            raise Refusal(404, "Service has a deferred change.")
        patching.patch_service(self._state, service, body)
        return _found(self._state.services, call)


def _row(table: Table, call: Call) -> Row:
    row = table.get(call.ids[0])
    if row is None:
        raise Refusal(404, "Object is not found.")
    return row


def _found(table: Table, call: Call) -> Answer:
    return Answer(200, table.encoded(_row(table, call)["id"]))


def _json_object(call: Call) -> Row:
    """The body. Without a JSON content type 415; anything but a JSON object 400."""
    if call.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "Unsupported Media Type")
    try:
        body = json.loads(call.body.decode("utf-8"), parse_constant=_no_constant)
        json.dumps(body, ensure_ascii=False).encode("utf-8")  # PHP refuses lone surrogates
    except ValueError as problem:
        raise Refusal(400, "Invalid json message received") from problem
    if not isinstance(body, dict):
        raise Refusal(400, "Invalid json message received")
    return body


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
