"""What set-up looks at before it changes anything: overlaps with the VPC's network, and the way back to it."""

from __future__ import annotations

from copy import deepcopy
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

import pytest

from pppctl.router_script import script
from tests.unit.router_builders import PASSWORD, gateway, request, router
from tests.unit.routeros_values import ShellError

if TYPE_CHECKING:
    from pppctl.router_script.request import Request

NEXT_ROUTER = IPv4Address("10.0.0.254")


def stopped(menu: str, row: dict[str, str], *, arrays: bool = True, one: Request | None = None) -> str:
    """The error that ends the import on a router with one more entry; nothing of the router may have changed."""
    shell = router()
    shell.arrays = arrays
    shell.tables[menu].append(row)
    tables = deepcopy(shell.tables)
    with pytest.raises(ShellError) as raised:
        shell.run(script.setup(one or request(), PASSWORD))
    assert {menu: rows for menu, rows in shell.tables.items() if rows} == tables
    return str(raised.value)


@pytest.mark.parametrize("arrays", [True, False])
@pytest.mark.parametrize(
    ("menu", "row", "told"),
    [
        ("/ip address", {"address": "10.80.0.1/24", "network": "10.80.0.0"}, "the address 10.80.0.1/24"),
        ("/ip address", {"address": "10.80.0.9/32", "network": "10.80.0.9"}, "the address 10.80.0.9/32"),
        ("/ip address", {"address": "10.80.7.1/21", "network": "10.80.0.0"}, "the address 10.80.7.1/21"),
        ("/ip address", {"address": "10.1.1.1/8", "network": "10.0.0.0"}, "the address 10.1.1.1/8"),
        ("/ip address", {"address": "192.0.2.1/32", "network": "10.80.0.77"}, "the address 192.0.2.1/32"),
        ("/ip address", {"address": "10.80.0.1/30", "network": "10.80.0.0", "disabled": "yes"}, "10.80.0.1/30"),
        ("/ip pool", {"name": "guests", "ranges": "10.79.0.2-10.80.0.0"}, "the pool guests"),
        ("/ip pool", {"name": "guests", "ranges": "192.0.2.1,10.80.0.255-10.80.9.1"}, "the pool guests"),
        ("/ip pool", {"name": "guests", "ranges": "10.0.0.2-10.255.255.254"}, "the pool guests"),
        ("/ip pool", {"name": "guests", "ranges": "10.80.0.255"}, "the pool guests"),
        ("/ip pool", {"name": "guests", "ranges": "10.80.0.0/20"}, "the pool guests"),
        ("/ip pool", {"name": "guests", "ranges": "10.80.0.128/25"}, "the pool guests"),
        ("/ip pool", {"name": "guests", "ranges": "10.64.0.0/10"}, "the pool guests"),
        ("/ip route", {"dst-address": "10.80.0.0/24", "gateway": "10.0.0.254"}, "the route 10.80.0.0/24"),
        ("/ip route", {"dst-address": "10.80.0.64/26", "gateway": "10.0.0.254"}, "the route 10.80.0.64/26"),
        ("/ip route", {"dst-address": "10.64.0.0/10", "gateway": "10.0.0.254"}, "the route 10.64.0.0/10"),
        ("/ip route", {"dst-address": "10.0.0.0/8", "gateway": ""}, "the route 10.0.0.0/8"),
    ],
)
def test_overlap_ends_the_import_before_any_change(menu: str, row: dict[str, str], told: str, *, arrays: bool) -> None:
    """Whatever lies in the VPC's network, or around it, is named; the router is as it was, on either release."""
    error = stopped(menu, {"dynamic": "no", **row}, arrays=arrays)

    assert error.startswith("10.80.0.0/24, the network in AWS, overlaps ")
    assert told in error
    assert "Choose another VpcCidr." in error
    assert error.endswith("Nothing was changed.")


