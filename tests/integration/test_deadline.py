"""The remaining time bounds everything; what is left is `deferred`; a run that dies leaves nothing for ever (G7)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest

from lab.faults.clock import Clock, KilledError
from lab.simulators.routeros import Fault
from lab.simulators.uisp import Fault as CrmFault
from lab.simulators.uisp import faults
from pppsync.config.event import Event
from pppsync.core.outcome import Result
from pppsync.crm.client import UispClient
from pppsync.errors import CrmError
from pppsync.net.deadline import Deadline
from pppsync.routers.gateway import RouterGateway
from pppsync.sync.reconcile import CLOSING, reconcile
from tests.integration.providers import Provider, fails, part, provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab.simulators.uisp import RecordedRequest
    from pppsync.report.response import Report
    from pppsync.report.router_row import RouterReport

PATIENCE = 20.0
"""Seconds after which a test that waits for another thread gives up."""


@pytest.fixture
def isp() -> Iterator[Provider]:
    """A provider with one router."""
    with provider() as running:
        yield running


@pytest.fixture
def fleet() -> Iterator[Provider]:
    """Two towers, a dead one first."""
    with provider("dead", "tower-1") as running:
        yield running


def differing(isp: Provider, name: str, status: int = 1) -> None:
    """An enabled subscriber who is online under an old password."""
    isp.subscribe(name, "new", status=status)
    isp.router.add_secret(name=name, password="old", service="pppoe", profile="30mbps")
    isp.router.connect_session(name)


def run_under(isp: Provider, clock: Callable[[], float], sleep: Callable[[float], None], seconds: float) -> Report:
    """One run on a clock of its own."""
    settings = isp.settings
    with ExitStack() as connections:
        crm = connections.enter_context(UispClient(settings.crm, settings.policy))
        gateways = [connections.enter_context(RouterGateway(one, settings.policy)) for one in settings.routers]
        return reconcile(Event(), settings, crm, gateways, Deadline(time.monotonic() + seconds, clock, sleep))


def balanced(router: RouterReport) -> bool:
    """Every planned change ended as exactly one of the results."""
    ended = Counter(outcome.change.kind for outcome in router.outcomes)
    return ended == Counter(change.kind for change in router.planned)


@pytest.mark.parametrize(
    ("on", "action"),
    [("connect", "stall"), ("login", "stall"), ("/ppp/secret/print", "stall"), ("/ppp/active/print", "drip")],
)
def test_a_router_that_hangs_takes_no_more_than_the_time_that_is_left(fleet: Provider, on: str, action: Any) -> None:
    """Connect, login and read share one bound; the other routers are written all the same."""
    fleet.routers["dead"].faults.append(Fault(on, action, interval=5))
    fleet.subscribe("ABC1", "x", router="tower-1")
    began = time.monotonic()
    report = fleet.run(seconds=CLOSING + 3.0)
    error = part(report, "dead").error
    assert error is not None
    assert error.code == "router_timeout"
    assert time.monotonic() - began < PATIENCE
    assert part(report).count(Result.DEFERRED) == {"create": 1}


def test_the_routers_own_limit_holds_where_it_is_nearer(fleet: Provider) -> None:
    """`router_timeout` lets the run go on long before the function ends."""
    fleet.sections["policy"] = {"router_timeout": 2}
    fleet.routers["dead"].faults.append(Fault("connect", "stall"))
    fleet.subscribe("ABC1", "x", router="tower-1")
    report = fleet.run(seconds=300)
    error = part(report, "dead").error
    assert error is not None
    assert "policy.router_timeout" in error.detail
    assert part(report).count(Result.APPLIED) == {"create": 1}


@pytest.mark.parametrize("seconds", [8, 9, 10])
def test_a_run_that_begins_late_counts_what_it_leaves(isp: Provider, seconds: float) -> None:
    """The last ten seconds are no time to write: all of it is told, and left to the next run."""
    differing(isp, "ABC1")
    differing(isp, "ABC2", status=3)
    isp.subscribe("ABC3", "x")
    report = isp.run(seconds=seconds)
    router = part(report)
    assert report.ok
    assert balanced(router)
    assert router.count(Result.DEFERRED) == {"create": 1, "password": 2}
    assert router.count(Result.UNCONFIRMED) == {"disable": 1}
    assert isp.router.writes == []


@pytest.mark.parametrize("seconds", [-5, 0, 3])
def test_a_run_that_begins_too_late_asks_for_nothing(isp: Provider, seconds: float) -> None:
    """With no time to read either, it says so and writes nothing."""
    differing(isp, "ABC1")
    with fails("crm_timeout"):
        isp.run(seconds=seconds)
    assert isp.router.writes == []


def test_a_crm_that_hangs_ends_the_run_in_time(isp: Provider) -> None:
    """Nothing is written on half of a list."""
    differing(isp, "ABC1")
    isp.crm.faults.append(CrmFault("GET clients", faults.stall(), times=None))
    began = time.monotonic()
    with pytest.raises(CrmError):
        isp.run(seconds=CLOSING + 1.0)
    assert time.monotonic() - began < PATIENCE
    assert isp.router.writes == []


@pytest.mark.parametrize("nth", [1, 4, 8])
def test_what_has_not_begun_in_time_is_deferred(isp: Provider, nth: int) -> None:
    """The clock jumps at a write: what is under way ends with its drop, nothing more begins; the next run does it."""
    for number in range(50):
        differing(isp, f"ABC{number:02}", status=3 if number > 45 else 1)
    isp.sections["policy"] = {"guard": {"min": 100}}
    clock = Clock()
    isp.router.faults.append(Fault("/ppp/secret/set", "call", nth, call=lambda: clock.sleep(90)))
    router = part(run_under(isp, clock, clock.sleep, 99))
    assert balanced(router)
    assert router.count(Result.DEFERRED)
    assert router.count(Result.UNANSWERED) + router.count(Result.FAILED) == {}
    done = {outcome.change.name for outcome in router.outcomes if outcome.result is Result.APPLIED}
    dropped = {name for name in done if not isp.router.sessions(name)}
    assert dropped == done
    isp.run()
    assert isp.router.sessions() == []
    assert {one["password"] for one in isp.router.secrets()} == {"new"}


def test_no_answer_is_waited_for_until_the_function_is_ended(isp: Provider) -> None:
    """What a router does not answer in time is `unanswered`, and there is time left to report it."""
    differing(isp, "ABC1")
    differing(isp, "ABC2")
    clock = Clock()
    isp.sections["policy"] = {"router_timeout": 3}
    isp.router.faults.append(Fault("/ppp/secret/set", "stall", applied=True))
    router = part(run_under(isp, clock, clock.sleep, 60))
    assert balanced(router)
    assert router.count(Result.UNANSWERED) == {"password": 2}
    isp.router.faults.clear()
    assert part(isp.run()).count(Result.APPLIED) == {"password": 1}


def everything(isp: Provider) -> None:
    """A subscriber for every kind of change, and somebody in order."""
    isp.sections["policy"] = {"guard": {"min": 100}, "drops_per_second": 0}
    isp.subscribe("CREATE", "x")
    for name, status, words in (
        ("ENABLE", 1, {"disabled": True}),
        ("PASSWORD", 1, {"password": "old"}),
        ("PROFILE", 1, {"profile": "default"}),
        ("DISABLE", 3, {}),
        ("DROP", 3, {"disabled": True}),
        ("FINE", 1, {}),
    ):
        isp.subscribe(name, "x", status=status)
        isp.router.add_secret(**({"name": name, "password": "x", "service": "pppoe", "profile": "30mbps"} | words))
        if name != "ENABLE":
            isp.router.connect_session(name)


def settled(isp: Provider) -> None:
    """All is as the CRM says, and nobody was dropped without need."""
    held = {one["name"]: (one["disabled"], one["password"], one["profile"]) for one in isp.router.secrets()}
    off = {"DISABLE", "DROP"}
    names = ("CREATE", "ENABLE", "PASSWORD", "PROFILE", "DISABLE", "DROP", "FINE")
    assert held == {name: ("true" if name in off else "false", "x", "30mbps") for name in names}
    online = {one["name"] for one in isp.router.sessions()}
    assert "FINE" in online
    assert not online & off


@pytest.mark.parametrize("portion", range(4))
def test_a_run_that_is_killed_anywhere_is_repaired_by_the_next(portion: int) -> None:
    """Whatever it was doing when it was ended: one more run, and everything is as after a run that lived."""
    for tick in range(1 + portion, 240, 12):
        with provider() as isp:
            everything(isp)
            clock = Clock(kill_at=tick)
            with suppress(KilledError):
                run_under(isp, clock, clock.sleep, 100)
            assert isp.router.warnings == []
            report = isp.run()
            assert report.ok
            settled(isp)
            isp.router.clear_log()
            isp.run()
            assert isp.router.writes == []


def test_an_overlapping_run_with_an_older_view_cuts_nobody_who_paid_meanwhile(isp: Provider) -> None:
    """The first run has read a suspension and is slow; somebody pays, a second run comes and goes; then the first."""
    client = isp.subscribe("ABC1", "x", status=3)
    isp.router.add_secret(name="ABC1", password="x", service="pppoe", profile="30mbps")
    isp.router.connect_session("ABC1")
    waiting, free = threading.Event(), threading.Event()

    def hold(request: RecordedRequest) -> None:
        if request.endpoint == "GET clients/{id}" and not waiting.is_set():
            waiting.set()
            assert free.wait(PATIENCE)

    isp.crm.on_request = hold
    reports: list[Report] = []
    slow = threading.Thread(target=lambda: reports.append(isp.run()))
    slow.start()
    assert waiting.wait(PATIENCE)
    isp.crm.edit_service(isp.crm.services_of(client)[0]["id"], status=1)
    assert part(isp.run()).count(Result.APPLIED) == {}
    free.set()
    slow.join()
    assert part(reports[0]).count(Result.UNCONFIRMED) == {"disable": 1}
    assert isp.router.writes == []


def test_overlapping_runs_create_no_duplicate(isp: Provider) -> None:
    """Both have read that the secret is missing: the router takes one, and the other is told so."""
    isp.subscribe("ABC1", "x")
    both = threading.Barrier(2, timeout=PATIENCE)
    isp.router.faults.append(Fault("/ppp/secret/add", "call", call=lambda: None))

    def meet(request: RecordedRequest) -> None:
        if request.endpoint == "GET clients" and request.query["offset"] == ["0"] and not both.broken:
            both.wait()

    isp.crm.on_request = meet
    reports: list[Report] = []
    threads = [threading.Thread(target=lambda: reports.append(isp.run())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(isp.router.secrets()) == 1
    assert all(balanced(part(report)) for report in reports)
