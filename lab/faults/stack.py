"""What a deployed stack keeps between runs: its bucket, its process, the time of day; and what the judge remembers."""

from __future__ import annotations

import copy
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from lab.faults.bucket import RunClient, Trouble
from lab.simulators.s3 import Bucket
from pppsync.journal.run import Memory, RunJournal
from pppsync.journal.store import Store

if TYPE_CHECKING:
    from lab.faults.bucket import Operation
    from lab.faults.clock import Clock
    from pppsync.net.deadline import Deadline

DAY = timedelta(hours=24)
STAMP = "%Y%m%dT%H%M%SZ"
IMPATIENT = 0.03
"""Seconds of the journal's budget where an operation hangs; elsewhere the product's own."""
_KEY = re.compile(r"day/(\d{8}T\d{6}Z)/([^/]+)/([a-z_]+)/(.+)-(planned|done)-(\d+)")

type Approved = frozenset[tuple[str, str, str, str]]
"""Router, kind, name and value of changes that somebody approved; a create and a drop have no value here."""

type Counts = Counter[tuple[str, str]]
"""By router and kind."""

type Snapshot = dict[str, bytes]
"""The objects below `holds/` at some time."""
type Span = tuple[float, float, Snapshot]
"""A snapshot, with the times at which its last put began and was done."""


@dataclass
class Process:
    """One process of the function: its memory, and what the judge knows of it.

    `unread` are its changes since it last read the day. `untold` is True once a key of its could not be put. `holds` is
    what it may have in memory of the holds: one of these.
    """

    memory: Memory = field(default_factory=Memory)
    unread: Counts = field(default_factory=Counter)
    untold: bool = False
    holds: tuple[Snapshot, ...] = ({},)


@dataclass
class Made:
    """What one run, or two at once, changed and nobody approved, as the routers recorded it.

    `process` made it and remembers it: None after 24 hours, for a clock may be set back then, and if two made it.
    """

    at: datetime
    counts: Counts
    run_ids: tuple[str, ...]
    process: Process | None


@dataclass
class Visit:
    """One run as the stack knows it: its id, its process, its client of the bucket, and when it began.

    `pressed`: time may have run out for the journal, although every answer came.
    """

    run_id: str
    process: Process
    client: RunClient
    at: datetime
    pressed: bool = False

    @property
    def operations(self) -> list[Operation]:
        """What the run asked of the bucket."""
        return self.client.operations

    @property
    def read(self) -> bool:
        """True if the run was given the whole day."""
        return any(one.verb == "list" and one.key.startswith("day/") and one.last for one in self.operations)

    @property
    def failed(self) -> bool:
        """True if the journal surely failed: of the holds the first reading counts, for no run waits for all others."""
        holds = [one for one in self.operations if one.key.startswith("holds/")]
        waited = [one for one in self.operations if one not in holds[1:]]
        return any(not one.answered and not one.told for one in waited)

    @property
    def careful(self) -> bool:
        """True if the run cannot have read the day, or put what it was about to do: the stricter limits hold."""
        unput = any(one.verb == "put" and "-planned-" in one.key and not one.answered for one in self.operations)
        return unput or not self.read


