"""What happened on a router, for tests to look at: sentences both ways, writes, warnings, and what overlapped."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from lab.simulators.routeros.text import decode
from lab.simulators.routeros.wire import decode_length

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.simulators.routeros.replies import Reply
    from lab.simulators.routeros.request import Command

Direction = Literal["in", "out"]
_CONFIDENTIAL = (b"=password=", b"=response=", b"?password=", b"?=password=", b"?<password=", b"?>password=")
_KEPT_EXCHANGES = 100_000


@dataclass(frozen=True, slots=True)
class Sentence:
    """A write that the router took up: its words by name, and whether it was done; passwords are not hidden here."""

    command: str
    words: dict[str, str]
    tag: str | None
    succeeded: bool
    connection: int
    time: float


@dataclass(frozen=True, slots=True)
class Exchange:
    """One sentence on the wire, `in` to or `out` of the router; passwords are hidden."""

    time: float
    connection: int
    direction: Direction
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Received:
    time: float
    connection: int
    words: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class _Answered:
    time: float
    connection: int
    reply: Reply
    tag: bytes | None


@dataclass(slots=True)
class Journal:
    """The router's memory of what clients did; not safe to share between threads without a lock."""

    writes: list[Sentence] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    unread_writes: list[str] = field(default_factory=list)
    commands: Counter[str] = field(default_factory=Counter)
    max_in_flight: int = 0
    _kept: deque[_Received | _Answered] = field(default_factory=lambda: deque(maxlen=_KEPT_EXCHANGES))

    def clear(self) -> None:
        """Forgets everything."""
        for log in (self.writes, self.warnings, self.conflicts, self.unread_writes, self.commands, self._kept):
            log.clear()
        self.max_in_flight = 0

    def received(self, connection: int, words: Sequence[bytes]) -> None:
        """A sentence came in."""
        self._kept.append(_Received(time.monotonic(), connection, words))

    def answered(self, connection: int, reply: Reply, tag: bytes | None) -> None:
        """A reply went out; it is taken apart only when somebody looks."""
        self._kept.append(_Answered(time.monotonic(), connection, reply, tag))

    def wrote(self, connection: int, command: Command, *, succeeded: bool) -> None:
        """A write was carried out or refused."""
        words = {name: decode(value) for name, value in command.attributes.items()}
        tag = None if command.tag is None else decode(command.tag)
        self.writes.append(Sentence(command.path, words, tag, succeeded, connection, time.monotonic()))

    def transcript(self) -> list[Exchange]:
        """All sentences kept, oldest first."""
        return [exchange for kept in self._kept for exchange in _exchanges(kept)]


def _exchanges(kept: _Received | _Answered) -> Iterator[Exchange]:
    direction: Direction = "in" if isinstance(kept, _Received) else "out"
    sentences = (kept.words,) if isinstance(kept, _Received) else _replied(kept)
    for words in sentences:
        yield Exchange(kept.time, kept.connection, direction, tuple(decode(_redacted(word)) for word in words))


def _replied(kept: _Answered) -> Iterator[Sequence[bytes]]:
    marks = (b"!re",) if kept.tag is None else (b"!re", b".tag=" + kept.tag)
    for row in kept.reply.rows:
        yield (*marks, *_words(row))
    for words in kept.reply.tagged(kept.tag):
        yield [b"=ret=*****" if kept.reply.confidential and word.startswith(b"=ret=") else word for word in words]


def _words(row: bytes) -> Iterator[bytes]:
    position = 0
    while (prefix := decode_length(row, position)) and prefix[0]:
        length, start = prefix
        position = start + length
        yield row[start:position]


def _redacted(word: bytes) -> bytes:
    for prefix in _CONFIDENTIAL:
        if word.startswith(prefix):
            return prefix + b"*****"
    return word
