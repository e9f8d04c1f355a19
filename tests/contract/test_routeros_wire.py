"""The simulated router's wire form, seen with bare sockets."""

from __future__ import annotations

import pytest

from lab.simulators.routeros import RouterSimulator
from lab.simulators.routeros.raw_client import RawClient
from lab.simulators.routeros.wire import encode_length, encode_sentence


def test_a_login_has_the_documented_bytes(router: RouterSimulator) -> None:
    """The documented bytes of a login are answered with a bare `!done`."""
    with RawClient(router.host, router.port) as client:
        client.socket.sendall(bytes.fromhex("06 2f6c6f67696e 0b 3d6e616d653d61646d696e 0a 3d70617373776f72643d 00"))
        assert client.read() == ["!done"]
        assert bytes(client.received) == bytes.fromhex("05 21646f6e65 00")


def test_a_trap_has_its_tag_second_and_its_category_third(router: RouterSimulator, client: RawClient) -> None:
    """The tag stands second, the category before the message, and `!done` follows."""
    client.received.clear()
    client.socket.sendall(
        bytes.fromhex(
            "0f 2f7070702f7365637265742f736574 08 3d2e69643d2a3141 0d 3d64697361626c65643d796573 06 2e7461673d37 00"
        )
    )
    client.read_reply()
    trap = "05 2174726170 06 2e7461673d37 0b 3d63617465676f72793d30 15 3d6d6573736167653d6e6f2073756368206974656d 00"
    assert bytes(client.received) == bytes.fromhex(trap + "05 21646f6e65 06 2e7461673d37 00")
    assert router.writes[0].succeeded is False


def test_empty_and_fatal_have_the_documented_bytes(router: RouterSimulator, client: RawClient) -> None:
    """`!empty` stands alone before `!done`; `!fatal` carries its reason as a bare word."""
    client.received.clear()
    client.talk("/ppp/secret/print")
    assert bytes(client.received) == bytes.fromhex("06 21656d707479 00 05 21646f6e65 00")
    with RawClient(router.host, router.port) as stranger:
        stranger.talk("/ppp/secret/print")
        assert bytes(stranger.received) == bytes.fromhex("06 21666174616c 0d 6e6f74206c6f6767656420696e 00")
        assert stranger.wait_for_end() == b""


def test_the_tag_is_on_every_sentence_of_a_reply(router: RouterSimulator, client: RawClient) -> None:
    """Rows, `!empty`, traps and `!done` all carry the tag in second place, whatever bytes it is made of."""
    router.add_secret(name="A1")
    assert client.talk("/ppp/secret/print", "=.proplist=name", ".tag=ž =1") == [
        ["!re", ".tag=ž =1", "=name=A1"],
        ["!done", ".tag=ž =1"],
    ]
    assert client.talk(".tag=x", "=.proplist=name") == [
        ["!trap", "=category=0", "=message=no such command"],
        ["!done"],
    ]
    assert client.talk("/ppp/active/print", ".tag=x") == [["!empty", ".tag=x"], ["!done", ".tag=x"]]
    assert client.talk("/ppp/active/print", ".tag=") == [["!empty"], ["!done"]]
    two_traps = client.talk("/ppp/nothing/print", ".tag=9")
    assert [words[:2] for words in two_traps] == [["!trap", ".tag=9"], ["!trap", ".tag=9"], ["!done", ".tag=9"]]


@pytest.mark.parametrize("length", [1, 0x76, 0x77, 0x78, 0x3FF6, 0x3FF7, 0x3FF8, 0x8000])
def test_a_value_of_any_length_is_kept_whole(router: RouterSimulator, client: RawClient, length: int) -> None:
    """A value is kept and returned whole around each change of the prefix's size (its word is 9 bytes longer)."""
    value = "x" * length
    assert client.talk("/ppp/secret/add", "=name=A1", f"=comment={value}") == [["!done", "=ret=*1"]]
    assert client.talk("/ppp/secret/print", "=.proplist=comment")[0] == ["!re", f"=comment={value}"]
    assert router.secret("A1") == {**(router.secret("A1") or {}), "comment": value}


@pytest.mark.parametrize(
    "value", [b"\xe9t\xe9", "žluťoučký".encode("cp1250"), b"\xff\x00\xfe", "日本".encode(), b"a=b=c", b" "]
)
def test_bytes_are_kept(router: RouterSimulator, client: RawClient, value: bytes) -> None:
    """RouterOS declares no charset: what was stored comes back, byte for byte."""
    router.add_secret(name=b"A1", password=value)
    client.send("/ppp/secret/add", "=name=A2", b"=password=" + value)
    client.read_reply()
    client.received.clear()
    client.talk("/ppp/secret/print", "=.proplist=password")
    row = encode_sentence([b"!re", b"=password=" + value])
    assert bytes(client.received) == row + row + encode_sentence([b"!done"])


def test_a_sentence_may_be_split_anywhere(client: RawClient) -> None:
    """A sentence that arrives byte by byte is a sentence."""
    for byte in encode_sentence([b"/system/identity/print"]):
        client.socket.sendall(bytes([byte]))
    assert client.read_reply() == [["!re", "=name=tower-1"], ["!done"]]


