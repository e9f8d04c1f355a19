"""Imports single modules of the functions' own code, so that their rules are written once."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, Final

_LAYER: Final = Path(__file__).resolve().parents[1] / "layers" / "pppsync"


def module(name: str) -> Any:
    """Return a module of `pppsync`, such as `core.hold`. It is in the layer, which is not installed here."""
    if str(_LAYER) not in sys.path:
        sys.path.append(str(_LAYER))
    return importlib.import_module(f"pppsync.{name}")


def reasons() -> list[str]:
    """Return every reason that a problem can have, in order of name."""
    return sorted(one.value for one in module("core.reasons").Reason)
