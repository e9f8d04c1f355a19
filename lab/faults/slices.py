"""A mistake in slices: a wrong list that reaches a few customers before every run, and no run's limit at once (G13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.faults.world import PROFILES

if TYPE_CHECKING:
    from random import Random

    from lab.faults.stack import Approved
    from lab.faults.world import World


def slice_edit(world: World, rng: Random) -> str:
    """A few more customers get what the mistake of this provider gives them."""
    clients = [row["id"] for row in world.crm.state.clients if not row["isArchived"]]
    chosen = rng.sample(clients, min(len(clients), rng.choice((1, 2, 2, 3, 5))))
    for client in chosen:
        services = world.crm.services_of(client)
        match world.mistake:
            case "password":
                world.crm.edit_client(client, attributes={"pppPassword": world.password(rng)})
            case "address":
                world.crm.edit_client(
                    client, attributes={"staticIp": f"10.9.{rng.randint(2, 9)}.{rng.randint(1, 250)}"}
                )
            case "plan" if services:
                world.crm.edit_service(services[-1]["id"], name=rng.choice(PROFILES))
            case "suspend":
                # Somebody lets some of them in again: they are cut a second time, and that counts too.
                status = rng.choice((3, 3, 1))
                for service in services:
                    world.crm.edit_service(service["id"], status=status)
    return f"{world.mistake}, one more slice: {len(chosen)} clients"


def another_value(world: World, rng: Random, approved: Approved) -> str:
    """Somebody who is approved to get a password, an address or a plan is to get another one now."""
    idents = {row["userIdent"]: row["id"] for row in world.crm.state.clients if not row["isArchived"]}
    kinds = {"password": "pppPassword", "remote_address": "staticIp"}
    found = sorted((name, kind) for _, kind, name, _ in approved if name in idents and kind in {*kinds, "profile"})
    for name, kind in found:
        services = world.crm.services_of(idents[name])
        if kind == "profile" and services:
            world.crm.edit_service(services[-1]["id"], name=rng.choice(PROFILES))
        elif kind != "profile":
            value = world.password(rng) if kind == "password" else f"10.9.{rng.randint(2, 9)}.{rng.randint(1, 250)}"
            world.crm.edit_client(idents[name], attributes={kinds[kind]: value})
    return f"after the look at a plan: other values of {found}"
