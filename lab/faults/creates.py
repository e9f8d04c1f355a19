"""New secrets: as the CRM asked for them, and beside no name that reads the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.faults.addresses import judge_address
from lab.faults.rows import in_the_way

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lab.faults.runs import Ran
    from lab.faults.truth import Login
    from lab.faults.world import Moment, World
    from lab.simulators.routeros.journal import Sentence


def judge_add(world: World, ran: Ran, router: str, write: Sentence) -> Iterator[str]:
    """Whether a new secret is as the CRM asked for it."""
    name, words = write.words.get("name", ""), write.words
    reasons = (_makes(login, words, router) for login in world.logins(ran.began, write.time, name))
    if not any(reasons) and name not in ran.mishap.hidden:
        yield f"{router}: {name!r} was created without a reason"
    if not any(_is_free(world, router, name, left, right) for left in world.moments for right in world.moments):
        yield f"{router}: {name!r} was created beside a name that reads the same"
    if "remote-address" in words:
        yield from judge_address(world, ran, router, write, name)


def _makes(login: Login, words: Mapping[str, str], router: str) -> bool:
    """True if these words make the secret that the CRM wants; an address that two want is left out."""
    right = {
        "name": login.name,
        "password": login.password or login.birthday,
        "profile": login.profile,
        "disabled": "no" if login.state == "active" else "yes",
        "service": "pppoe",
        "comment": f"UISP client {login.client}",
        "remote-address": login.address,
    }
    given = {**right, **words}
    return login.state != "off" and login.router in {None, router} and given == right


def _is_free(world: World, router: str, name: str, left: Moment, right: Moment) -> bool:
    """True if no name that reads the same stands in the way of a new secret (R1)."""
    login = left.truth.logins.get(name)
    routers = (router,) if login is None or login.router else tuple(world.routers)
    return not any(in_the_way(right.held[one], name, left.truth.live) for one in routers)
