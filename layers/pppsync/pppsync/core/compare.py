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

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pppsync.core.change import Change, Kind
from pppsync.core.counting_service import State
from pppsync.core.reasons import Problem, Reason
from pppsync.core.secret import PppSecret, comment_for

if TYPE_CHECKING:
    from collections.abc import Collection

    from pppsync.core.desired import Wanted
    from pppsync.core.masked import Masked
    from pppsync.core.policy import Policy
    from pppsync.core.secret import ActiveSession, RouterState, StoredSecret

type Finding = Change | Problem


@dataclass(frozen=True, slots=True)
class RouterRules:
    """What comparing on one router needs besides the two sides.

    `passwords_known` is False where the CRM has no attribute for them (R10). `shared_addresses` are the static
    addresses that more than one subscriber of this router wants (R11).
    """

    state: RouterState
    policy: Policy
    passwords_known: bool
    shared_addresses: Collection[str]


def compare_home(wanted: Wanted, rules: RouterRules) -> list[Finding]:
    """What has to happen to a login on the router that is its own."""
    held = rules.state.by_name.get(wanted.name, ())
    if len(held) > 1:
        return [_problem(wanted, rules, Reason.DUPLICATE_SECRET, f"{len(held)} secrets")]
    if not held:
        if wanted.name.casefold() in rules.state.folded_names:
            return [_problem(wanted, rules, Reason.NAME_CASE_DIFFERS)]
        return [] if wanted.state is State.OFF else _create(wanted, rules)
    secret = held[0]
    if secret.ppp_service not in rules.policy.ppp_services:
        return [_problem(wanted, rules, Reason.NAME_TAKEN, secret.ppp_service)]
    findings = _compare_password(wanted, secret, rules)
    if wanted.state is not State.OFF:
        findings += _compare_profile(wanted, secret, rules)
        if secret.remote_address or wanted.static_ip or wanted.static_ip_invalid:
            findings += _compare_address(wanted, secret, rules)
    if secret.disabled or secret.remote_address or wanted.state is not State.ENABLED:
        findings += _compare_flag(wanted, secret, rules)
    return findings


def cut(wanted: Wanted, rules: RouterRules, reason: Reason | None) -> list[Finding]:
    """Disable a login on a router that is not its own, or drop what is left of it there (R16)."""
    held = rules.state.by_name.get(wanted.name, ())
    if len(held) > 1:
        return [_problem(wanted, rules, Reason.DUPLICATE_SECRET, f"{len(held)} secrets")]
    secret = held[0]
    sessions, problems = _droppable(wanted, rules)
    if not secret.disabled:
        return [Change(Kind.DISABLE, rules.state.router, wanted, secret, "no", "yes", sessions, reason), *problems]
    if sessions:
        return [Change(Kind.DROP, rules.state.router, wanted, secret, None, None, sessions, reason), *problems]
    return [*problems]


def password_absent(wanted: Wanted, rules: RouterRules) -> bool:
    """True if an existing secret keeps its password because the CRM has none (R10)."""
    if not rules.passwords_known or wanted.password_invalid or _right_password(wanted, rules):
        return False
    held = rules.state.by_name.get(wanted.name, ())
    return len(held) == 1 and held[0].ppp_service in rules.policy.ppp_services


def lets_in(wanted: Wanted, home: RouterRules, stray: RouterRules) -> bool:
    """True if a login with nothing to change at home works there, so that it may be cut off elsewhere (R16).

    Where the CRM does not say the password, home has to have the one of the other router: it may be the only copy.
    """
    if wanted.name not in home.state.by_name or not home.state.passwords_readable:
        return False
    here, there = (rules.state.by_name[wanted.name][0].password for rules in (home, stray))
    return here == there or _right_password(wanted, home) is not None


def _right_password(wanted: Wanted, rules: RouterRules) -> tuple[Kind, Masked] | None:
    """The password that an existing secret has to have, and the kind of its change; None if it is left alone (R10)."""
    if not rules.passwords_known:
        return None
    if wanted.password is not None:
        return Kind.PASSWORD, wanted.password
    if wanted.initial_password and rules.policy.missing_password == "registration_date":  # noqa: S105
        return Kind.DEFAULT_PASSWORD, wanted.initial_password
    return None


