"""A network in a process of its own: every byte arrives half a round trip late, in order, at any rate.

`python -m lab.benchmarks.delay '[[port, round trip in seconds], ...]'` prints the ports that it listens on. As on a
real network, the first byte of a connection comes a whole round trip later still: that is TCP's own handshake.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections import deque
from typing import override


class Direction(asyncio.Protocol):
    """One end of a connection: what is received here goes out at `peer`, late."""

    def __init__(self, delay: float, opening: float = 0.0) -> None:
        self._delay = delay
        self._open_at = time.monotonic() + opening
        self._waiting: deque[bytes | None] = deque()
        self.peer: asyncio.Transport | None = None
        self.transport: asyncio.Transport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows the type
        self.transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self._later(data)

    @override
    def eof_received(self) -> bool:
        self._later(None)
        return True

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._later(None)

    def _later(self, data: bytes | None) -> None:
        self._waiting.append(data)
        loop = asyncio.get_running_loop()
        loop.call_at(max(loop.time(), self._open_at) + self._delay, self.deliver)

    def deliver(self) -> None:
        """Hand over what has waited longest; None is the end."""
        data = self._waiting.popleft()
        if self.peer is None or self.peer.is_closing():
            return
        if data is None:
            self.peer.close()
        else:
            self.peer.write(data)


async def _listen(port: int, round_trip: float) -> int:
    loop = asyncio.get_running_loop()

    def accept() -> Direction:
        near = Direction(round_trip / 2, opening=round_trip)
        task = loop.create_task(_join(near, port, round_trip / 2))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return near

    tasks: set[asyncio.Task[None]] = set()
    server = await loop.create_server(accept, "127.0.0.1", 0, backlog=256)
    listening: int = server.sockets[0].getsockname()[1]
    return listening


async def _join(near: Direction, port: int, delay: float) -> None:
    far = Direction(delay)
    transport, _ = await asyncio.get_running_loop().create_connection(lambda: far, "127.0.0.1", port)
    near.peer, far.peer = transport, near.transport


async def _serve(targets: list[tuple[int, float]]) -> None:
    ports = [await _listen(port, round_trip) for port, round_trip in targets]
    sys.stdout.write(json.dumps({"ports": ports}) + "\n")
    sys.stdout.flush()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        del line
        sys.stdout.write(json.dumps({"cpu": time.process_time()}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    gc.disable()
    asyncio.run(_serve(json.loads(sys.argv[1])))
