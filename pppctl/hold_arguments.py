"""The options of `stop`, `hold` and `resume`."""

from __future__ import annotations

import argparse
from typing import Any, Final

from pppctl import layer

LONGEST_REMARK: Final = 200
"""Characters of a reason that the function takes."""


def _lasting(text: str) -> str:
    try:
        layer.module("core.hold").duration(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from None
    return text


def _remark(text: str) -> str:
    if text.strip() and len(text) <= LONGEST_REMARK:
        return text
    raise argparse.ArgumentTypeError(f"a text that is not blank, of at most {LONGEST_REMARK} characters")


_FOR: Final[dict[str, Any]] = {"dest": "lasting", "metavar": "TIME", "type": _lasting}
_LENGTH: Final = "a whole number and m, h or d, such as 30m or 2h; at most 30d"
_WHY: Final[dict[str, Any]] = {"metavar": "TEXT", "type": _remark, "help": "shown wherever the hold is shown"}
OPTIONS: Final[dict[str, tuple[tuple[str, ...], dict[str, Any]]]] = {
    "held": (("routers",), {"metavar": "ROUTER", "nargs": "+", "help": "its name, to the letter"}),
    "released": (
        ("routers",),
        {"metavar": "ROUTER", "nargs": "*", "help": "only these routers; without any, every hold is taken back"},
    ),
    "hold_for": (("--for",), {**_FOR, "required": True, "help": _LENGTH}),
    "stop_for": (("--for",), {**_FOR, "default": "24h", "help": f"{_LENGTH} (default 24h)"}),
    "hold_why": (("--why",), {**_WHY, "required": True}),
    "stop_why": (("--why",), {**_WHY, "default": "stopped with pppctl stop"}),
}
COMMANDS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "stop": ("write nothing on any router from now on; `resume` takes it back", ("stop_for", "stop_why")),
    "hold": (
        "write nothing on some routers for a time; they are still read and planned",
        ("held", "hold_for", "hold_why"),
    ),
    "resume": ("take holds back: those of some routers, or every one", ("released",)),
}
