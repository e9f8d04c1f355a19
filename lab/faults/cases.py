"""Hands that make what is rare: several secrets of a login, names that read the same, addresses that others hold."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from lab.simulators.routeros import RouterSimulator
    from lab.simulators.uisp import UispSimulator

SERVICES = ("l2tp", "pptp", "sstp", "ovpn", "pppoe")
"""What customers dial in by, where a secret lets them."""


class Provider(Protocol):
    """What the cases need of a world: its CRM, its routers by name, and fresh passwords."""

    crm: UispSimulator
    routers: dict[str, RouterSimulator]

    def password(self, rng: Random) -> str:
        """Return a password that stands nowhere else."""
        ...


def alike(rng: Random, name: str) -> str:
    """A name that reads the same, as people and WinBox write it; raw bytes are surrogate escapes."""
    middle = len(name) // 2
    joints = ("  ", "\u00a0", "\u200b", "\u00ad", "\u2060")
    found = {name + " ", " " + name, name.lower(), name.upper(), unicodedata.normalize("NFD", name)}
    found |= {f"{name[:middle]}{joint}{name[middle:]}" for joint in joints} | {name + "\ufeff", name + "\u00a0"}
    found |= {"".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in name)}
    found |= {name.encode(page, "ignore").decode("utf-8", "surrogateescape") for page in ("cp1252", "cp1251")}
    return rng.choice(sorted(found - {name, ""}) or [name + " "])


def add_double(world: Provider, rng: Random, router: RouterSimulator, name: str) -> str:
    """One more secret of a name, under a service of its own or the same one."""
    service, off = rng.choice(("pppoe", "any", "any", "l2tp")), rng.random() < 0.5
    router.add_secret(allow_duplicate=True, name=name, service=service, disabled=off, password=world.password(rng))
    return f"{name!r} is there once more, under {service}{', disabled' if off else ''}"


def add_twin(world: Provider, rng: Random, tower: str, name: str) -> str:
    """The same secret on a second router, as a failover pair has it, and no attribute that says which is right."""
    others = [one for one in world.routers if one != tower]
    row = world.routers[tower].secret(name)
    if row is None or not others:
        return f"{name!r} stays alone"
    other, off = rng.choice(others), rng.random() < 0.6
    password = row["password"] if rng.random() < 0.7 else world.password(rng)
    if world.routers[other].secret(name) is None:
        service = rng.choice(("pppoe", "any"))
        world.routers[other].add_secret(name=name, service=service, disabled=off, password=password)
    if rng.random() < 0.5:
        world.routers[tower].edit_secret(name, disabled=True)
    if rng.random() < 0.6:
        world.routers[tower].disconnect_session(name)
    if rng.random() < 0.8:
        _forget_router(world, name)
    return f"{name!r} is on {tower} and {other}{', disabled there' if off else ''}"


def case_edit(world: Provider, rng: Random) -> str:
    """One rare thing, at a router or in the office."""
    tower = rng.choice(list(world.routers))
    names = [row["name"] for row in world.routers[tower].secrets()]
    if not names:
        return f"{tower}: nothing to spoil"
    try:
        return f"{tower}: {rng.choice(_CASES)(world, rng, tower, rng.choice(names))}"
    except (KeyError, ValueError):
        return f"{tower}: a hand slips"


def _forget_router(world: Provider, name: str) -> None:
    for client in _clients(world, name):
        world.crm.edit_client(client, attributes={"router": None})


def _clients(world: Provider, name: str) -> list[int]:
    return [row["id"] for row in world.crm.state.clients if row["userIdent"] == name]


def _double(world: Provider, rng: Random, tower: str, name: str) -> str:
    told = add_double(world, rng, world.routers[tower], name)
    if rng.random() < 0.5:
        world.routers[tower].connect_session(name, service=rng.choice(SERVICES))
    return told


def _any(world: Provider, rng: Random, tower: str, name: str) -> str:
    router, service = world.routers[tower], rng.choice(SERVICES)
    router.edit_secret(name, service="any")
    router.connect_session(name, service=service)
    return f"{name!r} is under any and dials in by {service}"


def _look_alike(world: Provider, rng: Random, tower: str, name: str) -> str:
    """The exact name goes, and one that reads the same is there; or a subscriber's login becomes such a one."""
    router, other = world.routers[tower], alike(rng, name)
    if rng.random() < 0.3:
        for client in _clients(world, name)[:1]:
            world.crm.edit_client(client, userIdent=other.encode("utf-8", "replace").decode())
        return f"the login {name!r} becomes {other!r}"
    if rng.random() < 0.7:
        router.remove_secret(name)
    router.add_secret(name=other, service=rng.choice(("pppoe", "any")), password=world.password(rng))
    return f"{other!r} is there for {name!r}"


def _clash(world: Provider, rng: Random, tower: str, name: str) -> str:
    """Two secrets of a router and one address: in the office, or by a hand."""
    router = world.routers[tower]
    others = [row for row in router.secrets() if row["name"] != name]
    if not others:
        return f"{name!r} is alone"
    other = rng.choice(others)
    address = other.get("remote-address", "0.0.0.0").replace("0.0.0.0", "") or f"10.9.1.{rng.randint(1, 250)}"
    router.edit_secret(other["name"], remote_address=address)
    for client in _clients(world, name)[:1]:
        world.crm.edit_client(client, attributes={"staticIp": address + rng.choice(("", "/32"))})
    if rng.random() < 0.2:
        router.edit_secret(name, remote_address=address)
        router.connect_session(name, "10.8.8.9")
    return f"{name!r} is to get {address}, which {other['name']!r} has"


def _twin(world: Provider, rng: Random, tower: str, name: str) -> str:
    return add_twin(world, rng, tower, name)


def _paid(world: Provider, rng: Random, _: str, name: str) -> str:
    """Everything of a login is suspended or paid, so that several secrets of it go one way together."""
    status = rng.choice((1, 1, 3))
    for client in _clients(world, name)[:1]:
        for service in world.crm.services_of(client):
            world.crm.edit_service(service["id"], status=status)
    return f"all services of {name!r} have status {status}"


def _paid_several(world: Provider, rng: Random, tower: str, name: str) -> str:
    """The same for a login that has several secrets, if there is one."""
    every = [row["name"] for router in world.routers.values() for row in router.secrets()]
    several = sorted({one for one in every if every.count(one) > 1})
    return _paid(world, rng, tower, rng.choice(several) if several else name)


_CASES: tuple[Callable[[Provider, Random, str, str], str], ...] = (
    *(_double, _any, _any, _look_alike, _look_alike, _clash, _clash, _twin, _twin),
    *(_paid_several, _paid_several),
)
