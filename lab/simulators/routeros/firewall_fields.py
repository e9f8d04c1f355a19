"""The properties of address lists and of firewall rules, for IPv4 and IPv6.

RouterOS 6.49 to 7.24. A rule shows what was given and the counters; a matcher that was not given is absent. A `!` in
front of a matcher's value turns it round.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Network, summarize_address_range
from typing import TYPE_CHECKING

from lab.simulators.routeros.fields import Field, boolean, comment, nonempty_text, one_of, text
from lab.simulators.routeros.traps import invalid, no_match, refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lab.simulators.routeros.fields import Parser
    from lab.simulators.routeros.release import Release

_HOST = re.compile(rb"(?=.{1,253}$)([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z][A-Za-z0-9-]{0,62}")
_PORTS = re.compile(rb"\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*")
_DURATION = re.compile(rb"(\d+[wdhms])+|\d{2}:\d{2}:\d{2}")
_STATES = frozenset({b"established", b"invalid", b"new", b"related", b"untracked"})
_PROTOCOLS = (
    *(b"tcp", b"udp", b"icmp", b"icmpv6", b"gre", b"ipsec-esp", b"ipsec-ah", b"igmp", b"ipip", b"ipv6-encap"),
    *(b"l2tp", b"ospf", b"sctp", b"udp-lite", b"dccp", b"vrrp", b"pim"),
)
_COMMON = (b"accept", b"add-dst-to-address-list", b"add-src-to-address-list", b"drop", b"jump", b"log")
_FILTER = (*_COMMON, b"passthrough", b"reject", b"return")
_UNREACHABLE = (b"icmp-admin-prohibited", b"icmp-port-unreachable", b"tcp-reset")
_REJECT_V4 = (
    *_UNREACHABLE,
    *(b"icmp-host-prohibited", b"icmp-host-unreachable", b"icmp-net-prohibited", b"icmp-network-unreachable"),
    b"icmp-protocol-unreachable",
)
_REJECT_V6 = (*_UNREACHABLE, b"icmp-address-unreachable", b"icmp-no-route", b"icmp-not-neighbour")
_TEXTS = (
    *("in-interface", "out-interface", "in-interface-list", "out-interface-list", "src-address-list"),
    *("dst-address-list", "content", "limit", "tcp-flags", "ipsec-policy", "connection-mark", "packet-mark"),
    *("routing-mark", "src-mac-address", "time", "jump-target", "address-list", "address-list-timeout"),
    *("connection-nat-state", "src-address-type", "dst-address-type", "icmp-options"),
)


def is_host(value: bytes) -> bool:
    """Whether a value is a DNS name, which RouterOS resolves into addresses."""
    return _HOST.fullmatch(value) is not None


def ipv4_entry(value: bytes, argument: str) -> bytes:
    """An address, a network, a range or a DNS name; a range that is one network becomes it."""
    first, dash, last = value.partition(b"-")
    try:
        if dash:
            networks = list(summarize_address_range(IPv4Address(first.decode()), IPv4Address(last.decode())))
            return _shown_v4(networks[0]) if len(networks) == 1 else value
        return _shown_v4(IPv4Network(value.decode("ascii"), strict=False))
    except (ValueError, TypeError):
        return _name(value, argument)


def ipv6_entry(value: bytes, argument: str) -> bytes:
    """An address or a network, shown with its length, or a DNS name."""
    try:
        return str(IPv6Network(value.decode("ascii"), strict=False)).encode()
    except ValueError:
        return _name(value, argument)


def address_list_fields(release: Release, address: Parser) -> list[Field]:
    """An entry of an address list; RouterOS 7 lets an entry be made dynamic by hand."""
    return [
        Field("list", nonempty_text),
        Field("address", address),
        Field("creation-time", None),
        Field("timeout", _duration, clearable=True),
        Field("dynamic", boolean if release.modern else None, b"false"),
        Field("disabled", boolean, b"false"),
        Field("comment", comment),
    ]


def filter_fields(release: Release, *, ipv6: bool = False) -> list[Field]:
    """A rule of `filter`; IPv6 has FastTrack from RouterOS 7.18 on."""
    actions = (*_FILTER, b"fasttrack-connection") if not ipv6 or release.number >= (7, 18, 0) else _FILTER
    own = [Field("reject-with", one_of(*(_REJECT_V6 if ipv6 else _REJECT_V4)), clearable=True, prefixed=True)]
    if release.modern:
        own.append(Field("hw-offload", boolean, clearable=True))
    return _rule_fields(actions if ipv6 else (*actions, b"tarpit"), own, ipv6=ipv6)


def nat_fields() -> list[Field]:
    """A rule of `nat`."""
    actions = (*_COMMON[:3], *_COMMON[4:], b"passthrough", b"return", b"redirect", b"masquerade")
    own = [Field("to-addresses", _matched_v4, clearable=True), Field("to-ports", _ports, clearable=True)]
    return _rule_fields((*actions, b"dst-nat", b"src-nat", b"netmap", b"same"), own)


def raw_fields() -> list[Field]:
    """A rule of `raw`, which packets meet before their connection is known."""
    fields = _rule_fields((*_COMMON, b"notrack", b"passthrough", b"return"), [])
    return [field for field in fields if field.name not in ("connection-state", "connection-nat-state")]


def _rule_fields(actions: Iterable[bytes], own: Iterable[Field], *, ipv6: bool = False) -> list[Field]:
    matched = _matched_v6 if ipv6 else _matched_v4
    return [
        Field("chain", nonempty_text),
        Field("action", one_of(*actions), b"accept", prefixed=True),
        *(Field(name, nonempty_text, clearable=True) for name in _TEXTS),
        *(Field(name, matched, clearable=True) for name in ("src-address", "dst-address")),
        *(Field(name, _ports, clearable=True) for name in ("src-port", "dst-port", "port")),
        Field("protocol", _protocol, clearable=True),
        Field("connection-state", _states, clearable=True),
        *own,
        Field("bytes", None, b"0"),
        Field("packets", None, b"0"),
        Field("log", boolean, b"false"),
        Field("log-prefix", text, b""),
        Field("invalid", None, b"false"),
        Field("dynamic", None, b"false"),
        Field("disabled", boolean, b"false"),
        Field("comment", comment),
    ]


def _name(value: bytes, argument: str) -> bytes:
    if not value:
        raise invalid(argument)
    if not is_host(value):
        raise refused(f"failure: {value.decode(errors='replace')} is not a valid dns name")
    return value


def _shown_v4(network: IPv4Network) -> bytes:
    return str(network.network_address if network.prefixlen == 32 else network).encode()


def _matched_v4(value: bytes, argument: str) -> bytes:
    return _matched(value, argument, ipv4_entry)


def _matched_v6(value: bytes, argument: str) -> bytes:
    return _matched(value, argument, ipv6_entry)


def _matched(value: bytes, argument: str, parse: Parser) -> bytes:
    """A rule matches addresses and no names."""
    turned, plain = value[:1] == b"!", value.removeprefix(b"!")
    if not plain or is_host(plain):
        raise invalid(argument)
    return (b"!" if turned else b"") + (parse(plain, argument) or b"")


def _ports(value: bytes, argument: str) -> bytes:
    plain = value.removeprefix(b"!")
    if not _PORTS.fullmatch(plain) or any(int(port) > 65535 for port in re.findall(rb"\d+", plain)):
        raise invalid(argument)
    return value


def _protocol(value: bytes, argument: str) -> bytes:
    plain = value.removeprefix(b"!")
    if plain.isdigit() and int(plain) <= 255:
        return value
    return value[: len(value) - len(plain)] + (one_of(*_PROTOCOLS)(plain, argument) or b"")


def _states(value: bytes, argument: str) -> bytes:
    if not value or set(value.removeprefix(b"!").split(b",")) - _STATES:
        raise no_match(argument)
    return value


def _duration(value: bytes, argument: str) -> bytes:
    if not _DURATION.fullmatch(value):
        raise invalid(argument)
    return value
