"""The one orchestrator: read both sides, plan everything, guard it, then write.

Nothing is written before the CRM and every router that answers have been read as a whole, and everything is planned
and guarded (G1). What is written, is written to all routers at the same time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from pppsync.core.change import CUTS
from pppsync.core.limits import day_limit
from pppsync.core.names import marked, reading
from pppsync.core.outcome import Outcome, Result
from pppsync.core.reasons import Problem, Reason
from pppsync.errors import RouterError
from pppsync.journal.run import RunJournal
from pppsync.report.response import Report
from pppsync.report.router_row import RouterReport
from pppsync.sync.confirm import Confirmation
from pppsync.sync.decide import review
from pppsync.sync.hold_watch import HoldWatch
from pppsync.sync.observe import ROUTERS_AT_ONCE, survey
from pppsync.sync.protect import conclude, protect

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from pppsync.config.event import Event
    from pppsync.config.settings import Settings
    from pppsync.core.approval import Earlier
    from pppsync.core.change import Kind
    from pppsync.core.desired import Desired
    from pppsync.core.guard import Verdict
    from pppsync.core.hold import Hold
    from pppsync.core.limits import Day
    from pppsync.core.plan import Plan
    from pppsync.core.policy import GuardLimits
    from pppsync.crm.client import UispClient
    from pppsync.net.deadline import Deadline
    from pppsync.routers.gateway import RouterGateway
    from pppsync.sync.decide import States, Survey
    from pppsync.sync.protect import Protected

RESERVE: Final = 10.0
"""Seconds before the function's end in which no change begins (G7)."""
CLOSING: Final = 3.0
"""Seconds before the function's end that are kept for the report; until then both sides may still be read."""
_OF_THE_JOURNAL: Final = 2
"""Reads of the journal beside those of the routers: the day and the holds."""


def reconcile(
    event: Event,
    settings: Settings,
    crm: UispClient,
    gateways: Sequence[RouterGateway],
    deadline: Deadline,
    journal: RunJournal | None = None,
) -> Report:
    """Make the routers equal to the CRM; raises `CrmError` if the CRM cannot be read as a whole."""
    journal = journal or RunJournal.off()
    start = deadline.before(RESERVE)
    with ThreadPoolExecutor(min(len(gateways), ROUTERS_AT_ONCE) + _OF_THE_JOURNAL, "router") as pool:
        asking, holding = pool.submit(_ask, journal, event), pool.submit(journal.holds.read)
        seen = survey(settings, crm, gateways, pool, deadline.before(CLOSING))
        day, earlier = asking.result()
        holding.result()
        held = journal.holds.on_hold(gateway.settings.name for gateway in gateways)
        chosen = seen.plan.select(event.routers, event.subscribers)
        judge = partial(review, settings, chosen, event.approve, earlier=earlier, whole=seen.plan, held=held)
        verdict = judge(day)
        writers = _writers(gateways, chosen, held) if event.action == "sync" and not verdict.refused else []
        names = [gateway.settings.name for gateway in writers]
        guarded = protect(journal, verdict, names, judge)
        verdict = guarded.verdict
        reports = _found(gateways, seen.states, chosen, verdict)
        cuts = [change for name in names for change in verdict.allowed[name]]
        with Confirmation(crm, settings.policy, cuts, start) as confirmation, HoldWatch(journal.holds) as watch:
            written = pool.map(lambda one: _write(one, guarded, reports, confirmation, watch, deadline), writers)
            reports |= {report.name: report for report in written}
    made = conclude(journal, verdict, names, [one for name in names for one in reports[name].outcomes])
    journal.keep_plans(verdict.plans, settings.policy.guard.min, names)
    limits = settings.policy.guard
    routers = [replace(one, hold=journal.holds.of(name) or held.get(name)) for name, one in reports.items()]
    return _report(event, settings, seen, verdict, [_with_day(one, limits, day, made) for one in routers], journal)


def _report(
    event: Event,
    settings: Settings,
    seen: Survey,
    verdict: Verdict,
    routers: Iterable[RouterReport],
    journal: RunJournal,
) -> Report:
    """Return the whole run, with what is the same for all routers."""
    return Report(
        action=event.action,
        source=seen.crm.source,
        subscribers=len(seen.crm.subscribers),
        services=seen.crm.service_count,
        ignored=seen.desired.ignored,
        routers=tuple(routers),
        problems=(*_journal_problem(journal), *_problems(event, seen.desired, seen.plan)),
        approvals=verdict.approvals,
        weakened=settings.weakened,
        logins=len(seen.desired.wanted),
        coverage=seen.plan.coverage,
        unmatched=seen.plan.unmatched,
        journal=journal.state,
        journal_failures=len(journal.failures),
        earlier=verdict.earlier if event.action == "plan" else (),
        released=verdict.released,
    )


