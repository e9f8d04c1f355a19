"""Imports passwords: reads both sides, plans, then writes the routers' passwords into the CRM.

Never writes to a router. Where the time ends or the CRM fails, the same event continues the import: passwords that are
imported by then count as unchanged.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from pppsync.core.reasons import Reason
from pppsync.errors import Code, CrmError, RouterError
from pppsync.passwords.import_plan import plan_import
from pppsync.passwords.import_report import ImportOutcome, ImportReport
from pppsync.sync.decide import fleet_of
from pppsync.sync.observe import ROUTERS_AT_ONCE, read_both
from pppsync.sync.reconcile import CLOSING, RESERVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pppsync.config.event import ImportEvent
    from pppsync.config.settings import Settings
    from pppsync.core.subscriber import CrmState
    from pppsync.crm.client import UispClient
    from pppsync.net.deadline import Deadline
    from pppsync.passwords.import_plan import Import
    from pppsync.routers.gateway import RouterGateway
    from pppsync.sync.decide import States

WRITERS: Final = 2
"""Writes at a time; a CRM does about two a second, and its PHP workers serve customers too."""
GIVE_UP: Final = 5
"""Failures of the CRM itself in a row after which the import ends."""
_FORBIDDEN: Final = frozenset({Code.CRM_UNAUTHORIZED, Code.CRM_FORBIDDEN})


def import_passwords(
    event: ImportEvent, settings: Settings, crm: UispClient, gateways: Sequence[RouterGateway], deadline: Deadline
) -> ImportReport:
    """Import the passwords of the event; raises `CrmError` if the CRM cannot be read, or refuses the first write."""
    start, finish = deadline.before(RESERVE), deadline.before(CLOSING)
    with ExitStack() as sessions, ThreadPoolExecutor(min(len(gateways) + 1, ROUTERS_AT_ONCE), "router") as pool:
        # The routers' sessions end before the writes, which may take many minutes.
        for gateway in gateways:
            sessions.enter_context(gateway)
        crm_state, states = read_both(crm, gateways, pool, finish)
    attribute = _attribute(crm_state, settings.policy.password_attribute)
    fleet = fleet_of(settings, states)
    plan = plan_import(event, crm_state.subscribers, fleet)
    outcomes: list[ImportOutcome] = []
    if not event.dry_run:
        writer = _Writer(crm, attribute, plan.imports, start, finish)
        outcomes = writer.run()
    return ImportReport(
        event=event,
        crm=crm_state,
        secrets={name: len(fleet.states[name].secrets) if name in fleet.states else None for name in fleet.names},
        refused=_refused(event, states),
        plan=plan,
        outcomes=tuple(outcomes),
        weakened=settings.weakened,
    )


def _attribute(crm: CrmState, key: str) -> int:
    if crm.password_attribute is not None:
        return crm.password_attribute
    raise CrmError(
        Code.CRM_ATTRIBUTE_MISSING,
        f"the CRM lists no client attribute of the key {key!r} (policy.password_attribute); create a custom attribute "
        "of the type client for text, whose name gives that key, as `PPP Password` gives `pppPassword`",
    )


def _refused(event: ImportEvent, states: States) -> dict[str, dict[str, str]]:
    """Return the routers that could not be read, and those of the event that show no password (G5)."""
    refused = {}
    for name, state in states.items():
        if isinstance(state, RouterError):
            refused[name] = {"reason": state.code, "detail": state.detail}
        elif not state.passwords_readable and (event.routers is None or name in event.routers):
            detail = "the router shows no password; grant the policy `sensitive` to its API user"
            refused[name] = {"reason": "passwords_unreadable", "detail": detail}
    return refused


class _Writer:
    """Writes passwords in order of name until the time ends, the key may not write, or the CRM fails."""

    def __init__(
        self, crm: UispClient, attribute: int, imports: Iterable[Import], start: Deadline, finish: Deadline
    ) -> None:
        self._crm = crm
        self._attribute = attribute
        self._start = start
        self._finish = finish
        self._queue = iter(imports)
        self._lock = threading.Lock()
        self._outcomes: list[ImportOutcome] = []
        self._failing = 0
        self._ended = False

    def run(self) -> list[ImportOutcome]:
        """Return the outcomes; imports without one are deferred. Raises `CrmError` if the first write is forbidden."""
        # Alone: a key that may not write is refused once, not once for every writer.
        self._step()
        if self._outcomes and self._outcomes[0].reason == Code.CRM_FORBIDDEN:
            raise CrmError(Code.CRM_FORBIDDEN, self._outcomes[0].detail)
        with ThreadPoolExecutor(WRITERS, "import") as pool:
            for done in [pool.submit(self._work) for _ in range(WRITERS)]:
                done.result()
        return self._outcomes

    def _work(self) -> None:
        while self._step():
            pass

    def _step(self) -> bool:
        """Make one import; return False if none is left."""
        with self._lock:
            planned = None if self._ended or self._start.left() <= 0 else next(self._queue, None)
        outcome = self._write(planned) if planned else None
        if outcome is None:
            return False
        with self._lock:
            self._outcomes.append(outcome)
            self._failing = self._failing + 1 if outcome.crm_failing else 0
            self._ended = self._ended or outcome.reason == Code.CRM_FORBIDDEN or self._failing >= GIVE_UP
        return True

    def _write(self, planned: Import) -> ImportOutcome | None:
        """Read the subscriber again, then write; return None if the time ended before the write."""
        try:
            now = self._crm.read_subscriber(planned.subscriber, self._start)
            if not planned.still_fits(now):
                return ImportOutcome(planned, "skipped", Reason.CHANGED_MEANWHILE)
            if self._start.left() <= 0:
                return None
            self._crm.write_attribute(planned.subscriber, self._attribute, planned.password, self._start, self._finish)
        except CrmError as error:
            reason = Code.CRM_FORBIDDEN if error.code in _FORBIDDEN else error.code
            return ImportOutcome(planned, "failed", reason, error.detail, _crm_fails(error))
        return ImportOutcome(planned, "imported")


def _crm_fails(error: CrmError) -> bool:
    """Return True if the CRM or a proxy failed, not this write."""
    return error.fall_back or error.code == Code.CRM_BAD_ANSWER
