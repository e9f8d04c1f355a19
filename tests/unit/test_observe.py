"""Both sides are read at the same time, and dead towers do not keep the living ones waiting (G7)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pppsync.core.secret import RouterState
from pppsync.core.subscriber import CrmState
from pppsync.errors import Code, RouterError
from pppsync.net.deadline import Deadline
from pppsync.sync.observe import ROUTERS_AT_ONCE, read_both

if TYPE_CHECKING:
    from pppsync.crm.client import UispClient
    from pppsync.routers.gateway import RouterGateway

DEAD = 100
PATIENCE = 20.0


@dataclass
class Named:
    """The settings that are looked at."""

    name: str


class Tower:
    """A router that is read at once, or that hangs until somebody else was read."""

    def __init__(self, name: str, others: threading.Event, *, dead: bool = False) -> None:
        self.settings = Named(name)
        self._others = others
        self._dead = dead

    def read(self, _: Deadline) -> RouterState:
        """The state; a dead one fails when its connect is given up."""
        if self._dead:
            assert self._others.wait(PATIENCE), "a dead tower keeps a living one waiting"
            raise RouterError(Code.ROUTER_UNREACHABLE, "no answer")
        self._others.set()
        return RouterState(self.settings.name, (), frozenset())


class Crm:
    """A CRM with nobody in it."""

    def read(self, _: Deadline) -> CrmState:
        """Nobody."""
        return CrmState((), {}, None, "domain")


def test_a_hundred_dead_towers_do_not_keep_a_living_one_waiting() -> None:
    """They come first, and are given up only after the living one was read."""
    read = threading.Event()
    towers: list[Any] = [Tower(f"dead-{number}", read, dead=True) for number in range(DEAD)]
    towers.append(Tower("tower-1", read))
    with ThreadPoolExecutor(ROUTERS_AT_ONCE) as pool:
        _, states = read_both(
            cast("UispClient", Crm()), cast("list[RouterGateway]", towers), pool, Deadline.after(PATIENCE)
        )
    assert isinstance(states["tower-1"], RouterState)
    assert sum(isinstance(state, RouterError) for state in states.values()) == DEAD
