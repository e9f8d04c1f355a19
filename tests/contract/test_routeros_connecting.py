"""Faults of the simulated router while a client connects and logs in."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.certificates import Authority
from lab.simulators.routeros import Fault, RouterSimulator
from lab.simulators.routeros.raw_client import RawClient

if TYPE_CHECKING:
    from lab.simulators.routeros.faults import Action


def test_a_login_can_fail_in_every_way_too(router: RouterSimulator) -> None:
    """The login can fail in every way too, and `*` does not mean it."""
    router.faults.append(Fault("*", "close"))
    router.faults.append(Fault("login", "close"))
    router.faults.append(Fault("login", "close_after_reply", nth=2))
    router.faults.append(Fault("login", "drip", nth=3, interval=0.001))
    with RawClient(router.host, router.port) as client, pytest.raises(EOFError):
        client.login()
    with RawClient(router.host, router.port) as client:
        client.login()
        assert client.wait_for_end() == b""
    with RawClient(router.host, router.port) as client:
        client.login()


@pytest.mark.parametrize("tls", [False, True])
def test_a_connection_can_fail_before_a_word_is_said(tls: bool) -> None:
    """A connection can be closed, reset or left alone before a word is said, and before TLS."""
    authority = Authority()
    server = authority.issue("127.0.0.1").server_context() if tls else None
    context = ssl.create_default_context(cadata=authority.pem) if tls else None
    with RouterSimulator(tls=server) as router:
        cases: list[tuple[Action, Any, float]] = [
            ("close", (EOFError, ssl.SSLError), 5),
            ("reset", ConnectionResetError, 5),
            ("stall", TimeoutError, 0.2),
        ]
        for action, error, patience in cases:
            router.faults[:] = [Fault("connect", action)]
            with pytest.raises(error), RawClient(router.host, router.port, tls=context, timeout=patience) as client:
                client.login()
        with RawClient(router.host, router.port, tls=context) as client:
            client.login()
        assert router.connections == 4


def test_a_changed_certificate_is_refused_before_the_password() -> None:
    """A reconnect may meet another certificate, which a careful client refuses before it says its password."""
    first, second = Authority(), Authority()
    with RouterSimulator(tls=first.issue("127.0.0.1").server_context()) as router:
        context = ssl.create_default_context(cadata=first.pem)
        with RawClient(router.host, router.port, tls=context) as client:
            client.login()
        router.replace_tls(second.issue("127.0.0.1").server_context())
        router.clear_log()
        with pytest.raises(ssl.SSLCertVerificationError), RawClient(router.host, router.port, tls=context):
            pass
        assert router.transcript == []
