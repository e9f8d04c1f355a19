"""Who the router has to be before the password is sent to it (G9)."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.certificates import Authority, ServerCertificate, anonymous_server_context, self_signed
from pppsync.errors import RouterError
from tests.integration.providers import (
    authority,
    certificate,
    certified_router,
    fails,
    gateway,
    sloppy_certificate,
    soon,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.simulators.routeros import RouterSimulator
    from pppsync.core.secret import RouterState

HERE = "127.0.0.1"
SHOWN = {
    "another authority's": (Authority().issue(HERE), "issuer certificate"),
    "self-signed": (self_signed(HERE), "self.signed certificate"),
    "another host's": (certificate("192.0.2.1"), "mismatch"),
    "expired": (authority().issue(HERE, expired=True), "expired"),
}


def showing(shown: ServerCertificate, **switches: Any) -> RouterSimulator:
    """A router that shows this certificate."""
    return certified_router(tls=shown.server_context(**switches))


def read(router: RouterSimulator, timeout: float = 30, **settings: Any) -> RouterState:
    """One reading of a router."""
    with gateway(router, {"router_timeout": timeout}, **settings) as tower:
        return tower.read(soon())


def asked_nothing(router: RouterSimulator) -> bool:
    """Whether the router got no sentence at all, the login and its password included."""
    return router.transcript == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_router_under_the_configured_authority_is_trusted(version: ssl.TLSVersion) -> None:
    """RouterOS speaks TLS 1.2, later perhaps 1.3."""
    with showing(certificate(HERE), maximum_version=version) as router:
        assert read(router).secrets == ()
        assert router.handshake_failures == []


@pytest.mark.parametrize("kind", SHOWN)
@pytest.mark.parametrize("variable", [None, "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_certificate_that_proves_nothing_is_refused_before_the_password_is_sent(
    kind: str, variable: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever the environment trusts; the message says what is wrong with it and where."""
    shown, reason = SHOWN[kind]
    if variable:
        trusted = tmp_path / "trusted.pem"
        trusted.write_text(shown.trust_anchor)
        monkeypatch.setenv(variable, str(trusted))
    with showing(shown) as router, fails("router_tls", RouterError, saying=f"{HERE}:{router.port}.*{reason}"):
        read(router)
    assert asked_nothing(router)


@pytest.mark.parametrize("kind", SHOWN)
def test_the_public_authorities_do_not_know_a_router(kind: str) -> None:
    """Without `ssl_ca` they are asked."""
    with showing(SHOWN[kind][0]) as router, fails("router_tls", RouterError):
        read(router, ssl_ca=None)
    assert asked_nothing(router)


def test_a_router_may_be_known_by_another_name_than_its_address() -> None:
    """`ssl_server_name` is the name that the certificate must bear."""
    with showing(certificate("router-1.example.com")) as router:
        with fails("router_tls", RouterError, saying="mismatch"):
            read(router)
        assert read(router, ssl_server_name="router-1.example.com").secrets == ()
        with fails("router_tls", RouterError, saying="mismatch"):
            read(router, ssl_server_name="router-2.example.com")


def test_the_name_check_can_be_waived_but_not_the_authority_with_it() -> None:
    """`ssl_verify_hostname: false` asks who signed, and no more."""
    with showing(certificate("192.0.2.1")) as router:
        assert read(router, ssl_verify_hostname=False).secrets == ()
    with showing(Authority().issue(HERE)) as router, fails("router_tls", RouterError):
        read(router, ssl_verify_hostname=False)


def test_a_pinned_self_signed_certificate_answers_for_itself() -> None:
    """As a router makes it by itself; another one of the same name does not."""
    pinned = self_signed("MikroTik")
    settings: dict[str, Any] = {"ssl_ca": pinned.trust_anchor, "ssl_verify_hostname": False}
    with showing(pinned) as router:
        assert read(router, **settings).secrets == ()
    with showing(self_signed("MikroTik")) as router, fails("router_tls", RouterError):
        read(router, **settings)
    assert asked_nothing(router)


