"""Pure: writes the notice of a withheld plan, to be read in an e-mail and on a phone.

A line holds one fact and has at most about 70 characters, so that no line breaks twice on a wide screen. Commands go on
after a backslash, so that they can be copied as they stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from plan_notice.words import marked, short, things, would

if TYPE_CHECKING:
    from plan_notice.plan import Plan

WIDTH: Final = 70
LONGEST_SUBJECT: Final = 99
"""SNS takes less than 100 characters."""
LONGEST_REASON: Final = 700


@dataclass(frozen=True, slots=True)
class Stack:
    """The stack that the commands are for; `names` says whether logins may leave it."""

    name: str
    region: str
    names: bool


def subject(plan: Plan, stack: Stack) -> str:
    """Return the subject: ASCII, without control characters, at most 99 characters."""
    where = f"on {short(plan.router)}" if plan.router else "on all routers"
    text = f"Withheld: {would(plan.kind, plan.count)} {where} ({stack.name})"
    text = text.encode("ascii", "backslashreplace").decode()
    return text if len(text) <= LONGEST_SUBJECT else f"{text[: LONGEST_SUBJECT - 3]}..."


def message(plan: Plan, stack: Stack) -> str:
    """Return the whole text; without `stack.names` it holds no login."""
    where = f"on router {short(plan.router)}" if plan.router else "on all routers together"
    parts = [
        [
            *_wrapped(f"{would(plan.kind, plan.count)} {where}."),
            "Withheld: nothing of this plan is written unless you approve it.",
        ],
        [
            *_wrapped(f"Reason: {marked(plan.reason)[:LONGEST_REASON]}"),
            *_online(plan),
            f"Plan {plan.plan_id}, made {plan.at}",
        ],
        _names(plan) if stack.names else [],
        [
            "Approve it. This shows the plan as it is now, and asks first:",
            *_command(f"approve {plan.plan_id}", stack),
        ],
        ["See everything that waits. This writes nothing:", *_command("plan", stack)],
        [
            "Wrong? Correct the CRM: the next run plans anew.",
            "Stop all writes meanwhile (resume takes it back):",
            *_command("stop", stack),
        ],
        [
            "If you do nothing, nothing of this plan is written.",
            "All other changes go on.",
            "You are told again after 24 hours if it still waits.",
        ],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _online(plan: Plan) -> list[str]:
    if not plan.names:
        return []
    known = len(plan.names)
    of = f"{'' if _is_complete(plan) else 'first '}{known} {things(plan.kind, known)}"
    return [f"Online: {len(plan.online) or 'none'} of the {of}"]


def _names(plan: Plan) -> list[str]:
    if not plan.names:
        return []
    which = "All" if _is_complete(plan) else f"The first {len(plan.names)}"
    rows = [f"{'*' if name in plan.online else '-'} {short(name)}" for name in plan.names]
    return [f"{which} {things(plan.kind, 20)} in order (* is online):", *rows]


def _is_complete(plan: Plan) -> bool:
    """Tell whether the names are all of the plan's: it keeps 20, and one login may have several changes."""
    return len(plan.names) < 20 or plan.count <= len(plan.names)


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, break_on_hyphens=False)


def _command(words: str, stack: Stack) -> list[str]:
    return [f"  .venv/bin/python -m pppctl {words} \\", f"    --stack {stack.name} --region {stack.region}"]
