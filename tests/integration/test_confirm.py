"""Before a customer is cut off, the CRM is asked once more; whatever it says but the same again, nobody is cut (G2)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from lab.simulators.routeros import Fault as RouterFault
from lab.simulators.uisp import Fault, faults
from pppsync.config.event import Event
from pppsync.core.outcome import Result
from pppsync.sync.confirm import ONE_BY_ONE
from tests.integration.providers import Provider, part, provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab.simulators.uisp import RecordedRequest
    from lab.simulators.uisp.faults import Action

PATIENCE = 20.0
"""Seconds after which a test that waits for another thread gives up."""


@pytest.fixture
def isp() -> Iterator[Provider]:
    """A provider with a subscriber in order, ABC0, whom nobody may touch."""
    with provider() as running:
        running.sections["policy"] = {"guard": {"min": 100}}
        in_order(running, "ABC0")
        yield running
        assert (running.router.secret("ABC0") or {})["disabled"] == "false"
        assert len(running.router.sessions("ABC0")) == 1


def in_order(isp: Provider, name: str, status: int = 1, **attributes: str) -> int:
    """A subscriber who is enabled and online, whatever the CRM says by now; the client's id."""
    client = isp.subscribe(name, "x", status=status, **attributes)
    isp.router.add_secret(name=name, password="x", service="pppoe", profile="30mbps")
    isp.router.connect_session(name)
    return client


def counts(isp: Provider, seconds: float = 100.0) -> dict[str, dict[str, int]]:
    """One run's results, by result and kind, without what did not happen; the router answered."""
    report = part(isp.run(seconds=seconds))
    assert report.error is None
    return {result.value: dict(found) for result in Result if (found := report.count(result))}


def asked(isp: Provider, endpoint: str) -> list[RecordedRequest]:
    """The requests to one endpoint."""
    return [request for request in isp.crm.requests if request.endpoint == endpoint]


def at_the_second_look(isp: Provider, act: Callable[[], object]) -> None:
    """Do something just before the first confirmation is answered."""
    done = threading.Event()

    def hook(request: RecordedRequest) -> None:
        if request.endpoint == "GET clients/{id}" and not done.is_set():
            done.set()
            act()

    isp.crm.on_request = hook


MEANWHILE: dict[str, Callable[[Provider, int], object]] = {
    "paid": lambda isp, client: isp.crm.edit_service(isp.crm.services_of(client)[0]["id"], status=1),
    "a second service": lambda isp, client: isp.crm.add_service(client),
    "ended instead": lambda isp, client: isp.crm.edit_service(isp.crm.services_of(client)[0]["id"], status=2),
    "opted out": lambda isp, client: isp.crm.edit_client(client, tags=["VIP", "Custom-Config"]),
    "archived": lambda isp, client: isp.crm.archive_client(client),
    "a lead": lambda isp, client: isp.crm.edit_client(client, isLead=True),
    "another login": lambda isp, client: isp.crm.edit_client(client, userIdent="ABC2"),
    "no login": lambda isp, client: isp.crm.edit_client(client, userIdent=None),
    "deleted": lambda isp, client: isp.crm.delete_client(client),
    "on another router": lambda isp, client: isp.crm.edit_client(client, attributes={"router": "tower-2"}),
}


@pytest.mark.parametrize("happened", MEANWHILE)
def test_whoever_is_another_case_by_now_is_not_cut(isp: Provider, happened: str) -> None:
    """The reading is seconds old when the cuts begin; only the same outcome confirms."""
    client = in_order(isp, "ABC1", status=3)
    at_the_second_look(isp, lambda: MEANWHILE[happened](isp, client))
    assert counts(isp) == {"unconfirmed": {"disable": 1}}
    assert isp.router.writes == []


def test_what_does_not_matter_for_the_cut_may_change(isp: Provider) -> None:
    """Another password or plan is no reason to leave somebody online who does not pay."""
    client = in_order(isp, "ABC1", status=3)
    at_the_second_look(isp, lambda: isp.crm.edit_client(client, attributes={"pppPassword": "y"}, tags=["VIP"]))
    assert counts(isp) == {"applied": {"disable": 1}}


@pytest.mark.parametrize("endpoint", ["GET clients/{id}", "GET clients/services"])
@pytest.mark.parametrize(
    "action",
    [
        pytest.param(faults.status(404), id="404"),
        pytest.param(faults.status(401), id="401"),
        pytest.param(faults.status(403), id="403"),
        pytest.param(faults.status(429), id="429"),
        pytest.param(faults.status(503), id="503"),
        pytest.param(faults.html_page(), id="a page"),
        pytest.param(faults.error_object(), id="an object"),
        pytest.param(faults.invalid_json(), id="broken JSON"),
        pytest.param(faults.reset(), id="reset"),
        pytest.param(faults.cut_body(), id="cut"),
    ],
)
def test_an_answer_that_says_nothing_confirms_nothing(isp: Provider, endpoint: str, action: Action) -> None:
    """The secret stays enabled, counted `unconfirmed`, and the run goes on."""
    in_order(isp, "ABC1", status=3)
    isp.subscribe("NEW", "x")
    # The first reading asks for the services twice, a page and the proof of its end.
    isp.crm.faults.append(Fault(endpoint, action, nth=3 if endpoint.endswith("services") else 1, times=None))
    assert counts(isp) == {"applied": {"create": 1}, "unconfirmed": {"disable": 1}}
    assert [write.command for write in isp.router.writes] == ["/ppp/secret/add"]


