"""Pure: which live sessions a secret lets in, and which of them may be dropped (R12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from pppsync.core.secret import ActiveSession, StoredSecret

ANY: Final = "any"
"""The RouterOS service of a secret that serves every service."""


def services_of_others(secret: StoredSecret, held: Iterable[StoredSecret]) -> frozenset[str]:
    """Return the RouterOS services of the other secrets of the same name: their sessions are not this one's."""
    return frozenset([other.ppp_service for other in held if other is not secret])


def lets_in(secret: StoredSecret, session: ActiveSession, others: Collection[str]) -> bool:
    """Return True if this secret, and not another of its name, let the session in.

    A secret lets in the sessions of its own service; one under `any` those of every service that has no secret of the
    same name of its own. `others` is `services_of_others`.
    """
    if session.ppp_service == secret.ppp_service:
        return True
    return secret.ppp_service == ANY and session.ppp_service not in others


def sessions_of(
    secret: StoredSecret, held: Sequence[StoredSecret], live: Sequence[ActiveSession]
) -> tuple[ActiveSession, ...]:
    """Return the live sessions of a secret's name that this secret let in, or RADIUS in its place."""
    if not live:
        return ()  # Fast path: nobody is online.
    others = services_of_others(secret, held) if len(held) > 1 else frozenset[str]()
    return tuple([session for session in live if lets_in(secret, session, others)])
