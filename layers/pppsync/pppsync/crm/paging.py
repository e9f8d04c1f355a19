"""Reads one list of the CRM as a whole, page by page, or not at all (G1)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from pppsync.crm.rows import RowError
from pppsync.errors import Code, CrmError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor

    from pppsync.crm.transport import UispHttp
    from pppsync.net.deadline import Deadline

# How a list is read
#
# The CRM counts pages by row offset, orders rows by id, and gives no total, no snapshot, no next page. If a row leaves
# the list between two requests, every later row moves one place up, and a plain reader misses one subscriber. A missed
# subscriber looks like one who has left. Five checks exclude that.
#
# 1. Pages overlap by one row: page n begins at n * (size - 1), so its first row is the last row of page n - 1. Another
#    row there proves that rows moved between the two requests. The same row proves that none was missed at this border.
# 2. A page shorter than `size` ends the list only if the page after it is empty. Rows on that page prove that the CRM
#    caps pages below `size`: the offsets count whole pages, so rows were skipped.
# 3. If the first page is short, the page after it is empty in both cases, at the end and behind a capped page. So the
#    list is read again from the last row, and must hold that row alone.
# 4. A page of more than `size` rows proves that the CRM ignores `limit`. The offsets are then worth nothing.
# 5. An empty list is an error, because it would mean that everybody has left.
#
# If 1, 2 or 3 fails, the list is read again from the start. Rows are kept by id, so the shared rows count once.

AHEAD: Final = 2
"""Pages of one list under way at a time; more would only queue in the CRM's PHP workers."""
READINGS: Final = 3
"""A list that changes while it is read is read again from the start, at most twice."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the API: its path, its order, and the decoder of a row."""

    path: str
    query: Mapping[str, str | int]
    decode: Callable[[object], Any]


class PageReader:
    """Reads lists over one connection; several lists may be read at the same time."""

    def __init__(self, http: UispHttp, page_size: int, pool: ThreadPoolExecutor, deadline: Deadline) -> None:
        self._http = http
        self._size = page_size
        self._pool = pool
        self._deadline = deadline
        # One page at a time: several at once would take turns, each with its tens of megabytes of JSON in memory.
        self._decoding = Lock()

    def read(self, listing: Listing) -> list[Any]:
        """Return all rows; raises `CrmError` if the list is empty, unreadable, or keeps changing."""
        for _ in range(READINGS):
            found = self._read_pages(listing)
            if found is not None:
                return found
        limit = f"{READINGS} readings with ucrm.page_size {self._size}"
        raise CrmError(
            Code.CRM_UNSTABLE, f"{listing.path}: its pages do not fit together after {limit}; try a smaller one"
        )

    def _read_pages(self, listing: Listing) -> list[Any] | None:
        """Return the whole list, or None if its pages do not fit together."""
        size = self._size
        first = self._page(listing, 0)
        if not first:
            raise CrmError(Code.CRM_EMPTY, f"{listing.path}: the CRM lists none; nothing is changed anywhere")
        found = {row.id: row for row in first}
        if len(first) < size:
            end = self._page(listing, len(first) - 1)
            return list(found.values()) if [row.id for row in end] == [first[-1].id] else None
        under_way: deque[Future[Sequence[Any]]] = deque()
        requested = 1
        last, ended = first[-1].id, False
        try:
            while under_way or not ended:
                while len(under_way) < AHEAD and not ended:
                    under_way.append(self._pool.submit(self._page, listing, requested * (size - 1)))
                    requested += 1
                page = under_way.popleft().result()
                if page if ended else not page or page[0].id != last:
                    return None
                for row in page:
                    found[row.id] = row
                last = page[-1].id if page else last
                ended = ended or len(page) < size
        finally:
            for future in under_way:
                future.cancel()
        return list(found.values())

    def _page(self, listing: Listing, offset: int) -> Sequence[Any]:
        path, size = listing.path, self._size
        answer = self._http.get(path, {**listing.query, "limit": size, "offset": offset}, self._deadline)
        with self._decoding:
            page = answer.json()
            if not isinstance(page, list):
                raise CrmError(Code.CRM_BAD_ANSWER, f"{path}: the CRM answered with no list")
            if len(page) > size:
                raise CrmError(Code.CRM_BAD_ANSWER, f"{path}: {len(page)} rows where at most {size} were asked for")
            try:
                return [listing.decode(row) for row in page]
            except RowError as error:
                raise CrmError(Code.CRM_BAD_ANSWER, f"{path}: {error}") from None
            finally:
                del page
