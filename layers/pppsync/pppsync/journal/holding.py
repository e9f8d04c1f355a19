"""Puts holds into the journal bucket, takes them back, and reads them (G14).

The function `sync` and the operator's command line use the same functions; each raises `JournalError`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from pppsync.journal import holds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime

    from pppsync.core.hold import Hold
    from pppsync.journal.holds import Holds
    from pppsync.journal.store import Store

_AT_ONCE: Final = 16


def load(store: Store, now: datetime) -> Holds:
    """Return every hold that the bucket has."""
    return holds.read(store.load(holds.PREFIX), now)


def put(store: Store, routers: Collection[str] | None, hold: Hold) -> None:
    """Put these routers on hold; None holds all routers, also those that are added later."""
    body = holds.encode(hold)
    names: Collection[str | None] = [None] if routers is None else sorted(routers)
    _at_once(lambda key: store.put(key, body, once=False), map(holds.key, names))


def release(store: Store, routers: Collection[str] | None) -> None:
    """Take the holds of these routers back; None takes every hold back.

    A hold of all routers is not taken back for some of them: they stay on hold.
    """
    found = store.keys(holds.PREFIX)
    _at_once(store.delete, [key for key in found if holds.is_hold(key, routers)])


def _at_once(call: Callable[[str], object], keys: Iterable[str]) -> None:
    """Call for every key, and then raise the first error if there is one."""
    with ThreadPoolExecutor(_AT_ONCE, "holds") as pool:
        for done in [pool.submit(call, key) for key in keys]:
            done.result()
