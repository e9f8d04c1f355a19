"""Approvals by content through whole runs: what the journal keeps of a withheld plan, and what an id releases (G4)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.s3 import Bucket, refusal
from pppsync.config.event import Event
from pppsync.journal.run import Memory, RunJournal
from pppsync.journal.store import Store
from pppsync.net.deadline import Deadline
from tests.integration.providers import Provider, provider

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SUSPENDED = [f"LATE{number:02}" for number in range(12)]


class Day:
    """A day of runs on one bucket: every run has a journal of its own, and time that the test moves."""

    def __init__(self, isp: Provider) -> None:
        self.isp = isp
        self.now = NOON
        self.clients: dict[str, int] = {}
        self.released: set[str] = set()
        self.bucket = Bucket(clock=lambda: self.now)

    def run(self, action: Any = "sync", *approve: str, **event: Any) -> dict[str, Any]:
        """One run with the journal, and its response."""
        client: Any = self.bucket
        store = Store(client, self.bucket.name, Deadline.after(900))
        journal = RunJournal(store, Memory(), f"run-{self.now:%H%M%S}", lambda: self.now)
        report = self.isp.run(Event(action=action, approve=approve, **event), journal=journal)
        self.released = {name for _, name, *_ in report.released}
        return report.document(run_id="run", exclusive=True, duration_ms=1)

    def add(self, name: str, status: int) -> None:
        """A customer who is in the CRM and on the router."""
        self.clients[name] = self.isp.subscribe(name, "s3cret", status=status)
        self.isp.router.add_secret(name=name, password="s3cret", profile="30mbps", service="pppoe")

    def pay(self, name: str) -> None:
        """A customer pays: the CRM lifts the suspension."""
        self.isp.mark(self.clients[name], 1)

    def suspend(self, name: str) -> None:
        """The CRM suspends a customer."""
        self.isp.mark(self.clients[name], 3)

    def kept(self) -> dict[str, dict[str, Any]]:
        """The plans in the bucket by id, as JSON."""
        found = {key: body for key, body in self.bucket.objects.items() if key.startswith("plans/")}
        return {key.removeprefix("plans/").removesuffix(".json"): json.loads(body) for key, body in found.items()}

    def on_router(self, *names: str) -> list[str]:
        """Those of the logins that are enabled on the router."""
        return [name for name in names if (self.isp.router.secret(name) or {})["disabled"] == "false"]


@pytest.fixture
def day() -> Iterator[Day]:
    """A router with 20 customers, 12 of whom the CRM suspended by mistake or not: over the limit of 10."""
    with provider() as isp:
        found = Day(isp)
        for name in SUSPENDED:
            found.add(name, 3)
        for number in range(8):
            found.add(f"PAID{number}", 1)
        isp.router.connect_session("LATE03")
        yield found


def waiting(response: dict[str, Any]) -> str:
    """The id of the one plan that waits."""
    ((plan,),) = [router["withheld_plans"] for router in response["routers"]]
    return str(plan["plan_id"])


def test_a_withheld_plan_is_kept_without_a_value(day: Day) -> None:
    """G4, G15: router, kind, count, reason, names in order, who is online, one HMAC a change; and it is to be told."""
    plan_id = waiting(day.run())
    kept = day.kept()[plan_id]
    assert (kept["router"], kept["kind"], kept["count"], kept["tell"]) == ("tower-1", "disable", 12, True)
    assert kept["reason"] == "12 of 20 enabled secrets would be disabled; the limit is 10"
    assert (kept["names"], kept["online"]) == (SUSPENDED, ["LATE03"])
    assert len(set(kept["changes"])) == 12


def test_an_approval_after_a_payment(day: Day) -> None:
    """G4: the id that the operator saw still holds after one of the twelve has paid, and nobody else is cut."""
    plan_id = waiting(day.run())
    day.now += timedelta(hours=3)
    day.pay("LATE00")
    response = day.run("sync", plan_id)
    assert response["ok"]
    assert day.released == {*SUSPENDED} - {"LATE00"}
    assert response["approvals"] == [{"plan_id": plan_id, "result": "applied", "released": 11, "gone": 1, "now": None}]
    assert day.on_router(*SUSPENDED) == ["LATE00"]


def test_what_came_since_waits(day: Day) -> None:
    """G4: who was suspended after the operator looked is not cut by that approval; the new id is kept."""
    plan_id = waiting(day.run())
    day.suspend("PAID0")
    response = day.run("sync", plan_id)
    (approval,) = response["approvals"]
    assert (approval["released"], approval["gone"], approval["now"]) == (12, 0, waiting(response))
    assert day.on_router(*SUSPENDED, "PAID0") == ["PAID0"]
    assert approval["now"] in day.kept()


def test_approved_cuts_are_no_part_of_the_day(day: Day) -> None:
    """G13: the day counts what nobody approved."""
    plan_id = waiting(day.run())
    day.pay("LATE00")
    response = day.run("sync", plan_id)
    assert response["routers"][0]["cuts_of_the_day"]["count"] == 0
    assert not [key for key in day.bucket.objects if key.startswith("day/")]


@pytest.mark.parametrize("unknown", ["0123456789abcdef", "no id", ""])
def test_one_unknown_id_and_nothing_at_all_is_written(day: Day, unknown: str) -> None:
    """G4: no cut, no enable, no password; the run is not ok, and every change is accounted for."""
    plan_id = waiting(day.run())
    day.isp.subscribe("NEW", "s3cret")
    response = day.run("sync", plan_id, unknown)
    assert not response["ok"]
    assert [(one["result"], one["released"]) for one in response["approvals"]] == [("observed", 0), ("unknown", 0)]
    (router,) = response["routers"]
    assert (router["applied"], router["withheld"], router["deferred"]) == ({}, {"disable": 12}, {"create": 1})
    assert day.on_router(*SUSPENDED) == SUSPENDED
    assert day.isp.router.secret("NEW") is None


def test_an_id_is_forgotten_after_seven_days(day: Day) -> None:
    """G4: older than 7 days it is unknown, unless exactly that plan is withheld in this run."""
    plan_id = waiting(day.run())
    day.now += timedelta(days=7, seconds=1)
    day.pay("LATE00")
    assert day.run("plan")["earlier_plans"] == []
    response = day.run("sync", plan_id)
    assert (response["ok"], response["approvals"][0]["result"]) == (False, "unknown")
    assert day.on_router(*SUSPENDED) == SUSPENDED
    day.suspend("LATE00")
    assert day.run("sync", plan_id)["approvals"][0]["result"] == "applied"
    assert day.on_router(*SUSPENDED) == []


def test_without_a_journal_an_id_must_match_exactly(day: Day) -> None:
    """G4: a payment between plan and approval voids the id; nothing is written, the plan of now is named."""
    plan_id = waiting(day.isp.run().document(run_id="run", exclusive=True, duration_ms=1))
    day.pay("LATE00")
    response = day.isp.run(Event(approve=(plan_id,))).document(run_id="run", exclusive=True, duration_ms=1)
    assert (response["ok"], response["approvals"]) == (
        False,
        [{"plan_id": plan_id, "result": "unknown", "released": 0, "gone": 0, "now": waiting(response)}],
    )
    assert day.on_router(*SUSPENDED) == SUSPENDED


def test_a_journal_that_cannot_be_read_knows_no_earlier_plan(day: Day) -> None:
    """G4: a run without its journal does less: the id must match exactly, as it does without one."""
    plan_id = waiting(day.run())
    day.pay("LATE00")

    def refuse(operation: str) -> None:
        if operation == "GetObject":
            raise refusal("AccessDenied", operation)

    day.bucket.before = refuse
    response = day.run("sync", plan_id)
    assert (response["ok"], response["journal"]) == (False, "unavailable")
    assert day.on_router(*SUSPENDED) == SUSPENDED


@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetObject", "PutObject"])
@pytest.mark.parametrize("action", ["sync", "plan"])
def test_plans_that_cannot_be_kept_stop_nothing(day: Day, action: str, operation: str) -> None:
    """G4: the run goes on, withholds as ever, and says that its journal is unavailable."""
    day.run()
    day.pay("LATE00")

    def refuse(asked: str) -> None:
        if asked == operation:
            raise refusal("AccessDenied", asked)

    day.bucket.before = refuse
    response = day.run(action)
    assert (response["ok"], response["journal"]) == (True, "unavailable")
    assert response["routers"][0]["withheld_plans"][0]["count"] == 11
    assert day.on_router(*SUSPENDED) == SUSPENDED


def test_a_plan_shows_what_an_earlier_id_would_release(day: Day) -> None:
    """G4: who paid since, how many are due, who is online; each change names the ids that release it."""
    plan_id = waiting(day.run())
    day.pay("LATE00")
    response = day.run("plan")
    assert response["earlier_plans"] == [
        {
            "plan_id": plan_id,
            "router": "tower-1",
            "kind": "disable",
            "count": 12,
            "due": 11,
            "online": 1,
            "gone": 1,
            "names_gone": ["LATE00"],
        }
    ]
    (router,) = response["routers"]
    now = waiting(response)
    assert {one["name"]: one["plans"] for one in router["changes"]} == {
        name: [now, plan_id] for name in SUSPENDED if name != "LATE00"
    }


def test_a_plan_that_waits_is_told_once_a_day(day: Day) -> None:
    """G15: the same plan, run after run, is put once; after 24 hours it is told again."""
    plan_id = waiting(day.run())
    first = day.bucket.times[f"plans/{plan_id}.json"]
    for _ in range(5):
        day.now += timedelta(minutes=5)
        day.run()
    assert day.bucket.times[f"plans/{plan_id}.json"] == first
    day.now = NOON + timedelta(hours=24)
    day.run()
    assert (day.kept()[plan_id]["tell"], day.bucket.times[f"plans/{plan_id}.json"]) == (True, day.now)


def test_a_plan_that_changes_is_kept_and_not_told_again(day: Day) -> None:
    """G15: one more or less is another id, which an approval finds; nobody gets a second notice for it."""
    day.run()
    day.pay("LATE00")
    now = waiting(day.run())
    assert day.kept()[now]["tell"] is False


def test_a_plan_that_somebody_asked_for_is_kept_and_told_by_the_next_sync(day: Day) -> None:
    """G4, G15: whoever read `plan` can approve its id after a payment; the notice is the sync's."""
    plan_id = waiting(day.run("plan"))
    assert day.kept()[plan_id]["tell"] is False
    day.run()
    assert day.kept()[plan_id]["tell"] is True


def test_nobody_is_told_of_an_observed_router() -> None:
    """G11, G15: what waits on a router that is not written needs nobody."""
    with provider() as isp:
        isp.modes["tower-1"] = "observe"
        observed = Day(isp)
        for name in SUSPENDED:
            observed.add(name, 3)
        plan_id = waiting(observed.run())
        assert observed.kept()[plan_id]["tell"] is False
        assert observed.run("sync", plan_id)["approvals"][0]["result"] == "observed"


def test_a_filter_releases_only_what_it_lets_through(day: Day) -> None:
    """G4: `subscribers` beside `approve` writes these logins alone; who is left out is not counted as gone."""
    plan_id = waiting(day.run())
    day.pay("LATE09")
    response = day.run("sync", plan_id, subscribers=frozenset({"LATE01", "LATE02", "LATE09"}))
    assert [(one["released"], one["gone"]) for one in response["approvals"]] == [(2, 1)]
    assert day.on_router("LATE00", "LATE01", "LATE02") == ["LATE00"]
