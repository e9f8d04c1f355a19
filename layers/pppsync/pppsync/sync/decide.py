"""Both sides as read, and all that follows from them: what a run acts on, and what `explain` and `check` talk about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pppsync.core.desired import judge_all
from pppsync.core.guard import Guard
from pppsync.core.placement import Fleet
from pppsync.core.plan import build_plan
from pppsync.errors import RouterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from pppsync.config.settings import Settings
    from pppsync.core.desired import Desired
    from pppsync.core.guard import Verdict
    from pppsync.core.plan import Plan
    from pppsync.core.secret import RouterState
    from pppsync.core.subscriber import CrmState
    from pppsync.crm.client import UispClient
    from pppsync.net.deadline import Deadline
    from pppsync.routers.gateway import RouterGateway

ROUTERS_AT_ONCE: Final = 64

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


def survey(
    settings: Settings, crm: UispClient, gateways: Sequence[RouterGateway], pool: Executor, deadline: Deadline
) -> Survey:
    """Read both sides at the same time; raises `CrmError` if the CRM cannot be read as a whole."""
    return conclude(settings, *read_both(crm, gateways, pool, deadline))


def read_both(
    crm: UispClient, gateways: Sequence[RouterGateway], pool: Executor, deadline: Deadline
) -> tuple[CrmState, States]:
    """The whole CRM, and each router or why it could not be read; raises `CrmError`."""
    reads = [pool.submit(_read, gateway, deadline) for gateway in gateways]
    crm_state = crm.read(deadline)
    return crm_state, dict(future.result() for future in reads)


def fleet_of(settings: Settings, states: States) -> Fleet:
    """All configured routers, with the state of those that could be read."""
    return Fleet(
        names=tuple(router.name for router in settings.routers),
        default=next((router.name for router in settings.routers if router.default), None),
        states={name: state for name, state in states.items() if not isinstance(state, RouterError)},
        ppp_services=settings.policy.ppp_services,
    )


def conclude(settings: Settings, crm_state: CrmState, states: States) -> Survey:
    """All that follows from what was read; does no I/O."""
    desired = judge_all(crm_state.subscribers, crm_state.services, settings.policy)
    fleet = fleet_of(settings, states)
    plan = build_plan(desired, fleet, settings.policy, passwords_known=crm_state.password_attribute is not None)
    return Survey(crm_state, states, desired, fleet, plan)


def review(settings: Settings, plan: Plan, approved: Sequence[str] = ()) -> Verdict:
    """What the guard lets pass of a plan, and what it withholds."""
    observed = [router.name for router in settings.routers if router.mode == "observe"]
    return Guard(settings.policy.guard, settings.crm.key, observed).review(plan, approved)


def _read(gateway: RouterGateway, deadline: Deadline) -> tuple[str, RouterState | RouterError]:
    try:
        return gateway.settings.name, gateway.read(deadline)
    except RouterError as error:
        return gateway.settings.name, error
