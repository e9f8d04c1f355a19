"""A limit for the day (G13): mistakes in slices, over one and several routers, killed runs, two at once, clocks.

Each run is played by the code of the sync between reading and writing: guard, protection, journal. The bucket is the
strict one in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.s3 import Bucket, refusal
from pppsync.core.census import Census
from pppsync.core.change import Kind
from pppsync.core.guard import Guard, Verdict
from pppsync.core.limits import Day
from pppsync.core.masked import Masked
from pppsync.core.outcome import Outcome, Result
from pppsync.core.plan import Plan, RouterPlan
from pppsync.core.policy import GuardLimits
from pppsync.core.reasons import Reason
from pppsync.journal.run import Memory, RunJournal
from pppsync.journal.store import Store
from pppsync.net.deadline import Deadline
from pppsync.sync.protect import Protected, conclude, protect
from tests.builders import a_change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pppsync.core.change import Change

BEGIN = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)


@dataclass
class Stack:
    """A deployed stack over a day: its bucket, what its process remembers, and the customers of each router."""

    enabled: dict[str, int]
    limits: GuardLimits = field(default_factory=GuardLimits)
    bucket: Bucket = field(default_factory=Bucket)
    memory: Memory = field(default_factory=Memory)
    now: datetime = BEGIN
    runs: int = 0

    def journal(self) -> RunJournal:
        """The journal of one more run."""
        self.runs += 1
        client: Any = self.bucket
        store = Store(client, self.bucket.name, Deadline.after(900))
        return RunJournal(store, self.memory, f"run-{self.runs}", lambda: self.now)

    def run(
        self,
        kind: Kind,
        slices: Mapping[str, int],
        *approved: str,
        killed: bool = False,
        journal: RunJournal | None = None,
    ) -> Protected:
        """One run in which so many changes of a kind are due on each router; all that is allowed is made."""
        journal = journal or self.journal()
        plan = self.plan(kind, slices)

        def again(day: Day | None) -> Verdict:
            return Guard(self.limits, Masked("key"), (), day).review(plan, approved)

        guarded = protect(journal, again(journal.read_day()), list(self.enabled), again)
        made = [change for changes in guarded.verdict.allowed.values() for change in changes]
        for change in made:
            self.enabled[change.router] -= change.kind is Kind.DISABLE
        if not killed:
            conclude(journal, guarded.verdict, list(self.enabled), [Outcome(one, Result.APPLIED) for one in made])
        return guarded

    def plan(self, kind: Kind, slices: Mapping[str, int]) -> Plan:
        """The plan of a run in which these changes are due."""
        return Plan(
            {
                name: RouterPlan(name, self.due(kind, name, slices.get(name, 0)), self.census(name))
                for name in self.enabled
            },
            (),
        )

    def due(self, kind: Kind, router: str, count: int) -> tuple[Change, ...]:
        """So many changes of one router, each of another login."""
        return tuple(
            a_change(kind, f"{router}-{number}", router=router, number=number) for number in range(1, count + 1)
        )

    def census(self, router: str) -> Census:
        """What the router holds now."""
        return Census(secrets=200, managed=200, managed_enabled=self.enabled[router])


def reasons(guarded: Protected) -> list[str]:
    """Why something waits."""
    return [one.reason for one in guarded.verdict.plans]


def test_a_mass_suspension_in_slices_is_held() -> None:
    """G13: 20 % of those left before each of ten runs cut 150 of 150 and nothing was withheld; now a day ends it."""
    stack = Stack({"a": 150})
    for _ in range(10):
        guarded = stack.run(Kind.DISABLE, {"a": stack.enabled["a"] // 5})
        stack.now += timedelta(minutes=5)
    assert 150 - stack.enabled["a"] <= 150 * 25 // 100
    (reason,) = reasons(guarded)
    assert "within 24 hours" in reason


def test_a_wrong_password_list_in_slices_is_held() -> None:
    """G13: 19 % of the passwords a run pass the run's limit for ever; the day's limit withholds the rest."""
    stack, written = Stack({"a": 1000}), 0
    for _ in range(5):
        guarded = stack.run(Kind.PASSWORD, {"a": 190})
        written += len(guarded.verdict.allowed["a"])
        stack.now += timedelta(minutes=5)
    assert written <= 250
    assert reasons(guarded) == [
        "380 new passwords within 24 hours, 190 of them made already; the limit of a day is 297"
    ]


def test_slices_over_several_routers_are_held_by_the_fleet_s_limit() -> None:
    """G13: each router stays below its own limit of the day, all together pass that of the fleet."""
    stack = Stack(dict.fromkeys("abcdef", 100), GuardLimits(day_percent=5))
    for _ in range(5):
        guarded = stack.run(Kind.DISABLE, dict.fromkeys("abcdef", 7))
        stack.now += timedelta(minutes=5)
    assert 600 - sum(stack.enabled.values()) <= 100
    assert [one.router for one in guarded.verdict.plans] == [None]


def test_a_run_that_was_killed_counts_with_what_it_had_planned() -> None:
    """G13: a run killed after its cuts told nothing at its end; what it announced counts."""
    stack = Stack({"a": 100})
    stack.run(Kind.DISABLE, {"a": 20}, killed=True)
    guarded = stack.run(Kind.DISABLE, {"a": 16})
    assert reasons(guarded) == ["36 cuts within 24 hours, 20 of them made already; the limit of a day is 30"]


def test_what_was_announced_and_not_made_does_not_count() -> None:
    """G13: cuts that were not confirmed leave room for others."""
    stack = Stack({"a": 100})
    journal = stack.journal()
    plan = stack.plan(Kind.DISABLE, {"a": 20})

    def again(day: Day | None) -> Verdict:
        return Guard(stack.limits, Masked("key"), (), day).review(plan, ())

    verdict = protect(journal, again(journal.read_day()), ["a"], again).verdict
    outcomes = [Outcome(one, Result.UNCONFIRMED) for one in verdict.allowed["a"]]
    assert conclude(journal, verdict, ["a"], outcomes) == {("a", Kind.DISABLE): 0}
    assert reasons(stack.run(Kind.DISABLE, {"a": 20})) == []


def test_two_runs_at_once_pass_the_limit_by_one_share_at_most() -> None:
    """G13: both read the day before either writes; the next run sees both."""
    stack = Stack({"a": 100})
    first, second = stack.journal(), stack.journal()
    day_of_second = second.read_day()
    second.read_day = lambda: day_of_second  # type: ignore[method-assign]
    stack.run(Kind.DISABLE, {"a": 20}, journal=first)
    stack.run(Kind.DISABLE, {"a": 16}, journal=second)
    assert 100 - stack.enabled["a"] <= 30 + 20
    assert reasons(stack.run(Kind.DISABLE, {"a": 1})) != []


def test_midnight_begins_no_new_day() -> None:
    """G13: the limit is over any 24 hours; after them the same number may be cut again."""
    stack = Stack({"a": 100})
    stack.run(Kind.DISABLE, {"a": 20})
    stack.now = BEGIN + timedelta(hours=1)
    assert reasons(stack.run(Kind.DISABLE, {"a": 12})) != []
    stack.now = BEGIN + timedelta(hours=24, minutes=1)
    assert reasons(stack.run(Kind.DISABLE, {"a": 12})) == []


@pytest.mark.parametrize("jump", [timedelta(hours=-30), timedelta(minutes=-5), timedelta(hours=5)])
def test_a_clock_that_jumps_does_not_open_the_limit(jump: timedelta) -> None:
    """G13: what stands in the future after a clock was set back counts too."""
    stack = Stack({"a": 100})
    stack.run(Kind.DISABLE, {"a": 20})
    stack.now += jump
    assert reasons(stack.run(Kind.DISABLE, {"a": 12})) != []


def test_what_somebody_approved_does_not_count() -> None:
    """G13, G4: an approval lifts both limits, and its changes leave room for the day's own."""
    stack = Stack({"a": 100})
    (waiting,) = stack.run(Kind.DISABLE, {"a": 50}).verdict.plans
    assert reasons(stack.run(Kind.DISABLE, {"a": 50}, waiting.plan_id)) == []
    assert stack.enabled["a"] == 50
    assert reasons(stack.run(Kind.DISABLE, {"a": 10})) == []


