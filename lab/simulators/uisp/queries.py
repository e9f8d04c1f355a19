"""Query strings the way the CRM reads them: PHP arrays, strict values, unknown names ignored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from lab.simulators.uisp.answers import Refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_ARRAY_NAME: Final = re.compile(r"([^\[\]]+)\[[^\[\]]*\]")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


class Query:
    """The parameters of one request. Every reader raises a 400 refusal for a value of the wrong form."""

    def __init__(self, text: str) -> None:
        self.raw: dict[str, list[str]] = {}
        self._scalars: dict[str, str] = {}
        self._arrays: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            self.raw.setdefault(name, []).append(value)
            array = _ARRAY_NAME.fullmatch(name)
            if array:
                self._arrays.setdefault(array[1], []).append(value)
            else:
                self._scalars[name] = value

    def text(self, name: str) -> str | None:
        """A scalar, the last one if repeated."""
        if name in self._arrays:
            raise _bad(name, self._arrays[name])
        return self._scalars.get(name)

    def number(self, name: str) -> int | None:
        """A whole number that is not negative."""
        value = self.text(name)
        if value is not None and not _NUMBER.fullmatch(value):
            raise _bad(name, value)
        return None if value is None else int(value)

    def flag(self, name: str) -> bool | None:
        """0 or 1."""
        value = self.choice(name, ("0", "1"))
        return None if value is None else value == "1"

    def choice(self, name: str, members: Collection[str]) -> str | None:
        """One of the members, exactly."""
        value = self.text(name)
        if value is not None and value not in members:
            raise _bad(name, value)
        return value

    def numbers(self, name: str, members: Iterable[int] | None = None) -> frozenset[int] | None:
        """The numbers of a PHP array: `name[]=1&name[]=2` and `name[0]=1&name[1]=2` are the same."""
        if name in self._scalars:
            raise _bad(name, self._scalars[name])
        values = self._arrays.get(name)
        if values is None:
            return None
        allowed = None if members is None else set(members)
        for value in values:
            if not _NUMBER.fullmatch(value) or (allowed is not None and int(value) not in allowed):
                raise _bad(name, value)
        return frozenset(int(value) for value in values)

    def pair(self, key: str, value: str) -> tuple[str, str] | None:
        """Two parameters of which neither makes sense alone (422)."""
        first, second = self.text(key), self.text(value)
        if first is None and second is None:
            return None
        if first is None or second is None:
            raise Refusal(422, f"Parameters {key} and {value} must be used together.")
        return first, second

    def moved(self, rows: int) -> Query:
        """The same query with its `offset` shifted, never below 0."""
        other = Query("")
        other.raw, other._arrays = self.raw, self._arrays
        offset = max(0, (self.number("offset") or 0) + rows)
        other._scalars = {**self._scalars, "offset": str(offset)}
        return other


def _bad(name: str, value: object) -> Refusal:
    return Refusal(400, f'Parameter "{name}" has an invalid value {value!r}.')
