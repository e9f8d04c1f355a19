"""Writes values into the CRM one subscriber after another, each looked at again right before."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pppsync.core.reasons import Reason
from pppsync.errors import Code, CrmError
from pppsync.passwords.import_report import WriteOutcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.config.event import Field
    from pppsync.core.subscriber import Subscriber
    from pppsync.crm.client import UispClient
    from pppsync.net.deadline import Deadline
    from pppsync.passwords.writes import Write

WRITERS: Final = 2
"""Writes at a time; a CRM does about two a second, and its PHP workers serve customers too."""
GIVE_UP: Final = 5
"""Failures of the CRM itself in a row after which the writes end."""
_FORBIDDEN: Final = frozenset({Code.CRM_UNAUTHORIZED, Code.CRM_FORBIDDEN})


class CrmWriter:
    """Writes values in order of name until the time ends, the key may not write, or the CRM fails.

    `attributes` are the ids of the attributes by field.
    """

    def __init__(
        self,
        crm: UispClient,
        attributes: Mapping[Field, int],
        writes: Iterable[Write],
        start: Deadline,
        finish: Deadline,
    ) -> None:
        self._crm = crm
        self._attributes = attributes
        self._start = start
        self._finish = finish
        # All values of one subscriber are one writer's: two writes to one client never are under way together.
        self._queue = iter([tuple(group) for _, group in groupby(writes, key=lambda one: one.subscriber)])
        self._lock = threading.Lock()
        self._outcomes: list[WriteOutcome] = []
        self._failing = 0
        self._ended = False

    def run(self) -> list[WriteOutcome]:
        """Return the outcomes; writes without one are deferred. Raises `CrmError` if the first write is forbidden."""
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
        """Write the values of one subscriber; return False if nobody is left, or the time or the CRM ended it."""
        with self._lock:
            group = () if self._ended or self._start.left() <= 0 else next(self._queue, ())
        outcomes = self._write_all(group) if group else []
        if not outcomes:
            return False
        with self._lock:
            self._outcomes += outcomes
            self._failing = self._failing + 1 if any(one.crm_failing for one in outcomes) else 0
            forbidden = any(one.reason == Code.CRM_FORBIDDEN for one in outcomes)
            self._ended = self._ended or forbidden or self._failing >= GIVE_UP
        return True

    def _write_all(self, group: Sequence[Write]) -> list[WriteOutcome]:
        """Read the subscriber again, then write; values that are left out have no outcome."""
        try:
            now = self._crm.read_subscriber(group[0].subscriber, self._start)
        except CrmError as error:
            return [_failed(write, error) for write in group]
        outcomes: list[WriteOutcome] = []
        for write in group:
            outcome = self._write(write, now)
            if outcome is None:
                break
            outcomes.append(outcome)
            if outcome.reason == Code.CRM_FORBIDDEN:
                break
        return outcomes

    def _write(self, write: Write, now: Subscriber) -> WriteOutcome | None:
        """Write one value; return None if the time ended before."""
        if not write.still_fits(now):
            return WriteOutcome(write, "skipped", Reason.CHANGED_MEANWHILE)
        if self._start.left() <= 0:
            return None
        attribute = self._attributes[write.field]
        try:
            self._crm.write_attribute(write.subscriber, attribute, write.desired, self._start, self._finish)
        except CrmError as error:
            return _failed(write, error)
        return WriteOutcome(write, "imported")


def _failed(write: Write, error: CrmError) -> WriteOutcome:
    reason = Code.CRM_FORBIDDEN if error.code in _FORBIDDEN else error.code
    return WriteOutcome(write, "failed", reason, error.detail, _crm_fails(error))


def _crm_fails(error: CrmError) -> bool:
    """Return True if the CRM or a proxy failed, not this write."""
    return error.fall_back or error.code == Code.CRM_BAD_ANSWER
