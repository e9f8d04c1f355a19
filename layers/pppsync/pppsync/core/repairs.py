"""Pure: live sessions of an enabled secret that an earlier run left wrong: dropped, or told (R12, R18)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pppsync.core.change import Kind
from pppsync.core.obstacles import address_problem, problem_of
from pppsync.core.reasons import Reason
from pppsync.core.secret_change import change_of, droppable
from pppsync.core.sessions import sessions_of
from pppsync.core.target import Access, access_given, access_wanted

if TYPE_CHECKING:
    from pppsync.core.desired import Wanted
    from pppsync.core.reasons import Problem
    from pppsync.core.rules import Finding, RouterRules
    from pppsync.core.secret import ActiveSession, RouterState, StoredSecret
    from pppsync.core.target import SuspendedProfile


def repair(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    """Return the drop of sessions on another address or still restricted, and name those that no list restricts."""
    sessions, problems = _on_another_address(wanted, secret, rules)
    findings: list[Finding] = [*problems]
    restricted: tuple[ActiveSession, ...] = ()
    if rules.suspended is not None:
        restricted = _still_restricted(wanted, secret, rules, rules.suspended)
        findings += _not_listed(wanted, secret, rules, rules.suspended)
    if not sessions and not restricted:
        return findings
    every = (*sessions, *(one for one in restricted if one not in sessions))
    change = change_of(Kind.DROP, wanted, secret, rules, (None, None), every)
    return [replace(change, reason=Reason.STILL_RESTRICTED if restricted else None), *findings]


def unlisted(secret: StoredSecret, state: RouterState, suspended: SuspendedProfile | None) -> list[ActiveSession]:
    """Return the sessions of a restricted secret of which the router showed that they are not in the list."""
    live = state.sessions_by_name.get(secret.name, ())
    if suspended is None or not live or not suspended.restricts(secret):
        return []
    ours = sessions_of(secret, state.by_name[secret.name], live)
    return [session for session in ours if not session.radius and suspended.unlisted(session)]


def _on_another_address(
    wanted: Wanted, secret: StoredSecret, rules: RouterRules
) -> tuple[tuple[ActiveSession, ...], list[Problem]]:
    """Return the sessions whose address is not the static one that the secret has."""
    address = secret.remote_address
    if not address or address != wanted.static_ip or address_problem(wanted, rules):
        return (), []
    return droppable(wanted, secret, rules, keep=address)


def _still_restricted(
    wanted: Wanted, secret: StoredSecret, rules: RouterRules, suspended: SuspendedProfile
) -> tuple[ActiveSession, ...]:
    """Return the sessions of somebody let in fully that still stand in the suspended profile's list.

    Their drop was lost. They cannot come back into the list, if only sessions of the suspended profile stand in it.
    """
    if suspended.listed is None or not suspended.exclusive or wanted.name not in rules.state.sessions_by_name:
        return ()
    given = access_given(secret, suspended)
    if access_wanted(wanted, suspended) is not Access.FULL or given is not Access.FULL:
        return ()
    sessions, _ = droppable(wanted, secret, rules)
    return tuple(session for session in sessions if session.address in suspended.listed.of_sessions)


def _not_listed(wanted: Wanted, secret: StoredSecret, rules: RouterRules, suspended: SuspendedProfile) -> list[Finding]:
    if access_wanted(wanted, suspended) is not Access.RESTRICTED:
        return []
    return [
        problem_of(wanted, rules, Reason.RESTRICTED_NOT_LISTED, f"/ppp active remove [find address={session.address}]")
        for session in unlisted(secret, rules.state, suspended)
    ]
