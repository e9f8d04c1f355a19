"""What the operator can choose about the rules: the keys of the section `policy` of the config secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

PPP_SERVICES: Final = ("any", "async", "l2tp", "ovpn", "pppoe", "pptp", "sstp", "isdn")
"""The values of RouterOS' `service=` of a secret."""


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """How many changes of a kind are applied without approval."""

    min: int = 10
    percent: float = 20.0
    default_password: int = 0
    create_min: int = 50
    create_percent: float = 50.0
    fleet_min: int = 50
    day_min: int = 30
    day_percent: float = 25.0
    fleet_day_min: int = 100


@dataclass(frozen=True, slots=True)
class Suspension:
    """What a suspended login gets (R18): it is disabled, or restricted by a profile.

    `profile` is None with the mode `disable`. `reasons` are the ids of `suspensionReasonId` for which a login is
    restricted, None for any; with another reason it is disabled.
    """

    mode: Literal["disable", "profile"] = "disable"
    profile: str | None = None
    reasons: frozenset[int] | None = None

    def restricts(self, reason: int | None) -> bool:
        """Return True if a login whose service is suspended for this reason is restricted, not disabled."""
        return self.profile is not None and (self.reasons is None or reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator can choose about the rules."""

    unmanaged_tag: str = "Custom-Config"
    ppp_services: frozenset[str] = frozenset({"pppoe", "any"})
    allow_numeric_custom_id: bool = False
    profile_from: Literal["name", "servicePlanName"] = "name"
    profile_default: str | None = None
    suspension: Suspension = field(default_factory=Suspension)
    password_attribute: str = "pppPassword"  # noqa: S105 - the key of an attribute
    missing_password: Literal["leave", "registration_date"] = "leave"  # noqa: S105 - a choice
    static_ip_attribute: str = "staticIp"
    static_ip_absent: Literal["leave", "clear"] = "leave"
    router_attribute: str = "router"
    guard: GuardLimits = field(default_factory=GuardLimits)
    drops_per_second: float = 20.0
    router_timeout: float = 30.0
