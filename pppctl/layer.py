"""Imports the product's own modules: they are in its layer, which is not installed here."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import ModuleType

_LAYER: Final = Path(__file__).resolve().parents[1] / "layers" / "pppsync"


def module(name: str) -> ModuleType:
    """Return a module of the product."""
    if str(_LAYER) not in sys.path:
        sys.path.append(str(_LAYER))
    return importlib.import_module(name)


def reasons() -> list[str]:
    """Return every reason that a problem can have, in order of name."""
    return sorted(one.value for one in module("pppsync.core.reasons").Reason)
