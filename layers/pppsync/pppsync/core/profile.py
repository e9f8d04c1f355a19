"""Pure: the profile that the secret of a login is to have on a router (R9, R18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.core.names import marked
from pppsync.core.obstacles import problem_of, profile_problem
from pppsync.core.reasons import Reason
from pppsync.core.target import Access, access_wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pppsync.core.desired import Wanted
    from pppsync.core.reasons import Problem
    from pppsync.core.rules import RouterRules


def profile_of(wanted: Wanted, rules: RouterRules, actual: str | None) -> tuple[str | None, Sequence[Problem]]:
    """Return the profile that a secret is to have, None to leave it as it is, and what keeps the plan's from it.

    `actual` is the profile that the secret has, None for one that is to be created.
    """
    suspended = rules.suspended
    if suspended is None:
        if wanted.profile in rules.state.profiles:
            return wanted.profile, ()
        return None, (profile_problem(wanted, rules.state),)
    access = access_wanted(wanted, suspended)
    if access is Access.RESTRICTED:
        return suspended.name, ()
    problem = _plan_problem(wanted, rules, suspended.name)
    problems = (problem,) if problem else ()
    lost = actual is not None and actual not in rules.state.profiles
    if access is Access.NONE and (lost or actual == suspended.name):
        return None, problems  # With another profile it would be let in fully until it is disabled.
    if problem is None:
        return wanted.profile, ()
    return _without_plan(wanted, rules, problem) if actual == suspended.name else (None, problems)


def _without_plan(wanted: Wanted, rules: RouterRules, problem: Problem) -> tuple[str | None, Sequence[Problem]]:
    """Return the profile of a paid login that has the suspended one and cannot have its plan's."""
    default, suspended = rules.policy.profile_default, rules.suspended
    if default in rules.state.profiles:
        return default, (problem,)
    if suspended is None or suspended.fault is not None:
        return None, (problem,)
    cause = f"the profile {marked(wanted.profile or '')} cannot be given back (add it, or set policy.profile_default)"
    return None, (problem, problem_of(wanted, rules, Reason.PAID_RESTRICTED, cause))


def _plan_problem(wanted: Wanted, rules: RouterRules, reserved: str) -> Problem | None:
    """Return why the service plan's profile is not written for a login, or None if nothing is against it."""
    if wanted.profile == reserved:
        return problem_of(wanted, rules, Reason.PROFILE_RESERVED, marked(reserved))
    return None if wanted.profile in rules.state.profiles else profile_problem(wanted, rules.state)
