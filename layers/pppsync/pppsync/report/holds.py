"""Pure: a hold as responses show it, and the answer of `hold` and `release`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pppsync.report.rows import readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pppsync.core.hold import Hold


def hold_row(hold: Hold | None) -> dict[str, str] | None:
    """Return a hold with its end in UTC, or None for a router that is not on hold."""
    return {"until": hold.ends, "by": readable(hold.by), "why": readable(hold.why)} if hold else None


@dataclass(frozen=True, slots=True)
class HoldAnswer:
    """The routers that the event names, each with the hold that it is under now."""

    action: str
    routers: Mapping[str, Hold | None]
    weakened: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """True if every router is as asked: on hold, or after a release on hold no more."""
        return all((hold is not None) == (self.action == "hold") for hold in self.routers.values())

    def document(self, *, run_id: str, exclusive: bool, duration_ms: int) -> dict[str, Any]:
        """Return the response of `hold` and `release`; neither runs anything, so there is nothing to time."""
        del exclusive, duration_ms
        return {
            "run_id": run_id,
            "action": self.action,
            "ok": self.ok,
            "routers": [{"name": name, "hold": hold_row(hold)} for name, hold in self.routers.items()],
        }
