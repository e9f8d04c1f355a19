"""`print` of the simulated router: property lists, counts, queries, hidden values, and the other menus."""

from __future__ import annotations

import pytest

from lab.simulators.routeros import Account, RouterSimulator
from lab.simulators.routeros.raw_client import RawClient


@pytest.fixture
def router(router: RouterSimulator) -> RouterSimulator:
    """A router with three secrets."""
    router.add_secret(name="A1", password="p1", comment="x", disabled=True)
    router.add_secret(name="A2", password="p2")
    router.add_secret(name="3", password="p3", remote_address="10.0.0.9")
    return router


def names(reply: list[list[str]]) -> list[str]:
    """The names in a reply's rows."""
    return [word[6:] for row in reply for word in row if word.startswith("=name=")]


def test_a_property_list_selects_what_is_shown(client: RawClient) -> None:
    """Only what is listed comes, unknown and misspelt names are passed over, `.id` must be listed too."""
    assert client.talk("/ppp/secret/print", "=.proplist=name,.id,nonsense,Password", "?name=A2")[0] == [
        "!re",
        "=.id=*2",
        "=name=A2",
    ]
    rows = client.talk("/ppp/secret/print", "=.proplist=comment")
    assert rows == [["!re", "=comment=x"], ["!re"], ["!re"], ["!done"]]
    assert client.talk("/ppp/secret/getall", "=.proplist=.id", "=detail=")[:3] == [
        ["!re", f"=.id=*{n}"] for n in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("words", "count"), [((), 3), (("?disabled=yes",), 1), (("?name=nobody",), 0), (("?comment", "?#!"), 2)]
)
def test_a_count_comes_without_rows(client: RawClient, words: tuple[str, ...], count: int) -> None:
    """The count comes in `!done`, without rows and without `!empty`, and goes with queries."""
    assert client.talk("/ppp/secret/print", "=count-only=", *words) == [["!done", f"=ret={count}"]]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["?name=3"], ["3"]),
        (["?=name=3"], ["3"]),
        (["?.id=*2"], ["A2"]),
        (["?.id=*02"], []),
        (["?.id=2"], []),
        (["?.id=*2", "?name=A1"], []),
        (["?name=A1", "?name=A2"], []),
        (["?name=A1", "?name=A2", "?#|"], ["A1", "A2"]),
        (["?remote-address"], ["3"]),
        (["?-remote-address"], ["A1", "A2"]),
        (["?password=p1"], ["A1"]),
        (["?caller-id="], ["A1", "A2", "3"]),
        (["?service=any", "?disabled=false"], ["A2", "3"]),
        (["?>name=A1"], ["A2"]),
        (["?profile=default"], ["A1", "A2", "3"]),
        (["?profile=*0"], []),
    ],
)
def test_queries_look_at_what_is_shown(client: RawClient, words: list[str], expected: list[str]) -> None:
    """Queries look at what is shown; a name of digits is a name."""
    reply = client.talk("/ppp/secret/print", "=.proplist=name", *words)
    assert names(reply) == expected
    assert reply[-1] == ["!done"]
    assert (reply[0] == ["!empty"]) is (not expected)


def test_a_switch_of_print_is_on_when_empty(client: RawClient) -> None:
    """A switch is on when it is empty, and can be said to be off; it takes nothing else."""
    assert client.talk("/ppp/secret/print", "=count-only=yes") == [["!done", "=ret=3"]]
    assert len(client.talk("/ppp/secret/print", "=count-only=no", "=detail=yes")) == 4
    assert client.talk("/ppp/secret/print", "=count-only=1")[0][-1] == "=message=invalid value for argument count-only"


def test_bad_query_is_refused(client: RawClient) -> None:
    """A query operation of no known kind is refused."""
    assert client.talk("/ppp/secret/print", "?#x")[0][:2] == ["!trap", "=category=5"]


@pytest.mark.parametrize(
    "argument", ["where", "from", ".id", "numbers", "follow", "show-sensitive", "terse", "nonsense"]
)
def test_arguments_that_print_does_not_have(client: RawClient, argument: str) -> None:
    """What belongs to the console, or to a later release, is refused."""
    trap, done = client.talk("/ppp/secret/print", f"={argument}=")
    assert trap == ["!trap", "=category=0", f"=message=unknown parameter {argument}"]
    assert done == ["!done"]


@pytest.mark.parametrize(("version", "empty"), [("6.49", False), ("7.17.2", False), ("7.18", True), ("7.21.1", True)])
def test_empty_is_said_from_7_18_on_by_print_alone(version: str, empty: bool) -> None:
    """RouterOS 7.18 began to say `!empty`; a write never does."""
    with RouterSimulator(version) as router, RawClient(router.host, router.port) as client:
        client.login()
        assert client.talk("/ppp/secret/print") == [["!empty"]] * empty + [["!done"]]
        client.talk("/ppp/secret/add", "=name=A1")
        assert client.talk("/ppp/secret/remove", "=.id=*1") == [["!done"]]


