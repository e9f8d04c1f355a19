"""What the CRM answers in its bad hours: retried where that may help, never taken for a list, never beyond the time."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.uisp import Fault, faults
from pppsync.core.masked import Masked
from pppsync.crm.client import UispClient
from pppsync.crm.transport import ATTEMPTS, LARGEST_ANSWER, HttpAnswer
from pppsync.errors import CrmError
from pppsync.net.deadline import Deadline
from tests.integration.providers import (
    DOMAIN,
    KEY,
    SkippingClock,
    certificate,
    certified_crm,
    crm_settings,
    fails,
    policy,
    soon,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.simulators.uisp import UispSimulator
    from lab.simulators.uisp.faults import Action
    from pppsync.core.subscriber import CrmState

LISTS = ["GET clients", "GET clients/services"]
ROWS = 12
PATIENCE = 20.0
"""Seconds after which something has hung."""


@pytest.fixture
def crm() -> Iterator[UispSimulator]:
    """A CRM with a dozen subscribers."""
    with certified_crm() as running:
        for number in range(ROWS):
            running.add_service(running.add_client(f"ABC{number}", {"pppPassword": f"secret-{number}"}))
        yield running


def client_of(crm: UispSimulator, **changes: Any) -> UispClient:
    """A client of that CRM, with pages of five."""
    return UispClient(crm_settings(crm, **({"page_size": 5} | changes)), policy())


def read(crm: UispSimulator, deadline: Deadline | None = None, **changes: Any) -> CrmState:
    """One reading of everything."""
    with client_of(crm, **changes) as client:
        return client.read(deadline or soon())


def asked(crm: UispSimulator, endpoint: str) -> int:
    """How often an endpoint was asked."""
    return sum(request.endpoint == endpoint for request in crm.requests)


BAD_LISTS = {
    "an error object": faults.error_object(),
    "a login page": faults.html_page(),
    "a page that says it is JSON": faults.html_labelled_json(),
    "broken JSON": faults.invalid_json(),
    "JSON of another encoding": faults.body(b'["\xff"]'),
    "JSON too deep to read": faults.body(b"[" * 200_000),
    "nothing": faults.body(b""),
    "null": faults.body(b"null"),
    "a number": faults.body(b"7"),
    "a text": faults.body(b'"clients"'),
    "rows without ids": faults.rows_without_id(),
    "ids as text": faults.ids_as_text(),
    "ids that are true": faults.field_value("id", True),
    "rows that are numbers": faults.rows_not_objects(),
    "more rows than were asked for": faults.rows(lambda page: page * 6),
}


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("endpoint", LISTS)
@pytest.mark.parametrize("action", [pytest.param(action, id=name) for name, action in BAD_LISTS.items()])
def test_what_is_no_list_of_rows_ends_the_reading(crm: UispSimulator, action: Action, endpoint: str, nth: int) -> None:
    """On whatever page: no partial list comes back, and asking again would not help."""
    crm.faults.append(Fault(endpoint, action, nth=nth))
    with fails("crm_bad_answer"):
        read(crm)
    assert asked(crm, endpoint) <= 5


@pytest.mark.parametrize(
    ("endpoint", "field", "value"),
    [
        ("GET clients", "attributes", {"pppPassword": "x"}),
        ("GET clients", "attributes", ["pppPassword"]),
        ("GET clients", "tags", "Custom-Config"),
        ("GET clients", "userIdent", ["ABC1"]),
        ("GET clients/services", "clientId", None),
        ("GET clients/services", "clientId", "7"),
    ],
)
def test_a_field_of_a_wrong_type_that_a_rule_needs_ends_the_reading(
    crm: UispSimulator, endpoint: str, field: str, value: object
) -> None:
    """A tag or an attribute that cannot be understood must not read as none."""
    crm.faults.append(Fault(endpoint, faults.field_value(field, value)))
    with fails("crm_bad_answer", saying=field):
        read(crm)


@pytest.mark.parametrize("endpoint", LISTS)
def test_fields_that_are_new_do_no_harm(crm: UispSimulator, endpoint: str) -> None:
    """The CRM grows fields with every version."""
    crm.faults.append(Fault(endpoint, faults.field_value("brandNew", {"of": ["whatever"]}), times=None))
    assert len(read(crm).subscribers) == ROWS


@pytest.mark.parametrize("endpoint", LISTS)
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "crm_refused"),
        (401, "crm_unauthorized"),
        (403, "crm_forbidden"),
        (404, "crm_refused"),
        (422, "crm_refused"),
    ],
)
def test_what_the_crm_refuses_is_not_asked_again(crm: UispSimulator, endpoint: str, status: int, code: str) -> None:
    """A wrong key or a wrong question stays wrong, and repeating it may lock the key."""
    crm.faults.append(Fault(endpoint, faults.status(status), times=None))
    clock = SkippingClock()
    with fails(code, saying=str(status)) as caught:
        read(crm, clock.deadline(30))
    assert isinstance(caught.value, CrmError)
    assert not caught.value.fall_back
    assert (asked(crm, endpoint), clock.naps) == (1, [])


def test_a_wrong_key_is_told_as_such(crm: UispSimulator) -> None:
    """The message says which setting to mend; the key itself is nowhere."""
    with fails("crm_unauthorized", saying=r"ucrm\.ucrm_key") as caught:
        read(crm, ucrm_key="a-wrong-key")
    assert "a-wrong-key" not in repr(caught.value)


@pytest.mark.parametrize("status", [429, 500, 501, 502, 503, 504, 520, 530])
def test_an_error_of_the_crm_itself_is_tried_again_after_growing_pauses(crm: UispSimulator, status: int) -> None:
    """A CRM that restarts behind its proxy is back in seconds; each pause is longer, and none is the same twice."""
    crm.faults.append(Fault("GET clients/services", faults.status(status), times=ATTEMPTS - 1))
    clock = SkippingClock()
    assert read(crm, clock.deadline(60)).service_count == ROWS
    first, second, third = clock.naps
    assert 0.5 <= first <= 1 <= second <= 2 <= third <= 4


@pytest.mark.parametrize("status", [429, 500, 503, 521])
def test_an_error_that_stays_is_given_up(crm: UispSimulator, status: int) -> None:
    """After the last try the status is told; the other address may do better."""
    crm.faults.append(Fault("GET clients/services", faults.status(status), times=None))
    with fails("crm_failing", saying=f"{status}.*{ATTEMPTS} of {ATTEMPTS} tries") as caught:
        read(crm)
    assert isinstance(caught.value, CrmError)
    assert caught.value.fall_back
    assert asked(crm, "GET clients/services") == ATTEMPTS


@pytest.mark.parametrize("status", [429, 503])
def test_the_crm_says_itself_when_to_ask_again(crm: UispSimulator, status: int) -> None:
    """`Retry-After` in seconds takes the place of our own pause."""
    crm.faults.append(Fault("GET clients", faults.status(status, retry_after=7)))
    clock = SkippingClock()
    assert len(read(crm, clock.deadline(60)).subscribers) == ROWS
    assert clock.naps == [7]


def test_the_crm_may_name_the_moment_to_ask_again(crm: UispSimulator) -> None:
    """`Retry-After` may be a date."""
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=20)
    crm.faults.append(Fault("GET clients", faults.status(429, retry_after=moment)))
    clock = SkippingClock()
    assert len(read(crm, clock.deadline(60)).subscribers) == ROWS
    (nap,) = clock.naps
    assert 5 < nap <= 20


@pytest.mark.parametrize("retry_after", [3600, dt.datetime(2100, 1, 1, tzinfo=dt.UTC)])
def test_a_pause_beyond_the_deadline_is_not_begun(crm: UispSimulator, retry_after: int | dt.datetime) -> None:
    """The run would end in its middle."""
    crm.faults.append(Fault("GET clients", faults.status(429, retry_after), times=None))
    clock = SkippingClock()
    with fails("crm_failing", saying="1 of 4 tries"):
        read(crm, clock.deadline(60))
    assert clock.naps == []


@pytest.mark.parametrize("endpoint", LISTS)
@pytest.mark.parametrize(
    "action",
    [
        pytest.param(faults.reset(), id="reset"),
        pytest.param(faults.close(), id="closed without an answer"),
        pytest.param(faults.cut_body(), id="cut in the middle of the body"),
        pytest.param(faults.huge_length(), id="a length that never comes"),
    ],
)
def test_a_connection_that_breaks_is_tried_again(crm: UispSimulator, action: Action, endpoint: str) -> None:
    """A cut body is no short list."""
    crm.faults.append(Fault(endpoint, action, nth=2, times=2))
    assert len(read(crm).subscribers) == ROWS


def test_a_connection_that_keeps_breaking_is_given_up(crm: UispSimulator) -> None:
    """`crm_unreachable`, and the other address may do better."""
    crm.faults.append(Fault("GET clients", faults.reset(), times=None))
    with fails("crm_unreachable", saying="4 of 4 tries") as caught:
        read(crm)
    assert isinstance(caught.value, CrmError)
    assert caught.value.fall_back


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(faults.stall(), id="silence"),
        pytest.param(faults.stall(after=100), id="silence in the body"),
        pytest.param(faults.drip(0.02), id="a byte now and then"),
        pytest.param(faults.drip(0.3, chunk=200), id="some bytes now and then"),
    ],
)
def test_a_crm_that_hangs_does_not_hang_the_run(crm: UispSimulator, action: Action) -> None:
    """Each of these would take minutes, and each wait for the next byte is short: the deadline ends it."""
    crm.faults.append(Fault("GET clients", action, times=None))
    with fails("crm_(timeout|unreachable)") as caught:
        read(crm, soon(1))
    assert isinstance(caught.value, CrmError)
    assert caught.value.fall_back


def test_a_single_answer_has_a_limit_of_its_own(crm: UispSimulator) -> None:
    """`ucrm.timeout` bounds the wait for an answer, whatever time the run has left; then it is asked again."""
    crm.faults.append(Fault("GET clients", faults.stall()))
    assert len(read(crm, soon(100), timeout=0.3).subscribers) == ROWS


def test_a_request_has_its_own_time_on_a_connection_of_another(crm: UispSimulator) -> None:
    """What an earlier request on it had left says nothing about this one."""
    now = [0.0]
    with client_of(crm) as client:
        client.read(soon())
        client.read_subscriber(1, Deadline(10.0, lambda: now[0]))
        now[0] = 20.0
        for subscriber in (1, 2, 3):
            client.read_subscriber(subscriber, soon())
    assert asked(crm, "GET clients/{id}") == 4


def test_the_head_of_an_answer_may_not_drip_for_ever(crm: UispSimulator) -> None:
    """The time of a request counts from its first byte on: this head alone would take a minute and a half."""
    crm.faults.append(Fault("GET clients", faults.drip_head(0.5), times=None))
    began = time.monotonic()
    with fails("crm_(timeout|unreachable)"):
        read(crm, soon(1))
    assert time.monotonic() - began < PATIENCE


def test_no_time_left_is_told_without_asking(crm: UispSimulator) -> None:
    """A run that begins too late asks nothing."""
    with fails("crm_timeout"):
        read(crm, soon(0))
    assert crm.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(crm: UispSimulator, status: int) -> None:
    """The key would go wherever somebody points."""
    with certified_crm() as other:
        crm.faults.append(Fault("GET clients", faults.redirect(other.api_url + "clients", status), times=None))
        with fails("crm_refused", saying=f"redirect.*{status}"):
            read(crm)
        assert other.requests == []


@pytest.mark.parametrize("location", ["https://[", "http://:x", "", "\xff", "https://exa mple/", "javascript:1"])
def test_a_redirect_to_nonsense_is_the_same_error(crm: UispSimulator, location: str) -> None:
    """Wherever it points, it is not even looked at."""
    crm.faults.append(Fault("GET clients", faults.redirect(location), times=None))
    with fails("crm_refused", saying="302"):
        read(crm)
    assert asked(crm, "GET clients") == 1


@pytest.mark.parametrize("written", ["application/json", "Application/JSON; charset=UTF-8", "application/problem+json"])
def test_the_type_of_an_answer_has_no_letter_case(written: str) -> None:
    """G1: what a proxy in between spells its own way is JSON all the same."""
    assert HttpAnswer(b"[]", written).json() == []


def test_compressed_answers_are_read() -> None:
    """A list of 10,000 services is 19 MB in the clear."""
    with certified_crm(compress=True) as crm:
        for number in range(ROWS):
            crm.add_service(crm.add_client(f"ABC{number}"))
        assert len(read(crm).subscribers) == ROWS
        assert "gzip" in crm.requests[0].headers["accept-encoding"]


def test_an_answer_of_any_size_does_not_fill_the_memory() -> None:
    """What is far larger than any page is refused before it is held, compressed or not."""
    with certified_crm(compress=True) as crm:
        crm.faults.append(Fault("GET clients", faults.body(b" " * (LARGEST_ANSWER + 1))))
        with fails("crm_bad_answer", saying="page_size"):
            read(crm)


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(faults.status(403), id="forbidden"),
        pytest.param(faults.status(404), id="not found"),
        pytest.param(faults.status(503), id="failing"),
        pytest.param(faults.reset(), id="reset"),
        pytest.param(faults.error_object(), id="an object"),
        pytest.param(faults.html_page(), id="a page"),
        pytest.param(faults.body(b"null"), id="null"),
        pytest.param(faults.rows_not_objects(), id="numbers"),
        pytest.param(faults.rows_without_id(), id="no ids"),
        pytest.param(faults.empty_list(), id="none"),
    ],
)
def test_the_list_of_attributes_is_no_need(crm: UispSimulator, action: Action) -> None:
    """Without it the sync goes on and leaves passwords alone (R10)."""
    crm.faults.append(Fault("GET custom-attributes", action, times=None))
    state = read(crm)
    assert (len(state.subscribers), state.password_attribute) == (ROWS, None)


def test_a_service_attribute_of_the_same_key_is_not_the_one(crm: UispSimulator) -> None:
    """Only an attribute of clients holds passwords of clients."""
    other = faults.field_value("attributeType", "service")
    crm.faults.append(Fault("GET custom-attributes", other))
    assert read(crm).password_attribute is None


def test_one_subscriber_is_read_fresh(crm: UispSimulator) -> None:
    """A second look before a cut sees what changed since the bulk reading."""
    with client_of(crm) as client:
        client.read(soon())
        crm.edit_client(3, userIdent="NEW3")
        crm.edit_service(3, status=3)
        crm.add_service(3)
        subscriber, services = client.read_one(3, soon())
    assert (subscriber.id, subscriber.custom_id) == (3, "NEW3")
    assert [service.status for service in services] == [3, 1]


@pytest.mark.parametrize(
    ("endpoint", "action", "code"),
    [
        ("GET clients/{id}", faults.status(404), "crm_refused"),
        ("GET clients/{id}", faults.status(500), "crm_failing"),
        ("GET clients/{id}", faults.html_page(), "crm_bad_answer"),
        ("GET clients/{id}", faults.body(b"[]"), "crm_bad_answer"),
        ("GET clients/{id}", faults.body(b'{"id": 4}'), "crm_bad_answer"),
        ("GET clients/services", faults.status(401), "crm_unauthorized"),
        ("GET clients/services", faults.error_object(), "crm_bad_answer"),
        ("GET clients/services", faults.rows_without_id(), "crm_bad_answer"),
        ("GET clients/services", faults.field_value("clientId", 4), "crm_bad_answer"),
    ],
)
def test_a_second_look_that_is_not_about_the_subscriber_is_an_error(
    crm: UispSimulator, endpoint: str, action: Action, code: str
) -> None:
    """It must not confirm a cut."""
    with client_of(crm) as client:
        client.read(soon())
        crm.faults.append(Fault(endpoint, action, times=None))
        with fails(code):
            client.read_one(3, soon())


def password_of(crm: UispSimulator, client_id: int) -> str:
    """The password that the CRM holds for a client."""
    (value,) = [one["value"] for one in crm.client(client_id)["attributes"] if one["key"] == "pppPassword"]
    return str(value)


@pytest.mark.parametrize("password", ["123", "yes", "0123", "pässwörd", "a=b", '"; drop'])
def test_an_attribute_is_written_literally_and_alone(crm: UispSimulator, password: str) -> None:
    """The value arrives as it is, every other attribute stays."""
    crm.edit_client(3, attributes={"staticIp": "10.0.0.3"})
    with client_of(crm) as client:
        attribute = client.read(soon()).password_attribute
        assert attribute
        client.write_attribute(3, attribute, Masked(password), soon(), soon())
    assert password_of(crm, 3) == password
    assert {one["key"] for one in crm.client(3)["attributes"]} == {"pppPassword", "staticIp"}


@pytest.mark.parametrize("after_write", [True, False])
@pytest.mark.parametrize("action", [faults.reset(), faults.status(503), faults.cut_body()])
def test_a_write_whose_answer_is_lost_is_done_again(crm: UispSimulator, action: Action, after_write: bool) -> None:
    """Setting a value twice is the same as once."""
    crm.faults.append(Fault("PATCH clients", action, after_write=after_write))
    with client_of(crm) as client:
        attribute = client.read(soon()).password_attribute
        assert attribute
        client.write_attribute(3, attribute, Masked("new"), soon(), soon())
    assert password_of(crm, 3) == "new"


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (faults.status(403), "crm_forbidden"),
        (faults.status(422), "crm_refused"),
        (faults.html_page(), "crm_bad_answer"),
        (faults.body(b"[]"), "crm_bad_answer"),
    ],
)
def test_a_refused_write_is_told_and_not_repeated(crm: UispSimulator, action: Action, code: str) -> None:
    """Nothing is changed, and the message shows no password."""
    crm.faults.append(Fault("PATCH clients", action, times=None))
    with client_of(crm) as client:
        attribute = client.read(soon()).password_attribute
        assert attribute
        with fails(code) as caught:
            client.write_attribute(3, attribute, Masked("s3cret-value"), soon(), soon())
    assert "s3cret-value" not in json.dumps([repr(caught.value), str(caught.value)])
    assert (password_of(crm, 3), asked(crm, "PATCH clients/{id}")) == ("secret-2", 1)


def test_no_error_shows_the_key(crm: UispSimulator) -> None:
    """Neither its text nor the texts of what caused it."""
    for action in (faults.reset(), faults.status(401), faults.html_page(), faults.redirect("https://elsewhere/")):
        crm.faults[:] = [Fault("GET clients", action, times=None)]
        with pytest.raises(CrmError) as caught:
            read(crm)
        error: BaseException | None = caught.value
        while error:
            assert KEY not in f"{error} {error!r} {error.args}"
            error = error.__cause__ or error.__context__


class ChunkedHandler(BaseHTTPRequestHandler):
    """Answers every list compressed and in pieces, as nginx does; the last piece may be missing."""

    protocol_version = "HTTP/1.1"
    broken = 0

    def do_GET(self) -> None:
        """One row for a list's start or end, then nothing."""
        row = {"id": 1, "clientId": 1, "attributes": [], "tags": []}
        body = gzip.compress(json.dumps([row]).encode())
        self.send_response(200)
        for name in ("Content-Type: application/json", "Content-Encoding: gzip", "Transfer-Encoding: chunked"):
            self.send_header(*name.split(": "))
        self.end_headers()
        for byte in body:
            self.wfile.write(b"1\r\n%c\r\n" % byte)
        if ChunkedHandler.broken:
            ChunkedHandler.broken -= 1
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parameter's name in http.server
        """Say nothing."""


