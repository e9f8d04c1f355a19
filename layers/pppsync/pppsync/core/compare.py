"""Pure: one login on one router, what the CRM wants beside what the router holds.

For a login on its own router:

    want      have         what is planned
    enabled   nothing      create
    enabled   disabled     enable, and every field that differs
    enabled   enabled      every field that differs; drop a session on another address
    disabled  nothing      create, disabled
    disabled  enabled      disable, and every field that differs
    disabled  disabled     every field that differs; drop a session that still lives
    off       nothing      nothing
    off       anything     disable, and the password if it differs; drop a session that still lives
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pppsync.core.change import Change, Kind
from pppsync.core.counting_service import State
from pppsync.core.creation import create
from pppsync.core.obstacles import address_problem, alike_problem, problem_of, profile_problem
from pppsync.core.reasons import Problem, Reason
from pppsync.core.sessions import services_of_others, sessions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pppsync.core.desired import Wanted
    from pppsync.core.masked import Masked
    from pppsync.core.rules import Finding, RouterRules
    from pppsync.core.secret import ActiveSession, StoredSecret


def compare_home(wanted: Wanted, rules: RouterRules) -> list[Finding]:
    """Return what has to happen to a login on the router that is its own."""
    held = rules.state.by_name.get(wanted.name, ())
    ours = rules.ours(held)
    if len(ours) > 1:
        return _doubles(wanted, ours, rules)
    if not held:
        problem = alike_problem(wanted, rules.state, rules.logins)
        if problem:
            return [problem]
        return [] if wanted.state is State.OFF else create(wanted, rules)
    if not ours:
        return [problem_of(wanted, rules, Reason.NAME_TAKEN, held[0].ppp_service)]
    secret = ours[0]
    findings = [*_online_elsewhere(wanted, held, rules), *_compare_password(wanted, secret, rules)]
    if wanted.state is not State.OFF:
        findings += _compare_profile(wanted, secret, rules)
        if secret.remote_address or wanted.static_ip or wanted.static_ip_refused is not None:
            findings += _compare_address(wanted, secret, rules)
    if secret.disabled or secret.remote_address or wanted.state is not State.ENABLED:
        findings += _compare_flag(wanted, secret, rules)
    return findings


def cut(wanted: Wanted, rules: RouterRules, reason: Reason | None) -> list[Finding]:
    """Disable a login where it must be off, every secret of its name, and drop what is left of it (R6, R12, R16)."""
    ours = rules.ours(rules.state.by_name.get(wanted.name, ()))
    in_order = ours if len(ours) < 2 else sorted(ours, key=lambda one: one.id)
    findings = [finding for secret in in_order for finding in _cut_one(wanted, secret, rules, reason)]
    return findings if len(ours) < 2 else [_doubled(wanted, ours, rules), *_each_session_once(findings)]


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
    return [_enable(wanted, secret, rules, reason) for secret in ours if secret.disabled]


def is_online(wanted: Wanted, rules: RouterRules) -> bool:
    """Return True if a secret of this login let in a live session on the router."""
    held = rules.state.by_name.get(wanted.name, ())
    live = rules.state.sessions_by_name.get(wanted.name, ())
    return any(sessions_of(secret, held, live) for secret in rules.ours(held))


def _online_elsewhere(wanted: Wanted, held: Sequence[StoredSecret], rules: RouterRules) -> list[Finding]:
    """Return that somebody who must be off is online by a secret of another service, which is never touched (R1)."""
    if wanted.state is State.ENABLED or len(held) == 1:
        return []
    live = rules.state.sessions_by_name.get(wanted.name, ())
    services = sorted(
        secret.ppp_service
        for secret in held
        if secret.ppp_service not in rules.policy.ppp_services and sessions_of(secret, held, live)
    )
    return [problem_of(wanted, rules, Reason.NAME_TAKEN, f"{one}, and online by it") for one in services]


def _doubles(wanted: Wanted, ours: Sequence[StoredSecret], rules: RouterRules) -> list[Finding]:
    """Return what is done to several secrets of one name (R6): only what nobody can want otherwise."""
    if wanted.state is not State.ENABLED:
        return cut(wanted, rules, None)
    enables = let_in(wanted, rules, None) if all(secret.disabled for secret in ours) else []
    return [_doubled(wanted, ours, rules), *enables]


def _doubled(wanted: Wanted, ours: Sequence[StoredSecret], rules: RouterRules) -> Problem:
    return problem_of(wanted, rules, Reason.DUPLICATE_SECRET, f"{len(ours)} secrets")


def _cut_one(wanted: Wanted, secret: StoredSecret, rules: RouterRules, reason: Reason | None) -> list[Finding]:
    sessions, problems = _droppable(wanted, secret, rules)
    if not secret.disabled:
        change = _change(Kind.DISABLE, wanted, secret, rules, ("no", "yes"), sessions)
        return [replace(change, reason=reason), *problems]
    if sessions:
        change = _change(Kind.DROP, wanted, secret, rules, (None, None), sessions)
        return [replace(change, reason=reason), *problems]
    return [*problems]


def password_absent(wanted: Wanted, rules: RouterRules) -> bool:
    """Return True if an existing secret keeps its password because the CRM has none (R10)."""
    if not rules.passwords_known or wanted.password_invalid or _right_password(wanted, rules):
        return False
    return len(rules.ours(rules.state.by_name.get(wanted.name, ()))) == 1


def works_at_home(wanted: Wanted, home: RouterRules, stray: RouterRules) -> bool:
    """Return True if the secret on the subscriber's own router works, so the copy on `stray` may be disabled (R16).

    Where the CRM does not say the password, home has to have the one of the other router: it may be the only copy.
    """
    if not home.ours(home.state.by_name.get(wanted.name, ())) or not home.state.passwords_readable:
        return False
    if _right_password(wanted, home) is not None:
        return True
    here, there = ({secret.password for secret in one.ours(one.state.by_name[wanted.name])} for one in (home, stray))
    return here == there and len(here) == 1


def _right_password(wanted: Wanted, rules: RouterRules) -> tuple[Kind, Masked] | None:
    """Return the password that an existing secret has to have and the kind of its change, or None (R10)."""
    if not rules.passwords_known:
        return None
    if wanted.password is not None:
        return Kind.PASSWORD, wanted.password
    if wanted.initial_password and rules.policy.missing_password == "registration_date":  # noqa: S105
        return Kind.DEFAULT_PASSWORD, wanted.initial_password
    return None


def _compare_password(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    if wanted.password_invalid:
        return [problem_of(wanted, rules, Reason.PASSWORD_INVALID)]
    if wanted.password == secret.password:
        return []
    right = _right_password(wanted, rules)
    if right and right[1] != secret.password and rules.state.passwords_readable:
        return _write(right[0], wanted, secret, rules, actual=secret.password, desired=right[1])
    return []


def _compare_profile(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    if wanted.profile not in rules.state.profiles:
        return [profile_problem(wanted, rules.state)]
    if wanted.profile != secret.profile:
        return _write(Kind.PROFILE, wanted, secret, rules, actual=secret.profile, desired=wanted.profile)
    return []


def _compare_address(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    problem = address_problem(wanted, rules)
    if problem:
        return [problem]
    actual, desired = secret.remote_address, wanted.static_ip
    if desired == actual or (desired is None and rules.policy.static_ip_absent != "clear"):
        return []
    return _write(Kind.REMOTE_ADDRESS, wanted, secret, rules, actual=actual, desired=desired)


def _compare_flag(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    if wanted.state is not State.ENABLED:
        if secret.disabled and wanted.name not in rules.state.sessions_by_name:
            return []
        return _cut_one(wanted, secret, rules, None)
    if secret.disabled:
        return [_enable(wanted, secret, rules, None)]
    address = secret.remote_address
    if not address or address != wanted.static_ip or address_problem(wanted, rules):
        return []
    sessions, problems = _droppable(wanted, secret, rules, keep=address)
    if sessions:
        return [_change(Kind.DROP, wanted, secret, rules, (None, None), sessions), *problems]
    return [*problems]


def _enable(wanted: Wanted, secret: StoredSecret, rules: RouterRules, reason: Reason | None) -> Change:
    return replace(_change(Kind.ENABLE, wanted, secret, rules, ("yes", "no")), reason=reason)


def _write(
    kind: Kind,
    wanted: Wanted,
    secret: StoredSecret,
    rules: RouterRules,
    *,
    actual: str | Masked | None,
    desired: str | Masked | None,
) -> list[Finding]:
    sessions, problems = _droppable(wanted, secret, rules)
    return [_change(kind, wanted, secret, rules, (actual, desired), sessions), *problems]


def _change(
    kind: Kind,
    wanted: Wanted,
    secret: StoredSecret,
    rules: RouterRules,
    values: tuple[str | Masked | None, str | Masked | None],
    sessions: tuple[ActiveSession, ...] = (),
) -> Change:
    """Return the change of one secret; `values` are actual and desired."""
    held = rules.state.by_name[wanted.name]
    others = services_of_others(secret, held) if len(held) > 1 else frozenset[str]()
    return Change(kind, rules.state.router, wanted, secret, *values, sessions=sessions, others=others)


def _droppable(
    wanted: Wanted, secret: StoredSecret, rules: RouterRules, keep: str | None = None
) -> tuple[tuple[ActiveSession, ...], list[Problem]]:
    """Return the live sessions of a secret that may be dropped, and the problem of those that may not (R12).

    With `keep`, only sessions on another address than this one count.
    """
    live = rules.state.sessions_by_name.get(wanted.name, ())
    if keep is not None and len(live) == 1 and live[0].address == keep:
        return (), []  # Fast path: one session, on the right address.
    ours = sessions_of(secret, rules.state.by_name[wanted.name], live)
    if keep is not None:
        ours = tuple(session for session in ours if session.address not in {keep, None})
    sessions = tuple(session for session in ours if not session.radius)
    problems = [] if len(sessions) == len(ours) else [problem_of(wanted, rules, Reason.RADIUS_SESSION)]
    return sessions, problems