class Stack:
    """The journal of a provider over some days; the same seed makes the same one.

    `troubles` last for one run, `lasting` for all but the quiet ones. `told` is what the bucket said about the last 24
    hours before the present run, by run, router and kind; `began` is its sum.
    """

    def __init__(self, seed: int) -> None:
        self.rng = Random(f"stack {seed}")
        self.now = datetime(2026, 11, 25, tzinfo=UTC) + timedelta(minutes=self.rng.choice((1400, 1430, 1439, 600)))
        self.bucket = Bucket(page=self.rng.choice((1, 2, 3, 7, 1000)), clock=lambda: self.now)
        self.process = Process()
        self.troubles: list[Trouble] = []
        self.lasting: list[Trouble] = []
        self.history: list[Made] = []
        self.told: dict[tuple[str, str, str], int] = {}
        self.began: Counts = Counter()
        self.hanging = False
        self.hold_times: list[Span] = []
        self._runs = 0

    def policy(self) -> dict[str, int]:
        """Limits of the day that a small provider meets."""
        pick = self.rng.choice
        return {
            "day_min": pick((0, 1, 3, 6, 30)),
            "day_percent": pick((0, 10, 25, 60)),
            "fleet_day_min": pick((1, 3, 8, 100)),
        }

    def seed_past(self, routers: list[str]) -> None:
        """Put what earlier runs, other stacks and hands left below `day/`."""
        for number in range(self.rng.choice((0, 0, 3, 6))):
            at = self.now - timedelta(
                hours=self.rng.choice((-2, 3, 23, 25, 30, 48, 70)), minutes=self.rng.randint(0, 9)
            )
            kind, count = self.rng.choice(("disable", "password", "profile")), self.rng.choice((1, 2, 40))
            router, step = self.rng.choice((*routers, "gone")), self.rng.choice(("planned", "done"))
            count = count if self.now - at > DAY or router == "gone" else min(count, 2)
            self._leave(f"day/{at:{STAMP}}/{quote(router, safe='')}/{kind}/past-{number}-{step}-{count}")
        for key in self.rng.sample(("day/", "day/notes.txt", "day/99990101T000000Z/x", "day/x/tower-1/disable/y"), 2):
            self._leave(key)

    def pass_time(self) -> str:
        """Let minutes, hours or a day pass; now and then the clock is set back or ahead."""
        minutes = self.rng.choice((5, 5, 5, 30, 61, 240, 700, 1438, 1441))
        if self.rng.random() < 0.1:
            minutes = self.rng.choice((-5, -90, -1800, 3000))
        self.now += timedelta(minutes=minutes, seconds=self.rng.randint(0, 59))
        if cold := self.rng.random() < 0.2:
            self.process = Process()
        return f"{minutes} minutes later: {self.now:{STAMP}}{', a cold process' if cold else ''}"

    def visit(self, clock: Clock, *, first: bool = True) -> Visit:
        """Begin a run; of two at once, the second has a process of its own."""
        self._runs += 1
        client = RunClient(self.bucket, [*self.troubles, *self.lasting], clock)
        pressed = any(one.how in {"slow", "hangs"} for one in self.troubles)
        return Visit(f"run-{self._runs}", self.process if first else Process(), client, self.now, pressed)

    def journal(self, visit: Visit, deadline: Deadline) -> RunJournal:
        """Return the journal as the product makes it for a run."""
        client: Any = visit.client
        bounds = {"seconds": IMPATIENT} if self.hanging else {}
        store = Store(client, self.bucket.name, deadline, **bounds)
        # Every 10 s no run of the bench reads the holds a third time.
        every = Random(f"holds {visit.run_id} {visit.at}").choice((10.0, 0.005))
        return RunJournal(store, visit.process.memory, visit.run_id, lambda: visit.at, every)

    @property
    def holds(self) -> Snapshot:
        """The objects below `holds/`."""
        return {key: body for key, body in list(self.bucket.objects.items()) if key.startswith("holds/")}

    def note_day(self) -> None:
        """Note what the bucket tells about the last 24 hours, before a run."""
        for made in self.history:
            if made.at < self.now - DAY:
                made.process = None
        self.told = self.read_keys()
        self.hold_times = [(0.0, 0.0, self.holds)]
        self.began = Counter()
        for (_, router, kind), count in self.told.items():
            self.began[router, kind] += count

    def read_keys(self) -> dict[tuple[str, str, str], int]:
        """Return the changes of the last 24 hours by run, router and kind, as the keys below `day/` tell them (G13)."""
        since = f"{self.now - DAY:{STAMP}}"
        steps: dict[str, dict[tuple[str, str, str], int]] = {"planned": {}, "done": {}}
        for key in list(self.bucket.objects):
            match = _KEY.fullmatch(key)
            if match and match[1] >= since:
                steps[match[5]][match[4], unquote(match[2]), match[3]] = int(match[6])
        return steps["planned"] | steps["done"]

    def known(self, process: Process, router: str, kind: str) -> int:
        """Return the changes of the last 24 hours that a run can know of: told by the bucket, or of its own process."""
        found = 0
        for made in self.history:
            if made.at >= (self.now - DAY).replace(microsecond=0):
                told = sum(self.told.get((run_id, router, kind), 0) for run_id in made.run_ids)
                count = made.counts[router, kind]
                found += count if made.process is process else min(count, told)
        return found

    def save(self) -> dict[str, Any]:
        """Return all that a run may change."""
        process = self.process
        return {
            "now": self.now,
            "runs": self._runs,
            "history": list(self.history),
            "process": process,
            "memory": copy.deepcopy(process.memory),
            "noted": (Counter(process.unread), process.untold, process.holds),
            "objects": dict(self.bucket.objects),
            "times": dict(self.bucket.times),
        }

    def load(self, kept: dict[str, Any]) -> None:
        """Be as when this was saved; the process stays the same one, for the judge knows it by that."""
        self.now, self._runs, self.history = kept["now"], kept["runs"], list(kept["history"])
        self.process = kept["process"]
        self.process.memory = copy.deepcopy(kept["memory"])
        unread, self.process.untold, self.process.holds = kept["noted"]
        self.process.unread = Counter(unread)
        self.bucket.objects, self.bucket.times = dict(kept["objects"]), dict(kept["times"])

    def _leave(self, key: str) -> None:
        self.bucket.put_object(Bucket=self.bucket.name, Key=key, Body=b"")


def lasting_trouble(rng: Random) -> list[Trouble]:
    """Return what is wrong with the journal of some stacks all the time, until the faults end."""
    if rng.random() > 0.4:
        return []
    whole = (Trouble("unreachable"), Trouble("refused", "list"), Trouble("refused", "put"))
    return [rng.choice((*whole, Trouble("refused", "put", "-planned-"), Trouble("repeated", "put", "passwords/")))]
