"""What goes wrong in a run: faults of the CRM and of the routers, hands in the middle of it, and clocks.

A `Mishap` is put in place before a run and taken away after it. Some tell the judge what must follow.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulators.certificates import Authority, self_signed
from simulators.routeros import Account, Trap
from simulators.routeros import Fault as RouterFault
from simulators.uisp import Fault, faults
from tests.faults.edits import crm_edit, router_edit
from tests.integration.providers import authority

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from simulators.routeros import RouterSimulator
    from simulators.uisp.faults import Action
    from tests.faults.world import World

PATIENCE = 0.4
"""Seconds that one answer may take in a run with mishaps."""
_CRM_LISTS = ("GET clients", "GET clients/services")
_PRINTS = ("/ppp/secret/print", "/ppp/profile/print", "/ppp/active/print", "/system/resource/print", "login")
_WRITES = ("/ppp/secret/set", "/ppp/secret/set", "/ppp/secret/add", "/ppp/active/remove")
_NO_SENSITIVE = frozenset({"api", "read", "write"})


@dataclass
class Mishap:
    """What is in store for one run.

    `doomed`: the faults of which one, had it struck, must end the run without a write. `hidden`: names of subscribers
    that a lying list left out. `masked`: routers that show no password. `blind`: the CRM hides its attributes.
    `unreadable`: routers that must not be written. `edited`: a hand was at work in the run.
    """

    told: list[str] = field(default_factory=list)
    doomed: list[Fault] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    masked: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    unkept: bool = False
    blind: bool = False
    edited: bool = False
    lies: bool = False
    patience: float = PATIENCE


def plan_mishaps(world: World, rng: Random) -> Mishap:
    """Put up to three things in the way of the next run."""
    mishap = Mishap()
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        rng.choice(_KINDS)(world, rng, mishap)
    return mishap


def clear(world: World) -> None:
    """Take everything away again."""
    world.crm.faults.clear()
    world.crm.on_request = None
    for router in world.routers.values():
        router.faults.clear()
        router._server.accounts = (Account("sync", world.router_password),)
        router._server.max_sessions = 20
        if world.tls:
            router.replace_tls(_good_context())


def _good_context() -> Any:
    return authority().issue("127.0.0.1").server_context() if not _CONTEXT else _CONTEXT[0]


_CONTEXT: list[Any] = []


def _crm_passing(world: World, rng: Random, mishap: Mishap) -> None:
    """An error that another try mends."""
    name, action = rng.choice(
        (
            ("reset", faults.reset()),
            ("close", faults.close()),
            ("cut in the middle of a body", faults.cut_body()),
            ("429", faults.status(429, 3)),
            ("500", faults.status(500)),
            ("503", faults.status(503)),
            ("stall", faults.stall()),
            ("stall in a body", faults.stall(20)),
            ("drip", faults.drip(0.001, 400)),
            ("a length that never comes", faults.huge_length()),
        )
    )
    endpoint = rng.choice((*_CRM_LISTS, *_CRM_LISTS, "GET clients/{id}", "GET custom-attributes", "*"))
    nth, times = rng.randint(1, 12), 1 if "stall" in name else rng.choice((1, 2, 5))
    world.crm.faults.append(Fault(endpoint, action, nth, times))
    mishap.told.append(f"CRM, {endpoint} no. {nth}, {times} times: {name}")


def _crm_final(world: World, rng: Random, mishap: Mishap) -> None:
    """An answer that can never be taken for a list, for as long as it is asked."""
    choices: tuple[tuple[str, Action], ...] = (
        ("401", faults.status(401)),
        ("403", faults.status(403)),
        ("404", faults.status(404)),
        ("502", faults.status(502)),
        ("HTML", faults.html_page()),
        ("HTML as JSON", faults.html_labelled_json()),
        ("an object", faults.error_object()),
        ("broken JSON", faults.invalid_json()),
        ("rows without ids", faults.rows_without_id()),
        ("ids as text", faults.ids_as_text()),
        ("numbers for rows", faults.rows_not_objects()),
        ("tags of a wrong type", faults.field_value("tags", "Custom-Config")),
        ("reset", faults.reset()),
        ("a redirect", faults.redirect("https://elsewhere.invalid/")),
    )
    name, action = rng.choice(choices)
    endpoint = "GET clients" if "tags" in name else rng.choice((*_CRM_LISTS, "GET clients/{id}"))
    nth = rng.randint(1, 3) if endpoint == "GET clients" else rng.randint(1, 2)
    fault = Fault(endpoint, action, nth, None)
    world.crm.faults.append(fault)
    # The first reading asks each list at least twice; later requests for services may be those of a confirmation.
    if endpoint in _CRM_LISTS and not (world.crowded and nth > 2):
        mishap.doomed.append(fault)
    mishap.told.append(f"CRM, {endpoint} from no. {nth} on: {name}")


def _crm_lie(world: World, rng: Random, mishap: Mishap) -> None:
    """One list that looks right and is not: rows are missing, twice, or moved."""
    if mishap.edited or mishap.lies:
        return
    mishap.lies = True
    name, action = rng.choice(
        (
            ("half a page", faults.half_list()),
            ("an empty list", faults.empty_list()),
            ("a row twice, another missing", faults.repeated_row()),
            ("a row missing", faults.rows(lambda page: page[1:])),
            ("moved by a row", faults.shifted(1)),
            ("moved back by a row", faults.shifted(-1)),
            ("moved by three", faults.shifted(3)),
        )
    )
    endpoint, nth = rng.choice(_CRM_LISTS), rng.randint(1, 8)
    world.crm.faults.append(Fault(endpoint, _watched(action, mishap), nth))
    mishap.told.append(f"CRM, {endpoint} no. {nth}: {name}")


def _watched(action: Action, mishap: Mishap) -> Action:
    """The same lie, and note whom it hides; a page that moved hides nobody who was noted."""

    def lie(answer: Any) -> Any:
        said = action.change(answer)
        try:
            before, after = (json.loads(one.body) for one in (answer, said))
        except ValueError:
            return said
        kept = {row["id"] for row in after if isinstance(row, dict)} if isinstance(after, list) else set()
        if isinstance(before, list):
            mishap.hidden |= {row["userIdent"] for row in before if row["id"] not in kept and "userIdent" in row}
        return said

    return faults.Action(lie, action.shift)


def _crm_blind(world: World, rng: Random, mishap: Mishap) -> None:
    action = rng.choice((faults.status(403), faults.html_page(), faults.empty_list(), faults.status(503)))
    world.crm.faults.append(Fault("GET custom-attributes", action, times=None))
    mishap.blind = True
    mishap.told.append("CRM: the list of attributes cannot be had")


def _router_cut(world: World, rng: Random, mishap: Mishap) -> None:
    """The connection, or the router, goes down in the middle."""
    name, router = _any_router(world, rng)
    action = rng.choice(
        ("close", "close_after_reply", "close_mid_word", "close_mid_sentence", "control_byte", "cut", "fatal", "reset")
        + ("huge_word", "reboot", "reboot", "reset", "unknown_reply", "empty_sentence", "delay", "drip", "stall")
    )
    command = rng.choice((*_PRINTS, *_WRITES, *_WRITES))
    nth = rng.randint(1, 5) if command in _WRITES else rng.randint(1, 2)
    fault = RouterFault(command, action, nth, applied=rng.random() < 0.5, rows=rng.randint(0, 3), interval=0.002)
    fault.message = rng.choice((None, "out of memory"))
    router.faults.append(fault)
    mishap.told.append(f"{name}, {command} no. {nth}: {action}{', applied' if fault.applied else ''}")


def _router_refuses(world: World, rng: Random, mishap: Mishap) -> None:
    name, router = _any_router(world, rng)
    command = rng.choice((*_PRINTS, *_WRITES, *_WRITES, *_WRITES))
    traps = rng.choice(
        (
            (Trap(None),),
            (Trap("not enough permissions (9)"),),
            (Trap("something nobody has heard of", 4), Trap(None)),
            (Trap("no such item", 0),),
            (Trap("failure: busy", 17),),
        )
    )
    fault = RouterFault(command, "trap", rng.randint(1, 4), rng.choice((1, 2, None)), traps=traps)
    router.faults.append(fault)
    mishap.told.append(f"{name}, {command} from no. {fault.nth}, {fault.times} times: {[one.message for one in traps]}")


def _router_quotes(world: World, rng: Random, mishap: Mishap) -> None:
    """The router refuses a password and repeats it."""
    name, router = _any_router(world, rng)
    values = [one["value"] for row in world.crm.state.clients for one in row["attributes"] if "Pass" in one["key"]]
    for value in values:
        quoted = Trap(f"invalid value {value} for argument password", 1)
        for command in ("/ppp/secret/set", "/ppp/secret/add"):
            router.faults.append(RouterFault(command, "trap", words={"password": value}, traps=(quoted,)))
    if rng.random() < 0.5:
        router.faults.append(RouterFault("/ppp/secret/print", "call", call=lambda: None))
    mishap.told.append(f"{name}: refuses every password and quotes it")


def _router_forgets(world: World, rng: Random, mishap: Mishap) -> None:
    name, router = _any_router(world, rng)
    fault = RouterFault("/ppp/secret/set", "not_kept", rng.randint(1, 4), rng.choice((1, None)))
    router.faults.append(fault)
    mishap.unkept = True
    mishap.told.append(f"{name}: keeps no value from set no. {fault.nth} on, {fault.times} times")


def _router_masks(world: World, rng: Random, mishap: Mishap) -> None:
    name, router = _any_router(world, rng)
    router._server.accounts = (Account("sync", world.router_password, policies=_NO_SENSITIVE),)
    mishap.masked.add(name)
    mishap.told.append(f"{name}: shows no passwords")


def _router_shut(world: World, rng: Random, mishap: Mishap) -> None:
    """Nobody gets in: too many sessions, another password, no right to write or to read."""
    name, router = _any_router(world, rng)
    how = rng.choice(("max-sessions", "password", "no read", "connect"))
    if how == "connect":
        router.faults.append(RouterFault("connect", rng.choice(("close", "reset"))))
    elif how == "max-sessions":
        router._server.max_sessions = 0
    else:
        policies = frozenset({"api"}) if how == "no read" else _NO_SENSITIVE
        password = world.token() if how == "password" else world.router_password
        router._server.accounts = (Account("sync", password, policies=policies),)
    if how != "max-sessions":
        mishap.unreadable.add(name)
    mishap.told.append(f"{name}: lets nobody in ({how})")


def _router_disguised(world: World, rng: Random, mishap: Mishap) -> None:
    """Another certificate than before: expired, of somebody else, for another name."""
    if not world.tls:
        return
    _CONTEXT[:] = _CONTEXT or [_good_context()]
    name, router = _any_router(world, rng)
    how = rng.choice(list(_BAD_CERTIFICATES))
    router.replace_tls(_BAD_CERTIFICATES[how]().server_context())
    mishap.unreadable.add(name)
    mishap.told.append(f"{name}: a certificate that is {how}")


_BAD_CERTIFICATES: dict[str, Callable[[], Any]] = {
    "expired": lambda: authority().issue("127.0.0.1", expired=True),
    "for another name": lambda: authority().issue("10.0.0.1"),
    "somebody else's": lambda: Authority().issue("127.0.0.1"),
    "its own": lambda: self_signed("127.0.0.1"),
}


def _hand_at_crm(world: World, rng: Random, mishap: Mishap) -> None:
    """Somebody edits while a request of the run is on its way; sometimes at the very moment of a confirmation."""
    if mishap.lies:
        return
    mishap.edited = True
    wanted, left = rng.choice(("clients", "clients/services", "clients/{id}", "")), [rng.randint(1, 6)]
    before = world.crm.on_request

    def strike(request: Any) -> None:
        if before:
            before(request)
        with world.lock:
            left[0] -= request.endpoint.endswith(wanted)
            now = left[0] == 0
            left[0] -= now
        if now:
            world.do(crm_edit, rng, inside=True)

    world.crm.on_request = strike
    mishap.told.append(f"CRM: a hand at {wanted or 'any request'} no. {left[0]}")


def _hand_at_router(world: World, rng: Random, mishap: Mishap) -> None:
    if mishap.lies:
        return
    mishap.edited = True
    name, router = _any_router(world, rng)
    command, edit = rng.choice((*_PRINTS[:3], *_WRITES)), rng.choice((router_edit, crm_edit))
    fault = RouterFault(command, "call", rng.randint(1, 3), call=lambda: world.do(edit, rng, inside=True))
    router.faults.append(fault)
    mishap.told.append(f"{name}: a hand at {command} no. {fault.nth}")


def _any_router(world: World, rng: Random) -> tuple[str, RouterSimulator]:
    name = rng.choice(list(world.routers))
    return name, world.routers[name]


_KINDS = (
    *[_crm_passing] * 4,
    *[_crm_final] * 3,
    *[_crm_lie] * 3,
    _crm_blind,
    *[_router_cut] * 6,
    *[_router_refuses] * 3,
    _router_quotes,
    _router_forgets,
    _router_masks,
    _router_shut,
    *[_router_disguised] * 2,
    *[_hand_at_crm] * 4,
    *[_hand_at_router] * 3,
)
