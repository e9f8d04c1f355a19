"""The lines of the table: what is measured, what it must keep to, and what came out."""

from __future__ import annotations

import math
import statistics
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from lab.benchmarks.provider import Provider
from lab.benchmarks.servers import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lab.benchmarks.servers import Run

SAMPLES: Final = 5
LARGE: Final = 20_000
SMALL: Final = 5_000
MIDDLE: Final = 10_000
_MEGABYTE: Final = 1e6


@dataclass(frozen=True, slots=True)
class Line:
    """One demand; `figures` are the medians that it was judged by."""

    work: str
    measure: str
    limit: float
    value: float
    figures: dict[str, float]
    at_least: bool = False

    @property
    def met(self) -> bool:
        """True if the value keeps to the limit."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def document(self) -> dict[str, Any]:
        """The line as JSON."""
        return {**asdict(self), "met": self.met}


def median(runs: Iterable[Run], read: Callable[[Run], float]) -> float:
    """The median of one figure."""
    return statistics.median(read(run) for run in runs)


def ratio(ours: list[Run], others: list[Run], read: Callable[[Run], float]) -> float:
    """The median of the ratios of runs that stood side by side: what else the machine does hits both."""
    return statistics.median(read(one) / read(other) for one, other in zip(ours, others, strict=True))


def wall(run: Run) -> float:
    """Seconds from the first byte to the answer."""
    return run.wall


def cpu(run: Run) -> float:
    """Seconds of processor, all threads."""
    return run.cpu


def samples(stage: Stage, *contenders: str, peer: bool = False) -> dict[str, list[Run]]:
    """Runs of each contender in turn."""
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    for _ in range(SAMPLES):
        for name in contenders:
            runs[name].append(stage.run(name, peer=peer))
    return runs


def figures(runs: dict[str, list[Run]]) -> dict[str, float]:
    """The medians, by contender."""
    found: dict[str, float] = {}
    for name, each in runs.items():
        found[f"{name} wall s"] = round(median(each, wall), 3)
        found[f"{name} cpu s"] = round(median(each, cpu), 3)
        found[f"{name} peak MB"] = round(median(each, lambda run: run.peak) / _MEGABYTE, 1)
    return found


def nothing_to_do() -> list[Line]:
    """20,000 subscribers on one router, in order."""
    work = f"{LARGE:,} subscribers, one router, nothing to do"
    with Stage(Provider(LARGE)) as stage:
        runs = samples(stage, "floor", "ours", "barest")
    found = figures(runs) | {
        "CRM simulator cpu s": round(median(runs["ours"], lambda run: run.crm["cpu"]), 3),
        "router simulator cpu s": round(median(runs["ours"], lambda run: run.routers["cpu"]), 3),
        "wall / barest floor": round(ratio(runs["ours"], runs["barest"], wall), 2),
        "CPU / barest floor": round(ratio(runs["ours"], runs["barest"], cpu), 2),
    }
    pages = 2 * math.ceil(LARGE / (Provider(LARGE).page_size - 1)) + 4
    requests = max(run.crm["requests"] for run in runs["ours"])
    return [
        Line(work, "wall / floor", 1.25, ratio(runs["ours"], runs["floor"], wall), found),
        Line(work, "CPU / floor", 1.5, ratio(runs["ours"], runs["floor"], cpu), found),
        Line(work, "peak memory, MB", 200, max(run.peak for run in runs["ours"]) / _MEGABYTE, found),
        Line(work, "CRM requests", pages, requests, {}),
    ]


def memory() -> list[Line]:
    """What each further subscriber costs."""
    peaks, traced = [], []
    for subscribers in (SMALL, LARGE):
        with Stage(Provider(subscribers), delayed=False) as stage:
            peaks.append(median([stage.run("ours") for _ in range(SAMPLES)], lambda run: run.peak))
            traced.append(stage.run("traced").told["traced"])
    per_subscriber = (peaks[1] - peaks[0]) / (LARGE - SMALL)
    found = {
        f"peak MB at {SMALL:,}": round(peaks[0] / _MEGABYTE, 1),
        f"peak MB at {LARGE:,}": round(peaks[1] / _MEGABYTE, 1),
        "bytes of Python objects for each further subscriber": round((traced[1] - traced[0]) / (LARGE - SMALL)),
    }
    work = f"memory from {SMALL:,} to {LARGE:,} subscribers"
    return [Line(work, "bytes for each further subscriber", 2500, per_subscriber, found)]


def changes() -> list[Line]:
    """1,000 changes of secrets without live sessions."""
    work = f"{MIDDLE:,} subscribers, 1,000 changes"
    with Stage(Provider(MIDDLE, changes=1000)) as stage:
        runs = samples(stage, "floor", "ours")
    wrong = sum(
        abs(run.routers["writes"] - 1000) + run.routers["repeated"] + run.routers["differences"] for run in runs["ours"]
    )
    return [
        Line(work, "wall / floor", 1.25, ratio(runs["ours"], runs["floor"], wall), figures(runs)),
        Line(work, "changes not seen exactly once", 0, wrong, {}),
    ]


def cuts() -> list[Line]:
    """300 disables with live sessions, unpaced, each confirmed in the CRM."""
    with Stage(Provider(MIDDLE, cuts=300)) as stage:
        runs = samples(stage, "floor", "ours")
    wrong = sum(run.routers["differences"] + run.routers["repeated"] for run in runs["ours"])
    work = f"{MIDDLE:,} subscribers, 300 disables with live sessions"
    return [
        Line(work, "wall / floor", 1.5, ratio(runs["ours"], runs["floor"], wall), figures(runs)),
        Line(work, "cuts not made exactly once", 0, wrong, {}),
    ]


def reading() -> list[Line]:
    """Secrets read in a second of processor, beside stock librouteros."""
    with Stage(Provider(LARGE), delayed=False) as stage:
        runs = samples(stage, "read-librouteros", "read-ours")
    found = {f"{name[5:]} rows per CPU second": LARGE // median(each, cpu) for name, each in runs.items()}
    value = ratio(runs["read-librouteros"], runs["read-ours"], cpu)
    measure = "rows per CPU second / librouteros"
    return [Line(f"reading {LARGE:,} secrets", measure, 4, value, found, at_least=True)]


def many_routers() -> list[Line]:
    """The same secrets on 50 routers and on one."""
    runs: dict[str, list[Run]] = {"one router": [], "50 routers": []}
    with Stage(Provider(LARGE)) as one, Stage(Provider(LARGE, routers=50)) as many:
        for _ in range(SAMPLES):
            runs["one router"].append(one.run("ours"))
            runs["50 routers"].append(many.run("ours"))
    value = ratio(runs["50 routers"], runs["one router"], wall)
    return [Line("50 routers x 400 secrets, nothing to do", "wall / the same on one router", 2, value, figures(runs))]
