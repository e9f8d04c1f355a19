"""Pure: the part of an explanation that says what the next run does, and why it does no more."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from pppsync.core.change import Kind
from pppsync.core.counting_service import State
from pppsync.core.desired import Ignored, Wanted
from pppsync.core.reasons import Reason
from pppsync.core.secret import PppSecret
from pppsync.diagnose.explain.words import listed, quoted, why

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pppsync.core.change import Change
    from pppsync.core.hold import Hold
    from pppsync.core.policy import Policy
    from pppsync.diagnose.explain.case import Case, Step

_STOPS_ALL: Final = frozenset(
    {
        Reason.NAME_TAKEN,
        Reason.NAME_CASE_DIFFERS,
        Reason.NAME_LOOKS_ALIKE,
        Reason.DUPLICATE_SECRET,
        Reason.LOGIN_ON_TWO_ROUTERS,
    }
)
_OFFLINE: Final = (
    "if the customer cannot get in, look at the password in the customer's device, at the line and at the router's log"
)


def next_run(case: Case, policy: Policy) -> list[str]:
    """Return what the next run does about the login, and why it does no more."""
    whys = _whys(case, policy, lambda reason: reason is not Reason.SUSPENDED_ONLINE)
    if isinstance(case.verdict, Wanted):
        # That somebody is online is no cause of what the next run does: it stands for itself, at the end.
        return [*_done(case, whys), *_whys(case, policy, lambda reason: reason is Reason.SUSPENDED_ONLINE)]
    return _done(case, whys)


def _whys(case: Case, policy: Policy, told: Callable[[Reason], bool]) -> list[str]:
    return list(dict.fromkeys(why(problem, policy) for problem in case.problems if told(problem.reason)))


def _done(case: Case, whys: list[str]) -> list[str]:
    if case.verdict is None:
        return whys if case.login else []
    if isinstance(case.verdict, Ignored):
        return [f"the next run changes nothing{_aside(whys)}"]
    if case.steps:
        return [*_steps(case.steps), *([f"note that {listed(whys, 'that')}"] if whys else [])]
    if _agrees(case):
        if whys:
            return [
                "nothing that can be set differs, so the next run changes nothing",
                f"note that {listed(whys, 'that')}",
            ]
        return ["both sides agree, so the next run changes nothing", _hint(case)]
    if whys:
        return [f"the next run changes nothing, because {listed(whys, 'because')}"]
    return ["nothing is created for it, so the next run changes nothing"]


def _aside(whys: Sequence[str]) -> str:
    return f" (note that {listed(whys, 'that')})" if whys else ""


def _agrees(case: Case) -> bool:
    """Return True if the login's own router holds it, and at most single fields cannot be written."""
    on_its_own = case.placement is not None and case.placement.home in {one.router for one in case.held if one.secrets}
    return on_its_own and not any(problem.reason in _STOPS_ALL for problem in case.problems)


def _hint(case: Case) -> str:
    """Return where to look if a customer cannot get in although both sides agree."""
    enabled = isinstance(case.verdict, Wanted) and case.verdict.state is State.ENABLED
    return _OFFLINE if enabled and not any(one.sessions for one in case.held) else ""


def _steps(steps: Sequence[Step]) -> list[str]:
    """Return one clause for the changes of one router that are made, observed or withheld together."""
    groups = groupby(steps, key=lambda step: (step.change.router, step.observed, step.plan_ids, step.hold))
    return [_clause(*key, [step.change for step in group]) for key, group in groups]


def _clause(
    router: str, observed: bool, plan_ids: tuple[str, ...], hold: Hold | None, changes: Sequence[Change]
) -> str:
    # Two secrets of one name may need the same, and two values of one secret drop the same session.
    actions = list(dict.fromkeys(action for change in changes if (action := _action(change))))
    dropped = len({session.id for change in changes for session in change.sessions})
    if dropped:
        sessions = "its session" if dropped == 1 else f"its {dropped} sessions"
        actions.append(f"drop {sessions}{_which(changes[0])}")
    done = listed(actions)
    if observed:
        return f"the next run would {done} on {router}, but that router is only observed"
    if hold:
        return f"the next run would {done} on {router}, but nothing is written there: it is {hold.sentence}"
    if plan_ids:
        return f"the next run would {done} on {router}, but that waits for the approval of plan {listed(plan_ids)}"
    return f"the next run will {done} on {router}"


def _which(change: Change) -> str:
    """Return why a session of an enabled secret is dropped for itself; empty for every other drop."""
    if change.kind is not Kind.DROP or change.secret is None or change.secret.disabled:
        return ""
    return (
        ", which is still restricted," if change.reason is Reason.STILL_RESTRICTED else ", which has another address,"
    )


def _action(change: Change) -> str:
    """Return what a change does, in words; empty for a bare drop."""
    actual, desired = change.actual, change.desired
    if change.kind is Kind.CREATE and isinstance(desired, PppSecret):
        flag = "disabled" if desired.disabled else "enabled"
        return f"create it, {flag} and with the profile {quoted(desired.profile)},"
    if change.kind is Kind.DISABLE:
        return "disable it, since that is not its own router," if change.reason == Reason.MOVED else "disable it"
    if change.kind is Kind.ENABLE and change.profile is not None:
        return f"enable it with the profile {quoted(change.profile)}"
    if change.kind is Kind.RESTRICT:
        return f"restrict it by the profile {quoted(str(desired))}"
    if change.kind in {Kind.PROFILE, Kind.RESTORE}:
        return f"change its profile from {quoted(str(actual))} to {quoted(str(desired))}"
    if change.kind is Kind.REMOTE_ADDRESS:
        return _address_action(str(actual or ""), str(desired or ""))
    return _SIMPLE[change.kind]


_SIMPLE: Final = {
    Kind.ENABLE: "enable it",
    Kind.PASSWORD: "set its password to the CRM's",
    Kind.DEFAULT_PASSWORD: "set its password to the registration date",
    Kind.DROP: "",
}


def _address_action(actual: str, desired: str) -> str:
    if not desired:
        return f"take its address {actual} away"
    return f"change its address from {actual} to {desired}" if actual else f"set its address to {desired}"
