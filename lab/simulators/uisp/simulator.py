"""The CRM in one object: the wire side, and the administrator's hand for tests and demos."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from lab.simulators.uisp import answers
from lab.simulators.uisp.administration import Administration
from lab.simulators.uisp.api import Api
from lab.simulators.uisp.call import BASE, Call, Switches
from lab.simulators.uisp.faults import FaultList
from lab.simulators.uisp.queries import Query
from lab.simulators.uisp.server import CrmServer, HttpRequest
from lab.simulators.uisp.state import State

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from lab.simulators.uisp.answers import Answer


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it came in, before its answer.

    `path` is whole, `endpoint` is `GET clients/{id}`, `query` maps names as sent to lists, `headers` have lower-case
    names, `body` is the decoded JSON (None if there is none), `time` is `time.monotonic()`, `server_name` the SNI.
    """

    method: str
    path: str
    endpoint: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: Any
    time: float
    host: str
    server_name: str | None


class UispSimulator(Administration):
    """A UISP CRM that listens while the context is entered.

    `keys` maps app keys to `read` or `write` and may be changed at any time. `latency` is waited before each answer, in
    seconds. `max_limit` caps the rows of a page. The two `lists_` switches say whether GET clients/services shows the
    services of archived clients and those of status 5 and 6. `compress` answers in gzip where it is asked for.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - one parameter a switch
        self,
        keys: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        version: str = "4.4.31",
        latency: float = 0.0,
        max_limit: int | None = None,
        lists_archived_services: bool = True,
        lists_superseded_services: bool = True,
        forbids_organizations: bool = False,
        compress: bool = False,
    ) -> None:
        super().__init__(State())
        self.keys: dict[str, str] = dict({"write-key": "write"} if keys is None else keys)
        self.host, self.port, self.latency = host, port, latency
        self.requests: list[RecordedRequest] = []
        self.faults = FaultList()
        self.on_request: Callable[[RecordedRequest], None] | None = None
        switches = Switches(
            version, max_limit, lists_archived_services, lists_superseded_services, forbids_organizations
        )
        self._api = Api(self.state, self.keys, switches)
        self._tls, self._compress = tls, compress
        self._server: CrmServer | None = None

    @property
    def url(self) -> str:
        """Scheme, host and port, without a path."""
        return f"{'http' if self._tls is None else 'https'}://{self.host}:{self.port}"

    @property
    def api_url(self) -> str:
        """The base of the API, with its final slash."""
        return f"{self.url}{BASE}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, _type: type[BaseException] | None, _: BaseException | None, _tb: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Listens; `port` is the real one from here on, and the same after a stop and another start."""
        self._server = CrmServer((self.host, self.port), self._tls, self._respond, compress=self._compress)
        self.port = self._server.server_address[1]
        self._server.start()

    def stop(self) -> None:
        """Closes every connection and the port; the data stay."""
        if self._server is not None:
            self._server.end()
            self._server = None

    def clear_log(self) -> None:
        """Forgets the recorded requests."""
        self.requests.clear()

    def _respond(self, request: HttpRequest) -> Answer:
        target = urlsplit(request.target)
        call = Call(request.method, target.path, Query(target.query), request.headers, request.body)
        recorded = _recorded(call, request)
        self.requests.append(recorded)
        if self.on_request is not None:
            self.on_request(recorded)
        server = self._server
        if self.latency and server is not None:
            server.stopping.wait(self.latency)
        return self._answer(call)

    def _answer(self, call: Call) -> Answer:
        fault = self.faults.striking(call.method, call.path.removeprefix(BASE), call.endpoint)
        if fault is None:
            return self._api.answer(call)
        if call.method != "GET" and not fault.after_write:
            return fault.action.change(answers.ok({}))
        if fault.action.shift:
            call = Call(call.method, call.path, call.query.moved(fault.action.shift), call.headers, call.body)
        return fault.action.change(self._api.answer(call))


def _recorded(call: Call, request: HttpRequest) -> RecordedRequest:
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    return RecordedRequest(
        method=call.method,
        path=call.path,
        endpoint=call.endpoint,
        query=call.query.raw,
        headers=call.headers,
        body=body,
        time=time.monotonic(),
        host=call.headers["host"],
        server_name=request.server_name,
    )
