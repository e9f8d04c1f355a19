"""Which commands of a connection are outstanding, and which of them must not be outstanding together.

RouterOS carries out tagged commands at the same time and promises no order, so that two writes to one secret, a disable
and the drop of its session, or a write and the read that shall confirm it may happen either way round.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.simulators.routeros.journal import Journal
    from lab.simulators.routeros.request import Command
    from lab.simulators.routeros.router import Router

_ACTIVE_MENU = "/ppp/active"
_DROP = "/ppp/active/remove"
_SECRET_MENU = "/ppp/secret"  # noqa: S105


class InFlight:
    """The outstanding commands of one connection, from their arrival to their answer."""

    def __init__(self, router: Router, journal: Journal) -> None:
        self._router = router
        self._journal = journal
        self._marks: dict[int, frozenset[bytes]] = {}
        self._held: Counter[bytes] = Counter()
        self._tags: set[bytes] = set()
        self._count = 0

    def begin(self, command: Command) -> None:
        """A command has arrived."""
        self._count += 1
        self._journal.max_in_flight = max(self._journal.max_in_flight, self._count)
        if command.tag is not None:
            if command.tag in self._tags:
                self._journal.warnings.append(f"{command.path}: tag {command.tag!r} is already in use")
            self._tags.add(command.tag)
        marks, opposed = self._touches(command)
        if overlap := sorted(mark for mark in opposed if self._held[mark]):
            shown = b", ".join(overlap).decode(errors="replace")
            self._journal.conflicts.append(f"{command.path} while another command is outstanding on {shown}")
        if marks:
            self._marks[id(command)] = marks
            self._held.update(marks)

    def end(self, command: Command) -> None:
        """A command has been answered."""
        self._count -= 1
        self._held.subtract(self._marks.pop(id(command), ()))
        self._tags.discard(command.tag or b"")

    def _touches(self, command: Command) -> tuple[frozenset[bytes], frozenset[bytes]]:
        """What a write touches, and what an outstanding write must not have touched."""
        if command.path == _DROP:
            rows = self._router.sessions_of(command)
            ids = {b"session " + row.id for row in rows}
            names = [row.name for row in rows]
            return frozenset(ids | {b"drop " + n for n in names}), frozenset(ids | {b"secret " + n for n in names})
        if command.menu in (_SECRET_MENU, _ACTIVE_MENU) and command.verb in ("print", "getall"):
            names = self._router.secret_names_asked_for(command)
            return frozenset(), frozenset(b"secret " + name for name in names)
        if command.menu == _SECRET_MENU and command.verb in self._router.secret_menu.writes:
            names = self._router.secret_names_of(command)
            marks = {b"secret " + name for name in names}
            return frozenset(marks), frozenset(marks | {b"drop " + name for name in names})
        return frozenset(), frozenset()
