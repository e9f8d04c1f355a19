"""After the faults: whether every login is on every router as the CRM says, written by hand from the rules."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lab.faults.rows import address_of, in_the_way, lets_in, of_name, online

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lab.faults.rows import Row
    from lab.faults.truth import Login, Truth
    from lab.faults.world import Held, World


MOVING = "moving: "
"""Begins what may take one run more: a login is cut on another router only once its own was read as having it."""


def lacking(world: World) -> list[str]:
    """Everything that is not yet as it has to be, as sentences that begin with the login."""
    now = world.moment()
    homes = {name: _home(world, login, now.truth, now.held) for name, login in now.truth.logins.items()}
    shared = _shared(now.truth, homes)
    found: list[str] = []
    for name, login in now.truth.logins.items():
        if login.router not in {None, *world.routers}:
            continue
        home = homes[name]
        left_alone = home is not None and ((home, login.address) in shared or _taken(now.held[home], login))
        wrong = list(_at_home(world, login, home, now.truth, left_alone=left_alone)) if home else []
        if home and world.modes[home] == "enforce":
            found += wrong
        found += _elsewhere(world, login, home, settled=home is not None and not wrong and not left_alone)
    return found


def _holders(world: World, name: str, held: Mapping[str, Held]) -> list[str]:
    return [router for router, rows in held.items() if of_name(rows, name, world.ppp_services)]


def _home(world: World, login: Login, truth: Truth, held: Mapping[str, Held]) -> str | None:
    """The router where a login belongs, None if nothing can be said."""
    if login.router:
        return login.router if login.router in world.routers else None
    holders = _holders(world, login.name, held)
    if holders:
        return holders[0] if len(holders) == 1 else None
    if any(in_the_way(rows, login.name, truth.live) for rows in held.values()):
        return None
    return world.default or (next(iter(world.routers)) if len(world.routers) == 1 else None)


def _shared(truth: Truth, homes: Mapping[str, str | None]) -> set[tuple[str, str | None]]:
    wishes = Counter(
        (homes[name] or "", login.address)
        for name, login in truth.logins.items()
        if login.address and login.state != "off" and homes[name]
    )
    return {one for one, count in wishes.items() if count > 1}


def _taken(rows: Held, login: Login) -> bool:
    """True if an enabled secret of another name has the address: when all is settled, it keeps it."""
    others = [row for row in rows if row["name"] != login.name and row["disabled"] == "false"]
    return bool(login.address) and any(address_of(row) == login.address for row in others)


def _at_home(world: World, login: Login, home: str, truth: Truth, *, left_alone: bool) -> Iterator[str]:
    router = world.routers[home]
    every = router.secrets()
    rows = [row for row in every if row["name"] == login.name]
    ours = of_name(rows, login.name, world.ppp_services)
    if len(ours) > 1:
        yield from _doubles(world, login, home, ours)
    elif ours:
        yield from _differs(world, login, home, ours[0], left_alone=left_alone or login.address_wrong)
    elif not rows and login.state != "off" and not in_the_way(every, login.name, truth.live):
        profiles = {one["name"] for one in router.profiles()}
        if login.profile in profiles and (login.password or login.birthday):
            yield f"{login.name!r} is not on {home}"


def _doubles(world: World, login: Login, router: str, ours: Sequence[Row]) -> Iterator[str]:
    """Of several secrets all are off, or not all (R6)."""
    if login.state != "active":
        yield from _still_on(world, login.name, router, ours)
    elif all(row["disabled"] == "true" for row in ours):
        yield f"{login.name!r} paid, and all its {len(ours)} secrets on {router} are disabled"


def _still_on(world: World, name: str, router: str, ours: Sequence[Row]) -> Iterator[str]:
    """Secrets and sessions of a login that must be off."""
    for row in ours:
        if row["disabled"] == "false":
            yield f"{name!r} is still enabled on {router}, as {row['.id']}"
    rows = world.routers[router].secrets()
    if any(one["radius"] != "true" for one in online(rows, name, world.ppp_services, world.routers[router].sessions())):
        yield f"{name!r} is off on {router} and online"


def _differs(world: World, login: Login, home: str, row: Row, *, left_alone: bool) -> Iterator[str]:
    profiles = {one["name"] for one in world.routers[home].profiles()}
    if row["disabled"] != ("false" if login.state == "active" else "true"):
        yield f"{login.name!r} on {home}: disabled={row['disabled']}, but {login.state}"
    if not _fits_password(world, login, row):
        yield f"{login.name!r} on {home}: another password"
    if login.state != "off" and login.profile in profiles and row["profile"] != login.profile:
        yield f"{login.name!r} on {home}: profile {row['profile']} for {login.profile}"
    address = address_of(row)
    free = login.state == "off" or left_alone
    if not free and address != (login.address or address * (world.policy["static_ip_absent"] == "leave")):
        yield f"{login.name!r} on {home}: address {address!r} for {login.address!r}"
    fixed = address if login.state == "active" and address and address == login.address and not free else None
    yield from _online(world, login.name, home, row, fixed)


def _fits_password(world: World, login: Login, row: Row) -> bool:
    if login.password is None and world.policy["missing_password"] == "leave":
        return True
    return row["password"] == (login.password or login.birthday or row["password"])


def _online(world: World, name: str, home: str, row: Row, fixed: str | None) -> Iterator[str]:
    """Sessions that must not live: of somebody disabled, or beside a static address."""
    rows = world.routers[home].secrets()
    for session in world.routers[home].sessions(name):
        if session["radius"] == "true" or not lets_in(row, session, rows):
            continue
        if row["disabled"] == "true":
            yield f"{name!r} is disabled on {home} and online"
        elif fixed and session["address"] not in {fixed, ""}:
            yield f"{name!r} is on {session['address']} on {home}, not on {fixed}"


def _elsewhere(world: World, login: Login, home: str | None, *, settled: bool) -> Iterator[str]:
    """A login is off on every router that is not its own, once its own lets it in; without an own one, in on all."""
    held = {name: router.secrets() for name, router in world.routers.items()}
    holders = _holders(world, login.name, held)
    for router in holders:
        ours = of_name(held[router], login.name, world.ppp_services)
        if router == home or world.modes[router] == "observe":
            continue
        if login.state != "active":
            yield from _still_on(world, login.name, router, ours)
        elif login.router and settled and _lets_in(world, login, home, ours):
            yield from (f"{MOVING}{one}" for one in _still_on(world, login.name, router, ours))
    if login.state == "active" and login.router is None and len(holders) > 1:
        yield from _kept_out(world, login.name, holders)


def _kept_out(world: World, name: str, holders: Sequence[str]) -> Iterator[str]:
    """Somebody who paid, is held by several routers and is online on none of them, is let in by every one (R16)."""
    for router in holders:
        sessions = world.routers[router].sessions(name)
        if online(world.routers[router].secrets(), name, world.ppp_services, sessions):
            return
    for router in holders:
        ours = of_name(world.routers[router].secrets(), name, world.ppp_services)
        if world.modes[router] == "enforce" and any(row["disabled"] == "true" for row in ours):
            yield f"{name!r} paid, is online on none of {', '.join(holders)}, and is disabled on {router}"


def _lets_in(world: World, login: Login, home: str | None, strays: Sequence[Row]) -> bool:
    rows = of_name(world.routers[home or ""].secrets(), login.name, world.ppp_services)
    if len(rows) != 1 or rows[0]["disabled"] == "true":
        return False
    known = login.password or world.policy["missing_password"] == "registration_date"
    profiles = {one["name"] for one in world.routers[home or ""].profiles()}
    # A home that cannot give what was bought, or an address that is left alone, is a matter for somebody to look at.
    in_order = login.profile in profiles and not login.address_wrong
    return in_order and bool(known or all(rows[0]["password"] == row["password"] for row in strays))
