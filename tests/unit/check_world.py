"""Both sides as read, and a router that answers from tables, for the tests of the self-test."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pppsync.config.settings import RouterSettings, Settings, read_settings
from pppsync.core.subscriber import CrmState, Source
from pppsync.errors import Code, RouterError
from pppsync.sync.decide import Survey, conclude
from tests.builders import a_router_state, a_secret, a_service

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pppsync.core.secret import RouterState
    from pppsync.core.subscriber import Service, Subscriber
    from pppsync.net.deadline import Deadline

NOW: Final = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def settings(*routers: str, **sections: Any) -> Settings:
    """The config secret with these routers."""
    entries = [{"name": name, "host": f"{name}.example.com"} for name in routers or ("tower-1",)]
    crm = {"ucrm_key": "k", "domain_name": "crm.example.com"}
    return read_settings(json.dumps({"ucrm": crm, "routers": entries} | sections))


def survey(
    subscribers: Sequence[Subscriber],
    *routers: RouterState,
    source: Source = "domain",
    document: Settings | None = None,
    services: Sequence[Service] = (),
    attribute: int | None = 7,
) -> Survey:
    """Both sides as read; each subscriber has one service unless `services` names some of it."""
    grouped = {one.id: tuple(two for two in services if two.subscriber_id == one.id) for one in subscribers}
    found = {number: given or (a_service(number, of=number),) for number, given in grouped.items()}
    crm = CrmState(tuple(subscribers), found, attribute, source)
    return conclude(document or settings(), crm, {one.router: one for one in routers})


class FakeRouter:
    """A gateway that answers from tables; a menu that is an error is raised, one that is missing is refused."""

    def __init__(self, menus: dict[str, Any], state: RouterState | RouterError | None = None, **keys: Any) -> None:
        document = settings(router_os={"username": "sync"} | keys)
        self.settings: RouterSettings = document.routers[0]
        self.certificate: Mapping[str, Any] = {}
        self._menus = HEALTHY | menus
        self._state = state or a_router_state(a_secret())

    def connect(self, _deadline: Deadline) -> None:
        """Nothing stands in the way."""
        if isinstance(self._menus["connect"], RouterError):
            raise self._menus["connect"]

    def read(self, _deadline: Deadline) -> RouterState:
        """What was given, or the failure."""
        if isinstance(self._state, RouterError):
            raise self._state
        return self._state

    def look(self, words: Sequence[str], _deadline: Deadline) -> list[dict[str, str]]:
        """The rows of a menu."""
        rows = self._menus[words[0].removesuffix("/print")]
        if isinstance(rows, RouterError):
            raise rows
        return [*rows]


REFUSED = RouterError(Code.ROUTER_REFUSED, "no such command")
LOST = RouterError(Code.ROUTER_CLOSED, "the router closed the connection")
HEALTHY: dict[str, Any] = {
    "connect": None,
    "/user": [{"name": "sync", "group": "sync"}],
    "/user/group": [{"name": "sync", "policy": "read,write,sensitive,api,!policy,!ftp"}],
    "/system/resource": [{"version": "7.18.2 (stable)", "board-name": "CCR2004"}],
    "/system/clock": [{"date": "2026-03-01", "time": "12:00:07", "gmt-offset": "+00:00"}],
    "/interface/pppoe-server/server": [
        {"interface": "bridge1", "disabled": "false"},
        {"interface": "bridge2", "disabled": "true"},
    ],
    "/ppp/aaa": [{"use-radius": "false"}],
}
