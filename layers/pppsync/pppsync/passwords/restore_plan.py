"""Pure: decides which kept passwords go back into the CRM (G12, `restore`).

A password goes back only where the CRM still holds what the run found there: what was written to the router, or no
password at all for `default_password`. So nothing that somebody has entered since is lost.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from pppsync.core.change import Kind
from pppsync.core.reasons import Problem, Reason
from pppsync.passwords.writes import Write, conclude, unfit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.config.event import ImportEvent
    from pppsync.core.subscriber import Subscriber
    from pppsync.journal.passwords import Overwritten
    from pppsync.passwords.writes import Finding, WritePlan


def plan_restore(event: ImportEvent, kept: Iterable[Overwritten], subscribers: Iterable[Subscriber]) -> WritePlan:
    """Compare the kept passwords of all logins that the event names with the CRM; count every login once."""
    owners = {subscriber.id: subscriber for subscriber in subscribers}
    names = event.subscribers
    found = sorted(
        (one for one in kept if names is None or one.name in names),
        key=lambda one: (one.name, one.client_id, one.router),
    )
    groups = (list(group) for _, group in groupby(found, key=lambda one: (one.name, one.client_id)))
    return conclude(
        [_judge(group, owners) for group in groups if _asked(event, group)],
        not_found=[
            Problem(None, name, Reason.NOT_OVERWRITTEN)
            for name in (names or frozenset()) - {one.name for one in found if _asked(event, [one])}
        ],
    )


def _asked(event: ImportEvent, kept: Iterable[Overwritten]) -> bool:
    return event.routers is None or any(one.router in event.routers for one in kept)


def _judge(kept: Sequence[Overwritten], owners: Mapping[int, Subscriber]) -> Finding:
    """Return the finding about one login; `kept` are its passwords, one a router."""
    first = kept[0]
    owner = owners.get(first.client_id)
    if owner is None or not owner.live:
        return _problem(first, Reason.CHANGED_SINCE, "the CRM lists no live subscriber of this id any more")
    if owner.custom_id != first.name:
        return _problem(first, Reason.CHANGED_SINCE, "the subscriber has another login now")
    chosen = kept
    if len({one.actual for one in kept}) > 1:
        # A filter of the event does not choose: only the CRM says to which router the login belongs (R16).
        chosen = [one for one in kept if one.router == owner.router]
    if len({one.actual for one in chosen}) != 1:
        routers = ", ".join(one.router for one in kept)
        detail = f"{routers} held different passwords of it"
        return Problem(None, first.name, Reason.LOGIN_ON_TWO_ROUTERS, detail, owner.id)
    taken = chosen[0]
    reason = unfit(taken.actual)
    if reason:
        return _problem(taken, reason)
    write = Write(taken.name, owner.id, taken.router, owner.password, taken.actual)
    expected = {None if one.kind is Kind.DEFAULT_PASSWORD else one.written for one in chosen}
    if write.needed and write.actual not in expected:
        holds = "another password" if write.actual else "no password"
        return _problem(taken, Reason.CHANGED_SINCE, f"the CRM holds {holds} by now")
    return write


def _problem(kept: Overwritten, reason: Reason, detail: str = "") -> Problem:
    return Problem(kept.router, kept.name, reason, detail, kept.client_id)
