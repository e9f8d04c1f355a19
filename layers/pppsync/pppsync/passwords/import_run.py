"""The import: read both sides, plan, then write the routers' passwords into the CRM.

Nothing on a router is ever written. What an import could not do, because time or the CRM ran out, the same event does
when it is sent again: what is imported by then counts as unchanged.
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
"""Failures of the CRM itself in a row after which it is left alone."""
_FORBIDDEN: Final = frozenset({Code.CRM_UNAUTHORIZED, Code.CRM_FORBIDDEN})


def import_passwords(
    event: ImportEvent, settings: Settings, crm: UispClient, gateways: Sequence[RouterGateway], deadline: Deadline
) -> ImportReport:
    """Import what the event asks for; raises `CrmError` if the CRM cannot be read, or refuses the first write."""
    start, finish = deadline.before(RESERVE), deadline.before(CLOSING)
    with ExitStack() as sessions, ThreadPoolExecutor(min(len(gateways) + 1, ROUTERS_AT_ONCE), "router") as pool:
        # The routers' sessions are given back before the writes, which may take many minutes.
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
    """The routers that could not be read, and of those asked for the ones that show no password (G5)."""
    refused = {}
    for name, state in states.items():
        if isinstance(state, RouterError):
            refused[name] = {"reason": state.code, "detail": state.detail}
        elif not state.passwords_readable and (event.routers is None or name in event.routers):
            detail = "the router shows no password; grant the policy `sensitive` to its API user"
            refused[name] = {"reason": "passwords_unreadable", "detail": detail}
    return refused


class _Writer:
    """Writes one password after the other, in order of name, until time, the right to write or the CRM runs out."""

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
        """The outcomes; imports without one are deferred. Raises `CrmError` if the first write is forbidden."""
        self._step()  # alone: a key that may not write is refused once, not once for every writer
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
        """One import; False if there is no more to do."""
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
        """Look once more, then write; None if time ran out before the write."""
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
    """True if not this write is at fault but the CRM, or a proxy before it."""
    return error.fall_back or error.code == Code.CRM_BAD_ANSWER