def _compare_password(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    if wanted.password_invalid:
        return [_problem(wanted, rules, Reason.PASSWORD_INVALID)]
    if wanted.password == secret.password:
        return []
    right = _right_password(wanted, rules)
    if right and right[1] != secret.password and rules.state.passwords_readable:
        return _write(right[0], wanted, secret, rules, actual=secret.password, desired=right[1])
    return []


def _compare_profile(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    if wanted.profile not in rules.state.profiles:
        return [_problem(wanted, rules, Reason.PROFILE_MISSING, wanted.profile or "")]
    if wanted.profile != secret.profile:
        return _write(Kind.PROFILE, wanted, secret, rules, actual=secret.profile, desired=wanted.profile)
    return []


def _compare_address(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    problem = _address_problem(wanted, rules)
    if problem:
        return [problem]
    actual, desired = secret.remote_address, wanted.static_ip
    if desired == actual or (desired is None and rules.policy.static_ip_absent != "clear"):
        return []
    return _write(Kind.REMOTE_ADDRESS, wanted, secret, rules, actual=actual, desired=desired)


def _compare_flag(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    if wanted.state is not State.ENABLED:
        return _cut_at_home(wanted, secret, rules)
    if secret.disabled:
        return [Change(Kind.ENABLE, rules.state.router, wanted, secret, "yes", "no")]
    address = secret.remote_address
    if not address or address != wanted.static_ip or _address_problem(wanted, rules):
        return []
    sessions, problems = _droppable(wanted, rules, keep=address)
    if sessions:
        return [Change(Kind.DROP, rules.state.router, wanted, secret, None, None, sessions), *problems]
    return [*problems]


def _cut_at_home(wanted: Wanted, secret: StoredSecret, rules: RouterRules) -> list[Finding]:
    if secret.disabled and wanted.name not in rules.state.sessions_by_name:
        return []
    return cut(wanted, rules, None)


def _write(
    kind: Kind,
    wanted: Wanted,
    secret: StoredSecret,
    rules: RouterRules,
    *,
    actual: str | Masked | None,
    desired: str | Masked | None,
) -> list[Finding]:
    sessions, problems = _droppable(wanted, rules)
    return [Change(kind, rules.state.router, wanted, secret, actual, desired, sessions), *problems]


def _create(wanted: Wanted, rules: RouterRules) -> list[Finding]:
    """A new secret, or every reason why there cannot be one."""
    address_problem = _address_problem(wanted, rules)
    problems = [address_problem] if address_problem else []
    password = wanted.password if wanted.password is not None else wanted.initial_password
    if wanted.password_invalid:
        problems.append(_problem(wanted, rules, Reason.PASSWORD_INVALID))
    elif password is None:
        problems.append(_problem(wanted, rules, Reason.PASSWORD_MISSING))
    if wanted.profile not in rules.state.profiles:
        problems.append(_problem(wanted, rules, Reason.PROFILE_MISSING, wanted.profile or ""))
    elif password is not None and not wanted.password_invalid:
        secret = PppSecret(
            name=wanted.name,
            password=password,
            profile=wanted.profile,
            remote_address=None if address_problem else wanted.static_ip,
            disabled=wanted.state is State.DISABLED,
            comment=comment_for(wanted.subscriber),
        )
        return [Change(Kind.CREATE, rules.state.router, wanted, None, None, secret), *problems]
    return [*problems]


def _address_problem(wanted: Wanted, rules: RouterRules) -> Problem | None:
    if wanted.static_ip_invalid:
        return _problem(wanted, rules, Reason.STATIC_IP_INVALID)
    if wanted.static_ip in rules.shared_addresses:
        return _problem(wanted, rules, Reason.STATIC_IP_DUPLICATE, wanted.static_ip or "")
    return None


def _droppable(
    wanted: Wanted, rules: RouterRules, keep: str | None = None
) -> tuple[tuple[ActiveSession, ...], list[Problem]]:
    """The live sessions of a login that may be dropped, and the problem of those that may not (R12).

    With `keep`, only sessions on another address than this one are meant.
    """
    live = rules.state.sessions_by_name.get(wanted.name, ())
    if keep is not None and len(live) == 1 and live[0].address == keep:
        return (), []  # nearly everybody who has an address
    ours = [session for session in live if session.ppp_service in rules.policy.ppp_services]
    if keep is not None:
        ours = [session for session in ours if session.address not in {keep, None}]
    sessions = tuple(session for session in ours if not session.radius)
    problems = [] if len(sessions) == len(ours) else [_problem(wanted, rules, Reason.RADIUS_SESSION)]
    return sessions, problems


def _problem(wanted: Wanted, rules: RouterRules, reason: Reason, detail: str = "") -> Problem:
    return Problem(rules.state.router, wanted.name, reason, detail, wanted.subscriber)
