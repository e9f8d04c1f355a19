"""The emulator runs as a process of its own, below a private directory that goes away with it."""

import contextlib
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from lab.local_aws import environment

_LAUNCHER = Path(__file__).with_name("launcher.py")
_PORTS = range(20000, 32768)
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05


class EmulatorError(Exception):
    """The emulator cannot be started or stopped; the message says why."""


@dataclass(frozen=True)
class EmulatorProcess:
    """A running emulator, as it is found again by another command."""

    port: int
    pid: int
    token: str
    directory: Path

    @property
    def endpoint(self) -> str:
        """The address that AWS clients talk to."""
        return f"http://127.0.0.1:{self.port}"

    def is_running(self) -> bool:
        """The process with the recorded id exists and carries our token."""
        listing = subprocess.run(  # noqa: S603 - a number and fixed words
            ["/bin/ps", "-ww", "-o", "args=", "-p", str(self.pid)],
            # Not ours: a width that a terminal left behind would cut the token off.
            env={},
            capture_output=True,
            text=True,
            check=False,
        )
        return self.token in listing.stdout

    def is_healthy(self) -> bool:
        """The emulator that answers on the port is this one."""
        return _edition(self.endpoint) == self.token

    def stop(self) -> None:
        """Ends the emulator and the functions that it runs, and removes what it wrote."""
        if self.is_running():
            self._signal(signal.SIGTERM)
            deadline = time.monotonic() + _STOP_SECONDS
            while self.is_running() and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
            # The group is the emulator's own: what is left in it are functions that did not end in time.
            self._signal(signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


class Emulator:
    """A context in which an emulator runs on `port`, or on a free one; it ends with this process at the latest."""

    def __init__(self, port: int | None = None) -> None:
        self._wanted_port = port
        self._process: EmulatorProcess | None = None
        self._popen: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process, self._popen = start(self._wanted_port or free_port(), attached=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is None or self._popen is None:
            return
        if self._popen.stdin is not None:
            self._popen.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(_STOP_SECONDS)
        self._process.stop()
        self._popen.wait(_STOP_SECONDS)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return self.process.port

    @property
    def endpoint(self) -> str:
        """The address that AWS clients talk to."""
        return self.process.endpoint

    @property
    def process(self) -> EmulatorProcess:
        """The emulator's process."""
        if self._process is None:
            raise EmulatorError("The emulator has not been started: use it as a context manager.")
        return self._process


def start(port: int, *, attached: bool) -> tuple[EmulatorProcess, subprocess.Popen[bytes]]:
    """Starts an emulator and returns as soon as it answers."""
    if is_taken(port):
        raise EmulatorError(f"Port {port} of 127.0.0.1 is taken by another program: choose another one.")
    token = f"unms-ros-sync-{secrets.token_hex(8)}"
    directory = Path(tempfile.mkdtemp(prefix="unms-ros-sync-"))
    log = directory / "emulator.log"
    with log.open("wb") as output:
        popen = subprocess.Popen(  # noqa: S603 - our own launcher
            [environment.EMULATOR_PYTHON, "-I", _LAUNCHER, token, "attached" if attached else "detached"],
            stdin=subprocess.PIPE if attached else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment.for_emulator(port, directory, token),
            cwd=directory,
            start_new_session=True,
        )
    process = EmulatorProcess(port=port, pid=popen.pid, token=token, directory=directory)
    try:
        _wait_until_healthy(process, popen)
    except EmulatorError as error:
        written = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        process.stop()
        popen.wait(_STOP_SECONDS)
        raise EmulatorError(f"{error}\n{written}") from None
    return process, popen


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on.

    It is none of those that systems give out by themselves: whoever asks for any port does not get it meanwhile.
    """
    while True:
        port = secrets.choice(_PORTS)
        if not is_taken(port):
            return port


def is_taken(port: int) -> bool:
    """Somebody listens on the port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_until_healthy(process: EmulatorProcess, popen: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not process.is_healthy():
        if popen.poll() is not None:
            raise EmulatorError(f"The emulator ended at once, with exit code {popen.returncode}:")
        if time.monotonic() > deadline:
            raise EmulatorError(f"The emulator did not answer within {_START_SECONDS:.0f} seconds:")
        time.sleep(_POLL_SECONDS)


def _edition(endpoint: str) -> str | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{endpoint}/_ministack/health", timeout=2) as answer:
            return str(json.load(answer).get("edition"))
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError):
        return None
