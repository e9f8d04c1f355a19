"""The CRM's two lists are read whole or not at all, over pages that overlap by one row (G1)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from lab.simulators.uisp import Fault, faults
from pppsync.crm.client import UispClient
from tests.integration.providers import certified_crm, crm_settings, fails, policy, soon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.simulators.uisp import RecordedRequest, UispSimulator
    from pppsync.core.subscriber import CrmState

LISTS = ["GET clients", "GET clients/services"]


@pytest.fixture
def crm() -> Iterator[UispSimulator]:
    """A CRM without subscribers."""
    with certified_crm() as running:
        yield running


def fill(crm: UispSimulator, count: int) -> None:
    """So many subscribers with one service each."""
    for number in range(count):
        crm.add_service(crm.add_client(f"ABC{number}"))


def read(crm: UispSimulator, page_size: int = 5) -> CrmState:
    """One reading of everything."""
    with UispClient(crm_settings(crm, page_size=page_size), policy()) as client:
        return client.read(soon())


def offsets(crm: UispSimulator, endpoint: str) -> list[int]:
    """Where the pages of a list began, in the order of their requests."""
    return [int(request.query["offset"][0]) for request in crm.requests if request.endpoint == endpoint]


def whole(state: CrmState, count: int) -> bool:
    """Whether a reading has every subscriber and every service once."""
    subscribers = [subscriber.id for subscriber in state.subscribers]
    services = [service.id for several in state.services.values() for service in several]
    everyone = list(range(1, count + 1))
    return sorted(subscribers) == everyone and sorted(services) == everyone and state.service_count == count


@pytest.mark.parametrize("page_size", [2, 3, 5])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 13])
def test_every_row_is_read_once_whatever_the_count_and_the_page(crm: UispSimulator, count: int, page_size: int) -> None:
    """Exact multiples, a full last page, one row more or less: the lists are whole, and no request is wasted."""
    fill(crm, count)
    assert whole(read(crm, page_size), count)
    pages = -(-count // (page_size - 1))
    assert len(crm.requests) <= 2 * pages + 4


def test_consecutive_pages_share_one_row(crm: UispSimulator) -> None:
    """Each page begins at the last row of the one before it, and is asked for with the full size."""
    fill(crm, 12)
    read(crm, page_size=5)
    for endpoint in LISTS:
        assert {0, 4, 8} <= set(offsets(crm, endpoint)) <= {0, 4, 8, 12}
    sizes = {request.query["limit"][0] for request in crm.requests if "limit" in request.query}
    assert sizes == {"5"}


def test_subscribers_are_asked_for_in_order_of_id(crm: UispSimulator) -> None:
    """Without an order, pages of one list need not fit together."""
    fill(crm, 2)
    read(crm)
    (request,) = [one for one in crm.requests if one.endpoint == "GET clients" and one.query["offset"] == ["0"]]
    assert (request.query["order"], request.query["direction"]) == (["client.id"], ["ASC"])


def met(crm: UispSimulator, wanted: set[tuple[str, int]]) -> threading.Barrier:
    """A barrier that the requests of these lists and offsets pass only together."""
    barrier = threading.Barrier(len(wanted))

    def wait(request: RecordedRequest) -> None:
        if "offset" in request.query and (request.endpoint, int(request.query["offset"][0])) in wanted:
            barrier.wait(timeout=10)

    crm.on_request = wait
    return barrier


@pytest.mark.parametrize(
    "together",
    [
        pytest.param({("GET clients", 0), ("GET clients/services", 0)}, id="both lists"),
        pytest.param({("GET clients", 4), ("GET clients", 8)}, id="two pages of one list"),
    ],
)
def test_requests_overlap(crm: UispSimulator, together: set[tuple[str, int]]) -> None:
    """Both lists are read at the same time, and the page after the next one is under way already."""
    fill(crm, 12)
    barrier = met(crm, together)
    assert whole(read(crm), 12)
    assert not barrier.broken


def test_a_repeated_row_is_one_row(crm: UispSimulator) -> None:
    """A row that a page gives twice is one subscriber, not two."""
    fill(crm, 7)
    twice = faults.rows(lambda page: [*page, page[-1]] if page and page[-1]["id"] == 7 else page)
    crm.faults.append(Fault("GET clients", twice, times=None))
    assert whole(read(crm), 7)


def remove_first(crm: UispSimulator, endpoint: str) -> None:
    """The first row of a list goes; that of another list does not."""
    if endpoint == "GET clients":
        crm.delete_client(next(iter(crm.state.clients))["id"], keep_services=True)
    else:
        crm.delete_service(next(iter(crm.state.services))["id"])


@pytest.mark.parametrize("endpoint", LISTS)
def test_a_row_that_goes_between_two_pages_makes_that_list_be_read_again(crm: UispSimulator, endpoint: str) -> None:
    """The overlapping row then differs: nothing is missed, and the other list is left alone."""
    fill(crm, 12)

    def remove_one(request: RecordedRequest) -> None:
        if request.endpoint == endpoint and request.query["offset"] == ["4"]:
            crm.on_request = None
            remove_first(crm, endpoint)

    crm.on_request = remove_one
    state = read(crm)
    assert {len(state.subscribers), state.service_count} == {11, 12}
    assert {one: offsets(crm, one).count(0) for one in LISTS} == {one: 1 + (one == endpoint) for one in LISTS}


def test_a_row_that_comes_between_two_pages_makes_the_list_be_read_again(crm: UispSimulator) -> None:
    """A subscriber who is restored from the archive stands before others: no row may be counted twice or missed."""
    fill(crm, 12)
    crm.archive_client(2)

    def restore(request: RecordedRequest) -> None:
        if request.endpoint == "GET clients" and request.query["offset"] == ["4"]:
            crm.on_request = None
            crm.restore_client(2)

    crm.on_request = restore
    assert len(read(crm).subscribers) == 12


@pytest.mark.parametrize("endpoint", LISTS)
def test_a_list_that_keeps_changing_is_given_up_after_three_readings(crm: UispSimulator, endpoint: str) -> None:
    """Read again at most twice, then `crm_unstable`: a list with holes would cut customers off."""
    fill(crm, 12)

    def remove_one(request: RecordedRequest) -> None:
        if request.endpoint == endpoint and request.query["offset"] == ["4"]:
            remove_first(crm, endpoint)

    crm.on_request = remove_one
    with fails("crm_unstable", saying="3 readings.*page_size 5"):
        read(crm)
    assert offsets(crm, endpoint).count(0) == 3


@pytest.mark.parametrize("count", [5, 6, 9, 10, 11, 19, 25])
def test_a_cap_below_the_page_size_is_noticed(count: int) -> None:
    """A CRM that gives fewer rows than were asked for must not look like one with fewer subscribers."""
    with certified_crm(max_limit=4) as crm:
        fill(crm, count)
        with fails("crm_unstable"):
            read(crm, page_size=10)


@pytest.mark.parametrize("count", [1, 3, 4])
def test_a_cap_that_no_list_reaches_does_no_harm(count: int) -> None:
    """The same CRM with few subscribers is read well."""
    with certified_crm(max_limit=4) as crm:
        fill(crm, count)
        assert whole(read(crm, page_size=10), count)


@pytest.mark.parametrize("endpoint", LISTS)
def test_a_list_that_breaks_off_is_no_shorter_list(crm: UispSimulator, endpoint: str) -> None:
    """Half of a page, or an empty page where the list goes on, is no end of the list."""
    fill(crm, 12)
    crm.faults.append(Fault(endpoint, faults.half_list(), nth=1))
    assert whole(read(crm), 12)


@pytest.mark.parametrize("endpoint", LISTS)
@pytest.mark.parametrize("nth", [1, 2])
def test_a_single_short_page_is_asked_about_once_more(crm: UispSimulator, endpoint: str, nth: int) -> None:
    """A list that fits one page has no next page to tell that it broke off: its end is asked for."""
    fill(crm, 4)
    crm.faults.append(Fault(endpoint, faults.half_list(), nth=nth))
    assert whole(read(crm, page_size=100), 4)


@pytest.mark.parametrize("endpoint", LISTS)
def test_an_empty_list_is_an_error(crm: UispSimulator, endpoint: str) -> None:
    """No subscribers, or no services, is a fault of the CRM or the key, never a reason to disable everybody."""
    fill(crm, 3)
    crm.faults.append(Fault(endpoint, faults.empty_list(), times=None))
    with fails("crm_empty"):
        read(crm)


def test_a_crm_without_anything_is_an_error(crm: UispSimulator) -> None:
    """The same without a fault."""
    with fails("crm_empty"):
        read(crm)


def test_services_are_grouped_by_subscriber_in_order_of_id(crm: UispSimulator) -> None:
    """The last added service is the one with the highest id, on whatever page it stands."""
    first, second = crm.add_client("ABC1"), crm.add_client("ABC2")
    ids = [crm.add_service(client) for client in (first, second, first, second, first)]
    services = read(crm, page_size=2).services
    assert [one.id for one in services[first]] == [ids[0], ids[2], ids[4]]
    assert [one.id for one in services[second]] == [ids[1], ids[3]]


def test_the_attribute_of_the_password_is_found_by_its_key(crm: UispSimulator) -> None:
    """Its id differs from CRM to CRM."""
    fill(crm, 1)
    by_key = {row["key"]: row["id"] for row in crm.state.attributes}
    assert read(crm).password_attribute == by_key["pppPassword"]
