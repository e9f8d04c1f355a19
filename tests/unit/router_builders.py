"""Requests for a router's scripts, and routers to import them on."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Any

from pppctl.router_script.garden_request import GardenRequest, Page
from pppctl.router_script.request import Forward, Request, Tunnel, Vpn
from tests.unit.routeros_shell import Shell

PASSWORD = "Xq7PASSWORDXq7"
KEYS = ("first.KEY_1", "second.KEY_2")
VPN = Vpn(
    IPv4Address("203.0.113.5"),
    (Tunnel(IPv4Address("198.51.100.1"), KEYS[0]), Tunnel(IPv4Address("198.51.100.2"), KEYS[1])),
)
FILTER = "/ip firewall filter"
FACTORY = {
    "name": "api-ssl",
    "port": "8729",
    "address": "",
    "certificate": "none",
    "tls-version": "any",
    "disabled": "yes",
}
"""api-ssl of a router that comes from the factory with it off."""
XML = """<?xml version="1.0" encoding="UTF-8"?>
<vpn_connection id="vpn-1">
  <customer_gateway_id>cgw-1</customer_gateway_id>
  <ipsec_tunnel>
    <customer_gateway><tunnel_outside_address><ip_address>203.0.113.5</ip_address></tunnel_outside_address></customer_gateway>
    <vpn_gateway><tunnel_outside_address><ip_address>198.51.100.1</ip_address></tunnel_outside_address></vpn_gateway>
    <ike><pre_shared_key>first.KEY_1</pre_shared_key></ike>
  </ipsec_tunnel>
  <ipsec_tunnel>
    <customer_gateway><tunnel_outside_address><ip_address>203.0.113.5</ip_address></tunnel_outside_address></customer_gateway>
    <vpn_gateway><tunnel_outside_address><ip_address>198.51.100.2</ip_address></tunnel_outside_address></vpn_gateway>
    <ike><pre_shared_key>second.KEY_2</pre_shared_key></ike>
  </ipsec_tunnel>
</vpn_connection>"""


def request(**words: Any) -> Request:
    """One router, without a VPN of its own unless asked for."""
    return Request(**{"router": "tower-1", "host": "10.0.0.1", "vpc": IPv4Network("10.80.0.0/24"), **words})


def gateway(**words: Any) -> Request:
    """The router that ends the VPN, with other routers and the CRM behind it."""
    behind = (Forward(IPv4Network("10.0.0.0/16"), 8729), Forward(IPv4Network("192.0.2.10/32"), 443))
    return request(vpn=VPN, forwards=behind, **words)


def garden_request(**words: Any) -> GardenRequest:
    """The walled garden of one router: two hosts, a payment page, DNS at one server."""
    given = {"router": "tower-1", "like": "30mbps", "allowed": ("crm.example.com", "pay.example.com")}
    page = Page(IPv4Address("192.0.2.10"), 8080)
    return GardenRequest(**{**given, "page": page, "dns": (IPv4Address("10.0.0.53"),), **words})


def plans(shell: Shell) -> Shell:
    """The same router with the profile of a service plan, and a PPPoE server."""
    shell.tables["/ppp profile"] = [
        {"name": "default", "address-list": ""},
        {
            "name": "30mbps",
            "address-list": "",
            "local-address": "10.64.0.1",
            "remote-address": "pppoe",
            "rate-limit": "30M/30M",
            "use-ipv6": "yes",
            "on-up": ":log info up",
            "comment": "sold since 2020",
        },
    ]
    shell.tables["/interface pppoe-server server"] = [{"service-name": "pppoe", "default-profile": "default"}]
    return shell


def router(**tables: list[dict[str, str]]) -> Shell:
    """A router as it comes, with a certificate that somebody made and these firewall rules."""
    shell = Shell()
    shell.tables["/certificate"] = [{"name": "my api", "fingerprint": "0e", "invalid-after": "jan/01/2030 00:00:00"}]
    shell.tables["/ip address"] = [{"address": "10.0.0.1/16", "network": "10.0.0.0", "dynamic": "no"}]
    shell.tables["/ip route"] = [
        {"dst-address": "0.0.0.0/0", "gateway": "203.0.113.1", "active": "yes"},
        {"dst-address": "10.0.0.0/16", "gateway": "bridge", "active": "yes", "dynamic": "yes"},
    ]
    shell.tables["/ip pool"] = [{"name": "pppoe", "ranges": "10.64.0.2-10.64.15.254,10.79.255.0/24,10.81.0.1"}]
    shell.tables["/ip service"] = [dict(FACTORY)]
    for name, rows in tables.items():
        shell.tables[f"/ip firewall {name}"] = [{"dynamic": "no", **row} for row in rows]
    return shell


def rules(*pairs: str) -> list[dict[str, str]]:
    """Firewall rules from `chain action` texts."""
    return [dict(zip(("chain", "action"), pair.split(), strict=True)) for pair in pairs]
