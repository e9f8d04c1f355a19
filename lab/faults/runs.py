"""One run of the product, or two at once, or one that is killed: and everything that could be seen of it."""

from __future__ import annotations

import io
import logging
import threading
import time
import traceback
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from lab.faults.clock import KilledError
from pppsync.core.masked import Masked
from pppsync.crm.client import UispClient
from pppsync.errors import SyncError
from pppsync.net.deadline import Deadline
from pppsync.report import log_records, log_setup, metrics
from pppsync.routers.gateway import RouterGateway
from pppsync.sync.reconcile import reconcile

if TYPE_CHECKING:
    from lab.faults.clock import Clock
    from lab.faults.mishap import Mishap
    from lab.faults.stack import Approved, Visit
    from lab.faults.world import World
    from lab.simulators.routeros.journal import Sentence
    from lab.simulators.uisp import RecordedRequest
    from pppsync.config.event import Event
    from pppsync.core.change import Change
    from pppsync.report.response import Report


@dataclass(frozen=True)
class Asked:
    """One request to the CRM: when it was about to be answered, what it asked for, about which subscriber."""

    time: float
    endpoint: str
    client: int | None
    offset: str | None


@dataclass
class Ran:
    """What one run, or two at once, left to be seen.

    `approved` are the changes of the ids that the event approves; `slip`: one more id of it is of no plan at all.
    """

    mishap: Mishap
    event: Event
    runs: int = 1
    killed: bool = False
    rushed: bool = False
    began: float = 0.0
    ended: float = 0.0
    errors: list[BaseException] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    responses: list[dict[str, Any]] = field(default_factory=list)
    emitted: str = ""
    asked: list[Asked] = field(default_factory=list)
    writes: dict[str, list[Sentence]] = field(default_factory=dict)
    sessions: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    approved: Approved = frozenset()
    slip: bool = False
    offers: dict[str, Approved] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)


class Outlet(io.StringIO):
    """Where the function's own log goes: one logger for all runs, since loggers are never forgotten."""

    def drain(self) -> str:
        """What was written since."""
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


OUTLET = Outlet()
LOGGER = Logger(service="fault-bench", stream=OUTLET, level="DEBUG")


class Collector(logging.Handler):
    """Everything that any library logs, at any level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it as it would be printed."""
        self.texts.append(self.format(record))


def run(world: World, ran: Ran, clocks: list[Clock], seconds: float = 100.0) -> None:
    """Run once for every clock, all at the same time, and note what can be seen."""
    _prepare(world, ran)
    collector, out = Collector(), io.StringIO()
    root = logging.getLogger()
    level = root.level
    root.addHandler(collector)
    root.setLevel(logging.DEBUG)
    log_setup.quieten_third_parties()
    try:
        first, *others = [_Turn(world, ran, clock, seconds, out, number) for number, clock in enumerate(clocks)]
        threads = [threading.Thread(target=_once, args=(turn,)) for turn in others]
        for thread in threads:
            thread.start()
        _once(first)
        for thread in threads:
            thread.join()
    finally:
        root.removeHandler(collector)
        root.setLevel(level)
    _let_end(world)
    ran.ended = time.monotonic()
    ran.killed = ran.killed or any(clock.dead for clock in clocks)
    ran.emitted = "\n".join((*collector.texts, out.getvalue(), *(_told(error) for error in ran.errors)))
    ran.writes = {name: router.writes for name, router in world.routers.items()}


def _let_end(world: World) -> None:
    """Wait until the routers have taken in all that was sent before the lines were cut: it belongs to this run."""
    give_up = time.monotonic() + 10
    while any(router.open_connections for router in world.routers.values()) and time.monotonic() < give_up:
        time.sleep(0.002)


def _prepare(world: World, ran: Ran) -> None:
    """Forget the past, and note every request from here on."""
    for router in world.routers.values():
        router.clear_log()
    hook = world.crm.on_request

    def note(request: RecordedRequest) -> None:
        if hook:
            hook(request)
        query = {name: values[0] for name, values in request.query.items()}
        last = request.path.rsplit("/", 1)[-1]
        client = int(query["clientId"]) if "clientId" in query else int(last) if last.isdigit() else None
        ran.asked.append(Asked(time.monotonic(), request.endpoint, client, query.get("offset")))

    world.crm.on_request = note
    if world.stack:
        world.stack.note_day()
    world.moments = [world.moment()]
    world.recording = True
    ran.sessions = {name: {one[".id"]: one for one in router.sessions()} for name, router in world.routers.items()}
    ran.began = time.monotonic()


class _Turn:
    """One run of the product, of one or two at once."""

    def __init__(self, world: World, ran: Ran, clock: Clock, seconds: float, out: io.StringIO, number: int) -> None:
        self.world, self.ran, self.clock, self.out = world, ran, clock, out
        self.deadline = Deadline(time.monotonic() + seconds, clock, clock.sleep)
        self.visit = world.stack.visit(clock, first=number == 0) if world.stack else None
        if self.visit:
            self.visit.pressed |= ran.rushed
            ran.visits.append(self.visit)


def _once(turn: _Turn) -> None:
    ran = turn.ran
    try:
        _reconcile(turn)
    except (SyncError, KilledError) as error:
        ran.errors.append(error)
    except Exception as error:  # noqa: BLE001 - only errors of ours may come out; the judge says so
        ran.errors.append(error)
        ran.crashes.append("".join(traceback.format_exception(error)))


def _reconcile(turn: _Turn) -> None:
    """What the function's handler does."""
    world, ran, visit = turn.world, turn.ran, turn.visit
    settings = world.settings(patience=ran.mishap.patience)
    journal = world.stack.journal(visit, turn.deadline) if world.stack and visit else None
    with ExitStack() as connections:
        crm = connections.enter_context(UispClient(settings.crm, settings.policy))
        gateways = [connections.enter_context(RouterGateway(one, settings.policy)) for one in settings.routers]
        report = reconcile(ran.event, settings, crm, gateways, turn.deadline, journal)
    if turn.clock.dead:
        raise KilledError
    response = report.document(run_id=visit.run_id if visit else "run", exclusive=True, duration_ms=1)
    ran.responses.append(response)
    ran.offers |= _offers(report)
    with world.lock, redirect_stdout(turn.out):
        log_records.record(LOGGER, report, response)
        metrics.publish(report, function_name="sync", seconds=1.0)
        turn.out.write(OUTLET.drain() + repr(report) + repr(response))


def _offers(report: Report) -> dict[str, Approved]:
    """The changes that each plan id stands for: what somebody who approves it has looked at."""
    plans = [plan for router in report.routers for plan in router.plans]
    return {
        plan.plan_id: frozenset((one.router, one.kind.value, one.name, _value(one)) for one in plan.changes)
        for plan in plans
    }


def _value(change: Change) -> str:
    desired = change.desired
    return desired.reveal() if isinstance(desired, Masked) else desired if isinstance(desired, str) else ""


def _told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error)
