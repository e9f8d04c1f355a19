"""Pure: what keeps a login, or one of its fields, from being written on a router."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pppsync.core.names import marked, reading
from pppsync.core.reasons import Problem, Reason

if TYPE_CHECKING:
    from collections.abc import Collection

    from pppsync.core.desired import Wanted
    from pppsync.core.rules import RouterRules
    from pppsync.core.secret import RouterState


class Login(Protocol):
    """A name to dial in with, and whose it is."""

    @property
    def name(self) -> str:
        """The login."""

    @property
    def subscriber(self) -> int:
        """The id of the CRM client."""


def problem_of(wanted: Wanted, rules: RouterRules, reason: Reason, detail: str = "") -> Problem:
    """Return a problem of one login on one router."""
    return Problem(rules.state.router, wanted.name, reason, detail, wanted.subscriber)


def alike_problem(wanted: Login, state: RouterState, logins: Collection[str]) -> Problem | None:
    """Return why a login that a router does not hold may not be created there: a name that reads the same (R1).

    A name that is the exact login of another live subscriber (`logins`) does not stand in the way.
    """
    alike = [name for name in state.names_by_reading.get(reading(wanted.name), ()) if name not in logins]
    if not alike:
        return None
    folded = wanted.name.casefold()
    other_case = next((name for name in alike if name.casefold() == folded), None)
    if other_case is not None:
        return Problem(state.router, wanted.name, Reason.NAME_CASE_DIFFERS, marked(other_case), wanted.subscriber)
    return Problem(state.router, wanted.name, Reason.NAME_LOOKS_ALIKE, marked(alike[0]), wanted.subscriber)


def address_problem(wanted: Wanted, rules: RouterRules) -> Problem | None:
    """Return why the static address of a login is left alone (R11); an address that is taken shows in the plan."""
    if wanted.static_ip_refused is not None:
        return problem_of(wanted, rules, Reason.STATIC_IP_INVALID, marked(wanted.static_ip_refused))
    rivals = rules.shared_addresses.get(wanted.static_ip or "")
    if rivals:
        others = ", ".join(name for name in rivals if name != wanted.name)
        return problem_of(wanted, rules, Reason.STATIC_IP_DUPLICATE, f"{wanted.static_ip}, also wanted by {others}")
    return None


def profile_problem(wanted: Wanted, state: RouterState) -> Problem:
    """Return that a profile is missing, with the existing one that reads alike (R9)."""
    profile = wanted.profile or ""
    alike = state.profile_by_reading.get(reading(profile))
    hint = f", but {marked(alike)} reads alike" if alike and profile else ""
    return Problem(state.router, wanted.name, Reason.PROFILE_MISSING, f"{marked(profile)}{hint}", wanted.subscriber)
