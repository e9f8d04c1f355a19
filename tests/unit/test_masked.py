"""What must never be shown is masked by its type: G10."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import string
import traceback
from dataclasses import asdict, dataclass

import pytest

from pppsync.core.masked import MASK, Masked
from tests.builders import a_change, a_new_secret, a_secret, a_subscriber, a_wanted

SECRET = "hUnTeR2"
HIDDEN = Masked(SECRET)


@dataclass(frozen=True)
class Holder:
    """Something with a masked field."""

    password: Masked


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(str(HIDDEN), id="str"),
        pytest.param(repr(HIDDEN), id="repr"),
        pytest.param(f"{HIDDEN}", id="format"),
        pytest.param(f"{HIDDEN!r:>9}", id="format of repr"),
        pytest.param(f"{HIDDEN:>9}", id="format with a width"),
        pytest.param("%s" % HIDDEN, id="percent"),  # noqa: UP031 - what is tested
        pytest.param(string.Template("$x").substitute(x=HIDDEN), id="template"),
        pytest.param(str([HIDDEN]), id="list"),
        pytest.param(str(Holder(HIDDEN)), id="dataclass"),
        pytest.param(str({HIDDEN: HIDDEN}), id="dictionary"),
        pytest.param(str(ValueError(HIDDEN)), id="exception"),
        pytest.param(str(a_subscriber(password=SECRET)), id="subscriber"),
        pytest.param(str(a_wanted(password=SECRET)), id="wanted"),
        pytest.param(str(a_secret(password=SECRET)), id="stored secret"),
        pytest.param(str(a_change(actual=HIDDEN, desired=a_new_secret(password=SECRET))), id="change"),
    ],
)
def test_it_prints_as_asterisks(shown: str) -> None:
    """G10: no way of printing shows the text."""
    assert MASK in shown
    assert SECRET not in shown


def test_it_is_no_part_of_a_log_record(caplog: pytest.LogCaptureFixture) -> None:
    """G10: a log record shows asterisks, also for arguments."""
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("password %s of %r", HIDDEN, Holder(HIDDEN))
    assert caplog.messages == ["password *** of Holder(password=***)"]


def test_it_is_no_part_of_a_traceback() -> None:
    """G10: an exception that carries it shows asterisks."""
    shown = traceback.format_exception_only(ValueError("refused", HIDDEN))
    assert shown == ["ValueError: ('refused', ***)\n"]


def test_it_is_never_json() -> None:
    """G10: it can be written as JSON neither by itself nor within something else."""
    for value in (HIDDEN, [HIDDEN], {"password": HIDDEN}):
        with pytest.raises(TypeError):
            json.dumps(value)


def test_it_is_never_pickled_or_copied() -> None:
    """G10: what would take the text along by itself is refused; `asdict` is one of them."""
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(HIDDEN)
    with pytest.raises(TypeError):
        copy.deepcopy(HIDDEN)
    with pytest.raises(TypeError):
        asdict(Holder(HIDDEN))


def test_no_attribute_holds_the_text_and_none_can_be_set() -> None:
    """G10: no attribute dictionary, and nothing can be hung on it."""
    assert not hasattr(HIDDEN, "__dict__")
    with pytest.raises(AttributeError):
        HIDDEN.text = SECRET  # type: ignore[attr-defined]


def test_reveal_gives_the_text() -> None:
    """R10: the text comes out as it went in."""
    assert Masked(" a=b\n").reveal() == " a=b\n"


@pytest.mark.parametrize(
    ("other", "expected"), [(Masked(SECRET), True), (Masked("hunter2"), False), (SECRET, False), (None, False)]
)
def test_it_compares_by_value(other: object, expected: bool) -> None:
    """R10: two are equal if their texts are; a bare text never is."""
    assert expected == (other == HIDDEN)
    assert hash(HIDDEN) == hash(Masked(SECRET))


def test_an_empty_one_is_false() -> None:
    """R10: no password is told from one."""
    assert [bool(Masked("")), bool(Masked(" "))] == [False, True]
