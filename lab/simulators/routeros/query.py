"""The query words of `print`: a stack machine over the properties of a row.

RouterOS: the stack begins as an endless row of true; each word pushes or combines; a row passes if no false remains.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab.simulators.routeros.traps import malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Properties = Callable[[str], bytes | None]
    Step = Callable[[list[bool], Properties], None]

_BOOLEANS = {b"yes": b"true", b"no": b"false"}
_BOOLEAN_PROPERTIES = frozenset(
    {"disabled", "default", "radius", "use-radius", "accounting", "dynamic", "invalid", "log"}
)
_OPERATIONS = re.compile(rb"(?:[!&|.]|\d{1,9}(?!\d))*")
_OPERATION = re.compile(rb"[!&|.]|\d+")


class Query:
    """The query words of one sentence, ready to judge rows; raises CommandRefusedError on a word it cannot read."""

    def __init__(self, words: Sequence[bytes]) -> None:
        self.equalities: dict[str, bytes] = {}
        self._steps = [self._compile(word) for word in words]
        self._conjunction = not any(word.startswith(b"?#") for word in words)

    def __bool__(self) -> bool:
        return bool(self._steps)

    def wanted(self, name: str) -> bytes | None:
        """The value that `name` must have for a row to pass, if the words alone decide that."""
        return self.equalities.get(name) if self._conjunction else None

    def passes(self, properties: Properties) -> bool:
        """Whether a row passes; `properties` gives a property's shown value, or None if the row has none."""
        stack: list[bool] = []
        for step in self._steps:
            step(stack, properties)
        return all(stack)

    def _compile(self, word: bytes) -> Step:
        body = word[1:]
        if body.startswith(b"#"):
            return _operations(body[1:])
        if body.startswith(b"-"):
            return _absence(body[1:])
        if body[:1] in (b"<", b">"):
            name, separator, value = body[1:].partition(b"=")
            _require(bool(separator and name), word)
            return _order(body[:1], name.decode("latin-1"), value)
        name, separator, value = body.removeprefix(b"=").partition(b"=")
        _require(bool(name and (separator or not body.startswith(b"="))), word)
        if not separator:
            return _presence(name)
        self.equalities[name.decode("latin-1")] = value
        return _equality(name.decode("latin-1"), value)


def _require(condition: bool, word: bytes) -> None:
    if not condition:
        raise malformed(word)


def _absence(name: bytes) -> Step:
    key = name.decode("latin-1")
    return lambda stack, properties: stack.append(properties(key) is None)


def _presence(name: bytes) -> Step:
    key = name.decode("latin-1")
    return lambda stack, properties: stack.append(properties(key) is not None)


def _equality(name: str, value: bytes) -> Step:
    accepted = {value}
    if name in _BOOLEAN_PROPERTIES:
        accepted.add(_BOOLEANS.get(value, value))
    if name == ".id":
        accepted.add(value.upper())

    def step(stack: list[bool], properties: Properties) -> None:
        stack.append(properties(name) in accepted)

    return step


def _sort_key(value: bytes) -> tuple[int, list[int], bytes]:
    """Numbers and addresses by their numbers, everything else by its bytes."""
    if re.fullmatch(rb"\d{1,20}(\.\d{1,20})*", value):
        return 0, [int(part) for part in value.split(b".")], value
    if re.fullmatch(rb"\*[0-9A-Fa-f]{1,8}", value):
        return 1, [int(value[1:], 16)], b""
    return 2, [], value


def _order(sign: bytes, name: str, value: bytes) -> Step:
    bound = _sort_key(value)

    def step(stack: list[bool], properties: Properties) -> None:
        actual = properties(name)
        if actual is None:
            stack.append(False)
        else:
            key = _sort_key(actual)
            stack.append(key < bound if sign == b"<" else key > bound)

    return step


def _operations(body: bytes) -> Step:
    if not _OPERATIONS.fullmatch(body):
        raise malformed(b"?#" + body)
    operations = _OPERATION.findall(body)

    def step(stack: list[bool], _properties: Properties) -> None:
        for place, operation in enumerate(operations):
            _operate(stack, operation, place, operations)

    return step


def _operate(stack: list[bool], operation: bytes, place: int, operations: Sequence[bytes]) -> None:
    if operation == b"!":
        stack.append(not _pop(stack))
    elif operation in (b"&", b"|"):
        first, second = _pop(stack), _pop(stack)
        stack.append(first and second if operation == b"&" else first or second)
    elif operation == b".":
        if not (place and operations[place - 1].isdigit()):
            stack.append(stack[-1] if stack else True)
    else:
        index = int(operation)
        value = stack[-1 - index] if index < len(stack) else True
        if place == len(operations) - 1:
            stack.clear()
        stack.append(value)


def _pop(stack: list[bool]) -> bool:
    return stack.pop() if stack else True
