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
* The journal keeps a withheld plan as one HMAC a change. So an approved id releases what is still due of it, also after
  somebody paid or more came. What came since waits under an id of its own.
* If one approved id is unknown, no approval holds and nothing at all is written.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pppsync.core.approval import Approval, Release, released_keys, settle, still_due
from pppsync.core.change import CUTS, Kind
from pppsync.core.limits import excess, fleet_excess, grouped, is_daily, kind_of
from pppsync.core.masked import Masked
from pppsync.core.secret import PppSecret

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pppsync.core.approval import Earlier
    from pppsync.core.change import Change, ChangeKey
    from pppsync.core.limits import Day, GroupKind
    from pppsync.core.plan import Plan
    from pppsync.core.policy import GuardLimits

_MARK_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class WithheldPlan:
    """Changes of one kind that wait for an approval; `router` is None for the plan over all routers.

    `marks` are the HMACs of its changes, which the journal keeps.
    """

    plan_id: str
    router: str | None
    kind: GroupKind
    changes: tuple[Change, ...]
    reason: str
    marks: frozenset[str] = field(default=frozenset(), compare=False)


type Group = tuple[str | None, GroupKind, tuple[Change, ...], str | None]
"""Router, kind, changes, and how they pass a limit: what is withheld together."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be applied, by router and in order, and what waits; `approvals` answer every id that was asked for.

    `released` are the changes that an approval lets pass. `earlier` are plans of the journal that wait no more as they
    were, with what is due of them.
    """

    allowed: Mapping[str, tuple[Change, ...]]
    withheld: Mapping[str, tuple[Change, ...]]
    plans: tuple[WithheldPlan, ...]
    approvals: tuple[Approval, ...]
    released: frozenset[ChangeKey] = field(default=frozenset(), compare=False)
    earlier: tuple[Release, ...] = field(default=(), compare=False)

    @property
    def refused(self) -> bool:
        """True if an approved id is unknown: then nothing at all may be written (G4)."""
        return any(one.result == "unknown" for one in self.approvals)

    def counted(self, router: str) -> Counter[Kind]:
        """Count the allowed changes of a router that the day's limit counts: those that nobody approved (G13)."""
        mine = (change for change in self.allowed[router] if is_daily(change) and change.key not in self.released)
        return Counter(change.kind for change in mine)


@dataclass(frozen=True, slots=True)
class Guard:
    """The limits, the key that plan ids are made with, the routers that are only observed, and the day so far.

    `earlier` are the plans of the journal that an approval may name; None without a journal.
    """

    limits: GuardLimits
    key: Masked
    observed: Collection[str] = ()
    day: Day | None = None
    earlier: Earlier | None = None

    def review(self, plan: Plan, approved: Sequence[str], whole: Plan | None = None) -> Verdict:
        """Divide a plan into what may be applied and what is withheld; approving lifts only this (G4).

        `whole` is the plan before the event's filters, `plan` itself unless it is given.
        """
        groups = [*self._router_groups(plan), *self._fleet_group(plan)]
        earlier = self._earlier(whole or plan)
        releases = self._releases(groups, earlier, approved) if approved else []
        released = released_keys(releases)
        waiting = self._waiting(groups, released)
        held = {change.key for one in waiting.values() for change in one.changes}
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
            approvals=settle(
                releases, self._written(plan) if releases else (), lambda one: self._successor(one, waiting)
            ),
            released=released,
            earlier=tuple(one for plan_id, one in earlier.items() if one.due and plan_id not in waiting),
        )

    def _written(self, plan: Plan) -> frozenset[ChangeKey]:
        parts = (part for router, part in plan.routers.items() if router not in self.observed)
        return frozenset(change.key for part in parts for change in part.changes)

    def _earlier(self, plan: Plan) -> dict[str, Release]:
        """Return the plans of the journal by id, with what is due of them."""
        if not self.earlier:
            return {}
        marks: defaultdict[str, list[Change]] = defaultdict(list)
        for part in plan.routers.values():
            for change in part.changes:
                marks[self.mark(change)].append(change)
        return {plan_id: still_due(plan_id, one, marks) for plan_id, one in self.earlier.items()}

    def _releases(
        self, groups: Iterable[Group], earlier: Mapping[str, Release], approved: Sequence[str]
    ) -> list[Release]:
        """Return what each approved id names: a group of now, else what is due of an earlier plan, else nothing."""
        found: dict[str, Release] = {}
        for router, kind, changes, _ in groups:
            plan_id = self.plan_id(changes)
            # As in `_waiting`: all cuts of the fleet that are those of one router are that router's plan.
            found.setdefault(plan_id, Release(plan_id, router, str(kind), len(changes), changes))
        return [found.get(plan_id) or earlier.get(plan_id) or Release(plan_id) for plan_id in approved]

    def _waiting(self, groups: Iterable[Group], released: Collection[ChangeKey]) -> dict[str, WithheldPlan]:
        """Return the plans that wait, by id; what an approval leaves of one waits under an id of its own."""
        waiting: dict[str, WithheldPlan] = {}
        for router, kind, changes, reason in groups:
            left = tuple(change for change in changes if change.key not in released)
            if reason and left:
                approved = len(changes) - len(left)
                sentence = f"{reason}; {approved} of them are approved" if approved else reason
                marks = frozenset(map(self.mark, left))
                # All cuts of the fleet may be those of one router: one plan, listed once.
                waiting.setdefault(
                    self.plan_id(left), WithheldPlan(self.plan_id(left), router, kind, left, sentence, marks)
                )
        return waiting

    def _successor(self, release: Release, waiting: Mapping[str, WithheldPlan]) -> str | None:
        """Return the id of what stays withheld of the router and kind that an approved id names."""
        if release.kind is None:
            # Without a journal an id says nothing; the plan that took its place is known if exactly one waits.
            return next(iter(waiting)) if self.earlier is None and len(waiting) == 1 else None
        same = (one for one in waiting.values() if (one.router, str(one.kind)) == (release.router, release.kind))
        return next((one.plan_id for one in same), None)

    def mark(self, change: Change) -> str:
        """Return 32 hex digits that identify this value on this secret; they give away nothing of it."""
        row = json.dumps(_row(change)).encode()
        return hmac.new(self._derived(), row, hashlib.sha256).hexdigest()[:_MARK_DIGITS]

    def plan_id(self, changes: Iterable[Change]) -> str:
        """Return 16 hex digits that identify exactly these values on these secrets, the same in every process."""
        rows = sorted(map(_row, changes))
        return hmac.new(self._derived(), json.dumps(rows).encode(), hashlib.sha256).hexdigest()[:16]

    def _derived(self) -> bytes:
        return hmac.digest(self.key.reveal().encode(), b"unms-ros-sync plan id", hashlib.sha256)

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


def _row(change: Change) -> list[Any]:
    return [change.router, change.kind.value, change.name, _target(change)]


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
