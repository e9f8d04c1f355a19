"""Reads the section `policy` of the config secret: what the operator can choose about the rules.

The fields of `Policy` and `GuardLimits` are the keys of the section and carry their defaults; the tables give each
key its kind and its bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pppsync.config.kinds import RefusedError, ValueKind, as_is, filled, flag, label, number, one_of, optional, whole
from pppsync.core.policy import PPP_SERVICES, GuardLimits, Policy, Suspension
from pppsync.errors import Code

if TYPE_CHECKING:
    from pppsync.config.reader import Reader


def _ppp_services(value: object) -> frozenset[str]:
    if isinstance(value, list) and value and all(item in PPP_SERVICES for item in value):
        return frozenset(value)
    raise RefusedError(f"must be a list of one or more of {', '.join(PPP_SERVICES)}")


def _reasons(value: object) -> frozenset[int]:
    if isinstance(value, list) and all(type(item) is int and item >= 0 for item in value):
        return frozenset(value)
    raise RefusedError("must be a list of whole numbers, the ids of reasons in the CRM")


SUSPENSION_KEYS: Final[dict[str, ValueKind]] = {
    "mode": one_of("disable", "profile"),
    "profile": optional(filled),
    "reasons": optional(_reasons),
}
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
    "profile_default": optional(filled),
    "suspension": as_is,
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
    if "suspension" in found:
        found["suspension"] = _read_suspension(reader, found["suspension"], found.get("profile_default"))
    # A bad address or router name is shown in a problem; a password must not come to stand there.
    password = found.get("password_attribute", Policy().password_attribute)
    for key in ("static_ip_attribute", "router_attribute"):
        if found.get(key, getattr(Policy(), key)) == password:
            reader.fault(f"policy.{key}", "must not be the attribute that holds the password")
    return Policy(**found)


def _read_suspension(reader: Reader, section: object, profile_default: str | None) -> Suspension:
    """Return what a suspended login gets (R18)."""
    path = "policy.suspension"
    found = reader.keys(path, section, SUSPENSION_KEYS)
    given = section if isinstance(section, dict) else {}
    profile = found.get("profile")
    # A key that was refused is a fault already.
    mode = found.get("mode", None if "mode" in given else "disable")
    if mode == "profile" and profile is None and ("profile" in found or "profile" not in given):
        reader.fault(f"{path}.profile", "is missing; it names the profile of those who are restricted")
    if mode == "disable":
        for key in ("profile", "reasons"):
            if found.get(key) is not None:
                reader.fault(f"{path}.{key}", 'has no meaning without `"mode": "profile"`')
    if profile is not None and profile == profile_default:
        reader.fault("policy.profile_default", "must not be the profile of those who are restricted")
    return Suspension(**found)
