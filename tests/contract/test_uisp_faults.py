"""Every fault of the UISP simulator, as a client sees it."""

from __future__ import annotations

import datetime as dt
import ssl
import threading
from http.client import HTTPConnection, HTTPSConnection
from typing import TYPE_CHECKING, Any

import pytest
import requests

from lab.simulators.certificates import Authority
from lab.simulators.uisp import Fault, UispSimulator, faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.simulators.uisp.faults import Action


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context and the file of the authority to trust."""
    authority = Authority()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    path.write_text(authority.pem)
    return authority.issue("127.0.0.1").server_context(), path


@pytest.fixture(params=["http", "https"])
def crm(request: pytest.FixtureRequest, certificate: tuple[ssl.SSLContext, Path]) -> Iterator[UispSimulator]:
    """Six clients, over TCP and over TLS."""
    with UispSimulator(tls=certificate[0] if request.param == "https" else None, compress=True) as crm:
        crm.add_attribute("PPP Password")
        for _ in range(6):
            crm.add_client()
        yield crm


@pytest.fixture
def http(http: requests.Session, certificate: tuple[ssl.SSLContext, Path]) -> requests.Session:
    """A client that trusts the authority and asks for no compression."""
    http.verify = str(certificate[1])
    http.headers["Accept-Encoding"] = "identity"
    return http


def get(http: requests.Session, crm: UispSimulator, query: str = "") -> requests.Response:
    """GET clients, no redirect followed."""
    return http.get(f"{crm.api_url}clients{query}", timeout=5, allow_redirects=False)


def page(http: requests.Session, crm: UispSimulator, action: Action, query: str = "") -> Any:
    """The JSON of one page under a fault."""
    crm.faults.append(Fault(on="GET clients", action=action))
    answer = get(http, crm, query)
    assert answer.status_code == 200
    return answer.json()


def test_a_fault_strikes_the_nth_request_and_then_so_many(crm: UispSimulator, http: requests.Session) -> None:
    """`nth` counts matching requests from when the fault was put in place, `times` limits them, None does not."""
    crm.faults.append(Fault(on="GET clients", nth=2, times=2, action=faults.status(500)))
    crm.faults.append(Fault(on="*", nth=5, times=None, action=faults.status(504)))
    assert [get(http, crm).status_code for _ in range(7)] == [200, 500, 500, 200, 504, 504, 504]
    crm.faults.clear()
    assert get(http, crm).status_code == 200


@pytest.mark.parametrize(
    ("on", "struck"),
    [
        ("*", {"GET clients", "GET clients/1", "GET clients/2", "PATCH clients/1"}),
        ("GET clients", {"GET clients"}),
        ("GET clients/{id}", {"GET clients/1", "GET clients/2"}),
        ("GET clients/2", {"GET clients/2"}),
        ("PATCH clients", {"PATCH clients/1"}),
        ("PATCH clients/1", {"PATCH clients/1"}),
        ("GET version", set()),
    ],
)
def test_a_fault_knows_its_requests(crm: UispSimulator, http: requests.Session, on: str, struck: set[str]) -> None:
    """`on` is everything, an endpoint, or one path with its number."""
    crm.faults.append(Fault(on=on, times=None, action=faults.status(500)))
    seen = set()
    for name in ("GET clients", "GET clients/1", "GET clients/2", "PATCH clients/1"):
        method, path = name.split()
        if http.request(method, crm.api_url + path, json={}, timeout=5).status_code == 500:
            seen.add(name)
    assert seen == struck


@pytest.mark.parametrize("code", [401, 403, 404, 422, 429, 500])
def test_errors_of_the_api_are_json(crm: UispSimulator, http: requests.Session, code: int) -> None:
    """The API's own errors carry its error object."""
    crm.faults.append(Fault(on="GET clients", action=faults.status(code)))
    answer = get(http, crm)
    assert (answer.status_code, answer.json()["code"], "errors" in answer.json()) == (code, code, code == 422)


