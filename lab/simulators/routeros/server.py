"""The listening socket, the thread that serves it, and what all connections of a router share."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections import deque
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from lab.simulators.routeros.connection import LINGER_SECONDS, RESET_ON_CLOSE, Connection

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from lab.simulators.routeros.accounts import Account
    from lab.simulators.routeros.fault_delivery import Struck
    from lab.simulators.routeros.faults import Fault
    from lab.simulators.routeros.request import Command
    from lab.simulators.routeros.router import Router

_HANDSHAKE_SECONDS = 10.0
_TLS_CLOSE_SECONDS = 0.5
_BURST = 150
_GROUP = Path(__file__).with_name("ffdhe2048.pem")
_THROTTLED_SECONDS = 0.02


class Server:
    """Serves one router's API on a socket, in a thread of its own.

    `lock` guards the router and everything below; it may be taken from any thread.
    """

    def __init__(self, router: Router, accounts: Sequence[Account], tls: ssl.SSLContext | None) -> None:
        self.router = router
        self.accounts = accounts
        self.tls: ssl.SSLContext | None = None
        self.use_tls(tls)
        self.max_sessions = 20
        self.allowed_network = ""
        self.latency = 0.0
        self.interleave = False
        self.throttle = False
        self.faults: list[Fault] = []
        self.defects: list[Exception] = []
        self.handshake_failures: list[str] = []
        self.accepted = 0
        self.open_connections: set[Struck] = set()
        self.lock = threading.RLock()
        self._served: deque[float] = deque(maxlen=_BURST)
        self._welcomes: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="routeros-simulator", daemon=True)
        self._stopping = asyncio.Event()
        self._socket: socket.socket
        self._loop: asyncio.AbstractEventLoop

    def use_tls(self, context: ssl.SSLContext | None) -> None:
        """Later connections are secured with this, or not at all; without a group, anonymous suites would not work."""
        if context:
            context.load_dh_params(str(_GROUP))
        self.tls = context

    def start(self, host: str, port: int) -> tuple[str, int]:
        """Listens and serves; the address that was bound."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=256)
        self._socket.setblocking(False)
        self._loop = asyncio.new_event_loop()
        self.router.state.defer = self._defer
        self._thread.start()
        bound = self._socket.getsockname()
        return bound[0], bound[1]

    def stop(self) -> None:
        """Cuts all connections and ends the thread."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def reboot(self) -> None:
        """Cuts all connections and sessions; callable from any thread."""
        with self.lock:
            self.router.state.reboot()
        if threading.current_thread() is self._thread:
            self._cut_connections()
        else:
            asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()

    def service_time(self) -> float:
        """Seconds that the next command takes; with `throttle` 20 ms once 150 commands were served within a second."""
        if not self.throttle:
            return self.latency
        now = self._loop.time()
        busy = len(self._served) == _BURST and now - self._served[0] < 1
        self._served.append(now)
        return _THROTTLED_SECONDS if busy else self.latency

    def fault_for(self, event: str, command: Command | None = None) -> Fault | None:
        """The fault that strikes at an event, if any; every fault takes note of it."""
        striking = [fault for fault in self.faults if fault.strikes(event, command)]
        return striking[0] if striking else None

    def has_fault_for(self, command: Command) -> bool:
        """Whether any fault waits for a command of this kind."""
        return any(fault.concerns(command.path, command) for fault in self.faults)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        accepting = self._loop.create_task(self._accept())
        await self._stopping.wait()
        accepting.cancel()
        for task in (accepting, *self._welcomes):
            task.cancel()
        ended = await asyncio.gather(accepting, *self._welcomes, return_exceptions=True)
        self.defects.extend(error for error in ended if isinstance(error, Exception))
        self._socket.close()
        while self.open_connections:
            self._cut_connections()
            await asyncio.sleep(0)

    async def _accept(self) -> None:
        while True:
            sock, peer = await self._loop.sock_accept(self._socket)
            self.accepted += 1
            task = self._loop.create_task(self._welcome(sock, self.accepted, peer[0]))
            self._welcomes.add(task)
            task.add_done_callback(self._welcomes.discard)

    async def _welcome(self, sock: socket.socket, number: int, peer: str) -> None:
        try:
            if not await self._admit(sock, peer):
                return
            await self._loop.connect_accepted_socket(
                lambda: Connection(self, number, peer),
                sock,
                ssl=self.tls,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS if self.tls else None,
                ssl_shutdown_timeout=_TLS_CLOSE_SECONDS if self.tls else None,
            )
        except OSError as error:
            self.handshake_failures.append(f"connection {number}: {error}")
            sock.close()
        except Exception as error:  # noqa: BLE001 - a defect of the simulator, told when it stops
            self.defects.append(error)
            sock.close()
        except asyncio.CancelledError:
            sock.close()
            raise

    async def _admit(self, sock: socket.socket, peer: str) -> bool:
        """Closes what may not come in; RouterOS completes the TCP handshake first and then says nothing."""
        with self.lock:
            fault = self.fault_for("connect")
        if fault is None and self._has_room() and self._is_near(peer):
            return True
        if fault and fault.action == "stall":
            await asyncio.Event().wait()
        if fault and fault.action == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        else:
            await self._turn_away(sock)
        sock.close()
        return False

    async def _turn_away(self, sock: socket.socket) -> None:
        """Says goodbye first: closing with unread input would become a reset."""
        sock.shutdown(socket.SHUT_WR)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while await self._loop.sock_recv(sock, 4096):
                    pass

    def _has_room(self) -> bool:
        return (
            not self.router.release.limits_sessions
            or len(self.open_connections) + len(self._welcomes) <= self.max_sessions
        )

    def _is_near(self, peer: str) -> bool:
        return not self.allowed_network or ip_address(peer) in ip_network(self.allowed_network)

    def _defer(self, seconds: float, action: Callable[[], None]) -> None:
        def locked() -> None:
            with self.lock:
                action()

        self._loop.call_soon_threadsafe(self._loop.call_later, seconds, locked)

    async def _cut(self) -> None:
        self._cut_connections()

    def _cut_connections(self) -> None:
        for connection in list(self.open_connections):
            connection.reset()
