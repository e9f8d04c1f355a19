"""The handlers of all requests that change something."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lab.simulators.uisp import lifecycle, patching
from lab.simulators.uisp.answers import Answer, Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.simulators.uisp.call import Call
    from lab.simulators.uisp.records import Row
    from lab.simulators.uisp.state import State, Table

type Handler = Callable[[Call], Answer]


class Writes:
    """PATCH and DELETE over one state; whoever calls holds its lock."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.routes: dict[str, dict[str, Handler]] = {
            "clients/{id}": {"PATCH": self._patch_client, "DELETE": self._delete_client},
            "clients/{id}/archive": {"PATCH": self._archive},
            "clients/{id}/restore": {"PATCH": self._restore},
            "clients/{id}/add-tag/{id}": {"PATCH": self._add_tag},
            "clients/{id}/remove-tag/{id}": {"PATCH": self._remove_tag},
            "clients/services/{id}": {"PATCH": self._patch_service, "DELETE": self._delete_service},
            "clients/services/{id}/suspend": {"PATCH": self._suspend},
            "clients/services/{id}/cancel-suspend": {"PATCH": self._cancel_suspend},
            "clients/services/{id}/end": {"PATCH": self._end},
        }

    def _patch_client(self, call: Call) -> Answer:
        body = _json_object(call)
        client = self._live_client(call)
        patching.patch_client(self._state, client, body)
        return Answer(200, self._state.clients.encoded(client["id"]))

    def _delete_client(self, call: Call) -> Answer:
        lifecycle.delete(self._state, row_of(self._state.clients, call))
        return Answer(200, b"")

    def _archive(self, call: Call) -> Answer:
        lifecycle.archive(self._state, self._live_client(call))
        return Answer(200, b"")

    def _restore(self, call: Call) -> Answer:
        client = row_of(self._state.clients, call)
        if not client["isArchived"]:
            raise Refusal(422, "Client is not archived.", {})
        lifecycle.restore(self._state, client)
        return Answer(200, b"")

    def _add_tag(self, call: Call) -> Answer:
        client, tag = self._live_client(call), row_of(self._state.tags, call, 1)
        if tag["id"] not in {known["id"] for known in client["tags"]}:
            client["tags"] = [*client["tags"], dict(tag)]
        self._state.clients.put(client)
        return Answer(200, self._state.clients.encoded(client["id"]))

    def _remove_tag(self, call: Call) -> Answer:
        client, tag = self._live_client(call), row_of(self._state.tags, call, 1)
        client["tags"] = [known for known in client["tags"] if known["id"] != tag["id"]]
        self._state.clients.put(client)
        return Answer(200, self._state.clients.encoded(client["id"]))

    def _patch_service(self, call: Call) -> Answer:
        body = _json_object(call)
        service = row_of(self._state.services, call)
        if any(row["status"] == lifecycle.DEFERRED for row in self._state.services_of(service["clientId"])):
            raise Refusal(404, "Service has a deferred change.")
        patching.patch_service(self._state, service, body)
        return Answer(200, self._state.services.encoded(service["id"]))

    def _delete_service(self, call: Call) -> Answer:
        self._state.remove_service(row_of(self._state.services, call))
        return Answer(200, b"")

    def _suspend(self, call: Call) -> Answer:
        reason = _json_object(call).get("suspensionReasonId")
        service = self._service_in(call, {lifecycle.ACTIVE})
        if not isinstance(reason, int) or self._state.suspension_reasons.get(reason) is None:
            raise invalid("suspensionReasonId", "This value is not valid.")
        lifecycle.set_status(self._state, service, lifecycle.SUSPENDED, reason)
        return Answer(200, b"")

    def _cancel_suspend(self, call: Call) -> Answer:
        lifecycle.set_status(self._state, self._service_in(call, {lifecycle.SUSPENDED}), lifecycle.ACTIVE)
        return Answer(200, b"")

    def _end(self, call: Call) -> Answer:
        service = self._service_in(call, {lifecycle.ACTIVE, lifecycle.SUSPENDED})
        lifecycle.end(self._state, service)
        return Answer(200, self._state.services.encoded(service["id"]))

    def _live_client(self, call: Call) -> Row:
        client = row_of(self._state.clients, call)
        if client["isArchived"]:
            raise Refusal(404, "Client is archived. All you can do is restore him.")
        return client

    def _service_in(self, call: Call, statuses: set[int]) -> Row:
        service = row_of(self._state.services, call)
        if service["status"] not in statuses:
            raise Refusal(422, "The service's status does not allow this.", {})
        return service


def row_of(table: Table, call: Call, position: int = 0) -> Row:
    """The row that a number in the path names. Raises the 404 refusal."""
    row = table.get(call.ids[position])
    if row is None:
        raise Refusal(404, "Object is not found.")
    return row


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
