"""Pure: a secret that is to be created (R8, R10, R15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.core.change import Change, Kind
from pppsync.core.obstacles import address_problem, problem_of
from pppsync.core.profile import profile_of
from pppsync.core.reasons import Reason
from pppsync.core.secret import PppSecret, comment_for
from pppsync.core.target import Access, access_wanted

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
    profile, no_profile = profile_of(wanted, rules, None)
    problems += no_profile
    if profile is not None and password is not None and not wanted.password_invalid:
        secret = PppSecret(
            name=wanted.name,
            password=password,
            profile=profile,
            remote_address=None if no_address else wanted.static_ip,
            disabled=access_wanted(wanted, rules.suspended) is Access.NONE,
            comment=comment_for(wanted.subscriber),
        )
        reason = Reason.FORMER_LOGIN if wanted.subscriber in rules.renamed else None
        return [Change(Kind.CREATE, rules.state.router, wanted, None, None, secret, reason=reason), *problems]
    return [*problems]
