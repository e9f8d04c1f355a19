"""Pure: decides which passwords go from the routers into the CRM, and why the others do not.

Only the CRM is written. So subscribers whom the sync ignores count too: those with the tag that opts out, and those
whose custom ID starts with a digit. If it is unclear which password is right, none is imported.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pppsync.core.reasons import Problem, Reason
from pppsync.core.sessions import sessions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.config.event import ImportEvent
    from pppsync.core.masked import Masked
    from pppsync.core.placement import Fleet
    from pppsync.core.secret import RouterState
    from pppsync.core.subscriber import Subscriber

COUNTED_ONLY: Final = frozenset({Reason.ARCHIVED, Reason.LEAD, Reason.PASSWORDS_UNREADABLE, Reason.ROUTER_NOT_READ})
"""Reasons that make no row in `problems`: nobody has to act, or the row of the router says it once."""
ONLINE: Final = "online, which proves that the router's password is right"
"""The detail of `password_differs` for a login that is online."""


@dataclass(frozen=True, slots=True)
class Import:
    """One router's password for one subscriber; `actual` is the CRM's password, None if it has none.

    `online` says that the secret let in a live session.
    """

    name: str
    subscriber: int
    router: str
    actual: Masked | None
    password: Masked
    online: bool = False

    def still_fits(self, now: Subscriber) -> bool:
        """Return True if the subscriber, read again, is as it was when the plan was made."""
        return now.live and (now.custom_id, now.password) == (self.name, self.actual)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The passwords to be written, in order of name, and the numbers of all others.

    `skipped` counts by reason. `differing_online` are those of `password_differs` that are online.
    """

    imports: tuple[Import, ...]
    unchanged: int
    skipped: Mapping[Reason, int]
    problems: tuple[Problem, ...]
    differing_online: int = 0


def plan_import(event: ImportEvent, subscribers: Iterable[Subscriber], fleet: Fleet) -> ImportPlan:
    """Compare the passwords of all logins that the event names; count every login once."""
    logins = _Logins(event, _by_name(subscribers), fleet)
    imports, problems, unchanged = [], [], 0
    for name in logins.asked_names():
        finding = logins.judge(name)
        if isinstance(finding, Problem):
            problems.append(finding)
        elif finding and finding.actual == finding.password:
            unchanged += 1
        elif finding:
            imports.append(finding)
    skipped = Counter(problem.reason for problem in problems)
    skipped[Reason.UNMATCHED] = logins.unmatched()
    not_found = [
        Problem(None, name, Reason.NOT_FOUND) for name in sorted((event.subscribers or set()) - logins.owners.keys())
    ]
    shown = [problem for problem in problems if problem.reason not in COUNTED_ONLY]
    return ImportPlan(
        imports=tuple(imports),
        unchanged=unchanged,
        skipped=dict(sorted((+skipped).items())),
        problems=tuple(sorted([*shown, *not_found], key=lambda one: (one.name or "", one.reason))),
        differing_online=sum(one.detail == ONLINE for one in problems),
    )


def _by_name(subscribers: Iterable[Subscriber]) -> dict[str, list[Subscriber]]:
    """Return subscribers by custom ID, without blank ones and broken Unicode, which may equal a router's raw bytes."""
    owners: dict[str, list[Subscriber]] = {}
    for subscriber in subscribers:
        if subscriber.custom_id and subscriber.custom_id.strip() and _is_text(subscriber.custom_id):
            owners.setdefault(subscriber.custom_id, []).append(subscriber)
    return owners


