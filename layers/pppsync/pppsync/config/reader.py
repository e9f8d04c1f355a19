"""Reads a JSON object by a table of keys and lists every fault by its path, never showing a value.

The table gives each key its kind (`config/kinds.py`), the function that reads its value.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from pppsync.config.kinds import RefusedError
from pppsync.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pppsync.config.kinds import ValueKind

# A longer or stranger name may be a credential that was pasted into the wrong place.
_SHOWABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")


class JsonObject(dict[str, object]):
    """A JSON object that remembers which keys it was given more than once."""

    __slots__ = ("repeated",)

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.repeated = tuple(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)


def parse(text: str) -> JsonObject:
    """Return the JSON object that `text` is; a fault names the position and shows nothing of the text."""
    document: object = None
    fault = "the document must be a JSON object"
    try:
        document = json.loads(text, object_pairs_hook=JsonObject)
    except json.JSONDecodeError as error:
        fault = f"line {error.lineno}, column {error.colno}: this is not JSON"
        if "control character" in error.msg:
            fault += "; a line break or tab inside a text is written as \\n or \\t"
    except (ValueError, RecursionError):
        fault = "the document has a number too long or lists too deep to be read"
    # Raised after the handlers: JSONDecodeError carries the whole document, and even `from None` keeps it as context.
    if not isinstance(document, JsonObject):
        raise ConfigurationError([fault])
    return document


class Reader:
    """Reads the objects of one document; `faults` collects all its faults."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def fault(self, path: str, sentence: str) -> None:
        """Add a fault; `sentence` shows no value of the document."""
        self.faults.append(f"{path}: {sentence}")

    def keys(
        self, path: str, value: object, table: Mapping[str, ValueKind], required: Iterable[str] = ()
    ) -> dict[str, Any]:
        """Return the values of the object `value` by `table`, without the keys that are a fault."""
        if not isinstance(value, dict):
            self.fault(path, "must be an object")
            return {}
        if isinstance(value, JsonObject):
            for key in value.repeated:
                self.fault(join(path, key), "is given more than once")
        found: dict[str, Any] = {}
        for key, item in value.items():
            try:
                found[key] = table.get(key, _unknown(key, table))(item)
            except RefusedError as refused:
                self.fault(join(path, key), str(refused))
        for key in required:
            if key not in value:
                self.fault(join(path, key), "is missing")
        return found


def join(path: str, key: object) -> str:
    """Return the path of `key` below `path`; a key that may be a pasted credential is not shown."""
    shown = key if isinstance(key, str) and _SHOWABLE.fullmatch(key) else "(name not shown)"
    return f"{path}.{shown}" if path else shown


def _unknown(key: object, known: Collection[str]) -> ValueKind:
    def refuse(_value: object) -> None:
        matches: list[str] = []
        if isinstance(key, str) and _SHOWABLE.fullmatch(key):
            matches = difflib.get_close_matches(key.lower(), known, n=1)
        raise RefusedError(f"is an unknown key; did you mean `{matches[0]}`?" if matches else "is an unknown key")

    return refuse
