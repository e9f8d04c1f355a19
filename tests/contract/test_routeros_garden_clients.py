"""The firewall of the simulated router as three client libraries see it: read, added to, put in order."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import librouteros
import pytest
import routeros
import routeros_api
from librouteros.exceptions import TrapError
from librouteros.query import Key

from lab.simulators.routeros import Account, RouterSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

SYNC = Account("sync", "s3cret")
LISTS = "/ip/firewall/address-list"
FILTER = "/ip/firewall/filter"


@pytest.fixture(params=["6.49", "7.15.3", "7.18.2", "7.21.1"])
def router(request: pytest.FixtureRequest) -> Iterator[RouterSimulator]:
    """A router with FastTrack and a suspended customer online."""
    with RouterSimulator(request.param, accounts=[SYNC]) as router:
        router.add_profile("suspended", address_list="suspended")
        router.add_secret(name="S1", profile="suspended", remote_address="10.0.0.9")
        router.add(FILTER, chain="forward", action="fasttrack-connection", connection_state="established,related")
        router.connect_session("S1")
        yield router


def test_librouteros(router: RouterSimulator) -> None:
    """It finds the entry of the session by a query, and puts a rule in front of the first one that can be moved."""
    api = librouteros.connect(router.host, SYNC.name, SYNC.password, port=router.port, timeout=5)
    with contextlib.closing(api):
        lists, rules = api.path("ip", "firewall", "address-list"), api.path("ip", "firewall", "filter")
        listed, dynamic = Key("list"), Key("dynamic")
        found = tuple(lists.select("address", "dynamic").where(listed == "suspended", dynamic == "yes"))
        assert found == ({"address": "10.0.0.9", "dynamic": True},)
        first = next(rule[".id"] for rule in rules if not rule["dynamic"])
        rules.add(chain="forward", action="reject", **{"src-address-list": "suspended", "place-before": first})
        assert [rule["action"] for rule in rules] == ["passthrough", "reject", "fasttrack-connection"]
        lists.add(list="allowed", address="pay.example.com")
        with pytest.raises(TrapError, match="already have such entry"):
            lists.add(list="allowed", address="pay.example.com")


def test_routeros_api(router: RouterSimulator) -> None:
    """It reads the same rows, and changes a rule by its id."""
    pool = routeros_api.RouterOsApiPool(router.host, SYNC.name, SYNC.password, router.port, plaintext_login=True)
    with contextlib.ExitStack() as stack:
        stack.callback(pool.disconnect)
        api = pool.get_api()
        (entry,) = api.get_resource(LISTS).get(list="suspended")
        assert (entry["address"], entry["dynamic"], "timeout" in entry) == ("10.0.0.9", "true", False)
        rules = api.get_resource(FILTER)
        rules.add(chain="forward", action="drop", **{"src-address-list": "suspended"})
        (rule,) = rules.get(action="drop")
        rules.set(id=rule["id"], disabled="yes")
        assert rules.get(action="drop")[0]["disabled"] == "true"


def test_routeros_py(router: RouterSimulator) -> None:
    """It moves a rule, and reads the order back."""
    with routeros.dial(f"{router.host}:{router.port}", SYNC.name, SYNC.password, timeout=5) as client:
        (entry,) = client.run(f"{LISTS}/print", "?list=suspended").re
        assert entry.map["address"] == "10.0.0.9"
        done = client.run(f"{FILTER}/add", "=chain=forward", "=action=drop", "=src-address-list=suspended").done
        assert done is not None
        client.run(f"{FILTER}/move", f"=numbers={done.map['ret']}", "=destination=*1")
        actions = [row.map["action"] for row in client.run(f"{FILTER}/print").re]
        assert actions == ["passthrough", "drop", "fasttrack-connection"]
