"""`python -m lab.benchmarks [part ...]`: measures, stores and prints the figures. Exit 1 if a line misses its limit."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from lab.benchmarks import cost, demands, imports, results, scaling

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.benchmarks.demands import Line

LINES: Final = (
    demands.nothing_to_do,
    demands.memory,
    demands.changes,
    demands.cuts,
    demands.reading,
    demands.many_routers,
    imports.imports,
)
PARTS: Final[dict[str, Callable[[], Any]]] = {
    "subscribers": scaling.by_subscribers,
    "routers": scaling.by_routers,
    "production": cost.production,
    "peers": scaling.peers,
}
_ALWAYS: Final = ("table", "subscribers", "routers", "production")


def main() -> int:
    """Measure the parts that are named, all but the peers if none is."""
    met = True
    for part in sys.argv[1:] or _ALWAYS:
        if part == "table":
            found = table()
            met = all(line.met for line in found)
            results.keep(part, [line.document() for line in found])
        else:
            figures = PARTS[part]()
            print(json.dumps(figures, indent=1))
            results.keep(part, figures)
    return 0 if met else 1


def table() -> list[Line]:
    """Every line, each printed as soon as it is known."""
    found: list[Line] = []
    for measure in LINES:
        new = measure()
        print("\n".join(results.lines_table([line.document() for line in new])[2:]))
        print("   ", new[0].figures, flush=True)
        found += new
    return found


if __name__ == "__main__":
    sys.exit(main())
