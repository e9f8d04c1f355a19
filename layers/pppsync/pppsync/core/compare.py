"""Pure: one login on one router, what the CRM wants beside what the router holds.

For a login on its own router, by what it is to let in and what its secret lets in (`core/target.py`):

    want        have        what is planned
    full        nothing     create
    full        none        enable, and every field that differs
    full        restricted  restore, and every field that differs
    full        full        every field that differs; drop a session on another address, or one that is still restricted
    restricted  nothing     create, with the suspended profile
    restricted  none        enable, with the suspended profile in the same sentence
    restricted  restricted  every field that differs; drop a session on another address
    restricted  full        restrict, and every field that differs
    none        nothing     create, disabled
    none        any         disable, and every field that differs
    none        none        every field that differs; drop a session that still lives
    off         nothing     nothing
    off         anything    disable, and the password if it differs; drop a session that still lives
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.core.change import Kind
from pppsync.core.counting_service import State
from pppsync.core.creation import create
from pppsync.core.cuts import cut_one, doubles
from pppsync.core.obstacles import address_problem, alike_problem, problem_of
from pppsync.core.profile import profile_of
from pppsync.core.reasons import Reason
from pppsync.core.repairs import repair
from pppsync.core.secret_change import enable, enable_under, with_drop
from pppsync.core.sessions import sessions_of
from pppsync.core.target import Access, access_wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pppsync.core.desired import Wanted
    from pppsync.core.masked import Masked
    from pppsync.core.rules import Finding, RouterRules
    from pppsync.core.secret import StoredSecret


def compare_home(wanted: Wanted, rules: RouterRules) -> list[Finding]:
    """Return what has to happen to a login on the router that is its own."""
    held = rules.state.by_name.get(wanted.name, ())
    ours = rules.ours(held)
    if len(ours) > 1:
        return doubles(wanted, ours, rules)
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
    if secret.disabled or secret.remote_address or wanted.state is not State.ENABLED or rules.suspended:
        findings += _compare_flag(wanted, secret, rules)
    return findings


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
        return with_drop(right[0], wanted, secret, rules, (secret.password, right[1]))
    return []


def _compare_profile(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    """Return the change of the profile alone; that of a disabled secret may be part of its enable (R18)."""
    if rules.suspended is None and wanted.profile == secret.profile and wanted.profile in rules.state.profiles:
        return []  # Fast path: nearly everybody.
    profile, problems = profile_of(wanted, rules, secret.profile)
    if profile is None or profile == secret.profile:
        return [*problems]
    kind = Kind.PROFILE
    if rules.suspended is not None and rules.suspended.name in {profile, secret.profile}:
        if secret.disabled:
            return [*problems]
        kind = Kind.RESTRICT if profile == rules.suspended.name else Kind.RESTORE
    return [*with_drop(kind, wanted, secret, rules, (secret.profile, profile)), *problems]


def _compare_address(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    problem = address_problem(wanted, rules)
    if problem:
        return [problem]
    actual, desired = secret.remote_address, wanted.static_ip
    if desired == actual or (desired is None and rules.policy.static_ip_absent != "clear"):
        return []
    return with_drop(Kind.REMOTE_ADDRESS, wanted, secret, rules, (actual, desired))


def _compare_flag(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    if access_wanted(wanted, rules.suspended) is Access.NONE:
        if secret.disabled and wanted.name not in rules.state.sessions_by_name:
            return []
        return cut_one(wanted, secret, rules)
    if secret.disabled:
        return _enable(wanted, secret, rules)
    return repair(wanted, secret, rules)


def _enable(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    """Return the enable; it writes the profile too where the suspended one is given or taken away (R18)."""
    if rules.suspended is not None:
        profile, _ = profile_of(wanted, rules, secret.profile)
        if profile is not None and rules.suspended.name in {profile, secret.profile}:
            return enable_under(wanted, secret, rules, profile)
    return [enable(wanted, secret, rules)]
