"""The actions of the function `sync`, each by its name.

All but `sync` and `plan` are imported when they are called: the scheduled sync starts without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.runtime import in_bulk
from pppsync.sync.reconcile import reconcile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pppsync.config.event import Event
    from pppsync.config.settings import Settings
    from pppsync.crm.client import UispClient
    from pppsync.journal.run import RunJournal
    from pppsync.net.deadline import Deadline
    from pppsync.report.answer import Answer
    from pppsync.routers.gateway import RouterGateway


@in_bulk()
def perform(
    event: Event,
    settings: Settings,
    crm: UispClient,
    gateways: Sequence[RouterGateway],
    deadline: Deadline,
    journal: RunJournal | None = None,
) -> Answer:
    """Do what the event asks for; raises `SyncError` if nothing could be done at all."""
    if event.action == "check":
        from pppsync.diagnose.check.self_test import check  # noqa: PLC0415 - see above

        return check(event, settings, crm, gateways, deadline, journal=journal)
    if event.action == "explain":
        from pppsync.diagnose.explain.answer import explain  # noqa: PLC0415 - see above

        return explain(event, settings, crm, gateways, deadline, journal)
    if event.action in {"hold", "release"}:
        from pppsync.sync.holding import change_holds  # noqa: PLC0415 - see above

        return change_holds(event, settings, journal)
    return reconcile(event, settings, crm, gateways, deadline, journal)
