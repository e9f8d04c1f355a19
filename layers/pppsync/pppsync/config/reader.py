"""Reads a JSON object by a table of keys and lists every fault by its path, never showing a value.

The table gives each key its *kind*: a function that takes the value as the document holds it and gives it as the
program uses it, or raises `RefusedError` with the sentence that follows the path in the fault.
"""

from __future__ import annotations

import difflib
import ipaddress
import json
import re
import ssl
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from pppsync.errors import ConfigurationError

type Kind = Callable[[object], Any]

PORTS: Final = (1, 65535)
# A longer or stranger name may be a credential that was pasted into the wrong place.
_SHOWABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")
_LABEL: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class RefusedError(Exception):
    """A value that its key does not take; the text says what it must be."""


class JsonObject(dict[str, object]):
    """A JSON object that remembers which keys it was given more than once."""

    __slots__ = ("repeated",)

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.repeated = tuple(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)


def parse(text: str) -> JsonObject:
    """The JSON object that `text` is; what is not JSON is told by its position alone."""
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
    """Reads the objects of one document; `faults` collects all that is wrong with it."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def fault(self, path: str, sentence: str) -> None:
        """Adds a fault; `sentence` shows no value of the document."""
        self.faults.append(f"{path}: {sentence}")

    def keys(self, path: str, value: object, table: Mapping[str, Kind], required: Iterable[str] = ()) -> dict[str, Any]:
        """The values of the object `value` by `table`; an unknown, missing or refused key is a fault and left out."""
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
    """The path of `key` below `path`; a key that may be a pasted credential is not shown."""
    shown = key if isinstance(key, str) and _SHOWABLE.fullmatch(key) else "(name not shown)"
    return f"{path}.{shown}" if path else shown


def _unknown(key: object, known: Collection[str]) -> Kind:
    def refuse(_value: object) -> None:
        matches: list[str] = []
        if isinstance(key, str) and _SHOWABLE.fullmatch(key):
            matches = difflib.get_close_matches(key.lower(), known, n=1)
        raise RefusedError(f"is an unknown key; did you mean `{matches[0]}`?" if matches else "is an unknown key")

    return refuse


def as_is(value: object) -> object:
    """Any value: the key is an object or a list that is read by itself."""
    return value


def flag(value: object) -> bool:
    """True or false, and nothing that merely looks like it."""
    if isinstance(value, bool):
        return value
    raise RefusedError("must be true or false")


def text(value: object) -> str:
    """A text, taken literally; it may be empty."""
    if not isinstance(value, str):
        raise RefusedError("must be a text")
    if _SURROGATE.search(value):
        raise RefusedError("has half of a surrogate pair, which no encoding can carry")
    return value


def filled(value: object) -> str:
    """A text that is not blank, taken literally."""
    if not text(value).strip():
        raise RefusedError("must not be blank")
    return text(value)


def label(value: object) -> str:
    """A name that reads as it is: not blank, no outer blanks, nothing unprintable."""
    name = filled(value)
    if name != name.strip() or not name.isprintable():
        raise RefusedError("must have no outer blanks and no control characters")
    return name


def token(value: object) -> str:
    """A text that fits an HTTP header: printable ASCII without blanks."""
    found = filled(value)
    # Sent as a header, anything else would come back in the text of the HTTP library's exception.
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise RefusedError("must be printable ASCII characters without blanks or line breaks")
    return found


def whole(low: int, high: int | None = None) -> Kind:
    """The kind of whole numbers from `low` to `high`."""
    sentence = (
        f"must be a whole number of at least {low}" if high is None else f"must be a whole number from {low} to {high}"
    )

    def read(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= (value if high is None else high):
            return value
        raise RefusedError(sentence)

    return read


def number(low: float, high: float, *, above: bool = False) -> Kind:
    """The kind of finite numbers from `low` (or `above` it) to `high`."""
    sentence = f"must be a number above {low} and at most {high}" if above else f"must be a number from {low} to {high}"

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RefusedError(sentence)
        # Asked for what is right, because every comparison with NaN is false.
        if low <= value <= high and not (above and value == low):
            return float(value)
        raise RefusedError(sentence)

    return read


def one_of(*choices: str) -> Kind:
    """The kind of texts out of a fixed choice."""

    def read(value: object) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise RefusedError(f"must be one of {', '.join(choices)}")

    return read


def optional(kind: Kind) -> Kind:
    """The kind that takes null as well, which means the same as leaving the key out."""
    return lambda value: None if value is None else kind(value)


def host(value: object) -> str:
    """A host name, or an IP address in its canonical form, without a port."""
    given = filled(value)
    with suppress(ValueError):
        return str(ipaddress.ip_address(given))
    name, port = host_and_port(given)
    if port is not None:
        raise RefusedError("must not carry a port; the port is a key of its own")
    return name


def host_and_port(value: object) -> tuple[str, int | None]:
    """A host name or IP address (IPv6 in brackets) and the port after it, if there is one."""
    given = filled(value)
    if "/" in given:
        raise RefusedError("must be the bare host name, without a scheme such as https:// and without a path")
    if given.startswith("["):
        name, bracket, rest = given[1:].partition("]")
        if not bracket or ":" not in name or rest[:1] not in {"", ":"}:
            raise RefusedError("must be an IPv6 address in brackets, with or without :port after them")
        return _host(name), _port(rest[1:]) if rest else None
    if given.count(":") > 1:
        raise RefusedError("must have an IPv6 address in brackets, such as [2001:db8::1]:443")
    name, colon, rest = given.partition(":")
    return _host(name), _port(rest) if colon else None


def _host(name: str) -> str:
    with suppress(ValueError):
        return str(ipaddress.ip_address(name))
    labels = name.removesuffix(".").split(".")
    # No host name ends in a number: 10.0.0.300 and 10.0.1 are addresses mistyped.
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdecimal():
        raise RefusedError("must be a host name (letters, digits, `-`) or an IP address, without blanks")
    return name


def _port(digits: str) -> int:
    low, high = PORTS
    if digits.isascii() and digits.isdecimal() and len(digits) <= 5 and low <= int(digits) <= high:
        return int(digits)
    raise RefusedError(f"must have a whole number from {low} to {high} after the colon")


def pem(value: object) -> str:
    """PEM text of one certificate or more, which the TLS library accepts."""
    found = filled(value)
    if "PRIVATE KEY-----" in found:
        raise RefusedError("holds a private key; only certificates belong here")
    with suppress(ValueError, TypeError, ssl.SSLError):
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=found)
        return found
    raise RefusedError("must be the PEM text of a certificate, with its BEGIN and END lines")
