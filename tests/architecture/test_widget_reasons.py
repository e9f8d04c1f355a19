"""The widget is built without the layer; its copy of the reasons is equal to the tables."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

from lab import reasons

WIDGET = Path(__file__).parents[2] / "functions/widget"
NOT_AT_RUN_TIME = {"aws_lambda_powertools", "mypy_boto3_logs"}
"""Names of types, which a type checker alone imports."""


def test_the_copy_is_equal_to_the_tables() -> None:
    """`reasons.json` holds every reason and code with its sentence, and what docs/operations.md advises."""
    assert reasons.TARGET.read_text(encoding="utf-8") == reasons.text(), f"write it anew: {reasons.COMMAND}"


def test_every_reason_has_a_remedy() -> None:
    """No reason is shown without what to do about it."""
    table = json.loads(reasons.text())

    assert [code for code, entry in table.items() if not entry["remedy"]] == []


def test_the_widget_imports_the_runtime_alone() -> None:
    """The widget takes boto3 of the Lambda runtime and the standard library; nothing of the layer."""
    found: set[str] = set()
    for path in WIDGET.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])

    assert found - sys.stdlib_module_names - NOT_AT_RUN_TIME == {"boto3", "sync_widget"}
