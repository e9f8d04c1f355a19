"""What one run asks of the journal: the day and approved plans before it plans, and what it puts (G4, G12, G13, G15).

A run is right without its journal. When the journal cannot be reached, a run does less: `Day.reachable` is False, and
passwords that could not be kept are not overwritten.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, Self

from pppsync.core.approval import EarlierPlan
from pppsync.core.limits import Day
from pppsync.core.masked import Masked
from pppsync.errors import JournalError
from pppsync.journal import day, passwords, plans
from pppsync.journal.run_holds import EVERY, KnownHolds, RunHolds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from pppsync.core.approval import Earlier
    from pppsync.core.change import Change, Kind
    from pppsync.core.guard import WithheldPlan
    from pppsync.journal.store import Store

type State = Literal["ok", "off", "unavailable"]
type Counts = Mapping[tuple[str, Kind], int]
"""By router and kind, a number of changes that nobody approved."""

_AT_ONCE: Final = 16


@dataclass(slots=True)
class Memory:
    """What this process remembers for the time that the journal cannot be reached.

    `made` are the changes since the day was last read. `lost` are those that no key of the journal tells, each with
    its time: a run that could read the day and not write it must not begin a new one. `holds` are as last read.
    """

    made: Counter[tuple[str, Kind]] = field(default_factory=Counter)
    lost: list[tuple[datetime, Counter[tuple[str, Kind]]]] = field(default_factory=list)
    holds: KnownHolds = field(default_factory=KnownHolds)

    def lost_since(self, moment: datetime) -> Counter[tuple[str, Kind]]:
        """Return the changes after a moment that the journal does not know, and forget the others."""
        self.lost = [(at, made) for at, made in self.lost if at > moment]
        return sum((made for _, made in self.lost), Counter())


class RunJournal:
    """The journal as one run uses it; no method raises. Without a store every question is answered as `off`.

    `holds_every` are the seconds between two reads of the holds while the run makes cuts.
    """

    def __init__(
        self,
        store: Store | None,
        memory: Memory,
        run_id: str,
        now: Callable[[], datetime],
        holds_every: float = EVERY,
    ) -> None:
        self._store = store
        self._memory = memory
        self._run_id = run_id
        self._at = now()
        self.failures: list[str] = []
        self.holds = RunHolds(store, memory.holds, now, self.failures, holds_every)
        self._announced = True
        self._planned: Counts = {}
        self._read: Counter[tuple[str, Kind]] | None = None

    @classmethod
    def off(cls) -> Self:
        """Return the journal of a stack that has none."""
        return cls(None, Memory(), "", lambda: datetime.now(UTC))

    @property
    def state(self) -> State:
        """Whether there is a journal, and whether it could be reached so far."""
        if self._store is None:
            return "off"
        return "unavailable" if self.failures else "ok"

    def read_day(self) -> Day | None:
        """Return what the last 24 hours held, None without a journal."""
        if self._store is None:
            return None
        try:
            keys = self._store.keys(day.PREFIX, day.start_after(self._at))
        except JournalError as error:
            return self._without(error)
        lost = self._memory.lost_since(self._at - day.WINDOW)
        self._memory.made = Counter(lost)
        self._read = Counter(day.count(keys, self._at).counts) + lost
        return Day(self._read)

    def announce(self, planned: Counts) -> Day | None:
        """Put what the run is about to make; return None, or the stricter day if that could not be put."""
        self._planned = planned
        stricter = self._put_all(entry.planned(count) for entry, count in self._entries(planned))
        self._announced = stricter is None
        return stricter

    def conclude(self, made: Counts) -> None:
        """Put what the run made, and remember it.

        What was announced and not made is put as zero: else it would count as made.
        """
        self._memory.made.update(made)
        told = {**dict.fromkeys(self._planned, 0), **made}
        failed = self._put_all(entry.done(count) for entry, count in self._entries(told))
        if failed is not None and not self._announced:
            self._memory.lost.append((self._at, Counter(made)))

    def keep_passwords(self, changes: Sequence[Change]) -> bool:
        """Put the passwords that these changes overwrite; False if that failed: then they must not be written."""
        if self._store is None or not changes:
            return True
        body = passwords.encode(_overwritten(change) for change in changes)
        try:
            # A second try of this run would overwrite what the first one kept: the next run has a key of its own.
            kept = self._store.put(passwords.key(self._run_id, self._at), body, once=True)
        except JournalError as error:
            self._without(error)
            return False
        return kept

    def approvable(self, approved: Collection[str]) -> Earlier | None:
        """Return those of the approved ids that were withheld within 7 days; None if that cannot be told (G4)."""
        if self._store is None:
            return None
        found: dict[str, bytes] = {}
        try:
            for plan_id in filter(plans.is_plan_id, approved):
                found |= self._store.load(plans.key(plan_id))
        except JournalError as error:
            self._without(error)
            return None
        return self._known(found)

    def kept_plans(self) -> Earlier | None:
        """Return the plans that were withheld within 7 days, the newest `plans.SHOWN`; None if that cannot be told."""
        if self._store is None:
            return None
        try:
            found = self._store.load(plans.PREFIX, since=self._at - plans.KNOWN_FOR, newest=plans.SHOWN)
        except JournalError as error:
            self._without(error)
            return None
        return self._known(found)

    def keep_plans(self, waiting: Sequence[WithheldPlan], minimum: int, written: Collection[str]) -> None:
        """Put what is withheld, so that an approval finds it later, and say which of it somebody must be told (G15).

        `written` are the routers that this run writes: nobody is told of what waits on others. A plan that is kept
        already is not put again before it must be told again: that would forget when it was told.
        """
        store = self._store
        if store is None or not waiting:
            return
        try:
            kept, _ = plans.read(store.load(plans.PREFIX, since=self._at - plans.TOLD_EVERY), changes=False)
            known = {one.plan_id for one in kept}
            for plan in waiting:
                concerned = any(change.router in written for change in plan.changes)
                tell = concerned and plans.to_be_told(plan, kept, self._at, minimum)
                if tell or plan.plan_id not in known:
                    body = plans.encode(plans.keep(plan, plan.marks, self._at, tell=tell))
                    store.put(plans.key(plan.plan_id), body, once=False)
        except JournalError as error:
            self._without(error)

    def _known(self, objects: Mapping[str, bytes]) -> Earlier:
        kept, _ = plans.read(objects)
        return {
            plan_id: EarlierPlan(one.router, one.kind, one.count, one.changes, one.names)
            for plan_id, one in plans.known(kept, self._at).items()
        }

    def _entries(self, counts: Counts) -> Iterable[tuple[day.Entry, int]]:
        return [
            (day.Entry(self._at, router, kind, self._run_id), count) for (router, kind), count in sorted(counts.items())
        ]

    def _put_all(self, keys: Iterable[str]) -> Day | None:
        keys, store = list(keys), self._store
        if store is None or not keys:
            return None
        with ThreadPoolExecutor(_AT_ONCE, "day") as pool:
            puts = [pool.submit(store.put, key, b"", once=False) for key in keys]
        errors = [error for put in puts if isinstance(error := put.exception(), JournalError)]
        return self._without(errors[0]) if errors else None

    def _without(self, error: JournalError) -> Day:
        """Return the stricter day; what was read still counts, for a run must not do more when a put fails."""
        self.failures.append(error.detail)
        return Day(dict(self._memory.made if self._read is None else self._read), reachable=False)


def _overwritten(change: Change) -> passwords.Overwritten:
    actual, written = change.actual, change.desired
    assert isinstance(actual, Masked)  # noqa: S101 - only changes of passwords are kept
    assert isinstance(written, Masked)  # noqa: S101 - see above
    login = change.wanted
    return passwords.Overwritten(
        change.router, change.name, change.kind, "client", login.subscriber, None, actual, written
    )
