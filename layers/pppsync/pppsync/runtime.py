"""Python's own housekeeping, at rest while tens of thousands of rows are handled.

What a page of the CRM leaves behind is freed by counting references, and what is kept has no cycles. The cyclic garbage
collector would walk all that lives again and again: a sixth of the time of a large read. And threads that take turns
every 5 ms, in the middle of each other's pages, find their data out of the processor's cache: a twentieth.
"""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TURN: Final = 0.02
"""Seconds that a thread may go on while others wait; a page takes less."""


@contextmanager
def in_bulk() -> Iterator[None]:
    """Inside, no cycles are looked for and turns are longer; also a decorator."""
    collects, turn = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(turn)
        if collects:
            gc.enable()
