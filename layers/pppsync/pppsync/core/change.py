"""One change of one secret: the unit that is planned, counted, guarded, applied and reported."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pppsync.core.secret import PppSecret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pppsync.core.desired import Wanted
    from pppsync.core.masked import Masked
    from pppsync.core.reasons import Reason
    from pppsync.core.secret import ActiveSession, StoredSecret


class Kind(StrEnum):
    """Names what a change does, in the order of application (G8): who is let in first, cuts late, repairs last."""

    ENABLE = "enable"
    RESTORE = "restore"
    CREATE = "create"
    PASSWORD = "password"  # noqa: S105 - the name of a kind
    DEFAULT_PASSWORD = "default_password"  # noqa: S105 - the name of a kind
    PROFILE = "profile"
    REMOTE_ADDRESS = "remote_address"
    RESTRICT = "restrict"
    DISABLE = "disable"
    DROP = "drop"


ORDER: Final = {kind: position for position, kind in enumerate(Kind)}
FIELDS: Final = {
    Kind.ENABLE: "disabled",
    Kind.RESTORE: "profile",
    Kind.PASSWORD: "password",
    Kind.DEFAULT_PASSWORD: "password",
    Kind.PROFILE: "profile",
    Kind.REMOTE_ADDRESS: "remote-address",
    Kind.RESTRICT: "profile",
    Kind.DISABLE: "disabled",
}
"""The RouterOS word that each kind writes; a create writes a whole secret, a drop none."""
CUTS: Final = frozenset({Kind.RESTRICT, Kind.DISABLE})
"""The kinds that take access away: each is confirmed in the CRM (G2), and they are counted in sum (G3)."""
VALUE_KINDS: Final = frozenset(
    {Kind.PASSWORD, Kind.DEFAULT_PASSWORD, Kind.PROFILE, Kind.REMOTE_ADDRESS, Kind.RESTORE, Kind.RESTRICT}
)
"""The kinds whose value is read back before a session is dropped for it (R12)."""


type ChangeKey = tuple[str, str, Kind, str | None]


@dataclass(frozen=True, slots=True)
class Change:
    """Describes one kind of change of one secret.

    `secret` is the entry as read, None for a create. `desired` is the value that the RouterOS word is to have (`yes`
    and `no` for the disabled flag, None for no address), a `PppSecret` for a create. `sessions` are the live sessions
    that are dropped with it. `reason` is None, or says why a cut is not simply the CRM's suspension: `moved`,
    `login_on_two_routers`; `former_login` on a create says that the subscriber had another login. `others` are the
    RouterOS services of other secrets of the same name on the router, whose sessions are not this one's (R12).
    `profile` is what an `enable` writes in the same sentence as the flag, so that nobody is let in under another
    profile (R18); None for every other change. `restricted` tells that the secret is restricted as read.
    """

    kind: Kind
    router: str
    wanted: Wanted
    secret: StoredSecret | None
    actual: str | Masked | None
    desired: str | Masked | PppSecret | None
    sessions: tuple[ActiveSession, ...] = ()
    reason: Reason | None = None
    others: frozenset[str] = frozenset()
    profile: str | None = None
    restricted: bool = False

    @property
    def name(self) -> str:
        """The secret's name."""
        return self.wanted.name

    @property
    def field(self) -> str | None:
        """The RouterOS word that is written, None for a create or a drop."""
        return FIELDS.get(self.kind)

    @property
    def words(self) -> tuple[tuple[str, str | Masked | None], ...]:
        """The RouterOS words that are written in one sentence, each with its value; none for a create or a drop."""
        if self.field is None or isinstance(self.desired, PppSecret):
            return ()
        flag_or_value = (self.field, self.desired)
        return (flag_or_value,) if self.profile is None else (("profile", self.profile), flag_or_value)

    @property
    def read_back(self) -> bool:
        """True if the router must hold what was written before a session is dropped for it (R12)."""
        return self.kind in VALUE_KINDS or self.profile is not None

    @property
    def key(self) -> ChangeKey:
        """Identifies a change within a plan: router, name, kind, and the secret's id (None for a create)."""
        return self.router, self.wanted.name, self.kind, self.secret.id if self.secret else None


type Batch = tuple[Change, ...]
"""Changes that are applied as one: a single change, or all new values of one secret, which share their drop."""


def batches(changes: Iterable[Change]) -> list[Batch]:
    """Return the changes in order, the values of one secret together: they share one session drop."""
    found: dict[tuple[str | None, ...], Batch] = {}
    for change in changes:
        key = (change.name,) if change.kind in VALUE_KINDS else change.key
        found[key] = (*found.get(key, ()), change)
    return list(found.values())
