"""The table of routers: what the run found on each, and what became of its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sync_widget.html import Html, Num, element, joined, listing, value
from sync_widget.response import count, unread
from sync_widget.words import DASH, why

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sync_widget.html import Part

_HEADS: Final = (
    "Router",
    "State",
    *map(Num, ("Managed", "In sync", "Changed", "Failed", "Withheld", "Suspended yet online")),
)
_FOUND: Final = (
    "Managed, in sync and suspended yet online are counted as the run found them, before it changed anything."
)


def routers_table(response: Mapping[str, Any], rows: int) -> Html:
    """The routers with something to see to first, at most so many."""
    routers = sorted(response["routers"], key=_unremarkable)
    left = len(routers) - rows
    more = f" And {left} more, which the response in the log lists." if left > 0 else ""
    table = listing(_HEADS, [tuple(_cells(router)) for router in routers[:rows]])
    return joined(element("h3", "Routers"), table, element("p", _FOUND, more, css="soft"))


def _unremarkable(router: Mapping[str, Any]) -> tuple[bool, bool]:
    seen_to = count(router, "failed", "unanswered", "withheld") or router["suspended_online"]
    return not router["error"], not seen_to


def _cells(router: Mapping[str, Any]) -> Iterator[Part]:
    yield value(router["name"])
    yield _state(router)
    yield from (_found(router, "managed"), _found(router, "in_sync"))
    for results in (("applied",), ("failed", "unanswered"), ("withheld",)):
        amount = count(router, *results)
        yield DASH if amount is None else amount
    yield _found(router, "suspended_online")


def _found(router: Mapping[str, Any], name: str) -> Part:
    return DASH if unread(router) or router[name] is None else router[name]


def _state(router: Mapping[str, Any]) -> Part:
    if router["error"]:
        return why(router["error"]["reason"], router["error"]["detail"])
    if router.get("hold"):
        return "on hold, not written"
    if router["mode"] == "observe":
        return "only observed, never written"
    return "reached" if router["ok"] else "reached, but changes failed"
