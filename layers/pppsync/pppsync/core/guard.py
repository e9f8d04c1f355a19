"""Pure: withholds changes that look like a mistake, until somebody approves exactly these (G3, G4).

Strategy
--------
A mistake in the CRM, on a router or in the settings turns many secrets over at once; honest work is small on one day.
So changes are counted by kind and router, and what passes a limit waits as a whole:

* A limit is the larger of a number and a percentage of the enabled, managed secrets, so that small routers can work and
  large ones are protected. Creates are measured by all secrets of the router, default passwords by nothing.
* Cuts of all routers together have a limit of their own, for a mistake may stay below each router's. Disables and
  restricts are cuts and counted in sum.
* Filters of the event never change a denominator: `subscribers` cannot be used to slip below a percentage.
* Enables and restores are never withheld: whoever paid is let in.
* A plan id is an HMAC over (router, kind, name, value) of its changes, under a key that is derived from the CRM key. So
  an id names exactly these values, is the same in every process, and gives away no password.
* An approval releases its changes in every group that holds them: one cut may wait under its router and the fleet.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pppsync.core.change import CUTS, Kind
from pppsync.core.limits import excess, fleet_excess, grouped, is_daily, kind_of
from pppsync.core.masked import Masked
from pppsync.core.secret import PppSecret

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pppsync.core.change import Change, ChangeKey
    from pppsync.core.limits import Day, GroupKind
    from pppsync.core.plan import Plan
    from pppsync.core.policy import GuardLimits

_PLAN_ID: Final = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class WithheldPlan:
    """Changes of one kind that wait for an approval; `router` is None for the plan over all routers."""

    plan_id: str
    router: str | None
    kind: GroupKind
    changes: tuple[Change, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Approval:
    """The result of an id that somebody approved; `now` is the id of the plan that took its place, if one did."""

    plan_id: str
    result: str
    now: str | None = None


type Group = tuple[str | None, GroupKind, tuple[Change, ...], str | None]
"""Router, kind, changes, and how they pass a limit: what is withheld together."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be applied, by router and in order, and what waits; `approvals` answer every id that was asked for.

    `released` are the changes that an approval lets pass.
    """

    allowed: Mapping[str, tuple[Change, ...]]
    withheld: Mapping[str, tuple[Change, ...]]
    plans: tuple[WithheldPlan, ...]
    approvals: tuple[Approval, ...]
    released: frozenset[ChangeKey] = field(default=frozenset(), compare=False)

    def counted(self, router: str) -> Counter[Kind]:
        """Count the allowed changes of a router that the day's limit counts: those that nobody approved (G13)."""
        mine = (change for change in self.allowed[router] if is_daily(change) and change.key not in self.released)
        return Counter(change.kind for change in mine)


@dataclass(frozen=True, slots=True)
class Guard:
    """The limits, the key that plan ids are made with, the routers that are only observed, and the day so far."""

    limits: GuardLimits
    key: Masked
    observed: Collection[str] = ()
    day: Day | None = None

    def review(self, plan: Plan, approved: Sequence[str]) -> Verdict:
        """Divide a plan into what may be applied and what is withheld; approving lifts only this (G4)."""
        groups = [*self._router_groups(plan), *self._fleet_group(plan)]
        known = {self.plan_id(changes): changes for _, _, changes, _ in groups}
        over = [
            WithheldPlan(self.plan_id(changes), router, kind, changes, reason)
            for router, kind, changes, reason in groups
            if reason
        ]
        released = {change.key for one in over if one.plan_id in approved for change in one.changes}
        held = {change.key for one in over for change in one.changes} - released
        waiting: dict[str, WithheldPlan] = {}
        for one in over:
            if any(change.key in held for change in one.changes):
                # All disables of the fleet may be those of one router: one plan, listed once.
                waiting.setdefault(one.plan_id, one)
        return Verdict(
            allowed={
                router: tuple(change for change in part.changes if change.key not in held)
                for router, part in plan.routers.items()
            },
            withheld={
                router: tuple(change for change in part.changes if change.key in held)
                for router, part in plan.routers.items()
            },
            plans=tuple(waiting.values()),
            approvals=tuple(self._approval(plan_id, known, waiting) for plan_id in approved),
            released=frozenset(released),
        )

    def _approval(self, plan_id: str, known: Mapping[str, Sequence[Change]], waiting: Collection[str]) -> Approval:
        """Return what becomes of an approved id; on routers that are only observed it releases nothing (G11)."""
        if plan_id in known:
            observed = all(change.router in self.observed for change in known[plan_id])
            return Approval(plan_id, "observed" if observed else "applied")
        if not waiting or not _PLAN_ID.fullmatch(plan_id):
            return Approval(plan_id, "unknown")
        # A plan id cannot be decoded; the replacement is known only if exactly one plan waits.
        return Approval(plan_id, "stale", next(iter(waiting)) if len(waiting) == 1 else None)

    def plan_id(self, changes: Iterable[Change]) -> str:
        """Return 16 hex digits that identify exactly these values on these secrets, the same in every process."""
        rows = sorted([change.router, change.kind.value, change.name, _target(change)] for change in changes)
        key = hmac.digest(self.key.reveal().encode(), b"unms-ros-sync plan id", hashlib.sha256)
        return hmac.new(key, json.dumps(rows).encode(), hashlib.sha256).hexdigest()[:16]

    def _router_groups(self, plan: Plan) -> Iterable[Group]:
        for router, part in plan.routers.items():
            for kind, changes in grouped(part.changes):
                yield router, kind, changes, excess(self.limits, self.day, kind, changes, part.census)

    def _fleet_group(self, plan: Plan) -> Iterable[Group]:
        """Yield all cuts of all written routers. With one router the router's own limit is enough."""
        parts = [part for router, part in plan.routers.items() if router not in self.observed]
        changes = tuple(change for part in parts for change in part.changes if change.kind in CUTS)
        if len(parts) < 2 or not changes:
            return
        enabled = sum(part.census.managed_enabled for part in parts)
        routers = [part.router for part in parts]
        yield None, kind_of(changes), changes, fleet_excess(self.limits, self.day, changes, routers, enabled)


def _target(change: Change) -> Any:
    """Return the value that the change writes, in a form that JSON can carry."""
    desired = change.desired
    if isinstance(desired, PppSecret):
        address = desired.remote_address or ""
        return [desired.password.reveal(), desired.profile, address, desired.disabled, desired.comment]
    if desired is None and change.kind is Kind.REMOTE_ADDRESS:
        return ""  # as it goes over the wire: ids stay those of earlier releases
    if change.profile is not None:
        return [change.profile, desired]
    return desired.reveal() if isinstance(desired, Masked) else desired
