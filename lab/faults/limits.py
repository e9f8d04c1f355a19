"""No more changes of a kind than the guard's limits, counted by hand from what the routers saw."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lab.faults.holds import perhaps_held
from lab.faults.rows import lets_in

_PASSWORDS = frozenset({"password", "default_password"})

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from lab.faults.rows import Row
    from lab.faults.runs import Ran
    from lab.faults.world import World
    from lab.simulators.routeros.journal import Sentence


def judge_caps(world: World, ran: Ran) -> Iterator[str]:
    """Per router and kind, and all disables together."""
    disabled = 0
    for router in world.routers:
        for kind, names in counted(world, ran, router).items():
            limit = limit_of_a_run(world, kind, router, ran.runs) * ran.runs
            disabled += len(names) if kind == "disable" else 0
            if len(names) > limit:
                yield f"{router}: {len(names)} of kind {kind}, the limit is {limit}: {sorted(names)}"
    guard = world.policy["guard"]
    limit = max(guard["fleet_min"], share(guard["percent"], enabled_of_fleet(world, ran))) * ran.runs
    if is_fleet(world, ran) and disabled > limit:
        yield f"{disabled} disables over all routers, the limit is {limit}"


def is_fleet(world: World, ran: Ran) -> bool:
    """True if the run surely had several routers to write.

    A router that could not be read, or is on hold, counts neither way: with a single one left, there is no fleet.
    """
    read = [
        sum(
            one["secrets"] is not None and one["mode"] == "enforce" and not perhaps_held(world, ran, one["name"])
            for one in response["routers"]
        )
        for response in ran.responses
    ]
    return min(read, default=0) > 1


def enabled_of_fleet(world: World, ran: Ran) -> int:
    """The most managed secrets that were enabled on the routers that are written."""
    return sum(enabled(world, router, ran.runs) for router in world.writers)


def share(percent: float, whole: int) -> int:
    """So many percent of a number, rounded down."""
    return int(whole * percent / 100)


def counted(world: World, ran: Ran, router: str, *, made: bool = False) -> dict[str, set[str]]:
    """The secrets that were written without an approval, by kind; a session dropped without any write is a repair.

    `made`: only those whose write the router carried out and kept.
    """
    found: dict[str, set[str]] = defaultdict(set)
    touched = {one.words.get(".id", "") for one in ran.writes[router] if one.command == "/ppp/secret/set"}
    held = {row[".id"]: row for row in world.routers[router].secrets()} if made and ran.mishap.unkept else {}
    for write in ran.writes[router]:
        if made and not (write.succeeded and _kept(held.get(write.words.get(".id", "")), write.words)):
            continue
        for kind, name, value, secret in _changes(world, ran, router, write, touched):
            if not _is_approved(ran, router, kind, name, value):
                found[kind].add(secret)
    return found


def _changes(
    world: World, ran: Ran, router: str, write: Sentence, touched: Collection[str]
) -> Iterator[tuple[str, str, str, str]]:
    """Kind, name, value and secret of a write, if it is a change of its own."""
    number = write.words.get(".id", "")
    if write.command == "/ppp/secret/set":
        names = (row["name"] for each in world.moments for row in each.held[router] if row[".id"] == number)
        name = next(names, "")
        yield kind_of(world, name, write.words), name, write.words[_field(write.words)], number
    elif write.command == "/ppp/secret/add":
        yield "create", write.words.get("name", ""), "", write.words.get("name", "")
    elif write.command == "/ppp/active/remove" and (session := ran.sessions[router].get(number)):
        secrets = _letting_in(world, router, session)
        if not secrets & set(touched):
            yield "drop", session["name"], "", min(secrets, default=session["name"])


def _field(words: Mapping[str, str]) -> str:
    return next(iter(words.keys() - {".id"}), "")


def _is_approved(ran: Ran, router: str, kind: str, name: str, value: str) -> bool:
    """True if somebody approved it; whether a password is a default one may change while the run reads."""
    kinds = _PASSWORDS if kind in _PASSWORDS else {kind}
    return any((router, one, name, value) in ran.approved for one in kinds)


def _kept(row: Row | None, words: Mapping[str, str]) -> bool:
    """False if the router holds another value now than it was given."""
    field = _field(words)
    if row is None or field not in row or field == "disabled":
        return True
    return row[field] == words[field]


def _letting_in(world: World, router: str, session: Row) -> set[str]:
    """The ids of our secrets that let a session in, at any moment."""
    return {
        row[".id"]
        for moment in world.moments
        for row in moment.held[router]
        if row["service"] in world.ppp_services and lets_in(row, session, moment.held[router])
    }


def kind_of(world: World, name: str, words: Mapping[str, str]) -> str:
    """The kind of a write of a secret."""
    field = _field(words)
    if field == "disabled":
        return "disable" if words[field] == "yes" else "enable"
    if field == "password":
        known = [moment.truth.logins.get(name) for moment in world.moments]
        dated = any(one and one.password is None and one.birthday == words[field] for one in known)
        return "default_password" if dated else "password"
    return "remote_address" if field.endswith("remote-address") else field


def limit_of_a_run(world: World, kind: str, router: str, runs: int) -> float:
    """How many changes of a kind a router may have in one run (G3)."""
    guard: dict[str, int] = world.policy["guard"]
    if kind == "enable":
        return float("inf")
    if kind == "default_password":
        return guard["default_password"]
    if kind == "create":
        secrets = max(len(moment.held[router]) for moment in world.moments)
        return max(guard["create_min"], share(guard["create_percent"], secrets))
    return max(guard["min"], share(guard["percent"], enabled(world, router, runs)))


def enabled(world: World, router: str, runs: int) -> int:
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
