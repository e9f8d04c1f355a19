"""Pure: desired and actual -> everything that has to change, on every router, with the reasons where nothing can.

A plan is a value: complete before anything is written, ordered, counted, and the same whatever the order of its
inputs. What one login needs is decided in `compare`; here it is found out on which router (R16), and every secret is
counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pppsync.core.addresses import shared, wishes, without_taken
from pppsync.core.census import Census, count
from pppsync.core.change import ORDER, Change
from pppsync.core.compare import compare_home, password_absent, works_at_home
from pppsync.core.counting_service import State
from pppsync.core.coverage import coverage
from pppsync.core.cuts import cut, is_online, let_in, stays_restricted
from pppsync.core.left_online import left_online
from pppsync.core.names import marked
from pppsync.core.placement import Placement, place
from pppsync.core.reasons import Problem, Reason
from pppsync.core.rules import RouterRules
from pppsync.core.target import profile_faults, suspended_profile
from pppsync.core.unmatched import Unmatched, unmatched_secrets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from pppsync.core.desired import Desired, Wanted
    from pppsync.core.placement import Fleet
    from pppsync.core.policy import Policy
    from pppsync.core.rules import Finding
    from pppsync.core.secret import RouterState


@dataclass(frozen=True, slots=True)
class RouterPlan:
    """The changes of one router in the order in which they are applied, and the count of what it holds."""

    router: str
    changes: tuple[Change, ...]
    census: Census

    def counts(self) -> Counter[str]:
        """Count the changes by kind."""
        return Counter(change.kind.value for change in self.changes)


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of every router that could be read, by name, all problems, and what is managed at all."""

    routers: Mapping[str, RouterPlan]
    problems: tuple[Problem, ...]
    unmatched: tuple[Unmatched, ...] = ()
    coverage: float | None = None

    def select(self, routers: Collection[str] | None, names: Collection[str] | None) -> Plan:
        """Return the plan with only the changes of these routers and logins; None selects all."""
        return Plan(
            {
                router: replace(
                    plan,
                    changes=tuple(
                        change
                        for change in plan.changes
                        if (routers is None or router in routers) and (names is None or change.name in names)
                    ),
                )
                for router, plan in self.routers.items()
            },
            self.problems,
            self.unmatched,
            self.coverage,
        )


def build_plan(desired: Desired, fleet: Fleet, policy: Policy, *, passwords_known: bool) -> Plan:
    """Compare the whole of both sides; `passwords_known` is False where the CRM lists no attribute for passwords."""
    placements = {name: place(wanted, fleet, desired.logins) for name, wanted in desired.wanted.items()}
    placed = [(wanted, placements[name]) for name, wanted in desired.wanted.items()]
    unmatched = unmatched_secrets(fleet.states.values(), desired, policy)
    wanted_addresses = wishes(placed)
    renamed = frozenset(one.owner for one in unmatched if one.owner is not None)

    def rules_of(state: RouterState) -> RouterRules:
        wanted_here = shared(wanted_addresses.get(state.router, {}))
        suspended = suspended_profile(state, policy)
        return RouterRules(state, policy, passwords_known, wanted_here, desired.logins, renamed, suspended)

    rules = {router: rules_of(state) for router, state in fleet.states.items()}
    findings: list[Finding] = [*desired.problems, *_former_logins(unmatched)]
    for wanted, placement in placed:
        findings += _findings(wanted, placement, rules)
    if not passwords_known:
        findings.append(Problem(None, None, Reason.PASSWORD_ATTRIBUTE_MISSING, policy.password_attribute))
    absent = Counter(
        placement.home
        for wanted, placement in placed
        if (home := rules.get(placement.home or "")) and password_absent(wanted, home)
    )
    for router, state in fleet.states.items():
        findings += (*_router_problems(state, absent[router]), *profile_faults(state, rules[router].suspended))
    by_router: dict[str, list[Change]] = {router: [] for router in fleet.states}
    for finding in findings:
        if isinstance(finding, Change):
            by_router[finding.router].append(finding)
    for router, state in fleet.states.items():
        by_router[router], taken = without_taken(state, by_router[router], wanted_addresses.get(router, {}))
        findings += taken
    suspended = {router: one.suspended for router, one in rules.items() if one.suspended}
    findings += left_online(desired, fleet, placements, by_router, unmatched, suspended)
    problems = {one for one in findings if isinstance(one, Problem)}
    stuck = Counter(one.router for one in problems if one.reason is Reason.PAID_RESTRICTED)
    return Plan(
        routers={
            router: _router_plan(rules[router], desired, changes, stuck[router])
            for router, changes in by_router.items()
        },
        problems=tuple(sorted(problems, key=lambda one: one.order)),
        unmatched=unmatched,
        coverage=coverage(desired, placements),
    )


