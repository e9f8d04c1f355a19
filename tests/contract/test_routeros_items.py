"""How commands of the simulated router name the items they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.replies import DONE, secret, trap

if TYPE_CHECKING:
    from lab.simulators.routeros import RouterSimulator
    from lab.simulators.routeros.raw_client import RawClient


@pytest.fixture
def router(router: RouterSimulator) -> RouterSimulator:
    """A router with two profiles of its own and one secret, `*1`."""
    router.add_profile("100Megas")
    router.add_profile("100MegasD")
    router.add_secret(name="A1", password="old")
    return router


def test_ids_are_hexadecimal_and_not_reused(client: RawClient) -> None:
    """Ids grow in upper-case hexadecimal; a removed one does not come back."""
    ids = [client.talk("/ppp/secret/add", f"=name=B{number}")[0][1] for number in range(2, 12)]
    assert ids == [f"=ret=*{number:X}" for number in range(2, 12)]
    assert client.talk("/ppp/secret/remove", "=.id=*B") == DONE
    assert client.talk("/ppp/secret/add", "=name=C") == [["!done", "=ret=*C"]]
    assert client.talk("/ppp/secret/set", "=.id=*B", "=comment=x") == trap("no such item", 0)
    assert client.talk("/ppp/secret/set", "=.id=*c", "=comment=x") == DONE


def test_names_and_positions_address_items_with_a_warning(router: RouterSimulator, client: RawClient) -> None:
    """Names address items, digits alone are positions; both are told on the client."""
    router.add_secret(name="1")
    router.add_secret(name="A3")
    assert client.talk("/ppp/secret/set", "=.id=A3", "=comment=by name") == DONE
    assert client.talk("/ppp/secret/set", "=.id=1", "=comment=second") == DONE
    assert client.talk("/ppp/secret/set", "=.id=2", "=comment=third") == DONE
    assert client.talk("/ppp/secret/set", "=.id=9", "=comment=x") == trap("no such item", 0)
    assert client.talk("/ppp/secret/set", "=.id=a3", "=comment=x") == trap("no such item", 0)
    assert [row.get("comment") for row in router.secrets()] == [None, "second", "third"]
    assert [warning for warning in router.warnings if "position" in warning] == [
        f"/ppp/secret/set: item {token} addressed by its position" for token in ("1", "2", "9")
    ]
    assert [warning for warning in router.warnings if "by its name" in warning] == [
        f"/ppp/secret/set: item {token} addressed by its name" for token in ("A3", "a3")
    ]


@pytest.mark.parametrize("token", ["", "*", "*G", "**1", "*1 ", " *1", "*1,", ",", "*FFFFFFFFF", "-1"])
def test_one_token_that_names_nothing_spoils_the_list(router: RouterSimulator, client: RawClient, token: str) -> None:
    """What is no id, no name and no position is no item; one such token in a list spoils all of it."""
    before = router.secrets()
    assert client.talk("/ppp/secret/remove", f"=.id={token}") == trap("no such item", 0)
    assert router.secrets() == before


def test_a_comma_list_changes_all_items_or_none(router: RouterSimulator, client: RawClient) -> None:
    """`numbers` is another word for `.id`, and a comma list names several items, all or none."""
    for name in ("A2", "A3", "A4"):
        router.add_secret(name=name)
    assert client.talk("/ppp/secret/disable", "=numbers=*1,*2") == DONE
    assert [row["disabled"] for row in router.secrets()] == ["true", "true", "false", "false"]
    assert client.talk("/ppp/secret/enable", "=.id=*1") == DONE
    assert client.talk("/ppp/secret/remove", "=.id=*3,*99") == trap("no such item", 0)
    assert client.talk("/ppp/secret/remove", "=.id=*3,*4") == DONE
    assert [row["name"] for row in router.secrets()] == ["A1", "A2"]
    assert client.talk("/ppp/secret/set", "=comment=x") == trap("missing =.id=", 0)
    assert client.talk("/ppp/secret/remove") == trap("missing =.id=", 0)
    assert client.talk("/ppp/secret/remove", "=.id=*1", "=numbers=*2") == trap("both .id and numbers given", 1)
    assert client.talk("/ppp/secret/disable", "=.id=*1", "=comment=x") == trap("unknown parameter comment", 0)


def test_query_words_are_ignored_on_set(router: RouterSimulator, client: RawClient) -> None:
    """Query words belong to `print`: on `set` they are ignored, and told on the client."""
    assert client.talk("/ppp/secret/set", "?name=A1", "=comment=x") == trap("missing =.id=", 0)
    assert client.talk("/ppp/secret/set", "=.id=*1", "?name=A2", "=comment=x") == DONE
    assert secret(router)["comment"] == "x"
    assert "query words select nothing" in router.warnings[0]


def test_the_comment_command_sets_the_comment_alone(router: RouterSimulator, client: RawClient) -> None:
    """`comment` sets the comment alone."""
    assert client.talk("/ppp/secret/comment", "=.id=*1", "=comment=hello") == DONE
    assert secret(router)["comment"] == "hello"
    assert client.talk("/ppp/secret/comment", "=.id=*1", "=comment=") == DONE
    assert "comment" not in secret(router)
    assert client.talk("/ppp/secret/comment", "=.id=*1") == trap("missing =comment=", 0)


def test_changing_nothing_is_told(router: RouterSimulator, client: RawClient) -> None:
    """A set that changes nothing is done, and told on the client, as is a value given by its beginning."""
    client.talk("/ppp/secret/set", "=.id=*1", "=password=old", "=disabled=no")
    client.talk("/ppp/secret/enable", "=.id=*1")
    client.talk("/ppp/secret/set", "=.id=*1")
    assert router.warnings == [
        "/ppp/secret/set: nothing to change on *1",
        "/ppp/secret/enable: nothing to change on *1",
        "/ppp/secret/set: nothing to change on *1",
    ]
    router.clear_log()
    client.talk("/ppp/secret/set", "=.id=*1", "=service=pppo")
    assert router.warnings == ["/ppp/secret/set: service given by the beginning of its value"]


def test_get_answers_one_value(router: RouterSimulator, client: RawClient) -> None:
    """`get` answers one value; a property that is not set answers the empty string."""
    assert client.talk("/ppp/secret/get", "=.id=*1", "=value-name=password") == [["!done", "=ret=old"]]
    assert client.talk("/ppp/secret/get", "=.id=*1", "=value-name=comment") == [["!done", "=ret="]]
    reply = client.talk("/ppp/secret/get", "=.id=*1", "=value-name=nonsense")
    assert reply == trap("input does not match any value of value-name", 1)
    whole = client.talk("/ppp/secret/get", "=.id=*1")[0][1]
    assert whole.startswith("=ret=.id=*1;name=A1;")
    assert "old" not in str(router.transcript)