def test_where_both_limits_are_passed_the_reason_names_both() -> None:
    """G13: the run's limit and the day's, with what was made already."""
    stack = Stack({"a": 100})
    stack.run(Kind.DISABLE, {"a": 20})
    assert reasons(stack.run(Kind.DISABLE, {"a": 30})) == [
        (
            "30 of 80 enabled secrets would be disabled; the limit is 16; 50 cuts within 24 hours, 20 of them made "
            "already; the limit of a day is 30"
        )
    ]


def failing(*operations: str) -> Callable[[str], None]:
    """A bucket that refuses these operations."""

    def before(operation: str) -> None:
        if operation in operations:
            raise refusal("AccessDenied", operation)

    return before


@pytest.mark.parametrize("operation", ["ListObjectsV2", "PutObject"])
def test_without_its_journal_a_run_does_less(operation: str) -> None:
    """G13: where the day cannot be read or put, `guard.min` limits a run and `guard.day_min` all of them."""
    stack = Stack({"a": 1000})
    stack.bucket.before = failing(operation)
    guarded = stack.run(Kind.DISABLE, {"a": 11})
    assert reasons(guarded) == [
        "11 of 1000 enabled secrets would be disabled; the limit is 10, since the journal cannot be reached"
    ]
    for _ in range(3):
        assert reasons(stack.run(Kind.DISABLE, {"a": 10})) == []
    assert reasons(stack.run(Kind.DISABLE, {"a": 1})) == [
        "31 cuts within 24 hours, 30 of them made already; the limit of a day is 30"
    ]