def _router_plan(rules: RouterRules, desired: Desired, changes: Iterable[Change], paid_restricted: int) -> RouterPlan:
    in_order = sorted(changes, key=lambda one: (ORDER[one.kind], one.name, one.secret.id if one.secret else ""))
    census = replace(count(rules, desired, in_order), paid_restricted=paid_restricted)
    return RouterPlan(rules.state.router, tuple(in_order), census)


def _findings(wanted: Wanted, placement: Placement, rules: Mapping[str, RouterRules]) -> list[Finding]:
    """Return everything about one login, on its own router and on others that hold it."""
    findings: list[Finding] = [placement.problem] if placement.problem else []
    home = rules.get(placement.home or "")
    at_home = compare_home(wanted, home) if home else []
    findings += at_home
    if not placement.strays:
        return findings
    strays = [rules[router] for router in placement.strays]
    if placement.home is None:
        return findings + _without_home(wanted, strays)
    for stray in strays:
        cuts = cut(wanted, stray, Reason.MOVED)
        settled = home is not None and not at_home and works_at_home(wanted, home, stray)
        due = wanted.state is not State.ENABLED or settled
        findings += cuts if due else []
        if any(isinstance(one, Change) for one in cuts):
            progress = "so it is disabled here" if due else "which does not hold it as desired yet"
            detail = f"its own router is {placement.home}, {progress}"
            findings.append(Problem(stray.state.router, wanted.name, Reason.MOVED, detail, wanted.subscriber))
    return findings


def _without_home(wanted: Wanted, strays: Sequence[RouterRules]) -> list[Finding]:
    """Return what is done to a login on several routers of which none is known to be its own (R16).

    It is cut everywhere or let in everywhere; no value is written.
    """
    if wanted.state is not State.ENABLED:
        return [finding for stray in strays for finding in cut(wanted, stray, Reason.LOGIN_ON_TWO_ROUTERS)]
    stuck = [finding for stray in strays for finding in stays_restricted(wanted, stray)]
    if any(is_online(wanted, stray) for stray in strays):
        return stuck
    return stuck + [finding for stray in strays for finding in let_in(wanted, stray, Reason.LOGIN_ON_TWO_ROUTERS)]


def _former_logins(unmatched: Iterable[Unmatched]) -> Iterator[Problem]:
    """Name the secrets that we made for somebody who has another custom ID now (R14)."""
    for one in unmatched:
        if one.owner is not None:
            now = "without a custom ID" if one.near == f"subscriber {one.owner}" else marked(one.near or "")
            yield Problem(one.router, one.name, Reason.FORMER_LOGIN, f"now {now}", one.owner)


def _router_problems(state: RouterState, absent: int) -> Iterator[Problem]:
    if not state.passwords_readable:
        detail = (
            "passwords of existing secrets are neither compared nor written; grant sensitive to the API user's group"
        )
        yield Problem(state.router, None, Reason.PASSWORDS_UNREADABLE, detail)
    if absent:
        yield Problem(state.router, None, Reason.PASSWORD_ABSENT, _keeping(absent))


def _keeping(absent: int) -> str:
    kept = "1 secret keeps" if absent == 1 else f"{absent} secrets keep"
    return f"{kept} the router's password; an import copies it into the CRM"
