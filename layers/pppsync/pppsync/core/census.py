"""Pure: counts what one router holds, as read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pppsync.core.counting_service import State
from pppsync.core.repairs import unlisted
from pppsync.core.sessions import sessions_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pppsync.core.change import Change
    from pppsync.core.desired import Desired
    from pppsync.core.rules import RouterRules
    from pppsync.core.secret import RouterState, StoredSecret


@dataclass(frozen=True, slots=True)
class Census:
    """Counts what one router holds, as read.

    `secrets` are all; the rest looks only at secrets under one of our services. `managed` belong to a subscriber who
    is not ignored, `unmatched` to no subscriber at all. `managed_enabled` are enabled and not restricted, `restricted`
    are managed and restricted (R18). `suspended_online` are those with a live session although the CRM wants them
    disabled or restricted: but for the restricted ones, unless the router showed that their session is in no list.
    `paid_restricted` are active logins that stay restricted.
    """

    secrets: int = 0
    managed: int = 0
    managed_enabled: int = 0
    in_sync: int = 0
    unmatched: int = 0
    unmatched_enabled: int = 0
    unmatched_online: int = 0
    suspended_online: int = 0
    restricted: int = 0
    paid_restricted: int = 0


def count(rules: RouterRules, desired: Desired, changes: Iterable[Change]) -> Census:
    """Count one router's secrets and sessions beside what the CRM wants; `changes` are those planned for it."""
    state, suspended = rules.state, rules.suspended
    services, wanted, names = rules.policy.ppp_services, desired.wanted, desired.names
    managed = [secret for secret in state.secrets if secret.name in wanted and secret.ppp_service in services]
    unmatched = [secret for secret in state.secrets if secret.name not in names and secret.ppp_service in services]
    touched = {change.secret.id for change in changes if change.secret}
    live = state.sessions_by_name
    enabled = [secret for secret in managed if not secret.disabled]
    restricted = {secret.id for secret in enabled if suspended.restricts(secret)} if suspended else set[str]()
    suspended_online = [
        secret
        for secret in managed
        if secret.name in live
        and wanted[secret.name].state is not State.ENABLED
        and (unlisted(secret, state, suspended) if secret.id in restricted else _is_online(secret, state))
    ]
    return Census(
        secrets=len(state.secrets),
        managed=len(managed),
        managed_enabled=len(enabled) - len(restricted),
        in_sync=len([secret for secret in managed if secret.id not in touched]) if touched else len(managed),
        unmatched=len(unmatched),
        unmatched_enabled=sum(not secret.disabled for secret in unmatched),
        unmatched_online=sum(secret.name in live and _is_online(secret, state) for secret in unmatched),
        suspended_online=len(suspended_online),
        restricted=len(restricted),
    )


def _is_online(secret: StoredSecret, state: RouterState) -> bool:
    """Return True if this secret, not RADIUS, let in a live session."""
    live, held = state.sessions_by_name[secret.name], state.by_name[secret.name]
    return any(not session.radius for session in sessions_of(secret, held, live))
