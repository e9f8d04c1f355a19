"""Pure: which passwords go from the routers into the CRM, and why the others do not.

Only the CRM is written, so subscribers whom the sync ignores count too: those with the tag that opts out, and those
whose custom ID starts with a digit. What makes it uncertain which password is right, keeps all of them out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pppsync.core.reasons import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.config.event import ImportEvent
    from pppsync.core.masked import Masked
    from pppsync.core.placement import Fleet
    from pppsync.core.secret import RouterState
    from pppsync.core.subscriber import Subscriber

COUNTED_ONLY: Final = frozenset({"archived", "lead", "passwords_unreadable", "router_not_read"})
"""Reasons that are no problem of one login; those of a router are told once, with the router."""


@dataclass(frozen=True, slots=True)
class Import:
    """One router's password for one subscriber; `actual` is what the CRM holds now, None if nothing."""

    name: str
    subscriber: int
    router: str
    actual: Masked | None
    password: Masked

    def still_fits(self, now: Subscriber) -> bool:
        """True if a fresh look at the subscriber shows what the plan was made from."""
        return now.live and (now.custom_id, now.password) == (self.name, self.actual)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What is to be written, in order of name, and the rest counted; `skipped` is by reason."""

    imports: tuple[Import, ...]
    unchanged: int
    skipped: Mapping[str, int]
    problems: tuple[Problem, ...]


def plan_import(event: ImportEvent, subscribers: Iterable[Subscriber], fleet: Fleet) -> ImportPlan:
    """Compare the passwords of all logins that the event asks for; every login is counted exactly once."""
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
    skipped["unmatched"] = logins.unmatched()
    not_found = [Problem("", name, "not_found") for name in sorted((event.subscribers or set()) - logins.owners.keys())]
    shown = [problem for problem in problems if problem.reason not in COUNTED_ONLY]
    return ImportPlan(
        imports=tuple(imports),
        unchanged=unchanged,
        skipped=dict(sorted((+skipped).items())),
        problems=tuple(sorted([*shown, *not_found], key=lambda one: (one.name, one.reason))),
    )


def _by_name(subscribers: Iterable[Subscriber]) -> dict[str, list[Subscriber]]:
    """Subscribers by custom ID; a blank one names nobody, and broken Unicode only looks like a router's raw bytes."""
    owners: dict[str, list[Subscriber]] = {}
    for subscriber in subscribers:
        if subscriber.custom_id.strip() and _is_text(subscriber.custom_id):
            owners.setdefault(subscriber.custom_id, []).append(subscriber)
    return owners


@dataclass(frozen=True, slots=True)
class _Logins:
    """Both sides of the comparison, and what the event asks for."""

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
        """What to do about one custom ID; None if the event does not ask for what there is."""
        holders = self.fleet.holders(name)
        if not self._asked(holders):
            return self._without_secret(name)
        live = [subscriber for subscriber in self.owners[name] if subscriber.live]
        if not live:
            archived = any(subscriber.archived for subscriber in self.owners[name])
            return Problem("", name, "archived" if archived else "lead")
        if len(live) > 1:
            return Problem("", name, "duplicate_custom_id", f"{len(live)} subscribers")
        source = self._source(live[0], holders)
        if isinstance(source, Problem):
            return source
        if not self._asked([source]):
            return self._without_secret(name)
        return self._take(live[0], self.fleet.states[source])

    def _asked(self, routers: Iterable[str]) -> bool:
        chosen = self.event.routers
        return any(chosen is None or router in chosen for router in routers)

    def _without_secret(self, name: str) -> Problem | None:
        for router, state in self.fleet.states.items():
            held = state.by_name.get(name)
            if held and held[0].ppp_service not in self.fleet.ppp_services and self._asked([router]):
                return Problem(router, name, "name_taken", held[0].ppp_service)
        if self.event.subscribers is None:
            return None
        return Problem("", name, "secret_missing" if self.fleet.complete else "router_not_read")

    def _source(self, subscriber: Subscriber, holders: Sequence[str]) -> str | Problem:
        """The router whose password counts (R16)."""
        name, named, fleet = subscriber.custom_id, subscriber.router, self.fleet
        if named is not None and named in holders:
            return named
        if len(fleet.names) > 1 and named is not None and named not in fleet.names and len(holders) > 1:
            return Problem("", name, "router_unknown", named, subscriber.id)
        if len(holders) > 1 and (named is None or named in fleet.states):
            return Problem("", name, "login_on_two_routers", ", ".join(holders), subscriber.id)
        if not fleet.complete:
            return Problem("", name, "router_not_read", subscriber=subscriber.id)
        return holders[0]

    def _take(self, subscriber: Subscriber, state: RouterState) -> Import | Problem:
        """The password of one secret, or why it cannot be taken."""
        held = state.by_name[subscriber.custom_id]
        found = Import(subscriber.custom_id, subscriber.id, state.router, subscriber.password, held[0].password)
        reason = ""
        if len(held) > 1:
            reason = "duplicate_secret"
        elif not state.passwords_readable:
            reason = "passwords_unreadable"
        else:
            reason = _unfit(found.password)
        if not reason and found.actual not in {None, found.password} and not self.event.overwrite:
            reason = "password_differs"
        return Problem(state.router, found.name, reason, subscriber=subscriber.id) if reason else found


def _unfit(password: Masked) -> str:
    """Why a router's password is none that the CRM could hold, or nothing."""
    text = password.reveal()
    if not text:
        return "password_empty"
    if not text.strip("*"):
        return "password_masked"
    return "" if _is_text(text) else "password_invalid"


def _is_text(text: str) -> bool:
    """False for lone surrogates: bytes of a router that are not UTF-8, or broken escapes in JSON."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
