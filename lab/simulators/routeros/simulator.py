"""The simulated router as tests, the demo and the benchmarks use it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from lab.simulators.routeros.accounts import Account
from lab.simulators.routeros.editing import EditableMenu
from lab.simulators.routeros.observation import Observation
from lab.simulators.routeros.release import Release
from lab.simulators.routeros.router import Router
from lab.simulators.routeros.seeding import as_arguments, edit_row, new_row
from lab.simulators.routeros.server import Server
from lab.simulators.routeros.state_file import dump, load
from lab.simulators.routeros.text import as_bytes, decode

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from lab.simulators.routeros.faults import Fault
    from lab.simulators.routeros.seeding import Value
    from lab.simulators.routeros.table import Row


class RouterSimulator(Observation):
    """A RouterOS device that speaks the binary API on a socket; serves between `start` and `stop`, or as a context.

    `version` picks the behaviour. `latency` is the service time of one command in seconds: commands of a connection are
    served one after the other. `throttle`: 20 ms once 150 were served in a second. `interleave` shuffles replies across
    tags. `empty_everywhere`: `!empty` also where no print is. `ipv6_package`: RouterOS 6 has its
    IPv6 package. Everything may be called from any thread.
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
        throttle: bool = False,
        interleave: bool = False,
        unique_per_service: bool = False,
        empty_everywhere: bool = False,
        ipv6_package: bool = False,
    ) -> None:
        self.host, self.port = host, port
        router = Router(
            Release.parse(version),
            identity,
            tuple(accounts),
            masks_by_default=masks_by_default,
            unique_per_service=unique_per_service,
            empty_everywhere=empty_everywhere,
            ipv6_package=ipv6_package,
        )
        super().__init__(Server(router, tuple(accounts), tls))
        self._server.max_sessions = max_sessions
        self._server.allowed_network = allowed_network
        self._server.latency = latency
        self._server.throttle = throttle
        self._server.interleave = interleave

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
        """Cuts all connections and stops listening; raises what went wrong inside the simulator itself."""
        self._server.stop()
        if self._server.defects:
            raise self._server.defects[0]

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
            edit_row(menu, self._secret(name), words)

    def remove_secret(self, name: str | bytes) -> None:
        """A hand at WinBox: removes the first secret of a name; its sessions stay."""
        with self._lock:
            self._state.secrets.delete(self._secret(name))

    def remove_profile(self, name: str | bytes) -> None:
        """A hand at WinBox: removes a profile; secrets that use it then show its id."""
        with self._lock:
            self._state.profiles.delete(self._state.profiles.named(as_bytes(name))[0])
            self._router.profile_menu.changed()

    def add(self, path: str, **words: Value) -> str:
        """A hand at WinBox: adds an item to a menu such as `/ip/firewall/filter`; its id."""
        with self._lock:
            menu = self._router.menu(path)
            if not isinstance(menu, EditableMenu):
                raise TypeError(f"nothing can be added to {path}")
            return decode(new_row(menu, words).id)

    def edit(self, path: str, number: str, **words: Value) -> None:
        """A hand at WinBox: changes the item of an id; None clears a property."""
        with self._lock:
            menu = self._router.menu(path)
            row = menu.table.get(int(number.removeprefix("*"), 16))
            if row is None or not isinstance(menu, EditableMenu):
                raise KeyError(number)
            edit_row(menu, row, words)

    def set_names(self, addresses: Mapping[str, Sequence[str]]) -> None:
        """DNS answers these addresses from now on, and the entries of address lists that hold a name follow."""
        names = {as_bytes(host): [as_bytes(address) for address in found] for host, found in addresses.items()}
        with self._lock:
            self._state.firewall.set_names(names)

    def connect_session(
        self, name: str | bytes, address: str = "", service: str = "pppoe", *, radius: bool = False, caller_id: str = ""
    ) -> str:
        """A customer dials in; the session's id. Without an address: the secret's, or one of a pool."""
        given = {"service": as_bytes(service), "caller-id": as_bytes(caller_id), "address": as_bytes(address)}
        given["radius"] = b"true" if radius else b"false"
        with self._lock:
            return decode(self._state.connect(as_bytes(name), given).id)

    def disconnect_session(self, name: str | bytes) -> None:
        """The customers of a name hang up; with `redial` they come back."""
        with self._lock:
            for row in self._state.sessions.named(as_bytes(name)):
                self._state.drop(row, b"peer-request")

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

    def configure(self, menu: str, **words: Value) -> None:
        """A hand at WinBox: changes properties of all items of a menu such as `/ppp/aaa`; KeyError if there is none."""
        with self._lock:
            self._router.configure(menu, as_arguments(words))

    def set_clock(self, ahead: float) -> None:
        """The router's clock is so many seconds ahead of the true time, behind if negative."""
        self._state.clock_skew = dt.timedelta(seconds=ahead)

    @property
    def faults(self) -> list[Fault]:
        """The faults in wait; append to it."""
        return self._server.faults

    def load(self, document: Mapping[str, Sequence[Mapping[str, Value]]]) -> None:
        """Adds the profiles, secrets and sessions of a JSON document (`state_file`); ValueError if it is not right."""
        with self._lock:
            load(self._router, document)

    def dump(self) -> dict[str, list[dict[str, str]]]:
        """Profiles, secrets and sessions, as `load` takes them."""
        with self._lock:
            return dump(self._router)

    def reboot(self) -> None:
        """Cuts all connections and sessions; configuration and ids stay."""
        self._server.reboot()

    def replace_tls(self, context: ssl.SSLContext | None) -> None:
        """Later connections get another certificate, or none."""
        self._server.use_tls(context)

    def _secret(self, name: str | bytes) -> Row:
        rows = self._state.secrets.named(as_bytes(name))
        if not rows:
            raise KeyError(name)
        return rows[0]
