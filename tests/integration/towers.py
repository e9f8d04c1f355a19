"""A router that changes are applied to, read beforehand, with all that it took up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pppsync.core.change import VALUE_KINDS, Change, Kind, batches
from pppsync.core.masked import Masked
from tests.builders import a_wanted
from tests.integration.providers import gateway, soon

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lab.simulators.routeros import RouterSimulator
    from pppsync.core.change import Batch
    from pppsync.core.outcome import Outcome
    from pppsync.core.secret import PppSecret, RouterState
    from pppsync.errors import RouterError
    from pppsync.net.deadline import Deadline
    from pppsync.routers.gateway import RouterGateway

type Value = str | PppSecret | None
VALUES = {
    Kind.PASSWORD: "new",
    Kind.DEFAULT_PASSWORD: "1482020",
    Kind.PROFILE: "50mbps",
    Kind.REMOTE_ADDRESS: "10.9.9.9",
}
"""A new value of every kind that has one."""


class Changes:
    """A feed of changes that are all known."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._batches = iter(batches(changes))

    def take(self, *, wait: bool) -> Batch | None:  # noqa: ARG002 - there is nothing to wait for
        """The next batch, None at the end."""
        return next(self._batches, None)


@dataclass
class Tower:
    """A router as read, and what became of the changes that were applied to it."""

    router: RouterSimulator
    gateway: RouterGateway
    state: RouterState
    outcomes: list[Outcome] = field(default_factory=list)
    error: RouterError | None = None

    def change(self, kind: Kind, name: str = "ABC1", after: Value = None) -> Change:
        """A change as the plan would have it."""
        held = self.state.by_name.get(name, ())
        secret = held[0] if held else None
        live = self.state.sessions_by_name.get(name, ())
        ours = tuple(one for one in live if one.ppp_service in {"pppoe", "any"} and not one.radius)
        sessions = ours if kind in VALUE_KINDS | {Kind.DISABLE, Kind.DROP} else ()
        masked = kind in {Kind.PASSWORD, Kind.DEFAULT_PASSWORD}
        value = Masked(after) if masked and isinstance(after, str) else after
        before = secret.password if masked and secret else None
        return Change(kind, "tower-1", a_wanted(name=name), secret, before, value, sessions)

    def apply(self, *changes: Change, start: Deadline | None = None, finish: Deadline | None = None) -> list[Outcome]:
        """Apply them, and give the outcomes in the order of the changes."""
        found: list[Outcome] = []
        self.error = self.gateway.apply(Changes(changes), start or soon(), finish or soon(), found.append)
        assert Counter(id(one.change) for one in found) == Counter(map(id, changes)), "every change ends once"
        self.outcomes = [next(one for one in found if one.change is change) for change in changes]
        return self.outcomes

    def edit(self, kind: Kind, after: Value = None, name: str = "ABC1") -> Outcome:
        """Apply one change."""
        (outcome,) = self.apply(self.change(kind, name, after))
        return outcome

    @property
    def words(self) -> list[tuple[str, dict[str, str]]]:
        """Every write that the router took up: command and words."""
        return [(write.command, write.words) for write in self.router.writes]

    @property
    def drops(self) -> int:
        """How many times a session was told to end."""
        return sum(command == "/ppp/active/remove" for command, _ in self.words)


def read_tower(router: RouterSimulator, **keys: Any) -> Tower:
    """Read the router as it is now."""
    tower = gateway(router, keys)
    return Tower(router, tower, tower.read(soon()))


def conflicts(router: RouterSimulator) -> list[str]:
    """What was in flight together and must not be; to look for sessions in the flight of a write is meant so."""
    return [one for one in router.in_flight_conflicts if not one.startswith("/ppp/active/print ")]
