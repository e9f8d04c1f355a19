"""Logins with several secrets: what may be written to doubles (R6), and to a login on two routers (R16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.faults.rows import of_name, online

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from lab.faults.runs import Ran
    from lab.faults.truth import Truth
    from lab.faults.world import Held, World

type Write = tuple[str, str]
_OFF, _ON = ("disabled", "yes"), ("disabled", "no")


def judge_several(world: World, ran: Ran, router: str, name: str, written: Write, time: float) -> Iterator[str]:
    """Of several secrets of a login only the flag is written, and only where that is what nobody can want otherwise."""
    if name in ran.mishap.hidden:
        return
    moments = world.between(ran.began, time)
    found = [_allowed(world, ran, router, name, (left.truth, right.held)) for left in moments for right in moments]
    if found and not any(allowed is None or written in allowed for allowed in found):
        yield f"{router}: {name!r} has several secrets, and one got {written[0]}={written[1]}"


def routers_read(world: World, ran: Ran) -> frozenset[str]:
    """The routers that every run surely read; of a run that left no response, all if nothing went wrong."""
    if len(ran.responses) < ran.runs:
        return frozenset() if ran.mishap.told else frozenset(world.routers)
    rows = [one for response in ran.responses for one in response["routers"]]
    return frozenset(world.routers) - {one["name"] for one in rows if one["secrets"] is None}


def _allowed(
    world: World, ran: Ran, router: str, name: str, state: tuple[Truth, Mapping[str, Held]]
) -> set[Write] | None:
    """The writes that are allowed to a login with several secrets; None: it has one, or the CRM says nothing."""
    (truth, held), read = state, routers_read(world, ran)
    login = truth.logins.get(name)
    if login is None or login.router not in {None, *world.routers}:
        return None
    if login.router not in {None, router}:
        return {_OFF}
    rows = {one: of_name(held[one], name, world.ppp_services) for one in (*read, router)}
    on_two = login.router is None and sum(map(bool, rows.values())) > 1
    if not on_two and (len(rows[router]) < 2 or (login.router is None and not read)):
        return None
    if login.state != "active":
        return {_OFF}
    flags = {row["disabled"] for one in (rows.values() if on_two else (rows[router],)) for row in one}
    if on_two:
        return {_ON} if "true" in flags and not _is_in(world, ran, held, name, rows) else set()
    return {_ON} if flags == {"true"} else set()


def _is_in(world: World, ran: Ran, held: Mapping[str, Held], name: str, routers: Collection[str]) -> bool:
    """True if the login was surely online when it was read: a hand, or another run, may end a session."""
    if ran.mishap.edited or ran.runs > 1:
        return False
    return any(online(held[one], name, world.ppp_services, ran.sessions[one].values()) for one in routers)
