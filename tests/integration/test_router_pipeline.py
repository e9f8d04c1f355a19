"""Many changes on one connection: how many are in flight, at what pace, and what a lost connection leaves."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from lab.simulators.routeros import Fault
from lab.simulators.routeros.wire import encode_sentence
from pppsync.core.change import Change, Kind
from pppsync.core.outcome import Outcome, Result
from pppsync.net.deadline import Deadline
from pppsync.routers.link import RouterLink
from pppsync.routers.pace import WINDOW
from pppsync.routers.pipeline import Applier
from tests.builders import a_new_secret, a_secret, a_session, a_wanted
from tests.integration.providers import certified_router, gateway, policy, soon
from tests.integration.towers import Changes, Tower, conflicts, read_tower

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.simulators.routeros import RouterSimulator
    from lab.simulators.routeros.faults import Action

FLOOD = WINDOW + 200
"""More changes than may be in flight."""


class Standstill:
    """A clock that only a sleep moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps: list[float] = []

    def deadline(self, seconds: float) -> Deadline:
        """So many seconds from now."""
        return Deadline(self.now + seconds, lambda: self.now, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


def many(tower: Tower, count: int, after: str = "new") -> list[Change]:
    """A change of password for each of that many secrets."""
    return [tower.change(Kind.PASSWORD, f"M{number}", f"{after}-{number}") for number in range(count)]


def add_many(router: RouterSimulator, count: int, *, online: bool = False) -> None:
    """That many secrets, with a session each if asked for."""
    for number in range(count):
        router.add_secret(name=f"M{number}", password="old", service="pppoe", profile="30mbps")
        if online:
            router.connect_session(f"M{number}")


def results(tower: Tower) -> dict[Result, int]:
    """How many changes ended how."""
    return Counter(one.result for one in tower.outcomes)


@pytest.mark.parametrize("online", [True, False])
@pytest.mark.parametrize("interleave", [True, False])
def test_many_changes_are_in_flight_but_no_more_than_the_window(interleave: bool, online: bool) -> None:
    """Each secret has one write at a time, and the router never has to hold more than the window's commands."""
    with certified_router(interleave=interleave, latency=0.0002) as router:
        router.add_profile("30mbps")
        add_many(router, FLOOD, online=online)
        with (tower := read_tower(router, drops_per_second=0)).gateway:
            tower.apply(*many(tower, FLOOD))
        assert results(tower) == {Result.APPLIED: FLOOD}
        assert 1 < router.max_in_flight <= 2 * WINDOW
        assert (conflicts(router), router.warnings) == ([], [])
        assert tower.drops == (FLOOD if online else 0)
        passwords = {one["name"]: one["password"] for one in router.secrets()}
    assert passwords == {f"M{number}": f"new-{number}" for number in range(FLOOD)}


def test_changes_of_one_secret_follow_one_another(router: RouterSimulator) -> None:
    """RouterOS promises no order to commands in flight together (G8)."""
    router.edit_secret("ABC1", disabled=True)
    with (tower := read_tower(router)).gateway:
        outcomes = tower.apply(
            tower.change(Kind.ENABLE, "ABC1", "no"),
            tower.change(Kind.PASSWORD, "ABC1", "new"),
            tower.change(Kind.PROFILE, "ABC1", "50mbps"),
            tower.change(Kind.DISABLE, "ABC1", "yes"),
        )
    assert {one.result for one in outcomes} == {Result.APPLIED}
    assert [list(words)[-1] for _, words in tower.words] == ["disabled", "password", "profile", "disabled"]
    assert conflicts(router) == []


def test_two_thousand_long_changes_do_not_block_each_other() -> None:
    """Neither side may wait for the other to read while it writes itself."""
    with certified_router() as router:
        router.add_profile("30mbps")
        add_many(router, 1000)
        with (tower := read_tower(router)).gateway:
            new = [
                tower.change(Kind.CREATE, f"N{number}", a_new_secret(f"N{number}", password="y" * 4000))
                for number in range(1000)
            ]
            tower.apply(*new, *many(tower, 1000, "x" * 4000))
        assert results(tower) == {Result.APPLIED: 2000}
        assert router.max_in_flight <= 2 * WINDOW


LOSSES: list[tuple[Action, bool]] = [
    ("close", False),
    ("close", True),
    ("reset", False),
    ("reset", True),
    ("close_mid_word", False),
    ("fatal", False),
    ("fatal", True),
    ("control_byte", True),
    ("huge_word", False),
    ("unknown_reply", False),
    ("reboot", True),
]


@pytest.mark.parametrize(("action", "applied"), LOSSES)
def test_a_lost_connection_leaves_no_change_without_an_outcome(action: Action, applied: bool) -> None:
    """What was answered is applied; what was in flight is unanswered, whether it was done or not; the rest waits."""
    with certified_router() as router:
        router.add_profile("30mbps")
        add_many(router, FLOOD)
        with (tower := read_tower(router)).gateway:
            router.faults.append(Fault("/ppp/secret/set", action, nth=50, applied=applied))
            tower.apply(*many(tower, FLOOD))
        found = results(tower)
        assert tower.error is not None
        assert tower.error.code in {"router_closed", "router_protocol"}
        assert 1 <= found[Result.UNANSWERED] <= WINDOW
        assert found[Result.APPLIED] + found[Result.UNANSWERED] + found[Result.DEFERRED] == FLOOD
        assert found[Result.DEFERRED] >= FLOOD - 50 - WINDOW
        changed = {one["name"] for one in router.secrets() if one["password"] != "old"}
    by_result = {one.change.name: one.result for one in tower.outcomes}
    assert {name for name, result in by_result.items() if result is Result.APPLIED} <= changed
    assert not {name for name, result in by_result.items() if result is Result.DEFERRED} & changed
    assert {one.reason for one in tower.outcomes if one.result is not Result.APPLIED} == {tower.error.code}


def test_what_was_confirmed_before_the_end_counts_as_confirmed() -> None:
    """Also where the answers and the end of the connection arrive in one piece."""
    ours, theirs = socket.socketpair()
    answers = [[b"!done", b".tag=1", b"=ret=*1"], [b"!done", b".tag=3"], [b"!done", b".tag=4"], [b"!fatal", b"reboot"]]
    changes = [
        Change(Kind.CREATE, "tower-1", a_wanted(name="NEW1"), None, None, a_new_secret("NEW1")),
        Change(Kind.CREATE, "tower-1", a_wanted(name="NEW2"), None, None, a_new_secret("NEW2")),
        Change(Kind.ENABLE, "tower-1", a_wanted(name="ABC3"), a_secret("ABC3"), "yes", "no"),
        Change(Kind.DISABLE, "tower-1", a_wanted(name="ABC4"), a_secret("ABC4"), "no", "yes", (a_session("ABC4"),)),
    ]
    found: list[Outcome] = []
    with ours, theirs:
        theirs.sendall(b"".join(map(encode_sentence, answers)))
        error = Applier(RouterLink(ours), policy(), (), soon(), found.append).run(Changes(changes), soon())
    assert error is not None
    assert error.code == "router_closed"
    assert {one.change.name: one.result for one in found} == {
        "NEW1": Result.APPLIED,
        "NEW2": Result.UNANSWERED,
        "ABC3": Result.APPLIED,
        "ABC4": Result.UNANSWERED,  # written, but nobody dropped the session
    }


@pytest.mark.parametrize("action", ["stall", "drip"])
def test_a_router_that_falls_silent_while_it_is_written_is_given_up(action: Action) -> None:
    """After `router_timeout` without a word; what was in flight is unanswered."""
    with certified_router() as router:
        add_many_default(router, 100)
        with (tower := read_tower(router)).gateway:
            tower.gateway._policy = policy(router_timeout=0.3)
            router.faults.append(Fault("/ppp/secret/set", action, nth=10, interval=0.5))
            tower.apply(*many(tower, 100))
    assert tower.error is not None
    assert tower.error.code == "router_timeout"
    assert results(tower)[Result.UNANSWERED] >= 1


def add_many_default(router: RouterSimulator, count: int) -> None:
    """That many secrets under the profile that every router has."""
    for number in range(count):
        router.add_secret(name=f"M{number}", password="old", service="pppoe")


@pytest.mark.parametrize("online", [True, False])
def test_a_slow_router_ends_with_deferred_and_not_with_unanswered(online: bool) -> None:
    """What begins is answered before the finish; all at once, these writes would take more than twice as long (G7)."""
    with certified_router() as router:
        router.add_profile("30mbps")
        add_many(router, 200, online=online)
        with (tower := read_tower(router, drops_per_second=0)).gateway:
            router.faults.append(Fault("/ppp/secret/set", "delay", times=None, interval=0.1))
            tower.apply(*many(tower, 200), start=soon(1.0), finish=soon(8.0))
        changed = {one["name"] for one in router.secrets() if one["password"] != "old"}
        left = {one["name"] for one in router.sessions()}
    assert tower.error is None
    assert set(results(tower)) == {Result.APPLIED, Result.DEFERRED}
    applied = {one.change.name for one in tower.outcomes if one.result is Result.APPLIED}
    assert applied == changed
    assert not applied & left


def test_no_answer_is_waited_for_beyond_the_finish(tower: Tower) -> None:
    """The report has to be written, whatever `router_timeout` allows."""
    tower.router.faults.append(Fault("/ppp/secret/set", "stall"))
    (outcome,) = tower.apply(tower.change(Kind.PASSWORD, "ABC1", "new"), finish=soon(0.2))
    assert outcome.result is Result.UNANSWERED


def test_nothing_begins_after_the_start(tower: Tower) -> None:
    """In the last seconds of a function a write might lose its drop (G7)."""
    outcomes = tower.apply(
        tower.change(Kind.PASSWORD, "ABC1", "new"), tower.change(Kind.DISABLE, "ABC2", "yes"), start=soon(-1)
    )
    assert {one.result for one in outcomes} == {Result.DEFERRED}
    assert (tower.words, tower.error) == ([], None)


@pytest.mark.parametrize("pace", [4, 20])
def test_drops_are_paced(pace: float) -> None:
    """Not a thousand modems at once: so many a second, by the clock that was given (G8)."""
    clock = Standstill()
    with certified_router() as router:
        router.add_profile("30mbps")
        add_many(router, 9, online=True)
        with (tower := read_tower(router, drops_per_second=pace)).gateway:
            tower.apply(*many(tower, 9), start=clock.deadline(100))
        assert results(tower) == {Result.APPLIED: 9}
    assert sum(clock.naps) == pytest.approx(8 / pace)
    assert max(clock.naps) <= 1 / pace + 0.001


def test_the_pace_counts_sessions_and_not_changes() -> None:
    """A login with five sessions takes five turns; one without any takes none."""
    clock = Standstill()
    with certified_router() as router:
        router.add_profile("30mbps")
        add_many(router, 10)
        for _ in range(5):
            router.connect_session("M0")
        router.connect_session("M9")
        with (tower := read_tower(router, drops_per_second=5)).gateway:
            tower.apply(*many(tower, 10), start=clock.deadline(100))
    assert sum(clock.naps) == pytest.approx(1)
    assert clock.naps[-1:] != []
    assert sum(one.dropped for one in tower.outcomes) == 6


def test_a_pace_of_nothing_is_no_pace() -> None:
    """`drops_per_second: 0` is as fast as the router."""
    clock = Standstill()
    with certified_router() as router:
        router.add_profile("30mbps")
        add_many(router, 50, online=True)
        with (tower := read_tower(router, drops_per_second=0)).gateway:
            tower.apply(*many(tower, 50), start=clock.deadline(100))
        assert router.sessions() == []
    assert clock.naps == []


def test_a_turn_that_comes_too_late_is_left_to_the_next_run() -> None:
    """Changes that drop nobody are still done."""
    clock = Standstill()
    with certified_router() as router:
        router.add_profile("30mbps")
        add_many(router, 10, online=True)
        router.add_secret(name="LAST", password="old", service="pppoe", profile="30mbps")
        with (tower := read_tower(router, drops_per_second=1)).gateway:
            changes: Sequence[Change] = [*many(tower, 10), tower.change(Kind.PASSWORD, "LAST", "new")]
            tower.apply(*changes, start=clock.deadline(4))
        assert results(tower) == {Result.APPLIED: 4 + 1, Result.DEFERRED: 6}
        assert len(router.sessions()) == 6


def test_nothing_is_applied_to_a_router_that_was_not_read(router: RouterSimulator) -> None:
    """Its secrets' ids would be somebody's guess."""
    with gateway(router) as unread, pytest.raises(RuntimeError, match="read before"):
        unread.apply(Changes([]), soon(), soon(), lambda _: None)


def test_a_long_command_is_sent_whole_however_short_the_last_wait_was() -> None:
    """The patience for an answer is no patience for a command: a slow line would count as a lost one."""
    ours, theirs = socket.socketpair()
    received: list[int] = []

    def drain() -> None:
        while data := theirs.recv(512):
            received.append(len(data))

    reader = threading.Thread(target=drain)
    with theirs, ours:
        link = RouterLink(ours)
        assert not link.poll(0.0001)
        reader.start()
        link.submit(["/ppp/secret/add", "=comment=" + "x" * 500_000])
        ours.shutdown(socket.SHUT_WR)
        reader.join()
    assert sum(received) > 500_000


@pytest.mark.parametrize("commands", [1, 300])
def test_a_router_that_takes_no_more_before_its_answers_are_read(commands: int) -> None:
    """Neither side waits for the other for ever, and what was read meanwhile is not waited for again."""
    ours, theirs = socket.socketpair()
    for one in (ours, theirs):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)

    def answer() -> None:
        unread, answered = b"", 0
        while answered < commands and (data := theirs.recv(1024)):
            unread += data
            for _ in range(unread.count(b"=comment=" + b"x" * 2000)):
                answered += 1
                tag = f".tag={answered}".encode()
                theirs.sendall(encode_sentence([b"!re", tag, b"=name=" + b"y" * 4000]))
                theirs.sendall(encode_sentence([b"!done", tag]))
            unread = unread.rpartition(b"x" * 2000)[2]

    router = threading.Thread(target=answer)
    with theirs, ours:
        router.start()
        link = RouterLink(ours)
        replies = [
            link.submit(["/ppp/secret/print", "=comment=" + "x" * 2000], lambda row: len(row[b"name"]))
            for _ in range(commands)
        ]
        link.wait(replies, Deadline.after(20))
        router.join()
    assert [reply.rows for reply in replies] == [[4000]] * commands
