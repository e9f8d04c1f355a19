"""Holds one connection to a router: sentences out, replies in, matched by tag. The only importer of librouteros.

librouteros encodes what is sent. Its reader is not used: it casts values (`123` to a number,
`true` to `yes`), drops letters that are no ASCII, makes two system calls a word, and waits without end on a peer that
drips. Its debug log shows every word, passwords too, so that logger is kept above DEBUG.
"""

from __future__ import annotations

import logging
import selectors
import ssl
from typing import TYPE_CHECKING, Any, Final, Self

from librouteros.protocol import encode_sentence

from pppsync.errors import Code, RouterError
from pppsync.net.deadline import Deadline
from pppsync.routers.connection import CONNECT_SECONDS, connect, reason
from pppsync.routers.login import log_in
from pppsync.routers.reply import Reply
from pppsync.routers.wire import SentenceDecoder, WordsError, to_row, to_text

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping, Sequence

    from pppsync.config.settings import RouterSettings
    from pppsync.routers.wire import Row, Words

_CHUNK: Final = 1 << 16
_RECORD: Final = 1 << 14
"""Commands go out together, at most the content of one TLS record."""
_SEND_SECONDS: Final = 5.0
"""A router that reads nothing for so long does not answer either."""
_NOT_YET: Final = (TimeoutError, BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

logging.getLogger("librouteros").setLevel(logging.WARNING)


class RouterLink:
    """One logged-in connection. Every failure raises `RouterError`, and closes the link for good."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._decoder = SentenceDecoder()
        self._unsent = bytearray()
        self._open: dict[bytes, Reply] = {}
        self._last_tag = 0

    @classmethod
    def open(cls, settings: RouterSettings, deadline: Deadline, connect_seconds: float = CONNECT_SECONDS) -> Self:
        """Connect, verify the certificate before anything is sent, log in."""
        link = cls(connect(settings, deadline, connect_seconds))
        try:
            log_in(lambda words: link.call(words, deadline), settings)
        except BaseException:
            link.close()
            raise
        return link

    def close(self) -> None:
        """Close the connection; the router then ends its side."""
        self._sock.close()

    @property
    def certificate(self) -> Mapping[str, Any]:
        """The fields of the router's certificate, empty where none was verified."""
        return (isinstance(self._sock, ssl.SSLSocket) and self._sock.getpeercert()) or {}

    @property
    def unanswered(self) -> int:
        """The number of commands without a complete answer."""
        return len(self._open)

    def submit(self, words: Sequence[str], decode: Callable[[Row], Any] | None = None) -> Reply:
        """Queue one more command and return its reply, which fills during any later wait.

        Fast path: queued commands go out together. However much is under way, neither side waits for the other to read.
        """
        self._last_tag += 1
        tag = b"%d" % self._last_tag
        sentence = [_wire(word) for word in words]
        self._unsent += encode_sentence(*sentence, f".tag={self._last_tag}", encoding="latin-1")
        reply = self._open[tag] = Reply(decode)
        if len(self._unsent) >= _RECORD:
            self._send()
        return reply

    def call(self, words: Sequence[str], deadline: Deadline, decode: Callable[[Row], Any] | None = None) -> Reply:
        """Send one command and wait for its answer."""
        reply = self.submit(words, decode)
        self.wait([reply], deadline)
        return reply

    def wait(self, replies: Sequence[Reply], deadline: Deadline) -> None:
        """Read until all these replies are complete."""
        while not all(reply.done for reply in replies):
            self.pump(deadline)

    def pump(self, deadline: Deadline) -> None:
        """Send what is unsent, then read what the router sends next, at least one byte, into the replies."""
        if not self.poll(deadline.left()):
            self.close()
            raise RouterError(Code.ROUTER_TIMEOUT, "the router did not answer in time")

    def poll(self, seconds: float) -> bool:
        """Like `pump`, but returns False after `seconds` of silence instead of raising."""
        self._send()
        return seconds > 0 and self._receive(seconds)

    def _receive(self, seconds: float) -> bool:
        try:
            self._sock.settimeout(seconds)
            data = self._sock.recv(_CHUNK)
        except _NOT_YET:
            return False
        except OSError as error:
            raise self._lost(error) from error
        if not data:
            raise self._lost()
        try:
            for words in self._decoder.feed(data):
                self._dispatch(words)
        except WordsError as error:
            self.close()
            raise RouterError(Code.ROUTER_PROTOCOL, str(error)) from error
        return True

    def _send(self) -> None:
        """Send what is unsent. Reads meanwhile, for a router may wait until its answers are read."""
        if not self._unsent:
            return
        data, self._unsent = memoryview(self._unsent), bytearray()
        limit = Deadline.after(_SEND_SECONDS)
        while data:
            try:
                self._sock.settimeout(0)
                data = data[self._sock.send(data) :]
            except _NOT_YET:
                self._wait_for_room(limit)
            except OSError as error:
                raise self._lost(error) from error

    def _wait_for_room(self, limit: Deadline) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
            ready = selector.select(limit.left()) if limit.left() > 0 else []
        if not ready:
            self.close()
            raise RouterError(Code.ROUTER_TIMEOUT, "the router takes no more commands")
        if ready[0][1] & selectors.EVENT_READ:
            self._receive(0)  # the command is not completely sent, so this is not its answer

    def _dispatch(self, words: Words) -> None:
        kind = words[0]
        if kind == b"!fatal":
            self.close()
            reason = to_text(b" ".join(words[1:])) or "no reason given"
            raise RouterError(Code.ROUTER_CLOSED, f"the router ended the session: {reason}")
        # Fast path: RouterOS puts the tag right behind the kind. Other places are searched too.
        tag = words[1][5:] if len(words) > 1 and words[1].startswith(b".tag=") else _tag(words)
        reply = self._open.get(tag)
        if reply is None:
            raise WordsError("an answer to a command that was not sent")
        if kind == b"!re":
            if reply.decode:
                reply.rows.append(reply.decode(to_row(words)))
        elif kind == b"!done":
            reply.ret = to_text(to_row(words).get(b"ret", b""))
            reply.done = True
            del self._open[tag]
        elif kind == b"!trap":
            reply.traps.append(to_text(to_row(words).get(b"message", b"")) or "refused without a reason")
        elif kind != b"!empty":
            raise WordsError("an unknown kind of reply")

    def _lost(self, error: OSError | None = None) -> RouterError:
        self.close()
        return RouterError(Code.ROUTER_CLOSED, reason(error) if error else "the router closed the connection")


def _tag(words: Words) -> bytes:
    return next((word[5:] for word in words if word.startswith(b".tag=")), b"")


def _wire(word: str) -> str:
    """Return the word's bytes as librouteros takes them without loss."""
    return word.encode("utf-8", "surrogateescape").decode("latin-1")
