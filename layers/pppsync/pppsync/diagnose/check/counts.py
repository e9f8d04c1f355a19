"""Pure: checks of the CRM's lists: how many subscribers are managed, and what keeps the others out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pppsync.core.desired import Ignored
from pppsync.core.names import marked
from pppsync.core.reasons import Reason
from pppsync.diagnose.check.line import Check, some
from pppsync.diagnose.services import active_services

if TYPE_CHECKING:
    from pppsync.config.settings import Settings
    from pppsync.core.reasons import Problem
    from pppsync.sync.decide import Survey


def check_counts(seen: Survey, settings: Settings) -> list[Check]:
    """Check how much was read, how many subscribers are managed, and what their services and routers are."""
    return [_lists(seen, settings), _managed(seen), _coverage(seen), _services(seen), _routers(seen, settings)]


def _lists(seen: Survey, settings: Settings) -> Check:
    crm = seen.crm
    fallen = crm.source == "address" and settings.crm.domain is not None
    counts = f"{len(crm.subscribers)} subscribers and {crm.service_count} services, read at the {crm.source}"
    return Check("crm.lists", True, f"{counts}{', since the domain failed' if fallen else ''}")


def _managed(seen: Survey) -> Check:
    nobody = _nothing_managed(seen)
    if nobody:
        reason = nobody.detail.rpartition(": ")[2]
        sentence = Reason[reason.upper()].sentence
        return Check("crm.managed", False, f"nobody is managed; {nobody.detail}. {sentence}")
    ignored = ", ".join(f"{reason} {count}" for reason, count in sorted(seen.desired.ignored.items()))
    managed = f"{len(seen.desired.wanted)} of {len(seen.crm.subscribers)} subscribers are managed"
    return Check("crm.managed", True, f"{managed}; ignored: {ignored or 'none'}")


def _nothing_managed(seen: Survey) -> Problem | None:
    return next((one for one in seen.plan.problems if one.reason is Reason.NOTHING_MANAGED), None)


def _coverage(seen: Survey) -> Check:
    """Show the coverage (G15) with the reasons of those who count and are not managed."""
    ok = _nothing_managed(seen) is None
    if seen.plan.coverage is None:
        return Check("crm.coverage", ok, "none: no live subscriber has an Internet service that counts")
    desired = seen.desired
    verdicts = [desired.verdicts[subscriber] for subscriber in desired.coverable]
    reasons = Counter(verdict.reason for verdict in verdicts if isinstance(verdict, Ignored))
    without_router = {Reason.ROUTER_UNKNOWN, Reason.NO_ROUTER}
    reasons.update(
        one.reason for one in seen.plan.problems if one.reason in without_router and one.subscriber in desired.coverable
    )
    of = f"{seen.plan.coverage} % of {len(desired.coverable)} subscribers with a service that counts are managed"
    missing = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
    return Check("crm.coverage", ok, f"{of}{f'; not managed: {missing}' if missing else ''}")


def _services(seen: Survey) -> Check:
    """Count the logins with several active Internet services (R7)."""
    several = sorted(
        marked(name)
        for name, wanted in seen.desired.wanted.items()
        if len(active_services(seen.crm.services.get(wanted.subscriber, ()))) > 1
    )
    if not several:
        return Check("crm.services", True, "no login has more than one active Internet service")
    number = "1 login has" if len(several) == 1 else f"{len(several)} logins have"
    counts = "more than one active Internet service, of which the one added last counts"
    return Check("crm.services", True, f"note: {number} {counts}: {some(several)}")


def _routers(seen: Survey, settings: Settings) -> Check:
    """Check that every router that a subscriber's attribute names is configured (R16)."""
    unknown = Counter(one.detail for one in seen.plan.problems if one.reason is Reason.ROUTER_UNKNOWN)
    if not unknown:
        return Check("crm.routers", True, "no subscriber names a router that is not configured")
    shown = some([f"{marked(name)} ({count})" for name, count in unknown.most_common()])
    known = some([router.name for router in settings.routers])
    remedy = f"correct the attribute {settings.policy.router_attribute}, or add the router; configured are {known}"
    return Check(
        "crm.routers", False, f"these routers are not configured (subscribers who name them): {shown}; {remedy}"
    )
