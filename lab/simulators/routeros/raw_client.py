"""A client that says exactly the words it is told to: for tests of what ordinary clients hide."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Self

from lab.simulators.routeros.text import as_bytes, decode
from lab.simulators.routeros.wire import SentenceDecoder, encode_sentence

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

_LARGEST = 1 << 30


class RawClient:
    """One connection; words are text (UTF-8) or bytes. Every wait ends after `timeout` seconds with TimeoutError."""

    def __init__(
        self, host: str, port: int, *, tls: ssl.SSLContext | None = None, server_name: str = "", timeout: float = 5
    ) -> None:
        self.socket: socket.socket = socket.create_connection((host, port), timeout)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=server_name or host)
        self.received = bytearray()
        self._decoder = SentenceDecoder(_LARGEST, _LARGEST)
        self._ready: list[tuple[bytes, ...]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def send(self, *words: str | bytes) -> None:
        """Sends one sentence."""
        self.socket.sendall(encode_sentence(map(as_bytes, words)))

    def read(self) -> list[str]:
        """The next sentence; raises EOFError when the router has closed the connection."""
        while not self._ready:
            data = self.socket.recv(1 << 16)
            if not data:
                raise EOFError("the router closed the connection")
            self.received += data
            self._ready = self._decoder.feed(data)
        return [decode(word) for word in self._ready.pop(0)]

    def talk(self, *words: str | bytes) -> list[list[str]]:
        """Sends one sentence and reads up to the `!done` or `!fatal` that ends its reply."""
        self.send(*words)
        return self.read_reply()

    def read_reply(self) -> list[list[str]]:
        """Reads up to a `!done` or `!fatal`."""
        reply = [self.read()]
        while reply[-1][0] not in ("!done", "!fatal"):
            reply.append(self.read())
        return reply

    def login(self, name: str = "admin", password: str = "") -> Self:
        """Logs in as RouterOS 6.43 and later want it; raises PermissionError if refused."""
        reply = self.talk("/login", f"=name={name}", f"=password={password}")
        if reply != [["!done"]]:
            raise PermissionError(reply)
        return self

    def wait_for_end(self) -> bytes:
        """Reads until the router closes the connection; the bytes that had not been asked for."""
        rest = b""
        while data := self.socket.recv(1 << 16):
            rest += data
        return rest
