"""The words of the widget: ages, counts, reasons and commands as its parts show them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sync_widget.html import LONGEST, Html, element, joined, sentence, value

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS: Final[dict[str, dict[str, str]]] = json.loads(
    Path(__file__).with_name("reasons.json").read_text(encoding="utf-8")
)
"""By reason or code, its `sentence` and its `remedy`; `python -m lab.reasons` writes the file."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The sync as it is deployed; `timeout` is its limit in seconds."""

    function: str
    region: str
    scheduled: bool
    timeout: int


def meaning(reason: str) -> str:
    """The sentence of a reason or code; backticks mark words of a machine."""
    return REASONS[reason]["sentence"] if reason in REASONS else "An unknown reason."


def why(reason: str, detail: str, longest: int = LONGEST) -> Html:
    """The reason in plain words, the detail and the code that the manual explains."""
    said = sentence(meaning(reason).removesuffix("."))
    return joined(said, *((": ", value(detail, longest)) if detail else (".",)), " ", element("code", reason))


def invoke(setting: Setting, event: Mapping[str, Any]) -> Html:
    """The command that sends the event to the sync, to be copied."""
    return element(
        "pre",
        f"aws lambda invoke --region {setting.region} --function-name {setting.function} "
        "--cli-binary-format raw-in-base64-out --cli-read-timeout 300 "
        f"--payload '{json.dumps(event, separators=(',', ':'))}' answer.json && cat answer.json",
    )


def count(router: Mapping[str, Any], result: str) -> int:
    """All changes of one router that ended so, whatever their kind."""
    return sum(router[result].values())


def number(amount: int, noun: str) -> str:
    """`1 change`, `2 changes`."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"


def ago(span: timedelta) -> str:
    """`3 minutes ago`."""
    return f"{age(span)} ago" if span >= timedelta(minutes=1) else "just now"


def age(span: timedelta) -> str:
    """`3 minutes`, `2 hours`, `5 days`: the largest unit that tells enough."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 120:
        return number(minutes, "minute")
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // 1440} days"
