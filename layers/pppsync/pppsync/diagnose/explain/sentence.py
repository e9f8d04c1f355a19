"""Pure: one sentence about one login: what the CRM says, what the routers hold, what the next run does."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from pppsync.core.change import Kind
from pppsync.core.counting_service import State
from pppsync.core.desired import Ignored, Wanted
from pppsync.core.reasons import Problem, Reason
from pppsync.core.secret import PppSecret
from pppsync.core.subscriber import ServiceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pppsync.core.change import Change
    from pppsync.core.policy import Policy
    from pppsync.core.secret import StoredSecret
    from pppsync.core.subscriber import Service
    from pppsync.diagnose.explain.case import Case, Held, Step

_STOPS_ALL: Final = frozenset({"name_taken", "name_case_differs", "duplicate_secret", "login_on_two_routers"})
_OFFLINE: Final = (
    "if the customer cannot get in, look at the password in the customer's device, at the line and at the router's log"
)


def why(problem: Problem, policy: Policy) -> str:
    """Return the clause that tells one problem; it follows `because` as well as `note that`."""
    return problem.reason.clause.format(
        router=problem.router or "the router",
        detail=problem.detail,
        subscriber=problem.subscriber,
        tag=policy.unmanaged_tag,
        router_attribute=policy.router_attribute,
    )


def sentence(case: Case, policy: Policy) -> str:
    """The sentence; parts are divided by semicolons."""
    parts = [_in_the_crm(case, policy), _on_the_routers(case, policy), *_next_run(case, policy), *_unread(case)]
    return f"{'; '.join(filter(None, parts))}."


def status_word(status: int) -> str:
    """A service's status in words."""
    known = {one.value: one.name.lower().replace("_", " ") for one in ServiceStatus}
    return known.get(status, f"unknown ({status})")


def _in_the_crm(case: Case, policy: Policy) -> str:
    if case.subscriber is None or case.verdict is None:
        return _nobody(case)
    who = f"{case.name} (subscriber {case.subscriber.id})"
    if isinstance(case.verdict, Ignored):
        others = f" ({_listed(map(str, case.namesakes))})" if case.namesakes else ""
        return f"{who} is left alone, because {why(Problem('', case.name, case.verdict.reason, others), policy)}"
    service = next((one for one in case.services if one.id == case.verdict.counting), None)
    return f"{who} {_standing(case.verdict.state, service)}"


def _nobody(case: Case) -> str:
    known = f"No subscriber in the CRM has the custom ID {case.name}"
    if case.near:
        known += f" ({' and '.join(case.near)} differs from it in letter case or blanks)"
    if case.lookup_error:
        known += f", though archived ones could not be looked up ({case.lookup_error.code})"
    return known


def _standing(state: State, service: Service | None) -> str:
    if service is None:
        return "has no service in the CRM"
    which = f"service {service.id}, {service.name or service.plan_name}"
    if state is State.OFF:
        over = "has ended" if service.status == ServiceStatus.ENDED else "is inactive"
        return f"has no running service in the CRM (the last, {which}, {over})"
    return f"is {status_word(service.status)} in the CRM ({which})"


def _on_the_routers(case: Case, policy: Policy) -> str:
    if not case.held:
        return f"no router{' that could be read' if case.unread else ''} holds a secret of this name"
    return ", and ".join(_holding(one, policy) for one in case.held)


def _holding(held: Held, policy: Policy) -> str:
    if len(held.secrets) != 1:
        number = len(held.secrets) or "no"
        return f"{held.router} holds {number} secrets of this name, {_online(held)}"
    (secret,) = held.secrets
    return f"{held.router} holds its secret, {_secret(secret, policy)}{_online(held)}"


def _secret(secret: StoredSecret, policy: Policy) -> str:
    foreign = "" if secret.ppp_service in policy.ppp_services else f"under the service {secret.ppp_service}, "
    return f"{foreign}{'disabled' if secret.disabled else 'enabled'} and "


def _online(held: Held) -> str:
    if not held.sessions:
        return "offline"
    number = f" with {len(held.sessions)} sessions" if len(held.sessions) > 1 else ""
    return f"online{number}{' through RADIUS' if any(one.radius for one in held.sessions) else ''}"


