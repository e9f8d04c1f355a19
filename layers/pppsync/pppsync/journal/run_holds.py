"""What one run asks about holds (G14): which routers must not be written now."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final

from pppsync.core.hold import Hold
from pppsync.errors import Code, JournalError
from pppsync.journal import holding
from pppsync.journal.holds import Holds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime, timedelta

    from pppsync.journal.store import Store

EVERY: Final = 10.0
"""Seconds between two reads of the holds while a run makes cuts."""
_ASIDE: Final = 8.0
"""Seconds that a read may take for which nobody waits."""


@dataclass(slots=True)
class KnownHolds:
    """The holds as this process read them last."""

    holds: Holds = field(default_factory=Holds)


class RunHolds:
    """The holds as one run knows them; without a store nothing is ever on hold.

    What cannot be read is as this process read it last, else as if there were no hold. Then `failure` says so, and
    `failures`, which the whole journal of the run shares, do too.
    """

    def __init__(
        self,
        store: Store | None,
        known: KnownHolds,
        now: Callable[[], datetime],
        failures: list[str],
        every: float = EVERY,
    ) -> None:
        self._store = store
        self._known = known
        self._now = now
        self._failures = failures
        self._lock = Lock()
        self._ended = False
        self.every = every
        self.failure = ""

    @property
    def kept(self) -> bool:
        """True if the stack has a journal, so that a router can be on hold."""
        return self._store is not None

    def of(self, router: str | None) -> Hold | None:
        """Return the hold that a router, or for None all of them, is under now, as far as this run knows."""
        return self._known.holds.of(router, self._now()) if self.kept else None

    def on_hold(self, routers: Iterable[str]) -> dict[str, Hold]:
        """Return those of the routers that are on hold now, with their holds."""
        return {router: hold for router in routers if (hold := self.of(router))}

    def read(self) -> None:
        """Read the holds while the run waits."""
        if self._store is not None:
            self._read(self._store)

    def read_aside(self) -> None:
        """Read the holds while the run goes on: that is no delay, so it has a time of its own."""
        if self._store is not None:
            self._read(self._store.aside(_ASIDE))

    def end(self) -> None:
        """Take no answer any more: one that a frozen process gets back would be older than the next run's own."""
        with self._lock:
            self._ended = True

    def put(self, routers: Collection[str] | None, lasting: timedelta, by: str, why: str) -> None:
        """Put routers on hold, all for None; raises `JournalError` if that failed."""
        store, now = self._writable(), self._now()
        hold = Hold((now + lasting).replace(microsecond=0), by, why)
        holding.put(store, routers, hold)
        try:
            self._known.holds = holding.load(store, now)
        except JournalError:
            # The hold stands: an error here would say that it does not.
            self._known.holds = self._known.holds.with_hold(routers, hold)

    def release(self, routers: Collection[str] | None) -> None:
        """Take holds back, every one for None; raises `JournalError` if that failed."""
        store = self._writable()
        holding.release(store, routers)
        self._known.holds = holding.load(store, self._now())

    def _read(self, store: Store) -> None:
        try:
            found = holding.load(store, self._now())
        except JournalError as error:
            with self._lock:
                if not self._ended and not self.failure:
                    self.failure = f"{error.detail}; holds are taken as this process read them last, else as none"
                    self._failures.append(self.failure)
            return
        with self._lock:
            if not self._ended:
                self._known.holds = found

    def _writable(self) -> Store:
        if self._store is None:
            raise JournalError(Code.JOURNAL_OFF.sentence.removesuffix("."), Code.JOURNAL_OFF)
        return self._store
