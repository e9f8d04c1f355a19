"""Watches for holds while a run writes, so that a hold stops a run that is under way (G14).

Strategy
--------
* Before the first cut of the run the holds are read again. The cut waits for that, at most as long as the journal may
  delay a run.
* From then on a thread of its own reads them every few seconds. Nobody waits for it: a bucket that does not answer
  delays no cut, and the holds stay as they were read last.
* Of a router that was put on hold nothing more is sent, cut or not. What is left ends as `deferred`. What is in flight
  is finished: a write without its drop would leave somebody online.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from pppsync.core.change import CUTS
from pppsync.core.outcome import Outcome, Result
from pppsync.core.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from pppsync.core.change import Batch
    from pppsync.journal.run_holds import RunHolds
    from pppsync.routers.pipeline import Feed


class HoldWatch:
    """Reads the holds again from the first cut on, until it is left."""

    def __init__(self, holds: RunHolds) -> None:
        self._holds = holds
        self._lock = threading.Lock()
        self._begun = False
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # The thread is not waited for: it may hang in a read.
        self._ended.set()
        self._holds.end()

    def feed(self, router: str, changes: Feed, report: Callable[[Outcome], None]) -> Feed:
        """Return the changes of one router, none of them from the moment on in which it is on hold."""
        return _HeldFeed(self, router, changes, report) if self._holds.kept else changes

    def reason_against(self, router: str, batch: Batch) -> str | None:
        """Return why these changes must not be sent, or None if they may."""
        if batch[0].kind in CUTS:
            self._begin()
        hold = self._holds.of(router)
        return hold.sentence if hold else None

    def _begin(self) -> None:
        """Read the holds before the first cut, whichever router it is on; the cuts of the others wait for it too."""
        with self._lock:
            if self._begun:
                return
            self._begun = True
            self._holds.read()
            threading.Thread(target=self._go_on, name="holds", daemon=True).start()

    def _go_on(self) -> None:
        while not self._ended.wait(self._holds.every):
            self._holds.read_aside()


class _HeldFeed:
    """Defers what comes while the router is on hold."""

    def __init__(self, watch: HoldWatch, router: str, changes: Feed, report: Callable[[Outcome], None]) -> None:
        self._watch = watch
        self._router = router
        self._changes = changes
        self._report = report

    def take(self, *, wait: bool) -> Batch | None:
        """Return the next batch that may be sent, as the feed within does."""
        while batch := self._changes.take(wait=wait):
            reason = self._watch.reason_against(self._router, batch)
            if reason is None:
                return batch
            for change in batch:
                self._report(Outcome(change, Result.DEFERRED, Reason.ON_HOLD, reason))
        return None