@pytest.mark.parametrize("arrays", [True, False])
@pytest.mark.parametrize(
    ("menu", "row"),
    [
        ("/ip address", {"address": "10.80.1.1/24", "network": "10.80.1.0"}),
        ("/ip address", {"address": "10.79.255.255/32", "network": "10.79.255.255"}),
        ("/ip address", {"address": "10.80.0.1/32", "network": "100.64.0.9", "dynamic": "yes"}),
        ("/ip pool", {"name": "guests", "ranges": "10.79.0.0-10.79.255.255,10.80.1.0-10.80.255.255"}),
        ("/ip pool", {"name": "guests", "ranges": "10.80.1.0/24"}),
        ("/ip pool", {"name": "guests", "ranges": ""}),
        ("/ip route", {"dst-address": "10.80.1.0/24", "gateway": "10.0.0.254"}),
        ("/ip route", {"dst-address": "10.81.0.0/16", "gateway": "10.0.0.254"}),
    ],
)
def test_neighbours_do_not_overlap(menu: str, row: dict[str, str], *, arrays: bool) -> None:
    """The networks right below and above the VPC's are no overlap; neither are the addresses of live sessions."""
    shell = router()
    shell.arrays = arrays
    shell.tables[menu].append({"dynamic": "no", **row})
    shell.run(script.setup(request(), PASSWORD))

    assert shell.printed[-1].startswith("Ready.")


@pytest.mark.parametrize("one", [request(), gateway()])
def test_missing_way_back_ends_the_import(one: Request) -> None:
    """A router looks a route up before IPsec sees the packet: without one its answers never leave, VPN or not."""
    shell = router()
    shell.tables["/ip route"] = [{"dst-address": "0.0.0.0/0", "gateway": "203.0.113.1", "active": "no"}]

    with pytest.raises(
        ShellError, match=r"no active route leads to 10\.80\.0\.0/24.* --return-via .*Nothing was changed"
    ):
        shell.run(script.setup(one, PASSWORD))
    assert shell.tables["/user"] == []


def test_way_back_is_printed() -> None:
    """The operator sees by which route the answers leave: the default one, on most routers."""
    shell = router()
    shell.run(script.setup(gateway(), PASSWORD))

    assert shell.printed[0] == "Answers to 10.80.0.0/24 take the route 0.0.0.0/0 by 203.0.113.1"
    assert any(line.startswith("The IPsec policy makes no route") for line in shell.printed)


def test_return_route_is_made_once_and_taken_back() -> None:
    """--return-via makes a route of ours, a second import with another address changes it, the undo removes it."""
    shell = router()
    shell.tables["/ip route"] = [{"dst-address": "0.0.0.0/0", "gateway": "203.0.113.1", "active": "no"}]
    routes = deepcopy(shell.tables["/ip route"])
    shell.run(script.setup(request(return_via=IPv4Address("10.0.0.253")), PASSWORD))
    shell.run(script.setup(request(return_via=NEXT_ROUTER), PASSWORD))

    assert shell.tables["/ip route"][1:] == [
        {"dst-address": "10.80.0.0/24", "gateway": "10.0.0.254", "comment": "unms-ros-sync return"}
    ]
    assert "Answers to 10.80.0.0/24 go to 10.0.0.254." in shell.printed
    shell.run(script.undo(request()))
    assert shell.tables["/ip route"] == routes


def test_blackhole_around_the_network_is_no_obstacle_to_a_return_route() -> None:
    """A route that drops all private networks takes the answers too, unless a narrower one leads them back."""
    hole = {"dst-address": "10.0.0.0/8", "gateway": "", "active": "yes"}

    assert "If it is a blackhole, write this script with --return-via." in stopped("/ip route", hole)
    shell = router()
    shell.tables["/ip route"].append(hole)
    shell.run(script.setup(request(return_via=NEXT_ROUTER), PASSWORD))
    assert shell.tables["/ip route"][-1]["comment"] == "unms-ros-sync return"


def test_wider_route_with_a_gateway_stays_an_obstacle() -> None:
    """A route that leads somewhere may have the VPC's addresses in use there, whatever route is made beside it."""
    wider = {"dst-address": "10.0.0.0/8", "gateway": "10.0.0.3"}

    assert "the route 10.0.0.0/8" in stopped("/ip route", wider, one=request(return_via=NEXT_ROUTER))


def test_check_follows_the_size_of_the_network() -> None:
    """A VPC of /16 overlaps what a /24 does not."""
    row = {"address": "10.80.200.1/24", "network": "10.80.200.0", "dynamic": "no"}

    assert "10.80.0.0/16, the network in AWS, overlaps the address 10.80.200.1/24" in stopped(
        "/ip address", row, one=request(vpc=IPv4Network("10.80.0.0/16"))
    )
