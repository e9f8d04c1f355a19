"""The walled garden that the script makes, put into the simulated router by its API: who reaches what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.simulators.routeros import RouterSimulator
from lab.simulators.routeros.raw_client import RawClient
from pppctl.router_script import garden
from tests.contract.packets import Packet, Path
from tests.unit.router_builders import garden_request, plans
from tests.unit.router_builders import router as console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.routeros_shell import Shell

STATES = {"connection-state": "established,related"}
FILTER = [
    {"chain": "forward", "action": "fasttrack-connection", **STATES},
    {"chain": "forward", "action": "accept", **STATES},
]
SUSPENDED, PAYING = "10.64.0.9", "10.64.0.10"
PAY, CRM, OTHER, PAGE = "198.51.100.1", "198.51.100.2", "203.0.113.80", "192.0.2.10"
DNS = "10.0.0.53"
PATHS = {
    "/ip firewall address-list": "/ip/firewall/address-list",
    "/ip firewall filter": "/ip/firewall/filter",
    "/ip firewall nat": "/ip/firewall/nat",
    "/ppp profile": "/ppp/profile",
}


def imported(client: RawClient, shell: Shell) -> None:
    """What the script left on the console's stand-in, added by the API: each row must be one that RouterOS takes."""
    for menu, path in PATHS.items():
        for row in shell.tables[menu]:
            if row.get("name") == "default" or row.get("dynamic") == "yes":
                continue
            words = (f"={name}={value}" for name, value in row.items() if name != "dynamic")
            reply = client.talk(f"{path}/add", *words)
            assert reply[0][0] == "!done", (row, reply)


@pytest.fixture(params=["6.49.17", "7.18.2"])
def router(request: pytest.FixtureRequest) -> Iterator[RouterSimulator]:
    """A router with FastTrack and the garden, one customer suspended and one who pays, both online."""
    shell = plans(console(filter=FILTER, nat=[]))
    shell.run(garden.setup(garden_request()))
    with RouterSimulator(request.param) as router, RawClient(router.host, router.port) as client:
        imported(client.login(), shell)
        router.set_names({"pay.example.com": [PAY], "crm.example.com": [CRM]})
        router.add_secret(name="S1", profile="suspended", remote_address=SUSPENDED)
        router.add_secret(name="A1", profile="30mbps", remote_address=PAYING)
        router.connect_session("S1")
        router.connect_session("A1")
        yield router


@pytest.mark.parametrize(
    ("packet", "decided"),
    [
        (Packet(SUSPENDED, PAY), "accept"),
        (Packet(SUSPENDED, CRM, port="80"), "accept"),
        (Packet(SUSPENDED, PAGE, port="8080"), "accept"),
        (Packet(SUSPENDED, DNS, "udp", port="53"), "accept"),
        (Packet(SUSPENDED, DNS, "tcp", port="53"), "accept"),
        (Packet(SUSPENDED, OTHER), "reject"),
        (Packet(SUSPENDED, OTHER, port="80"), "reject"),
        (Packet(SUSPENDED, OTHER, "udp", port="53"), "reject"),
        (Packet(SUSPENDED, OTHER, "udp", port="443"), "reject"),
        (Packet(SUSPENDED, OTHER, state="established"), "reject"),
        (Packet(SUSPENDED, OTHER, "icmp"), "reject"),
        (Packet(SUSPENDED, PAYING), "reject"),
        (Packet(PAYING, OTHER), "accept"),
        (Packet(PAYING, OTHER, state="established"), "fasttrack-connection"),
    ],
)
def test_where_a_customer_gets(router: RouterSimulator, packet: Packet, decided: str) -> None:
    """A suspended one to DNS and the hosts, also with what was established; the paying one is as before."""
    assert Path(router).forward(packet) == decided


@pytest.mark.parametrize(
    ("packet", "decided"),
    [
        (Packet(SUSPENDED, PAY).answer(), "accept"),
        (Packet(SUSPENDED, DNS, "udp", port="53").answer(), "accept"),
        (Packet(SUSPENDED, OTHER).answer(), "drop"),
        (Packet(SUSPENDED, OTHER, "udp", port="53").answer(), "drop"),
        (Packet(SUSPENDED, OTHER).answer("new"), "drop"),
        (Packet(SUSPENDED, PAY).answer("new"), "drop"),
        (Packet(PAYING, SUSPENDED), "drop"),
        (Packet(PAYING, OTHER).answer(), "fasttrack-connection"),
    ],
)
def test_what_gets_to_a_customer(router: RouterSimulator, packet: Packet, decided: str) -> None:
    """Answers of the hosts and of DNS, nothing else; no connection of a suspended customer is ever tracked fast."""
    assert Path(router).forward(packet) == decided


def test_plain_http_comes_to_the_page(router: RouterSimulator) -> None:
    """Of a suspended customer, to port 80, unless the host is let through; HTTPS goes where it was sent."""
    path = Path(router)
    led = path.led(Packet(SUSPENDED, OTHER, port="80"))
    assert (led.destination, led.port, path.forward(led)) == (PAGE, "8080", "accept")
    for packet in (
        Packet(SUSPENDED, CRM, port="80"),
        Packet(SUSPENDED, OTHER, port="443"),
        Packet(PAYING, OTHER, port="80"),
    ):
        assert path.led(packet) == packet


def test_a_customer_who_has_paid_is_free_when_he_has_dialled_in_again(router: RouterSimulator) -> None:
    """The change of profile alone frees nobody; the drop of the session does."""
    router.redial = True
    router.edit_secret("S1", profile="30mbps")
    assert Path(router).forward(Packet(SUSPENDED, OTHER)) == "reject"
    router.disconnect_session("S1")
    assert Path(router).forward(Packet(SUSPENDED, OTHER)) == "accept"


def test_a_host_that_moves_is_followed(router: RouterSimulator) -> None:
    """When DNS gives another address, that one is let through and the former one no more."""
    router.set_names({"pay.example.com": [OTHER], "crm.example.com": [CRM]})
    path = Path(router)
    assert (path.forward(Packet(SUSPENDED, OTHER)), path.forward(Packet(SUSPENDED, PAY))) == ("accept", "reject")


def test_below_fasttrack_the_garden_leaks(router: RouterSimulator) -> None:
    """Why the script puts its rules first: behind the accept of what is established they restrict new packets only."""
    rules = [one for one in router.items("/ip/firewall/filter") if one["chain"] == "forward"]
    with RawClient(router.host, router.port) as client:
        client.login()
        for rule in rules:
            if rule["action"] == "jump":
                client.talk("/ip/firewall/filter/move", f"=numbers={rule['.id']}")
    path = Path(router)
    assert path.forward(Packet(SUSPENDED, OTHER, state="established")) == "fasttrack-connection"
    assert path.forward(Packet(SUSPENDED, OTHER)) == "reject"
