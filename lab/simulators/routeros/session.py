"""What a connection is to the router: somebody not logged in yet, or a user who gives commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.simulators.routeros.replies import Reply
from lab.simulators.routeros.traps import CommandRefusedError

if TYPE_CHECKING:
    from lab.simulators.routeros.accounts import LoginDesk
    from lab.simulators.routeros.request import Command
    from lab.simulators.routeros.router import Router

_LOGIN_ATTEMPTS = 16


class Session:
    """The state of one connection from its login on; not safe to share between threads without a lock."""

    def __init__(self, router: Router, desk: LoginDesk, connection: int) -> None:
        self._router = router
        self._desk = desk
        self._connection = connection
        self._attempts = 0

    @property
    def logged_in(self) -> bool:
        """Whether a login has succeeded."""
        return self._desk.account is not None

    def execute(self, command: Command, not_kept: frozenset[str] | None = frozenset()) -> Reply:
        """What the router answers; RouterOS allows few sentences before the login (the number is guessed)."""
        if self._desk.account is None:
            self._attempts += 1
            if command.path != "/login":
                return Reply.fatal("not logged in")
            if self._attempts > _LOGIN_ATTEMPTS:
                return Reply.fatal("too many commands before login")
            return self._login(command)
        if command.path == "/quit":
            return Reply.fatal("session terminated on request")
        return self._router.execute(command, self._desk.account, self._connection, not_kept)

    def _login(self, command: Command) -> Reply:
        try:
            if command.fault:
                raise command.fault
            return self._desk.login(command.attributes)
        except CommandRefusedError as error:
            return Reply.trapped(*error.traps)
