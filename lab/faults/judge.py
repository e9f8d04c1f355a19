"""The safety invariants, judged from the simulators' memories after each run.

What is tolerated, and no more: a write follows what the CRM said at some time between the run's first list request
and the write. A cut is judged more narrowly: between the last look at that subscriber before it and the cut itself
(with two runs at once: the first look, since nothing tells whose it was).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from lab.faults.addresses import judge_address
from lab.faults.creates import judge_add
from lab.faults.days import judge_days
from lab.faults.drops import judge_drops
from lab.faults.holds import judge_holds
from lab.faults.kept import judge_kept
from lab.faults.limits import judge_caps
from lab.faults.rows import online
from lab.faults.several import judge_several, routers_read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.faults.runs import Ran
    from lab.faults.truth import Login
    from lab.faults.world import Held, Moment, World
    from lab.simulators.routeros.journal import Sentence

TOKEN = re.compile(r"zq[0-9a-f]{12}qz")
_SET, _ADD, _DROP = "/ppp/secret/set", "/ppp/secret/add", "/ppp/active/remove"
_FIELDS = frozenset({"disabled", "password", "profile", "remote-address", "!remote-address"})
_NEW = frozenset({"name", "password", "service", "profile", "disabled", "comment", "remote-address"})


def judge(world: World, ran: Ran) -> list[str]:
    """Every violation, as a sentence."""
    after = world.moment()
    if ran.runs > 1:
        world.moments.append(after)  # the later of two runs may have read what the earlier one did
    found = [*ran.crashes, *_judge_leaks(ran), *_judge_reading(ran), *_judge_counts(ran), *judge_caps(world, ran)]
    found += [*_judge_unseen(world, ran), *judge_days(world, ran), *judge_kept(world, ran), *judge_holds(world, ran)]
    for name, writes in ran.writes.items():
        found += _judge_forms(world, ran, name, writes)
        found += _judge_duplicates(world, ran, name, after.held[name])
        names = names_of_ids(world, name, after)
        for write in writes:
            if write.command == _SET:
                found += _judge_set(world, ran, name, write, names.get(write.words.get(".id", ""), set()))
            elif write.command == _ADD:
                found += judge_add(world, ran, name, write)
        found += judge_drops(world, ran, name)
    return found


def names_of_ids(world: World, router: str, after: Moment) -> dict[str, set[str]]:
    """Every name that each id of a router had during the run."""
    names: dict[str, set[str]] = defaultdict(set)
    for moment in (*world.moments, after):
        for row in moment.held[router]:
            names[row[".id"]].add(row["name"])
    return names


def _judge_leaks(ran: Ran) -> Iterator[str]:
    for leak in set(TOKEN.findall(ran.emitted)):
        where = ran.emitted.index(leak)
        yield f"the secret value {leak} got out: ...{ran.emitted[max(0, where - 200) : where + 60]!r}"


def _judge_reading(ran: Ran) -> Iterator[str]:
    """No write after a failed or partial read of the CRM."""
    written = sum(map(len, ran.writes.values()))
    if written and len(ran.errors) == ran.runs and not ran.killed:
        yield f"{written} writes in a run that ended with {ran.errors[0]!r}"
    # Two runs share the count of requests: which of them met the fault is not told.
    if ran.mishap.doomed and ran.runs == 1 and not ran.killed and (written or ran.responses):
        yield f"a CRM that could not be read whole led to {written} writes and {len(ran.responses)} responses"
    if ran.slip and written:
        yield f"{written} writes in a run that was to approve an unknown plan"
    if ran.event.action != "sync" and written:
        yield f"{written} writes by the action {ran.event.action}"


def _judge_counts(ran: Ran) -> Iterator[str]:
    """What the response says adds up, and claims no more than the routers saw."""
    for response in ran.responses:
        for router in response["routers"]:
            fates = ("applied", "failed", "withheld", "unconfirmed", "deferred", "unanswered")
            total = sum((Counter(router[fate]) for fate in fates), Counter[str]())
            held = router["hold"] and not ran.writes[router["name"]]
            writes = router["mode"] == "enforce" and response["action"] == "sync" and not held
            if writes and total != Counter(router["planned"]):
                yield f"{router['name']}: planned {router['planned']}, but accounted for {dict(total)}"
            done = Counter(write.command for write in ran.writes[router["name"]] if write.succeeded)
            sets = sum(count for kind, count in router["applied"].items() if kind not in {"create", "drop"})
            if ran.runs == 1 and (sets > done[_SET] or router["applied"].get("create", 0) > done[_ADD]):
                yield f"{router['name']}: applied {router['applied']}, but the router saw {dict(done)}"


def _judge_unseen(world: World, ran: Ran) -> Iterator[str]:
    """Who must be off and is online is counted, under whatever service the session is."""
    if ran.runs > 1 or ran.mishap.edited or ran.mishap.lies or not ran.responses:
        return
    counted = {one["name"]: one["suspended_online"] for one in ran.responses[0]["routers"]}
    now = world.moments[0]
    off = [login.name for login in now.truth.logins.values() if login.state != "active"]
    for router in routers_read(world, ran):
        live = [one for one in ran.sessions[router].values() if one["radius"] != "true"]
        found = [name for name in off if online(now.held[router], name, world.ppp_services, live)]
        if counted[router] < len(found):
            yield f"{router}: {found} are suspended and online, and {counted[router]} are counted"


def _judge_forms(world: World, ran: Ran, name: str, writes: Sequence[Sentence]) -> Iterator[str]:
    """Only known commands in known words, addressed by id, once, by a router that is written at all."""
    shut = world.modes[name] == "observe" or (ran.event.routers and name not in ran.event.routers)
    if writes and (shut or name in ran.mishap.unreadable):
        yield f"{name} must not be written, or could not be read: {len(writes)} writes"
    guessing = name in ran.mishap.masked or ran.mishap.blind
    for write in writes:
        words = write.words.keys() - {".id"}
        known = {_SET: len(words) == 1 and words <= _FIELDS, _ADD: words <= _NEW, _DROP: not words}
        if not known.get(write.command, False):
            yield f"{name}: not a write of ours: {write}"
        if write.command == _SET and "password" in words and guessing:
            yield f"{name}: a password was written that could not be compared: {write.words['.id']}"
    yield from _judge_manners(world, ran, name)


def _judge_manners(world: World, ran: Ran, name: str) -> Iterator[str]:
    """What the router itself found careless; two runs, or a hand in the run, may cause some of it."""
    router = world.routers[name]
    if not ran.mishap.edited and ran.runs == 1:
        yield from (f"{name}: {warning}" for warning in router.warnings)
        for conflict in router.in_flight_conflicts:
            # A look for sessions may fly beside the write: it saves a round trip.
            if not conflict.startswith("/ppp/active/print"):
                yield f"{name}: {conflict}"
    yield from (f"{name}: {unread}" for unread in router.unread_writes)


def _judge_duplicates(world: World, ran: Ran, name: str, held: Held) -> Iterator[str]:
    """No name is there twice but by a hand; no login comes to a second router of its own accord."""
    created = [write.words["name"] for write in ran.writes[name] if write.command == _ADD and write.succeeded]
    counts = Counter(row["name"] for row in held)
    for login in created:
        if counts[login] > 1 and not ran.mishap.edited:
            yield f"{name}: {login!r} is there {counts[login]} times"
        for other, rows in world.moments[0].held.items():
            elsewhere = any(row["name"] == login and row["service"] in world.ppp_services for row in rows)
            known = [moment.truth.logins.get(login) for moment in world.moments]
            if other != name and elsewhere and not ran.mishap.edited and all(one and not one.router for one in known):
                yield f"{name}: {login!r} was created although {other} holds it"


def _judge_set(world: World, ran: Ran, router: str, write: Sentence, names: set[str]) -> Iterator[str]:
    field = next(iter(write.words.keys() - {".id"}), "")
    value = write.words.get(field, "")
    if not names and not write.succeeded:
        return
    cut = (field, value) == ("disabled", "yes")
    reasons = _reasons_for_cut if cut else _reasons_for_value
    if not any(reasons(world, ran, router, name, write.time, (field, value)) for name in names):
        yield f"{router}: {sorted(names)} got {field}={value} without a reason"
    if ran.event.subscribers and not names & ran.event.subscribers:
        yield f"{router}: {sorted(names)} was not asked for, but written"
    number = write.words.get(".id")
    services = {row["service"] for moment in world.moments for row in moment.held[router] if row[".id"] == number}
    if services and not services & world.ppp_services:
        yield f"{router}: {sorted(names)} is a secret of another service: {services}"
    for name in names:
        yield from judge_several(world, ran, router, name, (field, value), write.time)
        if field == "remote-address":
            yield from judge_address(world, ran, router, write, name)


def _reasons_for_value(world: World, ran: Ran, router: str, name: str, time: float, written: tuple[str, str]) -> bool:
    """The CRM wanted exactly this value there."""
    return name in ran.mishap.hidden or any(
        login.router in {None, router} and written in _wishes(world, login)
        for login in world.logins(ran.began, time, name)
    )


def _wishes(world: World, login: Login) -> Iterator[tuple[str, str]]:
    if login.state == "active":
        yield "disabled", "no"
    if login.password:
        yield "password", login.password
    elif login.birthday and world.policy["missing_password"] == "registration_date":
        yield "password", login.birthday
    if login.state != "off":
        yield "profile", login.profile
        if login.address:
            yield "remote-address", login.address
        elif not login.address_wrong and world.policy["static_ip_absent"] == "clear":
            yield "!remote-address", ""


def _reasons_for_cut(world: World, ran: Ran, router: str, name: str, time: float, _: tuple[str, str]) -> bool:
    """Since somebody looked, the CRM has wanted this login off this router."""
    if name in ran.mishap.hidden and _one_of_two(world, ran, name, time):
        return True
    clients = {one.client for one in world.logins(ran.began, time, name)}
    asked = [one for one in ran.asked if one.time <= time]
    looks = [one.time for one in asked if one.endpoint == "GET clients/{id}" and one.client in clients]
    if not looks and world.crowded:
        # More than 25 cuts may share a second reading of everything.
        looks = [one.time for one in asked if one.endpoint == "GET clients" and one.offset == "0"][1:]
    if not looks:
        return False
    since = looks[-1] if ran.runs == 1 else looks[0]
    if any(wants_cut(world, moment, router, name) for moment in world.between(since, time)):
        return True
    # Who shares the custom ID came after the list was read: the look at the first one can only confirm.
    wanted = any(wants_cut(world, moment, router, name) for moment in world.between(ran.began, time))
    return wanted and ran.mishap.edited and _one_of_two(world, ran, name, time)


def _one_of_two(world: World, ran: Ran, name: str, time: float) -> bool:
    """True if a list did not show one of two subscribers of a login, and the look at the other could only confirm."""
    looked = {one.client for one in ran.asked if one.time <= time and one.endpoint == "GET clients/{id}"}
    doubles = [one for moment in world.between(ran.began, time) for one in moment.truth.doubled.get(name, ())]
    return any(one.client in looked and one.state != "active" for one in doubles)


def wants_cut(world: World, moment: Moment, router: str, name: str) -> bool:
    """True if the CRM wanted a login off a router at a moment."""
    login = moment.truth.logins.get(name)
    if login is None or login.router not in {None, *world.routers}:
        return False
    if login.state != "active":
        return True
    if login.router in {None, router}:
        return False
    home = [row for each in world.moments for row in each.held[login.router] if row["name"] == name]
    return any(row["disabled"] == "false" and row["service"] in world.ppp_services for row in home)
