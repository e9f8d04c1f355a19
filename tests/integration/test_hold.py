"""A hold keeps a router from being written: before a run, while it cuts, and until it ends or is taken back (G14)."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from lab.simulators.s3 import Bucket, refusal
from pppsync import actions
from pppsync.config.event import Event, read_event
from pppsync.core.hold import Hold
from pppsync.core.outcome import Result
from pppsync.errors import JournalError
from pppsync.journal import holds
from pppsync.journal.run import Memory, RunJournal
from pppsync.journal.store import Store
from pppsync.net.deadline import Deadline
from tests.integration.providers import Provider, SkippingClock, part, provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab.simulators.uisp import RecordedRequest
    from pppsync.crm.client import UispClient

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HOLD = Hold(NOW + timedelta(hours=2), "anna", "the tower moves")
ROW = {"until": "2026-11-25T14:00:00Z", "by": "anna", "why": "the tower moves"}
PATIENCE = 20.0
"""Seconds after which a test that waits for another thread gives up."""
SOON = 0.001
READ_AT_THE_START = 2
"""Listings before a run plans: the day and the holds."""


def journal_of(
    bucket: Bucket, memory: Memory | None = None, now: datetime = NOW, every: float = PATIENCE
) -> RunJournal:
    """The journal of one run on this bucket."""
    client: Any = bucket
    store = Store(client, bucket.name, Deadline.after(900))
    return RunJournal(store, memory or Memory(), "run-1", lambda: now, every)


def held(*routers: str | None, hold: Hold = HOLD) -> Bucket:
    """A bucket in which these routers are on hold, all of them for None."""
    bucket = Bucket()
    for router in routers:
        put(bucket, router, holds.encode(hold))
    return bucket


def put(bucket: Bucket, router: str | None, body: bytes = holds.encode(HOLD)) -> None:
    """Put the object of a hold."""
    bucket.put_object(Bucket=bucket.name, Key=holds.key(router), Body=body)


def shown(isp: Provider, journal: RunJournal, **event: Any) -> dict[str, Any]:
    """The response of one run."""
    return isp.run(Event(**event), journal=journal).document(run_id="run-1", exclusive=True, duration_ms=1)


def refusing(*operations: str) -> Callable[[str], None]:
    """A bucket's answer to these operations."""

    def refuse(operation: str) -> None:
        if operation in operations:
            raise refusal("AccessDenied", operation)

    return refuse


def fill(isp: Provider) -> None:
    """One customer to let in, one to cut off and one to create on each router."""
    for index, (name, router) in enumerate(isp.routers.items()):
        for login, status, disabled in ((f"PAID{index}", 1, "yes"), (f"LATE{index}", 3, "no")):
            isp.subscribe(login, "x", status=status, router=name)
            router.add_secret(name=login, password="x", profile="30mbps", service="pppoe", disabled=disabled)
        isp.subscribe(f"NEW{index}", "x", router=name)


def disabled(isp: Provider, router: str = "tower-1") -> dict[str, str]:
    """Each secret of a router with its flag."""
    return {secret["name"]: secret["disabled"] for secret in isp.routers[router].secrets()}


@pytest.fixture
def isp() -> Iterator[Provider]:
    """A provider with two routers, each with something to let in, to cut off and to create."""
    with provider("tower-1", "tower-2") as running:
        fill(running)
        yield running


UNTOUCHED = {"PAID0": "true", "LATE0": "false"}
DONE = {"PAID1": "false", "LATE1": "true", "NEW1": "false"}


def test_a_router_on_hold_is_read_planned_and_never_written(isp: Provider) -> None:
    """G14: what is due there is deferred, the others go on, and the response shows the hold."""
    response = shown(isp, journal_of(held("tower-1")))
    first, second = response["routers"]
    due = {"enable": 1, "create": 1, "disable": 1}

    assert (disabled(isp), disabled(isp, "tower-2")) == (UNTOUCHED, DONE)
    assert (first["hold"], first["planned"], first["deferred"], first["applied"]) == (ROW, due, due, {})
    assert {one["result"] for one in first["changes"]} == {"deferred"}
    assert (second["hold"], second["applied"]) == (None, due)
    assert (response["ok"], response["journal"]) == (True, "ok")