def test_an_error_that_passes_is_asked_over(isp: Provider) -> None:
    """A CRM that stumbles once does not keep somebody online who does not pay."""
    in_order(isp, "ABC1", status=3)
    isp.crm.faults.append(Fault("GET clients/{id}", faults.status(503), times=2))
    assert counts(isp) == {"applied": {"disable": 1}}


def test_no_services_at_all_is_not_a_suspension(isp: Provider) -> None:
    """An empty answer about one subscriber is another outcome than the one that was planned (D4)."""
    in_order(isp, "ABC1", status=3)
    isp.crm.faults.append(Fault("GET clients/services", faults.empty_list(), nth=3, times=None))
    assert counts(isp) == {"unconfirmed": {"disable": 1}}


def test_no_time_left_confirms_nothing(isp: Provider) -> None:
    """The deadline comes between the plan and the second look."""
    in_order(isp, "ABC1", status=3)
    at_the_second_look(isp, lambda: isp.clock.sleep(1000))
    isp.crm.faults.append(Fault("GET clients/services", faults.status(503), nth=3))
    assert counts(isp) == {"unconfirmed": {"disable": 1}}
    isp.crm.on_request = None
    assert counts(isp) == {"applied": {"disable": 1}}


def test_rows_that_move_between_two_pages_cut_nobody(isp: Provider) -> None:
    """A service that is deleted while the list is read moves all later ones; the one in between is not lost."""
    isp.crm_keys["page_size"] = 3
    for number in range(1, 9):
        in_order(isp, f"ABC{number}")
    gone = isp.crm.services_of(1)[0]["id"]
    seen: list[str] = []

    def move(request: RecordedRequest) -> None:
        if request.endpoint == "GET clients/services":
            seen.append(request.path)
            if len(seen) == 2:
                isp.crm.add_service(1)
                isp.crm.delete_service(gone)

    isp.crm.on_request = move
    assert counts(isp) == {}
    assert isp.router.writes == []


def test_a_row_that_the_list_leaves_out_cuts_nobody(isp: Provider) -> None:
    """The list looks right and is not: the second look finds the service."""
    isp.crm_keys["page_size"] = 3
    for number in range(1, 4):
        in_order(isp, f"ABC{number}")
    leave_out = faults.rows(lambda page: page[:1] if page and page[0]["id"] == 3 else page)
    isp.crm.faults.append(Fault("GET clients/services", leave_out, times=None))
    assert counts(isp) == {"unconfirmed": {"disable": 1}}
    assert isp.router.writes == []


@pytest.mark.parametrize(("cuts", "single", "pages"), [(ONE_BY_ONE, ONE_BY_ONE, 2), (ONE_BY_ONE + 1, 0, 4)])
def test_many_cuts_share_one_second_reading(isp: Provider, cuts: int, single: int, pages: int) -> None:
    """Up to 25 cuts are looked up each for itself, more by reading everything once more."""
    for number in range(1, cuts + 1):
        in_order(isp, f"ABC{number}", status=3)
    assert counts(isp) == {"applied": {"disable": cuts}}
    assert len(asked(isp, "GET clients/{id}")) == single
    assert len(asked(isp, "GET clients")) == pages


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(faults.status(503), id="503"),
        pytest.param(faults.empty_list(), id="an empty list"),
        pytest.param(faults.rows_without_id(), id="rows without ids"),
    ],
)
@pytest.mark.parametrize("endpoint", ["GET clients", "GET clients/services"])
def test_a_second_reading_that_is_not_whole_confirms_nobody(isp: Provider, endpoint: str, action: Action) -> None:
    """All or nothing holds for it as for the first one."""
    for number in range(1, ONE_BY_ONE + 5):
        in_order(isp, f"ABC{number}", status=3)
    isp.crm.faults.append(Fault(endpoint, action, nth=3, times=None))
    assert counts(isp) == {"unconfirmed": {"disable": ONE_BY_ONE + 4}}
    assert isp.router.writes == []


def test_the_second_reading_spares_who_paid_meanwhile(isp: Provider) -> None:
    """Each of many cuts is judged by itself."""
    clients = [in_order(isp, f"ABC{number}", status=3) for number in range(1, ONE_BY_ONE + 5)]

    def pay(request: RecordedRequest) -> None:
        # The first reading asks each list twice: for the page, and for the proof of its end.
        if len(asked(isp, request.endpoint)) == 3:
            isp.crm.edit_service(isp.crm.services_of(clients[3])[0]["id"], status=1)

    isp.crm.on_request = pay
    assert counts(isp) == {"applied": {"disable": len(clients) - 1}, "unconfirmed": {"disable": 1}}
    assert len(isp.router.sessions("ABC4")) == 1


