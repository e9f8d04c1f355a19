"""Pure: decides who gets a random password in the CRM (`generate`): logins with neither a password nor a secret.

A secret of the name on any router would get the new password at the next sync, and its customer could not dial in any
more. So a name that stands on a router in any form is left alone, and nobody gets one unless every router was read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pppsync.core.eligibility import ineligible
from pppsync.core.masked import Masked
from pppsync.core.obstacles import alike_problem
from pppsync.core.reasons import Problem, Reason
from pppsync.passwords.writes import Write, conclude

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from pppsync.config.event import ImportEvent
    from pppsync.core.placement import Fleet
    from pppsync.core.policy import Policy
    from pppsync.core.subscriber import Subscriber
    from pppsync.passwords.writes import Finding, WritePlan

    type Choose = Callable[[str], str]
    """Choose one character of a text; `secrets.choice` outside of tests."""

LENGTH: Final = 12
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody confuses when they are read out or typed: no capitals, no i, l, o, 0 and 1."""


@dataclass(frozen=True, slots=True)
class _Login:
    name: str
    subscriber: int


def plan_generation(
    event: ImportEvent, subscribers: Iterable[Subscriber], fleet: Fleet, policy: Policy, choose: Choose
) -> WritePlan:
    """Plan a random password for everybody who needs one; count every subscriber once."""
    subscribers = tuple(subscribers)
    owners = Counter(one.custom_id for one in subscribers if one.live and one.custom_id is not None)
    names = event.subscribers
    findings: list[Finding] = []
    for one in subscribers:
        if names is not None and one.custom_id not in names:
            continue
        reason = _left_out(one, policy, owners)
        if reason or one.custom_id is None:
            findings.append(Problem(None, one.custom_id, reason or Reason.NO_CUSTOM_ID, subscriber=one.id))
            continue
        login = _Login(one.custom_id, one.id)
        findings.append(_keep(login, one.password) or _in_the_way(login, fleet, owners) or _give(login, choose))
    known = {one.custom_id for one in subscribers}
    return conclude(
        findings,
        not_found=[Problem(None, name, Reason.NOT_FOUND) for name in (names or frozenset()) if name not in known],
    )


def _keep(login: _Login, password: Masked | None) -> Write | None:
    """Return the password that the CRM holds already as it is: it counts as unchanged."""
    return Write(login.name, login.subscriber, None, password, password) if password else None


def _give(login: _Login, choose: Choose) -> Write:
    password = "".join(choose(ALPHABET) for _ in range(LENGTH))
    return Write(login.name, login.subscriber, None, None, Masked(password))


def _left_out(subscriber: Subscriber, policy: Policy, owners: Counter[str]) -> Reason | None:
    """Return why the sync has nothing to do with a subscriber (R2 to R6)."""
    reason = ineligible(subscriber, policy)
    if reason is None and owners[subscriber.custom_id or ""] > 1:
        return Reason.DUPLICATE_CUSTOM_ID
    return reason


def _in_the_way(login: _Login, fleet: Fleet, logins: Collection[str]) -> Problem | None:
    """Return why a login without a password gets none: a secret of its name, or a router that was not read."""
    found = [problem for router in fleet.states if (problem := _on_router(login, router, fleet, logins))]
    if found:
        # A secret under the very name explains more than one that only reads the same on another router.
        return min(found, key=lambda one: _RANK.index(one.reason))
    if fleet.complete:
        return None
    unread = ", ".join(name for name in fleet.names if name not in fleet.states)
    return Problem(None, login.name, Reason.ROUTER_NOT_READ, unread, login.subscriber)


def _on_router(login: _Login, router: str, fleet: Fleet, logins: Collection[str]) -> Problem | None:
    state = fleet.states[router]
    held = state.by_name.get(login.name, ())
    if not held:
        return alike_problem(login, state, logins)
    ours = [secret for secret in held if secret.ppp_service in fleet.ppp_services]
    if not ours:
        return Problem(router, login.name, Reason.NAME_TAKEN, held[0].ppp_service, login.subscriber)
    reason = Reason.DUPLICATE_SECRET if len(ours) > 1 else Reason.PASSWORD_ABSENT
    return Problem(router, login.name, reason, "", login.subscriber)


_RANK: Final = (
    Reason.DUPLICATE_SECRET,
    Reason.PASSWORD_ABSENT,
    Reason.NAME_TAKEN,
    Reason.NAME_CASE_DIFFERS,
    Reason.NAME_LOOKS_ALIKE,
)
