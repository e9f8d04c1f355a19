"""The simulated router as tests, the demo and the benchmarks use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from simulators.routeros.accounts import Account
from simulators.routeros.journal import decode
from simulators.routeros.release import Release
from simulators.routeros.router import Router
from simulators.routeros.seeding import as_arguments, new_row, shown_rows
from simulators.routeros.server import Server

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence
    from types import TracebackType

    from simulators.routeros.faults import Fault
    from simulators.routeros.journal import Exchange, Sentence
    from simulators.routeros.seeding import Value
    from simulators.routeros.table import Row


class RouterSimulator:
    """A RouterOS device that speaks the binary API on a socket; serves between `start` and `stop`, or as a context.

    `version` picks the behaviour. `latency` is the service time of one command in seconds: commands of a connection are
    served one after the other. `interleave` shuffles replies across tags. Everything may be called from any thread.
    """

    def __init__(  # noqa: PLR0913 - every switch of the device
        self,
        version: str = "7.18.2",
        *,
        accounts: Sequence[Account] = (Account("admin"),),
        tls: ssl.SSLContext | None = None,
        identity: str = "tower-1",
        host: str = "127.0.0.1",
        port: int = 0,
        max_sessions: int = 20,
        allowed_network: str = "",
        masks_by_default: bool = False,
        latency: float = 0.0,
        interleave: bool = False,
        unique_per_service: bool = False,
    ) -> None:
        self.host, self.port = host, port
        self._router = Router(
            Release.parse(version),
            identity,
            masks_by_default=masks_by_default,
            unique_per_service=unique_per_service,
        )
        self._state = self._router.state
        self._server = Server(self._router, tuple(accounts), tls)
        self._server.max_sessions = max_sessions
        self._server.allowed_network = allowed_network
        self._server.latency = latency
        self._server.interleave = interleave
        self._lock = self._server.lock

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listens; `host` and `port` then say where."""
        self.host, self.port = self._server.start(self.host, self.port)

    def stop(self) -> None:
        """Cuts all connections and stops listening."""
        self._server.stop()

    def add_profile(self, name: str | bytes, **words: Value) -> str:
        """Adds a PPP profile; its id."""
        with self._lock:
            return decode(new_row(self._router.profile_menu, {"name": name, **words}).id)

    def add_secret(self, *, allow_duplicate: bool = False, **words: Value) -> str:
        """Adds a PPP secret; its id. Words are properties with `_` for `-`; ValueError if RouterOS would refuse."""
        with self._lock:
            return decode(new_row(self._router.secret_menu, words, allow_duplicate=allow_duplicate).id)

    def edit_secret(self, name: str | bytes, **words: Value) -> None:
        """A hand at WinBox: changes the first secret of a name; None clears a property."""
        menu = self._router.secret_menu
        with self._lock:
            row = self._secret(name)
            changes = menu.parse(as_arguments(words))
            self._state.secrets.update(row, changes)

    def remove_secret(self, name: str | bytes) -> None:
        """A hand at WinBox: removes the first secret of a name; its sessions stay."""
        with self._lock:
            self._state.secrets.delete(self._secret(name))

    def remove_profile(self, name: str | bytes) -> None:
        """A hand at WinBox: removes a profile; secrets that use it then show its id."""
        with self._lock:
            self._state.profiles.delete(self._state.profiles.named(_bytes(name))[0])
            self._router.profile_menu.changed()

    def connect_session(
        self, name: str | bytes, address: str = "", service: str = "pppoe", *, radius: bool = False, caller_id: str = ""
    ) -> str:
        """A customer dials in; the session's id. Without an address: the secret's, or one of a pool."""
        given = {"service": _bytes(service), "caller-id": _bytes(caller_id), "address": _bytes(address)}
        given["radius"] = b"true" if radius else b"false"
        with self._lock:
            return decode(self._state.connect(_bytes(name), given).id)

    def disconnect_session(self, name: str | bytes) -> None:
        """The customers of a name hang up; with `redial` they come back."""
        with self._lock:
            for row in self._state.sessions.named(_bytes(name)):
                self._state.drop(row, b"peer-request")

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

    @property
    def redial(self) -> bool:
        """Whether a session that is cut comes back, with the secret's settings of then, if the secret is enabled."""
        return self._state.redial

    @redial.setter
    def redial(self, value: bool) -> None:
        self._state.redial = value

    @property
    def redial_delay(self) -> float:
        """Seconds until a cut session comes back."""
        return self._state.redial_delay

    @redial_delay.setter
    def redial_delay(self, value: float) -> None:
        self._state.redial_delay = value

    @property
    def faults(self) -> list[Fault]:
        """The faults in wait; append to it."""
        return self._server.faults

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

    def reboot(self) -> None:
        """Cuts all connections and sessions; configuration and ids stay."""
        self._server.reboot()

    def replace_tls(self, context: ssl.SSLContext | None) -> None:
        """Later connections get another certificate, or none."""
        self._server.tls = context

    def _secret(self, name: str | bytes) -> Row:
        rows = self._state.secrets.named(_bytes(name))
        if not rows:
            raise KeyError(name)
        return rows[0]

    def _shown(self, table: str, name: str | bytes | None = None) -> list[dict[str, str]]:
        with self._lock:
            return shown_rows(getattr(self._state, table), None if name is None else _bytes(name))


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
