"""`/ppp/secret` of the simulated router: values, refusals, addressing."""

from __future__ import annotations

import pytest

from lab.simulators.routeros import RouterSimulator
from lab.simulators.routeros.raw_client import RawClient
from tests.contract.replies import DONE, secret, trap


@pytest.fixture
def router(router: RouterSimulator) -> RouterSimulator:
    """A router with two profiles of its own and one secret, `*1`."""
    router.add_profile("100Megas")
    router.add_profile("100MegasD")
    router.add_secret(name="A1", password="old")
    return router


def test_a_fresh_secret_shows_its_defaults(client: RawClient) -> None:
    """Defaults are shown, empty texts too, unset addresses and comments not at all."""
    client.talk("/ppp/secret/add", "=name=A2")
    row = client.talk("/ppp/secret/print", "?name=A2")[0]
    assert row == [
        "!re",
        "=.id=*2",
        "=name=A2",
        "=service=any",
        "=caller-id=",
        "=password=",
        "=profile=default",
        "=routes=",
        "=ipv6-routes=",
        "=limit-bytes-in=0",
        "=limit-bytes-out=0",
        "=last-logged-out=1970-01-01 00:00:00",
        "=disabled=false",
    ]


@pytest.mark.parametrize(
    ("version", "shown"),
    [("6.49", "jan/01/1970 00:00:00"), ("7.9", "jan/01/1970 00:00:00"), ("7.10", "1970-01-01 00:00:00")],
)
def test_dates_change_their_form_with_7_10(version: str, shown: str) -> None:
    """Dates changed their form with RouterOS 7.10."""
    with RouterSimulator(version) as router:
        router.add_secret(name="A1")
        assert secret(router)["last-logged-out"] == shown


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("=disabled=yes", "true"),
        ("=disabled=true", "true"),
        ("=disabled=no", "false"),
        ("=service=pppoe", "pppoe"),
        ("=service=pppo", "pppoe"),
        ("=service=an", "any"),
        ("=profile=100Megas", "100Megas"),
        ("=profile=100MegasD", "100MegasD"),
        ("=profile=*2", "100MegasD"),
        ("=profile=*0", "default"),
        ("=profile=*FFFFFFFE", "default-encryption"),
        ("=profile=default", "default"),
        ("=profile=default-", "default-encryption"),
        ("=remote-address=10.0.0.9", "10.0.0.9"),
        ("=remote-address=0.0.0.0", "0.0.0.0"),
        ("=local-address=192.0.2.1", "192.0.2.1"),
        ("=remote-ipv6-prefix=2001:db8::/48", "2001:db8::/48"),
        ("=limit-bytes-in=007", "7"),
        ("=password=yes", "yes"),
        ("=password=", ""),
        ("=caller-id=AA:BB:CC:DD:EE:FF", "AA:BB:CC:DD:EE:FF"),
        ("=name=123", "123"),
    ],
)
def test_values_are_shown_as_the_router_writes_them(
    router: RouterSimulator, client: RawClient, word: str, shown: str
) -> None:
    """What a property takes, and what it then shows; an exact name wins over longer ones."""
    assert client.talk("/ppp/secret/set", "=.id=*1", word) == DONE
    assert router.secrets()[0][word[1:].partition("=")[0]] == shown


INVALID = [
    ("=remote-address=", "invalid value for argument remote-address", 1),
    ("=remote-address=pool1", "invalid value for argument remote-address", 1),
    ("=remote-address=10.0.0", "invalid value for argument remote-address", 1),
    ("=remote-address=10.0.0.9/32", "invalid value for argument remote-address", 1),
    ("=remote-address=10.0.0.256", "invalid value for argument remote-address", 1),
    ("=remote-address= 10.0.0.9", "invalid value for argument remote-address", 1),
    ("=remote-address=10.0.0.٩", "invalid value for argument remote-address", 1),
    ("=local-address=", "invalid value for argument local-address", 1),
    ("=remote-ipv6-prefix=2001:db8::", "invalid value for argument remote-ipv6-prefix", 1),
    ("=service=foo", "input does not match any value of service", 1),
    ("=service=", "input does not match any value of service", 1),
    ("=service=p", "ambiguous value of service, more than one possible value matches input", 1),
    ("=service=PPPoE", "input does not match any value of service", 1),
    ("=service=isdn", "input does not match any value of service", 1),
    ("=profile=nope", "input does not match any value of profile", 1),
    ("=profile=", "input does not match any value of profile", 1),
    ("=profile=*99", "input does not match any value of profile", 1),
    ("=profile=100megas", "input does not match any value of profile", 1),
    ("=profile=100", "ambiguous value of profile, more than one possible value matches input", 1),
    ("=profile=100Mega", "ambiguous value of profile, more than one possible value matches input", 1),
    ("=limit-bytes-in=ten", "invalid value ten for limit-bytes-in, an integer required", 1),
    ("=limit-bytes-in=-1", "invalid value -1 for limit-bytes-in, an integer required", 1),
    ("=limit-bytes-in=", "invalid value  for limit-bytes-in, an integer required", 1),
    ("=disabled=", "invalid value for argument disabled", 1),
    ("=disabled=False", "invalid value for argument disabled", 1),
    ("=disabled=1", "invalid value for argument disabled", 1),
    ("=name=", "invalid value for argument name", 1),
    ("=last-logged-out=now", "unknown parameter last-logged-out", 0),
    ("=last-caller-id=x", "unknown parameter last-caller-id", 0),
    ("=last-disconnect-reason=x", "unknown parameter last-disconnect-reason", 0),
    ("=dynamic=yes", "unknown parameter dynamic", 0),
    ("=remote_address=10.0.0.9", "unknown parameter remote_address", 0),
    ("=Password=x", "unknown parameter Password", 0),
    ("=.proplist=name", "unknown parameter .proplist", 0),
    ("=copy-from=*1", "unknown parameter copy-from", 0),
    ("=!password=", "unknown parameter !password", 0),
    ("=!name=", "unknown parameter !name", 0),
    ("=!nonsense=", "unknown parameter !nonsense", 0),
    ("=!remote-address=10.0.0.9", "invalid value for argument remote-address", 1),
]


