"""The words of the widget: ages, moments, counts, reasons and commands as its parts show them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sync_widget.html import LONGEST, Html, element, joined, sentence, value

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS: Final[dict[str, dict[str, str]]] = json.loads(
    Path(__file__).with_name("reasons.json").read_text(encoding="utf-8")
)
"""By reason or code, its `sentence` and its `remedy`; `python -m lab.reasons` writes the file."""
DASH: Final = "\u2013"
"""Stands where there is no value."""
_OFFSET: Final = re.compile(r"([+-])(\d{2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Setting:
    """The sync as it is deployed; `timeout` is its limit in seconds, `coverage` the percentage of its alarm."""

    function: str
    region: str
    scheduled: bool
    timeout: int
    coverage: float


def meaning(reason: str) -> str:
    """The sentence of a reason or code; backticks mark words of a machine."""
    return REASONS[reason]["sentence"] if reason in REASONS else "An unknown reason."


def why(reason: str, detail: str, longest: int = LONGEST) -> Html:
    """The reason in plain words, the detail and the code that the manual explains."""
    said = sentence(meaning(reason).removesuffix("."))
    return joined(said, *((": ", value(detail, longest)) if detail else (".",)), " ", element("code", reason))


def remedy(reason: str) -> Html:
    """What to do about a reason or code; empty if nobody knows it."""
    return sentence(REASONS[reason]["remedy"]) if reason in REASONS else Html("")


def advice(reason: str) -> Html:
    """The remedy as a sentence that follows the reason; empty if there is nothing to do."""
    said = remedy(reason)
    return joined(" ", element("b", "What to do:"), " ", said) if said and not said.startswith("None") else Html("")


def invoke(setting: Setting, event: Mapping[str, Any]) -> Html:
    """The command that sends the event to the sync, to be copied."""
    return element(
        "pre",
        f"aws lambda invoke --region {setting.region} --function-name {setting.function} "
        "--cli-binary-format raw-in-base64-out --cli-read-timeout 300 "
        f"--payload '{json.dumps(event, separators=(',', ':'))}' answer.json && cat answer.json",
    )


def number(amount: int, noun: str) -> str:
    """`1 change`, `2 changes`."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"


def percent(part: int, whole: int) -> str:
    """`3.5 %`; a share that is not zero is never shown as zero."""
    if not whole:
        return DASH
    return "< 0.1 %" if 0 < part / whole < 0.0005 else f"{100 * part / whole:.1f} %"


def ago(span: timedelta) -> str:
    """`3 minutes ago`."""
    return f"{age(span)} ago" if span >= timedelta(minutes=1) else "just now"


def age(span: timedelta) -> str:
    """`3 minutes`, `2 hours`, `5 days`: the largest unit that tells enough."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 120:
        return number(minutes, "minute")
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // 1440} days"


def zone_of(context: Mapping[str, Any]) -> timezone:
    """The time zone that the dashboard shows times in; UTC where the console does not tell it."""
    told = context.get("timezone")
    match = _OFFSET.fullmatch(str(told.get("offsetISO"))) if isinstance(told, dict) else None
    if match is None:
        return UTC
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(offset if match[1] == "+" else -offset) if offset <= timedelta(hours=14) else UTC


def moment(at: datetime, zone: timezone) -> str:
    """A moment in UTC, and beside it in the zone of the dashboard where that is another."""
    text, local = f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC", at.astimezone(zone)
    if not local.utcoffset():
        return text
    day = "" if local.date() == at.astimezone(UTC).date() else f"{local:%Y-%m-%d} "
    return f"{text}, local time {day}{local:%H:%M}"


def kind_of(kind: str) -> str:
    """A kind of change, as a noun or a command to the router."""
    return _KINDS.get(kind, f"another {kind.replace('_', ' ')}")


_KINDS: Final = {
    "enable": "enable",
    "restore": "restore the plan's profile",
    "create": "create",
    "disable": "disable",
    "restrict": "restrict",
    "cut": "disable or restrict",
    "drop": "drop the session",
    "default_password": "the registration date as password",
    "profile_create": "create a profile",
    "rate_limit": "another rate limit of a profile",
}
