"""Reads the CRM and all routers at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pppsync.errors import RouterError
from pppsync.sync.decide import conclude

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from pppsync.config.settings import Settings
    from pppsync.core.secret import RouterState
    from pppsync.core.subscriber import CrmState
    from pppsync.crm.client import UispClient
    from pppsync.net.deadline import Deadline
    from pppsync.routers.gateway import RouterGateway
    from pppsync.sync.decide import States, Survey

ROUTERS_AT_ONCE: Final = 128
"""Threads: routers that do not answer a connect each hold one for 8 s, and the others must not wait for them."""


def survey(
    settings: Settings, crm: UispClient, gateways: Sequence[RouterGateway], pool: Executor, deadline: Deadline
) -> Survey:
    """Read both sides at the same time; raises `CrmError` if the CRM cannot be read as a whole."""
    return conclude(settings, *read_both(crm, gateways, pool, deadline))


def read_both(
    crm: UispClient, gateways: Sequence[RouterGateway], pool: Executor, deadline: Deadline
) -> tuple[CrmState, States]:
    """Return the whole CRM, and each router or why it could not be read; raises `CrmError`."""
    reads = [pool.submit(_read, gateway, deadline) for gateway in gateways]
    crm_state = crm.read(deadline)
    return crm_state, dict(future.result() for future in reads)


def _read(gateway: RouterGateway, deadline: Deadline) -> tuple[str, RouterState | RouterError]:
    try:
        return gateway.settings.name, gateway.read(deadline)
    except RouterError as error:
        return gateway.settings.name, error
