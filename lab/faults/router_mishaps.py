"""What goes wrong at a router: lines that break, refusals, values not kept, closed doors, a hand in mid-run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.faults.cases import case_edit
from lab.faults.edits import crm_edit, router_edit
from lab.simulators.certificates import Authority, self_signed
from lab.simulators.routeros import Account, Trap
from lab.simulators.routeros import Fault as RouterFault
from tests.integration.providers import authority

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from lab.faults.mishap import Mishap
    from lab.faults.world import World
    from lab.simulators.routeros import RouterSimulator
    from lab.simulators.routeros.faults import Action

_PRINTS = ("/ppp/secret/print", "/ppp/profile/print", "/ppp/active/print", "/system/resource/print", "login")
_CUTS: tuple[Action, ...] = (
    *("close", "close_after_reply", "close_mid_word", "close_mid_sentence", "control_byte", "cut", "fatal", "reset"),
    *("huge_word", "reboot", "reboot", "reset", "unknown_reply", "empty_sentence", "delay", "drip", "stall"),
)
_WRITES = ("/ppp/secret/set", "/ppp/secret/set", "/ppp/secret/add", "/ppp/active/remove")
_NO_SENSITIVE = frozenset({"api", "read", "write"})


def _router_cut(world: World, rng: Random, mishap: Mishap) -> None:
    """The connection, or the router, goes down in the middle."""
    name, router = _any_router(world, rng)
    action = rng.choice(_CUTS)
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
    if name in mishap.unreadable:
        return
    router._server.accounts = (Account("sync", world.router_password, policies=_NO_SENSITIVE),)
    mishap.masked.add(name)
    mishap.told.append(f"{name}: shows no passwords")


def _router_shut(world: World, rng: Random, mishap: Mishap) -> None:
    """Nobody gets in: too many sessions, another password, no right to write or to read."""
    name, router = _any_router(world, rng)
    how = rng.choice(("max-sessions", "password", "no read", "connect"))
    if how == "connect":
        router.faults.append(RouterFault("connect", rng.choice(("close", "reset")), times=None))
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


def _hand_at_router(world: World, rng: Random, mishap: Mishap) -> None:
    if mishap.lies:
        return
    mishap.edited = True
    name, router = _any_router(world, rng)
    command, edit = rng.choice((*_PRINTS[:3], *_WRITES)), rng.choice((router_edit, crm_edit, case_edit))
    fault = RouterFault(command, "call", rng.randint(1, 3), call=lambda: world.do(edit, rng, inside=True))
    router.faults.append(fault)
    mishap.told.append(f"{name}: a hand at {command} no. {fault.nth}")


def _any_router(world: World, rng: Random) -> tuple[str, RouterSimulator]:
    name = rng.choice(list(world.routers))
    return name, world.routers[name]


ROUTER_MISHAPS = (
    *[_router_cut] * 6,
    *[_router_refuses] * 3,
    *(_router_quotes, _router_forgets, _router_masks, _router_shut, _router_disguised, _router_disguised),
    *[_hand_at_router] * 3,
)