def test_a_bucket_that_can_be_read_and_not_written_begins_no_new_day() -> None:
    """G13: each such run reads an empty day; what it could not tell the journal, the process remembers for 24 hours."""
    stack = Stack({"a": 1000})
    stack.bucket.before = failing("PutObject")
    for _ in range(3):
        stack.run(Kind.DISABLE, {"a": 10})
    assert reasons(stack.run(Kind.DISABLE, {"a": 10})) != []
    stack.bucket.before = failing()
    assert reasons(stack.run(Kind.DISABLE, {"a": 300})) != []
    stack.now += timedelta(hours=25)
    assert reasons(stack.run(Kind.DISABLE, {"a": 190})) == []


def test_a_put_that_fails_lets_a_run_do_no_more() -> None:
    """G13: the plan is reviewed anew when a put fails; what was read of other routers still counts."""
    stack = Stack({"a": 100, "b": 100})
    stack.run(Kind.DISABLE, {"a": 16})
    stack.run(Kind.DISABLE, {"a": 10})
    stack.bucket.before = failing("PutObject")
    guarded = stack.run(Kind.DISABLE, {"a": 10, "b": 5})
    assert {router: len(changes) for router, changes in guarded.verdict.allowed.items()} == {"a": 0, "b": 5}
    assert reasons(guarded) == ["36 cuts within 24 hours, 26 of them made already; the limit of a day is 30"]


@pytest.mark.parametrize("operation", ["ListObjectsV2", "PutObject"])
def test_the_fleet_has_its_limit_of_a_day_without_its_journal_too(operation: str) -> None:
    """G13: ten routers with ten cuts each are the fleet's day, whether the bucket answers or not."""
    stack = Stack(dict.fromkeys("abcdefghij", 1000))
    stack.bucket.before = failing(operation)
    stack.run(Kind.DISABLE, dict.fromkeys("abcdefghij", 10))
    guarded = stack.run(Kind.DISABLE, {"a": 1})
    assert [one.router for one in guarded.verdict.plans] == [None]


def test_enables_and_creates_have_no_limit_of_a_day() -> None:
    """G13: who paid is let in, whatever the day was."""
    stack = Stack({"a": 100})
    stack.bucket.before = failing("ListObjectsV2", "PutObject")
    assert reasons(stack.run(Kind.ENABLE, {"a": 500})) == []


def test_passwords_that_cannot_be_kept_are_not_overwritten() -> None:
    """G12: exactly these changes are deferred, everything else goes on; with the next run they are due again."""
    stack = Stack({"a": 100})
    stack.bucket.before = failing("PutObject")
    guarded = stack.run(Kind.PASSWORD, {"a": 3})
    assert guarded.verdict.allowed == {"a": ()}
    assert [(one.change.name, one.result, one.reason) for one in guarded.deferred["a"]] == [
        (f"a-{number}", Result.DEFERRED, Reason.JOURNAL_UNAVAILABLE) for number in (1, 2, 3)
    ]
    assert stack.run(Kind.DISABLE, {"a": 3}).deferred == {}


def test_passwords_are_kept_before_they_are_overwritten() -> None:
    """G12: one object a run, written once, holds what the router had and what is about to be written."""
    stack = Stack({"a": 100})
    stack.run(Kind.PASSWORD, {"a": 2})
    (key,) = [one for one in stack.bucket.objects if one.startswith("passwords/")]
    assert key == "passwords/2026/11/25/run-1.json"
    assert b'"old":"old"' in stack.bucket.objects[key]


def test_passwords_that_could_not_be_kept_are_no_part_of_the_day() -> None:
    """G13, G12: what was announced and then deferred does not count, or the day would be full of nothing."""
    stack = Stack({"a": 100})
    for _ in range(4):
        journal = stack.journal()
        journal.keep_passwords = lambda changes: not changes  # type: ignore[method-assign]
        assert stack.run(Kind.PASSWORD, {"a": 10}, journal=journal).verdict.allowed == {"a": ()}
    assert reasons(stack.run(Kind.PASSWORD, {"a": 10})) == []


def test_a_put_that_fails_once_counts_no_change_twice() -> None:
    """G13: what the end of the run could tell is not remembered as lost too."""
    stack, refused = Stack({"a": 100}), iter(["PutObject"])

    def once(operation: str) -> None:
        if operation == "PutObject" and next(refused, None):
            raise refusal("SlowDown", operation)

    stack.bucket.before = once
    stack.run(Kind.DISABLE, {"a": 10})
    journal = stack.journal()
    assert (journal.read_day() or Day()).counts == {("a", Kind.DISABLE): 10}


def test_without_a_journal_there_is_no_limit_of_a_day() -> None:
    """G13: `JOURNAL_BUCKET` empty is the behaviour of the releases before."""
    journal = RunJournal.off()
    assert (journal.read_day(), journal.state, journal.announce({("a", Kind.DISABLE): 5})) == (None, "off", None)
    assert journal.keep_passwords([a_change(Kind.PASSWORD)]) is True


def test_the_state_says_whether_the_journal_could_be_reached() -> None:
    """Section 7: `journal` is ok, off or unavailable."""
    stack = Stack({"a": 100})
    journal = stack.journal()
    journal.read_day()
    assert (journal.state, journal.failures) == ("ok", [])
    stack.bucket.before = failing("ListObjectsV2")
    journal.read_day()
    assert (journal.state, len(journal.failures)) == ("unavailable", 1)
