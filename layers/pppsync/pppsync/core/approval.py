"""Pure: what an approved plan id releases now: those of its changes that are still due (G4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from pppsync.core.change import Change, ChangeKey

type Result = Literal["applied", "observed", "unknown"]
type Earlier = Mapping[str, EarlierPlan]
"""The plans that the journal knows, by id."""


@dataclass(frozen=True, slots=True)
class EarlierPlan:
    """A plan that was withheld within the last 7 days; `router` is None for the plan over all routers.

    `marks` names its changes by one HMAC each. `count` is their number: doubles of one name share a mark. `names` are
    the first logins in order.
    """

    router: str | None
    kind: str
    count: int
    marks: frozenset[str]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """The result of an id that somebody approved.

    `released` counts its changes that the guard lets pass, `gone` those that are not due any more. `now` is the id of
    what stays withheld of that router and kind, None if nothing does.
    """

    plan_id: str
    result: Result
    released: int = 0
    gone: int = 0
    now: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """The changes of a plan id that are due now, and how many it had; none are due of an id that is unknown.

    `names` are the first logins that it had, in order.
    """

    plan_id: str
    router: str | None = None
    kind: str | None = None
    count: int = 0
    due: tuple[Change, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def gone(self) -> int:
        """The changes that are not due any more."""
        return max(0, self.count - len(self.due))


def still_due(plan_id: str, plan: EarlierPlan, marks: Mapping[str, Sequence[Change]]) -> Release:
    """Return what is due now of an earlier plan; `marks` are all changes of now by their HMAC."""
    due = tuple(change for mark in sorted(plan.marks) for change in marks.get(mark, ()))
    return Release(plan_id, plan.router, plan.kind, plan.count, due, plan.names)


def settle(
    releases: Iterable[Release],
    written: Collection[ChangeKey],
    now: Callable[[Release], str | None],
) -> tuple[Approval, ...]:
    """Return the answer for each id: if one is unknown, nothing at all is written, so none of them is applied.

    `written` are the changes that the run may make, without those of routers that are observed or on hold (G11, G14)
    and those that the event's filters leave out: of others an approval releases nothing.
    """
    releases = tuple(releases)
    refused = any(not one.due for one in releases)
    found = []
    for one in releases:
        if not one.due:
            found.append(Approval(one.plan_id, "unknown", now=now(one)))
            continue
        released = 0 if refused else sum(change.key in written for change in one.due)
        found.append(Approval(one.plan_id, "applied" if released else "observed", released, one.gone, now(one)))
    return tuple(found)


def released_keys(releases: Iterable[Release]) -> frozenset[ChangeKey]:
    """Return the changes that an approval lets pass; none if one of the ids is unknown."""
    releases = tuple(releases)
    if any(not one.due for one in releases):
        return frozenset()
    return frozenset(change.key for one in releases for change in one.due)
