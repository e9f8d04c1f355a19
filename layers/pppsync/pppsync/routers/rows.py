"""Pure codec of the RouterOS API: bytes <-> sentences <-> domain.

A sentence is a list of words, each behind a length prefix of 1 to 5 bytes, ended by an empty word. Values are never
cast: a password `123`, `yes` or `0123` stays that text. Texts are UTF-8 with surrogate escapes, which carries any
bytes that a router holds (WinBox writes the code page of its PC) to and fro unchanged.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from pppsync.core.masked import Masked
from pppsync.core.secret import COMMENT_PREFIX, ActiveSession, StoredSecret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pppsync.core.secret import PppSecret

LONGEST_SENTENCE: Final = 1 << 20
"""Bytes; RouterOS keeps no value near it, and a length prefix can announce 4 GB."""

READ_SECRETS: Final = "=.proplist=.id,name,service,password,profile,remote-address,disabled,comment"
READ_SESSIONS: Final = "=.proplist=.id,name,service,address,radius"

_EQUALS: Final = ord("=")

type Words = list[bytes]
type Row = dict[bytes, bytes]


class WordsError(ValueError):
    """The bytes are not the RouterOS API protocol; the stream cannot be read on."""


class SentenceDecoder:
    """Incremental decoder: takes the stream in any pieces and gives the sentences that they complete."""

    __slots__ = ("_begun", "_rest", "_words")

    def __init__(self) -> None:
        self._rest = b""
        self._words: Words = []
        self._begun = 0

    def feed(self, data: bytes) -> list[Words]:
        """The sentences completed by `data`; raises `WordsError` on a control byte or an oversized sentence."""
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
    """Start and length of a word whose prefix has two to five bytes; a prefix not yet complete counts as endless."""
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
    """The text of a value, without loss."""
    return value.decode("utf-8", "surrogateescape")


def to_row(words: Iterable[bytes]) -> Row:
    """The attributes of a sentence by name; other words (`.tag=`) are no attributes."""
    row: Row = {}
    try:
        for word in words:
            if word[0] == _EQUALS:
                _, name, value = word.split(b"=", 2)
                row[name] = value
    except ValueError:
        raise WordsError("an attribute without a value") from None
    return row


def to_texts(row: Row) -> dict[str, str]:
    """A row of any menu, for somebody to read."""
    return {to_text(name): to_text(value) for name, value in row.items()}


def flag(value: bool) -> str:
    """A boolean as RouterOS takes it; it reads back as `true` or `false`."""
    return "yes" if value else "no"


class SecretDecoder:
    """Rows of `/ppp/secret` to `StoredSecret`; the few texts that thousands of rows share are kept once."""

    def __init__(self) -> None:
        self._shared: dict[bytes, str] = {}

    def _share(self, value: bytes) -> str:
        text = self._shared.get(value)
        if text is None:
            text = self._shared[value] = to_text(value)
        return text

    def __call__(self, row: Row) -> StoredSecret:
        """One secret; a row without id or name raises `WordsError`."""
        get = row.get
        comment = get(b"comment", b"")
        try:
            return StoredSecret(
                row[b".id"].decode("ascii"),
                to_text(row[b"name"]),
                self._share(get(b"service", b"any")),
                Masked(to_text(get(b"password", b""))),
                self._share(get(b"profile", b"")),
                _address(get(b"remote-address", b"")),
                get(b"disabled") in _TRUE,
                to_text(comment) if comment.startswith(_OURS) else None,
            )
        except (KeyError, UnicodeDecodeError) as error:
            raise WordsError("a secret without id or name") from error


def to_session(row: Row) -> ActiveSession:
    """A row of `/ppp/active`; one without id or name raises `WordsError`."""
    try:
        return ActiveSession(
            row[b".id"].decode("ascii"),
            to_text(row[b"name"]),
            sys.intern(to_text(row.get(b"service", b""))),  # a few words, thousands of times
            _address(row.get(b"address", b"")),
            row.get(b"radius") in _TRUE,
        )
    except (KeyError, UnicodeDecodeError) as error:
        raise WordsError("a session without id or name") from error


def add_words(secret: PppSecret) -> list[str]:
    """The sentence that creates a secret (R15)."""
    words = [
        "/ppp/secret/add",
        f"=name={secret.name}",
        f"=password={secret.password.reveal()}",
        "=service=pppoe",
        f"=profile={secret.profile}",
        f"=disabled={flag(secret.disabled)}",
        f"=comment={secret.comment}",
    ]
    return [*words, f"=remote-address={secret.remote_address}"] if secret.remote_address else words


def set_words(secret_id: str, field: str, value: str | None) -> list[str]:
    """Return the sentence that changes one field; None clears it, since RouterOS refuses an empty address."""
    word = f"=!{field}=" if value is None else f"={field}={value}"
    return ["/ppp/secret/set", f"=.id={secret_id}", word]


_TRUE: Final = frozenset({b"true", b"yes"})
_OURS: Final = COMMENT_PREFIX.encode()


def _address(value: bytes) -> str | None:
    # RouterOS 6 shows an address that is not set as 0.0.0.0.
    return to_text(value) if value and value != b"0.0.0.0" else None
