"""Decides what follows from both sides as read: what a run acts on, and what `explain` and `check` report. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pppsync.core.desired import judge_all
from pppsync.core.guard import Guard
from pppsync.core.placement import Fleet
from pppsync.core.plan import build_plan
from pppsync.errors import RouterError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pppsync.config.settings import Settings
    from pppsync.core.approval import Earlier
    from pppsync.core.desired import Desired
    from pppsync.core.guard import Verdict
    from pppsync.core.limits import Day
    from pppsync.core.plan import Plan
    from pppsync.core.secret import RouterState
    from pppsync.core.subscriber import CrmState

type States = Mapping[str, RouterState | RouterError]
"""Each router by name, or why it could not be read."""


@dataclass(frozen=True, slots=True)
class Survey:
    """The whole CRM, every router that answered, and the plan of all that would have to change."""

    crm: CrmState
    states: States
    desired: Desired
    fleet: Fleet
    plan: Plan


def fleet_of(settings: Settings, states: States) -> Fleet:
    """Return all configured routers, with the state of those that could be read."""
    return Fleet(
        names=tuple(router.name for router in settings.routers),
        default=next((router.name for router in settings.routers if router.default), None),
        states={name: state for name, state in states.items() if not isinstance(state, RouterError)},
        ppp_services=settings.policy.ppp_services,
    )


def conclude(settings: Settings, crm_state: CrmState, states: States) -> Survey:
    """Return all that follows from what was read."""
    desired = judge_all(crm_state.subscribers, crm_state.services, settings.policy)
    fleet = fleet_of(settings, states)
    plan = build_plan(desired, fleet, settings.policy, passwords_known=crm_state.password_attribute is not None)
    return Survey(crm_state, states, desired, fleet, plan)


def review(  # noqa: PLR0913, PLR0917 - one parameter for each thing that the journal or the event adds
    settings: Settings,
    plan: Plan,
    approved: Sequence[str] = (),
    day: Day | None = None,
    earlier: Earlier | None = None,
    whole: Plan | None = None,
    held: Collection[str] = (),
) -> Verdict:
    """Return what the guard allows of a plan, and what it withholds.

    `whole` is the plan before the event's filters. `held` routers count like observed ones.
    """
    observed = [router.name for router in settings.routers if router.mode == "observe" or router.name in held]
    return Guard(settings.policy.guard, settings.crm.key, observed, day, earlier).review(plan, approved, whole)
