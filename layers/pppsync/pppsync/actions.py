"""The four actions of the function `sync`, each by its name.

What is only ever asked by hand is imported when it is asked: the scheduled sync does not pay for it at a cold start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pppsync.bulk import in_bulk
from pppsync.reconcile import reconcile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pppsync.deadline import Deadline
    from pppsync.event import Event
    from pppsync.routeros import RouterGateway
    from pppsync.settings import Settings
    from pppsync.uisp import UispClient


class Answer(Protocol):
    """What an action found out or did."""

    @property
    def weakened(self) -> tuple[str, ...]:
        """The paths of the settings that leave a connection open to somebody in between."""
        ...

    def document(self, *, run_id: str, exclusive: bool, duration_ms: int) -> dict[str, Any]:
        """The response."""
        ...


@in_bulk()
def perform(
    event: Event, settings: Settings, crm: UispClient, gateways: Sequence[RouterGateway], deadline: Deadline
) -> Answer:
    """Do what the event asks for; raises `SyncError` if nothing could be done at all."""
    if event.action == "check":
        from pppsync.check import check  # noqa: PLC0415 - see above

        return check(event, settings, crm, gateways, deadline)
    if event.action == "explain":
        from pppsync.explain import explain  # noqa: PLC0415 - see above

        return explain(event, settings, crm, gateways, deadline)
    return reconcile(event, settings, crm, gateways, deadline)
