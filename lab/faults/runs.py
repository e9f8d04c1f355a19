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

from pppsync.crm.client import UispClient
from pppsync.errors import SyncError
from pppsync.net.deadline import Deadline
from pppsync.report import log_records, log_setup, metrics
from pppsync.routers.gateway import RouterGateway
from pppsync.sync.reconcile import reconcile

if TYPE_CHECKING:
    from lab.faults.mishap import Mishap
    from lab.faults.world import World
    from lab.simulators.routeros.journal import Sentence
    from lab.simulators.uisp import RecordedRequest
    from pppsync.config.event import Event


class KilledError(BaseException):
    """The function was ended from outside; nothing of ours catches it."""


@dataclass
class Clock:
    """Monotonic time in which sleeping takes none, that may jump, and at one of whose ticks the run dies."""

    jump_at: int = 0
    jump: float = 0.0
    kill_at: int = 0
    ticks: int = 0
    ahead: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> float:
        """Now."""
        with self.lock:
            self.ticks += 1
            if self.kill_at and self.ticks >= self.kill_at:
                raise KilledError
            if self.ticks == self.jump_at:
                self.ahead += self.jump
            return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        """Be that much later."""
        with self.lock:
            self.ahead += seconds


@dataclass(frozen=True)
class Asked:
    """One request to the CRM: when it was about to be answered, what it asked for, about which subscriber."""

    time: float
    endpoint: str
    client: int | None
    offset: str | None


@dataclass
class Ran:
    """What one run, or two at once, left to be seen."""

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
    approved: frozenset[tuple[str, str]] = frozenset()


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
        threads = [threading.Thread(target=_once, args=(world, ran, clock, seconds, out)) for clock in clocks[1:]]
        for thread in threads:
            thread.start()
        _once(world, ran, clocks[0], seconds, out)
        for thread in threads:
            thread.join()
    finally:
        root.removeHandler(collector)
        root.setLevel(level)
    _let_end(world)
    ran.ended = time.monotonic()
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
    world.moments = [world.moment()]
    world.recording = True
    ran.sessions = {name: {one[".id"]: one for one in router.sessions()} for name, router in world.routers.items()}
    ran.began = time.monotonic()


def _once(world: World, ran: Ran, clock: Clock, seconds: float, out: io.StringIO) -> None:
    try:
        _reconcile(world, ran, clock, seconds, out)
    except (SyncError, KilledError) as error:
        ran.errors.append(error)
    except Exception as error:  # noqa: BLE001 - only errors of ours may come out; the judge says so
        ran.errors.append(error)
        ran.crashes.append("".join(traceback.format_exception(error)))


def _reconcile(world: World, ran: Ran, clock: Clock, seconds: float, out: io.StringIO) -> None:
    """What the function's handler does."""
    settings = world.settings(patience=ran.mishap.patience)
    with ExitStack() as connections:
        crm = connections.enter_context(UispClient(settings.crm, settings.policy))
        gateways = [connections.enter_context(RouterGateway(one, settings.policy)) for one in settings.routers]
        deadline = Deadline(time.monotonic() + seconds, clock, clock.sleep)
        report = reconcile(ran.event, settings, crm, gateways, deadline)
    response = report.document(run_id="run", exclusive=True, duration_ms=1)
    ran.responses.append(response)
    with world.lock, redirect_stdout(out):
        log_records.record(LOGGER, report, response)
        metrics.publish(report, function_name="sync", seconds=1.0)
        out.write(OUTLET.drain() + repr(report) + repr(response))


def _told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error)
