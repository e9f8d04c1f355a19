"""Pure: counts what one router holds, as read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pppsync.core.counting_service import State
from pppsync.core.sessions import sessions_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pppsync.core.change import Change
    from pppsync.core.desired import Desired
    from pppsync.core.policy import Policy
    from pppsync.core.secret import RouterState, StoredSecret


@dataclass(frozen=True, slots=True)
class Census:
    """Counts what one router holds, as read.

    `secrets` are all; the rest looks only at secrets under one of our services. `managed` belong to a subscriber who
    is not ignored, `unmatched` to no subscriber at all. `suspended_online` are those with a live session although
    the CRM wants them disabled.
    """

    secrets: int = 0
    managed: int = 0
    managed_enabled: int = 0
    in_sync: int = 0
    unmatched: int = 0
    unmatched_enabled: int = 0
    unmatched_online: int = 0
    suspended_online: int = 0


def count(state: RouterState, desired: Desired, policy: Policy, changes: Iterable[Change]) -> Census:
    """Count one router's secrets and sessions beside what the CRM wants; `changes` are those planned for it."""
    services, wanted, names = policy.ppp_services, desired.wanted, desired.names
    managed = [secret for secret in state.secrets if secret.name in wanted and secret.ppp_service in services]
    unmatched = [secret for secret in state.secrets if secret.name not in names and secret.ppp_service in services]
    touched = {change.secret.id for change in changes if change.secret}
    live = state.sessions_by_name
    return Census(
        secrets=len(state.secrets),
        managed=len(managed),
        managed_enabled=len([secret for secret in managed if not secret.disabled]),
        in_sync=len([secret for secret in managed if secret.id not in touched]) if touched else len(managed),
        unmatched=len(unmatched),
        unmatched_enabled=sum(not secret.disabled for secret in unmatched),
        unmatched_online=sum(secret.name in live and _is_online(secret, state) for secret in unmatched),
        suspended_online=sum(
            secret.name in live and wanted[secret.name].state is not State.ENABLED and _is_online(secret, state)
            for secret in managed
        ),
    )


def _is_online(secret: StoredSecret, state: RouterState) -> bool:
    """Return True if this secret, not RADIUS, let in a live session."""
    live, held = state.sessions_by_name[secret.name], state.by_name[secret.name]
    return any(not session.radius for session in sessions_of(secret, held, live))
