"""The commands that change a menu's items: add, set, remove, enable, disable, unset, comment."""

from __future__ import annotations

from typing import TYPE_CHECKING, override

from lab.simulators.routeros.menus import Menu
from lab.simulators.routeros.replies import Reply
from lab.simulators.routeros.state import initial_values
from lab.simulators.routeros.traps import invalid, missing, no_match, unknown_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.simulators.routeros.release import Release
    from lab.simulators.routeros.request import Request
    from lab.simulators.routeros.table import Row, Table

Changes = dict[str, bytes | None]


class EditableMenu(Menu):
    """A menu whose items can be added, changed and removed; subclasses refuse what their items must not become."""

    writes = frozenset({"add", "set", "remove", "unset", "comment"})
    required: tuple[str, ...] = ("name",)
    """The properties that a new item must be given."""

    @override
    def __init__(self, release: Release, table: Table) -> None:
        super().__init__(release, table)
        self.commands |= {"add": self.add, "set": self.set, "remove": self.remove}
        self.commands |= {"unset": self.unset, "comment": self.comment}

    def add(self, request: Request) -> Reply:
        """A new item; answers its id."""
        arguments = dict(request.command.attributes)
        before = self.position(request, arguments)
        values = initial_values(self.table.fields)
        if (source := arguments.pop("copy-from", None)) is not None:
            values |= self._copied(request, source)
        for name, value in self.parse(arguments, request).items():
            if value is None:
                values.pop(name, None)
            else:
                values[name] = value
        values = self.ready(values)
        self.check(values, None)
        row = self.table.insert(values, before=before)
        self.changed()
        return Reply.done(row.id)

    def set(self, request: Request) -> Reply:
        """Changes properties of one or more items."""
        arguments = dict(request.command.attributes)
        changes = self.parse(
            {name: value for name, value in arguments.items() if name not in (".id", "numbers")}, request
        )
        rows = self.targets(request, arguments)
        self._change(request, rows, changes)
        return Reply.done()

    def remove(self, request: Request) -> Reply:
        """Takes items away."""
        arguments = dict(request.command.attributes)
        rows = self.targets(request, arguments)
        self.refuse_unknown(arguments)
        for row in rows:
            self.check_removal(row)
        for row in {row.number: row for row in rows}.values():
            self.table.delete(row)
        self.changed()
        return Reply.done()

    def unset(self, request: Request) -> Reply:
        """Clears one property."""
        arguments = dict(request.command.attributes)
        name = arguments.pop("value-name", None)
        if name is None:
            raise missing("value-name")
        rows = self.targets(request, arguments, synonyms=(".id",))
        self.refuse_unknown(arguments)
        field = self.table.fields.get(name.decode("latin-1"))
        if field is None or not field.clearable:
            raise no_match("value-name")
        self._change(request, rows, {field.name: None})
        return Reply.done()

    def comment(self, request: Request) -> Reply:
        """Sets the comment alone."""
        arguments = dict(request.command.attributes)
        text = arguments.pop("comment", None)
        if text is None:
            raise missing("comment")
        rows = self.targets(request, arguments, synonyms=(".id",))
        self.refuse_unknown(arguments)
        self._change(request, rows, {"comment": text or None})
        return Reply.done()

    def switch(self, request: Request, *, disabled: bytes) -> Reply:
        """`enable` and `disable`."""
        arguments = dict(request.command.attributes)
        rows = self.targets(request, arguments)
        self.refuse_unknown(arguments)
        self._change(request, rows, {"disabled": disabled})
        return Reply.done()

    def parse(self, arguments: Mapping[str, bytes], request: Request | None = None) -> Changes:
        """Arguments as stored values, None for `=!name=`; raises CommandRefusedError."""
        changes: Changes = {}
        for argument, value in arguments.items():
            name = argument.removeprefix("!")
            field = self.table.fields.get(name)
            if field is None or field.parse is None or (name != argument and not field.clearable):
                raise unknown_parameter(self.release, argument)
            if name in changes or (name != argument and value):
                raise invalid(name)
            changes[name] = None if name != argument else field.parse(value, name)
            if request and field.prefixed and not value.startswith(b"*"):
                stored = changes[name] or b""
                if (field.show(stored) if field.show else stored) != value:
                    request.warn(f"{request.command.path}: {name} given by the beginning of its value")
        return changes

    def ready(self, values: dict[str, bytes]) -> dict[str, bytes]:
        """A new item's values with what RouterOS adds; raises CommandRefusedError if a mandatory one is missing."""
        for name in self.required:
            if name not in values:
                raise missing(name)
        return self.completed(values)

    def completed(self, values: dict[str, bytes]) -> dict[str, bytes]:
        """A new item's values with those that RouterOS adds by itself."""
        return values

    def position(self, request: Request, arguments: dict[str, bytes]) -> Row | None:
        """The item in front of which a new one is put, None for the end; takes its argument away."""
        del request, arguments
        return None

    def check(self, values: Mapping[str, bytes], row: Row | None) -> None:
        """Raises CommandRefusedError if an item (None: a new one) must not have these values."""

    def check_removal(self, row: Row) -> None:
        """Raises CommandRefusedError if an item must stay."""

    def changed(self) -> None:
        """Something in the table has changed."""

    def _copied(self, request: Request, source: bytes) -> dict[str, bytes]:
        row = self._one([self._find(request, source)])
        return {
            name: value
            for name, value in row.values.items()
            if name not in self.required and self.table.fields[name].parse is not None
        }

    def _change(self, request: Request, rows: list[Row], changes: Changes) -> None:
        for row in rows:
            after = {**row.values, **{name: value for name, value in changes.items() if value is not None}}
            self.check(after, row)
            if all(row.values.get(name) == value for name, value in changes.items()):
                request.warn(f"{request.command.path}: nothing to change on {row.id.decode()}")
            self.table.update(row, {name: value for name, value in changes.items() if request.keeps(name)})
        self.changed()