def test_confirmed_cuts_do_not_wait_for_the_others(isp: Provider) -> None:
    """The answer about one subscriber is held back until the other one's cut has reached the router."""
    held_back = in_order(isp, "ABC1", status=3)
    in_order(isp, "ABC2", status=3)
    written = threading.Event()
    isp.router.faults.append(RouterFault("/ppp/secret/set", "call", call=written.set))

    def wait(request: RecordedRequest) -> None:
        if request.path.endswith(f"clients/{held_back}"):
            assert written.wait(PATIENCE)

    isp.crm.on_request = wait
    assert counts(isp) == {"applied": {"disable": 2}}
    assert [write.words[".id"] for write in isp.router.writes if "disabled" in write.words] == ["*3", "*2"]


def test_help_does_not_wait_for_confirmations(isp: Provider) -> None:
    """Enables and creates are done while the CRM is still thinking about the cuts (G8)."""
    held_back = in_order(isp, "ABC1", status=3)
    isp.subscribe("NEW", "x")
    created = threading.Event()
    isp.router.faults.append(RouterFault("/ppp/secret/add", "call", call=created.set))

    def wait(request: RecordedRequest) -> None:
        if request.path.endswith(f"clients/{held_back}"):
            assert created.wait(PATIENCE)

    isp.crm.on_request = wait
    assert counts(isp) == {"applied": {"create": 1, "disable": 1}}


def test_what_is_under_way_goes_on_while_the_crm_thinks(isp: Provider) -> None:
    """A changed password is read back and its session dropped, however long the answer about a cut takes."""
    held_back = in_order(isp, "ABC1", status=3)
    in_order(isp, "ABC2")
    isp.router.edit_secret("ABC2", password="old")
    dropped = threading.Event()
    isp.router.faults.append(RouterFault("/ppp/active/remove", "call", call=dropped.set))
    waited: list[bool] = []

    def wait(request: RecordedRequest) -> None:
        if request.path.endswith(f"clients/{held_back}"):
            waited.append(dropped.wait(PATIENCE))

    isp.crm.on_request = wait
    assert counts(isp) == {"applied": {"password": 1, "disable": 1}}
    assert waited == [True]


def test_at_most_four_are_asked_about_at_a_time(isp: Provider) -> None:
    """The CRM's workers serve customers too: while four questions wait, nobody is there to ask a fifth."""
    for number in range(1, 12):
        in_order(isp, f"ABC{number}", status=3)
    four = threading.Barrier(4, timeout=PATIENCE)
    askers: list[int] = []

    def meet(request: RecordedRequest) -> None:
        if request.endpoint == "GET clients/{id}" and len(asked(isp, request.endpoint)) <= 4:
            four.wait()
            askers.append(sum(thread.name.startswith("confirm") for thread in threading.enumerate()))

    isp.crm.on_request = meet
    assert counts(isp) == {"applied": {"disable": 11}}
    assert askers == [4] * 4


@pytest.mark.parametrize("many", [1, ONE_BY_ONE + 1])
def test_an_unconfirmed_cut_says_why(isp: Provider, many: int) -> None:
    """The CRM's error, or that it says otherwise by now, stands beside each."""
    for number in range(1, many + 1):
        in_order(isp, f"ABC{number}", status=3)
    isp.crm.faults.append(Fault("GET clients/services", faults.status(503), nth=3, times=None))
    found = {(one.reason, one.detail) for one in part(isp.run()).outcomes}
    assert found == {("unconfirmed", "crm_failing: the CRM answers with 503 (4 of 4 tries)")}


def test_a_cut_of_another_case_says_so(isp: Provider) -> None:
    """As above, where the CRM did answer."""
    client = in_order(isp, "ABC1", status=3)
    at_the_second_look(isp, lambda: MEANWHILE["paid"](isp, client))
    (outcome,) = part(isp.run()).outcomes
    assert (outcome.reason, outcome.detail) == ("unconfirmed", "the CRM says otherwise by now")


def test_what_is_withheld_is_not_asked_about(isp: Provider) -> None:
    """A thousand cuts that wait for an approval are no thousand requests."""
    isp.sections["policy"] = {"guard": {"min": 0, "percent": 0}}
    in_order(isp, "ABC1", status=3)
    assert counts(isp) == {"withheld": {"disable": 1}}
    assert asked(isp, "GET clients/{id}") == []


def test_an_approved_cut_is_confirmed_all_the_same(isp: Provider) -> None:
    """Approval lifts the limit, and nothing else (G4)."""
    isp.sections["policy"] = {"guard": {"min": 0, "percent": 0}}
    client = in_order(isp, "ABC1", status=3)
    (plan,) = part(isp.run()).plans
    at_the_second_look(isp, lambda: MEANWHILE["paid"](isp, client))
    report = part(isp.run(Event(approve=(plan.plan_id,))))
    assert report.count(Result.UNCONFIRMED) == {"disable": 1}
    assert isp.router.writes == []
