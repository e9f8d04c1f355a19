"""The table of reasons that the operator's manual lists."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pppsync
from pppsync.core.reasons import REASONS, Problem

PACKAGE = Path(pppsync.__path__[0])


def test_a_problem_concerns_what_it_says() -> None:
    """R1 to R16: a reason of the table with router, name and subscriber, each empty where it concerns none."""
    problem = Problem("tower-1", "ABC1", "name_taken")
    assert (problem.detail, problem.subscriber) == ("", None)


@pytest.mark.parametrize("reason", ["", "Name_taken", "broken"])
def test_a_reason_outside_the_table_is_refused(reason: str) -> None:
    """R1 to R16: a reason that no manual explains cannot be reported."""
    with pytest.raises(ValueError, match=f"^{reason}$"):
        Problem("", "", reason)


def test_every_reason_is_a_sentence() -> None:
    """R1 to R16: the table explains each reason."""
    assert all(reason.isidentifier() and reason.islower() for reason in REASONS)
    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in REASONS.values())


def test_every_reason_is_used() -> None:
    """R1 to R16: the table holds no reason that the program never gives."""
    texts = {
        node.value
        for path in PACKAGE.rglob("*.py")
        if path.name != "reasons.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert REASONS.keys() - texts == set()
