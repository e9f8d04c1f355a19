"""Values and operators of RouterOS's script language, as far as our scripts use them.

Strict where RouterOS is lenient: what it would answer with nothing, with false or with a list joined by semicolons is
refused here, for a script that depends on it is wrong on some release.
"""

from __future__ import annotations

import operator
import re
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_KINDS: Final = {
    bool: "bool",
    int: "num",
    str: "str",
    IPv4Address: "ip",
    IPv4Network: "ip-prefix",
    list: "array",
    type(None): "nil",
}


class ShellError(Exception):
    """The script ended itself, or did what RouterOS refuses."""


def kind(value: Any) -> str:
    """The name that `:typeof` gives a value; an entry of a menu is an id."""
    return _KINDS.get(type(value), "id")


def literal(text: str) -> Any:
    """The value of a word without quotes; a word that is no value is refused."""
    if text in ("true", "false"):
        return text == "true"
    if text.isdecimal():
        return int(text)
    try:
        return IPv4Network(text) if "/" in text else IPv4Address(text)
    except ValueError:
        raise ShellError(f"{text} is no value: text stands in quotes") from None


def unquote(text: str) -> str:
    """The text that a string literal holds."""
    data = re.sub(rb"\\([0-9A-F]{2})", lambda match: bytes.fromhex(match[1].decode()), text[1:-1].encode())
    return data.decode()


def binary(left: Any, sign: str, right: Any) -> Any:
    """One operator between two values."""
    kinds = (kind(left), kind(right))
    if sign in ("=", "!=") and kinds[0] == kinds[1] and kinds[0] in ("num", "str", "ip", "bool"):
        return (left == right) == (sign == "=")
    if sign in _ORDER and kinds in (("num", "num"), ("ip", "ip")):
        return _ORDER[sign](left, right)
    if sign in ("and", "or") and kinds == ("bool", "bool"):
        return left and right if sign == "and" else left or right
    if sign in ("+", "-") and kinds == ("num", "num"):
        return left + right if sign == "+" else left - right
    if sign in ("&", "|") and kinds == ("ip", "ip"):
        return IPv4Address(int(left) & int(right) if sign == "&" else int(left) | int(right))
    if sign == "<<" and kinds == ("ip", "num") and 0 <= right < 32:
        return IPv4Address((int(left) << right) & 0xFFFFFFFF)
    if sign == "." and set(kinds) <= {"str", "num", "ip"}:
        return f"{left}{right}"
    raise ShellError(f"{sign} between {kinds[0]} and {kinds[1]}")


def inverted(value: Any) -> IPv4Address:
    """`~` before an address."""
    if kind(value) != "ip":
        raise ShellError(f"~ before {kind(value)}")
    return IPv4Address(int(value) ^ 0xFFFFFFFF)


def converted(name: str, value: Any) -> Any:
    """What `:tostr`, `:tonum`, `:toip`, `:toarray`, `:len` and `:typeof` answer."""
    if name == ":typeof":
        return kind(value)
    answer = _CONVERSIONS.get((name, kind(value)))
    if answer is None:
        raise ShellError(f"{name} of {kind(value)}")
    return answer(value)


def _address(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except ValueError:
        return None


def searched(text: Any, part: Any) -> int | None:
    """Where a text stands in another, or nothing."""
    if kind(text) != "str" or kind(part) != "str":
        raise ShellError(f":find of {kind(part)} in {kind(text)}")
    return text.index(part) if part in text else None


def picked(value: Any, first: Any, end: Any = None) -> Any:
    """An element of a list, or a part of a text."""
    if kind(value) == "array" and end is None and kind(first) == "num" and first < len(value):
        return value[first]
    if kind(value) == "str" and kind(first) == kind(end) == "num" and first <= end <= len(value):
        return value[first:end]
    raise ShellError(f":pick of {kind(value)} from {kind(first)} to {kind(end)}")


_CONVERSIONS: Final[dict[tuple[str, str], Callable[[Any], Any]]] = {
    **dict.fromkeys([(":len", "array"), (":len", "str")], len),
    **dict.fromkeys([(":tostr", one) for one in ("str", "num", "ip", "ip-prefix")], str),
    (":tostr", "bool"): lambda value: "true" if value else "false",
    (":tostr", "nil"): lambda _: "",
    (":tonum", "str"): lambda value: int(value) if value.isdecimal() else None,
    **dict.fromkeys([(":toip", "str"), (":toip", "ip")], lambda value: _address(str(value))),
    (":toarray", "array"): lambda value: value,
    (":toarray", "str"): lambda value: value.split(",") if value else [],
}
