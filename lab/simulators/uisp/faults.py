"""What can go wrong between the CRM and its client, each as an action that a `Fault` applies to chosen requests.

crm.faults.append(Fault(on="GET clients/services", nth=2, action=faults.status(503)))
"""

from __future__ import annotations

import dataclasses
import http
import json
import threading
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

from lab.simulators.uisp import answers
from lab.simulators.uisp.answers import Answer, Delivery

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

_HTML_TITLES: Final = {502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable", 504: "504 Gateway Time-out"}
_MESSAGES: Final = {
    400: "Bad request.",
    401: "User authentication failed.",
    403: "Forbidden",
    404: "Object is not found.",
    422: "Validation failed.",
    429: "Too Many Requests.",
    500: "Error occurred.",
}


@dataclass(frozen=True, slots=True)
class Action:
    """One way to fail: the window of a list shifted by `shift` rows, or the true answer replaced."""

    change: Callable[[Answer], Answer]
    shift: int = 0


@dataclass(slots=True)
class Fault:
    """An action for some of the requests.

    `on` is `*`, an endpoint (`GET clients`, `GET clients/{id}`, `GET clients/services`, `PATCH clients`) or a path with
    its number (`PATCH clients/7`). The `nth` matching request after the fault was put in place is the first to fail,
    `times` of them fail (None: all from there on). A write is not carried out, unless `after_write`: then it is, and
    only its answer suffers.
    """

    on: str
    action: Action
    nth: int = 1
    times: int | None = 1
    after_write: bool = False
    seen: int = field(default=0, init=False)

    def matches(self, method: str, path: str, endpoint: str) -> bool:
        """Whether the request is one that this fault counts."""
        short = endpoint.removesuffix("/{id}") if method != "GET" else endpoint
        return self.on in {"*", endpoint, short, f"{method} {path}"}

    def strikes(self) -> bool:
        """Counts one matching request; whether it is one that fails."""
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)


class FaultList(list[Fault]):
    """The faults in place. All matching ones count a request, the first that strikes is applied."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def striking(self, method: str, path: str, endpoint: str) -> Fault | None:
        """The fault for this request, if any."""
        with self._lock:
            matching = [fault for fault in self if fault.matches(method, path, endpoint)]
            return next(iter([fault for fault in matching if fault.strikes()]), None)


def status(code: int, retry_after: int | dt.datetime | None = None) -> Action:
    """An error: HTML of the proxy for 502, 503 and 504, else the API's JSON; `Retry-After` in seconds or as a date."""
    answer = answers.html(code, _HTML_TITLES[code]) if code in _HTML_TITLES else _api_error(code)
    if retry_after is not None:
        value = str(retry_after) if isinstance(retry_after, int) else format_datetime(retry_after, usegmt=True)
        answer = dataclasses.replace(answer, headers=(*answer.headers, ("Retry-After", value)))
    return Action(lambda _: answer)


def html_page() -> Action:
    """200 with a login page."""
    return Action(lambda _: answers.html(200, "UISP"))


def front(code: int, body: bytes | None = None) -> Action:
    """An error of something in front of the CRM: its page, or its own JSON. The CRM does not see the request."""
    page = answers.html(code, f"{code} {http.HTTPStatus(code).phrase}")
    answer = page if body is None else Answer(code, body)
    return Action(lambda _: answer)


def html_labelled_json() -> Action:
    """200 with a page of HTML that says it is JSON."""
    return Action(lambda _: dataclasses.replace(answers.html(200, "UISP"), headers=answers.JSON_TYPE))


def error_object() -> Action:
    """200 with the error object where a list belongs."""
    return Action(lambda _: Answer(200, _api_error(401).body))


def body(text: bytes) -> Action:
    """200 with exactly these bytes as JSON."""
    return Action(lambda _: Answer(200, text))


def empty_list() -> Action:
    """200 with a list of nothing."""
    return body(b"[]")


def invalid_json() -> Action:
    """The body loses its last byte, the Content-Length is right."""
    return Action(lambda answer: dataclasses.replace(answer, body=answer.body[:-1]))


def redirect(location: str, code: int = 302) -> Action:
    """301, 302, 307 or 308 to somewhere else."""
    page = answers.html(code, "Redirecting")
    answer = dataclasses.replace(page, headers=(*page.headers, ("Location", location)))
    return Action(lambda _: answer)


def half_list() -> Action:
    """A list of half of its rows, rounded down."""
    return rows(lambda page: page[: len(page) // 2])


def ids_as_text() -> Action:
    """Every `id` of the page is a string."""
    return rows(lambda page: [row | {"id": str(row["id"])} for row in page])


def rows_without_id() -> Action:
    """No row of the page has an `id`."""
    return rows(lambda page: [{name: row[name] for name in row if name != "id"} for row in page])


def rows_not_objects() -> Action:
    """The page is a list of numbers."""
    return rows(lambda page: [row["id"] for row in page])


def field_value(name: str, value: Any) -> Action:
    """One field of every row has another value, of whatever type."""
    return rows(lambda page: [row | {name: value} for row in page])


def repeated_row() -> Action:
    """The last row of the page is replaced by its first: one row twice, one missing."""
    return rows(lambda page: [*page[:-1], page[0]] if page else page)


def shifted(by: int) -> Action:
    """The page starts `by` rows later (earlier if negative), as after a row came or went before it."""
    return Action(lambda answer: answer, shift=by)


def rows(change: Callable[[list[Any]], list[Any]]) -> Action:
    """Any change of the rows of a page; an answer that is no list stays as it is."""

    def changed(answer: Answer) -> Answer:
        page = json.loads(answer.body) if answer.status == 200 else None
        if not isinstance(page, list):
            return answer
        return dataclasses.replace(answer, body=answers.encoded(change(page)))

    return Action(changed)


def cut_body() -> Action:
    """Half of the body under the Content-Length of the whole, then the connection is closed."""
    return delivered(Delivery("cut"))


def reset() -> Action:
    """TCP RST in place of an answer."""
    return delivered(Delivery("reset"))


def close() -> Action:
    """The connection is closed without an answer."""
    return delivered(Delivery("close"))


def stall(after: int = 0) -> Action:
    """Silence until the simulator ends, after so many bytes of the body (0: not even a status line)."""
    return delivered(Delivery("stall", keep=after))


def drip(interval: float, chunk: int = 1) -> Action:
    """The whole body, `chunk` bytes every `interval` seconds."""
    return delivered(Delivery("drip", interval=interval, chunk=chunk))


def drip_head(interval: float) -> Action:
    """Status line and headers too come byte by byte, one every `interval` seconds."""
    return delivered(Delivery("drip", interval=interval, head=True))


def huge_length(claimed: int = 10**12) -> Action:
    """A Content-Length far above the body, then the connection is closed."""
    return delivered(Delivery("whole", claimed=claimed))


def delivered(delivery: Delivery) -> Action:
    """The true answer, its bytes delivered in another way."""
    return Action(lambda answer: dataclasses.replace(answer, delivery=delivery))


def _api_error(code: int) -> Answer:
    errors = {"value": ["This value is not valid."]} if code == 422 else None
    return answers.error(code, _MESSAGES.get(code, "Error occurred."), errors)
