"""Items put into a router by hand, and items shown to a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.simulators.routeros.state import initial_values
from lab.simulators.routeros.text import as_bytes, decode
from lab.simulators.routeros.traps import CommandRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.simulators.routeros.editing import EditableMenu
    from lab.simulators.routeros.table import Row, Table

Value = str | bytes | int | bool | None


def as_arguments(words: Mapping[str, Value]) -> dict[str, bytes]:
    """Keyword arguments as a command's arguments; None becomes `=!name=`, or an empty comment."""
    arguments = {}
    for key, value in words.items():
        name = key.replace("_", "-")
        if value is None and name != "comment":
            arguments["!" + name] = b""
        else:
            arguments[name] = b"" if value is None else as_bytes(value)
    return arguments


def new_row(
    menu: EditableMenu, words: Mapping[str, Value], *, allow_duplicate: bool = False, number: int | None = None
) -> Row:
    """Adds an item as if by hand; raises ValueError if RouterOS would refuse it."""
    try:
        given = menu.parse(as_arguments({name: value for name, value in words.items() if value is not None}))
        values = initial_values(menu.table.fields) | {name: value for name, value in given.items() if value is not None}
        values = menu.ready(values)
        if not allow_duplicate:
            menu.check(values, None)
    except CommandRefusedError as error:
        raise ValueError(str(error)) from error
    row = menu.table.insert(values, number)
    menu.changed()
    return row


def edit_row(menu: EditableMenu, row: Row, words: Mapping[str, Value]) -> None:
    """Changes an item as if by hand, None clears; raises ValueError if RouterOS would refuse it."""
    try:
        changes = menu.parse(as_arguments(words))
        menu.check({**row.values, **{name: value for name, value in changes.items() if value is not None}}, row)
    except CommandRefusedError as error:
        raise ValueError(str(error)) from error
    menu.table.update(row, changes)
    menu.changed()


def shown_rows(table: Table, name: bytes | None = None) -> list[dict[str, str]]:
    """Items as dictionaries of text, passwords too; those of one name, or all."""
    rows = table if name is None else table.named(name)
    names = (".id", *table.fields)
    shown = ({each: table.shown(row, each) for each in names} for row in rows)
    return [{each: decode(value) for each, value in row.items() if value is not None} for row in shown]
