"""What goes back over the wire: a status, headers, a body, and how the bytes are delivered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Literal

JSON_TYPE: Final = (("Content-Type", "application/json"),)
HTML_TYPE: Final = (("Content-Type", "text/html; charset=UTF-8"),)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the bytes leave: whole, or in one of the ways in which networks and proxies fail.

    `cut` sends half of the body and closes, `reset` and `close` send nothing, `stall` sends `keep` bytes of the body
    (the head too if there are any) and then waits for the shutdown, `drip` sends `chunk` bytes every `interval`
    seconds, the head too with `head`. `claimed` replaces the Content-Length.
    """

    kind: Literal["whole", "cut", "reset", "close", "stall", "drip"] = "whole"
    claimed: int | None = None
    chunk: int = 1
    interval: float = 0.0
    keep: int = 0
    head: bool = False


WHOLE: Final = Delivery()


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; Content-Length, Date and Server are added on delivery."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = JSON_TYPE
    delivery: Delivery = WHOLE


class Refusal(Exception):  # noqa: N818 - an answer of the API, not a failure of the simulator
    """An error answer of the API, raised where the rule is broken."""

    def __init__(self, status: int, message: str, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(status, message)
        self.answer = error(status, message, errors)


def encoded(value: Any) -> bytes:
    r"""JSON as PHP writes it: ASCII only, slashes escaped as `\/`."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def ok(value: Any) -> Answer:
    """200 with a JSON body."""
    return Answer(200, encoded(value))


def error(status: int, message: str, errors: dict[str, list[str]] | None = None) -> Answer:
    """The blueprint's error object: `code`, `message`, and for 422 `errors` by field."""
    body: dict[str, Any] = {"code": status, "message": message}
    if errors is not None:
        body["errors"] = errors
    return Answer(status, encoded(body))


def invalid(field: str, problem: str) -> Refusal:
    """422 with one field in its `errors`."""
    return Refusal(422, "Validation failed.", {field: [problem]})


def html(status: int, title: str) -> Answer:
    """The page of the proxy in front of the CRM."""
    page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body><center><h1>{title}</h1></center></body>\r\n</html>"
    return Answer(status, page.encode(), HTML_TYPE)
