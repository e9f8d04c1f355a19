"""The pages that operators read say what the code says."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from pppsync.core.policy import Policy
from pppsync.core.reasons import Reason
from pppsync.errors import CODES

SENTENCES = {reason.value: reason.sentence for reason in Reason}
ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEMPLATE = (ROOT / "template.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "sentence"), (CODES | SENTENCES).items())
def test_every_code_and_reason_stands_on_the_page(name: str, sentence: str) -> None:
    """docs/operations.md explains each code and reason with the sentence of the code's own table."""
    assert f"| `{name}` | {sentence} |" in OPERATIONS


def test_the_page_knows_no_other_codes() -> None:
    """A code or reason that was taken out of the code is taken out of docs/operations.md."""
    listed = re.findall(r"^\| `([a-z_]+)` \|", OPERATIONS, re.MULTILINE)

    assert sorted(CODES | SENTENCES) == sorted(listed)


def test_every_alarm_stands_on_the_page() -> None:
    """docs/operations.md explains each alarm of the template, and no other."""
    alarms = re.findall(r'AlarmName: !Sub "\$\{AWS::StackName\}-([a-z-]+)"', TEMPLATE)

    assert sorted(alarms) == sorted(re.findall(r"^\| `([a-z]+(?:-[a-z]+)+)` \|", OPERATIONS, re.MULTILINE))


def _flat(values: dict[str, Any], path: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{name}.") if isinstance(value, dict) else {path + name: value}
    return flat


def test_the_readme_prints_the_whole_policy_with_its_defaults() -> None:
    """The README's table of `policy` has every setting with its default."""
    section = README.split("| `policy` | default |")[1].split("\n\n")[0]
    printed: dict[str, Any] = {}
    for names, defaults in re.findall(r"^\| (`[^|]+`) \| ([^|]+) \|", section, re.MULTILINE):
        values = re.findall(r"`([^`]+)`", defaults)
        printed |= zip(re.findall(r"`([^`]+)`", names), map(json.loads, values), strict=True)
    expected = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in _flat(asdict(Policy())).items()
    }

    assert expected == printed
