"""Confirms every cut in the CRM before it is made (G2).

Strategy
--------
The bulk read is some seconds or minutes old when the cuts begin, and rows move between pages while they are read. So a
cut never rests on that read alone:

* Up to `ONE_BY_ONE` cuts, each subscriber is read again with its services, `_AT_ONCE` requests at a time. More cuts
  share one second bulk read, which obeys the all-or-nothing rule (G1) like the first.
* The second read is judged by the code that judged the first (`judge`, `judge_all`). Only the same outcome confirms:
  the same login, the same state, the same router.
* An error, a 404 or the deadline confirms nothing. The secret stays as it is, counted `unconfirmed`, and the next run
  looks again. A failure can only keep somebody online for five minutes more.
* `Confirmation` asks as soon as it is entered, for all routers together. `ConfirmedFeed` gives a router its changes in
  order: first what needs no confirmation, then each cut as soon as its answer is there, then the repairs. So one slow
  answer delays no other router and no enable.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor
from concurrent.futures import wait as futures_wait
from typing import TYPE_CHECKING, Final, Self

from pppsync.core.change import CUTS, Kind, batches
from pppsync.core.desired import judge, judge_all
from pppsync.core.outcome import Outcome, Result
from pppsync.core.reasons import Reason
from pppsync.errors import CrmError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pppsync.core.change import Batch, Change, ChangeKey
    from pppsync.core.desired import Ignored, Wanted
    from pppsync.core.policy import Policy
    from pppsync.crm.client import UispClient
    from pppsync.net.deadline import Deadline

ONE_BY_ONE: Final = 25
_AT_ONCE: Final = 4
"""Requests at a time; the CRM's PHP workers serve customers too."""

_LATE: Final = CUTS | {Kind.DROP}
"""What comes after everything that needs no confirmation (G8)."""

type Refusal = str | None
"""Why a cut is not confirmed; None if it is."""
type Judge = Callable[[Change], Refusal]
"""Result of the second CRM read, as a function from a change to the reason against it."""


class Confirmation:
    """Asks the CRM about every cut of a run, over all routers, as soon as it is entered."""

    def __init__(self, crm: UispClient, policy: Policy, changes: Iterable[Change], deadline: Deadline) -> None:
        self._crm = crm
        self._policy = policy
        self._deadline = deadline
        self._cuts = [change for change in changes if change.kind in CUTS]
        self._pool = ThreadPoolExecutor(_AT_ONCE, "confirm")
        self._answers: dict[ChangeKey, Future[Judge]] = {}

    def __enter__(self) -> Self:
        if len(self._cuts) <= ONE_BY_ONE:
            self._answers = {change.key: self._pool.submit(self._look_up, change) for change in self._cuts}
        else:
            again = self._pool.submit(self._read_again)
            self._answers = {change.key: again for change in self._cuts}
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def feed(self, changes: Sequence[Change], report: Callable[[Outcome], None]) -> ConfirmedFeed:
        """The changes of one router in order, its cuts as they are confirmed."""
        return ConfirmedFeed(changes, self._answers, report)

    def _look_up(self, change: Change) -> Judge:
        try:
            subscriber, services = self._crm.read_one(change.wanted.subscriber, self._deadline)
        except CrmError as error:
            return _unreadable(error)
        now = judge(subscriber, services, self._policy)
        return lambda change: _compare(change, now)

    def _read_again(self) -> Judge:
        try:
            state = self._crm.read(self._deadline)
        except CrmError as error:
            return _unreadable(error)
        wanted = judge_all(state.subscribers, state.services, self._policy).wanted
        return lambda change: _compare(change, wanted.get(change.name))


class ConfirmedFeed:
    """What comes before the cuts, then each cut when its answer is there, then the rest."""

    def __init__(
        self, changes: Sequence[Change], answers: dict[ChangeKey, Future[Judge]], report: Callable[[Outcome], None]
    ) -> None:
        self._first = deque(batches(one for one in changes if one.kind not in _LATE))
        self._asked: dict[Future[Judge], list[Change]] = {}
        for change in changes:
            if change.kind in CUTS:
                self._asked.setdefault(answers[change.key], []).append(change)
        self._confirmed: deque[Batch] = deque()
        self._last = deque(batches(one for one in changes if one.kind is Kind.DROP))
        self._report = report

    def take(self, *, wait: bool) -> Batch | None:
        """Return the next batch. None means: nothing yet (wait=False), or finished (wait=True)."""
        if self._first:
            return self._first.popleft()
        while not self._confirmed and self._asked:
            if not self._collect(None if wait else 0):
                return None
        if self._confirmed:
            return self._confirmed.popleft()
        return self._last.popleft() if self._last else None

    def _collect(self, timeout: float | None) -> bool:
        """Sort the cuts that were answered; False if none was."""
        answered, _ = futures_wait(self._asked, timeout, FIRST_COMPLETED)
        for answer in answered:
            refusal_of = answer.result()
            for change in self._asked.pop(answer):
                if refusal := refusal_of(change):
                    self._report(Outcome(change, Result.UNCONFIRMED, Reason.UNCONFIRMED, refusal))
                else:
                    self._confirmed.append((change,))
        return bool(answered)


def _unreadable(error: CrmError) -> Judge:
    return lambda _: str(error)


def _compare(change: Change, now: Wanted | Ignored | None) -> Refusal:
    if now and change.wanted.same_outcome(now):
        return None
    return "the CRM says otherwise by now"
