"""What happens to services when a client is archived, restored or deleted, and when a service changes its status."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lab.simulators.uisp.records import Row
    from lab.simulators.uisp.state import State

PREPARED, ACTIVE, ENDED, SUSPENDED, PREPARED_BLOCKED, OBSOLETE, DEFERRED, QUOTED, INACTIVE = range(9)
OVERDUE: Final = 1
_OVER: Final = frozenset({ENDED, OBSOLETE})


def today() -> dt.date:
    """The CRM's date, in UTC."""
    return dt.datetime.now(dt.UTC).date()


def midnight(day: dt.date, like: str) -> str:
    """A date as the API writes it, with the UTC offset of another date of the record."""
    return f"{day.isoformat()}T00:00:00{like[19:] or '+0000'}"


def end(state: State, service: Row) -> None:
    """Ends a service: `activeTo` is yesterday, the status 2; today is not billed."""
    service["activeTo"] = midnight(today() - dt.timedelta(days=1), service["activeFrom"])
    set_status(state, service, ENDED)


def set_status(state: State, service: Row, status: int, reason: int = OVERDUE) -> None:
    """Moves a service to a status; suspension fields follow."""
    service["status"] = status
    if status == SUSPENDED:
        service["suspensionReasonId"] = reason
        start = midnight(today(), service["activeFrom"])
        period = {"id": len(service["suspensionPeriods"]) + 1, "startDate": start, "endDate": None}
        service["suspensionPeriods"] = [*service["suspensionPeriods"], period]
    elif service["suspensionReasonId"] is not None:
        service["suspensionReasonId"] = None
        for period in service["suspensionPeriods"]:
            period["endDate"] = period["endDate"] or midnight(today(), service["activeFrom"])
    state.put_service(service)


def move(state: State, service: Row, status: int) -> None:
    """Gives a service a status and an `activeTo` that fits it: past if ended, else not past."""
    last_day = service["activeTo"]
    over = last_day is not None and last_day[:10] < today().isoformat()
    if status == ENDED and not over:
        end(state, service)
        return
    if status in {ACTIVE, SUSPENDED} and over:
        service["activeTo"] = None
    set_status(state, service, status)


def archive(state: State, client: Row) -> None:
    """Archives a client: every service that is not over yet ended yesterday."""
    for service in state.services_of(client["id"]):
        if service["status"] not in _OVER:
            end(state, service)
    client["isArchived"] = True
    state.clients.put(client)


def restore(state: State, client: Row) -> None:
    """Takes the archive mark away; the services stay ended, an administrator starts them again."""
    client["isArchived"] = False
    state.clients.put(client)


def delete(state: State, client: Row) -> None:
    """Deletes a client with its services; no trace is left in any list."""
    for service in state.services_of(client["id"]):
        state.remove_service(service)
    state.clients.remove(client["id"])
