"""What the operator can choose about the rules: the section `policy` of the config secret.

The fields of `Policy` and `GuardLimits` are the keys of the section and carry their defaults; the tables give each
key its kind and its bounds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pppsync.document import Kind, Reader, RefusedError, as_is, filled, flag, label, number, one_of, whole

PPP_SERVICES: Final = ("any", "async", "l2tp", "ovpn", "pppoe", "pptp", "sstp", "isdn")


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """How many changes of a kind are applied without approval."""

    min: int = 10
    percent: float = 20.0
    default_password: int = 0
    create_min: int = 50
    create_percent: float = 50.0
    fleet_min: int = 50


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator can choose about the rules."""

    unmanaged_tag: str = "Custom-Config"
    ppp_services: frozenset[str] = frozenset({"pppoe", "any"})
    allow_numeric_custom_id: bool = False
    profile_from: Literal["name", "servicePlanName"] = "name"
    password_attribute: str = "pppPassword"  # noqa: S105 - the key of an attribute
    missing_password: Literal["leave", "registration_date"] = "leave"  # noqa: S105 - a choice
    static_ip_attribute: str = "staticIp"
    static_ip_absent: Literal["leave", "clear"] = "leave"
    router_attribute: str = "router"
    guard: GuardLimits = field(default_factory=GuardLimits)
    drops_per_second: float = 20.0
    router_timeout: float = 30.0


def _ppp_services(value: object) -> frozenset[str]:
    if isinstance(value, list) and value and all(item in PPP_SERVICES for item in value):
        return frozenset(value)
    raise RefusedError(f"must be a list of one or more of {', '.join(PPP_SERVICES)}")


GUARD_KEYS: Final[dict[str, Kind]] = {
    "min": whole(0),
    "percent": number(0, 100),
    "default_password": whole(0),
    "create_min": whole(0),
    "create_percent": number(0, 100),
    "fleet_min": whole(0),
}
POLICY_KEYS: Final[dict[str, Kind]] = {
    "unmanaged_tag": filled,
    "ppp_services": _ppp_services,
    "allow_numeric_custom_id": flag,
    "profile_from": one_of("name", "servicePlanName"),
    "password_attribute": label,
    "missing_password": one_of("leave", "registration_date"),
    "static_ip_attribute": label,
    "static_ip_absent": one_of("leave", "clear"),
    "router_attribute": label,
    "guard": as_is,
    "drops_per_second": number(0, 1_000_000),
    "router_timeout": number(0, 240, above=True),
}


def read_policy(reader: Reader, section: object) -> Policy:
    """The policy that the section holds; what is wrong with it is added to the faults of `reader`."""
    found: dict[str, Any] = reader.keys("policy", section, POLICY_KEYS)
    if "guard" in found:
        found["guard"] = GuardLimits(**reader.keys("policy.guard", found["guard"], GUARD_KEYS))
    # A bad address or router name is shown in a problem; a password must not come to stand there.
    password = found.get("password_attribute", Policy().password_attribute)
    for key in ("static_ip_attribute", "router_attribute"):
        if found.get(key, getattr(Policy(), key)) == password:
            reader.fault(f"policy.{key}", "must not be the attribute that holds the password")
    return Policy(**found)
