"""An emulator that outlives the command which started it, one for each port."""

import contextlib
import fcntl
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from lab.local_aws.emulator import EmulatorProcess, start
from lab.local_aws.environment import STATE
from lab.local_aws.stack import Stack, deploy

_RUNNING = STATE / "running"


class AlreadyRunningError(Exception):
    """A local AWS of this checkout runs on the port already."""


def up(port: int) -> tuple[EmulatorProcess, Stack]:
    """Starts an emulator on the port, deploys the stack and leaves both."""
    with _one_command(port):
        known = _recorded(port)
        if known is not None and known.is_running():
            raise AlreadyRunningError(
                f"A local AWS runs on port {port} already (process {known.pid}): "
                f"use it, or end it with `make local-down PORT={port}`.",
            )
        _forget(port, known)
        process, _ = start(port, attached=False)
        _record(process)
        try:
            return process, deploy(process.endpoint)
        except BaseException:
            _forget(port, process)
            raise


def down(port: int) -> bool:
    """Ends the emulator that `up` left on the port; False if there is none."""
    with _one_command(port):
        known = _recorded(port)
        was_running = known is not None and known.is_running()
        _forget(port, known)
        return was_running


@contextlib.contextmanager
def _one_command(port: int) -> Iterator[None]:
    _RUNNING.mkdir(parents=True, exist_ok=True)
    with (_RUNNING / f"{port}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _state_file(port: int) -> Path:
    return _RUNNING / f"{port}.json"


def _record(process: EmulatorProcess) -> None:
    _state_file(process.port).write_text(json.dumps(asdict(process), default=str), encoding="utf-8")


def _recorded(port: int) -> EmulatorProcess | None:
    try:
        known = json.loads(_state_file(port).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return EmulatorProcess(
        port=known["port"],
        pid=known["pid"],
        token=known["token"],
        directory=Path(known["directory"]),
    )


def _forget(port: int, process: EmulatorProcess | None) -> None:
    if process is not None:
        process.stop()
    _state_file(port).unlink(missing_ok=True)
