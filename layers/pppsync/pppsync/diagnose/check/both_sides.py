"""Pure: checks one router that was read against what the CRM wants of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pppsync.core.change import Kind
from pppsync.core.names import marked
from pppsync.core.reasons import Reason
from pppsync.core.secret import RouterState
from pppsync.diagnose.check.line import Check, some
from pppsync.diagnose.check.profiles import check_profiles

if TYPE_CHECKING:
    from pppsync.core.policy import Policy
    from pppsync.sync.decide import Survey

_HELD: Final = {
    Reason.NAME_TAKEN: "under a service that is not ours",
    Reason.NAME_CASE_DIFFERS: "in other letter case",
    Reason.NAME_LOOKS_ALIKE: "as a name that only reads the same",
}
_PASSWORDS: Final = frozenset({Kind.PASSWORD, Kind.DEFAULT_PASSWORD})


def check_sides(router: str, seen: Survey, policy: Policy) -> list[Check]:
    """Check profiles, doubles, names and passwords of one router; no line if it was not read."""
    state = seen.states[router]
    if not isinstance(state, RouterState):
        return []
    return [
        check_profiles(state, seen),
        _duplicates(state, policy),
        _names(router, seen),
        _passwords(state, seen, policy),
    ]


def _duplicates(state: RouterState, policy: Policy) -> Check:
    names = sorted(
        name
        for name, secrets in state.by_name.items()
        if len(secrets) > 1 and sum(one.ppp_service in policy.ppp_services for one in secrets) > 1
    )
    check = f"router.{state.router}.duplicates"
    if not names:
        return Check(check, True, "no name is there twice")
    shown = some([marked(name) for name in names])
    return Check(check, False, f"more than one secret of these names, whose fields are left alone: {shown}; remove one")


def _names(router: str, seen: Survey) -> Check:
    taken = {
        reason: sorted(
            _with_alike(one.name or "", reason, one.detail)
            for one in seen.plan.problems
            if (one.router, one.reason) == (router, reason)
        )
        for reason in _HELD
    }
    found = [f"{_HELD[reason]}: {some(names)}" for reason, names in taken.items() if names]
    if not found:
        return Check(f"router.{router}.names", True, "no subscriber's name is taken")
    return Check(f"router.{router}.names", False, f"subscribers' names held {'; '.join(found)}; rename one side")


def _with_alike(name: str, reason: Reason, alike: str) -> str:
    return marked(name) if reason is Reason.NAME_TAKEN else f"{marked(name)} (`{alike}`)"


def _passwords(state: RouterState, seen: Survey, policy: Policy) -> Check:
    """Count the passwords that the next run changes: who is online proves that the router's password is right."""
    name = f"router.{state.router}.passwords"
    if not state.passwords_readable:
        return Check(name, True, f"not compared: see router.{state.router}.policies")
    if seen.crm.password_attribute is None:
        return Check(name, True, "not compared: see crm.password_attribute")
    changes = [one for one in seen.plan.routers[state.router].changes if one.kind in _PASSWORDS]
    online = sorted(marked(one.name) for one in changes if one.sessions)
    if not changes:
        return Check(name, True, "the next run changes no password")
    differ = f"the next run would change {len(changes)} password{'s' if len(changes) > 1 else ''} of this router"
    if not online:
        return Check(name, True, f"note: {differ}; none of these logins is online")
    proof = f"{len(online)} of these logins are online, which proves that the router's password is right"
    remedy = f"correct the CRM, or import the router's passwords (pass_import, overwrite): {some(online)}"
    many = len(online) > policy.guard.min
    return Check(name, not many, f"{'' if many else 'note: '}{differ}; {proof}; {remedy}")
