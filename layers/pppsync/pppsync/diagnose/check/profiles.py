"""Pure: checks that a router has a profile for every service plan in use (R9), and advises how to get it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from pppsync.core.names import marked, reading
from pppsync.core.reasons import Reason
from pppsync.diagnose.check.line import Check, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.core.secret import RouterState
    from pppsync.sync.decide import Survey

_BUILT_IN: Final = frozenset({"default", "default-encryption"})
"""Profiles that every RouterOS has, and that cannot be renamed."""
_ADVICES: Final = 5


def check_profiles(state: RouterState, seen: Survey) -> Check:
    """Check the profiles of one router; where one is missing, the line says whether to rename or to add one."""
    name = f"router.{state.router}.profiles"
    lacking = _lacking(state.router, seen)
    if not lacking:
        return Check(name, True, "every service plan in use has its profile")
    shown = some([f"{marked(profile)} ({len(logins)})" for profile, logins in lacking.items()])
    advices = _advices(state, seen, lacking)
    more = [f"for {len(advices) - _ADVICES} more service plans the same"] if len(advices) > _ADVICES else []
    add = ["add /ppp/profile" + (" for the others" if advices else "")] if len(advices) < len(lacking) else []
    sentences = [f"no profile for these service plans (subscribers): {shown}", *advices[:_ADVICES], *more, *add]
    return Check(name, False, "; ".join(sentences))


def _lacking(router: str, seen: Survey) -> dict[str, list[str]]:
    """Return the missing profiles with the logins that want each, the most wanted first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in seen.plan.problems:
        if (one.router, one.reason) == (router, Reason.PROFILE_MISSING) and one.name is not None:
            found[seen.desired.wanted[one.name].profile or ""].append(one.name)
    return dict(sorted(found.items(), key=lambda one: -len(one[1])))


def _advices(state: RouterState, seen: Survey, lacking: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what to rename: a profile that reads the same, or one that most of the secrets have already."""
    wanted = {one.profile for one in seen.desired.wanted.values()}
    found: dict[object, str] = {}
    for profile, logins in lacking.items():
        quoted = f"`{marked(profile)}`"
        alike = state.profile_by_reading.get(reading(profile)) if profile else None
        if alike is not None:
            found["alike", profile] = f"{quoted} and the profile `{marked(alike)}` only read the same: make them equal"
            continue
        shared, count, total = _shared(state, seen, logins)
        # A profile that another plan wants, or that was named before, cannot be renamed for this one.
        if shared is not None and shared not in wanted and shared not in found:
            found[shared] = (
                f"{count} of {total} secrets of {quoted} have the profile `{marked(shared)}`, which no service plan "
                "names: rename that profile, or the service plan, instead of adding one"
            )
    return list(found.values())


def _shared(state: RouterState, seen: Survey, logins: Iterable[str]) -> tuple[str | None, int, int]:
    """Return the profile that most of the secrets of these logins have, if it can be renamed; its count and theirs."""
    services = seen.fleet.ppp_services
    secrets = [one for login in logins for one in state.by_name.get(login, ()) if one.ppp_service in services]
    profiles = Counter(one.profile for one in secrets)
    for profile, count in profiles.most_common(1):
        if 2 * count > len(secrets) and profile in state.profiles - _BUILT_IN:
            return profile, count, len(secrets)
    return None, 0, len(secrets)
