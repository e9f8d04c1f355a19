"""`make try`: the made-up provider and the deployed stack stay up, to be asked, watched and broken until Ctrl-C.

What is printed needs no other tool than this checkout. The configuration lies in a file and is put into the config
secret whenever that file is saved, as it is: a wrong key, a wrong port or broken JSON can be tried like that.
"""

from __future__ import annotations

import argparse
import json
import select
import signal
import sys
from typing import TYPE_CHECKING, Final

import boto3

from lab.demo.provider import Provider
from lab.demo.scenes import SOUTH
from lab.demo.tables import console, step
from lab.local_aws import environment
from lab.local_aws.emulator import Emulator
from lab.local_aws.stack import Stack, deploy

if TYPE_CHECKING:
    from pathlib import Path

_LOOK_SECONDS: Final = 0.3
_DESCRIPTION: Final = (
    "Starts a made-up CRM, two routers and a local AWS with the deployed stack, and prints what to try; Ctrl-C ends it."
)


def main() -> int:
    """Stay until interrupted; everything that was started has stopped then."""
    argparse.ArgumentParser(prog="python -m lab.demo.tryout", description=_DESCRIPTION).parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Provider() as provider, Emulator() as emulator, environment.pointed_at(emulator.endpoint):
            with step("deploying the real template to a local AWS (the first build takes about ten seconds)"):
                stack = deploy(emulator.endpoint)
            config = environment.STATE / f"try-{emulator.endpoint.rpartition(':')[2]}.json"
            config.write_text(json.dumps(provider.config(), indent=2) + "\n", encoding="utf-8")
            try:
                _put(config, stack)
                console.print(_introduction(emulator.endpoint, config, stack), soft_wrap=True, markup=False)
                _serve(provider, config, stack)
            finally:
                config.unlink(missing_ok=True)
    except KeyboardInterrupt:
        console.print("Everything has stopped.")
    return 0


def _serve(provider: Provider, config: Path, stack: Stack) -> None:
    saved, listening = config.stat().st_mtime_ns, [sys.stdin]
    while True:
        ready, _, _ = select.select(listening, [], [], _LOOK_SECONDS)
        if ready and not sys.stdin.readline():
            listening = []  # nobody is there; Ctrl-C or a signal ends it
        elif ready:
            town = provider.active(SOUTH)
            provider.suspend(town)
            console.print(f"{len(town)} subscribers of {SOUTH} are suspended in the CRM.")
        if config.exists() and config.stat().st_mtime_ns != saved:
            saved = config.stat().st_mtime_ns
            _put(config, stack)


def _put(config: Path, stack: Stack) -> None:
    text = config.read_text(encoding="utf-8")
    if text.strip():  # an editor that is at work may have emptied it
        boto3.client("secretsmanager").put_secret_value(SecretId=stack.config_secret_arn, SecretString=text)
        console.print(f"The configuration is in the config secret: {_short(config)}", soft_wrap=True)


def _short(path: Path) -> str:
    return str(path.relative_to(environment.ROOT))


def _introduction(endpoint: str, config: Path, stack: Stack) -> str:
    variables = " ".join(f"{name}={value}" for name, value in environment.for_clients(endpoint).items())
    return f"""
A CRM, two routers and the stack are up. In another terminal, in this directory:

  export {variables}
  .venv/bin/python -m pppctl check
  .venv/bin/python -m pppctl plan
  .venv/bin/python -m pppctl sync
  .venv/bin/python -m pppctl explain SUB0001 LATE-1 FAST-1 GHOST-1 NOBODY
  .venv/bin/python -m pppctl import --dry-run

What the dashboard's widget shows, as a page for a browser:

  .venv/bin/python -m lab.demo.widget {stack.widget_function} > widget.html

Break things, then ask again. Edit {_short(config)}: a wrong ucrm_key, a wrong password, another port.
It is put into the config secret as you save it. Here, Enter suspends every subscriber of tower-south, as a wrong click
in the CRM would: the next sync withholds that, and says how to approve it. Ctrl-C ends everything."""


if __name__ == "__main__":
    sys.exit(main())