@pytest.mark.parametrize(("word", "message", "category"), INVALID, ids=[word for word, _, _ in INVALID])
def test_a_bad_value_is_refused_in_the_routers_words(
    router: RouterSimulator, client: RawClient, word: str, message: str, category: int
) -> None:
    """What a property refuses, in the router's words; the rest of the command is then not done either."""
    before = secret(router)
    assert client.talk("/ppp/secret/set", "=.id=*1", "=comment=seen", word) == trap(message, category)
    assert secret(router) == before


def test_isdn_is_accepted_by_routeros_6_alone() -> None:
    """ISDN went with RouterOS 7, as did traps that do not name the parameter."""
    with RouterSimulator("6.49") as router, RawClient(router.host, router.port) as client:
        client.login()
        assert client.talk("/ppp/secret/add", "=name=A1", "=service=isdn") == [["!done", "=ret=*1"]]
        assert client.talk("/ppp/secret/add", "=name=A2", "=nonsense=1") == trap("unknown parameter", 0)
        assert client.talk("/ppp/secret/set", "=.id=*9", "=comment=x") == trap("no such item (4)")


def test_an_optional_property_can_be_taken_away(router: RouterSimulator, client: RawClient) -> None:
    """`=!name=` and `unset` take an optional property away, an empty comment takes the comment away."""
    router.edit_secret("A1", remote_address="10.0.0.9", local_address="10.0.0.1", comment="x")
    assert client.talk("/ppp/secret/set", "=.id=*1", "=!remote-address=", "=comment=") == DONE
    assert not {"remote-address", "comment"} & secret(router).keys()
    assert client.talk("/ppp/secret/unset", "=.id=*1", "=value-name=local-address") == DONE
    assert "local-address" not in secret(router)
    for name in ("password", "nonsense", "remote-address,local-address", ""):
        reply = client.talk("/ppp/secret/unset", "=.id=*1", f"=value-name={name}")
        assert reply == trap("input does not match any value of value-name", 1)
    assert client.talk("/ppp/secret/unset", "=.id=*1") == trap("missing =value-name=", 0)
    assert client.talk("/ppp/secret/unset", "=numbers=*1", "=value-name=comment") == trap("missing =.id=", 0)


def test_a_secret_needs_a_name_that_no_other_has(router: RouterSimulator, client: RawClient) -> None:
    """A secret needs a name that no other has, whatever its service; nothing refused uses up an id."""
    assert client.talk("/ppp/secret/add", "=password=x") == trap("missing =name=", 0)
    assert client.talk("/ppp/secret/add", "=name=") == trap("invalid value for argument name", 1)
    taken = trap("failure: secret with the same name already exists")
    assert client.talk("/ppp/secret/add", "=name=A1", "=service=l2tp") == taken
    assert client.talk("/ppp/secret/add", "=.id=*7", "=name=A2") == trap("unknown parameter .id", 0)
    assert client.talk("/ppp/secret/add", "=name=a1") == [["!done", "=ret=*2"]]
    assert client.talk("/ppp/secret/set", "=.id=*2", "=name=A1") == taken
    assert client.talk("/ppp/secret/set", "=.id=*1,*2", "=name=B1") == taken
    assert [write.succeeded for write in router.writes] == [False, False, False, False, True, False, False]


def test_one_name_may_be_held_under_several_services_by_a_switch() -> None:
    """A switch lets one name be held under several services."""
    with RouterSimulator(unique_per_service=True) as router, RawClient(router.host, router.port) as client:
        client.login()
        assert client.talk("/ppp/secret/add", "=name=A1", "=service=pppoe") == [["!done", "=ret=*1"]]
        assert client.talk("/ppp/secret/add", "=name=A1", "=service=l2tp") == [["!done", "=ret=*2"]]
        assert client.talk("/ppp/secret/add", "=name=A1", "=service=l2tp")[0][0] == "!trap"


def test_a_copy_takes_what_can_be_written(router: RouterSimulator, client: RawClient) -> None:
    """A copy takes what can be written, and its own name."""
    router.edit_secret("A1", comment="x", profile="100Megas")
    assert client.talk("/ppp/secret/add", "=copy-from=*1", "=name=A2", "=password=new") == [["!done", "=ret=*2"]]
    copy = secret(router, "A2")
    assert (copy["comment"], copy["profile"], copy["password"]) == ("x", "100Megas", "new")
    assert client.talk("/ppp/secret/add", "=copy-from=*1") == trap("missing =name=", 0)


def test_a_secret_follows_its_profile_and_shows_the_id_of_a_removed_one(
    router: RouterSimulator, client: RawClient
) -> None:
    """A secret follows its profile's new name, and shows the bare id when the profile is gone."""
    router.edit_secret("A1", profile="100Megas")
    client.talk("/ppp/secret/print")
    assert client.talk("/ppp/profile/set", "=.id=*1", "=name=100new") == DONE
    assert client.talk("/ppp/secret/print", "=.proplist=profile")[0] == ["!re", "=profile=100new"]
    assert client.talk("/ppp/profile/remove", "=.id=*1") == DONE
    assert client.talk("/ppp/secret/print", "=.proplist=profile")[0] == ["!re", "=profile=*1"]
