"""Reads the CRM as a whole or not at all (G1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter
from typing import TYPE_CHECKING, Self

from pppsync.core.masked import Masked
from pppsync.core.subscriber import CrmState
from pppsync.crm.paging import AHEAD, Listing, PageReader
from pppsync.crm.rows import RowDecoder, RowError, attribute_id, keeps_value
from pppsync.crm.transport import UispHttp
from pppsync.errors import Code, CrmError

if TYPE_CHECKING:
    from pppsync.config.settings import CrmSettings
    from pppsync.core.policy import Policy
    from pppsync.core.subscriber import Service, Source, Subscriber
    from pppsync.net.deadline import Deadline
    from pppsync.net.endpoint import Endpoint


class UispClient:
    """Reads subscribers and services in bulk, and writes the attributes of the import.

    `all_dates` keeps the dates of all services: `explain` shows them.
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def read(self, deadline: Deadline) -> CrmState:
        """Return all subscribers and services from one place; raises `CrmError` if one of them cannot be read."""
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
        """Return one subscriber and its services, read anew from the place that `read` chose; raises `CrmError`."""
        subscriber = self.read_subscriber(subscriber_id, deadline)
        decoder = RowDecoder(self._policy)
        services = self._connection.get("clients/services", {"clientId": subscriber_id}, deadline).json()
        if not isinstance(services, list):
            raise CrmError(Code.CRM_BAD_ANSWER, "clients/services: no list")
        try:
            decoded = [decoder.service(service) for service in services]
        except RowError as error:
            raise CrmError(Code.CRM_BAD_ANSWER, str(error)) from None
        if any(one.subscriber_id != subscriber_id for one in decoded):
            raise CrmError(Code.CRM_BAD_ANSWER, f"not the answer about client {subscriber_id}")
        return subscriber, tuple(decoded)

    def read_subscriber(self, subscriber_id: int, deadline: Deadline) -> Subscriber:
        """Return one subscriber, read anew from the place that `read` chose; raises `CrmError`."""
        row = self._connection.get(f"clients/{subscriber_id}", {}, deadline).json()
        try:
            subscriber = RowDecoder(self._policy).subscriber(row)
        except RowError as error:
            raise CrmError(Code.CRM_BAD_ANSWER, str(error)) from None
        if subscriber.id != subscriber_id:
            raise CrmError(Code.CRM_BAD_ANSWER, f"not the answer about client {subscriber_id}")
        return subscriber

    def read_archived(self, custom_id: str, deadline: Deadline) -> tuple[Subscriber, ...]:
        """Return the archived subscribers of a custom ID, whom the list leaves out; raises `CrmError`."""
        query: dict[str, str | int] = {"userIdent": custom_id, "isArchived": 1, "limit": self._settings.page_size}
        rows = self._connection.get("clients", query, deadline).json()
        try:
            found = [RowDecoder(self._policy).subscriber(row) for row in rows]
        except (RowError, TypeError):
            raise CrmError(Code.CRM_BAD_ANSWER, "clients: no list of clients") from None
        # A CRM ignores parameters that it does not know, and then lists everybody.
        return tuple(one for one in found if one.archived and one.custom_id == custom_id)

    def write_attribute(
        self, subscriber_id: int, attribute: int, value: Masked | str, start: Deadline, finish: Deadline
    ) -> None:
        """Set one attribute of one subscriber; raises `CrmError`. The CRM keeps all other attributes.

        Begins no try after `start`, and waits for no answer beyond `finish`.
        """
        value = value if isinstance(value, Masked) else Masked(value)
        body = {"attributes": [{"customAttributeId": attribute, "value": value.reveal()}]}
        row = self._connection.patch(f"clients/{subscriber_id}", body, start, finish).json()
        try:
            kept = keeps_value(row, attribute, value)
        except RowError as error:
            raise CrmError(Code.CRM_BAD_ANSWER, str(error)) from None
        if not kept:
            raise CrmError(Code.CRM_NOT_KEPT, "the CRM took the value but shows another; set it right in the CRM")

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
            pages = PageReader(self._connection, self._settings.page_size, pool, deadline)
            clients = Listing("clients", order, decoder.subscriber)
            services = Listing("clients/services", {}, decoder.service)
            attributes = pool.submit(self._attributes, deadline)
            lists = [pool.submit(pages.read, one) for one in (clients, services)]
            subscribers, found = (future.result() for future in lists)
            grouped: dict[int, tuple[Service, ...]] = {}
            for service in sorted(found, key=attrgetter("id")):
                earlier = grouped.get(service.subscriber_id)
                grouped[service.subscriber_id] = (service,) if earlier is None else (*earlier, service)
            known = attributes.result()
            password, address = self._policy.password_attribute, self._policy.static_ip_attribute
            return CrmState(tuple(subscribers), grouped, known.get(password), source, known.get(address))

    def _attributes(self, deadline: Deadline) -> dict[str, int]:
        """Return the ids of the attributes by key; none also if the list cannot be read (R10)."""
        found: dict[str, int] = {}
        try:
            for row in self._connection.get("custom-attributes", {}, deadline).json():
                for key in (self._policy.password_attribute, self._policy.static_ip_attribute):
                    identity = attribute_id(row, key)
                    if identity is not None:
                        found.setdefault(key, identity)
        except (CrmError, RowError, TypeError):
            return {}
        return found
