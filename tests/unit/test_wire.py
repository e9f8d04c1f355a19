"""The RouterOS API on the wire: bytes to sentences, and a sentence to its attributes."""

from __future__ import annotations

import tracemalloc

import pytest

from pppsync.routers.wire import LONGEST_SENTENCE, Row, SentenceDecoder, Words, WordsError, to_row, to_text


def prefixed(length: int) -> bytes:
    """A word of this length behind its prefix, as RouterOS encodes it."""
    for size, limit, mark in ((1, 0x80, 0), (2, 0x4000, 0x8000), (3, 0x200000, 0xC00000), (4, 0x10000000, 0xE0000000)):
        if length < limit:
            return (length | mark).to_bytes(size) + b"x" * length
    return b"\xf0" + length.to_bytes(4) + b"x" * length


def fed(data: bytes, piece: int) -> list[Words]:
    """The sentences of a stream that comes in pieces of this size."""
    decoder = SentenceDecoder()
    return [words for start in range(0, len(data), piece) for words in decoder.feed(data[start : start + piece])]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"\x00", [], id="an empty sentence is none"),
        pytest.param(b"\x05!done\x00", [[b"!done"]], id="one word"),
        pytest.param(b"\x03!re\x07=.id=*1\x00\x05!done\x00", [[b"!re", b"=.id=*1"], [b"!done"]], id="two sentences"),
        pytest.param(b"\x00\x00\x05!done\x00\x00", [[b"!done"]], id="empty sentences between"),
        pytest.param(b"\x05!done", [], id="no end yet"),
        pytest.param(b"\x05!do", [], id="half a word"),
        pytest.param(b"\x80", [], id="half a prefix"),
        pytest.param(b"\x80\x05!done\x00", [[b"!done"]], id="a prefix longer than needed"),
    ],
)
def test_a_sentence_ends_at_the_empty_word(data: bytes, expected: list[Words]) -> None:
    """Words: a sentence is the words before an empty one; what is not complete waits."""
    assert expected == SentenceDecoder().feed(data)


