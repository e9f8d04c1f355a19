"""Pure: desired and actual -> everything that has to change, on every router, with the reasons where nothing can.

A plan is a value: complete before anything is written, ordered, counted, and the same whatever the order of its
inputs. What one login needs is decided in `compare`; here it is found out on which router (R16), and every secret is
counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pppsync.core.census import Census, count
from pppsync.core.change import ORDER, Change
from pppsync.core.compare import RouterRules, compare_home, cut, lets_in, password_absent
from pppsync.core.counting_service import State
from pppsync.core.placement import Placement, place
from pppsync.core.reasons import Problem, Reason
from pppsync.core.secret import comment_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pppsync.core.compare import Finding
    from pppsync.core.desired import Desired, Wanted
    from pppsync.core.placement import Fleet
    from pppsync.core.policy import Policy
    from pppsync.core.secret import RouterState, StoredSecret


@dataclass(frozen=True, slots=True)
class RouterPlan:
    """The changes of one router in the order in which they are applied, and the count of what it holds."""

    router: str
    changes: tuple[Change, ...]
    census: Census

    def counts(self) -> Counter[str]:
        """The number of changes by kind."""
        return Counter(change.kind.value for change in self.changes)


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of every router that could be read, by name, and all problems."""

    routers: Mapping[str, RouterPlan]
    problems: tuple[Problem, ...]

    def select(self, routers: Collection[str] | None, names: Collection[str] | None) -> Plan:
        """The same plan with only the changes of these routers and logins; None selects all."""
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
        )


def build_plan(desired: Desired, fleet: Fleet, policy: Policy, *, passwords_known: bool) -> Plan:
    """Compare the whole of both sides; `passwords_known` is False where the CRM lists no attribute for passwords."""
    placements = [place(wanted, fleet) for wanted in desired.wanted.values()]
    shared = _shared_addresses(zip(desired.wanted.values(), placements, strict=True))
    rules = {
        router: RouterRules(state, policy, passwords_known, shared.get(router, frozenset()))
        for router, state in fleet.states.items()
    }
    findings: list[Finding] = [*desired.problems]
    absent: Counter[str] = Counter()
    for wanted, placement in zip(desired.wanted.values(), placements, strict=True):
        findings += _findings(wanted, placement, rules)
        home = rules.get(placement.home or "")
        if home and password_absent(wanted, home):
            absent[home.state.router] += 1
    if not passwords_known:
        findings.append(Problem(None, None, Reason.PASSWORD_ATTRIBUTE_MISSING, policy.password_attribute))
    for router, state in fleet.states.items():
        findings += _router_problems(state, desired, policy, absent[router])
    changes = sorted(
        (one for one in findings if isinstance(one, Change)), key=lambda one: (one.router, ORDER[one.kind], one.name)
    )
    by_router: dict[str, list[Change]] = {router: [] for router in fleet.states}
    for change in changes:
        by_router[change.router].append(change)
    problems = {one for one in findings if isinstance(one, Problem)}
    return Plan(
        routers={
            router: RouterPlan(router, tuple(by_router[router]), count(state, desired, policy, by_router[router]))
            for router, state in fleet.states.items()
        },
        problems=tuple(sorted(problems, key=lambda one: one.order)),
    )


def _findings(wanted: Wanted, placement: Placement, rules: Mapping[str, RouterRules]) -> list[Finding]:
    """Everything about one login, on its own router and on others that hold it."""
    findings: list[Finding] = [placement.problem] if placement.problem else []
    home = rules.get(placement.home or "")
    at_home = compare_home(wanted, home) if home else []
    findings += at_home
    reason = Reason.MOVED if placement.home else Reason.LOGIN_ON_TWO_ROUTERS
    for stray in placement.strays:
        cuts = cut(wanted, rules[stray], reason)
        settled = home is not None and not at_home and lets_in(wanted, home, rules[stray])
        due = wanted.state is not State.ENABLED or settled
        findings += cuts if due else []
        if placement.home and any(isinstance(one, Change) for one in cuts):
            progress = "so it is disabled here" if due else "which does not hold it as desired yet"
            detail = f"its own router is {placement.home}, {progress}"
            findings.append(Problem(stray, wanted.name, Reason.MOVED, detail, wanted.subscriber))
    return findings


def _shared_addresses(placements: Iterable[tuple[Wanted, Placement]]) -> dict[str, frozenset[str]]:
    """By router, the static addresses that more than one of its active or suspended subscribers wants (R11)."""
    wishes: dict[str, Counter[str]] = {}
    for wanted, placement in placements:
        if placement.home and wanted.static_ip and wanted.state is not State.OFF:
            wishes.setdefault(placement.home, Counter())[wanted.static_ip] += 1
    return {
        router: frozenset(address for address, count in counts.items() if count > 1)
        for router, counts in wishes.items()
    }


def _router_problems(state: RouterState, desired: Desired, policy: Policy, absent: int) -> list[Problem]:
    problems = [
        problem
        for secret in state.secrets
        if secret.comment and secret.ppp_service in policy.ppp_services
        for problem in _former_login(secret, state.router, desired)
    ]
    if not state.passwords_readable:
        detail = (
            "passwords of existing secrets are neither compared nor written; grant sensitive to the API user's group"
        )
        problems.append(Problem(state.router, None, Reason.PASSWORDS_UNREADABLE, detail))
    if absent:
        problems.append(Problem(state.router, None, Reason.PASSWORD_ABSENT, _keeping(absent)))
    return problems


def _keeping(absent: int) -> str:
    kept = "1 secret keeps" if absent == 1 else f"{absent} secrets keep"
    return f"{kept} the router's password; an import copies it into the CRM"


def _former_login(secret: StoredSecret, router: str, desired: Desired) -> Iterable[Problem]:
    """An unmatched secret that we made for somebody who has another custom ID now (R14)."""
    if secret.name in desired.names:
        return
    for subscriber in _marked(secret.comment or ""):
        if subscriber in desired.live and comment_for(subscriber) == secret.comment:
            now = (desired.live[subscriber] or "").strip() or "without a custom ID"
            yield Problem(router, secret.name, Reason.FORMER_LOGIN, f"now {now}", subscriber)


def _marked(comment: str) -> Iterable[int]:
    digits = comment.rpartition(" ")[2]
    # Python reads no number of more than 4,300 digits, and no id has 20.
    return (int(digits),) if digits.isascii() and digits.isdigit() and len(digits) < 20 else ()
