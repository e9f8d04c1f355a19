"""`python -m pppctl.router_script garden`: writes the scripts of one router's walled garden."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pppctl.router_script import garden
from pppctl.router_script.files import write
from pppctl.router_script.garden_request import GardenRequest, allowed_host, dns_server, page
from pppctl.router_script.request import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND: Final = "garden"


def main(arguments: Sequence[str]) -> int:
    """Write the files; the exit code is 0 if both of them are there."""
    chosen = _parser().parse_args(arguments)
    try:
        request = _request(chosen)
        files = {
            f"{request.slug}-garden.rsc": garden.setup(request),
            f"{request.slug}-garden-undo.rsc": garden.undo(request),
        }
        write(chosen.directory, files)
    except (RequestError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    lines = "".join(f"  {chosen.directory / name}\n" for name in files)
    sys.stdout.write(f"Written for router {request.slug}, profile {request.profile}:\n{lines}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m pppctl.router_script {COMMAND}", description=__doc__, allow_abbrev=False
    )
    required = parser.add_argument_group("required")
    like_help = "a profile of a service plan: the suspended one gets its local address, pool and DNS servers"
    allow_help = "a host name, address or network that stays reachable: the CRM, each host of the payment provider"
    required.add_argument("--router-name", required=True, metavar="NAME", help="its name in the config secret")
    required.add_argument("--like", required=True, metavar="PROFILE", help=like_help)
    required.add_argument("--allow", required=True, action="append", metavar="HOST", help=f"{allow_help}; repeatable")
    add = parser.add_argument
    add("--profile", default="suspended", metavar="NAME", help="the profile to make (default: %(default)s)")
    add("--list", default="suspended", metavar="NAME", help="the address list of its sessions (default: %(default)s)")
    add("--dns", action="append", default=[], metavar="ADDRESS", help="the only DNS server to let through; repeatable")
    add("--page", metavar="ADDRESS[:PORT]", help="where plain HTTP is led to; without, it is refused like the rest")
    add("--rate-limit", default="", metavar="UP/DOWN", help="such as 1M/1M; without, that of --like stays")
    add("--directory", type=Path, default=Path("router-scripts"), help="where to write (default: %(default)s)")
    return parser


def _request(chosen: argparse.Namespace) -> GardenRequest:
    return GardenRequest(
        router=chosen.router_name,
        like=chosen.like,
        allowed=tuple(dict.fromkeys(map(allowed_host, chosen.allow))),
        profile=chosen.profile,
        address_list=chosen.list,
        dns=tuple(dict.fromkeys(map(dns_server, chosen.dns))),
        page=page(chosen.page) if chosen.page is not None else None,
        rate_limit=chosen.rate_limit,
    )