@pytest.mark.parametrize("broken", [0, 2])
def test_answers_in_pieces_are_read_to_their_end(broken: int) -> None:
    """A piece that never comes is a broken connection, not the end of the list."""
    ChunkedHandler.broken = broken
    with ThreadingHTTPServer(("127.0.0.1", 0), ChunkedHandler) as server:
        server.socket = certificate(DOMAIN).server_context().wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            place = {"domain_name": f"{DOMAIN}:{server.server_port}", "page_size": 100}
            with certified_crm() as crm, UispClient(crm_settings(crm, **place), policy()) as client:
                assert len(client.read(soon()).subscribers) == 1
        finally:
            server.shutdown()
            thread.join()
    assert ChunkedHandler.broken == 0


def test_no_write_begins_after_the_start(crm: UispSimulator) -> None:
    """Neither a first try nor a second one: the last seconds are for the answers (import)."""
    with client_of(crm) as client:
        attribute = client.read(soon()).password_attribute
        assert attribute
        with fails("crm_timeout"):
            client.write_attribute(3, attribute, Masked("new"), soon(-1), soon())
        assert asked(crm, "PATCH clients/{id}") == 0
        crm.faults.append(Fault("PATCH clients", faults.status(503), times=None))
        with fails("crm_failing"):
            client.write_attribute(3, attribute, Masked("new"), Deadline(0.5, lambda: 0.0), soon())
        assert asked(crm, "PATCH clients/{id}") == 1