@dataclass(frozen=True, slots=True)
class _Logins:
    """Both sides of the comparison, and the filters of the event."""

    event: ImportEvent
    owners: Mapping[str, Sequence[Subscriber]]
    fleet: Fleet

    def asked_names(self) -> list[str]:
        asked = self.event.subscribers
        return sorted(self.owners if asked is None else asked & self.owners.keys())

    def unmatched(self) -> int:
        return sum(
            secret.ppp_service in self.fleet.ppp_services
            and secret.name not in self.owners
            and (self.event.subscribers is None or secret.name in self.event.subscribers)
            for router, state in self.fleet.states.items()
            if self._asked([router])
            for secret in state.secrets
        )

    def judge(self, name: str) -> Import | Problem | None:
        """Return the import of one custom ID, or why there is none; None if the event's filters leave it out."""
        holders = self.fleet.holders(name)
        if not self._asked(holders):
            return self._without_secret(name)
        live = [subscriber for subscriber in self.owners[name] if subscriber.live]
        if not live:
            archived = any(subscriber.archived for subscriber in self.owners[name])
            return Problem(None, name, Reason.ARCHIVED if archived else Reason.LEAD)
        if len(live) > 1:
            return Problem(None, name, Reason.DUPLICATE_CUSTOM_ID, f"{len(live)} subscribers")
        source = self._source(name, live[0], holders)
        if isinstance(source, Problem):
            return source
        if not self._asked([source]):
            return self._without_secret(name)
        return self._take(name, live[0], self.fleet.states[source])

    def _asked(self, routers: Iterable[str]) -> bool:
        chosen = self.event.routers
        return any(chosen is None or router in chosen for router in routers)

    def _without_secret(self, name: str) -> Problem | None:
        for router, state in self.fleet.states.items():
            held = state.by_name.get(name)
            if held and held[0].ppp_service not in self.fleet.ppp_services and self._asked([router]):
                return Problem(router, name, Reason.NAME_TAKEN, held[0].ppp_service)
        if self.event.subscribers is None:
            return None
        return Problem(None, name, Reason.SECRET_MISSING if self.fleet.complete else Reason.ROUTER_NOT_READ)

    def _source(self, name: str, subscriber: Subscriber, holders: Sequence[str]) -> str | Problem:
        """Return the router whose password counts (R16)."""
        named, fleet = subscriber.router, self.fleet
        if named is not None and named in holders:
            return named
        if len(fleet.names) > 1 and named is not None and named not in fleet.names and len(holders) > 1:
            return Problem(None, name, Reason.ROUTER_UNKNOWN, named, subscriber.id)
        if len(holders) > 1 and (named is None or named in fleet.states):
            return Problem(None, name, Reason.LOGIN_ON_TWO_ROUTERS, ", ".join(holders), subscriber.id)
        if not fleet.complete:
            return Problem(None, name, Reason.ROUTER_NOT_READ, subscriber=subscriber.id)
        return holders[0]

    def _take(self, name: str, subscriber: Subscriber, state: RouterState) -> Import | Problem:
        """Return the import of one secret's password, or why it is not imported."""
        held, live = state.by_name[name], state.sessions_by_name.get(name, ())
        online = any(not one.radius for one in sessions_of(held[0], held, live))
        found = Import(name, subscriber.id, state.router, subscriber.password, held[0].password, online)
        reason: Reason | None = None
        if len(held) > 1:
            reason = Reason.DUPLICATE_SECRET
        elif not state.passwords_readable:
            reason = Reason.PASSWORDS_UNREADABLE
        else:
            reason = _unfit(found.password)
        if not reason and found.actual not in {None, found.password} and not self.event.overwrite:
            reason = Reason.PASSWORD_DIFFERS
        if reason is None:
            return found
        detail = ONLINE if online and reason is Reason.PASSWORD_DIFFERS else ""
        return Problem(state.router, found.name, reason, detail, subscriber.id)


def _unfit(password: Masked) -> Reason | None:
    """Return why the CRM cannot hold a router's password, or None if it can."""
    text = password.reveal()
    if not text:
        return Reason.PASSWORD_EMPTY
    if not text.strip("*"):
        return Reason.PASSWORD_MASKED
    return None if _is_text(text) else Reason.PASSWORD_INVALID


def _is_text(text: str) -> bool:
    """Return False for lone surrogates: bytes of a router that are not UTF-8, or broken escapes in JSON."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
