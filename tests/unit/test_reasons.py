"""The table of reasons that the operator's manual lists."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pppsync
from pppsync.core.reasons import Problem, Reason

PACKAGE = Path(pppsync.__path__[0])


def test_a_problem_may_have_no_router_and_no_name() -> None:
    """R1 to R16: a problem has router, name and subscriber, each None where it concerns none."""
    problem = Problem("tower-1", None, Reason.PASSWORDS_UNREADABLE)
    assert (problem.name, problem.detail, problem.subscriber) == (None, "", None)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_a_code_and_a_sentence(reason: Reason) -> None:
    """R1 to R16: the table explains each reason, and its name is its code."""
    assert reason.value == reason.name.lower()
    assert reason.value.isidentifier()
    assert reason.sentence.endswith(".")
    assert reason.sentence[0].isupper()


def test_every_reason_is_used() -> None:
    """R1 to R16: the table holds no reason that the program never gives."""
    used = {
        node.attr
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Reason"
    }
    assert {reason.name for reason in Reason} - used == set()
