"""`python -m pppctl.router_script`: writes a router's scripts and its part of the config secret, readable by you."""

from __future__ import annotations

import argparse
import json
import secrets
import string
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pppctl.router_script import garden_command, script
from pppctl.router_script.files import write
from pppctl.router_script.request import Request, RequestError, forward, network, next_router
from pppctl.router_script.vpn import read_vpn
from pppctl.router_script.words import MARK

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALPHABET: Final = string.ascii_letters + string.digits


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files; the exit code is 0 if all of them are there."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == [garden_command.COMMAND]:
        return garden_command.main(words[1:])
    chosen = _parser().parse_args(words)
    try:
        request = _request(chosen)
        files = _files(request, chosen)
        write(chosen.directory, files)
    except (RequestError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(_summary(request, chosen.directory, list(files)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pppctl.router_script",
        description=__doc__,
        epilog="A command of its own: `garden` writes the scripts of a walled garden (garden --help).",
        allow_abbrev=False,
    )
    required = parser.add_argument_group("required")
    required.add_argument("--router-name", required=True, metavar="NAME", help="its name in the config secret")
    required.add_argument("--host", required=True, metavar="ADDRESS", help="address at which the functions reach it")
    required.add_argument("--vpc-cidr", required=True, metavar="NETWORK", help="VpcCidr of the network in AWS")
    add = parser.add_argument
    add("--user", default="ppp-sync", metavar="NAME", help="users are NAME-a and NAME-b (default: %(default)s)")
    add("--account", choices=("a", "b"), default="a", help="which of the two users (default: %(default)s)")
    add("--rotate", action="store_true", help="only the user, with a new password, and the end of the other one")
    add("--reissue", action="store_true", help="only the next certificate of the API, and the end of the present one")
    add("--port", type=int, default=8729, help="port of the API over TLS (default: %(default)s)")
    add("--certificate", default="", metavar="NAME", help="a certificate that the router has; without: its own")
    add("--also-from", action="append", default=[], metavar="NETWORK", help="may use the API over TLS too; repeatable")
    add("--vpn-config", type=Path, metavar="FILE", help="this router ends the VPN that AWS describes in this XML file")
    forward_help = "a network behind this router and the port that is reached there; repeatable"
    add("--forward", action="append", default=[], metavar="NETWORK:PORT", help=forward_help)
    return_help = "the next router on the way to AWS: makes a route; without, the default route is used"
    add("--return-via", metavar="ADDRESS", help=return_help)
    add("--directory", type=Path, default=Path("router-scripts"), help="where to write (default: %(default)s)")
    return parser


def _request(chosen: argparse.Namespace) -> Request:
    return Request(
        router=chosen.router_name,
        host=chosen.host,
        vpc=network(chosen.vpc_cidr),
        user=chosen.user,
        account=chosen.account,
        port=chosen.port,
        certificate=chosen.certificate,
        also_from=tuple(map(network, chosen.also_from)),
        vpn=read_vpn(chosen.vpn_config.read_text("utf-8", "replace")) if chosen.vpn_config else None,
        forwards=tuple(map(forward, chosen.forward)),
        return_via=next_router(chosen.return_via) if chosen.return_via is not None else None,
    )


def _files(request: Request, chosen: argparse.Namespace) -> dict[str, str]:
    if chosen.rotate and chosen.reissue:
        raise RequestError("--rotate and --reissue are two commands: write the scripts one after the other")
    if chosen.reissue:
        return _reissue(request)
    return _rotation(request) if chosen.rotate else _preparation(request)


def _preparation(request: Request) -> dict[str, str]:
    password = new_password()
    return {
        f"{request.slug}.rsc": script.setup(request, password),
        f"{request.slug}-undo.rsc": script.undo(request),
        f"{request.slug}.json": json.dumps(config(request, password), indent=2) + "\n",
    }


def _rotation(request: Request) -> dict[str, str]:
    password = new_password()
    credentials = {"username": request.username, "password": password}
    return {
        f"{request.slug}-{request.username}.rsc": script.rotation(request, password),
        f"{request.slug}-{request.username}.json": json.dumps(credentials, indent=2) + "\n",
        f"{request.slug}-retire-{request.other_username}.rsc": script.retirement(request),
    }


def _reissue(request: Request) -> dict[str, str]:
    if request.certificate:
        raise RequestError("--reissue is for the router's own certificate: one of --certificate comes from elsewhere")
    return {
        f"{request.slug}-reissue.rsc": script.reissue(request, secrets.token_hex(4)),
        f"{request.slug}-takeover.rsc": script.takeover(request),
    }


def new_password() -> str:
    """A password that nobody chose: 190 bits, nothing that has to be quoted anywhere, all that RouterOS may ask for.

    A router's `/user settings` can demand small and capital letters, digits and symbols.
    """
    while True:
        found = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(8)) for _ in range(4))
        if all(any(map(kind, found)) for kind in (str.islower, str.isupper, str.isdigit)):
            return found


def config(request: Request, password: str) -> dict[str, Any]:
    """The router's part of the config secret."""
    router: dict[str, Any] = {
        "name": request.router,
        "host": request.host,
        "username": request.username,
        "password": password,
    }
    if request.port != 8729:
        router["port"] = request.port
    if request.certificate:
        return {"routers": [router]}
    pem = f"put the text of {MARK}-{request.slug}.crt here"
    return {"routers": [{**router, "ssl_ca": request.slug}], "certificates": {request.slug: pem}}


def _summary(request: Request, directory: Path, names: list[str]) -> str:
    lines = "".join(f"  {directory / name}\n" for name in names)
    secret = any(name.endswith(".json") for name in names)
    told = "A new password stands in the first .rsc and in the .json, and nowhere else.\n" if secret else ""
    return f"Written for router {request.slug}, user {request.username}, readable by you alone:\n{lines}{told}"


if __name__ == "__main__":
    sys.exit(main())
