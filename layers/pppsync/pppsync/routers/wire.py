"""Decodes the RouterOS API: bytes to sentences, and a sentence to its attributes. Pure.

A sentence is a list of words, each behind a length prefix of 1 to 5 bytes, ended by an empty word. Texts are UTF-8 with
surrogate escapes: these carry any bytes that a router holds (WinBox writes the code page of its PC) without loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_SENTENCE: Final = 1 << 20
"""Bytes; RouterOS keeps no value near it, and a length prefix can announce 4 GB."""

_EQUALS: Final = ord("=")

type Words = list[bytes]
type Row = dict[bytes, bytes]


class WordsError(ValueError):
    """The bytes are not the RouterOS API protocol; the stream cannot be read on."""


class SentenceDecoder:
    """Decodes a stream that comes in pieces of any size."""

    __slots__ = ("_begun", "_rest", "_words")

    def __init__(self) -> None:
        self._rest = b""
        self._words: Words = []
        self._begun = 0

    def feed(self, data: bytes) -> list[Words]:
        """Return the sentences that `data` completes; raises `WordsError` on a control byte or a sentence too long."""
        # Fast path: one loop over one buffer, in local names; a router sends tens of thousands of words.
        buffer = self._rest + data if self._rest else data
        end = len(buffer)
        position = stop = 0
        begin = -self._begun  # of the sentence under way, which may be before this buffer
        words, sentences = self._words, []
        while position < end:
            length = buffer[position]
            start = position + 1
            if length == 0:
                if words:
                    _refuse_oversized(position - begin)
                    sentences.append(words)
                    words = []
                begin = position = start
                continue
            if length >= 0x80:
                start, length = _long_length(buffer, position, end)
            stop = start + length
            if stop > end:
                break
            words.append(buffer[start:stop])
            position = stop
        _refuse_oversized(max(position, stop) - begin)
        self._words, self._rest, self._begun = words, buffer[position:], position - begin
        return sentences


def _refuse_oversized(length: int) -> None:
    if length > LONGEST_SENTENCE:
        raise WordsError(f"a sentence of more than {LONGEST_SENTENCE} bytes")


def _long_length(buffer: bytes, position: int, end: int) -> tuple[int, int]:
    """Return start and length of a word whose prefix has two to five bytes.

    An incomplete prefix returns a length beyond the buffer.
    """
    first = buffer[position]
    if first < 0xC0:
        size, mask = 2, 0x3FFF
    elif first < 0xE0:
        size, mask = 3, 0x1FFFFF
    elif first < 0xF0:
        size, mask = 4, 0xFFFFFFF
    elif first == 0xF0:
        size, mask = 5, 0xFFFFFFFF
    else:
        raise WordsError(f"reserved control byte {first:#04x}")
    start = position + size
    if start > end:
        return end, 1
    length = int.from_bytes(buffer[position:start]) & mask
    if length == 0:
        # Neither a word nor the end of a sentence, which is a single zero byte.
        raise WordsError("an empty word behind a long prefix")
    return start, length


def to_text(value: bytes) -> str:
    """Return the text of a value, without loss."""
    return value.decode("utf-8", "surrogateescape")


def to_row(words: Iterable[bytes]) -> Row:
    """Return the attributes of a sentence by name; other words (`.tag=`) are no attributes."""
    row: Row = {}
    try:
        for word in words:
            if word[0] == _EQUALS:
                _, name, value = word.split(b"=", 2)
                row[name] = value
    except ValueError:
        raise WordsError("an attribute without a value") from None
    return row
