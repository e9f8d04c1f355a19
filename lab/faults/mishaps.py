"""What goes wrong in a run: put in place before it, taken away after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.faults.crm_mishaps import CRM_MISHAPS
from lab.faults.mishap import Mishap
from lab.faults.router_mishaps import ROUTER_MISHAPS
from lab.simulators.routeros import Account
from tests.integration.providers import certificate

if TYPE_CHECKING:
    from random import Random

    from lab.faults.world import World


def plan_mishaps(world: World, rng: Random) -> Mishap:
    """Put up to three things in the way of the next run."""
    mishap = Mishap()
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        rng.choice((*CRM_MISHAPS, *ROUTER_MISHAPS))(world, rng, mishap)
    return mishap


def clear(world: World) -> None:
    """Take everything away again."""
    world.crm.faults.clear()
    world.crm.on_request = None
    if world.stack:
        world.stack.troubles = []
        world.stack.hanging = False
    for router in world.routers.values():
        router.faults.clear()
        router._server.accounts = (Account("sync", world.router_password),)
        router._server.max_sessions = 20
        if world.tls:
            router.replace_tls(certificate("127.0.0.1").server_context())
