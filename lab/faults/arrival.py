"""After the faults: whether every login is on every router as the CRM says, written by hand from the rules."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lab.faults.truth import Login, Truth
    from lab.faults.world import Held, World


MOVING = "moving: "
"""Begins what may take one run more: a login is cut on another router only once its own was read as having it."""


def lacking(world: World) -> list[str]:
    """Everything that is not yet as it has to be, as sentences that begin with the login."""
    now = world.moment()
    homes = {name: _home(world, login, now.held) for name, login in now.truth.logins.items()}
    shared = _shared(now.truth, homes)
    found: list[str] = []
    for name, login in now.truth.logins.items():
        if login.router not in {None, *world.routers}:
            continue
        home = homes[name]
        wrong = list(_at_home(world, login, home, shared)) if home else []
        if home and world.modes[home] == "enforce":
            found += wrong
        found += _elsewhere(world, login, home, settled=home is not None and not wrong)
    return found


def _holders(world: World, name: str, held: Mapping[str, Held]) -> list[str]:
    ours = world.ppp_services
    return [router for router, rows in held.items() if any(r["name"] == name and r["service"] in ours for r in rows)]


def _home(world: World, login: Login, held: Mapping[str, Held]) -> str | None:
    """The router where a login belongs, None if nothing can be said."""
    if login.router:
        return login.router if login.router in world.routers else None
    holders = _holders(world, login.name, held)
    if holders:
        return holders[0] if len(holders) == 1 else None
    for rows in held.values():
        names = {row["name"] for row in rows}
        if login.name not in names and login.name.casefold() in {name.casefold() for name in names}:
            return None
    return world.default or (next(iter(world.routers)) if len(world.routers) == 1 else None)


def _shared(truth: Truth, homes: Mapping[str, str | None]) -> set[tuple[str, str]]:
    wishes = Counter(
        (homes[name] or "", login.address)
        for name, login in truth.logins.items()
        if login.address and login.state != "off" and homes[name]
    )
    return {(home, address) for (home, address), count in wishes.items() if count > 1}


def _at_home(world: World, login: Login, home: str, shared: set[tuple[str, str]]) -> Iterator[str]:
    router = world.routers[home]
    rows = [row for row in router.secrets() if row["name"] == login.name]
    folded = [row for row in router.secrets() if row["name"].casefold() == login.name.casefold()]
    profiles = {one["name"] for one in router.profiles()}
    if len(rows) > 1 or (not rows and (folded or login.state == "off")):
        return
    if not rows:
        if login.profile in profiles and (login.password or login.birthday):
            yield f"{login.name!r} is not on {home}"
        return
    if rows[0]["service"] in world.ppp_services:
        yield from _differs(world, login, home, rows[0], shared)


def _differs(
    world: World, login: Login, home: str, row: Mapping[str, str], shared: set[tuple[str, str]]
) -> Iterator[str]:
    profiles = {one["name"] for one in world.routers[home].profiles()}
    if row["disabled"] != ("false" if login.state == "active" else "true"):
        yield f"{login.name!r} on {home}: disabled={row['disabled']}, but {login.state}"
    if not _fits_password(world, login, row):
        yield f"{login.name!r} on {home}: another password"
    if login.state != "off" and login.profile in profiles and row["profile"] != login.profile:
        yield f"{login.name!r} on {home}: profile {row['profile']} for {login.profile}"
    address = row.get("remote-address", "0.0.0.0").replace("0.0.0.0", "")
    free = login.state == "off" or login.address_wrong or (home, login.address) in shared
    if not free and address != (login.address or address * (world.policy["static_ip_absent"] == "leave")):
        yield f"{login.name!r} on {home}: address {address!r} for {login.address!r}"
    fixed = address if login.state == "active" and address and address == login.address and not free else None
    yield from _online(world, login.name, home, row, fixed)


def _fits_password(world: World, login: Login, row: Mapping[str, str]) -> bool:
    if login.password is None and world.policy["missing_password"] == "leave":
        return True
    return row["password"] == (login.password or login.birthday or row["password"])


def _online(world: World, name: str, home: str, row: Mapping[str, str], fixed: str | None) -> Iterator[str]:
    """Sessions that must not live: of somebody disabled, or beside a static address."""
    for session in world.routers[home].sessions(name):
        if session["radius"] == "true" or session["service"] not in world.ppp_services:
            continue
        if row["disabled"] == "true":
            yield f"{name!r} is disabled on {home} and online"
        elif fixed and session["address"] not in {fixed, ""}:
            yield f"{name!r} is on {session['address']} on {home}, not on {fixed}"


def _elsewhere(world: World, login: Login, home: str | None, *, settled: bool) -> Iterator[str]:
    """A login is off on every router that is not its own, once its own lets it in."""
    held = {name: router.secrets() for name, router in world.routers.items()}
    for router in _holders(world, login.name, held):
        rows = [row for row in held[router] if row["name"] == login.name]
        if router == home or world.modes[router] == "observe" or len(rows) > 1:
            continue
        if login.state == "active" and not (login.router and settled and _lets_in(world, login, home, rows[0])):
            continue
        still = [f"{login.name!r} is still enabled on {router}"] if rows[0]["disabled"] == "false" else []
        still += _online(world, login.name, router, rows[0] | {"disabled": "true"}, None)
        yield from (f"{MOVING if login.state == 'active' else ''}{one}" for one in still)


def _lets_in(world: World, login: Login, home: str | None, stray: Mapping[str, str]) -> bool:
    rows = [row for row in world.routers[home or ""].secrets() if row["name"] == login.name]
    if len(rows) != 1 or rows[0]["service"] not in world.ppp_services or rows[0]["disabled"] == "true":
        return False
    known = login.password or world.policy["missing_password"] == "registration_date"
    profiles = {one["name"] for one in world.routers[home or ""].profiles()}
    # A home that cannot give what was bought, or an address that is left alone, is a matter for somebody to look at.
    in_order = login.profile in profiles and not login.address_wrong
    return in_order and bool(known or rows[0]["password"] == stray["password"])
