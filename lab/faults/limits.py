"""No more changes of a kind than the guard's limits, counted by hand from what the routers saw."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lab.faults.rows import lets_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.faults.rows import Row
    from lab.faults.runs import Ran
    from lab.faults.world import World


def judge_caps(world: World, ran: Ran) -> Iterator[str]:
    """Per router and kind, and all disables together."""
    disabled = 0
    for router in world.routers:
        for kind, names in _counted(world, ran, router).items():
            limit = _limit(world, kind, router, ran.runs) * ran.runs
            disabled += len(names) if kind == "disable" else 0
            if len(names) > limit and (router, kind) not in ran.approved:
                yield f"{router}: {len(names)} of kind {kind}, the limit is {limit}: {sorted(names)}"
    guard = world.policy["guard"]
    enabled = sum(_enabled(world, router, ran.runs) for router in world.routers if world.modes[router] == "enforce")
    limit = max(guard["fleet_min"], int(enabled * guard["percent"] / 100)) * ran.runs
    several = sum(mode == "enforce" for mode in world.modes.values()) > 1
    # A router that could not be read counts neither way: with a single one left, there is no fleet.
    read = [one for response in ran.responses for one in response["routers"] if one["secrets"] is not None]
    several = several and (not ran.responses or sum(one["mode"] == "enforce" for one in read) > 1)
    if several and disabled > limit and ("", "disable") not in ran.approved and ran.responses:
        yield f"{disabled} disables over all routers, the limit is {limit}"


def _counted(world: World, ran: Ran, router: str) -> dict[str, set[str]]:
    """The secrets that were written, by kind; a session dropped without any write of its secret is a repair."""
    found: dict[str, set[str]] = defaultdict(set)
    names = {row[".id"]: row["name"] for moment in reversed(world.moments) for row in moment.held[router]}
    touched = {one.words.get(".id", "") for one in ran.writes[router] if one.command == "/ppp/secret/set"}
    for write in ran.writes[router]:
        number = write.words.get(".id", "")
        if write.command == "/ppp/secret/set":
            found[_kind(world, names.get(number, ""), write.words)].add(number)
        elif write.command == "/ppp/secret/add":
            found["create"].add(write.words.get("name", ""))
        elif write.command == "/ppp/active/remove" and (session := ran.sessions[router].get(number)):
            secrets = _letting_in(world, router, session)
            if not secrets & touched:
                found["drop"].add(min(secrets, default=session["name"]))
    return found


def _letting_in(world: World, router: str, session: Row) -> set[str]:
    """The ids of our secrets that let a session in, at any moment."""
    return {
        row[".id"]
        for moment in world.moments
        for row in moment.held[router]
        if row["service"] in world.ppp_services and lets_in(row, session, moment.held[router])
    }


def _kind(world: World, name: str, words: dict[str, str]) -> str:
    field = next(iter(words.keys() - {".id"}), "")
    if field == "disabled":
        return "disable" if words[field] == "yes" else "enable"
    if field == "password":
        known = [moment.truth.logins.get(name) for moment in world.moments]
        dated = any(one and one.password is None and one.birthday == words[field] for one in known)
        return "default_password" if dated else "password"
    return "remote_address" if field.endswith("remote-address") else field


def _limit(world: World, kind: str, router: str, runs: int) -> float:
    guard: dict[str, int] = world.policy["guard"]
    if kind == "enable":
        return float("inf")
    if kind == "default_password":
        return guard["default_password"]
    if kind == "create":
        secrets = max(len(moment.held[router]) for moment in world.moments)
        return max(guard["create_min"], int(secrets * guard["create_percent"] / 100))
    return max(guard["min"], int(_enabled(world, router, runs) * guard["percent"] / 100))


def _enabled(world: World, router: str, runs: int) -> int:
    """The most managed secrets that were enabled in any state of both sides that a run may have read together.

    Of two runs at once, the later may have read what the earlier had written by then: then each that was enabled at
    any time counts.
    """
    found = [
        {
            row[".id"]
            for row in right.held[router]
            if row["disabled"] == "false" and row["service"] in world.ppp_services and row["name"] in left.truth.logins
        }
        for left in world.moments
        for right in world.moments
    ]
    return len(set().union(*found)) if runs > 1 else max(map(len, found))
