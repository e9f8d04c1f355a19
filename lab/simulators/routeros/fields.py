"""The types of RouterOS properties: what each accepts, stores and shows."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network
from typing import TYPE_CHECKING

from lab.simulators.routeros.traps import ambiguous, invalid, no_match, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Parser = Callable[[bytes, str], bytes | None]
    Show = Callable[[bytes], bytes]

_BOOLEANS = {b"yes": b"true", b"true": b"true", b"no": b"false", b"false": b"false"}
_LARGEST_INTEGER = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Field:
    """A property of a menu's items; values are bytes, as RouterOS keeps them.

    `parse` gives the stored value (None clears) or raises CommandRefusedError; without it the property is read-only.
    `default` is the value of a new item, None if the property is then absent. `clearable` allows `=!name=` and `unset`.
    `show` turns the stored value into what `print` says. `prefixed`: the beginning of a value stands for it.
    """

    name: str
    parse: Parser | None
    default: bytes | None = None
    clearable: bool = False
    show: Show | None = None
    prefixed: bool = False


def text(value: bytes, _argument: str) -> bytes:
    """Any bytes, the empty string too."""
    return value


def nonempty_text(value: bytes, argument: str) -> bytes:
    """Any bytes but the empty string."""
    if not value:
        raise invalid(argument)
    return value


def comment(value: bytes, _argument: str) -> bytes | None:
    """Any bytes; the empty string takes the comment away."""
    return value or None


def boolean(value: bytes, argument: str) -> bytes:
    """`yes`, `no`, `true` or `false`; shown as `true` or `false`."""
    if value not in _BOOLEANS:
        raise invalid(argument)
    return _BOOLEANS[value]


def integer(value: bytes, argument: str) -> bytes:
    """Decimal digits that fit 64 bits."""
    if not (value.isdigit() and len(value) <= 20 and int(value) <= _LARGEST_INTEGER):
        raise refused(f"invalid value {value.decode(errors='replace')} for {argument}, an integer required", 1)
    return b"%d" % int(value)


def address(value: bytes, argument: str) -> bytes:
    """One IPv4 address: no pool name, no prefix length, not the empty string."""
    try:
        return str(IPv4Address(value.decode("ascii"))).encode()
    except ValueError as error:
        raise invalid(argument) from error


def ipv6_prefix(value: bytes, argument: str) -> bytes:
    """An IPv6 prefix with its length."""
    try:
        if b"/" not in value:
            raise invalid(argument)
        return str(IPv6Network(value.decode("ascii"))).encode()
    except ValueError as error:
        raise invalid(argument) from error


def one_of(*values: bytes) -> Parser:
    """An enumeration; the unambiguous beginning of a value stands for it."""
    return lambda value, argument: match_prefix(value, values, argument)


def match_prefix(value: bytes, candidates: Iterable[bytes], argument: str) -> bytes:
    """The candidate that `value` names exactly, or alone begins with it; raises CommandRefusedError otherwise."""
    names = set(candidates)
    if value in names:
        return value
    matches = [name for name in names if name.startswith(value)] if value else []
    if not matches:
        raise no_match(argument)
    if len(matches) > 1:
        raise ambiguous(argument)
    return matches[0]
