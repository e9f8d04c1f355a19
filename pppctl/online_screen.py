"""Prints whose sessions stand behind the count `suspended online` of each router."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pppctl.cells import BAD, exact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from pppctl.cells import Answer, View

_CUTS: Final = frozenset({"disable", "restrict"})
_PERHAPS: Final = "drop"
"""Somebody who paid is dropped too, if the session has another address than the secret."""
_MOVED: Final = "moved"
"""Somebody who paid is disabled too, on a router that is no longer the own one."""
_NAMES: Final = 10


def show_suspended_online(console: Console, routers: Sequence[Answer], view: View) -> None:
    """Print for each router the logins that are suspended and online, as far as its changes tell them."""
    for router in routers:
        count = router["suspended_online"]
        if count:
            names = _names(router, count)
            shown = names if view.all_rows else names[:_NAMES]
            more = count - len(shown)
            if shown:
                told = f"{', '.join(map(exact, shown))}{f' and {more} more' if more else ''}"
            else:
                told = f"{count}, whom no change of this answer names; see the problems"
            console.print(f"Suspended online on {exact(router['name'])}: {told}", style=BAD)


def _names(router: Answer, count: int) -> list[str]:
    """Return the logins of the router's changes that are surely suspended; at most `count` there are."""
    online = [one for one in router.get("changes") or () if one.get("online")]
    sure = {one["name"] for one in online if one["kind"] in _CUTS and one.get("reason") != _MOVED}
    perhaps = {one["name"] for one in online if one["kind"] in {*_CUTS, _PERHAPS}}
    return sorted(perhaps if len(perhaps) <= count else sure)
