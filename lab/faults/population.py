"""Who is there when a schedule begins: subscribers, and usually the secrets that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.faults.cases import SERVICES, add_double, add_twin
from lab.faults.world import ODD_NAMES, PROFILES

if TYPE_CHECKING:
    from lab.faults.world import World

MANY = 34


def populate(world: World) -> None:
    """Subscribers of plain names, and some of odd ones."""
    for number in range(MANY if world.crowded else world.rng.randint(4, 14)):
        _subscribe(world, f"ABC{number}")
    for _ in range(world.rng.randint(0, 3)):
        _subscribe(world, world.rng.choice(ODD_NAMES))


def _subscribe(world: World, name: str) -> None:
    """A subscriber, and usually the secret that fits, with its session."""
    rng = world.rng
    password, profile = world.password(), rng.choice(PROFILES)
    status = rng.choice((1, 1, 1, 1, 3, 3, 2, 0, 8, None))
    home = rng.choice(list(world.routers))
    named = {"router": home} if rng.random() < 0.3 else {}
    address = {"staticIp": f"10.9.0.{rng.randint(1, 250)}"} if rng.random() < 0.2 else {}
    known = {"pppPassword": password} if rng.random() < 0.85 else {}
    client = world.crm.add_client(name, {**known, **named, **address})
    if status is not None:
        world.crm.add_service(client, status, profile)
    if rng.random() < 0.8 and (fits := [one["name"] for one in world.routers[home].profiles()]):
        words: dict[str, Any] = {
            "password": password,
            "disabled": status != 1,
            "service": rng.choice(("pppoe", "any")),
        }
        if address:
            words["remote_address"] = address["staticIp"]
        profile = profile if profile in fits else "default"
        if world.routers[home].secret(name) is None:
            world.routers[home].add_secret(name=name, profile=profile, **words)
            if status == 1 and rng.random() < 0.7:
                service = rng.choice(SERVICES) if words["service"] == "any" else "pppoe"
                world.routers[home].connect_session(name, service=service)
            if (rare := rng.random()) < 0.05:
                add_double(world, rng, world.routers[home], name)
            elif rare < 0.15:
                add_twin(world, rng, home, name)
