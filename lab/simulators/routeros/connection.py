"""One client's connection: words in, commands in their order, replies out."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING, override

from lab.simulators.routeros.accounts import LoginDesk
from lab.simulators.routeros.fault_delivery import deliver
from lab.simulators.routeros.inflight import InFlight
from lab.simulators.routeros.replies import Reply
from lab.simulators.routeros.request import parse_command
from lab.simulators.routeros.session import Session
from lab.simulators.routeros.traps import interrupted
from lab.simulators.routeros.wire import FramingError, SentenceDecoder

if TYPE_CHECKING:
    from lab.simulators.routeros.host import Host
    from lab.simulators.routeros.request import Command

BEFORE_LOGIN = 1024
AFTER_LOGIN = 0x20000
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_CHUNK = 1 << 18
LINGER_SECONDS = 0.25
_QUEUE_LIMIT = 5000


class Connection(asyncio.Protocol):
    """From the accepted (and, with TLS, secured) socket to its end.

    A sentence is taken apart on arrival and queued; one task carries out what is queued, in order. Reading stops while
    too much is queued, writing while the client does not read.
    """

    def __init__(self, server: Host, number: int, peer: str) -> None:
        self.number = number
        self._server = server
        self._journal = server.router.journal
        desk = LoginDesk(server.router.release, server.accounts, peer)
        self._session = Session(server.router, desk, number)
        self._decoder = SentenceDecoder(BEFORE_LOGIN, 4 * BEFORE_LOGIN)
        self._in_flight = InFlight(server.router, server.router.journal)
        self._queue: deque[Command] = deque()
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._pending: list[bytes] = []
        self._closing = False
        self._paused = False
        self._free_at = 0.0
        self._order = random.Random(number)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows the type
        self._transport = transport
        self._server.open_connections.add(self)
        self._task = asyncio.get_running_loop().create_task(self._work())

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._server.open_connections.discard(self)
        self._task.cancel()

    @override
    def pause_writing(self) -> None:
        self._writable.clear()

    @override
    def resume_writing(self) -> None:
        self._writable.set()

    @override
    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        try:
            sentences = self._decoder.feed(data)
        except FramingError as error:
            self._journal.warnings.append(f"connection {self.number}: {error}")
            self.fatal(str(error))
            return
        with self._server.lock:
            for words in sentences:
                self._journal.received(self.number, words)
                self._take(parse_command(words))
        if len(self._queue) > _QUEUE_LIMIT:
            self._paused = True
            self._transport.pause_reading()

    async def flush(self) -> None:
        """Hands everything sent so far to the socket, and waits while the client is slow."""
        while self._pending and not self._closing:
            data = b"".join(self._pending)
            self._pending.clear()
            for start in range(0, len(data), _CHUNK):
                if not self._closing:
                    self._transport.write(data[start : start + _CHUNK])
                    await self._writable.wait()

    def send(self, data: bytes) -> None:
        """Puts bytes behind what is to be sent."""
        self._pending.append(data)

    def close(self) -> None:
        """Ends the connection in good order, with what was sent before."""
        if self._closing:
            return
        self._closing = True
        self._transport.write(b"".join(self._pending))
        if not self._transport.can_write_eof():
            self._transport.close()
            return
        # A plain close with unread input would become a reset and could overtake the last reply.
        with contextlib.suppress(OSError):
            self._transport.write_eof()
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self._transport.close)

    def reset(self) -> None:
        """Ends the connection with a TCP reset."""
        self._closing = True
        sock: socket.socket | None = self._transport.get_extra_info("socket")
        if sock is not None:  # None once the peer is gone
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self._transport.abort()

    def fatal(self, reason: str | None) -> None:
        """Says `!fatal` and closes."""
        self.answer(Reply.fatal(reason), None)

    def answer(self, reply: Reply, tag: bytes | None) -> None:
        """Puts a reply behind what is to be sent; after `!fatal` the connection is closed."""
        self.note(reply, tag)
        self.send(reply.encode(tag))
        if reply.closes:
            self.close()

    def note(self, reply: Reply, tag: bytes | None) -> None:
        """Puts a reply into the transcript."""
        with self._server.lock:
            self._journal.answered(self.number, reply, tag)

    def execute(self, command: Command, not_kept: frozenset[str] | None = frozenset()) -> Reply:
        """What the router answers to a command in the connection's present state."""
        with self._server.lock:
            reply = self._session.execute(command, not_kept)
        if self._session.logged_in:
            self._decoder.max_word = self._decoder.max_sentence = AFTER_LOGIN
        return reply

    def _take(self, command: Command) -> None:
        if command.path == "/cancel" and self._session.logged_in:
            self._cancel(command)
        else:
            self._in_flight.begin(command)
            self._queue.append(command)
        self._arrived.set()

    def _cancel(self, command: Command) -> None:
        """Interrupts what has not been carried out yet; RouterOS answers the interrupted command's end last."""
        if refusal := command.fault or self._server.router.unknown_parameters(command, {"tag"}):
            self.answer(Reply.trapped(*refusal.traps), command.tag)
            return
        wanted = command.attributes.get("tag")
        stopped = [other for other in self._queue if wanted is None or other.tag == wanted]
        for other in stopped:
            self._queue.remove(other)
            self._in_flight.end(other)
            self.answer(Reply(sentences=Reply.trapped(interrupted()).sentences[:1]), other.tag)
        self.answer(Reply.done(), command.tag)
        for other in stopped:
            self.answer(Reply.done(), other.tag)

    async def _work(self) -> None:
        try:
            while not self._closing:
                await self._arrived.wait()
                self._arrived.clear()
                await self._answer_queued()
                if self._paused:
                    self._paused = False
                    # Between its end and our being told of it, asyncio's TLS transport cannot be asked anything.
                    with contextlib.suppress(AttributeError):
                        self._transport.resume_reading()
                await self.flush()
        except Exception as error:  # noqa: BLE001 - a defect of the simulator, told when it stops
            self._server.defects.append(error)
            self.reset()

    async def _answer_queued(self) -> None:
        while self._queue and not self._closing:
            await self._serve_time()
            if self._server.interleave and len(self._queue) > 1:
                self._answer_interleaved()
            if self._queue and not self._closing:
                await self._answer_next()

    async def _serve_time(self) -> None:
        """Lets the service time pass: commands of a connection are served one after the other."""
        loop = asyncio.get_running_loop()
        self._free_at = max(self._free_at, loop.time()) + self._server.service_time()
        if self._server.interleave:
            self._free_at += 0.001
        if (left := self._free_at - loop.time()) > 0:
            await self.flush()
            await asyncio.sleep(left)

    async def _answer_next(self) -> None:
        command = self._queue.popleft()
        with self._server.lock:
            fault = self._server.fault_for(command.path, command)
        if fault:
            await self.flush()
            await deliver(fault, self, self._server, command)
        else:
            self.answer(self.execute(command), command.tag)
        self._in_flight.end(command)
        if self._pending and (len(self._pending) > 1000 or len(self._pending[-1]) > _CHUNK):
            await self.flush()

    def _answer_interleaved(self) -> None:
        """Carries out what has arrived, in its order, and shuffles the replies; each tag's own stay in order."""
        streams: dict[bytes | None, deque[bytes]] = {}
        while self._queue and not self._server.has_fault_for(self._queue[0]):
            command = self._queue[0]
            if not self._session.logged_in or command.path == "/quit":
                break
            reply = self.execute(self._queue.popleft())
            self.note(reply, command.tag)
            streams.setdefault(command.tag, deque()).extend(reply.pieces(command.tag))
            self._in_flight.end(command)
        while streams:
            tag = self._order.choice(list(streams))
            self.send(streams[tag].popleft())
            if not streams[tag]:
                del streams[tag]
