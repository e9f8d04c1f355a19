"""The router behind the wire: menus, permissions, and the way from a command to its reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.simulators.routeros.firewall_menus import firewall_menus
from lab.simulators.routeros.journal import Journal
from lab.simulators.routeros.ppp_menus import ActiveMenu, ProfileMenu, SecretMenu
from lab.simulators.routeros.query import Query
from lab.simulators.routeros.replies import Reply
from lab.simulators.routeros.request import Request
from lab.simulators.routeros.state import RouterState
from lab.simulators.routeros.system_menus import system_menus
from lab.simulators.routeros.table import parse_id
from lab.simulators.routeros.traps import (
    CommandRefusedError,
    no_such_command,
    no_such_menu,
    not_permitted,
    unknown_parameter,
)
from lab.simulators.routeros.user_menus import user_menus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lab.simulators.routeros.accounts import Account
    from lab.simulators.routeros.menus import Menu
    from lab.simulators.routeros.release import Release
    from lab.simulators.routeros.request import Command
    from lab.simulators.routeros.table import Row

_READERS = frozenset({"print", "getall"})


class Router:
    """One router's state and menus; not safe to share between threads without a lock.

    `empty_everywhere`: `!empty` comes before every `!done` without data, not after prints alone. `ipv6_package`:
    RouterOS 6 knows the menus of IPv6 with it only, RouterOS 7 always does.
    """

    def __init__(  # noqa: PLR0913 - every switch of the device
        self,
        release: Release,
        identity: str,
        accounts: Sequence[Account] = (),
        *,
        masks_by_default: bool = False,
        unique_per_service: bool = False,
        empty_everywhere: bool = False,
        ipv6_package: bool = False,
    ) -> None:
        self.release = release
        self.identity = identity
        self._empty_everywhere = empty_everywhere
        self._read: set[tuple[int, str]] = set()
        self.journal = Journal()
        self.state = RouterState(release)
        self.secret_menu = SecretMenu(
            self.state, masks_by_default=masks_by_default, unique_per_service=unique_per_service
        )
        self.profile_menu = ProfileMenu(self.state)
        self.active_menu = ActiveMenu(self.state)
        self._menus: dict[str, Menu] = {
            "/ppp/secret": self.secret_menu,
            "/ppp/profile": self.profile_menu,
            "/ppp/active": self.active_menu,
            **firewall_menus(release, self.state.firewall, ipv6=ipv6_package or release.modern),
            **system_menus(release, identity, self.state.now),
            **user_menus(release, accounts),
        }

        self._directories = {path.rsplit("/", depth)[0] for path in self._menus for depth in range(path.count("/"))}

    def menu(self, path: str) -> Menu:
        """The menu of a path; KeyError if there is none."""
        return self._menus[path]

    def configure(self, path: str, changes: Mapping[str, bytes]) -> None:
        """Changes properties of every item of a menu; KeyError for a menu or a property that there is not."""
        table = self._menus[path].table
        for name in changes:
            _ = table.fields[name]
        for row in table:
            table.update(row, changes)

    def is_write(self, command: Command) -> bool:
        """Whether a command changes something."""
        menu = self._menus.get(command.menu)
        return menu is not None and command.verb in menu.writes

    def execute(
        self, command: Command, account: Account, connection: int, not_kept: frozenset[str] | None = frozenset()
    ) -> Reply:
        """Carries a command out for a user; refusals are part of the reply."""
        self.journal.commands[command.path] += 1
        try:
            reply = self._execute(command, account, not_kept)
        except CommandRefusedError as error:
            reply = Reply.trapped(*error.traps)
        if self._empty_everywhere and reply.sentences == [(b"!done",)] and not reply.rows:
            reply.sentences = [(b"!empty",), (b"!done",)]
        self._note_reading(command, connection)
        if self.is_write(command):
            self.journal.wrote(connection, command, succeeded=not reply.refused)
        return reply

    def _note_reading(self, command: Command, connection: int) -> None:
        if command.verb in _READERS:
            self._read.add((connection, command.menu))
        elif self.is_write(command) and command.verb != "add" and (connection, command.menu) not in self._read:
            self.journal.unread_writes.append(f"{command.path} on connection {connection}")

    def unknown_parameters(self, command: Command, known: set[str]) -> CommandRefusedError | None:
        """The refusal of a command's first argument that is not known, if there is one."""
        unknown = [name for name in command.attributes if name not in known]
        return unknown_parameter(self.release, unknown[0]) if unknown else None

    def sessions_of(self, command: Command) -> list[Row]:
        """The live sessions that a command of `/ppp/active` names."""
        return self.active_menu.peek(command.attributes)

    def secret_names_of(self, command: Command) -> list[bytes]:
        """The names of the secrets that a command of `/ppp/secret` touches."""
        names = [row.name for row in self.secret_menu.peek(command.attributes)]
        return [*names, command.attributes["name"]] if "name" in command.attributes else names

    def secret_names_asked_for(self, command: Command) -> list[bytes]:
        """The names of the secrets or sessions that the equalities of a print's query pick out."""
        try:
            query = Query(command.queries)
        except CommandRefusedError:
            return []
        names = [query.equalities[key] for key in ("name",) if key in query.equalities]
        number = parse_id(query.equalities.get(".id", b""))
        row = self.state.secrets.get(number) if number is not None and command.menu == "/ppp/secret" else None
        return names + ([row.name] if row else [])

    def _execute(self, command: Command, account: Account, not_kept: frozenset[str] | None) -> Reply:
        if command.fault:
            self.journal.warnings.append(f"{command.path}: {command.fault}")
            raise command.fault
        menu = self._menus.get(command.menu)
        if menu is None:
            raise self._unknown(command)
        handler = menu.commands.get(command.verb)
        if handler is None:
            raise no_such_command()
        if ("write" if command.verb in menu.writes else "read") not in account.policies:
            raise not_permitted()
        return handler(Request(command, account, self.journal.warnings.append, self._query(command), not_kept))

    def _query(self, command: Command) -> Query:
        if command.verb in _READERS:
            return Query(command.queries)
        if command.queries:
            self.journal.warnings.append(f"{command.path}: query words select nothing here")
        return Query(())

    def _unknown(self, command: Command) -> CommandRefusedError:
        if not command.path.startswith("/") or command.menu == "":
            return no_such_command()
        if command.menu in self._directories:
            return no_such_command()
        known = ""
        for word in command.menu.split("/")[1:]:
            known = f"{known}/{word}"
            if known not in self._directories:
                return no_such_menu(self.release, word)
        return no_such_command()
