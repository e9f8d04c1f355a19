"""HTTP/1.1 over TCP or TLS, one thread a connection, keep-alive; ends at once whatever the clients do."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import struct
import threading
import weakref
from dataclasses import dataclass
from email.utils import formatdate
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lab.simulators.uisp.answers import Answer

_NO_LINGER: Final = struct.pack("ii", 1, 0)
_HANDSHAKE_SECONDS: Final = 10.0
_SHUTDOWN_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.02
_GZIP_LEVEL: Final = 1

_server_names: weakref.WeakKeyDictionary[Any, str | None] = weakref.WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request off the wire; `headers` have lower-case names, `server_name` is the TLS SNI."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    server_name: str | None


class CrmServer(ThreadingHTTPServer):
    """Answers every request with `respond`; `stopping` is set while it ends."""

    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        tls: ssl.SSLContext | None,
        respond: Callable[[HttpRequest], Answer],
        *,
        compress: bool,
    ) -> None:
        super().__init__(address, Handler)
        self.respond = respond
        self.compress = compress
        self.stopping = threading.Event()
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._workers: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._loop = threading.Thread(target=self.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        if tls is not None:
            tls.sni_callback = _note_server_name

    def start(self) -> None:
        """Serves in a thread of its own until `end`."""
        self._loop.start()

    def get_request(self) -> tuple[Any, Any]:
        """Accepts a connection; its handshake waits for the connection's own thread."""
        connection, address = super().get_request()
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        """Starts the connection's thread."""
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._lock:
            self._open.add(request)
            self._workers = [*filter(threading.Thread.is_alive, self._workers), thread]
            thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The connection's thread, from the handshake to the close."""
        try:
            _shake_hands(request)
            super().process_request_thread(request, client_address)
        except OSError:
            request.close()
        finally:
            with self._lock:
                self._open.remove(request)

    def shutdown_request(self, request: Any) -> None:
        """Only closes: a FIN before it would turn a reset into an orderly end."""
        request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - socketserver's signature
        """A client that went away is no error of the server; anything else ends the thread loudly."""
        with contextlib.suppress(OSError):
            raise  # noqa: PLE0704 - socketserver calls this while it handles the exception

    def end(self) -> None:
        """Stops listening, cuts every connection and waits until their threads are done."""
        self.stopping.set()
        self.shutdown()
        self._loop.join()
        self.server_close()
        with self._lock:
            threads = set(self._workers) - {threading.current_thread()}
            for connection in self._open:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)  # TLS or not: the thread still reads from it
        for thread in threads:
            thread.join(_SHUTDOWN_SECONDS)


class Handler(BaseHTTPRequestHandler):
    """Reads one request whole, answers it, and goes on with the next on the same connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: CrmServer

    def do_GET(self) -> None:
        """Serves any method: which one is allowed where is the API's business."""
        body = self._read_body()
        if body is None:
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        name = _server_names.get(self.connection)
        answer = self.server.respond(HttpRequest(self.command, self.path, headers, body, name))
        self._deliver(answer)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parameter's name in http.server
        """Requests are recorded, not logged."""

    def _read_body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        status = 411 if "Transfer-Encoding" in self.headers else 200
        if "Host" not in self.headers or not length.isascii() or not length.isdigit():
            status = 400
        if status == 200:
            return self.rfile.read(int(length))
        self.close_connection = True
        self.send_error(status)
        return None

    def _deliver(self, answer: Answer) -> None:
        delivery = answer.delivery
        if delivery.kind in {"reset", "close"} or (delivery.kind == "stall" and not delivery.keep):
            self._fall_silent(answer)
            return
        body, extra = self._encoded(answer)
        head = self._head(answer, len(body) if delivery.claimed is None else delivery.claimed, extra)
        if self.command == "HEAD":
            body = b""
        if delivery.kind == "whole":
            self.wfile.write(head + body)
            self.close_connection = self.close_connection or delivery.claimed is not None
        elif delivery.kind == "drip":
            at_once, slowly = (b"", head + body) if delivery.head else (head, body)
            self.wfile.write(at_once)
            self._drip(slowly, delivery.chunk, delivery.interval)
        else:
            self.wfile.write(head + body[: delivery.keep or len(body) // 2])
            self._fall_silent(answer)

    def _fall_silent(self, answer: Answer) -> None:
        self.close_connection = True
        if answer.delivery.kind == "stall":
            self.server.stopping.wait()
        if answer.delivery.kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)

    def _drip(self, body: bytes, chunk: int, interval: float) -> None:
        for start in range(0, len(body), chunk):
            if self.server.stopping.wait(interval):
                self.close_connection = True
                return
            self.wfile.write(body[start : start + chunk])

    def _encoded(self, answer: Answer) -> tuple[bytes, tuple[tuple[str, str], ...]]:
        if self.server.compress and "gzip" in self.headers.get("Accept-Encoding", ""):
            return gzip.compress(answer.body, _GZIP_LEVEL), (("Content-Encoding", "gzip"),)
        return answer.body, ()

    def _head(self, answer: Answer, length: int, extra: tuple[tuple[str, str], ...]) -> bytes:
        lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, '')}", "Server: nginx"]
        lines.append(f"Date: {formatdate(usegmt=True)}")
        lines += [f"{name}: {value}" for name, value in (*answer.headers, *extra, ("Content-Length", str(length)))]
        if self.close_connection:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _shake_hands(connection: Any) -> None:
    if isinstance(connection, ssl.SSLSocket):
        connection.settimeout(_HANDSHAKE_SECONDS)
        connection.do_handshake()
        connection.settimeout(None)


def _note_server_name(connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
    _server_names[connection] = name
