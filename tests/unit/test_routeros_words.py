"""The codec of the RouterOS API: bytes, sentences, rows, secrets."""

from __future__ import annotations

import tracemalloc

import pytest

from pppsync.core.masked import Masked
from pppsync.core.secret import ActiveSession, StoredSecret
from pppsync.routers.rows import (
    READ_SECRETS,
    READ_SESSIONS,
    SecretDecoder,
    add_words,
    flag,
    set_words,
    to_session,
    to_texts,
)
from pppsync.routers.wire import LONGEST_SENTENCE, Row, SentenceDecoder, Words, WordsError, to_row, to_text
from tests.builders import a_new_secret

WHOLE_ROW: Row = {
    b".id": b"*1A",
    b"name": b"ABC1",
    b"service": b"pppoe",
    b"password": b"0123",
    b"profile": b"30mbps",
    b"remote-address": b"10.0.0.1",
    b"disabled": b"true",
    b"comment": b"UISP client 1",
}


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


@pytest.mark.parametrize(("value", "expected"), [(True, "yes"), (False, "no")])
def test_booleans_are_written_as_routeros_takes_them(value: bool, expected: str) -> None:
    """Words: booleans are written as RouterOS takes them."""
    assert expected == flag(value)


def test_every_field_of_a_secret_is_decoded() -> None:
    """Words: every field is decoded, as text."""
    assert SecretDecoder()(WHOLE_ROW) == StoredSecret(
        "*1A", "ABC1", "pppoe", Masked("0123"), "30mbps", "10.0.0.1", disabled=True, comment="UISP client 1"
    )


def test_fields_that_are_left_out_have_their_defaults() -> None:
    """Words: what RouterOS leaves out has its default; the service is `any`."""
    found = SecretDecoder()({b".id": b"*1", b"name": b"ABC1"})
    assert found == StoredSecret("*1", "ABC1", "any", Masked(""), "", None, disabled=False, comment=None)


@pytest.mark.parametrize(
    "password", [b"123", b"yes", b"true", b"0123", b" x ", b"a=b", b"", b"\xe9", "é".encode(), b"\0"]
)
def test_a_password_stays_what_it_is(password: bytes) -> None:
    """R10: no value is cast; any bytes come through."""
    found = SecretDecoder()(WHOLE_ROW | {b"password": password}).password.reveal()
    assert found.encode("utf-8", "surrogateescape") == password


@pytest.mark.parametrize(
    ("value", "expected"), [(b"", None), (b"0.0.0.0", None), (b"10.0.0.1", "10.0.0.1"), (b"pool1", "pool1")]
)
def test_an_address_that_is_not_set(value: bytes, expected: str) -> None:
    """R11: on the router, absent and 0.0.0.0 are the same."""
    assert expected == SecretDecoder()(WHOLE_ROW | {b"remote-address": value}).remote_address
    assert expected == to_session({b".id": b"*1", b"name": b"x", b"address": value}).address


@pytest.mark.parametrize(
    ("value", "expected"), [(b"true", True), (b"yes", True), (b"false", False), (b"no", False), (b"", False)]
)
def test_both_forms_of_the_disabled_flag_are_read(value: bytes, expected: bool) -> None:
    """R8: RouterOS 6 and 7 both."""
    assert expected == SecretDecoder()(WHOLE_ROW | {b"disabled": value}).disabled


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        (b"UISP client 7", "UISP client 7"),
        (b"UISP client", None),
        (b"uisp client 7", None),
        (b"roof, north", None),
        (b"", None),
    ],
)
def test_only_our_comments_are_kept(comment: bytes, expected: str) -> None:
    """R13, R14: other people's comments take no memory; they are never written anyway."""
    assert expected == SecretDecoder()(WHOLE_ROW | {b"comment": comment}).comment


def test_shared_texts_are_kept_once() -> None:
    """Words: twenty thousand secrets share a handful of profiles and services."""
    decode = SecretDecoder()
    first, second = (decode({key: bytes(bytearray(value)) for key, value in WHOLE_ROW.items()}) for _ in range(2))
    assert first.profile is second.profile
    assert first.ppp_service is second.ppp_service


