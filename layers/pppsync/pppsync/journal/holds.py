"""Pure: the objects of holds, and which routers are on hold at a moment (G14)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from pppsync.core.hold import LONGEST, Hold
from pppsync.journal.forms import (
    MalformedError,
    from_body,
    from_segment,
    is_text,
    to_body,
    to_moment,
    to_segment,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

PREFIX: Final = "holds/"
ALL: Final = "holds/all"
_ROUTER: Final = "holds/router/"
_SUFFIX: Final = ".json"


@dataclass(frozen=True, slots=True)
class Holds:
    """Every hold that the journal keeps, ended ones included; `malformed` are keys whose bodies cannot be read."""

    everywhere: Hold | None = None
    routers: Mapping[str, Hold] = field(default_factory=dict)
    malformed: tuple[str, ...] = ()

    def of(self, router: str | None, now: datetime) -> Hold | None:
        """Return the hold that a router is under now, or None; of two, the one that ends later.

        For None, return the hold over all routers.
        """
        own = None if router is None else self.routers.get(router)
        found = [hold for hold in (self.everywhere, own) if hold and now < hold.until]
        return max(found, key=lambda hold: hold.until, default=None)

    def with_hold(self, routers: Iterable[str] | None, hold: Hold) -> Holds:
        """Return these holds and one more, of all routers for None."""
        if routers is None:
            return replace(self, everywhere=hold)
        return replace(self, routers={**self.routers, **dict.fromkeys(routers, hold)})

    def on_hold(self, routers: Iterable[str], now: datetime) -> dict[str, Hold]:
        """Return those of the routers that are on hold now, with their holds."""
        found = {router: self.of(router, now) for router in routers}
        return {router: hold for router, hold in found.items() if hold}


def key(router: str | None) -> str:
    """Return the key of a router's hold, or of the hold over all routers for None."""
    return ALL if router is None else f"{_ROUTER}{to_segment(router)}{_SUFFIX}"


def is_hold(name: str, routers: Collection[str] | None = None) -> bool:
    """Tell whether an object is a hold: of one of these routers, or any hold for None."""
    if name == ALL:
        return routers is None
    if not (name.startswith(_ROUTER) and name.endswith(_SUFFIX)):
        return False
    return routers is None or _router_of(name) in routers


def encode(hold: Hold) -> bytes:
    """Return the body of a hold."""
    return to_body({"until": hold.ends, "by": hold.by, "why": hold.why})


def decode(body: bytes) -> Hold:
    """Return the hold of a body; raises `MalformedError`."""
    found = from_body(body, {"until": is_text, "by": is_text, "why": is_text})
    return Hold(to_moment(found["until"]), found["by"], found["why"])


def read(objects: Mapping[str, bytes], now: datetime) -> Holds:
    """Return the holds of the objects below `holds/`; other keys are ignored.

    A body that cannot be read is a hold too, until it is replaced or released: somebody wanted to stop.
    """
    everywhere: Hold | None = None
    routers: dict[str, Hold] = {}
    malformed = []
    for name, body in objects.items():
        if not is_hold(name):
            continue
        try:
            hold = decode(body)
        except MalformedError as fault:
            malformed.append(name)
            hold = Hold(now + LONGEST, "", f"the object {name} cannot be read ({fault}); put it again or release it")
        if name == ALL:
            everywhere = hold
        else:
            # By hand a name may be put without its escapes: two objects of one router are both obeyed.
            router = _router_of(name)
            routers[router] = max(hold, routers.get(router, hold), key=lambda one: one.until)
    return Holds(everywhere, routers, tuple(malformed))


def _router_of(name: str) -> str:
    return from_segment(name.removeprefix(_ROUTER).removesuffix(_SUFFIX))