def _next_run(case: Case, policy: Policy) -> list[str]:
    whys = list(dict.fromkeys(why(problem, policy) for problem in case.problems))
    if case.verdict is None:
        return whys
    if isinstance(case.verdict, Ignored):
        return [f"the next run changes nothing{_aside(whys)}"]
    if case.steps:
        return [*_steps(case.steps), *([f"note that {_listed(whys, 'that')}"] if whys else [])]
    if _agrees(case):
        if whys:
            return [
                "nothing that can be set differs, so the next run changes nothing",
                f"note that {_listed(whys, 'that')}",
            ]
        return ["both sides agree, so the next run changes nothing", _hint(case)]
    if whys:
        return [f"the next run changes nothing, because {_listed(whys, 'because')}"]
    return ["nothing is created for it, so the next run changes nothing"]


def _aside(whys: Sequence[str]) -> str:
    return f" (note that {_listed(whys, 'that')})" if whys else ""


def _agrees(case: Case) -> bool:
    """True if the login's own router holds it and nothing but single fields stands in the way."""
    at_home = case.placement is not None and case.placement.home in {one.router for one in case.held if one.secrets}
    return at_home and not any(problem.reason in _STOPS_ALL for problem in case.problems)


def _hint(case: Case) -> str:
    """Where to look if a login that is as it should be does not get in."""
    enabled = isinstance(case.verdict, Wanted) and case.verdict.state is State.ENABLED
    return _OFFLINE if enabled and not any(one.sessions for one in case.held) else ""


def _steps(steps: Sequence[Step]) -> list[str]:
    """One clause for all that happens alike on one router."""
    groups = groupby(steps, key=lambda step: (step.change.router, step.observed, step.plan_ids))
    return [_clause(*key, [step.change for step in group]) for key, group in groups]


def _clause(router: str, observed: bool, plan_ids: tuple[str, ...], changes: Sequence[Change]) -> str:
    deeds = [deed for change in changes if (deed := _deed(change))]
    dropped = max(len(change.sessions) for change in changes)
    if dropped:
        astray = changes[0].kind is Kind.DROP and changes[0].wanted.state is State.ENABLED
        sessions = "its session" if dropped == 1 else f"its {dropped} sessions"
        deeds.append(f"drop {sessions}{', which has another address,' if astray else ''}")
    done = _listed(deeds)
    if observed:
        return f"the next run would {done} on {router}, but that router is only observed"
    if plan_ids:
        return f"the next run would {done} on {router}, but that waits for the approval of plan {_listed(plan_ids)}"
    return f"the next run will {done} on {router}"


def _deed(change: Change) -> str:
    """What a change does, in words; empty for a bare drop."""
    actual, desired = change.actual, change.desired
    if change.kind is Kind.CREATE and isinstance(desired, PppSecret):
        return f"create it, {'disabled' if desired.disabled else 'enabled'} and with the profile {desired.profile},"
    if change.kind is Kind.DISABLE:
        return "disable it, since that is not its own router," if change.reason == Reason.MOVED else "disable it"
    if change.kind is Kind.PROFILE:
        return f"change its profile from {actual} to {desired}"
    if change.kind is Kind.REMOTE_ADDRESS:
        return _address_deed(str(actual or ""), str(desired or ""))
    return _SIMPLE[change.kind]


_SIMPLE: Final = {
    Kind.ENABLE: "enable it",
    Kind.PASSWORD: "set its password to the CRM's",
    Kind.DEFAULT_PASSWORD: "set its password to the registration date",
    Kind.DROP: "",
}


def _address_deed(actual: str, desired: str) -> str:
    if not desired:
        return f"take its address {actual} away"
    return f"change its address from {actual} to {desired}" if actual else f"set its address to {desired}"


def _unread(case: Case) -> list[str]:
    return [f"{router} could not be read ({error.code})" for router, error in case.unread.items()]


def _listed(parts: Iterable[str], again: str = "") -> str:
    """`a, b and c`; `again` is said once more before each further part."""
    *first, last = parts
    link = f" and {again} " if again else " and "
    separator = f", {again} " if again else ", "
    return f"{separator.join(first)}{link}{last}" if first else last
