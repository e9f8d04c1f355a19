"""What a command answers, and its form on the wire.

RouterOS 6.43 to 7.24: `.tag` stands right behind the reply word, the category of a trap before its message, and every
trap is followed by the `!done` of its sentence; only `!fatal` ends without one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from lab.simulators.routeros.wire import encode_sentence, encode_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.simulators.routeros.traps import Trap

ReplySentence = tuple[bytes, ...]


def trap_sentence(trap: Trap) -> ReplySentence:
    """The words of a trap, without its tag."""
    words = [b"!trap"]
    if trap.category is not None:
        words.append(b"=category=%d" % trap.category)
    if trap.message is not None:
        words.append(b"=message=" + trap.message.encode())
    return tuple(words)


@dataclass(slots=True)
class Reply:
    """The answer to one sentence: encoded rows (attributes and end), then whole sentences without tags."""

    rows: Sequence[bytes] = ()
    sentences: list[ReplySentence] = field(default_factory=lambda: [(b"!done",)])
    closes: bool = False
    refused: bool = False
    confidential: bool = False

    @classmethod
    def done(cls, ret: bytes | None = None) -> Self:
        """`!done`, with `=ret=` if there is something to return."""
        return cls(sentences=[(b"!done",) if ret is None else (b"!done", b"=ret=" + ret)])

    @classmethod
    def printed(cls, rows: Sequence[bytes], *, says_empty: bool) -> Self:
        """Rows and `!done`; RouterOS 7.18: `!empty` in place of no rows at all."""
        empty: list[ReplySentence] = [(b"!empty",)] if says_empty and not rows else []
        return cls(rows=rows, sentences=[*empty, (b"!done",)])

    @classmethod
    def trapped(cls, *traps: Trap) -> Self:
        """The traps, and `!done`."""
        return cls(sentences=[*map(trap_sentence, traps), (b"!done",)], refused=True)

    @classmethod
    def fatal(cls, reason: str | None) -> Self:
        """`!fatal` with its reason as a bare word, after which the connection is closed."""
        words = (b"!fatal",) if reason is None else (b"!fatal", reason.encode())
        return cls(sentences=[words], closes=True, refused=True)

    def pieces(self, tag: bytes | None) -> list[bytes]:
        """The encoded sentences one by one."""
        row_prefix = self._row_prefix(tag)
        return [row_prefix + row for row in self.rows] + self._closing(tag)

    def encode(self, tag: bytes | None) -> bytes:
        """All sentences as one run of bytes."""
        closing = b"".join(self._closing(tag))
        if not self.rows:
            return closing
        return self._row_prefix(tag).join([b"", *self.rows]) + closing

    def tagged(self, tag: bytes | None) -> Iterator[ReplySentence]:
        """The closing sentences with the tag in second place."""
        for word, *rest in self.sentences:
            yield (word, *rest) if tag is None or word == b"!fatal" else (word, b".tag=" + tag, *rest)

    def _closing(self, tag: bytes | None) -> list[bytes]:
        return [encode_sentence(words) for words in self.tagged(tag)]

    @staticmethod
    def _row_prefix(tag: bytes | None) -> bytes:
        return encode_word(b"!re") + (b"" if tag is None else encode_word(b".tag=" + tag))
