"""Command line: a UISP CRM to try things on. `python -m lab.simulators.uisp --help`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lab.simulators.certificates import Authority, self_signed
from lab.simulators.uisp import UispSimulator, seeds

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until SIGTERM or Ctrl-C. Returns 2 if the seed cannot be taken in."""
    options = _parser().parse_args(arguments)
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # before any thread starts: only sigwait below sees them
    crm = UispSimulator(
        keys=dict(options.key or [("write-key", "write")]),
        tls=_tls(options),
        host=options.host,
        port=options.port,
        latency=options.latency,
        max_limit=options.max_limit,
    )
    try:
        if options.seed:
            seeds.load(crm, json.loads(options.seed.read_text()))
        seeds.generate(crm, options.count)
    except (OSError, KeyError, TypeError, ValueError) as problem:
        sys.stderr.write(f"{options.seed}: {problem}\n")
        return 2
    crm.warm_up()
    with crm:
        sys.stdout.write(f"UISP CRM simulator ready at {crm.api_url}\n")
        sys.stdout.flush()
        signal.sigwait(_SIGNALS)
    if options.dump:
        options.dump.write_text(json.dumps(seeds.dump(crm), indent=1))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lab.simulators.uisp",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="A UISP CRM to try things on: serves /crm/api/v1.0/ until SIGTERM or Ctrl-C.",
        epilog=seeds.__doc__,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    add("--port", type=int, default=0, help="port to listen on (default: any free one)")
    add("--tls", choices=("none", "ca", "self-signed"), default="self-signed", help="certificate (default self-signed)")
    add("--write-ca", type=Path, metavar="FILE", help="write the certificate that a client must trust")
    add("--server-name", action="append", metavar="NAME", help="name or address in the certificate; may be repeated")
    add("--key", type=_key, action="append", metavar="KEY:write|read", help="app key (default write-key:write)")
    add("--seed", type=Path, metavar="FILE", help="JSON to start from, see below")
    add("--count", type=int, default=0, metavar="N", help="make up N subscribers with passwords and active services")
    add("--latency", type=float, default=0.0, metavar="SECONDS", help="wait before each answer")
    add("--max-limit", type=int, metavar="ROWS", help="never more rows than this in one answer")
    add("--dump", type=Path, metavar="FILE", help="write everything as JSON on exit")
    return parser


def _key(text: str) -> tuple[str, str]:
    key, _, kind = text.rpartition(":")
    if not key or kind not in {"read", "write"}:
        raise argparse.ArgumentTypeError("expected KEY:write or KEY:read")
    return key, kind


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    if options.tls == "none":
        return None
    names = options.server_name or [options.host, "localhost"]
    certificate = Authority().issue(*names) if options.tls == "ca" else self_signed(*names)
    if options.write_ca:
        options.write_ca.write_text(certificate.trust_anchor)
    return certificate.server_context()


if __name__ == "__main__":
    sys.exit(main())
