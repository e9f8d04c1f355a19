"""The items of a menu: ids, order, names, and their encoded form.

RouterOS: ids are hexadecimal, grow, and are not given out again; items stand in the order of their creation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab.simulators.routeros.wire import END, encode_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from lab.simulators.routeros.fields import Field

    Mask = frozenset[str]
    Shape = tuple[tuple[str, ...] | None, Mask]

MASK = b"*****"
_INTERNAL_ID = re.compile(rb"\*([0-9A-Fa-f]{1,8})")


def parse_id(token: bytes) -> int | None:
    """The number of an id such as `*1A`, or None if the token is no id."""
    match = _INTERNAL_ID.fullmatch(token)
    return int(match[1], 16) if match else None


class Row:
    """An item; `values` holds the stored properties, an unset one is absent."""

    __slots__ = ("number", "values")

    def __init__(self, number: int, values: dict[str, bytes]) -> None:
        self.number = number
        self.values = values

    @property
    def id(self) -> bytes:
        """The id as RouterOS shows it, `*1A`."""
        return b"*%X" % self.number

    @property
    def name(self) -> bytes:
        """The item's name, empty if its menu has none."""
        return self.values.get("name", b"")


class Table:
    """The items of one menu in their order.

    `live` names properties that change by themselves: rows that show them are encoded afresh each time.
    `has_ids` is false for menus that describe one thing only.
    """

    def __init__(
        self,
        fields: Iterable[Field],
        first_number: int = 1,
        live: Mapping[str, Callable[[Row], bytes]] | None = None,
        *,
        has_ids: bool = True,
    ) -> None:
        self.has_ids = has_ids
        self.fields = {field.name: field for field in fields}
        self.next_number = first_number
        self._live = dict(live or {})
        self._rows: dict[int, Row] = {}
        self._by_name: dict[bytes, dict[int, Row]] = {}
        self._encoded: dict[Shape, dict[int, bytes]] = {}

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self._rows.values()))

    def __len__(self) -> int:
        return len(self._rows)

    def insert(self, values: Mapping[str, bytes], number: int | None = None, before: Row | None = None) -> Row:
        """Adds an item under the next id, or under `number`; at the end, or in front of another item."""
        if number is None:
            number = self.next_number
            self.next_number += 1
        elif number < 0x80000000:
            self.next_number = max(self.next_number, number + 1)
        row = Row(number, dict(values))
        self._rows[number] = row
        self._by_name.setdefault(row.name, {})[number] = row
        if before is not None:
            self.move(row, before)
        return row

    def move(self, row: Row, before: Row | None) -> None:
        """Puts an item in front of another one, at the end for None."""
        if before is row:
            return
        order = [one for one in self if one is not row]
        order.insert(len(order) if before is None else order.index(before), row)
        self._rows = {one.number: one for one in order}

    def update(self, row: Row, changes: Mapping[str, bytes | None]) -> None:
        """Stores changed properties; None clears one."""
        old_name = row.name
        for name, value in changes.items():
            if value is None:
                row.values.pop(name, None)
            else:
                row.values[name] = value
        if row.name != old_name:
            self._forget_name(old_name, row)
            self._by_name.setdefault(row.name, {})[row.number] = row
        for cache in self._encoded.values():
            cache.pop(row.number, None)

    def delete(self, row: Row) -> None:
        """Takes an item away; its id is not used again."""
        del self._rows[row.number]
        self._forget_name(row.name, row)
        for cache in self._encoded.values():
            cache.pop(row.number, None)

    def clear(self) -> None:
        """Takes all items away."""
        for row in self:
            self.delete(row)

    def get(self, number: int) -> Row | None:
        """The item of an id's number."""
        return self._rows.get(number)

    def at(self, ordinal: int) -> Row | None:
        """The item at a position, counted from 0."""
        rows = list(self._rows.values())
        return rows[ordinal] if ordinal < len(rows) else None

    def named(self, name: bytes) -> list[Row]:
        """The items of a name, in their order."""
        return list(self._by_name.get(name, {}).values())

    def names(self) -> list[bytes]:
        """All names, without repetitions."""
        return list(self._by_name)

    def shown(self, row: Row, name: str) -> bytes | None:
        """A property as `print` shows it to somebody who may see everything, or None if the item has none."""
        if name == ".id":
            return row.id if self.has_ids else None
        if name in self._live:
            return self._live[name](row)
        value = row.values.get(name)
        field = self.fields.get(name)
        return field.show(value) if value is not None and field and field.show else value

    def forget_encoded(self) -> None:
        """Drops all encoded rows, after a change of what other items refer to."""
        self._encoded.clear()

    def encoded(self, rows: Iterable[Row], shape: Shape) -> list[bytes]:
        """Rows as attribute words and the end of the sentence; `shape`: properties (None for all), masked ones."""
        wanted, mask = shape
        names = [name for name in (".id", *self.fields) if wanted is None or name in wanted]
        if any(name in self._live for name in names):
            return [self._encode(row, names, mask) for row in rows]
        cache = self._encoded.setdefault(shape, {})
        encoded = []
        for row in rows:
            sentence = cache.get(row.number)
            if sentence is None:
                sentence = cache[row.number] = self._encode(row, names, mask)
            encoded.append(sentence)
        return encoded

    def _encode(self, row: Row, names: Iterable[str], mask: Mask) -> bytes:
        words = []
        for name in names:
            value = self.shown(row, name)
            if value is not None:
                words.append(encode_word(b"=%s=%s" % (name.encode(), MASK if name in mask else value)))
        return b"".join(words) + END

    def _forget_name(self, name: bytes, row: Row) -> None:
        rows = self._by_name[name]
        del rows[row.number]
        if not rows:
            del self._by_name[name]
