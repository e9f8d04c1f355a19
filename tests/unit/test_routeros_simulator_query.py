"""The query stack, word by word."""

from __future__ import annotations

import itertools

import pytest

from lab.simulators.routeros.query import Query
from lab.simulators.routeros.traps import CommandRefusedError

ROW = {".id": b"*1A", "name": b"ABC1", "disabled": b"true", "limit": b"10", "address": b"10.0.0.9", "empty": b""}


def passes(*words: str) -> bool:
    """Whether the sample row passes."""
    return Query([word.encode() for word in words]).passes(ROW.get)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("?name", True),
        ("?empty", True),
        ("?comment", False),
        ("?-comment", True),
        ("?-name", False),
        ("?name=ABC1", True),
        ("?=name=ABC1", True),
        ("?name=abc1", False),
        ("?name=ABC", False),
        ("?comment=", False),
        ("?empty=", True),
        ("?disabled=yes", True),
        ("?disabled=true", True),
        ("?disabled=no", False),
        ("?.id=*1A", True),
        ("?.id=*1a", True),
        ("?.id=*1", False),
        ("?<limit=9", False),
        ("?>limit=9", True),
        ("?<limit=100", True),
        ("?>limit=10", False),
        ("?<address=10.0.0.10", True),
        ("?>address=9.255.255.255", True),
        ("?>comment=a", False),
        ("?nonsense=1", False),
    ],
)
def test_each_query_word_pushes_one_judgement(word: str, expected: bool) -> None:
    """Each form of query word pushes one judgement; an absent property equals nothing and has no order."""
    assert passes(word) is expected


def word_for(value: bool) -> str:
    """A query word that pushes a known value."""
    return "?name" if value else "?-name"


@pytest.mark.parametrize(("first", "second"), list(itertools.product([True, False], repeat=2)))
def test_words_are_joined_by_and_unless_an_operator_says_otherwise(first: bool, second: bool) -> None:
    """Without an operator words must all be true; `&`, `|` and `!` are what they say."""
    words = word_for(first), word_for(second)
    assert passes(*words) is (first and second)
    assert passes(*words, "?#&") is (first and second)
    assert passes(*words, "?#|") is (first or second)
    assert passes(*words, "?#|!") is not (first or second)
    assert passes(*words, "?#!&") is (first and not second)


@pytest.mark.parametrize("values", list(itertools.product([True, False], repeat=3)))
def test_index_copies_and_replaces(values: tuple[bool, bool, bool]) -> None:
    """An index counts from the top: before something else it pushes a copy, at the end it replaces the whole stack."""
    first, second, third = values
    words = [word_for(value) for value in values]
    assert passes(*words, "?#0") is third
    assert passes(*words, "?#2") is first
    assert passes(*words, "?#1!0") is not second
    assert passes(*words, "?#2.&|1") is first


@pytest.mark.parametrize("value", [True, False])
def test_a_dot_doubles_the_top(value: bool) -> None:
    """A dot doubles the top, but only ends the index that it follows."""
    assert passes(word_for(value), "?#.&") is value
    assert passes(word_for(value), "?#!.&") is not value
    assert passes(word_for(False), word_for(value), "?#0.|") is False


def test_bottom_is_true_for_ever() -> None:
    """Below what was pushed there is an endless supply of true."""
    assert passes("?#&|")
    assert passes("?name", "?#&&&")
    assert not passes("?#!")
    assert passes("?-name", "?#|")
    assert passes("?-name", "?#7")


@pytest.mark.parametrize("word", ["?#x", "?#&-", "?", "?=name", "?<name", "?>=1", "?#" + "9" * 40])
def test_a_query_word_of_no_known_form_is_refused(word: str) -> None:
    """A query word of no documented form is refused."""
    with pytest.raises(CommandRefusedError):
        passes(word)


def test_equalities_narrow_only_without_operators() -> None:
    """An equality decides by itself only if nothing can turn it round."""
    assert Query([b"?name=a"]).wanted("name") == b"a"
    assert Query([b"?name=a", b"?#!"]).wanted("name") is None


def test_names_are_never_booleans() -> None:
    """`yes` stands for `true` in flags only: a secret may be named either."""
    assert not Query([b"?name=yes"]).passes({"name": b"true"}.get)
