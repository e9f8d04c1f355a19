"""Pure: which router is a subscriber's own, and which others hold the login too (R16)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from pppsync.core.counting_service import State
from pppsync.core.names import reading
from pppsync.core.obstacles import alike_problem
from pppsync.core.reasons import Problem, Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pppsync.core.desired import Wanted
    from pppsync.core.secret import RouterState


@dataclass(frozen=True)
class Fleet:
    """All configured routers: their names in order, the default one, and the state of those that could be read."""

    names: tuple[str, ...]
    default: str | None
    states: Mapping[str, RouterState]
    ppp_services: Collection[str]

    def holders(self, name: str) -> tuple[str, ...]:
        """Return the routers that hold a secret of exactly this name under one of our services."""
        return self._held.get(name, ())

    @cached_property
    def _held(self) -> dict[str, tuple[str, ...]]:
        held: dict[str, tuple[str, ...]] = {}
        for router, state in self.states.items():
            alone = (router,)
            for secret in state.secrets:
                if secret.ppp_service in self.ppp_services:
                    earlier = held.setdefault(secret.name, alone)
                    if earlier[-1] != router:
                        held[secret.name] = (*earlier, router)
        return held

    def holders_of_alike(self, name: str) -> tuple[RouterState, ...]:
        """Return the routers that hold a name which reads the same (R1)."""
        return self._by_reading.get(reading(name), ())

    @cached_property
    def _by_reading(self) -> dict[str, tuple[RouterState, ...]]:
        held: dict[str, tuple[RouterState, ...]] = {}
        for state in self.states.values():
            alone = (state,)
            for form in state.names_by_reading:
                held[form] = (*held[form], state) if form in held else alone
        return held

    @cached_property
    def under_other_services(self) -> Mapping[str, tuple[str, str]]:
        """The first router and RouterOS service of each name that stands under a service which is not ours."""
        found: dict[str, tuple[str, str]] = {}
        for router, state in self.states.items():
            for secret in state.secrets:
                if secret.ppp_service not in self.ppp_services:
                    found.setdefault(secret.name, (router, secret.ppp_service))
        return found

    @cached_property
    def configured(self) -> frozenset[str]:
        """The names, to look one up."""
        return frozenset(self.names)

    @property
    def complete(self) -> bool:
        """True if every router could be read."""
        return len(self.states) == len(self.names)

    @cached_property
    def unread(self) -> str:
        """The routers that could not be read, as a text."""
        return ", ".join(name for name in self.names if name not in self.states)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a login belongs.

    `home` is the subscriber's own router, None if nothing may be created or changed; `strays` are the other routers
    that hold the login.
    """

    home: str | None
    strays: tuple[str, ...] = ()
    problem: Problem | None = None


def place(wanted: Wanted, fleet: Fleet, logins: Collection[str] = ()) -> Placement:
    """Return the router that the attribute names, else the one that holds the secret, else the default or only one.

    `logins` are the exact logins of live subscribers (R1).
    """
    holders = fleet.holders(wanted.name)
    # With a single router there is nothing to choose: the attribute may well mean the customer's own device.
    if wanted.router is not None and len(fleet.names) > 1:
        if wanted.router not in fleet.configured:
            return Placement(None, (), _problem(wanted, None, Reason.ROUTER_UNKNOWN, wanted.router))
        strays = tuple(router for router in holders if router != wanted.router)
        return Placement(wanted.router, strays) if strays else _at(wanted.router)
    if len(holders) > 1:
        routers = ", ".join(holders)
        return Placement(None, holders, _problem(wanted, None, Reason.LOGIN_ON_TWO_ROUTERS, routers))
    if holders:
        return _at(holders[0])
    return _place_new(wanted, fleet, logins)


@lru_cache(maxsize=4096)
def _at(home: str) -> Placement:
    """Cached: nearly all subscribers have this Placement."""
    return Placement(home)


def _place_new(wanted: Wanted, fleet: Fleet, logins: Collection[str]) -> Placement:
    """Return the placement of a login that no router read holds."""
    for state in fleet.holders_of_alike(wanted.name):
        if wanted.name not in state.by_name:
            problem = alike_problem(wanted, state, logins)
            if problem:
                return Placement(None, (), problem)
    if wanted.state is State.OFF:
        # Nothing would be created; only a name under another service, which `plan` reports, is left to see.
        return Placement(_only_or_default(fleet))
    if not fleet.complete:
        return Placement(None, (), _problem(wanted, None, Reason.ROUTER_NOT_READ, fleet.unread))
    home = _only_or_default(fleet)
    return Placement(home, (), None if home else _homeless(wanted, fleet))


def _homeless(wanted: Wanted, fleet: Fleet) -> Problem:
    """Return why no router fits; the first reason to look for is the name under another service (R1)."""
    if wanted.name in fleet.under_other_services:
        router, service = fleet.under_other_services[wanted.name]
        return _problem(wanted, router, Reason.NAME_TAKEN, service)
    return _problem(wanted, None, Reason.NO_ROUTER)


def _only_or_default(fleet: Fleet) -> str | None:
    return fleet.names[0] if len(fleet.names) == 1 else fleet.default


def _problem(wanted: Wanted, router: str | None, reason: Reason, detail: str = "") -> Problem:
    return Problem(router, wanted.name, reason, detail, wanted.subscriber)