def test_a_plan_shows_the_hold_too(isp: Provider) -> None:
    """Section 7: `plan` says which routers are on hold."""
    response = shown(isp, journal_of(held("tower-2")), action="plan")

    assert [router["hold"] for router in response["routers"]] == [None, ROW]


def test_a_hold_of_all_holds_a_router_that_is_added_later(isp: Provider) -> None:
    """G14: a hold without names is of every router, whichever the configuration names."""
    bucket = held(None)
    shown(isp, journal_of(bucket))
    with provider("tower-3") as later:
        fill(later)
        response = shown(later, journal_of(bucket))

        assert disabled(later, "tower-3") == UNTOUCHED
    assert (disabled(isp), response["routers"][0]["hold"]) == (UNTOUCHED, ROW)


@pytest.mark.parametrize(("minutes", "ends"), [(119, UNTOUCHED), (120, {"PAID0": "false", "LATE0": "true"})])
def test_a_hold_ends_by_itself(isp: Provider, minutes: int, ends: dict[str, str]) -> None:
    """G14: from the moment on that the hold names the router is written again."""
    shown(isp, journal_of(held("tower-1"), now=NOW + timedelta(minutes=minutes)))

    assert disabled(isp).items() >= ends.items()


def test_a_malformed_hold_holds(isp: Provider) -> None:
    """G14: somebody wanted to stop; the response names the object."""
    bucket = Bucket()
    put(bucket, "tower-1", b"stop!")
    response = shown(isp, journal_of(bucket))

    assert disabled(isp) == UNTOUCHED
    assert "holds/router/tower-1.json cannot be read" in response["routers"][0]["hold"]["why"]


NAMES = ("a/b", "100%25", "Башня №1", "..")


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_form_can_be_held(name: str) -> None:
    """G14: a name with a slash, a percent sign or other letters holds its router and no other."""
    bucket = Bucket()
    with provider(*NAMES) as isp:
        isp.subscribe("ANN", "x")
        perform(isp, {"action": "hold", "routers": [name], "for": "1h", "why": "x"}, bucket)
        rows = shown(isp, journal_of(bucket), action="plan")["routers"]

    assert [row["name"] for row in rows if row["hold"]] == [name]


def test_holds_that_cannot_be_read_are_as_they_were_read_last(isp: Provider) -> None:
    """G14: a process that read a hold obeys it although the bucket does not answer, until it ends; the run says so."""
    bucket, memory = held("tower-1"), Memory()
    shown(isp, journal_of(bucket, memory), action="plan")
    bucket.before = refusing("ListObjectsV2")
    response = shown(isp, journal_of(bucket, memory))

    assert (disabled(isp), response["routers"][0]["hold"]) == (UNTOUCHED, ROW)
    assert response["journal"] == "unavailable"
    assert any("holds are taken as this process read them last" in one["detail"] for one in response["problems"])
    shown(isp, journal_of(bucket, memory, now=HOLD.until))
    assert disabled(isp)["LATE0"] == "true"


def test_a_fresh_process_that_cannot_read_holds_knows_none(isp: Provider) -> None:
    """G14: that is the one hold that a run cannot see, and it says that it could not read it."""
    bucket = held("tower-1")
    bucket.before = refusing("ListObjectsV2")
    response = shown(isp, journal_of(bucket))

    assert disabled(isp)["LATE0"] == "true"
    assert (response["journal"], response["routers"][0]["hold"]) == ("unavailable", None)
    assert any("S3 refused to list holds/: AccessDenied" in one["detail"] for one in response["problems"])


def test_a_hold_that_comes_while_the_cut_is_confirmed_stops_the_cut(isp: Provider) -> None:
    """G14: holds are read again before the first cut; what was let in before stays let in."""
    bucket, let_in = Bucket(), {"PAID0": "false", "LATE0": "false", "NEW0": "false"}

    def hook(request: RecordedRequest) -> None:
        if request.endpoint == "GET clients/{id}":
            while disabled(isp) != let_in:  # the CRM answers only after the router was written
                time.sleep(0.01)
            put(bucket, None)

    isp.crm.on_request = hook
    report = isp.run(journal=journal_of(bucket))
    found = part(report)
    (stopped,) = [one for one in found.outcomes if one.result is Result.DEFERRED]

    assert disabled(isp) == let_in
    assert (found.count(Result.APPLIED), found.count(Result.DEFERRED)) == ({"enable": 1, "create": 1}, {"disable": 1})
    assert (stopped.reason, stopped.detail) == ("on_hold", HOLD.sentence)
    assert found.hold == HOLD
    assert report.ok


