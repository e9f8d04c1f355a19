"""Defines the kinds of values that the config secret and the events hold.

A kind is a function: it takes the value as the document holds it and returns it as the program uses it, or raises
`RefusedError` with the sentence that follows the path in the fault.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

type ValueKind = Callable[[object], Any]

PORTS: Final = (1, 65535)
LONGEST_NAME: Final = 100
LONGEST_SEGMENT: Final = 300
"""A key of the journal bucket has 1,024 bytes at most and holds a router's name percent-encoded."""
_LABEL: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class RefusedError(Exception):
    """A value that its key does not take; the text says what it must be."""


def as_is(value: object) -> object:
    """Take any value: the key is an object or a list that is read separately."""
    return value


def flag(value: object) -> bool:
    """Take true or false, and nothing that looks like it, such as 0 or "yes"."""
    if isinstance(value, bool):
        return value
    raise RefusedError("must be true or false")


def text(value: object) -> str:
    """Take a text literally; it may be empty."""
    if not isinstance(value, str):
        raise RefusedError("must be a text")
    if _SURROGATE.search(value):
        raise RefusedError("has half of a surrogate pair, which no encoding can carry")
    return value


def filled(value: object) -> str:
    """Take a text that is not blank, literally."""
    if not text(value).strip():
        raise RefusedError("must not be blank")
    return text(value)


def label(value: object) -> str:
    """Take a name that reads as it is: not blank, no outer blanks, nothing unprintable."""
    name = filled(value)
    if name != name.strip() or not name.isprintable():
        raise RefusedError("must have no outer blanks and no control characters")
    return name


def router_name(value: object) -> str:
    """Take a label that fits a key of the journal bucket, where it stands percent-encoded."""
    name = label(value)
    if len(name) > LONGEST_NAME or len(quote(name, safe="")) > LONGEST_SEGMENT:
        raise RefusedError(
            f"must have at most {LONGEST_NAME} characters, and {LONGEST_SEGMENT} when it is percent-encoded"
        )
    return name


def token(value: object) -> str:
    """Take a text that fits an HTTP header: printable ASCII without blanks."""
    found = filled(value)
    # Sent as a header, anything else would come back in the text of the HTTP library's exception.
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise RefusedError("must be printable ASCII characters without blanks or line breaks")
    return found


def whole(low: int, high: int | None = None) -> ValueKind:
    """Return the kind of whole numbers from `low` to `high`."""
    sentence = (
        f"must be a whole number of at least {low}" if high is None else f"must be a whole number from {low} to {high}"
    )

    def read(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= (value if high is None else high):
            return value
        raise RefusedError(sentence)

    return read


def number(low: float, high: float, *, above: bool = False) -> ValueKind:
    """Return the kind of finite numbers from `low` (or `above` it) to `high`."""
    sentence = f"must be a number above {low} and at most {high}" if above else f"must be a number from {low} to {high}"

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RefusedError(sentence)
        # Asked for what is right, because every comparison with NaN is false.
        if low <= value <= high and not (above and value == low):
            return float(value)
        raise RefusedError(sentence)

    return read


def one_of(*choices: str) -> ValueKind:
    """Return the kind of texts out of a fixed choice."""

    def read(value: object) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise RefusedError(f"must be one of {', '.join(choices)}")

    return read


def optional(kind: ValueKind) -> ValueKind:
    """Return the kind that takes null too, which means the same as leaving the key out."""
    return lambda value: None if value is None else kind(value)


def host(value: object) -> str:
    """Take a host name or an IP address, without a port; an address is returned in its canonical form."""
    given = filled(value)
    with suppress(ValueError):
        return str(ipaddress.ip_address(given))
    name, port = host_and_port(given)
    if port is not None:
        raise RefusedError("must not carry a port; the port is a key of its own")
    return name


def host_and_port(value: object) -> tuple[str, int | None]:
    """Take a host name or IP address (IPv6 in brackets), and the port after it if there is one."""
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
    """Take the PEM text of one or more certificates that the TLS library accepts."""
    found = filled(value)
    if "PRIVATE KEY-----" in found:
        raise RefusedError("holds a private key; only certificates belong here")
    with suppress(ValueError, TypeError, ssl.SSLError):
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=found)
        return found
    raise RefusedError("must be the PEM text of a certificate, with its BEGIN and END lines")
