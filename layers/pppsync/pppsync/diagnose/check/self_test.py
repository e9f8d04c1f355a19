"""Tests a deployment: what works, what does not, and what to do about it. Writes nothing.

All checks run at the same time and apart from each other, so that no failure hides another.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pppsync.diagnose.check.both_sides import check_sides
from pppsync.diagnose.check.counts import check_counts
from pppsync.diagnose.check.crm import check_rights_and_attributes, check_source
from pppsync.diagnose.check.journal import check_journal
from pppsync.diagnose.check.line import Check
from pppsync.diagnose.check.router import RouterCheck
from pppsync.errors import Code, CrmError, RouterError
from pppsync.report.response import LONGEST
from pppsync.report.rows import LONGEST_SENTENCE, readable, unmatched_row
from pppsync.sync.decide import conclude
from pppsync.sync.observe import ROUTERS_AT_ONCE
from pppsync.sync.reconcile import CLOSING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future

    from pppsync.config.event import Event
    from pppsync.config.settings import Settings
    from pppsync.core.subscriber import CrmState, Source
    from pppsync.core.unmatched import Unmatched
    from pppsync.crm.client import UispClient
    from pppsync.diagnose.check.router import Found
    from pppsync.journal.run import RunJournal
    from pppsync.net.deadline import Deadline
    from pppsync.routers.gateway import RouterGateway
    from pppsync.sync.decide import Survey

_SOURCES: Final[tuple[Source, ...]] = ("domain", "address")
_CRM_SECONDS: Final = 60.0
_LOOKS: Final = 5
"""Checks at the same time beside the routers: domain, address, attributes, lists, journal."""


@dataclass(frozen=True, slots=True)
class Checks:
    """The lines in order: configuration, CRM, routers. `unmatched` are the secrets that match no login (R14)."""

    checks: tuple[Check, ...]
    weakened: tuple[str, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()

    @property
    def ok(self) -> bool:
        """True if no line failed."""
        return all(check.ok for check in self.checks)

    def document(self, *, run_id: str, exclusive: bool, duration_ms: int) -> dict[str, Any]:
        """Return the response of `check`."""
        checks = (_exclusive(exclusive), *self.checks)
        return {
            "run_id": run_id,
            "action": "check",
            "ok": self.ok,
            "exclusive": exclusive,
            "duration_ms": duration_ms,
            "weakened": list(self.weakened),
            "checks": [
                {"check": readable(one.check), "ok": one.ok, "detail": readable(one.detail, LONGEST_SENTENCE)}
                for one in checks
            ],
            "unmatched": [unmatched_row(one) for one in self.unmatched[: LONGEST["unmatched"]]],
            "unmatched_total": len(self.unmatched),
        }


def check(  # noqa: PLR0913, PLR0917 - the clock is a test's
    event: Event,
    settings: Settings,
    crm: UispClient,
    gateways: Sequence[RouterGateway],
    deadline: Deadline,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    journal: RunJournal | None = None,
) -> Checks:
    """Run every check once, on all routers or those of the event; a failure is a line of the answer, never raised."""
    finish = deadline.before(CLOSING)
    soon = finish.within(_CRM_SECONDS)
    chosen = [one for one in gateways if event.routers is None or one.settings.name in event.routers]
    with ThreadPoolExecutor(min(len(chosen), ROUTERS_AT_ONCE) + _LOOKS, "check") as pool:
        lists = pool.submit(_read, crm, finish)
        looks = [pool.submit(_shielded, f"crm.{one}", check_source, one, settings.crm, soon, now) for one in _SOURCES]
        looks.append(pool.submit(_shielded, "crm.attributes", check_rights_and_attributes, settings, soon))
        kept = pool.submit(_journal, journal, [gateway.settings.name for gateway in chosen])
        routers = [
            pool.submit(RouterCheck(gateway, finish, now, settings.policy.suspension.profile).run) for gateway in chosen
        ]
    of_router = {
        gateway.settings.name: _found(gateway, router) for gateway, router in zip(chosen, routers, strict=True)
    }
    seen = _conclude(settings, lists.result(), of_router)
    compared = [seen] if isinstance(seen, Check) else _shielded("crm.lists", _compare, settings, seen)
    of_config, of_routers = kept.result()
    compared = [*of_routers, *compared]
    found = [_encryption(settings), *of_config, *(one for look in looks for one in look.result())]
    found += (one for one in compared if not one.check.startswith("router."))
    for name, (checks, _) in of_router.items():
        found += (*checks, *(one for one in compared if one.check.rpartition(".")[0] == f"router.{name}"))
    return Checks(tuple(found), settings.weakened, () if isinstance(seen, Check) else seen.plan.unmatched)


def _shielded[**Given](
    name: str, look: Callable[Given, list[Check]], *given: Given.args, **named: Given.kwargs
) -> list[Check]:
    """Return the lines of one check; a fault of our own becomes a line too, and hides no other."""
    try:
        return look(*given, **named)
    except Exception as fault:  # noqa: BLE001 - see above
        return [_fault(name, fault)]


def _journal(journal: RunJournal | None, routers: Sequence[str]) -> tuple[list[Check], list[Check]]:
    """Return the line about the journal, and those about routers that are on hold; no lines without a journal."""
    lines = _shielded("config.journal", check_journal, journal, routers) if journal else []
    return lines[:1], lines[1:]


def _found(gateway: RouterGateway, look: Future[Found]) -> Found:
    """Return the lines of one router and what it holds; a fault of our own becomes a line too."""
    try:
        return look.result()
    except Exception as fault:  # noqa: BLE001 - see above
        error = RouterError(Code.ROUTER_PROTOCOL, "the self-test failed")
        return [_fault(f"router.{gateway.settings.name}", fault)], error


def _fault(name: str, fault: Exception) -> Check:
    return Check(name, False, f"the self-test itself failed here ({type(fault).__name__}); please report it")


def _conclude(settings: Settings, crm: CrmState | CrmError, of_router: Mapping[str, Found]) -> Survey | Check:
    """Return both sides with the plan, or the line that says why there is none."""
    if isinstance(crm, CrmError):
        return Check("crm.lists", False, f"{crm}; what compares both sides could not be looked at")
    try:
        return conclude(settings, crm, {name: state for name, (_, state) in of_router.items()})
    except Exception as fault:  # noqa: BLE001 - see above
        return _fault("crm.lists", fault)


def _compare(settings: Settings, seen: Survey) -> list[Check]:
    """Return the lines that follow from the lists of the CRM and from what each router holds."""
    return [
        *check_counts(seen, settings),
        *(one for name in seen.states for one in check_sides(name, seen, settings.policy)),
    ]


def _read(crm: UispClient, deadline: Deadline) -> CrmState | CrmError:
    try:
        return crm.read(deadline)
    except CrmError as error:
        return error


def _encryption(settings: Settings) -> Check:
    if not settings.weakened:
        return Check("config.encryption", True, "every connection is encrypted and verified")
    open_to = "somebody in between can read passwords or take the other side's place"
    return Check(
        "config.encryption", False, f"weakened by {', '.join(settings.weakened)}: {open_to}; set ssl_ca instead"
    )


def _exclusive(exclusive: bool) -> Check:
    if exclusive:
        return Check("config.exclusive", True, "one run at a time, by reserved concurrency")
    note = "note: no concurrency is reserved, so two runs can overlap, which is harmless but slower; deploy with"
    return Check("config.exclusive", True, f"{note} ReserveConcurrency=true once the account's quota allows it")
