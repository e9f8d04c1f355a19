"""Pure: the forms that all journal objects share: names in keys, moments, JSON bodies that are read strictly."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeIs
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

type Check = Callable[[object], bool]

_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|\+00:00)")
_ESCAPED: Final = "surrogateescape"


class MalformedError(ValueError):
    """A journal object is not what this release writes; the text names the field and shows no value."""


def to_segment(name: str) -> str:
    """Percent-encode a name, so that it is one segment of an object key."""
    found = quote(name, safe="", errors=_ESCAPED)
    # Some clients resolve the segments `.` and `..` before they send a request.
    return found.replace(".", "%2E") if not name.strip(".") else found


def from_segment(segment: str) -> str:
    """Return the name that a segment of an object key stands for."""
    return unquote(segment, errors=_ESCAPED)


def to_text(moment: datetime) -> str:
    """Return a moment as UTC ISO 8601 in whole seconds, such as `2026-11-25T09:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_moment(text: str) -> datetime:
    """Return the moment that a body holds; raises `MalformedError` unless it is UTC ISO 8601."""
    try:
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise MalformedError("a time is not UTC ISO 8601")


def to_body(document: Mapping[str, Any]) -> bytes:
    """Return a JSON body in ASCII: a text with bytes that are not UTF-8 survives as escapes."""
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode("ascii")


def from_body(body: bytes, checks: Mapping[str, Check]) -> dict[str, Any]:
    """Return the JSON object of a body; raises `MalformedError` unless it has exactly these keys, all of them right."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedError("the body is not JSON") from None
    return checked(document, checks)


def checked(document: object, checks: Mapping[str, Check]) -> dict[str, Any]:
    """Return the object; raises `MalformedError` unless it has exactly these keys, all of them right."""
    if not isinstance(document, dict) or document.keys() != checks.keys():
        raise MalformedError(f"the object must have exactly the keys {', '.join(sorted(checks))}")
    for key, check in checks.items():
        if not check(document[key]):
            raise MalformedError(f"the value of {key} is not of its form")
    return document


def is_text(value: object) -> TypeIs[str]:
    """Tell whether the value is a text."""
    return isinstance(value, str)


def is_count(value: object) -> bool:
    """Tell whether the value is a whole number of zero or more; true and false are no numbers."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_flag(value: object) -> bool:
    """Tell whether the value is true or false."""
    return isinstance(value, bool)


def is_texts(value: object) -> TypeIs[list[str]]:
    """Tell whether the value is a list of texts."""
    return isinstance(value, list) and all(map(is_text, value))