class ClockThatWaits(SkippingClock):
    """Calls `act` at the first sleep, which is between two session drops."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__()
        self._act = act

    def sleep(self, seconds: float) -> None:
        """Act once, then be so much later."""
        act, self._act = self._act, lambda: None
        act()
        super().sleep(seconds)


def many_cuts(isp: Provider, count: int = 6) -> None:
    """Suspended customers who are online, one drop a second."""
    isp.sections["policy"] = {"drops_per_second": 1}
    for number in range(count):
        name = f"CUT{number}"
        isp.subscribe(name, "x", status=3, router="tower-1")
        isp.router.add_secret(name=name, password="x", profile="30mbps", service="pppoe")
        isp.router.connect_session(name)


class Listings:
    """Counts the listings of the holds that begin after `begin`, and waits for them."""

    def __init__(self, bucket: Bucket, answer: Callable[[str], None] = lambda _: None) -> None:
        self._count: int | None = None
        self._answer = answer
        self._seen = threading.Condition()
        bucket.before = self._before

    def wait_for(self, count: int) -> None:
        """Return when so many more have begun."""
        with self._seen:
            self._count = 0
            assert self._seen.wait_for(lambda: (self._count or 0) >= count, PATIENCE)

    def _before(self, operation: str) -> None:
        if operation != "ListObjectsV2":
            return
        with self._seen:
            if self._count is None:
                return
            self._count += 1
            self._seen.notify_all()
        self._answer(operation)


def test_a_hold_that_comes_after_the_first_cut_stops_the_others() -> None:
    """G14: holds are read again while cuts are made; nothing more is sent to the router but what was in hand."""
    with provider() as isp:
        many_cuts(isp)
        bucket = Bucket()
        listings = Listings(bucket)

        def hold_now() -> None:
            put(bucket, "tower-1")
            listings.wait_for(2)  # the second begins when the first is taken in

        isp.clock = ClockThatWaits(hold_now)
        report = isp.run(journal=journal_of(bucket, every=SOON))
        found = part(report)

        assert found.count(Result.APPLIED) == {"disable": 2}, "the first, and the one that waited for its turn"
        assert found.count(Result.DEFERRED) == {"disable": 4}
        assert sorted(disabled(isp).values()) == ["false"] * 4 + ["true"] * 2
        assert (found.hold, report.journal) == (HOLD, "ok")


def test_holds_that_cannot_be_read_again_stop_no_cut() -> None:
    """G14: a bucket that fails in the middle of a run delays nothing; the run goes on and says so, once."""
    with provider() as isp:
        many_cuts(isp)
        bucket = Bucket()
        listings = Listings(bucket, refusing("ListObjectsV2"))
        isp.clock = ClockThatWaits(lambda: listings.wait_for(3))
        report = isp.run(journal=journal_of(bucket, every=SOON))

        assert part(report).count(Result.APPLIED) == {"disable": 6}
        assert (report.journal, report.journal_failures) == ("unavailable", 1)


def test_a_bucket_that_hangs_before_the_first_cut_delays_it_no_longer_than_the_journal_may() -> None:
    """G14: the cut waits for the holds as long as the journal has time, then is made, and the run says so."""
    with provider() as isp:
        many_cuts(isp, 1)
        bucket, over, reads = Bucket(), threading.Event(), [0]

        def hang(operation: str) -> None:
            reads[0] += operation == "ListObjectsV2"
            if reads[0] > READ_AT_THE_START:
                over.wait(PATIENCE)

        bucket.before = hang
        client: Any = bucket
        store = Store(client, bucket.name, Deadline.after(900), seconds=0.5)
        report = isp.run(journal=RunJournal(store, Memory(), "run-1", lambda: NOW))
        over.set()

        assert part(report).count(Result.APPLIED) == {"disable": 1}
        assert report.journal == "unavailable"


def test_an_approval_of_a_held_router_writes_nothing() -> None:
    """G4: its result is `observed`; the alarm that something waits for an approval stays silent (G15)."""
    with provider() as isp:
        many_cuts(isp, 12)
        (plan,) = shown(isp, journal_of(Bucket()), action="plan")["routers"][0]["withheld_plans"]
        response = shown(isp, journal_of(held("tower-1")), approve=(plan["plan_id"],))

        assert response["approvals"][0]["result"] == "observed"
        assert set(disabled(isp).values()) == {"false"}


def perform(
    isp: Provider, event: dict[str, Any], bucket: Bucket | None, memory: Memory | None = None
) -> dict[str, Any]:
    """The response to an event of `hold` or `release`; neither side is asked."""
    settings = isp.settings
    asked = read_event(event, [router.name for router in settings.routers])
    journal = RunJournal.off() if bucket is None else journal_of(bucket, memory)
    answer = actions.perform(asked, settings, cast("UispClient", None), [], Deadline.after(9), journal)
    return answer.document(run_id="run-1", exclusive=True, duration_ms=1)


HOLD_EVENT = {"action": "hold", "for": "2h", "by": "anna", "why": "the tower moves"}


def test_hold_and_release(isp: Provider) -> None:
    """Section 7: the answers of `hold` and `release`, and what the runs between them do."""
    bucket = Bucket()
    answer = perform(isp, HOLD_EVENT | {"routers": ["tower-1"]}, bucket)
    shown(isp, journal_of(bucket))

    assert answer == {
        "run_id": "run-1",
        "action": "hold",
        "ok": True,
        "routers": [{"name": "tower-1", "hold": ROW}],
    }
    assert bucket.objects[holds.key("tower-1")] == holds.encode(HOLD)
    assert disabled(isp) == UNTOUCHED
    released = perform(isp, {"action": "release", "routers": ["tower-1"]}, bucket)
    shown(isp, journal_of(bucket))
    assert released == answer | {"action": "release", "routers": [{"name": "tower-1", "hold": None}]}
    assert disabled(isp)["LATE0"] == "true"


def test_a_release_without_names_takes_every_hold_back(isp: Provider) -> None:
    """G14: that of all, those of single routers, and one that cannot be read."""
    bucket = held(None, "tower-1", "gone")
    put(bucket, "tower-2", b"stop!")
    answer = perform(isp, {"action": "release"}, bucket)

    assert [row["hold"] for row in answer["routers"]] == [None, None]
    assert (answer["ok"], bucket.objects) == (True, {})


def test_a_release_of_one_router_cannot_lift_a_hold_of_all(isp: Provider) -> None:
    """G14: the answer shows the hold that remains, and is not ok."""
    bucket = held(None, "tower-1")
    answer = perform(isp, {"action": "release", "routers": ["tower-1"]}, bucket)

    assert (answer["ok"], answer["routers"]) == (False, [{"name": "tower-1", "hold": ROW}])
    assert set(bucket.objects) == {"holds/all"}


@pytest.mark.parametrize("event", [HOLD_EVENT, {"action": "release"}], ids=["hold", "release"])
def test_without_a_journal_nothing_is_pretended(isp: Provider, event: dict[str, Any]) -> None:
    """G14: `journal_off` where there is no journal, `journal_unavailable` where the object cannot be written."""
    with pytest.raises(JournalError, match=r"^journal_off: This stack keeps no journal \(parameter Journal\)$"):
        perform(isp, event, None)
    bucket = held(None)
    bucket.before = refusing("PutObject", "DeleteObject")
    with pytest.raises(JournalError, match=r"^journal_unavailable: S3 refused to (put|delete) holds/all: AccessDenied"):
        perform(isp, event, bucket)
    assert bucket.objects == held(None).objects


def test_a_hold_that_was_put_is_answered_although_nothing_can_be_read(isp: Provider) -> None:
    """G14: the hold stands, so the answer shows it, and a run of this process obeys it."""
    bucket, memory = Bucket(), Memory()
    bucket.before = refusing("ListObjectsV2")
    answer = perform(isp, HOLD_EVENT | {"routers": ["tower-1"]}, bucket, memory)
    everywhere = perform(isp, HOLD_EVENT | {"why": "all"}, bucket, Memory())
    shown(isp, journal_of(bucket, memory))

    assert (answer["ok"], answer["routers"]) == (True, [{"name": "tower-1", "hold": ROW}])
    assert [row["hold"]["why"] for row in everywhere["routers"]] == ["all", "all"]
    assert disabled(isp) == UNTOUCHED
