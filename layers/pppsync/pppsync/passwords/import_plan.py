"""Pure: decides which values go from the routers into the CRM, and why the others do not.

Only the CRM is written. So subscribers whom the sync ignores count too: those with the tag that opts out, and those
whose custom ID starts with a digit. If it is unclear which secret is right, nothing of the login is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pppsync.core.ipv4 import host_address
from pppsync.core.names import marked
from pppsync.core.reasons import Problem, Reason
from pppsync.core.sessions import sessions_of
from pppsync.passwords.writes import ONLINE, Write, conclude, is_text, unfit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.config.event import ImportEvent
    from pppsync.core.placement import Fleet
    from pppsync.core.secret import RouterState, StoredSecret
    from pppsync.core.subscriber import Subscriber
    from pppsync.passwords.writes import Finding, WritePlan


def plan_import(event: ImportEvent, subscribers: Iterable[Subscriber], fleet: Fleet) -> WritePlan:
    """Compare the chosen fields of all logins that the event names; count every login once a field."""
    logins = _Logins(event, _by_name(subscribers), fleet)
    return conclude(
        [finding for name in logins.asked_names() for finding in logins.judge(name)],
        unmatched=logins.unmatched(),
        not_found=[
            Problem(None, name, Reason.NOT_FOUND) for name in (event.subscribers or frozenset()) - logins.owners.keys()
        ],
    )


def _by_name(subscribers: Iterable[Subscriber]) -> dict[str, list[Subscriber]]:
    """Return subscribers by custom ID, without blank ones and broken Unicode, which may equal a router's raw bytes."""
    owners: dict[str, list[Subscriber]] = {}
    for subscriber in subscribers:
        if subscriber.custom_id and subscriber.custom_id.strip() and is_text(subscriber.custom_id):
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

    def judge(self, name: str) -> Sequence[Finding]:
        """Return the findings of one custom ID: one of the login, or one a field; none if the filters leave it out."""
        holders = self.fleet.holders(name)
        if not self._asked(holders):
            return self._without_secret(name)
        live = [subscriber for subscriber in self.owners[name] if subscriber.live]
        if not live:
            archived = any(subscriber.archived for subscriber in self.owners[name])
            return [Problem(None, name, Reason.ARCHIVED if archived else Reason.LEAD)]
        if len(live) > 1:
            return [Problem(None, name, Reason.DUPLICATE_CUSTOM_ID, f"{len(live)} subscribers")]
        source = self._source(name, live[0], holders)
        if isinstance(source, Problem):
            return [source]
        if not self._asked([source]):
            return self._without_secret(name)
        return self._take(name, live[0], self.fleet.states[source])

    def _asked(self, routers: Iterable[str]) -> bool:
        chosen = self.event.routers
        return any(chosen is None or router in chosen for router in routers)

    def _without_secret(self, name: str) -> list[Finding]:
        for router, state in self.fleet.states.items():
            held = state.by_name.get(name, ())
            if held and not self._ours(held) and self._asked([router]):
                return [Problem(router, name, Reason.NAME_TAKEN, held[0].ppp_service)]
        if self.event.subscribers is None:
            return []
        return [Problem(None, name, Reason.SECRET_MISSING if self.fleet.complete else Reason.ROUTER_NOT_READ)]

    def _ours(self, held: Iterable[StoredSecret]) -> list[StoredSecret]:
        """Return those of a name's secrets that count: the ones under our services (R6)."""
        return [secret for secret in held if secret.ppp_service in self.fleet.ppp_services]

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

    def _take(self, name: str, subscriber: Subscriber, state: RouterState) -> list[Finding]:
        """Return the findings of one login's secret, one for each field that it has a value of."""
        held = state.by_name[name]
        secret, *others = self._ours(held)
        if others:
            return [Problem(state.router, name, Reason.DUPLICATE_SECRET, "", subscriber.id)]
        live = state.sessions_by_name.get(name, ())
        online = any(not one.radius for one in sessions_of(secret, held, live))
        findings: list[Finding | None] = []
        if "password" in self.event.fields:
            findings.append(self._password(secret, subscriber, state, online=online))
        if "static_ip" in self.event.fields:
            findings.append(self._address(secret, subscriber, state.router, online=online))
        return [finding for finding in findings if finding]

    def _password(self, secret: StoredSecret, subscriber: Subscriber, state: RouterState, *, online: bool) -> Finding:
        found = Write(
            secret.name, subscriber.id, state.router, subscriber.password, secret.password, "password", online
        )
        reason = unfit(secret.password) if state.passwords_readable else Reason.PASSWORDS_UNREADABLE
        if not reason and found.actual and found.needed and not self.event.overwrite:
            reason = Reason.PASSWORD_DIFFERS
        if reason is None:
            return found
        detail = ONLINE if online and reason is Reason.PASSWORD_DIFFERS else ""
        return Problem(state.router, secret.name, reason, detail, subscriber.id)

    def _address(self, secret: StoredSecret, subscriber: Subscriber, router: str, *, online: bool) -> Finding | None:
        """Return the finding about the static address (R11), None if the secret has none."""
        if secret.remote_address is None:
            return None
        address = host_address(secret.remote_address)
        if address is None:
            shown = marked(secret.remote_address)
            return Problem(router, secret.name, Reason.REMOTE_ADDRESS_INVALID, shown, subscriber.id)
        found = Write(secret.name, subscriber.id, router, subscriber.static_ip, address, "static_ip", online)
        if not found.actual or not found.needed or self.event.overwrite:
            return found
        detail = f"{address} on the router, {found.actual} in the CRM"
        return Problem(router, secret.name, Reason.STATIC_IP_DIFFERS, detail, subscriber.id)
