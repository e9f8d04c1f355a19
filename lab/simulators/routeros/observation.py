"""What a simulated router lets a test see: its tables, and what clients did to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.simulators.routeros.seeding import shown_rows
from lab.simulators.routeros.text import as_bytes

if TYPE_CHECKING:
    from lab.simulators.routeros.journal import Exchange, Sentence
    from lab.simulators.routeros.server import Server


class Observation:
    """The view from outside; everything may be called from any thread."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._router = server.router
        self._state = server.router.state
        self._lock = server.lock

    def secret(self, name: str | bytes) -> dict[str, str] | None:
        """The first secret of a name as `print` would show it, or None."""
        return next(iter(self._shown("secrets", name)), None)

    def secrets(self) -> list[dict[str, str]]:
        """All secrets as `print` would show them, passwords too."""
        return self._shown("secrets")

    def profiles(self) -> list[dict[str, str]]:
        """All profiles as `print` would show them."""
        return self._shown("profiles")

    def sessions(self, name: str | bytes | None = None) -> list[dict[str, str]]:
        """All live sessions, or those of a name, as `print` would show them."""
        return self._shown("sessions", name)

    def items(self, path: str) -> list[dict[str, str]]:
        """All items of a menu such as `/ip/firewall/address-list`, as `print` would show them."""
        with self._lock:
            return shown_rows(self._router.menu(path).table)

    @property
    def writes(self) -> list[Sentence]:
        """Every write that the router took up, in order."""
        with self._lock:
            return list(self._router.journal.writes)

    @property
    def transcript(self) -> list[Exchange]:
        """Every sentence both ways, passwords hidden."""
        with self._lock:
            return self._router.journal.transcript()

    @property
    def warnings(self) -> list[str]:
        """What a careful client would not have done: addressing by position or name, writing what is there already."""
        with self._lock:
            return list(self._router.journal.warnings)

    @property
    def in_flight_conflicts(self) -> list[str]:
        """Writes that were outstanding together on one connection and touch one secret."""
        with self._lock:
            return list(self._router.journal.conflicts)

    @property
    def unread_writes(self) -> list[str]:
        """Changes of items in a menu that the connection had not printed before."""
        with self._lock:
            return list(self._router.journal.unread_writes)

    @property
    def max_in_flight(self) -> int:
        """The largest number of commands outstanding together on a connection."""
        return self._router.journal.max_in_flight

    @property
    def commands(self) -> dict[str, int]:
        """How often each command was carried out."""
        with self._lock:
            return dict(self._router.journal.commands)

    @property
    def connections(self) -> int:
        """How many connections were accepted since the start."""
        return self._server.accepted

    @property
    def open_connections(self) -> int:
        """How many connections are open."""
        return len(self._server.open_connections)

    @property
    def handshake_failures(self) -> list[str]:
        """TLS handshakes that failed, with OpenSSL's words."""
        return list(self._server.handshake_failures)

    def clear_log(self) -> None:
        """Forgets writes, transcript, warnings and counts; the state stays."""
        with self._lock:
            self._router.journal.clear()

    def _shown(self, table: str, name: str | bytes | None = None) -> list[dict[str, str]]:
        with self._lock:
            return shown_rows(getattr(self._state, table), None if name is None else as_bytes(name))