def _ask(journal: RunJournal, event: Event) -> tuple[Day | None, Earlier | None]:
    """Return the day so far, and the plans that an approval may name; a plan is shown all that could be."""
    return journal.read_day(), journal.kept_plans() if event.action == "plan" else journal.approvable(event.approve)


def _writers(gateways: Sequence[RouterGateway], chosen: Plan, held: Mapping[str, Hold]) -> list[RouterGateway]:
    """Return the routers that were read and may be written."""
    enforced = [one for one in gateways if one.settings.mode == "enforce" and one.settings.name not in held]
    return [one for one in enforced if one.settings.name in chosen.routers]


def _with_day(
    report: RouterReport, limits: GuardLimits, day: Day | None, made: Mapping[tuple[str, Kind], int]
) -> RouterReport:
    """Return the report with the cuts of the last 24 hours, this run's included, beside their limit (G13)."""
    if day is None or not day.reachable or not report.read:
        return report
    count = day.cuts(report.name) + sum(made.get((report.name, kind), 0) for kind in CUTS)
    return replace(report, cuts_of_the_day=(count, day_limit(limits, day, report.name, report.census)))


def _journal_problem(journal: RunJournal) -> list[Problem]:
    details = dict.fromkeys(filter(None, (*journal.failures[:1], journal.holds.failure)))
    return [Problem(None, None, Reason.JOURNAL_UNAVAILABLE, detail) for detail in details]


def _found(gateways: Sequence[RouterGateway], states: States, plan: Plan, verdict: Verdict) -> dict[str, RouterReport]:
    """Return the report of every router before anything is written."""
    reports = {}
    for gateway in gateways:
        name, mode = gateway.settings.name, gateway.settings.mode
        state = states[name]
        if isinstance(state, RouterError):
            reports[name] = RouterReport(name, mode, error=state, read=False)
            continue
        part = plan.routers[name]
        plans = tuple(one for one in verdict.plans if any(change.router == name for change in one.changes))
        found = [Outcome(change, Result.WITHHELD) for change in verdict.withheld[name]]
        if verdict.refused and mode == "enforce":
            found += [Outcome(change, Result.DEFERRED) for change in verdict.allowed[name]]
        reports[name] = RouterReport(name, mode, None, part.census, part.changes, tuple(found), plans)
    return reports


def _write(
    gateway: RouterGateway,
    guarded: Protected,
    reports: dict[str, RouterReport],
    confirmation: Confirmation,
    watch: HoldWatch,
    deadline: Deadline,
) -> RouterReport:
    """Apply what is allowed on one router, its cuts as they are confirmed."""
    name = gateway.settings.name
    outcomes = [*guarded.deferred.get(name, ())]
    confirmed = confirmation.feed(guarded.verdict.allowed[name], outcomes.append)
    feed = watch.feed(name, confirmed, outcomes.append)
    error = gateway.apply(feed, deadline.before(RESERVE), deadline.before(CLOSING), outcomes.append)
    return replace(reports[name], error=error, outcomes=(*reports[name].outcomes, *outcomes))


def _problems(event: Event, desired: Desired, plan: Plan) -> tuple[Problem, ...]:
    """Return the problems of the run; with a filter of subscribers only theirs, and which of them nobody is."""
    if event.subscribers is None:
        return plan.problems
    missing = event.subscribers - desired.names
    not_found = [Problem(None, name, Reason.NOT_FOUND, alike) for name, alike in _alike(missing, desired)]
    chosen = [one for one in plan.problems if one.name in event.subscribers]
    return tuple(sorted((*not_found, *chosen), key=lambda one: one.order))


def _alike(names: Collection[str], desired: Desired) -> Iterator[tuple[str, str]]:
    """Yield each name with the sentence that names a login which reads the same, empty if there is none."""
    logins = {reading(login): login for login in desired.logins} if names else {}
    for name in names:
        login = logins.get(reading(name))
        yield name, f"{marked(login)} reads alike" if login else ""
