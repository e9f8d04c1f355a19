"""Python's cyclic garbage collector, at rest where it only costs.

What a page of the CRM leaves behind is freed by counting references, and what is kept has no cycles. The collector
would walk tens of thousands of living rows again and again, which is a sixth of the time of a large read.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Inside, no cycles are looked for; also a decorator."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
