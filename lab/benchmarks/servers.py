"""Both sides of a provider and the network between, each in a process of its own, and contenders run against them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from lab.benchmarks.cpu_share import limited
from lab.benchmarks.provider import KEY, ROUTER_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.benchmarks.provider import Provider

ROOT: Final = Path(__file__).resolve().parents[2]
ROUTER_ROUND_TRIP: Final = 0.050
CRM_ROUND_TRIP: Final = 0.020
PEERS_PYTHON: Final = ROOT / ".venv-peers" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Run:
    """The figures of one run: seconds, bytes, and what the two sides saw of it."""

    wall: float
    cpu: float
    peak: int
    told: dict[str, Any]
    crm: dict[str, Any]
    routers: dict[str, Any]


class Helper:
    """A process that answers a line with a line of JSON."""

    def __init__(self, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", module, *arguments]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        self.ready = self._line()

    def ask(self, what: str) -> dict[str, Any]:
        """The answer to one line."""
        assert self._process.stdin is not None  # noqa: S101 - narrows the type
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        return self._line()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - narrows the type
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a helper process ended by itself; its own words are above")
        found: dict[str, Any] = json.loads(line)
        return found


class Stage:
    """A provider that is up, and the task that every contender gets; as a context, it ends all processes."""

    def __init__(self, provider: Provider, *, delayed: bool = True) -> None:
        self.provider = provider
        self._running = ExitStack()
        document = json.dumps(provider.document())
        try:
            self.crm = self._start("lab.benchmarks.serve", "crm", document)
            self.routers = self._start("lab.benchmarks.serve", "routers", document)
            targets = [(self.crm.ready["ports"][0], CRM_ROUND_TRIP)]
            targets += [(port, ROUTER_ROUND_TRIP) for port in self.routers.ready["ports"]]
            ports = [port for port, _ in targets]
            if delayed:
                ports = self._start("lab.benchmarks.delay", json.dumps(targets)).ready["ports"]
        except BaseException:
            self._running.close()
            raise
        self.config = _config(self, ports)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def run(self, contender: str, *, peer: bool = False, cpu_share: float | None = None) -> Run:
        """One run in a fresh process, from the same start as every other."""
        self.crm.ask("reset")
        self.routers.ask("reset")
        crm, routers = self.crm.ask("facts"), self.routers.ask("facts")
        told = self._contend(contender, peer=peer, cpu_share=cpu_share)
        crm_after, routers_after = self.crm.ask("facts"), self.routers.ask("facts")
        crm_after["cpu"] -= crm["cpu"]
        routers_after["cpu"] -= routers["cpu"]
        routers_after["connections"] -= routers["connections"]
        return Run(told.pop("wall"), told.pop("cpu"), told.pop("peak"), told, crm_after, routers_after)

    def _start(self, module: str, *arguments: str) -> Helper:
        helper = Helper(module, *arguments)
        self._running.callback(helper.close)
        return helper

    def _contend(self, contender: str, *, peer: bool, cpu_share: float | None) -> dict[str, Any]:
        command = [str(PEERS_PYTHON), "-m", "lab.benchmarks.peers", contender]
        if not peer:
            command = [sys.executable, "-m", "lab.benchmarks.one_run", contender]
        task = {
            "config": self.config,
            "provider": self.provider.document(),
            "confirm": self.provider.cuts > 0,
            **self.routers.ask("floods"),
        }
        with ExitStack() as limits:
            if cpu_share:
                command = limits.enter_context(limited(command, cpu_share))
            done = subprocess.run(  # noqa: S603
                command,
                cwd=ROOT,
                env={name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
                input=json.dumps(task),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


def _config(stage: Stage, ports: Sequence[int]) -> dict[str, Any]:
    """The config secret of this provider."""
    routers = [
        {"name": f"tower-{number}", "host": "127.0.0.1", "port": port, "default": number == 0}
        for number, port in enumerate(ports[1:])
    ]
    return {
        "ucrm": {
            "ucrm_key": KEY,
            "domain_name": f"127.0.0.1:{ports[0]}",
            "ip_address": "",
            "ssl_ca": "crm",
            "page_size": stage.provider.page_size,
        },
        "router_os": {"password": ROUTER_PASSWORD, "ssl_ca": "routers"},
        "routers": routers,
        "certificates": {"crm": stage.crm.ready["ca"], "routers": stage.routers.ready["ca"]},
        "policy": {"drops_per_second": 0},
    }
