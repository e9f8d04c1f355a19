"""Which names read the same (R1), which characters no login may hold (R5), and how a person sees what is invisible."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pppsync.core.names import is_control, marked, reading, readings
from pppsync.core.reasons import Reason
from tests.builders import a_fleet, a_plan, a_router_state, a_secret, a_subscriber


def raw(text: str, page: str) -> str:
    """A name as a router gives it when WinBox wrote it in this code page."""
    return text.encode(page).decode("utf-8", "surrogateescape")


ALIKE = [
    pytest.param("Clinic", "Clinic ", id="blank at the end"),
    pytest.param("Clinic", " Clinic", id="blank at the beginning"),
    pytest.param("Clinic One", "Clinic  One", id="two blanks"),
    pytest.param("Clinic One", "Clinic\tOne", id="tab"),
    pytest.param("Clinic One", "Clinic\u00a0One", id="no-break blank"),
    pytest.param("Clinic", "Cli\u200bnic", id="zero-width blank"),
    pytest.param("Clinic", "Clinic\ufeff", id="byte order mark"),
    pytest.param("Clinic", "Cli\u2060nic", id="word joiner"),
    pytest.param("Clinic", "Clinic\ufe0f", id="variation selector"),
    pytest.param("Peña", unicodedata.normalize("NFD", "Peña"), id="NFD"),
    pytest.param("Peña", raw("Peña", "cp1252"), id="cp1252"),
    pytest.param("Лена", raw("Лена", "cp1251"), id="cp1251"),
    pytest.param("ABC1", "\uff21\uff22\uff231", id="full width"),
    pytest.param("Straße", "STRASSE", id="folding of more than one letter"),
    pytest.param("ABC1", "abc 1", id="letter case and a blank"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_read_the_same_have_a_common_reading(one: str, other: str) -> None:
    """R1: equal after NFKC, case folding and without blanks, zero-width and control characters, in both code pages."""
    assert set(readings(one)) & set(readings(other))


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_nothing_is_created_beside_a_name_that_reads_the_same(one: str, other: str) -> None:
    """R1: today a second secret was created, and the suspension disabled only that one."""
    plan = a_plan(a_fleet(a_router_state(a_secret(other, number=5), a_secret("x"))), [a_subscriber(custom_id=one)])
    assert [change for part in plan.routers.values() for change in part.changes] == []
    (problem,) = plan.problems
    case = one.casefold() == other.casefold()
    assert problem.reason is (Reason.NAME_CASE_DIFFERS if case else Reason.NAME_LOOKS_ALIKE)
    assert case or problem.detail == marked(other)


@pytest.mark.parametrize(("one", "other"), [("ABC1", "ABC11"), ("ABC1", "ABCI"), ("0", "O"), ("Peña", "Pena")])
def test_names_that_only_resemble_do_not_read_the_same(one: str, other: str) -> None:
    """R1: similar letters are other letters."""
    assert not set(readings(one)) & set(readings(other))


def test_the_login_of_another_live_subscriber_does_not_stand_in_the_way() -> None:
    """R1: `Clinic ` in the CRM is nobody's login here, `CLINIC` is: that one is no obstacle for `Clinic`."""
    people = [a_subscriber(custom_id="Clinic"), a_subscriber(2, custom_id="CLINIC")]
    plan = a_plan(a_fleet(a_router_state(a_secret("CLINIC"))), people)
    assert [(change.kind.value, change.name) for change in plan.routers["tower-1"].changes] == [("create", "Clinic")]


def test_an_exact_name_needs_no_look() -> None:
    """R1: beside its exact name a look-alike is only an unmatched secret, with the login that it may belong to."""
    fleet = a_fleet(a_router_state(a_secret("Clinic"), a_secret("Clinic ", number=2)))
    plan = a_plan(fleet, [a_subscriber(custom_id="Clinic")])
    assert (plan.routers["tower-1"].changes, plan.problems) == ((), ())
    assert [(one.name, one.near) for one in plan.unmatched] == [("Clinic ", "Clinic")]


@given(st.text())
def test_reading_is_settled(name: str) -> None:
    """R1: what a name reads as reads as itself, so that comparing readings is an equivalence."""
    assert reading(reading(name)) == reading(name)


@given(st.text(st.characters(codec="ascii", categories=("L", "Nd")), min_size=1))
def test_the_fast_path_gives_the_same_reading(name: str) -> None:
    """R1: plain names take a short cut; a zero-width character, which is taken out, forces the long way."""
    assert reading(name) == reading(f"{name}\u200b")


@pytest.mark.parametrize("letter", ["\0", "\n", "\x7f", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u3164"])
def test_zero_width_characters_count_as_controls(letter: str) -> None:
    """R5: a login with one of them is `invalid_custom_id`."""
    assert is_control(letter)
    plan = a_plan(a_fleet(a_router_state()), [a_subscriber(custom_id=f"AB{letter}C")])
    assert Reason.INVALID_CUSTOM_ID in {one.reason for one in plan.problems}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Clinic", "Clinic"),
        ("Clinic One", "Clinic One"),
        ("Clinic ", "Clinic\\u0020"),
        (" Clinic", "\\u0020Clinic"),
        ("Clinic  One", "Clinic\\u0020\\u0020One"),
        ("Clinic\u00a0One", "Clinic\\u00a0One"),
        ("Cli\u200bnic\t", "Cli\\u200bnic\\u0009"),
        ("  ", "\\u0020\\u0020"),
        ("Jos\u00e9", "Jos\u00e9"),
        ("Jose\u0301", "Jose\\u0301"),
        ("\u212aELVIN", "\\u212aELVIN"),
        ("\u1112\u1161\u11ab", "\u1112\\u1161\\u11ab"),
        ("\U0001d7ce1", "\\U0001d7ce1"),
        ("\u0e17\u0e35\u0e48", "\u0e17\u0e35\u0e48"),
        ("", ""),
    ],
)
def test_a_marked_name_shows_every_character(name: str, shown: str) -> None:
    """Operators: blanks at an end or two in a row, invisible characters and look-alikes of letters are written out.

    A single blank is not, nor an accent that has no other way to be written.
    """
    assert marked(name) == shown


@given(st.text(), st.text())
def test_two_names_that_read_the_same_differ_when_marked(name: str, other: str) -> None:
    """R1: a person tells two names apart that are not equal in any normal form."""
    decomposed, composed = (unicodedata.normalize(form, name + other) for form in ("NFD", "NFC"))
    assert (marked(decomposed) == marked(composed)) == (decomposed == composed)
