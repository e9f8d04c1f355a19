"""The simulator's framing, by its laws and at its boundaries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.simulators.routeros.wire import FramingError, SentenceDecoder, decode_length, encode_length, encode_sentence

BOUNDARIES = [
    (0, "00"),
    (1, "01"),
    (0x7F, "7f"),
    (0x80, "8080"),
    (0x3FFF, "bfff"),
    (0x4000, "c04000"),
    (0x1FFFFF, "dfffff"),
    (0x200000, "e0200000"),
    (0xFFFFFFF, "efffffff"),
    (0x10000000, "f010000000"),
    (0xFFFFFFFF, "f0ffffffff"),
]


@pytest.mark.parametrize(("length", "prefix"), BOUNDARIES)
def test_a_length_takes_the_fewest_bytes(length: int, prefix: str) -> None:
    """A length takes the fewest bytes that the documented table gives it, and is read back."""
    assert encode_length(length).hex() == prefix
    assert decode_length(bytes.fromhex(prefix), 0) == (length, len(prefix) // 2)


@given(st.integers(min_value=0, max_value=0xFFFFFFFF))
def test_a_length_is_read_back_as_written(length: int) -> None:
    """Any length that fits four bytes is read back as written."""
    prefix = encode_length(length)
    assert decode_length(prefix, 0) == (length, len(prefix))


@pytest.mark.parametrize("size", range(5))
def test_an_incomplete_prefix_waits(size: int) -> None:
    """A prefix that has not arrived in full says nothing yet."""
    assert decode_length(bytes.fromhex("f010000000")[:size], 0) is None


@pytest.mark.parametrize("first", [0xF1, 0xF7, 0xF8, 0xFF])
def test_a_reserved_first_byte_cannot_be_passed_over(first: int) -> None:
    """A reserved first byte cannot be passed over."""
    with pytest.raises(FramingError, match="control byte"):
        decode_length(bytes([first]) + b"\x00" * 4, 0)


@given(
    st.lists(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=6), max_size=8),
    st.lists(st.integers(min_value=1, max_value=50), min_size=1),
)
def test_sentences_survive_any_segmentation(sentences: list[list[bytes]], sizes: list[int]) -> None:
    """However the bytes arrive, the sentences are the same."""
    stream = b"".join(encode_sentence(words) for words in sentences)
    decoder = SentenceDecoder(1 << 20, 1 << 20)
    decoded, turn = [], 0
    while stream:
        size = sizes[turn % len(sizes)]
        decoded += decoder.feed(stream[:size])
        stream, turn = stream[size:], turn + 1
    assert decoded == [tuple(words) for words in sentences]


def test_empty_sentences_are_passed_over() -> None:
    """RouterOS ignores a sentence without words."""
    assert SentenceDecoder(10, 10).feed(b"\x00\x00\x02/a\x00\x00") == [(b"/a",)]


@pytest.mark.parametrize("prefix", ["8005", "c00005", "e0000005", "f000000005", "c03fff"])
def test_lengths_have_one_form(prefix: str) -> None:
    """A prefix longer than it needs to be is a client's mistake."""
    with pytest.raises(FramingError, match="shortest form"):
        SentenceDecoder(1 << 20, 1 << 20).feed(bytes.fromhex(prefix))


def test_word_limit_counts_before_the_content_arrives() -> None:
    """An oversized word is refused as soon as its length is known."""
    with pytest.raises(FramingError, match="word of 11 bytes"):
        SentenceDecoder(10, 100).feed(b"\x0b")


def test_many_small_words_reach_the_limit_of_a_sentence() -> None:
    """Many small words add up."""
    with pytest.raises(FramingError, match="sentence"):
        SentenceDecoder(10, 15).feed(b"\x08" + b"a" * 8 + b"\x08")
