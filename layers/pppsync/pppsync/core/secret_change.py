"""Pure: one change of one secret that a router holds, with the live sessions that are dropped for it (R12)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pppsync.core.change import Change, Kind
from pppsync.core.obstacles import problem_of
from pppsync.core.reasons import Problem, Reason
from pppsync.core.sessions import services_of_others, sessions_of

if TYPE_CHECKING:
    from pppsync.core.desired import Wanted
    from pppsync.core.masked import Masked
    from pppsync.core.rules import Finding, RouterRules
    from pppsync.core.secret import ActiveSession, StoredSecret

type Values = tuple[str | Masked | None, str | Masked | None]
"""What a change is about: the actual value and the desired one."""


def change_of(
    kind: Kind,
    wanted: Wanted,
    secret: StoredSecret,
    rules: RouterRules,
    values: Values,
    sessions: tuple[ActiveSession, ...] = (),
) -> Change:
    """Return the change of one secret."""
    held = rules.state.by_name[wanted.name]
    others = services_of_others(secret, held) if len(held) > 1 else frozenset[str]()
    restricted = rules.suspended is not None and rules.suspended.restricts(secret)
    return Change(
        kind, rules.state.router, wanted, secret, *values, sessions=sessions, others=others, restricted=restricted
    )


def with_drop(kind: Kind, wanted: Wanted, secret: StoredSecret, rules: RouterRules, values: Values) -> list[Finding]:
    """Return the change of one secret with all its live sessions, and the problem of those that stay."""
    sessions, problems = droppable(wanted, secret, rules)
    return [change_of(kind, wanted, secret, rules, values, sessions), *problems]


def enable(wanted: Wanted, secret: StoredSecret, rules: RouterRules, reason: Reason | None = None) -> Change:
    """Return the change that enables a secret and writes nothing else."""
    return replace(change_of(Kind.ENABLE, wanted, secret, rules, ("yes", "no")), reason=reason)


def enable_under(wanted: Wanted, secret: StoredSecret, rules: RouterRules, profile: str) -> list[Finding]:
    """Return the change that enables a secret and writes its profile in the same sentence (R18).

    A session that lives on is one of another profile: it is dropped.
    """
    change, *problems = with_drop(Kind.ENABLE, wanted, secret, rules, ("yes", "no"))
    assert isinstance(change, Change)  # noqa: S101 - the change comes first
    return [replace(change, profile=profile), *problems]


def droppable(
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
