"""Hands at the CRM and at the routers: each changes one thing and says in a sentence what it was."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from lab.faults.cases import SERVICES, alike, case_edit
from lab.faults.world import ODD_NAMES, PROFILES
from lab.simulators.routeros.seeding import edit_row

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from lab.faults.world import World
    from lab.simulators.routeros import RouterSimulator

    Edit = Callable[[World, Random], str]


def crm_edit(world: World, rng: Random) -> str:
    """Something happens in the office."""
    clients = [row["id"] for row in world.crm.state.clients]
    if not clients:
        return _new_client(world, rng, 0)
    return rng.choice(_OFFICE)(world, rng, rng.choice(clients))


def mass_edit(world: World, rng: Random) -> str:
    """The CRM does one thing to nearly everybody: a billing run, or its undoing."""
    status, spared = rng.choice((1, 3, 3, 3, 2)), rng.choice((0, 0, 3))
    clients = [row["id"] for row in world.crm.state.clients]
    for client in clients[spared:]:
        for service in world.crm.services_of(client):
            world.crm.edit_service(service["id"], status=status)
    return f"all services but those of {spared} clients have status {status}"


def router_edit(world: World, rng: Random) -> str:
    """Somebody sits at a router with WinBox."""
    name = rng.choice(list(world.routers))
    router = world.routers[name]
    secrets = [row["name"] for row in router.secrets()]
    login = rng.choice(secrets) if secrets else "ABC0"
    try:
        return f"{name}: {rng.choice(_WINBOX if secrets else [_add_secret])(world, rng, router, login)}"
    except (KeyError, ValueError):
        return f"{name}: a hand slips"


def _who(world: World, client: int) -> str:
    return f"client {client} ({world.crm.client(client)['userIdent']!r})"


def _status(world: World, rng: Random, client: int) -> str:
    services = world.crm.services_of(client)
    if not services:
        world.crm.add_service(client, name=rng.choice(PROFILES))
        return f"{_who(world, client)} gets a service"
    status = rng.choice((1, 1, 1, 3, 3, 3, 2, 8, 0, 4, 5, 7))
    world.crm.edit_service(rng.choice(services)["id"], status=status)
    return f"a service of {_who(world, client)} has status {status}"


def _plan(world: World, rng: Random, client: int) -> str:
    services = world.crm.services_of(client)
    name = rng.choice((*PROFILES, "no such profile"))
    if services and rng.random() < 0.6:
        world.crm.edit_service(services[-1]["id"], name=name)
    else:
        tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        status, start = rng.choice(((1, "2022-01-15T00:00:00+0600"), (0, f"{tomorrow}T00:00:00+0600")))
        kind = rng.choice(("Internet", "Internet", "Internet", "General"))
        world.crm.add_service(client, status, name, plan_type=kind, active_from=start)
    return f"{_who(world, client)}: plan {name}"


def _end(world: World, _: Random, client: int) -> str:
    services = world.crm.services_of(client)
    if services:
        world.crm.edit_service(services[0]["id"], status=2)
    return f"a service of {_who(world, client)} ends"


def _drop_service(world: World, _: Random, client: int) -> str:
    services = world.crm.services_of(client)
    if services:
        world.crm.delete_service(services[-1]["id"])
    return f"a service of {_who(world, client)} is deleted"


def _archive(world: World, _: Random, client: int) -> str:
    if world.crm.client(client)["isArchived"]:
        world.crm.restore_client(client)
        return f"{_who(world, client)} is restored"
    world.crm.archive_client(client)
    return f"{_who(world, client)} is archived"


def _delete(world: World, rng: Random, client: int) -> str:
    told = f"{_who(world, client)} is deleted"
    world.crm.delete_client(client, keep_services=rng.random() < 0.5)
    return told


def _rename(world: World, rng: Random, client: int) -> str:
    others = [row["userIdent"] for row in world.crm.state.clients]
    name = rng.choice((f"NEW{rng.randint(0, 99)}", rng.choice(ODD_NAMES), None, rng.choice(others)))
    if rng.random() < 0.2:
        name = alike(rng, rng.choice([one for one in others if one] or ["ABC0"])).encode("utf-8", "replace").decode()
    told = f"{_who(world, client)} becomes {name!r}"
    world.crm.edit_client(client, userIdent=name)
    return told


def _tag(world: World, rng: Random, client: int) -> str:
    tags = rng.choice(((), ("VIP",), ("Custom-Config",), (" custom-config ", "VIP")))
    world.crm.edit_client(client, tags=tags)
    return f"{_who(world, client)} has the tags {tags}"


def _attribute(world: World, rng: Random, client: int) -> str:
    addresses = (
        None,
        f"10.9.0.{rng.randint(1, 250)}",
        "10.9.0.7",
        "10.9.0.7/32",
        "224.0.0.1",
        "nonsense",
        "10.9.0.0/24",
    )
    key, value = rng.choice(
        (
            ("pppPassword", rng.choice((None, world.password(rng), world.password(rng)))),
            ("staticIp", rng.choice(addresses)),
            ("router", rng.choice((None, "nowhere", *world.routers, *world.routers))),
        )
    )
    world.crm.edit_client(client, attributes={key: value})
    return f"{_who(world, client)}: {key} = {value!r}"


def _new_client(world: World, rng: Random, _: int) -> str:
    name = rng.choice((f"NEW{rng.randint(0, 99)}", f"ABC{rng.randint(0, 14)}"))
    client = world.crm.add_client(name, {"pppPassword": world.password(rng)}, is_lead=rng.random() < 0.1)
    world.crm.add_service(client, rng.choice((1, 1, 3)), rng.choice(PROFILES))
    return f"{_who(world, client)} is new"


def _lead(world: World, rng: Random, client: int) -> str:
    world.crm.edit_client(client, isLead=rng.random() < 0.5)
    return f"{_who(world, client)}: lead or no lead"


_OFFICE: tuple[Callable[[World, Random, int], str], ...] = (
    *[_status] * 8,
    *[_attribute] * 3,
    *(_plan, _plan, _end, _drop_service, _archive, _delete, _rename, _tag, _new_client, _new_client, _lead),
)


def _edit_secret(world: World, rng: Random, router: RouterSimulator, login: str) -> str:
    words = rng.choice(
        (
            {"password": world.password(rng)},
            {"profile": rng.choice([one["name"] for one in router.profiles()])},
            {"disabled": rng.random() < 0.5},
            {"remote_address": rng.choice((None, "10.9.0.7", f"10.9.0.{rng.randint(1, 250)}"))},
            {"comment": f"UISP client {rng.randint(1, 20)}"},
            {"service": rng.choice(("pppoe", "any", "l2tp", "sstp"))},
        )
    )
    router.edit_secret(login, **words)
    return f"{login!r} set by hand: {words}"


def _rename_secret(_: World, rng: Random, router: RouterSimulator, login: str) -> str:
    name = rng.choice((login.lower(), alike(rng, login), f"hand{rng.randint(0, 9)}", f"ABC{rng.randint(0, 14)}"))
    with router._lock:
        edit_row(router._router.secret_menu, router._secret(login), {"name": name})
    return f"{login!r} renamed to {name!r}"


def _remove_secret(_: World, _rng: Random, router: RouterSimulator, login: str) -> str:
    router.remove_secret(login)
    return f"{login!r} removed"


def _add_secret(world: World, rng: Random, router: RouterSimulator, login: str) -> str:
    name = rng.choice((login, f"ABC{rng.randint(0, 14)}", f"hand{rng.randint(0, 9)}"))
    service = rng.choice(("pppoe", "any", "l2tp", "ovpn"))
    router.add_secret(allow_duplicate=rng.random() < 0.3, name=name, service=service, password=world.password(rng))
    return f"{name!r} added under {service}"


def _session(_: World, rng: Random, router: RouterSimulator, login: str) -> str:
    service, radius = rng.choice(("pppoe", "pppoe", "pppoe", *SERVICES)), rng.random() < 0.15
    router.connect_session(login, rng.choice(("", "10.8.8.8")), service, radius=radius)
    return f"{login!r} dials in by {service}{' (RADIUS)' if radius else ''}"


def _profile(_: World, rng: Random, router: RouterSimulator, _login: str) -> str:
    name = rng.choice(PROFILES)
    if any(one["name"] == name for one in router.profiles()):
        router.remove_profile(name)
        return f"profile {name} removed"
    router.add_profile(name)
    return f"profile {name} added"


_WINBOX = (*[_edit_secret] * 6, _rename_secret, _remove_secret, _add_secret, _add_secret, *[_session] * 4, _profile)
EDITS: tuple[Edit, ...] = (crm_edit, crm_edit, crm_edit, router_edit, router_edit, case_edit, case_edit)
