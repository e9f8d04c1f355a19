"""Whose session may be dropped: only somebody's who was cut, whose values changed, or who is where they must not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lab.faults.runs import Ran
    from lab.faults.truth import Login
    from lab.faults.world import World

_DROP = "/ppp/active/remove"
_VALUES = frozenset({"password", "profile", "remote-address", "!remote-address"})


def judge_drops(world: World, ran: Ran, router: str, names: Mapping[str, set[str]]) -> Iterator[str]:
    """Every session that ended by our hand, and the reason for it."""
    written: dict[str, set[tuple[str, str]]] = {}
    known = _known_sessions(world, ran, router)
    for write in ran.writes[router]:
        for name in names.get(write.words.get(".id", ""), ()) if write.command == "/ppp/secret/set" else ():
            if write.succeeded:
                field = next(iter(write.words.keys() - {".id"}), "")
                written.setdefault(name, set()).add((field, write.words.get(field, "")))
        session = known.get(write.words.get(".id", "")) if write.command == _DROP else None
        if session:
            yield from _judge_drop(world, ran, router, session, written, write.time)


def _judge_drop(
    world: World,
    ran: Ran,
    router: str,
    session: Mapping[str, str],
    written: Mapping[str, set[tuple[str, str]]],
    time: float,
) -> Iterator[str]:
    name = session["name"]
    if session["radius"] == "true" or session["service"] not in world.ppp_services:
        yield f"{router}: a session that is not ours was dropped: {session}"
    elif _repairs(world, ran, router, session, time):
        return
    elif not written.get(name):
        yield f"{router}: {name!r} was dropped without a reason"
    elif ran.mishap.unkept and not ran.mishap.edited and (lost := _lost(world, router, name, written)):
        yield f"{router}: {name!r} was dropped for {lost}, which the router did not keep"


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


def _repairs(world: World, ran: Ran, router: str, session: Mapping[str, str], time: float) -> bool:
    """The login is off already, or has a static address and is on another."""
    name = session["name"]
    for moment in world.between(ran.began, time):
        login = moment.truth.logins.get(name)
        if login is None:
            continue
        rows = [row for each in world.moments for row in each.held[router] if row["name"] == name]
        off = any(row["disabled"] == "true" for row in rows)
        if off and (login.state != "active" or _lives_elsewhere(login, router)):
            return True
        if login.address and session["address"] != login.address:
            return any(row.get("remote-address") == login.address for row in rows)
    return name in ran.mishap.hidden


def _lives_elsewhere(login: Login, router: str) -> bool:
    return login.router not in {None, router}


def _lost(world: World, router: str, name: str, written: Mapping[str, set[tuple[str, str]]]) -> set[str]:
    """The values that somebody was dropped for, if the router holds none of them."""
    row = world.routers[router].secret(name) or {}
    values = {(field, value) for field, value in written.get(name, ()) if field in _VALUES}
    cut = any(field == "disabled" for field, _ in written.get(name, ()))
    held = {field for field, value in values if row.get(field.removeprefix("!"), "0.0.0.0" if value else "") == value}
    return set() if cut or held or not values else {field for field, _ in values}