@pytest.mark.parametrize("code", [401, 403, 404])
def test_what_stands_in_front_answers_for_itself(crm: UispSimulator, http: requests.Session, code: int) -> None:
    """Its page is HTML, or JSON without the API's error object."""
    crm.faults.append(Fault(on="GET clients", action=faults.front(code)))
    crm.faults.append(Fault(on="GET clients", nth=2, action=faults.front(code, b'{"message":"Forbidden"}')))
    first, second = get(http, crm), get(http, crm)
    assert (first.status_code, first.headers["Content-Type"]) == (code, "text/html; charset=UTF-8")
    assert (second.status_code, second.json()) == (code, {"message": "Forbidden"})


@pytest.mark.parametrize("code", [502, 503, 504])
def test_errors_of_the_proxy_are_html(crm: UispSimulator, http: requests.Session, code: int) -> None:
    """The proxy in front answers with a page."""
    crm.faults.append(Fault(on="GET clients", action=faults.status(code)))
    answer = get(http, crm)
    assert answer.status_code == code
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text.startswith("<html>")


def test_retry_after_is_given_in_seconds_or_as_a_date(crm: UispSimulator, http: requests.Session) -> None:
    """Retry-After holds seconds or an HTTP date."""
    date = dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    crm.faults.append(Fault(on="GET clients", action=faults.status(429, retry_after=7)))
    crm.faults.append(Fault(on="GET clients", nth=2, action=faults.status(503, retry_after=date)))
    waits = [get(http, crm).headers["Retry-After"] for _ in range(2)]
    assert waits == ["7", "Wed, 02 Jan 2030 03:04:05 GMT"]


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_leads_where_the_test_says(crm: UispSimulator, http: requests.Session, code: int) -> None:
    """A redirect leads wherever the test says."""
    crm.faults.append(Fault(on="GET clients", action=faults.redirect("https://other.example/", code)))
    answer = get(http, crm)
    assert (answer.status_code, answer.headers["Location"]) == (code, "https://other.example/")


def test_status_200_may_carry_no_list(crm: UispSimulator, http: requests.Session) -> None:
    """HTML, HTML that says it is JSON, broken JSON: status 200 and no list."""
    for action in (faults.html_page(), faults.html_labelled_json(), faults.invalid_json()):
        with pytest.raises(requests.exceptions.JSONDecodeError):
            page(http, crm, action)
    assert page(http, crm, faults.error_object())["code"] == 401
    assert page(http, crm, faults.body(b"null")) is None


def test_a_list_may_have_wrong_rows(crm: UispSimulator, http: requests.Session) -> None:
    """Valid JSON of the wrong content: fewer rows, no rows, rows twice, rows of wrong types."""
    true = [crm.client(number) for number in range(1, 7)]
    assert page(http, crm, faults.empty_list()) == []
    assert page(http, crm, faults.half_list()) == true[:3]
    assert page(http, crm, faults.repeated_row()) == [*true[:5], true[0]]
    assert page(http, crm, faults.ids_as_text())[5]["id"] == "6"
    assert all("id" not in row for row in page(http, crm, faults.rows_without_id()))
    assert page(http, crm, faults.rows_not_objects()) == [1, 2, 3, 4, 5, 6]
    assert page(http, crm, faults.field_value("userIdent", 7))[0] == true[0] | {"userIdent": 7}
    assert page(http, crm, faults.rows(lambda found: found[::-1])) == true[::-1]


def test_a_page_may_start_too_late_or_too_early(crm: UispSimulator, http: requests.Session) -> None:
    """A page may start some rows later or earlier than asked for, never before the first row."""

    def shifted(by: int, query: str) -> list[int]:
        return [row["id"] for row in page(http, crm, faults.shifted(by), query)]

    assert [shifted(1, "?limit=2&offset=2"), shifted(-1, "?limit=2&offset=2"), shifted(-5, "?limit=2")] == [
        [4, 5],
        [2, 3],
        [1, 2],
    ]


