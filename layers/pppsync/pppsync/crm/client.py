"""The CRM, read as a whole or not at all (G1)."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Self

from pppsync.core.subscriber import CrmState
from pppsync.crm.rows import RowDecoder, RowError, attribute_id, keeps_value
from pppsync.crm.transport import UispHttp
from pppsync.errors import CrmError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future

    from pppsync.config.settings import CrmSettings
    from pppsync.core.masked import Masked
    from pppsync.core.policy import Policy
    from pppsync.core.subscriber import Service, Source, Subscriber
    from pppsync.net.deadline import Deadline
    from pppsync.net.endpoint import Endpoint

AHEAD: Final = 2
"""Pages of one list under way at a time; more would only queue in the CRM's PHP workers."""
READINGS: Final = 3
"""A list that changes while it is read is read again from the start, at most twice."""

type Rows = tuple[str, Mapping[str, str | int], Callable[[object], Any]]


class UispClient:
    """Reads subscribers and services in bulk, and writes the one attribute of the import.

    `all_dates` keeps the dates of all services, for somebody who wants to read them.
    """

    def __init__(self, settings: CrmSettings, policy: Policy, *, all_dates: bool = False) -> None:
        self._settings = settings
        self._policy = policy
        self._all_dates = all_dates
        self._places: list[tuple[Source, Endpoint]] = []
        if settings.domain:
            self._places.append(("domain", settings.domain))
        if settings.address:
            self._places.append(("address", settings.address))
        self._http: UispHttp | None = None
        # One page at a time: several at once would take turns, each with its tens of megabytes of JSON in memory.
        self._decoding = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def read(self, deadline: Deadline) -> CrmState:
        """All subscribers and services from one place; raises `CrmError` if that cannot be had whole."""
        for position, (source, endpoint) in enumerate(self._places):
            others = len(self._places) - position - 1
            self._close()
            self._http = UispHttp(self._settings, endpoint)
            try:
                return self._read_all(source, deadline.within(deadline.left() / (1 + others)))
            except CrmError as error:
                if not (error.fall_back and others):
                    raise
        raise AssertionError("settings hold a domain or an address")

    def read_one(self, subscriber_id: int, deadline: Deadline) -> tuple[Subscriber, tuple[Service, ...]]:
        """One subscriber and its services, fresh, from the place that `read` settled on; raises `CrmError`."""
        subscriber = self.read_subscriber(subscriber_id, deadline)
        decoder = RowDecoder(self._policy)
        services = self._connection.get("clients/services", {"clientId": subscriber_id}, deadline).json()
        if not isinstance(services, list):
            raise CrmError("crm_bad_answer", "clients/services: no list")
        try:
            decoded = [decoder.service(service) for service in services]
        except RowError as error:
            raise CrmError("crm_bad_answer", str(error)) from None
        if any(one.subscriber_id != subscriber_id for one in decoded):
            raise CrmError("crm_bad_answer", f"not the answer about client {subscriber_id}")
        return subscriber, tuple(decoded)

    def read_subscriber(self, subscriber_id: int, deadline: Deadline) -> Subscriber:
        """One subscriber, fresh, from the place that `read` settled on; raises `CrmError`."""
        row = self._connection.get(f"clients/{subscriber_id}", {}, deadline).json()
        try:
            subscriber = RowDecoder(self._policy).subscriber(row)
        except RowError as error:
            raise CrmError("crm_bad_answer", str(error)) from None
        if subscriber.id != subscriber_id:
            raise CrmError("crm_bad_answer", f"not the answer about client {subscriber_id}")
        return subscriber

    def read_archived(self, custom_id: str, deadline: Deadline) -> tuple[Subscriber, ...]:
        """The archived subscribers of a custom ID, whom the list leaves out; raises `CrmError`."""
        query: dict[str, str | int] = {"userIdent": custom_id, "isArchived": 1, "limit": self._settings.page_size}
        rows = self._connection.get("clients", query, deadline).json()
        try:
            found = [RowDecoder(self._policy).subscriber(row) for row in rows]
        except (RowError, TypeError):
            raise CrmError("crm_bad_answer", "clients: no list of clients") from None
        # A CRM ignores parameters that it does not know, and then lists everybody.
        return tuple(one for one in found if one.archived and one.custom_id == custom_id)

    def write_attribute(
        self, subscriber_id: int, attribute: int, value: Masked, start: Deadline, finish: Deadline
    ) -> None:
        """Set one attribute of one subscriber; raises `CrmError`. All other attributes are kept by the CRM.

        No try begins after `start`, and no answer is waited for beyond `finish`.
        """
        body = {"attributes": [{"customAttributeId": attribute, "value": value.reveal()}]}
        row = self._connection.patch(f"clients/{subscriber_id}", body, start, finish).json()
        try:
            kept = keeps_value(row, attribute, value)
        except RowError as error:
            raise CrmError("crm_bad_answer", str(error)) from None
        if not kept:
            raise CrmError("crm_not_kept", "the CRM took the value but shows another; set it right in the CRM")

    @property
    def _connection(self) -> UispHttp:
        if self._http is None:
            raise RuntimeError("the CRM is read before anything else")
        return self._http

    def _close(self) -> None:
        if self._http:
            self._http.close()
            self._http = None

    def _read_all(self, source: Source, deadline: Deadline) -> CrmState:
        decoder = RowDecoder(self._policy, self._all_dates)
        order = {"order": "client.id", "direction": "ASC"}
        with ThreadPoolExecutor(2 * AHEAD + 3, "uisp") as pool:
            clients: Rows = ("clients", order, decoder.subscriber)
            services: Rows = ("clients/services", {}, decoder.service)
            attribute = pool.submit(self._password_attribute, deadline)
            lists = [pool.submit(self._read_list, pool, rows, deadline) for rows in (clients, services)]
            subscribers, found = (future.result() for future in lists)
            grouped: dict[int, tuple[Service, ...]] = {}
            for service in sorted(found, key=attrgetter("id")):
                earlier = grouped.get(service.subscriber_id)
                grouped[service.subscriber_id] = (service,) if earlier is None else (*earlier, service)
            return CrmState(tuple(subscribers), grouped, attribute.result(), source)

    def _password_attribute(self, deadline: Deadline) -> int | None:
        """The id of the attribute; a list that cannot be read says no more than one that lacks it (R10)."""
        try:
            rows = self._connection.get("custom-attributes", {}, deadline).json()
            found = [attribute_id(row, self._policy.password_attribute) for row in rows]
        except (CrmError, RowError, TypeError):
            return None
        return next((one for one in found if one is not None), None)

    def _read_list(self, pool: ThreadPoolExecutor, rows: Rows, deadline: Deadline) -> list[Any]:
        for _ in range(READINGS):
            found = self._read_pages(pool, rows, deadline)
            if found is not None:
                return found
        limit = f"{READINGS} readings with ucrm.page_size {self._settings.page_size}"
        raise CrmError("crm_unstable", f"{rows[0]}: its pages do not fit together after {limit}; try a smaller one")

    def _read_pages(self, pool: ThreadPoolExecutor, rows: Rows, deadline: Deadline) -> list[Any] | None:
        """The whole list, or None if its pages do not fit together.

        Consecutive pages share one row: if that row differs, rows have moved between pages. A page after a short one
        must be empty: if it is not, the CRM cut the pages shorter than was asked, and rows would be missed.
        """
        size = self._settings.page_size
        first = self._page(rows, 0, deadline)
        if not first:
            raise CrmError("crm_empty", f"{rows[0]}: the CRM lists none; nothing is changed anywhere")
        found = {row.id: row for row in first}
        if len(first) < size:
            # Cut by the CRM, this page would not be full and the next one, a whole page on, empty all the same.
            end = self._page(rows, len(first) - 1, deadline)
            return list(found.values()) if [row.id for row in end] == [first[-1].id] else None
        under_way: deque[Future[Sequence[Any]]] = deque()
        requested = 1
        last, ended = first[-1].id, False
        try:
            while under_way or not ended:
                while len(under_way) < AHEAD and not ended:
                    under_way.append(pool.submit(self._page, rows, requested * (size - 1), deadline))
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

    def _page(self, rows: Rows, offset: int, deadline: Deadline) -> Sequence[Any]:
        path, query, decode = rows
        size = self._settings.page_size
        answer = self._connection.get(path, {**query, "limit": size, "offset": offset}, deadline)
        with self._decoding:
            page = answer.json()
            if not isinstance(page, list):
                raise CrmError("crm_bad_answer", f"{path}: the CRM answered with no list")
            if len(page) > size:
                raise CrmError("crm_bad_answer", f"{path}: {len(page)} rows where at most {size} were asked for")
            try:
                return [decode(row) for row in page]
            except RowError as error:
                raise CrmError("crm_bad_answer", f"{path}: {error}") from None
            finally:
                del page