@pytest.mark.parametrize("length", [1, 0x7F, 0x80, 0x3FFF, 0x4000, LONGEST_SENTENCE // 2, LONGEST_SENTENCE - 3])
def test_short_prefixes_are_understood_at_their_bounds(length: int) -> None:
    """Words: prefixes of one to three bytes, at their bounds."""
    assert SentenceDecoder().feed(prefixed(length) + b"\x00") == [[b"x" * length]]


@pytest.mark.parametrize("prefix", [b"\xe0\x00\x00\x05", b"\xf0\x00\x00\x00\x05"], ids=["four bytes", "five bytes"])
def test_prefixes_of_four_and_five_bytes_are_understood(prefix: bytes) -> None:
    """Words: prefixes of four and five bytes, which only words that are refused need, are understood too."""
    assert SentenceDecoder().feed(prefix + b"!done\x00") == [[b"!done"]]
    decoder = SentenceDecoder()
    assert [decoder.feed(bytes([byte])) for byte in prefix] == [[]] * len(prefix)
    assert decoder.feed(b"!done\x00") == [[b"!done"]]


def test_a_sentence_is_given_with_its_last_byte() -> None:
    """Words: a sentence is given with the byte that completes it."""
    decoder = SentenceDecoder()
    data = b"\x03!re" + prefixed(200) + b"\x00\x05!done\x00"
    found = [(number, words) for number, byte in enumerate(data, 1) for words in decoder.feed(bytes([byte]))]
    assert found == [(len(data) - 7, [b"!re", b"x" * 200]), (len(data), [b"!done"])]


@pytest.mark.parametrize("prefix", [b"\x80\x00", b"\xc0\x00\x00", b"\xe0\x00\x00\x00", b"\xf0\x00\x00\x00\x00"])
def test_only_a_zero_byte_ends_a_sentence(prefix: bytes) -> None:
    """Words: the end of a sentence is one zero byte; nothing else is an empty word."""
    with pytest.raises(WordsError, match="an empty word behind a long prefix"):
        SentenceDecoder().feed(b"\x05!done" + prefix)


@pytest.mark.parametrize("byte", range(0xF1, 0x100))
def test_reserved_prefixes_end_the_stream(byte: int) -> None:
    """Words: prefixes from 0xF1 on are reserved; the stream cannot be read on."""
    with pytest.raises(WordsError, match=f"reserved control byte 0x{byte:02x}"):
        SentenceDecoder().feed(b"\x05!done\x00" + bytes([byte]))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xf0\xff\xff\xff\xff", id="4 GB announced"),
        pytest.param(b"\xef\xff\xff\xff", id="256 MB announced"),
        pytest.param((0xC00000 | LONGEST_SENTENCE).to_bytes(3), id="one word, with its prefix too long"),
        pytest.param(prefixed(LONGEST_SENTENCE) + b"\x00", id="the same, whole"),
        pytest.param(prefixed(LONGEST_SENTENCE - 3) + b"\x01x\x00", id="two words"),
        pytest.param(b"\x01x" * (LONGEST_SENTENCE // 2 + 1), id="many words without an end"),
    ],
)
@pytest.mark.parametrize("piece", [1 << 16, 1 << 30])
def test_a_sentence_above_1_mib_is_refused(data: bytes, piece: int) -> None:
    """Words: a sentence above 1 MiB is refused, announced or there, however its bytes arrive."""
    with pytest.raises(WordsError, match=f"a sentence of more than {LONGEST_SENTENCE} bytes"):
        fed(data, piece)


@pytest.mark.parametrize("piece", [1 << 16, 1 << 30])
def test_a_sentence_of_1_mib_is_taken(piece: int) -> None:
    """Words: 1 MiB itself is taken, again and again."""
    data = (prefixed(LONGEST_SENTENCE - 3) + b"\x00") * 3
    assert [sum(map(len, words)) for words in fed(data, piece)] == [LONGEST_SENTENCE - 3] * 3


def test_nothing_is_allocated_for_an_announcement() -> None:
    """Words: a length that is only announced takes no memory."""
    decoder = SentenceDecoder()
    tracemalloc.start()
    try:
        decoder.feed(b"\xcf\xff\xf0")
        assert tracemalloc.get_traced_memory()[1] < 10_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param([b"!re", b"=name=ABC1", b"=.id=*1"], {b"name": b"ABC1", b".id": b"*1"}, id="attributes"),
        pytest.param([b"!re", b"=password=a=b"], {b"password": b"a=b"}, id="equals sign in the value"),
        pytest.param([b"!re", b"=password=="], {b"password": b"="}, id="equals sign as the value"),
        pytest.param([b"!re", b"=comment="], {b"comment": b""}, id="empty value"),
        pytest.param([b"!re", b".tag=4", b"=name=x"], {b"name": b"x"}, id="a tag is no attribute"),
        pytest.param([b"!done"], {}, id="none"),
        pytest.param([b"!re", b"=name=a", b"=name=b"], {b"name": b"b"}, id="the last one holds"),
    ],
)
def test_attributes_are_taken_literally_by_name(words: Words, expected: Row) -> None:
    """Words: attributes by name, values taken literally."""
    assert expected == to_row(words)


@pytest.mark.parametrize("word", [b"=", b"=name"])
def test_an_attribute_without_a_value_is_refused(word: bytes) -> None:
    """G1: an attribute without a value is no answer that may be trusted."""
    with pytest.raises(WordsError, match="an attribute without a value"):
        to_row([b"!re", word])


def test_texts_keep_any_bytes() -> None:
    """Words: UTF-8 where it is, and every other byte so that it goes back unchanged."""
    assert to_text("Peña".encode()) == "Peña"
    assert to_text(b"Pe\xf1a") == "Pe\udcf1a"
