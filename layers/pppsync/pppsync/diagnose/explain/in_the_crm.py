"""Pure: the part of an explanation that says what the CRM holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.core.counting_service import State, counting_service, state_of, unsettled
from pppsync.core.desired import Ignored
from pppsync.core.reasons import Problem
from pppsync.core.subscriber import ServiceStatus
from pppsync.diagnose.explain.words import clause, listed, quoted, status_word
from pppsync.diagnose.services import active_services

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pppsync.core.policy import Policy, Suspension
    from pppsync.core.subscriber import Service
    from pppsync.diagnose.explain.case import Case


def in_the_crm(case: Case, policy: Policy) -> Iterator[str]:
    """Yield who has the login, what is billed, and which of several active services counts."""
    if case.subscriber is None or case.verdict is None:
        yield f"{_nobody(case)}{_not_looked_up(case)}"
        return
    who = f"{quoted(case.name)} (subscriber {case.subscriber.id})" if case.login else f"Subscriber {case.name}"
    if isinstance(case.verdict, Ignored):
        others = f" ({listed(map(str, case.namesakes))})" if case.namesakes else ""
        problem = Problem(None, case.name, case.verdict.reason)
        yield f"{who} is left alone, because {clause(problem, others, policy)}"
        if _is_online(case):
            yield _off_but_online(case.services, policy.suspension)
        return
    service = next((one for one in case.services if one.id == case.verdict.counting), None)
    yield f"{who} {_standing(case.verdict.state, service, policy.suspension)}"
    active = active_services(case.services)
    if len(active) > 1:
        ids = listed(str(one.id) for one in active)
        yield f"it has {len(active)} active Internet services ({ids}), of which {active[-1].id}, added last, counts"


def _is_online(case: Case) -> bool:
    return any(one.sessions for one in case.held) or any(one.online for one in case.near_secrets)


def _off_but_online(services: Sequence[Service], suspension: Suspension) -> str:
    """Return that a login which is left alone is online although it must be off; empty if it need not be."""
    service = counting_service(services)
    state = state_of(service, suspension)
    if unsettled(service, services) or state is State.ENABLED:
        return ""
    return f"it {_standing(state, service, suspension)}, but online"


def _nobody(case: Case) -> str:
    if not case.login:
        return f"No client in the CRM has the id {case.name}"
    known = f"No subscriber in the CRM has the custom ID {quoted(case.name)}"
    if not case.near:
        return known
    return f"{known}, but {listed(map(quoted, case.near))} {'reads' if len(case.near) == 1 else 'read'} the same"


def _not_looked_up(case: Case) -> str:
    if case.lookup_error is None:
        return ""
    return f", though archived ones could not be looked up ({case.lookup_error.code})"


def _standing(state: State, service: Service | None, suspension: Suspension) -> str:
    if service is None:
        return "has no service in the CRM"
    which = f"service {service.id}, {quoted(service.name or service.plan_name)}"
    if state is State.OFF:
        over = "has ended" if service.status == ServiceStatus.ENDED else "is inactive"
        return f"has no running service in the CRM (the last, {which}, {over})"
    return f"is {status_word(service.status)} in the CRM ({which}){_meaning(state, service, suspension)}"


def _meaning(state: State, service: Service, suspension: Suspension) -> str:
    """Return which reason counted, and what that means; empty where nobody is restricted (R18)."""
    if suspension.profile is None or state is State.ENABLED:
        return ""
    reason = "no reason" if service.suspension_reason is None else f"reason {service.suspension_reason}"
    if state is State.RESTRICTED:
        return f" for {reason}, so it is to be restricted"
    return f" for {reason}, which policy.suspension.reasons does not name, so it is to be disabled"
