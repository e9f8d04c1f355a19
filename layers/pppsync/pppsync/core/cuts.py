"""Pure: every secret that a router holds of one login, cut or let in as a whole (R6, R12, R16)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pppsync.core.change import Change, Kind
from pppsync.core.counting_service import State
from pppsync.core.obstacles import problem_of
from pppsync.core.reasons import Problem, Reason
from pppsync.core.secret_change import change_of, droppable, enable
from pppsync.core.sessions import sessions_of
from pppsync.core.target import Access, access_given

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pppsync.core.desired import Wanted
    from pppsync.core.rules import Finding, RouterRules
    from pppsync.core.secret import StoredSecret


def cut(wanted: Wanted, rules: RouterRules, reason: Reason | None) -> list[Finding]:
    """Disable a login where it must be off, every secret of its name, and drop what is left of it (R6, R12, R16)."""
    ours = rules.ours(rules.state.by_name.get(wanted.name, ()))
    in_order = ours if len(ours) < 2 else sorted(ours, key=lambda one: one.id)
    findings = [finding for secret in in_order for finding in cut_one(wanted, secret, rules, reason)]
    return findings if len(ours) < 2 else [_doubled(wanted, ours, rules), *_each_session_once(findings)]


def cut_one(wanted: Wanted, secret: StoredSecret, rules: RouterRules, reason: Reason | None = None) -> list[Finding]:
    """Disable one secret, or drop the sessions that live on although it is disabled."""
    sessions, problems = droppable(wanted, secret, rules)
    if not secret.disabled:
        change = change_of(Kind.DISABLE, wanted, secret, rules, ("no", "yes"), sessions)
        return [replace(change, reason=reason), *problems]
    if sessions:
        change = change_of(Kind.DROP, wanted, secret, rules, (None, None), sessions)
        return [replace(change, reason=reason), *problems]
    return [*problems]


def _each_session_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings; a session that two secrets of one name let in is dropped with the first of them."""
    seen: set[str] = set()
    for finding in findings:
        if not isinstance(finding, Change):
            yield finding
            continue
        sessions = tuple(session for session in finding.sessions if session.id not in seen)
        seen.update(session.id for session in sessions)
        if sessions or finding.kind is not Kind.DROP:
            yield replace(finding, sessions=sessions)


def let_in(wanted: Wanted, rules: RouterRules, reason: Reason | None) -> list[Finding]:
    """Enable every disabled secret of a login, and nothing else (R6, R16)."""
    ours = rules.ours(rules.state.by_name.get(wanted.name, ()))
    return [enable(wanted, secret, rules, reason) for secret in ours if secret.disabled]


def doubles(wanted: Wanted, ours: Sequence[StoredSecret], rules: RouterRules) -> list[Finding]:
    """Return what is done to several secrets of one name (R6): only what nobody can want otherwise."""
    if wanted.state is not State.ENABLED:
        return cut(wanted, rules, None)
    enables = let_in(wanted, rules, None) if all(secret.disabled for secret in ours) else []
    return [_doubled(wanted, ours, rules), *enables, *stays_restricted(wanted, rules)]


def stays_restricted(wanted: Wanted, rules: RouterRules) -> list[Finding]:
    """Return that a paid login of which no profile is written stays restricted by one of its secrets (R18)."""
    suspended = rules.suspended
    if suspended is None:
        return []
    ours = rules.ours(rules.state.by_name.get(wanted.name, ()))
    let_in_after = [replace(one, disabled=False) for one in ours] if all(one.disabled for one in ours) else ours
    if any(access_given(one, suspended) is Access.RESTRICTED for one in let_in_after):
        return [problem_of(wanted, rules, Reason.PAID_RESTRICTED, "several secrets have its name")]
    return []


def is_online(wanted: Wanted, rules: RouterRules) -> bool:
    """Return True if a secret of this login let in a live session on the router."""
    held = rules.state.by_name.get(wanted.name, ())
    live = rules.state.sessions_by_name.get(wanted.name, ())
    return any(sessions_of(secret, held, live) for secret in rules.ours(held))


def _doubled(wanted: Wanted, ours: Sequence[StoredSecret], rules: RouterRules) -> Problem:
    return problem_of(wanted, rules, Reason.DUPLICATE_SECRET, f"{len(ours)} secrets")
