"""What all menus have in common: reading their items, and finding the item a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.simulators.routeros.fields import boolean
from lab.simulators.routeros.replies import Reply
from lab.simulators.routeros.table import MASK, parse_id
from lab.simulators.routeros.traps import missing, no_match, no_such_item, refused, unknown_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from lab.simulators.routeros.release import Release
    from lab.simulators.routeros.request import Request
    from lab.simulators.routeros.table import Mask, Row, Table

    Handler = Callable[[Request], Reply]

NOTHING_MASKED: frozenset[str] = frozenset()


def flag(arguments: dict[str, bytes], name: str, *, absent: bool = False) -> bool:
    """Takes a switch of `print` out of the arguments; the empty value switches it on."""
    value = arguments.pop(name, None)
    if value is None:
        return absent
    return value == b"" or boolean(value, name) == b"true"


class Menu:
    """A menu that can be read; `commands` by their last word, `writes` names those that need the `write` policy."""

    writes: frozenset[str] = frozenset()
    named = True

    def __init__(self, release: Release, table: Table) -> None:
        self.release = release
        self.table = table
        self.commands: dict[str, Handler] = {"print": self.print, "getall": self.print, "get": self.get}

    def print(self, request: Request) -> Reply:
        """Rows that pass the query, or their number."""
        arguments = dict(request.command.attributes)
        mask = self.mask(request, arguments)
        proplist = arguments.pop(".proplist", None)
        count_only = flag(arguments, "count-only")
        flag(arguments, "detail")
        self.refuse_unknown(arguments)
        rows = self._select(request, mask)
        if count_only:
            return Reply.done(b"%d" % len(list(rows)))
        names = None if proplist is None else tuple(sorted(set(proplist.decode("latin-1").split(","))))
        return Reply.printed(self.table.encoded(rows, (names, mask)), says_empty=self.release.says_empty)

    def get(self, request: Request) -> Reply:
        """One property of one item, or all of them joined with semicolons (a form that no document fixes)."""
        arguments = dict(request.command.attributes)
        mask = self.mask(request, {})
        name = arguments.pop("value-name", b"").decode("latin-1")
        row = self._one(self.targets(request, arguments, synonyms=(".id",)))
        self.refuse_unknown(arguments)
        names = [name] if name else [".id", *self.table.fields]
        if name and name != ".id" and name not in self.table.fields:
            raise no_match("value-name")
        values = {each: self._visible(row, each, mask) for each in names}
        joined = b";".join(b"%s=%s" % (each.encode(), value) for each, value in values.items() if value is not None)
        reply = Reply.done(values[name] or b"" if name else joined)
        reply.confidential = True
        return reply

    def mask(self, request: Request, arguments: dict[str, bytes]) -> Mask:
        """The properties that are hidden from whoever asks; takes its own arguments away."""
        del request, arguments
        return NOTHING_MASKED

    def refuse_unknown(self, arguments: Iterable[str]) -> None:
        """Raises CommandRefusedError if an argument is left that the command does not have."""
        for name in arguments:
            raise unknown_parameter(self.release, name)

    def targets(
        self, request: Request, arguments: dict[str, bytes], synonyms: tuple[str, ...] = (".id", "numbers")
    ) -> list[Row]:
        """The items that a command is about, all or none; takes `.id` or `numbers` out of the arguments."""
        given = [arguments.pop(name) for name in synonyms if name in arguments]
        if not given:
            raise missing(".id")
        if len(given) > 1:
            raise refused("both .id and numbers given", 1)
        return [self._find(request, token) for token in given[0].split(b",")]

    def peek(self, attributes: Mapping[str, bytes]) -> list[Row]:
        """The items that a command would be about, without any complaint."""
        tokens = attributes.get(".id", attributes.get("numbers", b"")).split(b",")
        return [row for token in tokens if (row := self._look_up(token)) is not None]

    def _select(self, request: Request, mask: Mask) -> Iterable[Row]:
        query = request.query
        if not query:
            return self.table
        rows: Iterable[Row] = self.table
        if (wanted_id := query.wanted(".id")) is not None:
            number = parse_id(wanted_id)
            row = None if number is None else self.table.get(number)
            rows = [row] if row else []
        elif (wanted_name := query.wanted("name")) is not None:
            rows = self.table.named(wanted_name)
        return [row for row in rows if query.passes(self._properties(row, mask))]

    def _properties(self, row: Row, mask: Mask) -> Callable[[str], bytes | None]:
        return lambda name: self._visible(row, name, mask)

    def _visible(self, row: Row, name: str, mask: Mask) -> bytes | None:
        return MASK if name in mask else self.table.shown(row, name)

    def _find(self, request: Request, token: bytes) -> Row:
        shown = token.decode(errors="replace")
        if token.isdigit():
            request.warn(f"{request.command.path}: item {shown} addressed by its position")
        elif not token.startswith(b"*"):
            request.warn(f"{request.command.path}: item {shown} addressed by its name")
        row = self._look_up(token)
        if row is None:
            raise no_such_item(self.release)
        return row

    def _look_up(self, token: bytes) -> Row | None:
        if token.startswith(b"*"):
            number = parse_id(token)
            return None if number is None else self.table.get(number)
        if token.isdigit():
            return self.table.at(int(token[:10]))
        rows = self.table.named(token) if self.named and token else []
        return rows[0] if rows else None

    def _one(self, rows: list[Row]) -> Row:
        if len(rows) != 1:
            raise refused("exactly one item expected", 1)
        return rows[0]
