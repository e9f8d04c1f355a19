"""The API under /crm/api/v1.0/: from a request to an answer, without any network.

Paths, parameters and bodies: the blueprint of the UISP CRM API. What it leaves open follows UCRM 2.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from lab.simulators.uisp import answers
from lab.simulators.uisp.answers import Answer, Refusal
from lab.simulators.uisp.call import BASE
from lab.simulators.uisp.listing import Listings
from lab.simulators.uisp.writes import Writes, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lab.simulators.uisp.call import Call, Switches
    from lab.simulators.uisp.state import State, Table
    from lab.simulators.uisp.writes import Handler


class Api:
    """Routes and keys over one state."""

    def __init__(self, state: State, keys: dict[str, str], switches: Switches) -> None:
        self._state = state
        self._keys = keys
        self._switches = switches
        self._lists = Listings(state, switches)
        self._routes = self._reads()
        for path, methods in Writes(state).routes.items():
            self._routes[path] = self._routes.get(path, {}) | methods

    def answer(self, call: Call) -> Answer:
        """What the CRM answers; the state is changed by a write that it accepts."""
        if not call.path.startswith(BASE):
            return answers.html(404, "404 Not Found")
        methods = self._routes.get(call.endpoint.partition(" ")[2])
        if methods is None:
            return answers.error(404, "Not Found")
        if call.method not in methods:
            return _not_allowed(methods)
        try:
            self._authorize(call)
            with self._state.lock:
                return methods[call.method](call)
        except Refusal as refusal:
            return refusal.answer

    def _reads(self) -> dict[str, dict[str, Handler]]:
        lists, state = self._lists, self._state
        version = answers.ok({"version": self._switches.version})
        reads: dict[str, Handler] = {
            "version": lambda _: version,
            "clients": lists.clients,
            "clients/{id}": lambda call: _found(state.clients, call),
            "clients/services": lists.services,
            "clients/services/{id}": lambda call: _found(state.services, call),
            "custom-attributes": lists.attributes,
            "custom-attributes/{id}": lambda call: _found(state.attributes, call),
            "service-plans": lists.plans,
            "service-plans/{id}": lambda call: _found(state.plans, call),
            "client-tags": lambda call: lists.whole(call, state.tags),
            "service-suspension-reasons": lambda call: lists.whole(call, state.suspension_reasons),
            "organizations": self._organizations,
        }
        return {path: {"GET": handler} for path, handler in reads.items()}

    def _organizations(self, call: Call) -> Answer:
        if self._switches.forbids_organizations:
            raise Refusal(403, "Forbidden")
        return self._lists.whole(call, self._state.organizations)

    def _authorize(self, call: Call) -> None:
        kind = self._keys.get(call.headers.get("x-auth-app-key", ""))
        if kind is None:
            raise Refusal(401, "User authentication failed.")
        if kind != "write" and call.method != "GET":
            raise Refusal(403, "Forbidden")


def _found(table: Table, call: Call) -> Answer:
    return Answer(200, table.encoded(row_of(table, call)["id"]))


def _not_allowed(methods: Iterable[str]) -> Answer:
    refusal = answers.error(405, "Method Not Allowed")
    return dataclasses.replace(refusal, headers=(*refusal.headers, ("Allow", ", ".join(methods))))