def test_empty_sentences_are_ignored(client: RawClient) -> None:
    """A zero-length word between sentences means nothing."""
    client.socket.sendall(b"\x00\x00")
    assert client.talk("/system/identity/print")[0] == ["!re", "=name=tower-1"]


def test_untagged_commands_are_answered_in_order(client: RawClient) -> None:
    """Several commands sent at once are carried out one after the other."""
    for number in range(3):
        client.send("/ppp/secret/add", f"=name=A{number}")
    assert [client.read_reply() for _ in range(3)] == [[["!done", f"=ret=*{number}"]] for number in (1, 2, 3)]


@pytest.mark.parametrize("word", ["=disabled", "disabled=yes", ".other=1", "==x", "=", "yes"], ids=repr)
def test_a_word_of_no_known_form_is_refused(router: RouterSimulator, client: RawClient, word: str) -> None:
    """A word that is neither attribute, tag nor query is refused, the attribute without its second `=` too."""
    number = router.add_secret(name="A1")
    trap, done = client.talk("/ppp/secret/set", f"=.id={number}", word, ".tag=1")
    assert trap[:3] == ["!trap", ".tag=1", "=category=5"]
    assert done == ["!done", ".tag=1"]
    assert router.warnings


def test_a_parameter_given_twice_is_refused(router: RouterSimulator, client: RawClient) -> None:
    """A parameter that is given twice is refused: no document says which one would win."""
    router.add_secret(name="A1")
    trap, _ = client.talk("/ppp/secret/set", "=.id=*1", "=comment=a", "=comment=b")
    assert trap == ["!trap", "=category=5", "=message=parameter given twice: comment"]
    assert "comment" not in (router.secret("A1") or {})


@pytest.mark.parametrize("first", [0xF1, 0xF8, 0xFF])
def test_a_control_byte_ends_the_connection(router: RouterSimulator, client: RawClient, first: int) -> None:
    """Nothing can be made of a reserved first byte."""
    client.socket.sendall(bytes([first]))
    assert client.read()[0] == "!fatal"
    assert client.wait_for_end() == b""
    assert "control byte" in router.warnings[0]


@pytest.mark.parametrize("length", [0x200000, 0x10000000, 0xFFFFFFFF])
def test_a_huge_word_ends_the_connection(client: RawClient, length: int) -> None:
    """A word that announces more than the router would keep is not waited for."""
    client.socket.sendall(encode_length(length))
    assert client.read()[0] == "!fatal"
    assert client.wait_for_end() == b""


def test_quit_ends_the_connection_at_once(client: RawClient) -> None:
    """`/quit` is answered with `!fatal` and the end, whatever is still in the pipeline."""
    client.socket.sendall(encode_sentence([b"/quit"]) + encode_sentence([b"/ppp/secret/print"]) * 100)
    assert client.read() == ["!fatal", "session terminated on request"]
    assert client.wait_for_end() == b""


def test_half_a_sentence_is_waited_on(router: RouterSimulator) -> None:
    """Without the zero-length word the router goes on collecting."""
    with RawClient(router.host, router.port, timeout=0.1) as client:
        client.socket.sendall(encode_sentence([b"/login"])[:-1])
        with pytest.raises(TimeoutError):
            client.read()


@pytest.mark.parametrize(
    ("path", "messages"),
    [
        ("/ppp/secret/find", ["no such command"]),
        ("/ppp/secret/listen", ["no such command"]),
        ("/ppp/secret", ["no such command"]),
        ("/ppp/active/add", ["no such command"]),
        ("/ppp/active/set", ["no such command"]),
        ("/ppp/aaa/remove", ["no such command"]),
        ("/login", ["no such command"]),
        ("#", ["no such command"]),
        ("/ppp/secrets/print", ["no such command or directory (secrets)", "no such command prefix"]),
        ("/ip/hotspot/user/print", ["no such command or directory (hotspot)", "no such command prefix"]),
        ("/ppp/sec/print", ["no such command or directory (sec)", "no such command prefix"]),
        ("/PPP/secret/print", ["no such command or directory (PPP)", "no such command prefix"]),
    ],
)
def test_an_unknown_command_gets_one_trap_an_unknown_menu_two(
    client: RawClient, path: str, messages: list[str]
) -> None:
    """An unknown command gets one trap, an unknown menu two on RouterOS 7; nothing is abbreviated."""
    *traps, done = client.talk(path)
    assert [trap[-1] for trap in traps] == [f"=message={message}" for message in messages]
    assert done == ["!done"]


def test_an_unknown_menu_gets_one_trap_on_routeros_6() -> None:
    """RouterOS 6 gives one trap for an unknown menu."""
    with RouterSimulator("6.49") as router, RawClient(router.host, router.port) as client:
        client.login()
        assert client.talk("/nothing/print") == [["!trap", "=category=0", "=message=no such command prefix"], ["!done"]]
