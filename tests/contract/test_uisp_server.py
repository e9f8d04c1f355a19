"""The wire of the UISP simulator: TLS, recorded requests, restarts, and its command line."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests

from lab.simulators.certificates import Authority, self_signed
from lab.simulators.uisp import UispSimulator, seeds

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "lab.simulators.uisp"]
KEY = {"X-Auth-App-Key": "write-key"}


def test_requests_are_recorded(http: requests.Session) -> None:
    """The log holds what came, whatever the answer, until it is cleared."""
    with UispSimulator() as crm:
        crm.add_client()
        http.get(crm.api_url + "clients?limit=5&statuses[]=1&statuses[]=3", headers={"X-Auth-App-Key": "wrong"})
        http.patch(crm.api_url + "clients/1", json={"note": "x"})
        first, second = crm.requests
        assert (first.method, first.path, first.endpoint) == ("GET", "/crm/api/v1.0/clients", "GET clients")
        assert (first.query, first.body) == ({"limit": ["5"], "statuses[]": ["1", "3"]}, None)
        assert (first.headers["x-auth-app-key"], first.host) == ("wrong", f"127.0.0.1:{crm.port}")
        assert (second.endpoint, second.body) == ("PATCH clients/{id}", {"note": "x"})
        assert second.time >= first.time
        crm.clear_log()
        assert crm.requests == []


def test_the_server_name_of_tls_is_recorded() -> None:
    """SNI and Host are those that the client sent, over a connection to an address."""
    authority = Authority()
    trust = ssl.create_default_context(cadata=authority.pem)
    with UispSimulator(tls=authority.issue("crm.example.com").server_context()) as crm:
        raw = socket.create_connection((crm.host, crm.port), timeout=5)
        with trust.wrap_socket(raw, server_hostname="crm.example.com") as secure:
            secure.sendall(b"GET /crm/api/v1.0/version HTTP/1.1\r\nHost: crm.example.com\r\nConnection: close\r\n\r\n")
            assert secure.recv(12) == b"HTTP/1.1 401"
        assert (crm.requests[0].host, crm.requests[0].server_name) == ("crm.example.com", "crm.example.com")


def test_a_certificate_that_is_not_trusted_keeps_the_client_out(http: requests.Session, tmp_path: Path) -> None:
    """A self-signed certificate passes only with itself as the trust anchor; the port survives the refusal."""
    certificate = self_signed("127.0.0.1")
    path = tmp_path / "anchor.pem"
    path.write_text(certificate.trust_anchor)
    with UispSimulator(tls=certificate.server_context()) as crm:
        with pytest.raises(requests.exceptions.SSLError):
            http.get(crm.api_url + "version", timeout=5)
        assert http.get(crm.api_url + "version", verify=str(path), timeout=5).json() == {"version": "4.4.31"}
        assert len(crm.requests) == 1


def test_a_client_that_never_shakes_hands_holds_up_nobody(http: requests.Session, tmp_path: Path) -> None:
    """Each connection has its own thread from the handshake on, and ends with the simulator."""
    certificate = self_signed("127.0.0.1")
    path = tmp_path / "anchor.pem"
    path.write_text(certificate.trust_anchor)
    crm = UispSimulator(tls=certificate.server_context())
    others = set(threading.enumerate())
    crm.start()
    with socket.create_connection((crm.host, crm.port), timeout=5):
        assert http.get(crm.api_url + "version", verify=str(path), timeout=5).status_code == 200
        crm.stop()
    assert set(threading.enumerate()) <= others


def test_it_may_go_down_under_a_request(http: requests.Session) -> None:
    """A stop from within `on_request` loses the answer and leaves nothing hanging."""
    with UispSimulator() as crm:
        crm.on_request = lambda _: crm.stop()
        with pytest.raises(requests.exceptions.ConnectionError):
            http.get(crm.api_url + "version", timeout=5)


def test_it_can_go_down_and_come_back(http: requests.Session) -> None:
    """After a stop nobody listens; a start listens on the same port with the same data."""
    with UispSimulator() as crm:
        crm.add_client()
        url = crm.api_url + "clients"
        assert http.get(url).status_code == 200
        crm.stop()
        with pytest.raises(requests.exceptions.ConnectionError):
            http.get(url)
        crm.start()
        assert [row["id"] for row in http.get(url).json()] == [1]


def test_latency_version_and_refused_organizations_are_settings(http: requests.Session) -> None:
    """Switches of an installation: its version, its answer time, and a key that may not see organisations."""
    with UispSimulator(version="4.5.0-beta.1", latency=0.001, forbids_organizations=True) as crm:
        assert http.get(crm.api_url + "version").json() == {"version": "4.5.0-beta.1"}
        answer = http.get(crm.api_url + "organizations")
        assert (answer.status_code, answer.json()) == (403, {"code": 403, "message": "Forbidden"})


def test_only_the_documented_base_is_the_api(http: requests.Session) -> None:
    """Anything outside /crm/api/v1.0/ is the web server's, not the API's."""
    with UispSimulator() as crm:
        for path in ("/", "/api/v1.0/clients", "/crm/api/v2.0/clients", "/nms/api/v2.1/version", "/crm/api/v1.0"):
            answer = http.get(crm.url + path)
            assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=UTF-8")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /crm/api/v1.0/version HTTP/1.1\r\n", 400),
        (b"PATCH /crm/api/v1.0/clients/1 HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n", 400),
        (b"PATCH /crm/api/v1.0/clients/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n", 411),
    ],
)
def test_malformed_requests_are_refused(head: bytes, status: int) -> None:
    """No Host, a Content-Length that is no number, a body of unknown length."""
    with UispSimulator() as crm, socket.create_connection((crm.host, crm.port), timeout=5) as wire:
        wire.sendall(head + b"\r\n")
        assert wire.recv(12) == b"HTTP/1.1 %d" % status


def test_head_has_no_body() -> None:
    """HEAD is refused without a body, so that the connection stays in step."""
    with UispSimulator() as crm:
        connection = HTTPConnection(crm.host, crm.port, timeout=5)
        for method, status in (("HEAD", 405), ("GET", 200)):
            connection.request(method, "/crm/api/v1.0/version", headers=KEY)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status
        connection.close()


def test_a_dump_is_a_seed() -> None:
    """What `dump` writes, `load` takes back: same rows, and new ids go on from there."""
    first, second = UispSimulator(), UispSimulator()
    seeds.generate(first, 3)
    first.archive_client(2)
    document = json.loads(json.dumps(seeds.dump(first)))
    seeds.load(second, document)
    assert seeds.dump(second) == document
    assert second.services_of(2)[0]["status"] == 2
    second.add_client("NEW", {"pppPassword": "x"})
    assert (second.client(4)["userIdent"], second.client(4)["attributes"][0]["id"]) == ("NEW", 4)


SEED = {
    "attributes": [{"name": "PPP Password"}, {"name": "Router", "attributeType": "client", "type": "string"}],
    "clients": [
        {"id": 7, "userIdent": "ABC7", "attributes": {"pppPassword": "x"}, "tags": ["Custom-Config"],
         "firstName": "Eve", "services": [{"status": 3, "name": "30mbps", "servicePlanName": "Home"}]},
    ],
    "services": [{"clientId": 7, "servicePlanType": "General", "activeFrom": "2024-01-01T00:00:00+0600"}],
}  # fmt: skip


def test_the_command_line_serves_until_it_is_told_to_end(http: requests.Session, tmp_path: Path) -> None:
    """One line when it is ready, a trust anchor on request, a clean end on SIGTERM, everything in the dump."""
    seed, dump, anchor = tmp_path / "seed.json", tmp_path / "dump.json", tmp_path / "ca.pem"
    seed.write_text(json.dumps(SEED))
    options = [
        "--tls",
        "ca",
        "--write-ca",
        str(anchor),
        "--server-name",
        "127.0.0.1",
        "--key",
        "a:b:write",
        "--count",
        "2",
    ]
    options += ["--seed", str(seed), "--dump", str(dump)]
    with subprocess.Popen([*COMMAND, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        http.headers["X-Auth-App-Key"] = "a:b"
        clients = http.get(url + "clients", verify=str(anchor), timeout=5).json()
        services = http.get(url + "clients/services", verify=str(anchor), timeout=5).json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert [(row["id"], row["userIdent"], row["firstName"]) for row in clients][:2] == [
        (7, "ABC7", "Eve"),
        (8, "ABC1", "Ada"),
    ]
    assert [(row["clientId"], row["status"], row["servicePlanType"]) for row in services] == [
        (7, 3, "Internet"),
        (7, 1, "General"),
        (8, 1, "Internet"),
        (9, 1, "Internet"),
    ]
    assert json.loads(dump.read_text())["state"]["clients"] == clients


@pytest.mark.parametrize(
    "seed",
    ["{", '{"clients": [{"surname": "x"}]}', '{"clients": [{"attributes": {"unknown": "x"}}]}', '{"customers": []}'],
)
def test_a_seed_that_cannot_be_is_told(tmp_path: Path, seed: str) -> None:
    """Exit code 2 and one line that names the file."""
    path = tmp_path / "seed.json"
    path.write_text(seed)
    ended = subprocess.run(
        [*COMMAND, "--seed", str(path)], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"{path}: ")
    assert ended.stderr.count("\n") == 1
