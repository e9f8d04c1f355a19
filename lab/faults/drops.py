"""Whose session may be dropped: only somebody's who was cut, whose values changed, or who is where they must not be."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lab.faults.addresses import kept_by_another
from lab.faults.rows import address_of, lets_in, of_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lab.faults.rows import Row
    from lab.faults.runs import Ran
    from lab.faults.world import World

type Written = set[tuple[str, str]]
"""Fields and values of one secret."""

_DROP = "/ppp/active/remove"
_VALUES = frozenset({"password", "profile", "remote-address", "!remote-address"})


def judge_drops(world: World, ran: Ran, router: str) -> Iterator[str]:
    """Every session that ended by our hand, and the reason for it."""
    written: dict[str, Written] = defaultdict(set)
    known = _known_sessions(world, ran, router)
    for write in ran.writes[router]:
        number = write.words.get(".id", "")
        if write.command == "/ppp/secret/set" and write.succeeded:
            field = next(iter(write.words.keys() - {".id"}), "")
            written[number].add((field, write.words.get(field, "")))
        session = known.get(number) if write.command == _DROP else None
        if session:
            yield from _judge_drop(world, ran, router, session, written, write.time)


def _judge_drop(
    world: World, ran: Ran, router: str, session: Row, written: Mapping[str, Written], time: float
) -> Iterator[str]:
    name, secrets = session["name"], _letting_in(world, router, session)
    changed = {number for number in {row[".id"] for row in secrets} if written.get(number)}
    if session["radius"] == "true" or not secrets:
        yield f"{router}: a session that is not ours was dropped: {session}"
    elif _repairs(world, ran, router, session, time):
        return
    elif not changed:
        yield f"{router}: {name!r} was dropped without a reason: {session}"
    elif (
        ran.mishap.unkept and not ran.mishap.edited and all(_lost(world, router, one, written[one]) for one in changed)
    ):
        yield f"{router}: {name!r} was dropped for a value that the router did not keep"


def _letting_in(world: World, router: str, session: Row) -> list[Row]:
    """Our secrets that let a session in, as they were at any moment."""
    return [
        row
        for moment in world.moments
        for row in of_name(moment.held[router], session["name"], world.ppp_services)
        if lets_in(row, session, moment.held[router])
    ]


def _known_sessions(world: World, ran: Ran, router: str) -> dict[str, dict[str, str]]:
    removed = [one.words.get(".id") for one in ran.writes[router] if one.command == _DROP]
    began_later = any(one not in ran.sessions[router] for one in removed)
    return ran.sessions[router] | (_printed(world, router) if began_later else {})


def _printed(world: World, router: str) -> dict[str, dict[str, str]]:
    """Sessions that began within the run, from what the router showed of them."""
    found = {}
    for exchange in world.routers[router].transcript:
        words = dict(word[1:].split("=", 1) for word in exchange.words[1:] if word.startswith("="))
        if exchange.direction == "out" and "radius" in words:
            found[words[".id"]] = words
    return found


def _repairs(world: World, ran: Ran, router: str, session: Row, time: float) -> bool:
    """The login is off already, or has a static address and is on another."""
    name, rows = session["name"], _letting_in(world, router, session)
    for moment in world.between(ran.began, time):
        login = moment.truth.logins.get(name)
        if login is None:
            continue
        off = any(row["disabled"] == "true" for row in rows)
        if off and (login.state != "active" or login.router not in {None, router}):
            return True
        if login.address and session["address"] != login.address and not kept_by_another(world, router, login):
            return any(address_of(row) == login.address for row in rows)
    return name in ran.mishap.hidden


def _lost(world: World, router: str, number: str, written: Written) -> bool:
    """True if somebody was dropped for values of a secret, and the router holds none of them."""
    row = next((one for one in world.routers[router].secrets() if one[".id"] == number), {})
    values = {(field, value) for field, value in written if field in _VALUES}
    cut = any(field == "disabled" for field, _ in written)
    held = {field for field, value in values if row.get(field.removeprefix("!"), "0.0.0.0" if value else "") == value}
    return bool(values) and not cut and not held
