"""The router side of the domain: what `/ppp/secret` and `/ppp/active` hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from pppsync.core.names import readings
from pppsync.core.records import row_dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.core.masked import Masked

COMMENT_PREFIX: Final = "UISP client "


def comment_for(subscriber_id: int) -> str:
    """Return the comment of a secret that we create (R15)."""
    return f"{COMMENT_PREFIX}{subscriber_id}"


@row_dataclass(frozen=True, slots=True)
class StoredSecret:
    """An entry of `/ppp/secret` as a router holds it.

    Texts are UTF-8 with surrogate escapes, so that any bytes survive a round trip. `remote_address` is None where
    the router has none or `0.0.0.0`. `comment` is kept only where it is one of ours.
    """

    id: str
    name: str
    ppp_service: str
    password: Masked
    profile: str
    remote_address: str | None = None
    disabled: bool = False
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class PppSecret:
    """A secret to be created; `service=pppoe` and the rest is RouterOS' default."""

    name: str
    password: Masked
    profile: str
    remote_address: str | None
    disabled: bool
    comment: str


@row_dataclass(frozen=True, slots=True)
class ActiveSession:
    """A live session of `/ppp/active`; `radius` tells that no secret let it in."""

    id: str
    name: str
    ppp_service: str
    address: str | None = None
    radius: bool = False


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a profile does to the sessions under it: their addresses stand in a list, or their rate is limited."""

    address_list: str | None = None
    rate_limit: str | None = None


@dataclass(frozen=True, slots=True)
class ListedAddresses:
    """The addresses in the suspended profile's list.

    `of_sessions` are those that a live session put there. `default_profiles` are the default profiles of the router's
    PPPoE servers, None if it did not show them: what a profile leaves open is taken from there.
    """

    every: frozenset[str] = frozenset()
    of_sessions: frozenset[str] = frozenset()
    default_profiles: frozenset[str] | None = None


@dataclass(frozen=True)
class RouterState:
    """One router as it was read: all its secrets, profile names and live sessions.

    `restrictions` are those of the profiles that have any, read only where the policy names a suspended profile (R18).
    `listed` is the suspended profile's address list, None if it has none or the router did not show it.
    """

    router: str
    secrets: tuple[StoredSecret, ...]
    profiles: frozenset[str]
    sessions: tuple[ActiveSession, ...] = field(default=(), repr=False)
    restrictions: Mapping[str, Restriction] = field(default_factory=dict)
    listed: ListedAddresses | None = None

    @cached_property
    def by_name(self) -> dict[str, tuple[StoredSecret, ...]]:
        """All secrets of each name; more than one is a fault of the router."""
        return _grouped(self.secrets)

    @cached_property
    def sessions_by_name(self) -> dict[str, tuple[ActiveSession, ...]]:
        """All live sessions of each name."""
        return _grouped(self.sessions)

    @cached_property
    def names_by_reading(self) -> Mapping[str, Sequence[str]]:
        """The names of all secrets by what they read as (R1)."""
        found: dict[str, list[str]] = {}
        for name in self.by_name:
            for form in readings(name):
                found.setdefault(form, []).append(name)
        return found

    @cached_property
    def profile_by_reading(self) -> Mapping[str, str]:
        """A profile's name by what it reads as; of several, the first in order."""
        return {form: name for name in sorted(self.profiles, reverse=True) for form in readings(name)}

    @cached_property
    def passwords_readable(self) -> bool:
        """False if every password shown is empty or only asterisks: the user lacks the policy `sensitive` (G5)."""
        return not self.secrets or any(secret.password.reveal().strip("*") for secret in self.secrets)


class _Named(Protocol):
    @property
    def name(self) -> str: ...


def _grouped[Row: _Named](rows: Iterable[Row]) -> dict[str, tuple[Row, ...]]:
    groups: dict[str, tuple[Row, ...]] = {}
    for row in rows:
        earlier = groups.get(row.name)
        groups[row.name] = (row,) if earlier is None else (*earlier, row)
    return groups
