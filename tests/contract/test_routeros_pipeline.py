"""Several commands outstanding on one connection of the simulated router."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from lab.simulators.routeros import Fault, RouterSimulator
from lab.simulators.routeros.raw_client import RawClient
from lab.simulators.routeros.wire import encode_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICE_TIME = 0.02


@pytest.fixture
def router() -> Iterator[RouterSimulator]:
    """A router whose commands take their time, so that what is sent together is outstanding together."""
    with RouterSimulator(latency=SERVICE_TIME) as router:
        for name in ("A1", "A2"):
            router.add_secret(name=name)
            router.connect_session(name)
        yield router


@pytest.fixture
def client(client: RawClient, router: RouterSimulator) -> RawClient:
    """A client whose login is not in the router's log."""
    router.clear_log()
    return client


def send_all(client: RawClient, *sentences: list[str]) -> None:
    """Sends sentences in one piece."""
    client.socket.sendall(b"".join(encode_sentence(word.encode() for word in words) for words in sentences))


SET_1 = ["/ppp/secret/set", "=.id=*1", "=comment=x", ".tag=s1"]
SET_2 = ["/ppp/secret/set", "=.id=*2", "=comment=x", ".tag=s2"]
RENAME_2 = ["/ppp/secret/set", "=.id=*2", "=name=A1", ".tag=r2"]
DISABLE_1 = ["/ppp/secret/disable", "=numbers=A1", ".tag=d1"]
REMOVE_BOTH = ["/ppp/secret/remove", "=.id=*1,*2", ".tag=rb"]
ADD_A1 = ["/ppp/secret/add", "=name=A1", ".tag=a1"]
DROP_1 = ["/ppp/active/remove", "=.id=*80000001", ".tag=x1"]
DROP_2 = ["/ppp/active/remove", "=.id=*80000002", ".tag=x2"]
READ_1 = ["/ppp/secret/print", "?.id=*1", ".tag=p1"]
READ_A1 = ["/ppp/secret/print", "?name=A1", ".tag=p2"]
READ_ALL = ["/ppp/secret/print", ".tag=p3"]
SESSIONS_A1 = ["/ppp/active/print", "?name=A1", ".tag=p4"]


