"""Who may come in to the simulated router: login, policies, limits."""

from __future__ import annotations

import socket

import pytest

from lab.simulators.routeros import Account, RouterSimulator
from lab.simulators.routeros.raw_client import RawClient

GUARDED = Account("sync", "s3cret")


def test_large_words_are_refused_only_before_the_login(router: RouterSimulator) -> None:
    """Before the login only small sentences are taken; after it the same word is none too large."""
    with RawClient(router.host, router.port) as client:
        assert client.talk("/login", "=name=" + "x" * 2000)[-1][0] == "!fatal"
        assert client.wait_for_end() == b""
    with RawClient(router.host, router.port) as client:
        client.login()
        assert client.talk("/ppp/secret/add", "=name=" + "x" * 2000) == [["!done", "=ret=*1"]]


def test_login_refusals_are_alike() -> None:
    """Nobody learns why a login failed, and may try again on the same connection."""
    accounts = [
        GUARDED,
        Account("no-api", "s3cret", frozenset({"read", "write"})),
        Account("off", "s3cret", disabled=True),
        Account("elsewhere", "s3cret", address="192.0.2.0/24"),
    ]
    refusal = [["!trap", "=message=invalid user name or password (6)"], ["!done"]]
    with RouterSimulator(accounts=accounts) as router, RawClient(router.host, router.port) as client:
        for name, password in (("sync", "S3cret"), ("no-api", "s3cret"), ("off", "s3cret"), ("elsewhere", "s3cret")):
            assert client.talk("/login", f"=name={name}", f"=password={password}") == refusal
        assert client.talk("/login") == refusal
        assert client.talk("/login", "=name=sync") == refusal
        assert client.talk("/login", "=name=sync", "=response=00" + "0" * 32) == refusal
        assert client.talk("/login", "=user=sync") == [
            ["!trap", "=category=0", "=message=unknown parameter user"],
            ["!done"],
        ]
        client.login("sync", "s3cret")


def test_sentences_before_the_login_are_limited(router: RouterSimulator) -> None:
    """The number of sentences before a login is limited."""
    with RawClient(router.host, router.port) as client:
        replies = [client.talk("/login", "=name=x", "=password=y")[-1][0] for _ in range(17)]
        assert replies == ["!done"] * 16 + ["!fatal"]


def test_challenge_is_used_once() -> None:
    """A response without a challenge of its own is refused; before 6.43 the words are `cannot log in`."""
    with RouterSimulator("6.42") as router, RawClient(router.host, router.port) as client:
        ((word, challenge),) = client.talk("/login", "=name=admin", "=password=")
        assert word == "!done"
        assert len(bytes.fromhex(challenge.removeprefix("=ret="))) == 16
        for _ in range(2):
            trap, _ = client.talk("/login", "=name=admin", "=response=00" + "0" * 32)
            assert trap == ["!trap", "=message=cannot log in"]


def test_without_read_nothing_is_shown_without_write_nothing_is_changed() -> None:
    """Without `read` nothing is shown, without `write` nothing is changed; the trap carries no category."""
    reader = Account("reader", "x", frozenset({"api", "read"}))
    writer = Account("writer", "x", frozenset({"api", "write"}))
    refusal = [["!trap", "=message=not enough permissions (9)"], ["!done"]]
    with RouterSimulator(accounts=[reader, writer]) as router:
        router.add_secret(name="A1")
        with RawClient(router.host, router.port) as client:
            client.login("reader", "x")
            assert client.talk("/ppp/secret/set", "=.id=*1", "=disabled=yes") == refusal
            assert client.talk("/ppp/secret/add", "=name=A2") == refusal
            assert client.talk("/ppp/active/remove", "=.id=*80000001") == refusal
            assert client.talk("/ppp/secret/print", "=.proplist=name")[0] == ["!re", "=name=A1"]
        with RawClient(router.host, router.port) as client:
            client.login("writer", "x")
            assert client.talk("/ppp/secret/print") == refusal
            assert client.talk("/ppp/secret/set", "=.id=*1", "=disabled=yes") == [["!done"]]
        assert [write.succeeded for write in router.writes] == [False, False, False, True]


def test_one_client_too_many_is_turned_away() -> None:
    """One client too many is turned away before the login, and let in when another has left."""
    with RouterSimulator(max_sessions=2) as router:
        first, second = (RawClient(router.host, router.port).login() for _ in range(2))
        with RawClient(router.host, router.port) as third:
            assert third.wait_for_end() == b""
        first.socket.close()
        while router.open_connections > 1:
            second.talk("/system/identity/print")
        with RawClient(router.host, router.port) as third:
            third.login()
        second.socket.close()
        assert router.connections == 4


def test_sessions_have_no_limit_before_7_16() -> None:
    """The limit came with RouterOS 7.16."""
    with (
        RouterSimulator("7.15.3", max_sessions=1) as router,
        RawClient(router.host, router.port) as first,
        RawClient(router.host, router.port) as second,
    ):
        first.login()
        second.login()


def test_a_client_outside_the_address_list_gets_no_answer() -> None:
    """A client from elsewhere gets its TCP connection, and nothing on it."""
    with RouterSimulator(allowed_network="192.0.2.0/24") as router, RawClient(router.host, router.port) as client:
        assert client.wait_for_end() == b""


def test_connection_refused_after_stop() -> None:
    """A stopped router listens no more, and its tables can still be looked at."""
    with RouterSimulator() as router:
        router.add_secret(name="A1")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((router.host, router.port), 1)
    assert [secret["name"] for secret in router.secrets()] == ["A1"]
