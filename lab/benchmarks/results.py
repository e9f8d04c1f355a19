"""The figures on paper: JSON beside docs/performance.md, and the tables inside it, between their marks."""

from __future__ import annotations

import json
import os
import platform
import re
from typing import TYPE_CHECKING, Any, Final

from lab.benchmarks.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

RESULTS: Final = ROOT / "docs" / "performance.json"
PAGE: Final = ROOT / "docs" / "performance.md"


def keep(part: str, figures: Any) -> None:
    """Put one part of the results in place of its older self, in the JSON and on the page."""
    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    results[part] = {"machine": machine(), "figures": figures}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    page = PAGE.read_text("utf-8")
    table = "\n".join(_TABLES[part](figures))
    marks = f"<!-- {part} -->", f"<!-- /{part} -->"
    PAGE.write_text(
        re.sub(f"{marks[0]}.*{marks[1]}", lambda _: f"{marks[0]}\n{table}\n{marks[1]}", page, flags=re.DOTALL)
    )


def machine() -> str:
    """The machine in general words."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _grid(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def lines_table(lines: list[dict[str, Any]]) -> list[str]:
    """The demands and what came out."""
    rows = []
    for line in lines:
        sign = ">=" if line["at_least"] else "<="
        value = f"{line['value']:,.0f}" if abs(line["value"]) >= 100 else f"{line['value']:.2f}".rstrip("0").rstrip(".")
        rows.append((line["work"], line["measure"], f"{sign} {line['limit']:,}", value, "yes" if line["met"] else "NO"))
    return _grid(("work", "measure", "must", "is", "met"), rows)


def _plain(rows: list[dict[str, Any]]) -> list[str]:
    return _grid(tuple(rows[0]), [tuple(row.values()) for row in rows])


def _cost(figures: dict[str, Any]) -> list[str]:
    if not figures["limited"]:
        return ["This machine lets no process be limited to a share of a processor."]
    names = ("subscribers", "memory MB", "run s", "CPU s", "peak MB", "compute $", "rest $", "total $ a month")
    return [
        *_grid(names, [tuple(row.values()) for row in figures["rows"]]),
        "",
        f"Prices: {figures['prices']['as_of']}.",
    ]


_TABLES: Final[dict[str, Callable[[Any], list[str]]]] = {
    "table": lines_table,
    "subscribers": _plain,
    "routers": _plain,
    "peers": _plain,
    "production": _cost,
}
