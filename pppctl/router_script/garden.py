"""The scripts of a walled garden: who is suspended reaches the payment page, DNS, and nothing else.

A profile puts the addresses of its sessions into a list. Two rules, the first of `forward`, lead packets from and to
that list into chains of ours, before any rule accepts what is established or tracks it fast. The profile is made last:
if the import breaks off, there is none, and the sync disables suspended logins instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pppctl.router_script.garden_before import (
    FILTER,
    FROM,
    LISTS,
    MARK,
    NAT,
    PROFILES,
    TO,
    checks,
    order,
    undo_checks,
)
from pppctl.router_script.words import command, document, found, kept_before, named, quote, unless

if TYPE_CHECKING:
    from pppctl.router_script.garden_request import GardenRequest, Page

_ANSWERS: Final = {"connection_state": "established,related"}


def setup(request: GardenRequest) -> str:
    """Make the garden; a second import repairs it and changes nothing that is right."""
    sections = {
        "Before anything is changed: whom it would restrict, and whether anybody could pay": checks(request),
        "Hosts that stay reachable; RouterOS asks DNS for a name again when its time is up": _hosts(request),
        "What a suspended customer sends: questions to DNS, and to these hosts": _outward(request),
        "What is sent to a suspended customer: their answers": _inward(request),
        "Both first in forward, before all that accepts and tracks fast": _jumps(request),
        "Plain HTTP is led to the payment page": _redirect(request, request.page) if request.page else [],
        "Look once more whether nothing stands above": [order()],
        "The profile, last: as long as it is missing the sync disables suspended logins": [_profile(request)],
        "Done": _closing(request),
    }
    return document(request.slug, "Makes the walled garden of", "Test it with one customer first.", sections)


def undo(request: GardenRequest) -> str:
    """Take the garden back, once no secret and no session uses it."""
    sections = {
        "Before anything is changed: nobody may be suspended by the profile": undo_checks(request),
        "Profile": [command(PROFILES, "remove", found(PROFILES, f"comment={quote(MARK)}"))],
        "Rules": [command(menu, "remove", found(menu, f'comment~"^{MARK}"')) for menu in (NAT, FILTER)],
        "Lists": [command(LISTS, "remove", found(LISTS, f'comment~"^{MARK}"'))],
    }
    warning = "Before the import set suspension to disable in the config secret and let one sync pass."
    return document(request.slug, "Takes back the walled garden of", warning, sections)


def _hosts(request: GardenRequest) -> list[str]:
    entries = [(request.allowed_list, host) for host in request.hosts]
    entries += [(request.dns_list, str(server)) for server in request.dns]
    lines = []
    for address_list, host in entries:
        words = {"list": quote(address_list), "address": quote(host), "comment": quote(f"{MARK} {host}")}
        entry = found(LISTS, f"list={words['list']} and comment={words['comment']}")
        lines.append(unless(entry, [command(LISTS, "add", **words)], [command(LISTS, "set", entry, disabled="no")]))
    return lines


def _outward(request: GardenRequest) -> list[str]:
    servers = {"dst_address_list": quote(request.dns_list)} if request.dns else {}
    return [
        _in_chain(FROM, "all else", action="reject", reject_with="icmp-admin-prohibited"),
        *(_in_chain(FROM, one, action="accept", protocol=one, dst_port="53", **servers) for one in ("udp", "tcp")),
        _in_chain(FROM, "hosts", action="accept", dst_address_list=quote(request.allowed_list)),
    ]


def _inward(request: GardenRequest) -> list[str]:
    servers = {"src_address_list": quote(request.dns_list)} if request.dns else {}
    return [
        _in_chain(TO, "all else", action="drop"),
        *(
            _in_chain(TO, one, action="accept", protocol=one, src_port="53", **servers, **_ANSWERS)
            for one in ("udp", "tcp")
        ),
        _in_chain(TO, "hosts", action="accept", src_address_list=quote(request.allowed_list), **_ANSWERS),
    ]


def _in_chain(chain: str, what: str, **properties: str) -> str:
    """A rule of a chain of ours, in front of the one that refuses all else and is made first."""
    last = f"chain={chain} and comment={quote(f'{chain} all else')}"
    return kept_before(FILTER, last, f"{chain} {what}", chain=chain, **properties)


def _jumps(request: GardenRequest) -> list[str]:
    """Each goes before all others: the last one here stands first in the end."""
    sides = ((TO, "dst_address_list"), (FROM, "src_address_list"))
    return [
        kept_before(
            FILTER,
            "chain=forward",
            chain,
            chain="forward",
            action="jump",
            jump_target=chain,
            **{side: quote(request.address_list)},
        )
        for chain, side in sides
    ]


def _redirect(request: GardenRequest, page: Page) -> list[str]:
    """Port 80 only: HTTPS that is led elsewhere is a false certificate to every browser."""
    return [
        kept_before(
            NAT,
            "chain=dstnat",
            f"{MARK} page",
            chain="dstnat",
            action="dst-nat",
            protocol="tcp",
            dst_port="80",
            src_address_list=quote(request.address_list),
            dst_address_list=quote(f"!{request.allowed_list}"),
            to_addresses=str(page.address),
            to_ports=str(page.port),
        )
    ]


def _profile(request: GardenRequest) -> str:
    """Addresses, DNS servers and all else of the plan's profile; its scripts are not taken over, and IPv6 is off."""
    rate = {"rate_limit": request.rate_limit} if request.rate_limit else {}
    words = {"address_list": quote(request.address_list), "use_ipv6": "no", **rate}
    add = command(
        PROFILES,
        "add",
        copy_from=f"[:pick {named(PROFILES, request.like)} 0]",
        name=quote(request.profile),
        **words,
        on_up='""',
        on_down='""',
        comment=quote(MARK),
    )
    profile = named(PROFILES, request.profile)
    return unless(profile, [add], [command(PROFILES, "set", profile, **words)])


def _closing(request: GardenRequest) -> list[str]:
    anywhere = "DNS is let through to every server: with --dns only to yours."
    said = [
        f"The garden stands: address list {request.address_list}, {len(request.hosts)} hosts.",
        *([] if request.dns else [anywhere]),
        "Now give the profile to the secret of one customer, drop his session, and try to pay.",
    ]
    return [f":put {quote(one)}" for one in said]
