"""The framing of the RouterOS binary API: length prefixes, words and sentences.

RouterOS 6.43 to 7.24: a sentence is a sequence of words and a zero-length word; lengths are big-endian and take one to
five bytes; first bytes from F1 on are reserved, and a receiver that meets one cannot find its place again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

END = b"\x00"
_FORMS = ((0x80, 1, 0x00), (0x4000, 2, 0x8000), (0x200000, 3, 0xC00000), (0x10000000, 4, 0xE0000000))


class FramingError(Exception):
    """What was received cannot be split into words any more; the connection is of no further use."""


def encode_length(length: int) -> bytes:
    """The length prefix of a word, in the fewest bytes; lengths are below 2 ** 32."""
    for limit, size, mark in _FORMS:
        if length < limit:
            return (length | mark).to_bytes(size, "big")
    return b"\xf0" + length.to_bytes(4, "big")


def encode_word(word: bytes) -> bytes:
    """A word with its length prefix."""
    return encode_length(len(word)) + word


def encode_sentence(words: Iterable[bytes]) -> bytes:
    """The words and the zero-length word that ends them."""
    return b"".join(map(encode_word, words)) + END


def _prefix_size(first: int) -> int:
    if first > 0xF0:
        raise FramingError(f"control byte {first:02X}")
    leading_ones = 8 - (~first & 0xFF).bit_length()
    return leading_ones + 1


def decode_length(buffer: bytes | bytearray, start: int) -> tuple[int, int] | None:
    """The length at `start` and where the content begins, or None if the prefix is incomplete.

    Raises FramingError on a reserved control byte.
    """
    if start >= len(buffer):
        return None
    first = buffer[start]
    if first < 0x80:
        return first, start + 1
    size = _prefix_size(first)
    end = start + size
    if end > len(buffer):
        return None
    kept_bits = 0xFFFFFFFF if size == 5 else (1 << (7 * size)) - 1
    return int.from_bytes(buffer[start:end], "big") & kept_bits, end


class SentenceDecoder:
    """Cuts a stream of bytes into sentences; empty sentences are passed over, as RouterOS does.

    `max_word` and `max_sentence` (bytes) bound what a peer can make us keep, and can be changed at any time.
    """

    def __init__(self, max_word: int, max_sentence: int) -> None:
        self.max_word = max_word
        self.max_sentence = max_sentence
        self._buffer = bytearray()
        self._words: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[tuple[bytes, ...]]:
        """The sentences that `data` completes; raises FramingError on a control byte or an oversized word."""
        self._buffer += data
        sentences = []
        position = 0
        while (word := self._word_at(position)) is not None:
            content, position = word
            if content:
                self._words.append(content)
            elif self._words:
                sentences.append(tuple(self._words))
                self._words, self._size = [], 0
        del self._buffer[:position]
        return sentences

    def _word_at(self, position: int) -> tuple[bytes, int] | None:
        prefix = decode_length(self._buffer, position)
        if prefix is None:
            return None
        length, start = prefix
        if start - position > 1 and start - position != len(encode_length(length)):
            raise FramingError(f"length {length} in {start - position} bytes, not in its shortest form")
        self._refuse_oversize(length)
        if start + length > len(self._buffer):
            return None
        self._size += length
        return bytes(self._buffer[start : start + length]), start + length

    def _refuse_oversize(self, length: int) -> None:
        if length > self.max_word:
            raise FramingError(f"word of {length} bytes, the limit is {self.max_word}")
        if self._size + length > self.max_sentence:
            raise FramingError(f"sentence longer than {self.max_sentence} bytes")
