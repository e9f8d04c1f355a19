"""Rows of the RouterOS API: secrets and sessions as values, and the words that create and set them."""

from __future__ import annotations

import pytest

from pppsync.core.masked import Masked
from pppsync.core.secret import ActiveSession, Restriction, StoredSecret
from pppsync.routers.rows import (
    READ_SECRETS,
    READ_SESSIONS,
    SecretDecoder,
    add_words,
    flag,
    set_words,
    to_listed,
    to_profile,
    to_session,
    to_texts,
)
from pppsync.routers.wire import Row, WordsError
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


@pytest.mark.parametrize(
    ("address_list", "rate_limit", "expected"),
    [
        (None, None, None),
        (b"", None, None),
        (b"", b"", None),
        (b"walled", None, Restriction("walled")),
        (b"walled", b"", Restriction("walled")),
        (b"", b"64k/64k", Restriction(None, "64k/64k")),
        (b"", b"0/64k", Restriction(None, "0/64k")),
        (b"walled", b"64k/64k 128k/128k", Restriction("walled", "64k/64k 128k/128k")),
        (b"", b"0", None),
        (b"", b"0/0", None),
        (b"", b"0k/0M", None),
        (b"", b"0/0 0/0 0/0 0/0 8", None),
        (b"walled", b"0/0", Restriction("walled")),
    ],
)
def test_a_profile_is_read_with_what_restricts_its_sessions(
    address_list: bytes | None, rate_limit: bytes | None, expected: Restriction | None
) -> None:
    """R18: a list or a rate restricts; RouterOS leaves out or shows empty what is not set, and zero is no limit."""
    fields = {b"address-list": address_list, b"rate-limit": rate_limit}
    row = {b"name": b"suspended"} | {name: value for name, value in fields.items() if value is not None}
    assert to_profile(row) == ("suspended", expected)


def test_a_profile_without_a_name_is_refused() -> None:
    """G1: a row without its name makes the whole answer untrustworthy."""
    with pytest.raises(WordsError, match="a profile without a name"):
        to_profile({b"address-list": b"walled"})


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({b"dynamic": b"true"}, ("10.0.0.5", True)),
        ({b"dynamic": b"yes", b"disabled": b"false"}, ("10.0.0.5", True)),
        ({b"dynamic": b"true", b"timeout": b"", b"comment": b""}, ("10.0.0.5", True)),
        ({b"dynamic": b"true", b"timeout": b"1h"}, ("10.0.0.5", False)),
        ({b"dynamic": b"true", b"comment": b"pay.example.com"}, ("10.0.0.5", False)),
        ({b"dynamic": b"false"}, ("10.0.0.5", False)),
        ({}, ("10.0.0.5", False)),
        ({b"dynamic": b"true", b"disabled": b"true"}, None),
    ],
    ids=["session", "as RouterOS 6 says", "empty words", "timeout", "DNS name", "by hand", "bare", "disabled"],
)
def test_an_entry_of_the_list_tells_whether_a_session_put_it_there(
    more: Row, expected: tuple[str, bool] | None
) -> None:
    """R18: only an entry of a session may cause a drop; every enabled one restricts."""
    assert to_listed({b"address": b"10.0.0.5"} | more) == expected


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
    assert set_words("*1A", (field, value)) == ["/ppp/secret/set", "=.id=*1A", expected]


def test_a_row_of_any_menu_is_read_as_texts() -> None:
    """Words: a row of any menu, as texts."""
    assert to_texts({b"name": "Wieża".encode(), b"version": b"7.16"}) == {"name": "Wieża", "version": "7.16"}
