"""Pure: one fact of a run as a row of the response and of the log; passwords are masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pppsync.core.masked import MASK, Masked
from pppsync.core.outcome import Result
from pppsync.core.secret import PppSecret

if TYPE_CHECKING:
    from pppsync.core.approval import Approval, Release
    from pppsync.core.change import Change
    from pppsync.core.guard import WithheldPlan
    from pppsync.core.outcome import Outcome
    from pppsync.core.reasons import Problem
    from pppsync.core.unmatched import Unmatched

LONGEST_TEXT: Final = 300
"""Characters of a name or a detail that are shown; a custom ID has at most 255."""
LONGEST_SENTENCE: Final = 2000
"""Limit for long sentences. Higher than LONGEST_TEXT because the remedy comes last."""


def readable(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text as a response can carry it: cut to `longest` characters, and without what is no UTF-8."""
    shown = text.encode("utf-8", "backslashreplace").decode()
    return shown if len(shown) <= longest else shown[:longest] + "..."


def problem_row(problem: Problem) -> dict[str, Any]:
    """Return a problem as the response and the log show it."""
    return {
        "name": readable(problem.name) if problem.name else None,
        "subscriber": problem.subscriber,
        "service": None,
        "router": problem.router,
        "reason": problem.reason,
        "detail": readable(problem.detail),
    }


def change_row(change: Change) -> dict[str, Any]:
    """Return a change as the response and the log show it, passwords masked."""
    row = {
        "name": readable(change.name),
        "kind": change.kind.value,
        "field": change.field,
        "actual": _shown(change.actual),
        "desired": _shown(change.desired),
        "online": bool(change.sessions),
    }
    if change.profile is not None:
        row["profile"] = readable(change.profile)
    return {**row, "reason": change.reason} if change.reason else row


def outcome_row(outcome: Outcome) -> dict[str, Any]:
    """Return a change with its result, and whether a session was or would be dropped for it."""
    online = outcome.dropped > 0 or bool(outcome.change.sessions)
    return {**change_row(outcome.change), "online": online, "result": outcome.result.value}


def deferred_row(change: Change) -> dict[str, Any]:
    """Return a planned change of a router that is observed or on hold: it is left to a run that may write."""
    return {**change_row(change), "result": Result.DEFERRED.value}


def unmatched_row(one: Unmatched) -> dict[str, Any]:
    """Return a secret that belongs to nobody, with the login that may be its owner's."""
    return {
        "router": one.router,
        "name": readable(one.name),
        "enabled": one.enabled,
        "online": one.online,
        "near": readable(one.near) if one.near is not None else None,
    }


def failure_row(outcome: Outcome) -> dict[str, Any]:
    """Return a change that failed, and why."""
    return {
        "name": readable(outcome.change.name),
        "kind": outcome.change.kind.value,
        "reason": outcome.reason,
        "detail": readable(outcome.detail),
    }


def withheld_row(plan: WithheldPlan) -> dict[str, Any]:
    """Return a plan that waits; `online` counts its changes that would end a live session."""
    return {
        "plan_id": plan.plan_id,
        "kind": str(plan.kind),
        "count": len(plan.changes),
        "online": sum(bool(change.sessions) for change in plan.changes),
        "reason": plan.reason,
    }


def approval_row(one: Approval) -> dict[str, Any]:
    """Return what became of an approved id."""
    return {
        "plan_id": one.plan_id,
        "result": one.result,
        "released": one.released,
        "gone": one.gone,
        "now": one.now,
    }


def earlier_row(one: Release) -> dict[str, Any]:
    """Return a plan of the last days that can be approved still; `names_gone` are those of its first 20 not due."""
    due = {change.name for change in one.due}
    return {
        "plan_id": one.plan_id,
        "router": one.router,
        "kind": one.kind,
        "count": one.count,
        "due": len(one.due),
        "online": sum(bool(change.sessions) for change in one.due),
        "gone": one.gone,
        "names_gone": [readable(name) for name in one.names if name not in due],
    }


def _shown(value: str | Masked | PppSecret | None) -> Any:
    if isinstance(value, Masked):
        return MASK
    if isinstance(value, PppSecret):
        return {
            "password": MASK,
            "profile": readable(value.profile),
            "remote-address": value.remote_address,
            "disabled": value.disabled,
        }
    return readable(value) if value is not None else None