@pytest.mark.parametrize(
    ("first", "second", "conflict"),
    [
        (SET_1, SET_2, False),
        (SET_1, DISABLE_1, True),
        (SET_1, REMOVE_BOTH, True),
        (SET_1, ADD_A1, True),
        (SET_1, RENAME_2, True),
        (DISABLE_1, DROP_1, True),
        (DROP_1, DISABLE_1, True),
        (DISABLE_1, DROP_2, False),
        (DROP_1, DROP_2, False),
        (DROP_1, [*DROP_1[:2], ".tag=x3"], True),
        (SET_1, READ_1, True),
        (SET_1, READ_A1, True),
        (SET_1, SESSIONS_A1, True),
        (SET_2, READ_1, False),
        (SET_1, READ_ALL, False),
        (READ_1, READ_A1, False),
        (READ_1, SET_1, False),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else None,
)
def test_commands_on_one_secret_conflict_while_in_flight(
    router: RouterSimulator, client: RawClient, first: list[str], second: list[str], conflict: bool
) -> None:
    """Writes that touch one secret, its drop, or the read that shall confirm it, must wait for each other."""
    send_all(client, first, second)
    client.read_reply()
    client.read_reply()
    assert bool(router.in_flight_conflicts) is conflict
    assert router.max_in_flight == 2


def test_a_command_after_the_answer_is_no_conflict(router: RouterSimulator, client: RawClient) -> None:
    """What is sent after the answer is no conflict."""
    for words in (SET_1, DISABLE_1, DROP_1, READ_1):
        client.talk(*words)
    assert router.in_flight_conflicts == []
    assert router.max_in_flight == 1


def test_a_tag_in_use_is_a_warning(router: RouterSimulator, client: RawClient) -> None:
    """A tag that still waits for its answer is told on the client."""
    send_all(client, SET_1, [*SET_2[:-1], ".tag=s1"])
    client.read_reply()
    client.read_reply()
    assert "already in use" in router.warnings[0]


def test_a_cancelled_command_is_interrupted_and_ends_after_the_cancel(client: RawClient) -> None:
    """A cancelled command says `interrupted`, then the cancel ends, then the command, as devices were seen to do."""
    send_all(client, SET_1, SET_2, ["/cancel", "=tag=s2", ".tag=c"])
    assert [client.read() for _ in range(4)] == [
        ["!trap", ".tag=s2", "=category=2", "=message=interrupted"],
        ["!done", ".tag=c"],
        ["!done", ".tag=s2"],
        ["!done", ".tag=s1"],
    ]


def test_a_cancel_without_a_tag_interrupts_everything_else(router: RouterSimulator, client: RawClient) -> None:
    """Without a tag everything but the cancel itself is interrupted; nothing of it is carried out."""
    send_all(client, SET_1, SET_2, ["/cancel"])
    words = [client.read() for _ in range(5)]
    assert [sentence[:2] for sentence in words] == [
        ["!trap", ".tag=s1"],
        ["!trap", ".tag=s2"],
        ["!done"],
        ["!done", ".tag=s1"],
        ["!done", ".tag=s2"],
    ]
    assert router.writes == []


@pytest.mark.parametrize(
    ("word", "message"),
    [("=.tag=s1", "unknown parameter .tag"), ("=tag", "malformed word: "), ("tag=s1", "malformed word: tag")],
)
def test_a_cancel_that_is_not_understood_cancels_nothing(
    router: RouterSimulator, client: RawClient, word: str, message: str
) -> None:
    """A cancel that is not understood cancels nothing."""
    send_all(client, SET_1, ["/cancel", word, ".tag=c"])
    trap, *done = [client.read() for _ in range(3)]
    assert trap[1] == ".tag=c"
    assert trap[-1].startswith(f"=message={message}")
    assert sorted(done) == [["!done", ".tag=c"], ["!done", ".tag=s1"]]
    assert [write.succeeded for write in router.writes] == [True]


@pytest.mark.parametrize("interleave", [False, True])
def test_a_burst_is_carried_out_in_order_and_answered_once_each(interleave: bool) -> None:
    """A burst is carried out in its order, and each command answered once, under its tag."""
    with RouterSimulator(interleave=interleave) as router, RawClient(router.host, router.port, timeout=30) as client:
        for number in range(1000):
            router.add_secret(name=f"A{number}")
        client.login()
        sets = [["/ppp/secret/set", f"=.id=*{n + 1:X}", "=disabled=yes", f".tag={n}"] for n in range(1000)]
        send_all(client, *sets)
        tags = [client.read() for _ in range(1000)]
        assert sorted(tags) == sorted(["!done", f".tag={number}"] for number in range(1000))
        assert [write.tag for write in router.writes] == [str(number) for number in range(1000)]
        assert {secret["disabled"] for secret in router.secrets()} == {"true"}
        assert router.in_flight_conflicts == []


def test_rows_of_different_tags_come_mixed_but_in_order() -> None:
    """Rows of different tags come mixed; within a tag their order is kept, and traps end their own command only."""
    with RouterSimulator(interleave=True) as router, RawClient(router.host, router.port) as client:
        for number in range(50):
            router.add_secret(name=f"A{number}")
        client.login()
        prints = [["/ppp/secret/print", "=.proplist=name", f".tag={tag}"] for tag in ("p", "q")]
        send_all(client, *prints, ["/ppp/secret/set", "=.id=*99", ".tag=t"])
        replies = [client.read() for _ in range(2 * 51 + 2)]
        for tag in ("p", "q"):
            own = [words for words in replies if words[1] == f".tag={tag}"]
            assert own == [["!re", f".tag={tag}", f"=name=A{n}"] for n in range(50)] + [["!done", f".tag={tag}"]]
        changes = sum(left[1] != right[1] for left, right in itertools.pairwise(replies))
        assert changes > 10
        assert [words[0] for words in replies if words[1] == ".tag=t"] == ["!trap", "!done"]


def test_what_stands_behind_a_fatal_is_not_done(router: RouterSimulator, client: RawClient) -> None:
    """What was before the fatal is done, what was behind it is not."""
    router.faults.append(Fault("/ppp/secret/set", "fatal", nth=2, message="going down"))
    send_all(client, SET_1, SET_2, DISABLE_1)
    assert client.read() == ["!done", ".tag=s1"]
    assert client.read() == ["!fatal", "going down"]
    assert client.wait_for_end() == b""
    assert [write.tag for write in router.writes] == ["s1"]


def test_what_stands_behind_a_reboot_is_not_done(router: RouterSimulator, client: RawClient) -> None:
    """A reboot leaves the commands behind it undone and the sessions gone; `applied` carries the struck one out."""
    router.faults.append(Fault("/ppp/secret/set", "reboot", nth=2, applied=True))
    send_all(client, SET_1, SET_2, DISABLE_1)
    assert client.read() == ["!done", ".tag=s1"]
    with pytest.raises(ConnectionResetError):
        client.read()
    assert [write.tag for write in router.writes] == ["s1", "s2"]
    assert router.sessions() == []


def test_client_that_never_reads() -> None:
    """Replies that nobody reads stop the router from reading on, and cost no other client anything."""
    with RouterSimulator() as router, RawClient(router.host, router.port) as client:
        for number in range(2000):
            router.add_secret(name=f"A{number}", comment="x" * 200)
        client.login()
        client.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.socket.sendall(encode_sentence([b"/ppp/secret/print"]) * 1_000_000)
        with RawClient(router.host, router.port) as other:
            assert other.login().talk("/system/identity/print")[0] == ["!re", "=name=tower-1"]


def test_a_throttled_burst_is_still_answered() -> None:
    """With the throttle, every command is still answered once the burst allowance is spent."""
    with RouterSimulator(throttle=True) as router, RawClient(router.host, router.port) as client:
        client.login()
        send_all(client, *[["/system/identity/print", f".tag={number}"] for number in range(160)])
        replies = [client.read_reply() for _ in range(160)]
        assert [reply[-1][1] for reply in replies] == [f".tag={number}" for number in range(160)]
