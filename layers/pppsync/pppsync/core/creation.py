"""Pure: a secret that is to be created (R8, R10, R15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.core.change import Change, Kind
from pppsync.core.counting_service import State
from pppsync.core.obstacles import address_problem, problem_of, profile_problem
from pppsync.core.reasons import Reason
from pppsync.core.secret import PppSecret, comment_for

if TYPE_CHECKING:
    from pppsync.core.desired import Wanted
    from pppsync.core.rules import Finding, RouterRules


def create(wanted: Wanted, rules: RouterRules) -> list[Finding]:
    """Return the change that creates a secret, or every reason why there cannot be one."""
    no_address = address_problem(wanted, rules)
    problems = [no_address] if no_address else []
    password = wanted.password if wanted.password is not None else wanted.initial_password
    if wanted.password_invalid:
        problems.append(problem_of(wanted, rules, Reason.PASSWORD_INVALID))
    elif password is None:
        problems.append(problem_of(wanted, rules, Reason.PASSWORD_MISSING))
    if wanted.profile not in rules.state.profiles:
        problems.append(profile_problem(wanted, rules.state))
    elif password is not None and not wanted.password_invalid:
        secret = PppSecret(
            name=wanted.name,
            password=password,
            profile=wanted.profile,
            remote_address=None if no_address else wanted.static_ip,
            disabled=wanted.state is State.DISABLED,
            comment=comment_for(wanted.subscriber),
        )
        reason = Reason.FORMER_LOGIN if wanted.subscriber in rules.renamed else None
        return [Change(Kind.CREATE, rules.state.router, wanted, None, None, secret, reason=reason), *problems]
    return [*problems]
