"""Pure: who must be off by the CRM, is online, and is cut by no change of the plan."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from pppsync.core.change import Kind
from pppsync.core.counting_service import State
from pppsync.core.desired import Ignored
from pppsync.core.names import marked, reading, readings
from pppsync.core.reasons import Problem, Reason
from pppsync.core.sessions import sessions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pppsync.core.change import Change
    from pppsync.core.desired import Desired
    from pppsync.core.placement import Fleet, Placement
    from pppsync.core.secret import ActiveSession, RouterState
    from pppsync.core.target import SuspendedProfile
    from pppsync.core.unmatched import Unmatched

_STATES: Final = {State.RESTRICTED: "suspended", State.DISABLED: "suspended", State.OFF: "without a running service"}
_BY_HAND: Final = "disable the secret and drop the session by hand"


@dataclass(frozen=True, slots=True)
class _Off:
    """A login that must be off; `ignored` is the reason why it is left alone, None if it is managed."""

    subscriber: int
    state: State
    ignored: Reason | None = None


def left_online(
    desired: Desired,
    fleet: Fleet,
    placements: Mapping[str, Placement],
    changes: Mapping[str, Iterable[Change]],
    unmatched: Iterable[Unmatched],
    suspended: Mapping[str, SuspendedProfile],
) -> Iterator[Problem]:
    """Yield a problem for each login and router where a live session stays; `changes` are those of each router.

    `suspended` is the suspended profile as each router holds it, where there is one: who is restricted may be online.

    A login that R2 to R5 ignore for good reason (the tag, archived, a lead, no custom ID) is none.
    """
    off = _must_be_off(desired)
    if not off:
        return
    for router, state in fleet.states.items():
        names = off.keys() & state.sessions_by_name.keys()
        if names:
            dropped, created = _settled(changes[router])
            for name in names:
                live = [one for one in state.sessions_by_name[name] if one.id not in dropped]
                if name in created:
                    # The next run finds the secret that this one creates, and drops the session.
                    live = [one for one in live if one.radius]
                if router in suspended:
                    live = [one for one in live if not _restricted(one, state, suspended[router])]
                if live:
                    yield _problem(router, name, off[name], _cause(name, off[name], live, state, placements, fleet))
    yield from _under_another_name(desired, fleet, off, unmatched)


def _restricted(session: ActiveSession, state: RouterState, suspended: SuspendedProfile) -> bool:
    """Return True if only secrets that are restricted as read let the session in (R18)."""
    held = state.by_name.get(session.name, ())
    letting = [] if session.radius else [one for one in held if sessions_of(one, held, [session])]
    return bool(letting) and all(map(suspended.restricts, letting))


def _must_be_off(desired: Desired) -> dict[str, _Off]:
    """Return the logins that must be off; one of several subscribers only if it must be off for all of them."""
    off: dict[str, _Off] = {}
    alone: set[str] = set()
    for subscriber, verdict in desired.verdicts.items():
        state = verdict.state
        if state is State.ENABLED or state is None:
            continue  # Fast path: nearly everybody.
        if isinstance(verdict, Ignored):
            name = desired.live[subscriber]
            assert name is not None  # noqa: S101 - else nothing would be wanted of it
            if name not in alone or subscriber < off[name].subscriber:
                off[name] = _Off(subscriber, state, verdict.reason)
            alone.add(name)
        else:
            off[verdict.name] = _Off(subscriber, state)
    if alone:
        paid = {
            desired.live.get(one)
            for one, verdict in desired.verdicts.items()
            if verdict.state is State.ENABLED or verdict.state is None
        }
        for name in alone & paid:
            del off[name]
    return off


def _settled(changes: Iterable[Change]) -> tuple[set[str], set[str]]:
    """Return the ids of the sessions that the changes drop, and the names that they create."""
    dropped: set[str] = set()
    created: set[str] = set()
    for change in changes:
        dropped.update(one.id for one in change.sessions)
        if change.kind is Kind.CREATE:
            created.add(change.name)
    return dropped, created


def _cause(
    name: str,
    off: _Off,
    live: Sequence[ActiveSession],
    state: RouterState,
    placements: Mapping[str, Placement],
    fleet: Fleet,
) -> str:
    """Return why no change ends these sessions, and what the operator can do."""
    if off.ignored is not None:
        return f"left alone ({off.ignored}): correct that, or {_BY_HAND}"
    if all(one.radius for one in live):
        return "let in by RADIUS: refuse it there, then drop the session by hand"
    live = [one for one in live if not one.radius]
    held = state.by_name.get(name, ())
    letting = {one.ppp_service for one in held if sessions_of(one, held, live)}
    if not letting:
        return "let in by no secret that the router still holds: drop the session by hand"
    foreign = sorted(letting.difference(fleet.ppp_services))
    if foreign:
        return f"let in by the secret under the service {foreign[0]}, which is never touched: {_BY_HAND}"
    problem = placements[name].problem
    return f"its own router is not known{f' ({problem.reason})' if problem else ''}: correct that, or {_BY_HAND}"


def _under_another_name(
    desired: Desired, fleet: Fleet, off: Mapping[str, _Off], unmatched: Iterable[Unmatched]
) -> Iterator[Problem]:
    """Yield who is online by a secret that only reads like the login (R1), or was made for the subscriber (R14)."""
    logins = ((one, one.near if one.owner is None else desired.live[one.owner]) for one in unmatched if one.online)
    found = [(one, login) for one, login in logins if login is not None and login in off]
    if not found:
        return
    paid = {reading(name) for name in desired.logins if name not in off}
    held = set(chain.from_iterable(state.by_name for state in fleet.states.values()))
    for one, login in found:
        if one.owner is not None or (login not in held and paid.isdisjoint(readings(one.name))):
            yield _problem(one.router, login, off[login], f"online as {marked(one.name)}: {_BY_HAND}")


def _problem(router: str, name: str, off: _Off, cause: str) -> Problem:
    detail = f"{_STATES[off.state]}, and {cause}"
    return Problem(router, name, Reason.SUSPENDED_ONLINE, detail, off.subscriber)
