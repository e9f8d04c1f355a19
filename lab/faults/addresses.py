"""Addresses that another secret surely keeps (R11), judged by hand and one-sidedly: in doubt, it does not keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.faults.rows import address_of, of_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.faults.rows import Row
    from lab.faults.runs import Ran
    from lab.faults.truth import Login
    from lab.faults.world import Moment, World
    from lab.simulators.routeros.journal import Sentence


def judge_address(world: World, ran: Ran, router: str, write: Sentence, name: str) -> Iterator[str]:
    """No address that an enabled secret of another name keeps (R11)."""
    found = [one for one in world.logins(ran.began, write.time, name) if one.address == write.words["remote-address"]]
    if found and name not in ran.mishap.hidden and kept_by_another(world, router, found[0]):
        yield f"{router}: {name!r} got {found[0].address}, which another secret keeps"


def kept_by_another(world: World, router: str, login: Login) -> bool:
    """True if, at every moment of the run, an enabled secret of another name holds this address and keeps it."""
    return all(
        any(
            row["name"] != login.name and address_of(row) == login.address and _keeps(world, moment, router, row)
            for row in moment.held[router]
        )
        for moment in world.moments
    )


def _keeps(world: World, moment: Moment, router: str, row: Row) -> bool:
    """True if nothing that the CRM wants takes the address from an enabled secret, or lets a disabled one off."""
    enabled = row["disabled"] == "false"
    login = moment.truth.logins.get(row["name"])
    if login is None or row["service"] not in world.ppp_services or login.router not in {None, *world.routers}:
        return enabled
    if login.state != "active" or login.router not in {None, router}:
        return False
    holders = [name for name, rows in moment.held.items() if of_name(rows, row["name"], world.ppp_services)]
    several = len(of_name(moment.held[router], row["name"], world.ppp_services)) > 1
    if several or (login.router is None and len(holders) > 1):
        return enabled  # No value of it is written.
    leaves = login.address is None and (login.address_wrong or world.policy["static_ip_absent"] == "leave")
    return leaves or login.address == address_of(row)
