"""Packets led through the firewall of a simulated router, as far as the rules of a walled garden go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from lab.simulators.routeros.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.simulators.routeros import RouterSimulator

    Rule = dict[str, str]

_NO_MATCHERS = frozenset(
    {
        *(".id", "chain", "action", "jump-target", "reject-with", "to-addresses", "to-ports", "comment", "bytes"),
        *("packets", "log", "log-prefix", "invalid", "dynamic", "disabled"),
    }
)


@dataclass(frozen=True)
class Packet:
    """One packet that is forwarded; `state` is what connection tracking says of it."""

    source: str
    destination: str
    protocol: str = "tcp"
    source_port: str = "40000"
    port: str = "443"
    state: str = "new"

    def answer(self, state: str = "established") -> Packet:
        """The packet that comes back."""
        turned = replace(self, source=self.destination, destination=self.source)
        return replace(turned, source_port=self.port, port=self.source_port, state=state)


class Path:
    """What a router does with packets, by its tables as a client reads them now."""

    def __init__(self, router: RouterSimulator) -> None:
        with RawClient(router.host, router.port) as client:
            client.login()
            self._filter = _rows(client, "/ip/firewall/filter")
            self._nat = _rows(client, "/ip/firewall/nat")
            self._entries = _rows(client, "/ip/firewall/address-list")

    def forward(self, packet: Packet) -> str:
        """The action that decides: accept, drop, reject or fasttrack-connection; accept where no rule does."""
        return self._walk("forward", packet) or "accept"

    def led(self, packet: Packet) -> Packet:
        """A first packet after `dstnat`."""
        for rule in self._nat:
            if rule["chain"] == "dstnat" and rule["action"] == "dst-nat" and self._matches(rule, packet):
                return replace(packet, destination=rule["to-addresses"], port=rule["to-ports"])
        return packet

    def _walk(self, chain: str, packet: Packet) -> str | None:
        for rule in self._filter:
            if rule["chain"] != chain or not self._matches(rule, packet) or rule["action"] == "passthrough":
                continue
            decided = self._walk(rule["jump-target"], packet) if rule["action"] == "jump" else rule["action"]
            if decided:
                return decided
        return None

    def _matches(self, rule: Rule, packet: Packet) -> bool:
        known: dict[str, Callable[[str], bool]] = {
            "protocol": lambda value: packet.protocol == value,
            "src-port": lambda value: packet.source_port in value.split(","),
            "dst-port": lambda value: packet.port in value.split(","),
            "connection-state": lambda value: packet.state in value.split(","),
            "src-address-list": lambda value: self._listed(value, packet.source),
            "dst-address-list": lambda value: self._listed(value, packet.destination),
        }
        return rule["disabled"] == "false" and all(
            known[name](value.removeprefix("!")) != value.startswith("!")
            for name, value in rule.items()
            if name not in _NO_MATCHERS
        )

    def _listed(self, name: str, address: str) -> bool:
        held = (one["address"] for one in self._entries if one["list"] == name and one["disabled"] == "false")
        return any(IPv4Address(address) in IPv4Network(one) for one in held if one[0].isdigit())


def _rows(client: RawClient, path: str) -> list[Rule]:
    replies = client.talk(f"{path}/print")
    split = ([word[1:].partition("=") for word in reply[1:]] for reply in replies if reply[0] == "!re")
    return [{name: value for name, _, value in words} for words in split]
