"""Every fault that a test can put into the simulated router, as it shows on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from lab.simulators.routeros import Fault, RouterSimulator, Trap
from lab.simulators.routeros.raw_client import RawClient
from lab.simulators.routeros.wire import FramingError, encode_sentence

PRINT = "/ppp/secret/print", "=.proplist=name", ".tag=1"
SET = "/ppp/secret/set", "=.id=*1", "=password=new", "=comment=x", ".tag=1"
ROWS = [["!re", ".tag=1", "=name=A1"], ["!re", ".tag=1", "=name=A2"]]
DONE = ["!done", ".tag=1"]


@pytest.fixture
def router(router: RouterSimulator) -> RouterSimulator:
    """A router with two secrets."""
    router.add_secret(name="A1", password="old")
    router.add_secret(name="A2")
    router.connect_session("A1")
    return router


@pytest.fixture
def client(client: RawClient) -> RawClient:
    """A client whose record of received bytes begins after the login."""
    client.received.clear()
    return client


def password(router: RouterSimulator) -> str:
    """The password that the router has now."""
    return (router.secret("A1") or {})["password"]


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize(
    ("action", "error"),
    [
        ("close", EOFError),
        ("reset", ConnectionResetError),
        ("stall", TimeoutError),
        ("reboot", ConnectionResetError),
        ("control_byte", FramingError),
        ("huge_word", FramingError),
    ],
)
def test_an_unanswered_write_may_have_been_carried_out(
    router: RouterSimulator, client: RawClient, action: Any, error: type[Exception], applied: bool
) -> None:
    """A write that is never answered may have been carried out or not."""
    router.faults.append(Fault("/ppp/secret/set", action, applied=applied))
    client.send(*SET)
    if error is TimeoutError:
        client.socket.settimeout(0.2)
    with pytest.raises(error):
        client.read()
    assert password(router) == ("new" if applied else "old")
    assert [write.succeeded for write in router.writes] == [True] * applied


def test_the_connection_may_end_after_a_whole_answer(router: RouterSimulator, client: RawClient) -> None:
    """The answer comes, and then the end."""
    router.faults.append(Fault("/ppp/secret/print", "close_after_reply"))
    assert client.talk(*PRINT) == [*ROWS, DONE]
    assert client.wait_for_end() == b""


@pytest.mark.parametrize(("action", "missing"), [("close_mid_word", 3), ("close_mid_sentence", 1)])
def test_an_answer_may_lack_its_last_bytes(
    router: RouterSimulator, client: RawClient, action: Any, missing: int
) -> None:
    """The last bytes of the answer never come."""
    router.faults.append(Fault("/ppp/secret/print", action))
    client.send(*PRINT)
    whole = b"".join(encode_sentence(word.encode() for word in words) for words in [*ROWS, DONE])
    assert client.wait_for_end() == whole[:-missing]


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_print_may_end_after_some_rows(router: RouterSimulator, client: RawClient, rows: int) -> None:
    """A print ends after some rows without its `!done`."""
    router.faults.append(Fault("/ppp/secret/print", "cut", rows=rows))
    client.send(*PRINT)
    assert [client.read() for _ in range(rows)] == ROWS[:rows]
    assert client.wait_for_end() == b""


def test_an_answer_may_come_byte_by_byte(router: RouterSimulator, client: RawClient) -> None:
    """The answer comes one byte at a time, and whole."""
    router.faults.append(Fault("/ppp/secret/print", "drip", interval=0.001))
    assert client.talk(*PRINT) == [*ROWS, DONE]


def test_a_late_answer_delays_those_behind_it(router: RouterSimulator, client: RawClient) -> None:
    """An answer comes late, those behind it later still."""
    router.faults.append(Fault("/ppp/secret/set", "delay", interval=0.05))
    client.send(*SET)
    client.send(*PRINT)
    assert client.read_reply() == [DONE]
    assert client.read_reply() == [*ROWS, DONE]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"message": "busy", "category": 2}, [["!trap", ".tag=1", "=category=2", "=message=busy"]]),
        ({"message": "busy"}, [["!trap", ".tag=1", "=message=busy"]]),
        ({"category": 4}, [["!trap", ".tag=1", "=category=4"]]),
        ({}, [["!trap", ".tag=1"]]),
        (
            {"traps": (Trap("one"), Trap("two", 0), Trap(None))},
            [
                ["!trap", ".tag=1", "=message=one"],
                ["!trap", ".tag=1", "=category=0", "=message=two"],
                ["!trap", ".tag=1"],
            ],
        ),
    ],
)
def test_a_trap_leaves_the_connection_in_step(
    router: RouterSimulator, client: RawClient, fault: dict[str, Any], words: list[list[str]]
) -> None:
    """Any trap can stand in for an answer, or among it; the connection stays in step."""
    router.faults.append(Fault("/ppp/secret/set", "trap", **fault))
    assert client.talk(*SET) == [*words, DONE]
    assert password(router) == "old"
    router.faults[:] = [Fault("/ppp/secret/print", "trap", applied=True, **fault)]
    assert client.talk(*PRINT) == [*ROWS, *words, DONE]
    assert client.talk(*PRINT) == [*ROWS, DONE]


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_trap_in_the_middle_of_a_print(router: RouterSimulator, client: RawClient, rows: int) -> None:
    """Some rows, the trap, `!done`; the connection stays in step."""
    router.faults.append(Fault("/ppp/secret/print", "trap_mid_print", rows=rows, message="no such item (4)"))
    assert client.talk(*PRINT) == [*ROWS[:rows], ["!trap", ".tag=1", "=message=no such item (4)"], DONE]
    assert client.talk(*PRINT) == [*ROWS, DONE]


@pytest.mark.parametrize(("message", "words"), [("shutting down", ["!fatal", "shutting down"]), (None, ["!fatal"])])
def test_a_fatal_has_no_tag_and_no_done(
    router: RouterSimulator, client: RawClient, message: str | None, words: list[str]
) -> None:
    """`!fatal` has a bare word or none, no tag and no `!done`."""
    router.faults.append(Fault("/ppp/secret/print", "fatal", message=message))
    assert client.talk(*PRINT) == [words]
    assert client.wait_for_end() == b""


def test_an_empty_sentence_may_come_before_the_answer(router: RouterSimulator, client: RawClient) -> None:
    """A sentence without words comes before the answer."""
    router.faults.append(Fault("/ppp/secret/print", "empty_sentence"))
    client.talk(*PRINT)
    assert client.received.startswith(b"\x00\x03!re")


def test_an_unknown_reply_word_may_come_before_the_answer(router: RouterSimulator, client: RawClient) -> None:
    """A reply word that no document knows comes before the answer."""
    router.faults.append(Fault("/ppp/secret/print", "unknown_reply"))
    assert client.talk(*PRINT) == [["!mystery", ".tag=1"], *ROWS, DONE]


@pytest.mark.parametrize(
    ("properties", "kept"),
    [(None, ("old", None)), (frozenset({"password"}), ("old", "x")), (frozenset(), ("new", "x"))],
)
def test_value_that_is_not_kept(
    router: RouterSimulator, client: RawClient, properties: frozenset[str] | None, kept: tuple[str, str | None]
) -> None:
    """A set is answered with `!done`, and some values, or all, are as before."""
    router.faults.append(Fault("/ppp/secret/set", "not_kept", properties=properties))
    assert client.talk(*SET) == [DONE]
    assert (password(router), (router.secret("A1") or {}).get("comment")) == kept


def test_somebody_may_edit_just_before_a_command(router: RouterSimulator, client: RawClient) -> None:
    """Something happens on the router just before a command is carried out."""
    router.faults.append(Fault("/ppp/secret/set", "call", call=lambda: router.remove_secret("A1")))
    assert client.talk(*SET) == [["!trap", ".tag=1", "=category=0", "=message=no such item"], DONE]


def test_a_fault_strikes_from_the_nth_match_on(router: RouterSimulator, client: RawClient) -> None:
    """A fault counts what it is about: the command, its words, from the nth on, some times or for ever."""
    fault = Fault("/ppp/secret/set", "trap", nth=2, times=2, words={".id": "*1"})
    router.faults.append(fault)
    replies = []
    for _ in range(4):
        client.talk("/ppp/secret/set", "=.id=*2", "=comment=x")
        replies.append(client.talk(*SET)[0][0])
    assert replies == ["!done", "!trap", "!trap", "!done"]
    assert fault.fired == 2
    router.faults[:] = [Fault("*", "trap", nth=2, times=None)]
    assert [client.talk(*PRINT)[0][0] for _ in range(4)] == ["!re", "!trap", "!trap", "!trap"]


def test_a_fault_strikes_within_a_shuffled_batch() -> None:
    """Faults strike commands in the middle of a shuffled batch as well."""
    with RouterSimulator(interleave=True) as router, RawClient(router.host, router.port) as client:
        client.login()
        router.faults.append(Fault("/system/identity/print", "trap", nth=3))
        sentences = [[b"/system/identity/print", b".tag=%d" % number] for number in range(6)]
        client.socket.sendall(b"".join(map(encode_sentence, sentences)))
        replies = [client.read() for _ in range(12)]
        assert [words for words in replies if words[0] == "!trap"] == [["!trap", ".tag=2"]]
        assert sorted(words[1] for words in replies if words[0] == "!done") == [f".tag={number}" for number in range(6)]
