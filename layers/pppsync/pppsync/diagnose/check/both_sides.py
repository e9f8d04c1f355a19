"""Pure: what the self-test finds where both sides are known: who is managed, and what the routers lack for them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pppsync.core.reasons import Reason
from pppsync.core.secret import RouterState
from pppsync.diagnose.check.line import Check, some

if TYPE_CHECKING:
    from pppsync.config.settings import Settings
    from pppsync.core.policy import Policy
    from pppsync.sync.decide import Survey


def check_counts(seen: Survey, settings: Settings) -> list[Check]:
    """How much was read, and how many of the subscribers are managed."""
    crm = seen.crm
    fallen = crm.source == "address" and settings.crm.domain is not None
    counts = f"{len(crm.subscribers)} subscribers and {crm.service_count} services, read at the {crm.source}"
    lists = Check("crm.lists", True, f"{counts}{', since the domain failed' if fallen else ''}")
    nobody = next((one for one in seen.plan.problems if one.reason == Reason.NOTHING_MANAGED), None)
    if nobody:
        reason = nobody.detail.rpartition(": ")[2]
        return [
            lists,
            Check("crm.managed", False, f"nobody is managed; {nobody.detail}. {Reason[reason.upper()].sentence}"),
        ]
    ignored = ", ".join(f"{reason} {count}" for reason, count in sorted(seen.desired.ignored.items()))
    managed = f"{len(seen.desired.wanted)} of {len(crm.subscribers)} subscribers are managed"
    return [lists, Check("crm.managed", True, f"{managed}; ignored: {ignored or 'none'}")]


def check_sides(router: str, seen: Survey, policy: Policy) -> list[Check]:
    """What stands in the way on one router that was read."""
    state = seen.states[router]
    if not isinstance(state, RouterState):
        return []
    return [_profiles(router, seen), _duplicates(state, policy), _names(router, seen)]


def _profiles(router: str, seen: Survey) -> Check:
    lacking = Counter(
        one.detail for one in seen.plan.problems if (one.router, one.reason) == (router, "profile_missing")
    )
    name = f"router.{router}.profiles"
    if not lacking:
        return Check(name, True, "every service plan in use has its profile")
    shown = some([f"{profile} ({count})" for profile, count in lacking.most_common()])
    return Check(name, False, f"no profile for these service plans (subscribers): {shown}; add /ppp/profile")


def _duplicates(state: RouterState, policy: Policy) -> Check:
    names = sorted(
        name
        for name, secrets in state.by_name.items()
        if len(secrets) > 1 and any(one.ppp_service in policy.ppp_services for one in secrets)
    )
    check = f"router.{state.router}.duplicates"
    if not names:
        return Check(check, True, "no name is there twice")
    return Check(check, False, f"more than one secret of these names, which are left alone: {some(names)}; remove one")


def _names(router: str, seen: Survey) -> Check:
    taken = {
        reason: sorted(one.name or "" for one in seen.plan.problems if (one.router, one.reason) == (router, reason))
        for reason in ("name_taken", "name_case_differs")
    }
    words = {"name_taken": "under a service that is not ours", "name_case_differs": "in other letter case"}
    found = [f"{words[reason]}: {some(names)}" for reason, names in taken.items() if names]
    if not found:
        return Check(f"router.{router}.names", True, "no subscriber's name is taken")
    return Check(f"router.{router}.names", False, f"subscribers' names held {'; '.join(found)}; rename one side")
