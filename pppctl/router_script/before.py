"""What is looked at before anything is changed: overlaps with the VPC's network, and the way back to it.

An address of the router inside the VPC's network, or around it, would take the answers that belong to AWS; a pool
would give customers addresses of the VPC. Written so that RouterOS 6.49 and 7 read it alike: texts are taken apart
here, and only addresses are compared with addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pppctl.router_script.words import MARK, block, command, ended, found, quote, unless

if TYPE_CHECKING:
    from ipaddress import IPv4Network

    from pppctl.router_script.request import Request

RETURN: Final = f"{MARK} return"
"""The comment of our own route to the VPC."""
_ROUTE: Final = "/ip route"


def checks(request: Request) -> list[str]:
    """End the import before the first change if the network overlaps one of the router, or if no way leads back."""
    vpc = request.vpc
    return [_addresses(vpc), _pools(vpc), *_routes(request), *_way_back(request)]


def return_section(request: Request) -> list[str]:
    """Our own route to the VPC if one is asked for, and a sentence on why IPsec needs none."""
    lines = []
    if request.return_via:
        entry = found(_ROUTE, f"comment={quote(RETURN)}")
        words = {"dst_address": str(request.vpc), "gateway": str(request.return_via)}
        add = command(_ROUTE, "add", **words, comment=quote(RETURN))
        lines.append(unless(entry, [add], [command(_ROUTE, "set", entry, **words)]))
        lines.append(f":put {quote(f'Answers to {request.vpc} go to {request.return_via}.')}")
    if request.vpn:
        said = "The IPsec policy makes no route: it takes packets that some route, such as the default one, sends out."
        lines.append(f":put {quote(said)}")
    return lines


def remove_return() -> str:
    """The undo of `return_section`."""
    return command(_ROUTE, "remove", found(_ROUTE, f"comment={quote(RETURN)}"))


def _addresses(vpc: IPv4Network) -> str:
    """Addresses of PPP sessions are dynamic: their routes are looked at instead."""
    base, mask = vpc.network_address, vpc.netmask
    clash = " \\\n    or ".join(
        (
            f"((($host & {mask}) = {base})",
            f"(($peer & {mask}) = {base})",
            f"(($host & $mask) = ({base} & $mask)))",
        )
    )
    return block(
        f":foreach entry in={found('/ip address', 'dynamic=no')} do=",
        ":local text [:tostr [/ip address get $entry address]]",
        ':local slash [:find $text "/"]',
        ":local host [:toip [:pick $text 0 $slash]]",
        ":local peer [:toip [/ip address get $entry network]]",
        _mask("$text"),
        block(f":if {clash} do=", _overlap(vpc, "the address", "$text")),
    )


def _pools(vpc: IPv4Network) -> str:
    """A range of a pool is `first-last`, a network, or one address."""
    return block(
        ":foreach pool in=[/ip pool find] do=",
        block(
            ":foreach range in=[:toarray [/ip pool get $pool ranges]] do=",
            ":local text [:tostr $range]",
            ':local dash [:find $text "-"]',
            ':local slash [:find $text "/"]',
            ":local low [:toip $text]",
            ":local high $low",
            block(
                ':if ([:typeof $dash] = "num") do=',
                ":set low [:toip [:pick $text 0 $dash]]",
                ":set high [:toip [:pick $text ($dash + 1) [:len $text]]]",
            ),
            block(
                ':if ([:typeof $slash] = "num") do=',
                _mask("$text"),
                ":set low ([:toip [:pick $text 0 $slash]] & $mask)",
                ":set high ($low | (~$mask))",
            ),
            block(
                ':if ([:typeof $low] = "ip") do=',
                block(
                    f":if (($low <= {vpc.broadcast_address}) and ($high >= {vpc.network_address})) do=",
                    _overlap(vpc, "the pool", "[/ip pool get $pool name]"),
                ),
            ),
        ),
    )


def _routes(request: Request) -> list[str]:
    """Routes inside the network and around it; a default route overlaps everything, and our own is meant.

    A route without a gateway drops what it takes. Around the network it does no harm beside a route of our own.
    """
    vpc = request.vpc
    wider = f"({vpc.network_address} in dst-address) and dst-address!=0.0.0.0/0"
    made = "Choose another VpcCidr. If it was made for AWS, remove it and write this script with --return-via."
    hole = "Choose another VpcCidr. If it is a blackhole, write this script with --return-via."
    inside = block(f":foreach route in={found(_ROUTE, f'dst-address in {vpc}')} do=", _foreign(vpc, made))
    around = _foreign(vpc, hole)
    if request.return_via:
        around = block(f":if ([:len [:tostr [{_ROUTE} get $route gateway]]] > 0) do=", around)
    return [inside, block(f":foreach route in={found(_ROUTE, wider)} do=", around)]


def _foreign(vpc: IPv4Network, remedy: str) -> str:
    return block(
        f":if ([:tostr [{_ROUTE} get $route comment]] != {quote(RETURN)}) do=",
        _overlap(vpc, "the route", f"[:tostr [{_ROUTE} get $route dst-address]]", remedy),
    )


def _way_back(request: Request) -> list[str]:
    """End the import if no route leads to the VPC and none is asked for; else print the route that the answers take."""
    if request.return_via:
        return []
    vpc = request.vpc
    leading = found(_ROUTE, f"active=yes and ({vpc.network_address} in dst-address)")
    missing = ended(
        quote(f"no active route leads to {vpc}, and the router looks a route up before it answers. Write the script "),
        quote("again with --return-via and the address of the next router. Nothing was changed."),
    )
    shown = f":put ({quote(f'Answers to {vpc} take the route ')} . [:tostr [{_ROUTE} get $route dst-address]] \\\n"
    shown += f"    . {quote(' by ')} . [:tostr [{_ROUTE} get $route gateway]])"
    return [unless(leading, [missing]), block(f":foreach route in={leading} do=", shown)]


def _mask(text: str) -> str:
    return f":local mask (255.255.255.255 << (32 - [:tonum [:pick {text} ($slash + 1) [:len {text}]]]))"


def _overlap(vpc: IPv4Network, what: str, value: str, remedy: str = "Choose another VpcCidr.") -> str:
    return ended(
        quote(f"{vpc}, the network in AWS, overlaps {what} "),
        value,
        quote(f" of this router. {remedy} Nothing was changed."),
    )
