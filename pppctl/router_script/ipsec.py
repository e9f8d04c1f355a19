"""The router's end of an AWS Site-to-Site VPN with static routes: two tunnels, IKEv2, one policy.

RouterOS has no tunnel interface for IPsec, and AWS accepts one pair of security associations in a tunnel. So there is
one policy, from anywhere to the network in AWS, and both tunnels serve it: the second takes over when the first dies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pppctl.router_script.words import MARK, added_before, block, command, found, named, quote, unless

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Network

    from pppctl.router_script.request import Forward, Tunnel, Vpn

LARGEST_SEGMENT: Final = 1360
"""What fits a packet of 1500 bytes beside the headers of ESP, its authentication and NAT traversal."""
_FILTER: Final = "/ip firewall filter"
_NAT: Final = "/ip firewall nat"
_MANGLE: Final = "/ip firewall mangle"


def ipsec_section(vpn: Vpn, vpc: IPv4Network, forwards: Sequence[Forward]) -> list[str]:
    """Tunnels, policy, and the firewall rules that let them and only them through."""
    return [
        unless(named("/ip ipsec profile", MARK), [_profile()]),
        unless(named("/ip ipsec proposal", MARK), [_proposal()]),
        *(line for number, tunnel in enumerate(vpn.tunnels, 1) for line in _tunnel(number, tunnel, vpn)),
        unless(found("/ip ipsec policy", f"comment={quote(MARK)}"), [_policy(vpc)]),
        *_key_exchange(vpn),
        *_forwarding(vpc, forwards),
        _kept_from_nat(vpc),
        *_segments(vpc),
    ]


def remove_ipsec() -> list[str]:
    """The same in the order in which nothing that is still referred to is removed."""
    return [
        command("/ip ipsec policy", "remove", found("/ip ipsec policy", f"comment={quote(MARK)}")),
        command("/ip ipsec identity", "remove", found("/ip ipsec identity", f'comment~"^{MARK}"')),
        *(command("/ip ipsec peer", "remove", named("/ip ipsec peer", f"{MARK}-{number}")) for number in (1, 2)),
        command("/ip ipsec proposal", "remove", named("/ip ipsec proposal", MARK)),
        command("/ip ipsec profile", "remove", named("/ip ipsec profile", MARK)),
    ]


def _profile() -> str:
    return command(
        "/ip ipsec profile",
        "add",
        name=quote(MARK),
        enc_algorithm="aes-256",
        hash_algorithm="sha256",
        dh_group="modp2048",
        lifetime="8h",
        dpd_interval="10s",
        dpd_maximum_failures="3",
        nat_traversal="yes",
    )


def _proposal() -> str:
    return command(
        "/ip ipsec proposal",
        "add",
        name=quote(MARK),
        auth_algorithms="sha256",
        enc_algorithms="aes-256-cbc",
        pfs_group="modp2048",
        lifetime="1h",
    )


def _tunnel(number: int, tunnel: Tunnel, vpn: Vpn) -> list[str]:
    name = f"{MARK}-{number}"
    words = {"auth_method": "pre-shared-key", "secret": quote(tunnel.key), "my_id": f"address:{vpn.own_address}"}
    peer = command(
        "/ip ipsec peer",
        "add",
        name=quote(name),
        address=f"{tunnel.address}/32",
        exchange_mode="ike2",
        profile=quote(MARK),
    )
    identity = command("/ip ipsec identity", "add", peer=quote(name), **words, comment=quote(name))
    again = command("/ip ipsec identity", "set", found("/ip ipsec identity", f"comment={quote(name)}"), **words)
    return [
        unless(named("/ip ipsec peer", name), [peer]),
        unless(found("/ip ipsec identity", f"comment={quote(name)}"), [identity], [again]),
    ]


def _policy(vpc: IPv4Network) -> str:
    """Both tunnels where the release takes a list of peers, else the first one, which is said."""
    first, second = f"{MARK}-1", f"{MARK}-2"
    words = {
        "src_address": "0.0.0.0/0",
        "dst_address": str(vpc),
        "tunnel": "yes",
        "action": "encrypt",
        "proposal": quote(MARK),
        "comment": quote(MARK),
    }
    both = command("/ip ipsec policy", "add", peer=f"{first},{second}", **words)
    one = command("/ip ipsec policy", "add", peer=first, **words)
    said = f":put {quote('This release takes one tunnel in a policy: the second is not used.')}"
    return block(":do ", both) + block(" on-error=", one, said)


def _key_exchange(vpn: Vpn) -> list[str]:
    rules = []
    for number, tunnel in enumerate(vpn.tunnels, 1):
        for what, words in (
            ("ike", {"protocol": "udp", "dst_port": "500,4500"}),
            ("esp", {"protocol": "ipsec-esp"}),
        ):
            rules.append(
                added_before(
                    _FILTER,
                    "chain=input and (action=drop or action=reject)",
                    f"{MARK} {what} {number}",
                    chain="input",
                    action="accept",
                    src_address=str(tunnel.address),
                    **words,
                )
            )
    return rules


def _forwarding(vpc: IPv4Network, forwards: Sequence[Forward]) -> list[str]:
    """To other routers and the CRM behind this one, and nothing else; before any fasttrack, which bypasses the tunnel.

    Each goes before all others: the last one here stands first in the end.
    """
    rules = [
        added_before(
            _FILTER, "chain=forward", f"{MARK} all else", chain="forward", action="drop", dst_address=str(vpc)
        ),
        added_before(
            _FILTER,
            "chain=forward",
            f"{MARK} answers",
            chain="forward",
            action="accept",
            dst_address=str(vpc),
            connection_state="established,related",
        ),
    ]
    for number, one in enumerate(forwards, 1):
        rules.append(
            added_before(
                _FILTER,
                "chain=forward",
                f"{MARK} forward {number}",
                chain="forward",
                action="accept",
                protocol="tcp",
                src_address=str(vpc),
                dst_address=str(one.network),
                dst_port=str(one.port),
                ipsec_policy="in,ipsec",
            )
        )
    return rules


def _kept_from_nat(vpc: IPv4Network) -> str:
    return added_before(
        _NAT,
        "chain=srcnat",
        f"{MARK} nat",
        chain="srcnat",
        action="accept",
        dst_address=str(vpc),
        ipsec_policy="out,ipsec",
    )


def _segments(vpc: IPv4Network) -> list[str]:
    """Both ends learn how much fits the tunnel; a list of ten thousand secrets would else get stuck in it."""
    return [
        added_before(
            _MANGLE,
            f"chain={chain}",
            f"{MARK} segments {chain}",
            chain=chain,
            action="change-mss",
            protocol="tcp",
            tcp_flags="syn",
            tcp_mss=f"{LARGEST_SEGMENT + 1}-65535",
            new_mss=str(LARGEST_SEGMENT),
            passthrough="yes",
            **{side: str(vpc)},
        )
        for chain, side in (("prerouting", "src_address"), ("postrouting", "dst_address"))
    ]