@pytest.mark.parametrize(
    "row",
    [{b"name": b"x"}, {b".id": b"*1"}, {}, {b".id": b"\xff", b"name": b"x"}],
    ids=["no id", "no name", "empty", "an id that is none"],
)
def test_a_row_without_id_or_name_is_refused(row: Row) -> None:
    """G1: a row without id or name makes the whole answer untrustworthy."""
    with pytest.raises(WordsError, match="a secret without id or name"):
        SecretDecoder()(row)
    with pytest.raises(WordsError, match="a session without id or name"):
        to_session(row)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            {b".id": b"*80", b"name": b"ABC1", b"service": b"pppoe", b"address": b"10.0.0.1", b"radius": b"true"},
            ActiveSession("*80", "ABC1", "pppoe", "10.0.0.1", radius=True),
            id="whole",
        ),
        pytest.param({b".id": b"*80", b"name": b"ABC1"}, ActiveSession("*80", "ABC1", ""), id="of defaults"),
        pytest.param(
            {b".id": b"*80", b"name": b"x", b"radius": b"false"}, ActiveSession("*80", "x", ""), id="not by RADIUS"
        ),
    ],
)
def test_a_session_is_read_with_service_address_and_radius(row: Row, expected: ActiveSession) -> None:
    """R12: a session with its service, its address and whether RADIUS let it in."""
    assert expected == to_session(row)


def test_only_the_fields_of_the_rules_are_asked_for() -> None:
    """R12, R13: the fields that the rules ask for, and no other."""
    assert READ_SECRETS == "=.proplist=.id,name,service,password,profile,remote-address,disabled,comment"
    assert READ_SESSIONS == "=.proplist=.id,name,service,address,radius"


@pytest.mark.parametrize(
    ("address", "disabled", "expected"),
    [
        pytest.param(None, False, ["=disabled=no", "=comment=UISP client 1"], id="enabled, no address"),
        pytest.param(
            "10.0.0.1",
            True,
            ["=disabled=yes", "=comment=UISP client 1", "=remote-address=10.0.0.1"],
            id="disabled, with an address",
        ),
    ],
)
def test_a_create_has_our_service_and_comment_and_an_address_only_if_there_is_one(
    address: str, disabled: bool, expected: list[str]
) -> None:
    """R15: `service=pppoe` and the mark; an address only if there is one, since RouterOS refuses an empty one."""
    secret = a_new_secret(password="a=b ", remote_address=address, disabled=disabled)
    assert add_words(secret) == [
        "/ppp/secret/add",
        "=name=ABC1",
        "=password=a=b ",
        "=service=pppoe",
        "=profile=30mbps",
        *expected,
    ]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        pytest.param("disabled", "yes", "=disabled=yes", id="flag"),
        pytest.param("password", "a=b", "=password=a=b", id="equals sign"),
        pytest.param("password", "", "=password=", id="empty password"),
        pytest.param("remote-address", "10.0.0.1", "=remote-address=10.0.0.1", id="address"),
        pytest.param("remote-address", None, "=!remote-address=", id="address cleared"),
    ],
)
def test_a_field_is_set_by_id(field: str, value: str, expected: str) -> None:
    """R5, R13: one field of one secret, by its id and never by its name."""
    assert set_words("*1A", field, value) == ["/ppp/secret/set", "=.id=*1A", expected]


def test_texts_keep_any_bytes() -> None:
    """Words: UTF-8 where it is, and every other byte so that it goes back unchanged."""
    assert to_text("Peña".encode()) == "Peña"
    assert to_text(b"Pe\xf1a") == "Pe\udcf1a"


def test_a_row_of_any_menu_is_read_as_texts() -> None:
    """Words: a row of any menu, as texts."""
    assert to_texts({b"name": "Wieża".encode(), b"version": b"7.16"}) == {"name": "Wieża", "version": "7.16"}