def test_strict_checking_can_be_relaxed() -> None:
    """RouterOS' certificates lack what Python 3.13 asks for; the setting lifts that check alone."""
    shown = sloppy_certificate(HERE)
    with showing(shown) as router:
        with fails("router_tls", RouterError, saying="ssl_relaxed_x509: true accepts that"):
            read(router, ssl_ca=shown.trust_anchor)
        assert read(router, ssl_ca=shown.trust_anchor, ssl_relaxed_x509=True).secrets == ()
        with fails("router_tls", RouterError):
            read(router, ssl_relaxed_x509=True)
        with fails("router_tls", RouterError, saying="mismatch"):
            read(router, ssl_ca=shown.trust_anchor, ssl_relaxed_x509=True, ssl_server_name="elsewhere")


def test_a_router_without_a_certificate_is_refused_unless_verification_is_off() -> None:
    """RouterOS' `certificate=none` is anonymous: encrypted, but to whom?"""
    with certified_router(tls=anonymous_server_context()) as router:
        with fails("router_tls", RouterError, saying="that api-ssl has a certificate"):
            read(router)
        assert asked_nothing(router)
        with fails("router_tls", RouterError):
            read(router, ssl_ca=None, ssl_verify_hostname=False)
        assert read(router, ssl_ca=None, ssl_verify=False).secrets == ()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("kind", SHOWN)
def test_verification_that_is_off_takes_any_certificate(kind: str, version: ssl.TLSVersion) -> None:
    """`ssl_verify: false` is for both: routers with and without one."""
    with showing(SHOWN[kind][0], maximum_version=version) as router:
        assert read(router, ssl_verify=False).secrets == ()


def test_the_certificate_is_checked_at_every_connection() -> None:
    """A router that shows another one at the next run is refused, and taken again with the right one."""
    with showing(certificate(HERE)) as router:
        read(router)
        router.clear_log()
        for impostor in (Authority().issue(HERE).server_context(), anonymous_server_context()):
            router.replace_tls(impostor)
            with fails("router_tls", RouterError):
                read(router)
        assert asked_nothing(router)
        router.replace_tls(certificate(HERE).server_context())
        assert read(router).secrets == ()


@contextmanager
def answering(words: bytes | None, *, ends: bool = False) -> Iterator[int]:
    """A port that takes connections and sends these words, whatever it is asked; None: nothing. Then it may close."""
    held: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                held.append(connection)
                connection.recv(4096)
                connection.sendall(words or b"")
                if ends:
                    connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in held:
            connection.close()


NO_TLS: dict[str, tuple[bytes | None, bool, str, str]] = {
    "a web server": (b"HTTP/1.1 400 Bad Request\r\n\r\n", True, "router_tls", "no TLS on this port"),
    "a plain API": (b"\x06!fatal\x0dnot logged in\x00", False, "router_tls", "no TLS on this port"),
    "a plain API that is silent": (None, False, "router_timeout", "no TLS answer"),
    "a plain API that closes": (None, True, "router_tls", "no TLS answer"),
}


@pytest.mark.parametrize("kind", NO_TLS)
def test_a_port_without_tls_is_told_as_such(kind: str) -> None:
    """G9: the error tells that TCP is open, that TLS is missing, and which settings name the port."""
    words, ends, code, fact = NO_TLS[kind]
    with showing(certificate(HERE)) as router, answering(words, ends=ends) as port:
        with fails(code, RouterError, saying=f"{HERE}:{port}: TCP is open, {fact}") as caught:
            read(router, port=port, timeout=0.5)
        assert "is this the plain API port? set port to that of api-ssl, or use_ssl: false" in str(caught.value)
        assert "renew" not in str(caught.value)


def test_tls_at_the_simulated_plain_api_is_told_as_such() -> None:
    """G9: a router that has no TLS gets no password, and the error names the settings."""
    with (
        certified_router(tls=None) as router,
        fails("router_(tls|timeout)", RouterError, saying="TCP is open.*use_ssl"),
    ):
        read(router, timeout=1)
    assert not any(word.startswith("=password") for exchange in router.transcript for word in exchange.words)
