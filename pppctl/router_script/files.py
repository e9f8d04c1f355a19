"""Writes the files of a command: all of them or none, for their owner's eyes only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pppctl.router_script.checker import check
from pppctl.router_script.request import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write(directory: Path, files: Mapping[str, str]) -> None:
    """All files or none; none is ever overwritten, for it may be the only copy of a password that is in use."""
    for name, text in files.items():
        if name.endswith(".rsc"):
            check(text)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    taken = [name for name in files if (directory / name).exists()]
    if taken:
        raise RequestError(f"{directory / taken[0]} exists: remove it or choose another --directory")
    for name, text in files.items():
        descriptor = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
