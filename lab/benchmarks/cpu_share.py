"""A share of one processor, as Lambda gives it: a hard quota in each short period, by cgroup."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MEGABYTES_PER_PROCESSOR: Final = 1769
"""The memory size at which Lambda gives one whole processor; below it, the share is in proportion."""
_PERIOD: Final = 20_000
"""Microseconds."""
_TOP: Final = Path("/sys/fs/cgroup")


def share_of(megabytes: int) -> float:
    """The processors that a memory size brings."""
    return megabytes / MEGABYTES_PER_PROCESSOR


def can_limit() -> bool:
    """True if this machine lets us limit a process: a CPU controller, and the right to make a group in it."""
    return os.access(_controller(), os.W_OK) and (_version_1() or "cpu" in _subtree())


@contextmanager
def limited(command: Sequence[str], share: float) -> Iterator[list[str]]:
    """The command, to be started under a limit of `share` processors; the group goes with the context."""
    group = _controller() / f"pppsync-bench-{os.getpid()}"
    group.mkdir()
    try:
        quota = round(_PERIOD * share)
        if _version_1():
            (group / "cpu.cfs_period_us").write_text(str(_PERIOD), "ascii")
            (group / "cpu.cfs_quota_us").write_text(str(quota), "ascii")
        else:
            (group / "cpu.max").write_text(f"{quota} {_PERIOD}", "ascii")
        yield ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs"), *command]
    finally:
        group.rmdir()


def _version_1() -> bool:
    return (_TOP / "cpu" / "cpu.cfs_quota_us").exists()


def _controller() -> Path:
    return _TOP / "cpu" if _version_1() else _TOP


def _subtree() -> str:
    control = _TOP / "cgroup.subtree_control"
    return control.read_text("ascii") if control.exists() else ""
