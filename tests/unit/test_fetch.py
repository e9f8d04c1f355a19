"""The config secret is fetched at every run; what goes wrong is told without showing any of it."""

from __future__ import annotations

import json
import logging
import threading
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from pppsync.config import fetch
from pppsync.errors import ConfigurationError
from pppsync.report import log_setup

if TYPE_CHECKING:
    from collections.abc import Iterator

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:config-AbCdEf"


def a_document(key: str = "k3y-of-the-crm") -> str:
    """A config secret that is right."""
    ucrm = {"ucrm_key": key, "domain_name": "crm.example.com"}
    return json.dumps({"ucrm": ucrm, "router_os": {"host": "192.0.2.1", "password": "r0uter-s3cret"}})


@dataclass
class SecretsManager:
    """What it answers: the secret, or an error of a status; and what it was asked."""

    secret: dict[str, str] = field(default_factory=dict)
    error: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def answering(manager: SecretsManager) -> Iterator[int]:
    """Secrets Manager on a port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            manager.asked.append(request["SecretId"])
            status, answer = (400, {"__type": manager.error}) if manager.error else (200, manager.secret)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parameter's name in http.server
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretsManager]:
    """Secrets Manager as the function finds it: by its environment."""
    found = SecretsManager({"ARN": ARN, "Name": "config", "SecretString": a_document()})
    with answering(found) as port, environment(monkeypatch, port):
        yield found


@contextmanager
def environment(monkeypatch: pytest.MonkeyPatch, port: int) -> Iterator[None]:
    """The variables of a function, and a client of its own for this test."""
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "t0ken-of-the-session",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    fetch._client.cache_clear()
    yield
    fetch._client("").close()
    fetch._client.cache_clear()


def test_the_secret_is_read(manager: SecretsManager) -> None:
    """By the ARN that the template gives."""
    settings = fetch.load(ARN)
    assert (settings.crm.key.reveal(), settings.routers[0].password.reveal()) == ("k3y-of-the-crm", "r0uter-s3cret")
    assert manager.asked == [ARN]


def test_a_rotated_secret_is_used_by_the_next_run(manager: SecretsManager) -> None:
    """A warm function keeps its client, but no settings."""
    fetch.load(ARN)
    manager.secret["SecretString"] = a_document("another-key")
    assert fetch.load(ARN).crm.key.reveal() == "another-key"
    assert len(manager.asked) == 2


def test_a_secret_that_was_put_in_as_a_file_is_read(manager: SecretsManager) -> None:
    """Secrets Manager keeps what came in as bytes apart from what came in as text."""
    manager.secret = {"SecretBinary": b64encode(a_document("k3y-in-bytes").encode()).decode()}
    assert fetch.load(ARN).crm.key.reveal() == "k3y-in-bytes"
    for broken in (b"\0\0", a_document("k3y").encode().replace(b"r0uter", b"r\xf6uter")):
        manager.secret = {"SecretBinary": b64encode(broken).decode()}
        with pytest.raises(ConfigurationError, match=r"^configuration_invalid: "):
            fetch.load(ARN)


@pytest.mark.parametrize("error", ["AccessDeniedException", "ResourceNotFoundException", "DecryptionFailure"])
def test_a_refusal_is_told_with_its_code(manager: SecretsManager, error: str) -> None:
    """And what to check."""
    manager.error = error
    with pytest.raises(ConfigurationError, match=rf"^configuration_unreadable: .*{error}.*role and the ARN"):
        fetch.load(ARN)


def test_a_manager_out_of_reach_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a VPC without the endpoint nothing answers."""
    with answering(SecretsManager()) as port:
        pass
    with (
        environment(monkeypatch, port),
        pytest.raises(ConfigurationError, match=r"^configuration_unreadable: .*EndpointConnectionError.*VPC"),
    ):
        fetch.load(ARN)


@pytest.mark.parametrize("secret", [{}, {"SecretString": ""}, {"SecretString": "{}"}, {"SecretBinary": "e30="}])
def test_an_empty_secret_says_that_nothing_is_configured_yet(manager: SecretsManager, secret: dict[str, str]) -> None:
    """As the template leaves it."""
    manager.secret = secret
    with pytest.raises(ConfigurationError, match=r"^configuration_empty: nothing is configured yet"):
        fetch.load(ARN)


@pytest.mark.parametrize(
    "document", [a_document()[:-1], a_document().replace("ucrm_key", "ucrm_kye"), '"r0uter-s3cret"']
)
def test_a_faulty_secret_is_told_without_its_values(manager: SecretsManager, document: str) -> None:
    """Also in the texts of what caused it: Lambda logs the whole chain."""
    manager.secret["SecretString"] = document
    with pytest.raises(ConfigurationError, match=r"^configuration_invalid: ") as caught:
        fetch.load(ARN)
    error: BaseException | None = caught.value
    while error:
        assert not any(one in f"{error!r} {error}" for one in ("k3y-of-the-crm", "r0uter-s3cret"))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_no_log_shows_the_secret(manager: SecretsManager, caplog: pytest.LogCaptureFixture) -> None:
    """The library logs whole answers at DEBUG, and the session token with every request: it is kept above that."""
    del manager
    caplog.set_level(logging.DEBUG)
    before = {name: logging.getLogger(name).level for name in log_setup.THIRD_PARTIES}
    try:
        log_setup.quieten_third_parties()
        fetch.load(ARN)
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
    assert not any(one in caplog.text for one in ("k3y-of-the-crm", "r0uter-s3cret", "t0ken-of-the-session"))
