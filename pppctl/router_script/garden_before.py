"""What a walled garden looks at before it changes anything, and before it is taken back.

Written so that RouterOS 6.49 and 7 read it alike: names are compared as texts, and no condition holds a negation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pppctl.router_script.words import block, ended, found, named, quote, unless

if TYPE_CHECKING:
    from pppctl.router_script.garden_request import GardenRequest

MARK: Final = "unms-ros-garden"
"""All that the garden makes has a comment that begins so; the undo of the set-up, which has another mark, leaves it."""
FROM: Final = f"{MARK}-from"
"""The chain of what a suspended customer sends; the comment of the rule that leads to it."""
TO: Final = f"{MARK}-to"
"""The chain of what is sent to a suspended customer."""
FILTER: Final = "/ip firewall filter"
NAT: Final = "/ip firewall nat"
LISTS: Final = "/ip firewall address-list"
PROFILES: Final = "/ppp profile"
_SERVERS: Final = "/interface pppoe-server server"
_UNCHANGED: Final = " Nothing was changed."


def checks(request: GardenRequest) -> list[str]:
    """End the import if the garden would restrict paying customers, or would not let anybody pay."""
    return [
        _model(request),
        _profile(request),
        _sharing(request),
        _default(request),
        _standing(request),
        *(_rules(menu, request) for menu in (FILTER, NAT)),
        *(_resolved(name) for name in request.names),
    ]


def undo_checks(request: GardenRequest) -> list[str]:
    """End the import while anybody is suspended by the profile: without the rules he would have full service."""
    secrets = f"[:len {found('/ppp secret', f'profile={quote(request.profile)}')}]"
    entries = f"[:len {found(LISTS, f'list={quote(request.address_list)} and dynamic=yes')}]"
    remedy = "set suspension to disable in the config secret and let one sync pass."
    return [
        block(
            f":if ({secrets} > 0) do=",
            ended(secrets, quote(f" secrets have the suspended profile: {remedy}{_UNCHANGED}")),
        ),
        block(
            f":if ({entries} > 0) do=",
            ended(entries, quote(f" sessions are in the list {request.address_list}: {remedy}{_UNCHANGED}")),
        ),
    ]


def order() -> str:
    """End the import if a rule accepts or tracks fast before both of ours: the profile is not made then.

    Rules of the set-up may stand above: they concern the network in AWS.
    """
    action = f"[:tostr [{FILTER} get $rule action]]"
    above = quote("a rule of forward stands above those of the garden and lets suspended customers through: ")
    remedy = quote(f". Move the rules {FROM} and {TO} above it and import this file again.")
    accepts = f'(({action} = "accept") or ({action} = "fasttrack-connection"))'
    return block(
        ":do ",
        ":local ours 0",
        block(
            f":foreach rule in={found(FILTER, 'chain=forward and dynamic=no and disabled=no')} do=",
            f":local mark [:tostr [{FILTER} get $rule comment]]",
            block(f":if (($mark = {quote(FROM)}) or ($mark = {quote(TO)})) do=", ":set ours ($ours + 1)"),
            ':local synced [:typeof [:find $mark "unms-ros-sync"]]',
            block(
                f':if ((($ours < 2) and ($synced != "num")) \\\n    and {accepts}) do=',
                ended(above, "$mark", remedy),
            ),
        ),
    )


def _model(request: GardenRequest) -> str:
    said = f": suspended customers could get no addresses. Correct --like.{_UNCHANGED}"
    missing = ended(quote("there is no profile "), quote(request.like), quote(said))
    return unless(named(PROFILES, request.like), [missing])


def _profile(request: GardenRequest) -> str:
    """A profile of that name that somebody made, perhaps that of a service plan."""
    said = f" was not made by this script: rename it, or choose another --profile.{_UNCHANGED}"
    return block(
        f":foreach one in={named(PROFILES, request.profile)} do=",
        block(
            f":if ([:tostr [{PROFILES} get $one comment]] != {quote(MARK)}) do=",
            ended(quote("the profile "), quote(request.profile), quote(said)),
        ),
    )


def _sharing(request: GardenRequest) -> str:
    """Another profile with the list: its customers, who pay, would be restricted."""
    condition = f"address-list={quote(request.address_list)} and name!={quote(request.profile)}"
    return block(
        f":foreach one in={found(PROFILES, condition)} do=",
        ended(
            quote("the profile "),
            f"[{PROFILES} get $one name]",
            quote(f" has the address list {request.address_list} too: choose another --list.{_UNCHANGED}"),
        ),
    )


def _default(request: GardenRequest) -> str:
    """The default profile of a PPPoE server fills up the others: its list would take in everybody."""
    said = f"a PPPoE server has this --profile as its default-profile: all others would take its list over.{_UNCHANGED}"
    return block(
        f":if ([:len {found(_SERVERS, f'default-profile={quote(request.profile)}')}] > 0) do=",
        ended(quote(said)),
    )


def _standing(request: GardenRequest) -> str:
    """Addresses that somebody put into the list by hand would be cut off at once."""
    condition = f"list={quote(request.address_list)} and dynamic=no"
    return block(
        f":foreach one in={found(LISTS, condition)} do=",
        ended(
            quote(f"the list {request.address_list} holds "),
            f"[:tostr [{LISTS} get $one address]]",
            quote(f", which no session put there: remove it, or choose another --list.{_UNCHANGED}"),
        ),
    )


def _rules(menu: str, request: GardenRequest) -> str:
    """A rule of somebody else for the same list, which could refuse what the garden lets through."""
    said = f"a rule of {menu} uses the list {request.address_list} already: remove it, or choose another --list."
    return block(
        f":foreach one in={found(menu, f'src-address-list={quote(request.address_list)}')} do=",
        f":local known [:typeof [:find [:tostr [{menu} get $one comment]] {quote(MARK)}]]",
        block(':if ($known != "num") do=', ended(quote(said + _UNCHANGED))),
    )


def _resolved(name: str) -> str:
    said = f"the router cannot resolve {name}: correct --allow, or give the router a DNS server (/ip dns)."
    return block(":do ", f":local found [:resolve {quote(name)}]") + block(
        " on-error=", f":error {quote(said + _UNCHANGED)}"
    )
