"""Reads the section `policy` of the config secret: what the operator can choose about the rules.

The fields of `Policy` and `GuardLimits` are the keys of the section and carry their defaults; the tables give each
key its kind and its bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pppsync.config.kinds import RefusedError, ValueKind, as_is, filled, flag, label, number, one_of, whole
from pppsync.core.policy import PPP_SERVICES, GuardLimits, Policy
from pppsync.errors import Code

if TYPE_CHECKING:
    from pppsync.config.reader import Reader


def _ppp_services(value: object) -> frozenset[str]:
    if isinstance(value, list) and value and all(item in PPP_SERVICES for item in value):
        return frozenset(value)
    raise RefusedError(f"must be a list of one or more of {', '.join(PPP_SERVICES)}")


GUARD_KEYS: Final[dict[str, ValueKind]] = {
    "min": whole(0),
    "percent": number(0, 100),
    "default_password": whole(0),
    "create_min": whole(0),
    "create_percent": number(0, 100),
    "fleet_min": whole(0),
    "day_min": whole(0),
    "day_percent": number(0, 100),
    "fleet_day_min": whole(0),
}
POLICY_KEYS: Final[dict[str, ValueKind]] = {
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
    Code.ROUTER_TIMEOUT: number(0, 240, above=True),
}


def read_policy(reader: Reader, section: object) -> Policy:
    """Return the policy that the section holds; adds its faults to those of `reader`."""
    found: dict[str, Any] = reader.keys("policy", section, POLICY_KEYS)
    if "guard" in found:
        found["guard"] = GuardLimits(**reader.keys("policy.guard", found["guard"], GUARD_KEYS))
    # A bad address or router name is shown in a problem; a password must not come to stand there.
    password = found.get("password_attribute", Policy().password_attribute)
    for key in ("static_ip_attribute", "router_attribute"):
        if found.get(key, getattr(Policy(), key)) == password:
            reader.fault(f"policy.{key}", "must not be the attribute that holds the password")
    return Policy(**found)
