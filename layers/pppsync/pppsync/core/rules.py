"""One router as read, with what is needed to compare logins with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pppsync.core.change import Change
from pppsync.core.reasons import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pppsync.core.policy import Policy
    from pppsync.core.secret import RouterState, StoredSecret
    from pppsync.core.target import SuspendedProfile

type Finding = Change | Problem


@dataclass(frozen=True, slots=True)
class RouterRules:
    """One router as read, with what is needed to compare a login with it.

    `passwords_known` is False where the CRM has no attribute for them (R10). `shared_addresses` maps each static
    address that more than one login of this router wants to these logins (R11). `logins` are the exact logins of live
    subscribers (R1), `renamed` the subscribers of whom a router holds a secret of ours under another name (R14).
    `suspended` is the suspended profile as this router holds it, None if the policy names none (R18).
    """

    state: RouterState
    policy: Policy
    passwords_known: bool
    shared_addresses: Mapping[str, Sequence[str]]
    logins: Collection[str]
    renamed: Collection[int]
    suspended: SuspendedProfile | None = None

    def ours(self, held: Sequence[StoredSecret]) -> Sequence[StoredSecret]:
        """Return those of several secrets of one name that are under one of our services (R1)."""
        services = self.policy.ppp_services
        if len(held) == 1:
            return held if held[0].ppp_service in services else ()  # Fast path: nearly every name.
        return [secret for secret in held if secret.ppp_service in services]
