"""What holds for every stream of bytes and every text on the wire."""

from __future__ import annotations

import string
import tracemalloc
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from librouteros.protocol import encode_sentence

from pppsync.core.masked import Masked
from pppsync.core.secret import PppSecret
from pppsync.routers.rows import SecretDecoder, add_words, set_words, to_session
from pppsync.routers.wire import SentenceDecoder, Words, WordsError, to_row, to_text

FIELDS = (
    b"name",
    b"password",
    b"profile",
    b"remote-address",
    b"comment",
    b"service",
    b"disabled",
    b"address",
    b"radius",
)

words = st.text(st.characters(max_codepoint=0xFF), min_size=1, max_size=300)
sentences = st.lists(st.lists(words, min_size=1, max_size=8), max_size=8)
cuts = st.lists(st.integers(0, 4000), max_size=20)
texts = st.text(st.characters(codec="utf-8"), max_size=40)
values = st.one_of(
    st.binary(max_size=40), st.sampled_from([b"", b"0.0.0.0", b"true", b"yes", b"false", b"***", b"a=b"])
)


def pieces(data: bytes, places: list[int]) -> list[bytes]:
    """The data cut at these places."""
    bounds = [0, *sorted(place for place in places if place < len(data)), len(data)]
    return [data[start:stop] for start, stop in pairwise(bounds)]


def wire(text: str) -> bytes:
    """A text as it is sent."""
    return text.encode("utf-8", "surrogateescape")


@given(sentences, cuts)
def test_every_split_gives_the_same_sentences(sent: list[list[str]], places: list[int]) -> None:
    """Words: what librouteros encodes comes back word for word, in any pieces, and nothing is left over."""
    data = b"".join(encode_sentence(*sentence, encoding="latin-1") for sentence in sent)
    decoder = SentenceDecoder()
    found = [sentence for piece in pieces(data, places) for sentence in decoder.feed(piece)]
    assert found == [[word.encode("latin-1") for word in sentence] for sentence in sent]
    assert decoder.feed(b"\x05!done\x00") == [[b"!done"]]


def outcome(parts: list[bytes]) -> tuple[list[Words], str]:
    """The sentences of a stream, and how it broke if it did."""
    decoder = SentenceDecoder()
    found: list[Words] = []
    try:
        for part in parts:
            found += decoder.feed(part)
    except WordsError as error:
        return found, str(error)
    return found, ""


@given(st.binary(max_size=300), cuts)
@settings(max_examples=300)
def test_any_stream_gives_sentences_or_a_words_error(data: bytes, places: list[int]) -> None:
    """Words: any stream gives sentences or `WordsError`, in any pieces the same; no sentence or word is empty."""
    found, error = outcome(pieces(data, places))
    whole, whole_error = outcome([data])
    assert whole_error == error
    assert whole == (found if not error else [])
    assert all(words and all(words) for words in found)


@given(st.lists(st.one_of(st.binary(max_size=50), values.map(lambda value: b"=name=" + value)), max_size=8))
def test_any_sentence_is_a_row_or_a_words_error(sentence: Words) -> None:
    """Words: any sentence is a row and any row a secret and a session, or else `WordsError`."""
    sentence = [word for word in sentence if word]
    try:
        row = to_row(sentence)
        SecretDecoder()(row)
        to_session(row)
    except WordsError:
        return
    assert b"name" in row


@given(st.integers(0x80, 0xF0), st.binary(min_size=4, max_size=4))
def test_nothing_is_allocated_for_an_announced_length(first: int, rest: bytes) -> None:
    """Words: a prefix takes no memory for what it announces, up to 4 GB."""
    decoder = SentenceDecoder()
    tracemalloc.start()
    try:
        outcome([bytes([first]) + rest])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 50_000
    assert decoder.feed(b"") == []


@given(st.dictionaries(st.sampled_from(FIELDS), values), st.text(string.hexdigits, min_size=1, max_size=8))
def test_any_bytes_of_a_router_survive(fields: dict[bytes, bytes], number: str) -> None:
    """R10, R13: name, password and profile come through the domain and go back to the wire byte for byte."""
    row = {b"name": b"ABC1", **fields, b".id": b"*" + number.encode()}
    secret = SecretDecoder()(to_row([b"!re", *(b"=" + key + b"=" + value for key, value in row.items())]))
    shown = (secret.name, secret.password.reveal(), secret.profile)
    assert tuple(wire(text) for text in shown) == tuple(row.get(key, b"") for key in (b"name", b"password", b"profile"))
    address = row.get(b"remote-address", b"")
    assert wire(secret.remote_address or "") == (b"" if address == b"0.0.0.0" else address)
    assert set_words(secret.id, ("password", shown[1]))[1:] == [f"=.id=*{number}", f"=password={shown[1]}"]


@given(st.binary(max_size=100))
def test_texts_keep_any_bytes(data: bytes) -> None:
    """Words: decoding loses nothing."""
    assert wire(to_text(data)) == data


@given(name=texts, password=texts, profile=texts, disabled=st.booleans())
def test_a_created_secret_is_read_back(name: str, password: str, profile: str, disabled: bool) -> None:
    """R15, R10: what is written as a create, read back as a row, is the same secret."""
    secret = PppSecret(name, Masked(password), profile, "10.0.0.1", disabled, "UISP client 7")
    command, *attributes = (wire(word) for word in add_words(secret))
    read = SecretDecoder()(to_row([b"!re", b"=.id=*1", *attributes]))
    assert command == b"/ppp/secret/add"
    assert (read.name, read.password, read.profile, read.remote_address, read.disabled, read.comment) == (
        name,
        Masked(password),
        profile,
        "10.0.0.1",
        disabled,
        "UISP client 7",
    )
    assert read.ppp_service == "pppoe"
