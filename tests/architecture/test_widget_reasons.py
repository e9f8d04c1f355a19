"""The widget is built without the layer: its copy of the reasons is equal to the tables."""

from __future__ import annotations

import json

from lab import reasons


def test_the_copy_is_equal_to_the_tables() -> None:
    """`reasons.json` holds every reason and code with its sentence, and what docs/operations.md advises."""
    assert reasons.TARGET.read_text(encoding="utf-8") == reasons.text(), f"write it anew: {reasons.COMMAND}"


def test_every_reason_has_a_remedy() -> None:
    """No reason is shown without what to do about it."""
    table = json.loads(reasons.text())

    assert [code for code, entry in table.items() if not entry["remedy"]] == []
