"""What every act of the demo does: invoke a function, and demand that it went as it has to."""

from __future__ import annotations

from typing import Any

from lab.demo.tables import step
from lab.local_aws import client


class DemoError(Exception):
    """The demo did not go as it has to; the message says where."""


def invoke(what: str, function: str, event: dict[str, Any]) -> dict[str, Any]:
    """Return the function's answer; raises `DemoError` if it failed."""
    with step(what):
        answer = client.invoke(function, event)
    demand(not answer.failed, f"{what} failed: {answer.error}")
    payload: dict[str, Any] = answer.payload
    return payload


def demand(true: Any, otherwise: str) -> None:
    """Raise `DemoError` with this message unless it is true."""
    if not true:
        raise DemoError(otherwise)
