"""Pure: secrets that belong to no subscriber, and the live subscriber to whom each may well belong (R14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pppsync.core.names import readings
from pppsync.core.secret import comment_for
from pppsync.core.sessions import sessions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pppsync.core.desired import Desired
    from pppsync.core.policy import Policy
    from pppsync.core.secret import RouterState, StoredSecret


@dataclass(frozen=True, slots=True)
class Unmatched:
    """One secret under one of our services whose name is nobody's login.

    `owner` is the live subscriber for whom we made it, by its comment. `near` is the login of that subscriber, or the
    login of a live subscriber that reads the same, else None.
    """

    router: str
    name: str
    enabled: bool
    online: bool
    near: str | None
    owner: int | None = None

    @property
    def order(self) -> tuple[bool, bool, str, str]:
        """The key by which they are listed: enabled and online first."""
        return not self.enabled, not self.online, self.router, self.name


def unmatched_secrets(states: Iterable[RouterState], desired: Desired, policy: Policy) -> tuple[Unmatched, ...]:
    """Return every unmatched secret of all routers that were read."""
    loose = [(state, secret) for state in states for secret in state.secrets if secret.name not in desired.names]
    ours = [(state, secret) for state, secret in loose if secret.ppp_service in policy.ppp_services]
    logins = _logins_by_reading(desired) if ours else {}
    return tuple(sorted((_unmatched(*one, desired, logins) for one in ours), key=lambda one: one.order))


def _unmatched(state: RouterState, secret: StoredSecret, desired: Desired, logins: Mapping[str, str]) -> Unmatched:
    live = state.sessions_by_name.get(secret.name, ())
    online = any(not one.radius for one in sessions_of(secret, state.by_name[secret.name], live))
    owner = next((one for one in _marked(secret.comment or "") if _is_ours(one, secret, desired)), None)
    alike = next((logins[form] for form in readings(secret.name) if form in logins), None)
    near = alike if owner is None else ((desired.live[owner] or "").strip() or f"subscriber {owner}")
    return Unmatched(state.router, secret.name, not secret.disabled, online, near, owner)


def _logins_by_reading(desired: Desired) -> dict[str, str]:
    return {form: login for login in sorted(desired.logins, reverse=True) for form in readings(login) if form}


def _is_ours(subscriber: int, secret: StoredSecret, desired: Desired) -> bool:
    return subscriber in desired.live and comment_for(subscriber) == secret.comment


def _marked(comment: str) -> Iterator[int]:
    """The number at the end of a comment."""
    digits = comment.rpartition(" ")[2]
    # Python reads no number of more than 4,300 digits, and no id has 20.
    if digits.isascii() and digits.isdigit() and len(digits) < 20:
        yield int(digits)
