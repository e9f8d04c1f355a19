"""Pure: what the state of a login means on a router: the disabled flag and the profile of its secret (R8, R9, R18).

    the login is      and lets in    flag        profile
    enabled           fully          enabled     the service plan's
    restricted        restricted     enabled     the suspended one
    disabled          nobody         disabled    the service plan's
    off               nobody         disabled    left alone

Where the suspended profile is missing on a router, or restricts nobody there, a restricted login counts as a disabled
one. A secret that is to let nobody in keeps the suspended profile, and one that the router has no more, until it is
enabled: so no two writes, in whatever order, let in somebody fully who is suspended.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pppsync.core.counting_service import State
from pppsync.core.reasons import Problem, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pppsync.core.desired import Wanted
    from pppsync.core.policy import Policy
    from pppsync.core.secret import ActiveSession, ListedAddresses, Restriction, RouterState, StoredSecret


class Access(Enum):
    """What a secret lets a customer do."""

    FULL = "full"
    RESTRICTED = "restricted"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SuspendedProfile:
    """The suspended profile as one router holds it.

    `fault` is why it restricts nobody there, None if it does. `address_list` is the list that its sessions stand in,
    `listed` are the addresses in that list, None if the router did not show them. `exclusive` tells that only sessions
    of this profile stand in the list.
    """

    name: str
    fault: Reason | None = None
    address_list: str | None = None
    listed: ListedAddresses | None = None
    exclusive: bool = False

    def restricts(self, secret: StoredSecret) -> bool:
        """Return True if the secret is restricted as read: enabled, and under this profile, which does restrict."""
        return self.fault is None and not secret.disabled and secret.profile == self.name

    def unlisted(self, session: ActiveSession) -> bool:
        """Return True if the router showed that a session under this profile is not in its list."""
        return self.listed is not None and session.address is not None and session.address not in self.listed.every


def suspended_profile(state: RouterState, policy: Policy) -> SuspendedProfile | None:
    """Return the suspended profile as the router holds it, None if the policy names none."""
    name = policy.suspension.profile
    if name is None:
        return None
    if name not in state.profiles:
        return SuspendedProfile(name, Reason.SUSPENDED_PROFILE_MISSING)
    restriction = state.restrictions.get(name)
    if restriction is None:
        return SuspendedProfile(name, Reason.SUSPENDED_PROFILE_OPEN)
    return SuspendedProfile(name, None, restriction.address_list, state.listed, _exclusive(name, restriction, state))


def _exclusive(name: str, restriction: Restriction, state: RouterState) -> bool:
    """Return True if no other profile names the list, nor passes it on to profiles that name none."""
    sharing = {one for one, other in state.restrictions.items() if other.address_list == restriction.address_list}
    defaults = state.listed.default_profiles if state.listed else None
    return sharing == {name} and defaults is not None and name not in defaults


def profile_faults(state: RouterState, suspended: SuspendedProfile | None) -> Iterator[Problem]:
    """Yield what keeps the suspended profile of a router from its work, or its list from being read."""
    if suspended is None:
        return
    if suspended.fault is not None:
        yield Problem(state.router, None, suspended.fault, suspended.name)
    elif suspended.address_list is not None and suspended.listed is None:
        yield Problem(state.router, None, Reason.SUSPENDED_LIST_UNREAD, suspended.address_list)


def access_wanted(wanted: Wanted, suspended: SuspendedProfile | None) -> Access:
    """Return what a login's secret is to let in; it fails closed where nothing restricts."""
    if wanted.state is State.ENABLED:
        return Access.FULL
    if wanted.state is State.RESTRICTED and suspended is not None and suspended.fault is None:
        return Access.RESTRICTED
    return Access.NONE


def access_given(secret: StoredSecret, suspended: SuspendedProfile | None) -> Access:
    """Return what a secret lets in as read."""
    if secret.disabled:
        return Access.NONE
    return Access.RESTRICTED if suspended is not None and suspended.restricts(secret) else Access.FULL
