"""What a month costs: measured seconds at a memory size's share of a processor, times Amazon's list prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab.benchmarks.cpu_share import can_limit, share_of
from lab.benchmarks.provider import Provider
from lab.benchmarks.servers import Stage

if TYPE_CHECKING:
    from lab.benchmarks.servers import Run

RUNS_A_MONTH: Final = 12 * 730
"""Every five minutes of 730 hours."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars, without the free tier."""

    as_of: str = "list prices of us-east-1 between February and June 2026, as in docs/costs.md"
    gigabyte_second: float = 0.0000133334
    """Lambda on arm64."""
    million_requests: float = 0.20
    secret: float = 0.40
    ten_thousand_secret_calls: float = 0.05
    metric: float = 0.30
    alarm: float = 0.10
    dashboard: float = 3.00
    key: float = 1.00
    log_gigabyte: float = 0.50


METRICS: Final = 7 + 5 + 5
"""Of the run, of all routers together, of the one router."""
ALARMS: Final = 8
_LOG_BYTES: Final = 2_600
"""Of a run with nothing to do."""
MEMORY_SIZES: Final = (256, 512, 1024, 1769)
SUBSCRIBERS: Final = (1_000, 5_000, 20_000, 50_000)
_GIGABYTE: Final = 1024
_ROUNDS: Final = 3


def monthly(seconds: float, megabytes: int, prices: Prices) -> dict[str, float]:
    """Dollars a month for runs of so many seconds."""
    compute = RUNS_A_MONTH * (seconds * megabytes / _GIGABYTE * prices.gigabyte_second + prices.million_requests / 1e6)
    rest = prices.dashboard + prices.key + prices.secret + RUNS_A_MONTH * prices.ten_thousand_secret_calls / 1e4
    rest += METRICS * prices.metric + ALARMS * prices.alarm + RUNS_A_MONTH * _LOG_BYTES / 1e9 * prices.log_gigabyte
    return {"compute": round(compute, 2), "rest": round(rest, 2), "total": round(compute + rest, 2)}


def production() -> dict[str, Any]:
    """Runs under the share of a processor that each memory size brings; empty where no limit can be set."""
    prices = Prices()
    if not can_limit():
        return {"limited": False, "prices": _document(prices), "rows": []}
    rows = []
    for subscribers in SUBSCRIBERS:
        with Stage(Provider(subscribers)) as stage:
            for megabytes in MEMORY_SIZES:
                runs = sorted((stage.run("ours", cpu_share=share_of(megabytes)) for _ in range(_ROUNDS)), key=_wall)
                run = runs[_ROUNDS // 2]
                figures = {"seconds": round(run.wall, 2), "cpu": round(run.cpu, 2), "peak": round(run.peak / 1e6)}
                dollars = monthly(run.wall, megabytes, prices)
                rows.append({"subscribers": subscribers, "memory": megabytes, **figures, **dollars})
    return {"limited": True, "prices": _document(prices), "rows": rows}


def _wall(run: Run) -> float:
    return run.wall


def _document(prices: Prices) -> dict[str, Any]:
    return {name: getattr(prices, name) for name in prices.__slots__}
