"""`python -m benchmarks [part ...]`: measures, keeps the figures, prints them. Exit 1 if a line misses its limit."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from benchmarks import cost, growth, imports, lines, paper

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.lines import Line

LINES: Final = (
    lines.nothing_to_do,
    lines.memory,
    lines.changes,
    lines.cuts,
    lines.reading,
    lines.many_routers,
    imports.imports,
)
PARTS: Final[dict[str, Callable[[], Any]]] = {
    "subscribers": growth.by_subscribers,
    "routers": growth.by_routers,
    "production": cost.production,
    "peers": growth.peers,
}
_ALWAYS: Final = ("table", "subscribers", "routers", "production")


def main() -> int:
    """Measure the parts that are named, all but the peers if none is."""
    met = True
    for part in sys.argv[1:] or _ALWAYS:
        if part == "table":
            found = table()
            met = all(line.met for line in found)
            paper.keep(part, [line.document() for line in found])
        else:
            figures = PARTS[part]()
            print(json.dumps(figures, indent=1))
            paper.keep(part, figures)
    return 0 if met else 1


def table() -> list[Line]:
    """Every line, each printed as soon as it is known."""
    found: list[Line] = []
    for measure in LINES:
        new = measure()
        print("\n".join(paper.lines_table([line.document() for line in new])[2:]))
        print("   ", new[0].figures, flush=True)
        found += new
    return found


if __name__ == "__main__":
    sys.exit(main())
