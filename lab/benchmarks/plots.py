"""Draws docs/performance-*.png from docs/performance.json. Runs in the peers' environment, which has matplotlib."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main() -> None:
    """One picture for each way to grow."""
    results = json.loads((DOCS / "performance.json").read_text("utf-8"))
    draw(results["subscribers"]["figures"], "subscribers", "Nothing to do, one router")
    draw(results["routers"]["figures"], "routers", "Nothing to do, 20,000 subscribers")


def draw(rows: list[dict[str, Any]], over: str, title: str) -> None:
    """Seconds on the left, memory on the right."""
    figure, (seconds, memory) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    figure.suptitle(title)
    values = [row[over] for row in rows]
    for name, style in (("wall", "o-"), ("floor wall", "o--"), ("cpu", "s-"), ("floor cpu", "s--")):
        seconds.plot(values, [row[name] for row in rows], style, label=name)
    seconds.set(xlabel=over, ylabel="seconds", ylim=(0, None))
    seconds.legend()
    memory.plot(values, [row["peak MB"] for row in rows], "o-")
    memory.set(xlabel=over, ylabel="peak memory, MB", ylim=(0, 1.1 * max(row["peak MB"] for row in rows)))
    for axes in (seconds, memory):
        axes.grid(visible=True, alpha=0.3)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    figure.savefig(DOCS / f"performance-{over}.png", dpi=100)


if __name__ == "__main__":
    main()
