"""Reads AWS's description of a Site-to-Site VPN: the XML that `aws ec2 describe-vpn-connections` prints."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address
from typing import Final
from xml.etree import ElementTree as ET

from pppctl.router_script.request import RequestError, Tunnel, Vpn

# AWS's own rule for pre-shared keys.
_KEY: Final = re.compile(r"[A-Za-z0-9._]{8,64}")
_COMMAND: Final = (
    "aws ec2 describe-vpn-connections --query 'VpnConnections[0].CustomerGatewayConfiguration' --output text"
)


def read_vpn(document: str) -> Vpn:
    """The two tunnels; raises `RequestError`, which never shows what the document holds."""
    if "<!DOCTYPE" in document:  # no entities: they are all that can make XML dangerous to read
        raise _refused("has a document type, which AWS's has not")
    try:
        root = ET.fromstring(document.strip())  # noqa: S314 - no document type, so no entities
    except ET.ParseError:
        raise _refused("is not XML") from None
    tunnels = [_tunnel(element) for element in root.iter("ipsec_tunnel")]
    if len(tunnels) != 2:
        raise _refused(f"describes {len(tunnels)} tunnels, not 2")
    (first, own), (second, other) = tunnels
    if own != other:
        raise _refused("names two different customer gateways")
    return Vpn(own, (first, second))


def _tunnel(element: ET.Element) -> tuple[Tunnel, IPv4Address]:
    key = element.findtext("ike/pre_shared_key", "").strip()
    if not _KEY.fullmatch(key):
        raise _refused("has a tunnel without a usable pre-shared key")
    return Tunnel(_address(element, "vpn_gateway"), key), _address(element, "customer_gateway")


def _address(element: ET.Element, side: str) -> IPv4Address:
    text = element.findtext(f"{side}/tunnel_outside_address/ip_address", "").strip()
    try:
        return IPv4Address(text)
    except AddressValueError:
        raise _refused(f"has a tunnel without the IPv4 address of its {side}") from None


def _refused(what: str) -> RequestError:
    return RequestError(f"the file of --vpn-config {what}; it must hold what this prints: {_COMMAND}")
