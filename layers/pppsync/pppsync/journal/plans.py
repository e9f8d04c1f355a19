"""Pure: withheld plans that are kept, so that an approval finds its changes later (G4) and somebody is told once (G15).

A plan names its changes by one HMAC each and shows no value of any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pppsync.journal.forms import (
    MalformedError,
    from_body,
    is_count,
    is_flag,
    is_text,
    is_texts,
    to_body,
    to_moment,
    to_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from pppsync.core.guard import WithheldPlan
    from pppsync.journal.forms import Check

PREFIX: Final = "plans/"
KNOWN_FOR: Final = timedelta(days=7)
"""How long an approval finds a plan that is not withheld any more (G4)."""
TOLD_EVERY: Final = timedelta(hours=24)
NAMES: Final = 20
SHOWN: Final = 200
"""Plans that `plan` looks at, the newest: a plan that changes at every run leaves 288 a day."""
_PLAN_ID: Final = re.compile(r"[0-9a-f]{16}")
_HMAC: Final = re.compile(r"[0-9a-f]{16,128}")


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A withheld plan as the journal keeps it; `router` is None for the plan over all routers.

    `names` are the first logins in order, `online` those of them with a live session. `changes` has one HMAC a change.
    `tell` says whether the object, when it is put, sends a notice. `at` is when it was put.
    """

    plan_id: str
    router: str | None
    kind: str
    count: int
    reason: str
    names: tuple[str, ...]
    online: tuple[str, ...]
    changes: frozenset[str]
    tell: bool
    at: datetime


def key(plan_id: str) -> str:
    """Return the key of a plan; raises `MalformedError` for a text that is no plan id, such as an operator's slip."""
    if not is_plan_id(plan_id):
        raise MalformedError("a plan id is 16 hex digits")
    return f"{PREFIX}{plan_id}.json"


def is_plan_id(text: str) -> bool:
    """Tell whether a text has the form of a plan id."""
    return _PLAN_ID.fullmatch(text) is not None


def keep(plan: WithheldPlan, changes: Iterable[str], at: datetime, *, tell: bool) -> KeptPlan:
    """Return what the journal keeps of a withheld plan; `changes` are the HMACs of its changes."""
    online = {change.name for change in plan.changes if change.sessions}
    names = tuple(sorted({change.name for change in plan.changes})[:NAMES])
    return KeptPlan(
        plan_id=plan.plan_id,
        router=plan.router,
        kind=str(plan.kind),
        count=len(plan.changes),
        reason=plan.reason,
        names=names,
        online=tuple(name for name in names if name in online),
        changes=frozenset(changes),
        tell=tell,
        at=at,
    )


def encode(plan: KeptPlan) -> bytes:
    """Return the body of a plan."""
    return to_body(
        {
            "plan_id": plan.plan_id,
            "router": plan.router or "",
            "kind": plan.kind,
            "count": plan.count,
            "reason": plan.reason,
            "names": list(plan.names),
            "online": list(plan.online),
            "changes": sorted(plan.changes),
            "tell": plan.tell,
            "at": to_text(plan.at),
        }
    )


def decode(body: bytes) -> KeptPlan:
    """Return the plan of a body; raises `MalformedError`."""
    found = from_body(body, _CHECKS)
    return KeptPlan(
        plan_id=found["plan_id"],
        router=found["router"] or None,
        kind=found["kind"],
        count=found["count"],
        reason=found["reason"],
        names=tuple(found["names"]),
        online=tuple(found["online"]),
        changes=frozenset(found["changes"]),
        tell=found["tell"],
        at=to_moment(found["at"]),
    )


def read(objects: Mapping[str, bytes], *, changes: bool = True) -> tuple[tuple[KeptPlan, ...], int]:
    """Return the plans of these objects by key, the latest last, and how many objects are malformed.

    Without `changes` they name none: those of a day's 288 plans of 10,000 changes fill the memory of a function.
    """
    plans, malformed = [], 0
    for name, body in objects.items():
        try:
            plan = decode(body)
        except MalformedError:
            malformed += 1
            continue
        if name == key(plan.plan_id):
            plans.append(plan if changes else replace(plan, changes=frozenset()))
        else:
            malformed += 1
    return tuple(sorted(plans, key=lambda plan: (plan.at, plan.plan_id))), malformed


def known(plans: Iterable[KeptPlan], now: datetime) -> dict[str, KeptPlan]:
    """Return the plans of the last 7 days by id: those that an approval may name (G4)."""
    return {plan.plan_id: plan for plan in plans if _age(plan, now) <= KNOWN_FOR}


def to_be_told(plan: WithheldPlan, kept: Iterable[KeptPlan], now: datetime, minimum: int) -> bool:
    """Tell whether somebody must be told of a withheld plan; `minimum` is `guard.min` (G15).

    That is so if no plan of that router and kind was told in the last 24 hours, or if more than `minimum` changes have
    come since the last one that was. So a plan that still waits is told again every 24 hours.
    """
    told = [
        one
        for one in kept
        if one.tell and (one.router, one.kind) == (plan.router, str(plan.kind)) and _age(one, now) < TOLD_EVERY
    ]
    if not told:
        return True
    last = max(told, key=lambda one: (one.at, one.count))
    return len(plan.changes) > last.count + minimum


def _age(plan: KeptPlan, now: datetime) -> timedelta:
    """Return how far a plan is from now; a clock that was set back must neither keep nor silence it for longer."""
    return abs(now - plan.at)


_CHECKS: Final[Mapping[str, Check]] = {
    "plan_id": lambda value: is_text(value) and is_plan_id(value),
    "router": is_text,
    "kind": is_text,
    "count": is_count,
    "reason": is_text,
    "names": lambda value: is_texts(value) and len(value) <= NAMES,
    "online": is_texts,
    "changes": lambda value: is_texts(value) and all(map(_HMAC.fullmatch, value)),
    "tell": is_flag,
    "at": is_text,
}