@pytest.mark.parametrize(
    ("version", "masks", "policies", "words", "shown"),
    [
        ("7.20.8", True, "sensitive", [], "p1"),
        ("7.18.2", False, "test", [], "*****"),
        ("7.21.1", False, "sensitive", [], "p1"),
        ("7.21.1", False, "sensitive", ["=show-sensitive=no"], "*****"),
        ("7.21.1", True, "sensitive", [], "*****"),
        ("7.21.1", True, "sensitive", ["=show-sensitive="], "p1"),
        ("7.21.1", True, "sensitive", ["=show-sensitive=yes"], "p1"),
        ("7.21.1", True, "test", ["=show-sensitive="], "*****"),
    ],
)
def test_passwords_are_hidden_without_sensitive(
    version: str, masks: bool, policies: str, words: list[str], shown: str
) -> None:
    """Passwords are asterisks without the `sensitive` policy, and from 7.21 on perhaps unless asked for."""
    account = Account("sync", "x", frozenset({"api", "read", policies}))
    with RouterSimulator(version, accounts=[account], masks_by_default=masks) as router:
        router.add_secret(name="A1", password="p1")
        with RawClient(router.host, router.port) as client:
            client.login("sync", "x")
            reply = client.talk("/ppp/secret/print", "=.proplist=password", *words)
            assert reply[0] == ["!re", f"=password={shown}"]
            found = client.talk("/ppp/secret/print", "=count-only=", "?password=p1", *words)
            assert found == [["!done", f"=ret={1 if shown == 'p1' else 0}"]]


def test_show_sensitive_is_for_secrets_only() -> None:
    """Other menus do not know the argument."""
    with RouterSimulator("7.21.1") as router, RawClient(router.host, router.port) as client:
        client.login()
        assert client.talk("/ppp/profile/print", "=show-sensitive=")[0][0] == "!trap"


def test_masked_and_clear_readers_do_not_share_rows() -> None:
    """What one account may not see does not depend on who read before."""
    blind = Account("blind", "x", frozenset({"api", "read"}))
    with RouterSimulator(accounts=[Account("admin"), blind]) as router:
        router.add_secret(name="A1", password="p1")
        with RawClient(router.host, router.port) as first, RawClient(router.host, router.port) as second:
            first.login()
            second.login("blind", "x")
            for client, shown in ((first, "p1"), (second, "*****"), (first, "p1")):
                assert f"=password={shown}" in client.talk("/ppp/secret/print")[0]


def test_rows_are_always_current(router: RouterSimulator, client: RawClient) -> None:
    """A change by any hand shows in the next print."""
    words = "/ppp/secret/print", "=.proplist=name,password"
    client.talk(*words)
    router.edit_secret("A1", password="hand-made")
    router.remove_secret("A2")
    router.add_secret(name="A4", password="p4")
    assert client.talk(*words)[:-1] == [
        ["!re", "=name=A1", "=password=hand-made"],
        ["!re", "=name=3", "=password=p3"],
        ["!re", "=name=A4", "=password=p4"],
    ]


def test_a_menu_of_one_thing_has_one_row_without_an_id(client: RawClient) -> None:
    """Menus that describe one thing have one row without an id."""
    assert client.talk("/system/identity/print") == [["!re", "=name=tower-1"], ["!done"]]
    assert client.talk("/system/resource/print", "=.proplist=version") == [
        ["!re", "=version=7.18.2 (stable)"],
        ["!done"],
    ]
    (row, _) = client.talk("/ppp/aaa/print")
    assert row[:3] == ["!re", "=use-radius=false", "=accounting=true"]
    assert "=enable-ipv6-accounting=false" in row
    (row, _) = client.talk("/interface/pppoe-server/server/print")
    assert row[:3] == ["!re", "=.id=*1", "=service-name=pppoe"]
    assert client.talk("/system/identity/set", "=name=x")[0][-1] == "=message=no such command"


def test_the_default_profiles_cannot_be_removed(client: RawClient) -> None:
    """The two default profiles have ids of their own and cannot be removed."""
    rows = client.talk("/ppp/profile/print", "=.proplist=.id,name,default,use-encryption")
    assert rows == [
        ["!re", "=.id=*0", "=name=default", "=use-encryption=default", "=default=true"],
        ["!re", "=.id=*FFFFFFFE", "=name=default-encryption", "=use-encryption=yes", "=default=true"],
        ["!done"],
    ]
    assert client.talk("/ppp/profile/remove", "=.id=*0")[0][0] == "!trap"
    assert client.talk("/ppp/profile/add", "=name=30mbps", "=rate-limit=30M/30M") == [["!done", "=ret=*1"]]
    assert client.talk("/ppp/profile/add", "=name=30mbps")[0][-1] == (
        "=message=failure: profile with the same name already exists"
    )
    assert client.talk("/ppp/profile/set", "=.id=*1", "=local-address=")[0][-1] == (
        "=message=invalid value for argument local-address"
    )
    assert client.talk("/ppp/profile/set", "=.id=*1", "=!rate-limit=") == [["!done"]]
    assert client.talk("/ppp/profile/remove", "=.id=*1") == [["!done"]]


def test_a_large_table_comes_whole_and_in_order(router: RouterSimulator) -> None:
    """A large table comes whole, in its order, to a client that reads slowly enough to fill every buffer."""
    for number in range(20_000):
        router.add_secret(name=f"user{number}", password="p", remote_address="10.0.0.9")
    with RawClient(router.host, router.port, timeout=30) as client:
        client.login()
        client.send("/ppp/secret/print", "=.proplist=.id,name,service,password,profile,remote-address,disabled,comment")
        with RawClient(router.host, router.port) as other:
            assert other.login().talk("/ppp/secret/print", "=count-only=") == [["!done", "=ret=20003"]]
        reply = client.read_reply()
    assert names(reply) == ["A1", "A2", "3", *(f"user{number}" for number in range(20_000))]
