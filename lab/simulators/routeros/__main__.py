"""A simulated RouterOS device on the command line, to try clients against."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from lab.simulators.certificates import Authority, anonymous_server_context, self_signed
from lab.simulators.routeros.accounts import ALL_POLICIES, Account
from lab.simulators.routeros.simulator import RouterSimulator

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

_PROFILE = "30mbps"
_SEED = """\
a seed, of which every part and property may be left out but the names; a --dump has the same form:
  {"profiles": [{"name": "30mbps"}],
   "secrets": [{"name": "ABC1", "password": "x", "service": "pppoe", "profile": "30mbps", "disabled": "false"}],
   "sessions": [{"name": "ABC1", "service": "pppoe", "address": "10.0.0.9"}]}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until SIGTERM or Ctrl-C; prints one line with the address when ready."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        _serve(options)
    except (OSError, ValueError, TypeError, AttributeError, LookupError) as error:
        parser.exit(1, f"{parser.prog}: {error}\n")
    return 0


def _serve(options: argparse.Namespace) -> None:
    router = RouterSimulator(
        options.version,
        accounts=options.account or (Account("admin"),),
        tls=_tls(options),
        identity=options.identity,
        host=options.host,
        port=options.port,
        latency=options.latency / 1000,
    )
    router.redial = options.redial
    if options.seed:
        router.load(json.loads(options.seed.read_text("utf-8")))
    _generate(router, options.count)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with router:
        sys.stdout.write(f"RouterOS {options.version} ({options.identity}) listens on {router.host}:{router.port}\n")
        sys.stdout.flush()
        stop.wait()
    if options.dump:
        options.dump.write_text(json.dumps(router.dump(), indent=1), "utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lab.simulators.routeros",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__,
        epilog=_SEED,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8728, help="port to listen on, 0 for any (default: %(default)s)")
    parser.add_argument("--version", default="7.18.2", help="RouterOS release to behave like (default: %(default)s)")
    parser.add_argument("--identity", default="tower-1", help="name of the router (default: %(default)s)")
    parser.add_argument("--tls", choices=("none", "ca", "self-signed", "anonymous"), default="none", help="kind of TLS")
    parser.add_argument("--server-name", help="host name in the certificate, beside the address")
    parser.add_argument("--write-ca", type=Path, metavar="PATH", help="where to write what a client must trust (PEM)")
    account_help = (
        "user, repeatable; policies of api, read, write, sensitive, all if none are given (default: admin, no password)"
    )
    parser.add_argument(
        "--account", type=_account, action="append", metavar="NAME:PASSWORD:POLICY,...", help=account_help
    )
    parser.add_argument(
        "--seed", type=Path, metavar="FILE", help="JSON with profiles, secrets and sessions to begin with"
    )
    parser.add_argument(
        "--count", type=int, default=0, metavar="N", help="make up N secrets ABC1, ABC2, ... with the profile 30mbps"
    )
    parser.add_argument("--latency", type=float, default=0, metavar="MS", help="service time of a command")
    parser.add_argument("--redial", action="store_true", help="sessions that are cut come back")
    parser.add_argument("--dump", type=Path, metavar="FILE", help="where to write the state at the end (JSON)")
    return parser


def _account(text: str) -> Account:
    name, _, rest = text.partition(":")
    password, _, policies = rest.rpartition(":") if ":" in rest else (rest, "", "")
    given = frozenset(filter(None, policies.split(",")))
    if not name or given - ALL_POLICIES:
        raise argparse.ArgumentTypeError(f"expected NAME:PASSWORD:POLICY,... with policies of {sorted(ALL_POLICIES)}")
    return Account(name, password, given or ALL_POLICIES)


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    if options.tls == "none":
        return None
    if options.tls == "anonymous":
        return anonymous_server_context()
    names = [name for name in (options.server_name, options.host) if name]
    certificate = self_signed(*names) if options.tls == "self-signed" else Authority().issue(*names)
    if options.write_ca:
        options.write_ca.write_text(certificate.trust_anchor, "ascii")
    return certificate.server_context()


def _generate(router: RouterSimulator, count: int) -> None:
    """Secrets of the same names and passwords as the subscribers that the CRM simulator makes up."""
    if count and not any(one["name"] == _PROFILE for one in router.profiles()):
        router.add_profile(_PROFILE)
    for number in range(1, count + 1):
        router.add_secret(name=f"ABC{number}", password=f"secret-{number}", service="pppoe", profile=_PROFILE)


if __name__ == "__main__":
    sys.exit(main())