@pytest.mark.parametrize("action", [faults.cut_body(), faults.huge_length()])
def test_a_body_may_be_shorter_than_promised(crm: UispSimulator, http: requests.Session, action: Action) -> None:
    """The Content-Length is larger than what comes before the connection is closed; the next request is well."""
    crm.faults.append(Fault(on="GET clients", action=action))
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        get(http, crm)
    assert get(http, crm).status_code == 200


@pytest.mark.parametrize(
    ("action", "words"), [(faults.reset(), "ConnectionResetError"), (faults.close(), "RemoteDisconnected")]
)
def test_a_connection_may_end_without_an_answer(
    crm: UispSimulator, http: requests.Session, action: Action, words: str
) -> None:
    """By a reset, or by an orderly close; the next request is well."""
    crm.faults.append(Fault(on="GET clients", action=action))
    with pytest.raises(requests.exceptions.ConnectionError, match=words):
        get(http, crm)
    assert get(http, crm).status_code == 200


def test_a_slow_body_arrives_whole(crm: UispSimulator, http: requests.Session) -> None:
    """A dripping body is complete in the end, and its connection is used again."""
    assert page(http, crm, faults.drip(0.001, chunk=1000)) == get(http, crm).json()


@pytest.mark.parametrize("after", [0, 100])
def test_silence_does_not_outlive_the_simulator(crm: UispSimulator, http: requests.Session, after: int) -> None:
    """A stalled answer holds its client, not the shutdown: no thread is left."""
    others = set(threading.enumerate())
    crm.faults.append(Fault(on="GET clients", action=faults.stall(after)))
    with pytest.raises(requests.exceptions.RequestException, match="timed out"):
        http.get(crm.api_url + "clients", timeout=0.2)
    crm.stop()
    assert set(threading.enumerate()) <= others


def test_a_failed_write_is_not_carried_out_unless_said(crm: UispSimulator, http: requests.Session) -> None:
    """`after_write` loses the answer of a write that was done; otherwise a fault comes before the write."""
    for note, after_write in (("lost", False), ("done", True)):
        crm.faults.append(Fault(on="PATCH clients", action=faults.reset(), after_write=after_write))
        with pytest.raises(requests.exceptions.ConnectionError):
            http.patch(crm.api_url + "clients/1", json={"note": note}, timeout=5)
    assert crm.client(1)["note"] == "done"
    crm.edit_client(1, note=None)
    crm.faults.append(Fault(on="PATCH clients", action=faults.status(502)))
    assert http.patch(crm.api_url + "clients/1", json={"note": "x"}, timeout=5).status_code == 502
    assert crm.client(1)["note"] is None


def test_gzip_where_it_is_asked_for(crm: UispSimulator, http: requests.Session) -> None:
    """With `compress`, a client that accepts gzip gets gzip, and the same rows."""
    plain = get(http, crm)
    http.headers["Accept-Encoding"] = "gzip, deflate"
    packed = get(http, crm)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(plain.content) / 4
    assert packed.json() == plain.json()


def test_a_plain_client_reads_the_same(crm: UispSimulator, certificate: tuple[ssl.SSLContext, Path]) -> None:
    """The wire is HTTP/1.1 with keep-alive, as the standard library's client sees it."""
    connection = HTTPConnection(crm.host, crm.port, timeout=5)
    if crm.url.startswith("https"):
        trust = ssl.create_default_context(cafile=certificate[1])
        connection = HTTPSConnection(crm.host, crm.port, timeout=5, context=trust)
    crm.faults.append(Fault(on="GET version", action=faults.status(429, 3)))
    for status in (429, 200):
        connection.request("GET", "/crm/api/v1.0/version", headers={"x-auth-app-key": "write-key"})
        answer = connection.getresponse()
        assert (answer.status, answer.version, answer.will_close) == (status, 11, False)
        answer.read()
    connection.close()
