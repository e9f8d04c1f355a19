"""How a run grows with subscribers and with routers, and what peers take for the same work."""

from __future__ import annotations

from typing import Any, Final

from lab.benchmarks.demands import LARGE, MIDDLE, cpu, median, samples, wall
from lab.benchmarks.provider import Provider
from lab.benchmarks.servers import Stage

SUBSCRIBERS: Final = (1_000, 5_000, 20_000, 50_000)
ROUTERS: Final = (1, 10, 50, 100)
PEERS: Final = ("librouteros", "RouterOS-api")
_ROUNDS: Final = 3


def by_subscribers() -> list[dict[str, Any]]:
    """One router, nothing to do."""
    return [_point(Provider(subscribers), "subscribers", subscribers) for subscribers in SUBSCRIBERS]


def by_routers() -> list[dict[str, Any]]:
    """20,000 subscribers over more and more routers, nothing to do."""
    return [_point(Provider(LARGE, routers=routers), "routers", routers) for routers in ROUTERS]


def peers() -> list[dict[str, Any]]:
    """The same 1,000 changes, and the reading of 20,000 secrets; ours among them."""
    found = []
    with Stage(Provider(MIDDLE, changes=1000)) as stage:
        for name in ("ours", *PEERS):
            runs = [stage.run(name, peer=name in PEERS) for _ in range(_ROUNDS)]
            found.append(
                {
                    "peer": name,
                    "wall": round(median(runs, wall), 2),
                    "cpu": round(median(runs, cpu), 2),
                    "differences left": runs[0].routers["differences"],
                }
            )
    with Stage(Provider(LARGE), delayed=False) as stage:
        for row in found:
            runs = [stage.run(f"read-{row['peer']}", peer=row["peer"] in PEERS) for _ in range(_ROUNDS)]
            row["rows per cpu second"] = round(LARGE / median(runs, cpu))
    return found


def _point(provider: Provider, name: str, value: int) -> dict[str, Any]:
    with Stage(provider) as stage:
        runs = samples(stage, "floor", "ours")
    return {
        name: value,
        "wall": round(median(runs["ours"], wall), 3),
        "floor wall": round(median(runs["floor"], wall), 3),
        "cpu": round(median(runs["ours"], cpu), 3),
        "floor cpu": round(median(runs["floor"], cpu), 3),
        "peak MB": round(median(runs["ours"], lambda run: run.peak) / 1e6, 1),
    }
