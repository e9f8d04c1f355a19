"""The holds as one run knows them: which answers it takes, and which it does not (G14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lab.simulators.s3 import Bucket, refusal
from pppsync.core.hold import Hold
from pppsync.journal import holds
from pppsync.journal.run_holds import KnownHolds, RunHolds
from pppsync.journal.store import Store
from pppsync.net.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HOLD = Hold(NOW + timedelta(hours=2), "anna", "the tower moves")


class Run:
    """One run on a bucket in which tower-1 is on hold."""

    def __init__(self, known: KnownHolds | None = None, seconds: float = 5.0) -> None:
        self.bucket = Bucket()
        self.bucket.put_object(Bucket="journal", Key=holds.key("tower-1"), Body=holds.encode(HOLD))
        client: Any = self.bucket
        self.failures: list[str] = []
        self.known = known or KnownHolds()
        store = Store(client, "journal", Deadline.after(900), seconds)
        self.holds = RunHolds(store, self.known, lambda: NOW, self.failures)

    def before_listing(self, act: Callable[[], object]) -> None:
        """Do something while the holds are read."""

        def before(operation: str) -> None:
            if operation == "ListObjectsV2":
                act()

        self.bucket.before = before

    def refuse(self) -> None:
        """Refuse whatever is asked."""
        raise refusal("AccessDenied", "ListObjectsV2")


def test_an_answer_after_the_run_s_end_is_not_taken() -> None:
    """G14: a process that was frozen gets an old answer when it wakes; the next run's own is the newer one."""
    run = Run()
    run.before_listing(run.holds.end)
    run.holds.read_aside()

    assert (run.holds.of("tower-1"), run.known.holds) == (None, holds.Holds())


def test_a_failure_after_the_run_s_end_is_not_told() -> None:
    """G14: the report has been made by then."""
    run = Run()
    run.holds.end()
    run.before_listing(run.refuse)
    run.holds.read_aside()

    assert (run.failures, run.holds.failure) == ([], "")


def test_a_failure_is_told_once() -> None:
    """Section 8: a bucket that is down for a whole run is one failure, however often the holds are read."""
    run = Run()
    run.before_listing(run.refuse)
    for _ in range(3):
        run.holds.read_aside()
    run.holds.read()

    assert run.failures == [run.holds.failure]
    assert run.holds.failure.endswith("; holds are taken as this process read them last, else as none")


def test_a_read_that_nobody_waits_for_has_a_time_of_its_own() -> None:
    """G14: a run whose journal has no time left goes on reading the holds."""
    run = Run(seconds=0.0)
    run.holds.read()
    assert run.holds.of("tower-1") is None
    run.holds.read_aside()
    assert run.holds.of("tower-1") == HOLD


def test_without_a_journal_nothing_is_on_hold() -> None:
    """G14: what another run of this process knew does not count either."""
    known = KnownHolds(holds.Holds(everywhere=HOLD))
    found = RunHolds(None, known, lambda: NOW, [])
    found.read()
    found.read_aside()

    assert (found.kept, found.of(None), found.on_hold(["tower-1"])) == (False, None, {})
