"""Who the CRM has to be before the key is sent to it, at its domain and at its address (G9)."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest

from lab.local_aws.emulator import free_port
from lab.simulators.certificates import Authority, self_signed
from lab.simulators.uisp import Fault, UispSimulator, faults
from pppsync.crm.client import UispClient
from pppsync.crm.transport import UispHttp
from pppsync.net.endpoint import Endpoint, Tls
from pppsync.net.tls import client_context
from tests.integration.providers import (
    DOMAIN,
    KEY,
    SkippingClock,
    authority,
    certificate,
    certified_crm,
    crm_settings,
    fails,
    policy,
    sloppy_certificate,
    soon,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.simulators.certificates import ServerCertificate
    from lab.simulators.uisp.faults import Action
    from pppsync.core.subscriber import CrmState

ADDRESS = "127.0.0.1"
PRIVATE = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""Variables by which other programs learn whom to trust."""


@pytest.fixture
def running() -> Iterator[ExitStack]:
    """What has to be stopped at the end."""
    with ExitStack() as stack:
        yield stack


def crm_under(running: ExitStack, shown: ServerCertificate, subscribers: int = 3) -> UispSimulator:
    """A CRM that shows this certificate."""
    crm = running.enter_context(UispSimulator(keys={KEY: "write"}, tls=shown.server_context()))
    crm.add_attribute("PPP Password")
    for number in range(subscribers):
        crm.add_service(crm.add_client(f"ABC{number}"))
    return crm


def read(crm: UispSimulator, **changes: Any) -> CrmState:
    """One reading of everything."""
    with UispClient(crm_settings(crm, **({"page_size": 2} | changes)), policy()) as client:
        return client.read(soon())


def at_address(crm: UispSimulator, **changes: Any) -> CrmState:
    """One reading with the address alone."""
    return read(crm, domain_name=None, ip_address=f"{ADDRESS}:{crm.port}", **changes)


def test_the_domain_is_enough(running: ExitStack) -> None:
    """Name, certificate and Host header are the domain's."""
    crm = crm_under(running, certificate(DOMAIN))
    assert read(crm).source == "domain"
    assert {request.host for request in crm.requests} == {f"{DOMAIN}:{crm.port}"}
    assert {request.server_name for request in crm.requests} == {DOMAIN}


def test_the_address_alone_is_enough(running: ExitStack) -> None:
    """The certificate must then be the address's; there is no name to ask for."""
    crm = crm_under(running, certificate(ADDRESS))
    assert at_address(crm).source == "address"
    assert {(request.host, request.server_name) for request in crm.requests} == {(f"{ADDRESS}:{crm.port}", None)}


def test_the_key_goes_with_every_request_and_nothing_else_does(running: ExitStack, tmp_path: Path) -> None:
    """No credentials of another program that knows the host."""
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine {DOMAIN} login somebody password else\n")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("NETRC", str(netrc))
        crm = crm_under(running, certificate(DOMAIN))
        read(crm)
    assert {request.headers["x-auth-app-key"] for request in crm.requests} == {KEY}
    assert not any({"authorization", "cookie"} & request.headers.keys() for request in crm.requests)


def test_proxies_of_the_environment_have_no_say(running: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key does not pass through whatever a shell was set up with."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{ADDRESS}:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert len(read(crm_under(running, certificate(DOMAIN))).subscribers) == 3


def refused_certificates() -> dict[str, tuple[ServerCertificate, str]]:
    """Certificates that do not prove to be the domain's, and the word that says why."""
    return {
        "another authority's": (Authority().issue(DOMAIN), "issuer certificate"),
        "self-signed": (self_signed(DOMAIN), "self.signed certificate"),
        "another host's": (certificate("crm.example.com"), "mismatch"),
        "expired": (authority().issue(DOMAIN, expired=True), "expired"),
    }


@pytest.mark.parametrize("kind", ["another authority's", "self-signed", "another host's", "expired"])
@pytest.mark.parametrize("variable", [None, *PRIVATE])
def test_a_certificate_that_proves_nothing_is_refused_before_the_key_is_sent(
    running: ExitStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, variable: str | None
) -> None:
    """At once, without another try, whatever the environment trusts; nothing was asked."""
    shown, reason = refused_certificates()[kind]
    for name in PRIVATE:
        monkeypatch.delenv(name, raising=False)
    if variable:
        trusted = tmp_path / "trusted.pem"
        trusted.write_text(shown.trust_anchor)
        monkeypatch.setenv(variable, str(trusted))
    crm = crm_under(running, shown)
    clock = SkippingClock()
    with (
        UispClient(crm_settings(crm), policy()) as client,
        fails("crm_tls", saying=f"{reason}.*ssl_ca"),
    ):
        client.read(clock.deadline(30))
    assert (crm.requests, clock.naps) == ([], [])


@pytest.mark.parametrize("variable", PRIVATE)
def test_what_the_environment_trusts_is_neither_needed_nor_enough(
    running: ExitStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    """`ssl_ca` decides; without it the public authorities do."""
    crm = crm_under(running, certificate(DOMAIN))
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(Authority().pem)
    monkeypatch.setenv(variable, str(bundle))
    assert len(read(crm).subscribers) == 3
    crm.clear_log()
    bundle.write_text(authority().pem)
    with fails("crm_tls"):
        read(crm, ssl_ca=None)
    assert crm.requests == []


def test_a_pinned_authority_is_the_only_one() -> None:
    """Public authorities cannot vouch for a CRM that has its own."""
    context = client_context(Tls(ca=authority().pem))
    assert len(context.get_ca_certs()) == 1


def test_a_connection_leaves_the_context_as_it_is(running: ExitStack) -> None:
    """All threads share it: what the library sets for one handshake, another would read half set, or freed."""
    crm = crm_under(running, certificate(DOMAIN))
    before = greeting()
    read(crm)
    assert len(greeting()) == len(before)
    assert b"http/1.1" not in greeting()


def greeting() -> bytes:
    """The first bytes that somebody would get who is reached under the CRM's context."""
    out = ssl.MemoryBIO()
    tls = client_context(Tls(ca=authority().pem)).wrap_bio(ssl.MemoryBIO(), out, server_hostname=DOMAIN)
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return out.read()


def test_a_pinned_self_signed_certificate_answers_for_itself(running: ExitStack) -> None:
    """A fresh UISP reached by its address: its very certificate is trusted, whatever name it bears."""
    shown = self_signed("uisp")
    crm = crm_under(running, shown)
    assert len(at_address(crm, ssl_ca=shown.trust_anchor, ssl_verify_hostname=False).subscribers) == 3


def test_another_self_signed_certificate_of_the_same_name_is_refused(running: ExitStack) -> None:
    """The pin is the key, not the name."""
    crm = crm_under(running, self_signed("uisp"))
    with fails("crm_tls"):
        at_address(crm, ssl_ca=self_signed("uisp").trust_anchor, ssl_verify_hostname=False)
    assert crm.requests == []


def test_a_pinned_certificate_is_held_to_its_name_unless_that_is_waived(running: ExitStack) -> None:
    """`ssl_verify_hostname` stays true until somebody writes false."""
    shown = self_signed("uisp")
    with fails("crm_tls", saying="mismatch"):
        at_address(crm_under(running, shown), ssl_ca=shown.trust_anchor)


def test_a_waived_name_is_no_waived_authority(running: ExitStack) -> None:
    """`ssl_verify_hostname: false` still asks who signed."""
    with fails("crm_tls"):
        at_address(crm_under(running, Authority().issue(ADDRESS)), ssl_verify_hostname=False)


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize("kind", ["another authority's", "self-signed", "another host's", "expired"])
def test_no_verification_at_all_has_to_be_asked_for(running: ExitStack, kind: str) -> None:
    """`ssl_verify: false` takes anything."""
    shown, _ = refused_certificates()[kind]
    assert len(read(crm_under(running, shown), ssl_verify=False, ssl_ca=None).subscribers) == 3


def test_strict_checking_can_be_relaxed(running: ExitStack) -> None:
    """A certificate without key identifiers fails the strict check; the setting lifts that check alone."""
    shown = sloppy_certificate(DOMAIN)
    crm = crm_under(running, shown)
    with fails("crm_tls", saying="ssl_relaxed_x509: true accepts that"):
        read(crm, ssl_ca=shown.trust_anchor)
    assert len(read(crm, ssl_ca=shown.trust_anchor, ssl_relaxed_x509=True).subscribers) == 3
    with fails("crm_tls", saying="issuer certificate; set ssl_ca to what signed it, or renew it"):
        read(crm, ssl_relaxed_x509=True)


def pair(running: ExitStack, domain: UispSimulator | None = None) -> tuple[UispSimulator, dict[str, Any]]:
    """A CRM at the address under the domain's certificate, and the settings that name both places."""
    reserve = crm_under(running, certificate(DOMAIN), subscribers=5)
    port = domain.port if domain else free_port()
    return reserve, {"domain_name": f"{DOMAIN}:{port}", "ip_address": f"{ADDRESS}:{reserve.port}"}


def test_an_unreachable_domain_gives_way_to_the_address(running: ExitStack) -> None:
    """The address answers under the domain's name: Host, server name and certificate are the domain's."""
    reserve, places = pair(running)
    state = read(reserve, **places)
    assert (state.source, len(state.subscribers)) == ("address", 5)
    assert {request.host for request in reserve.requests} == {places["domain_name"]}
    assert {request.server_name for request in reserve.requests} == {DOMAIN}


def test_the_usual_port_is_no_part_of_the_host_header(running: ExitStack) -> None:
    """As browsers do: some proxies know the name only without it."""
    crm = crm_under(running, certificate(DOMAIN))
    settings = crm_settings(crm, domain_name=DOMAIN)
    http = UispHttp(settings, Endpoint(ADDRESS, crm.port))
    assert http.get("version", {}, soon()).json()
    http.close()
    assert crm.requests[0].host == DOMAIN


@pytest.mark.parametrize("kind", ["another authority's", "self-signed", "another host's", "expired"])
def test_a_domain_that_fails_tls_gives_way_to_the_address(running: ExitStack, kind: str) -> None:
    """Whoever answered there got no key."""
    domain = crm_under(running, refused_certificates()[kind][0])
    reserve, places = pair(running, domain)
    assert read(reserve, **places).source == "address"
    assert domain.requests == []


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("endpoint", ["GET clients", "GET clients/services"])
@pytest.mark.parametrize(
    "action",
    [
        pytest.param(faults.status(500), id="500"),
        pytest.param(faults.status(503), id="503"),
        pytest.param(faults.status(429), id="429"),
        pytest.param(faults.status(409), id="409"),
        pytest.param(faults.reset(), id="reset"),
        pytest.param(faults.redirect("https://elsewhere/"), id="redirect"),
    ],
)
def test_a_domain_that_keeps_failing_gives_way_and_both_lists_start_again(
    running: ExitStack, action: Action, endpoint: str, nth: int
) -> None:
    """Two sources are never mixed: nothing that the domain gave is kept."""
    domain = crm_under(running, certificate(DOMAIN))
    domain.faults.append(Fault(endpoint, action, nth=nth, times=None))
    reserve, places = pair(running, domain)
    state = read(reserve, **places)
    assert (state.source, len(state.subscribers), state.service_count) == ("address", 5, 5)
    for one in ("GET clients", "GET clients/services"):
        assert sum(ask.endpoint == one and ask.query["offset"] == ["0"] for ask in reserve.requests) == 1


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(faults.status(400), id="400"),
        pytest.param(faults.status(401), id="401"),
        pytest.param(faults.status(403), id="403"),
        pytest.param(faults.status(404), id="404"),
        pytest.param(faults.status(422), id="422"),
        pytest.param(faults.html_page(), id="a page"),
        pytest.param(faults.empty_list(), id="no rows"),
    ],
)
def test_what_the_crm_itself_says_is_not_asked_at_the_address(running: ExitStack, action: Action) -> None:
    """It is the same CRM, and it answered."""
    domain = crm_under(running, certificate(DOMAIN))
    domain.faults.append(Fault("GET clients", action, times=None))
    reserve, places = pair(running, domain)
    with fails("crm_(refused|unauthorized|forbidden|bad_answer|empty)"):
        read(reserve, **places)
    assert reserve.requests == []


def test_the_address_must_prove_to_be_the_domain(running: ExitStack) -> None:
    """Another machine with a good certificate of its own, even one for the address, gets no key."""
    impostor = crm_under(running, certificate(ADDRESS))
    places = {"domain_name": f"{DOMAIN}:{free_port()}", "ip_address": f"{ADDRESS}:{impostor.port}"}
    with fails("crm_tls", saying="mismatch"):
        read(impostor, **places)
    assert impostor.requests == []


def test_both_places_down_is_unreachable(running: ExitStack) -> None:
    """The last error is told."""
    crm = crm_under(running, certificate(DOMAIN))
    gone = free_port()
    with fails("crm_unreachable", saying="refused"):
        read(crm, domain_name=f"{DOMAIN}:{gone}", ip_address=f"{ADDRESS}:{gone}")


def test_without_an_address_there_is_no_other_place(running: ExitStack) -> None:
    """The domain alone may be all there is."""
    with fails("crm_unreachable"):
        read(crm_under(running, certificate(DOMAIN)), domain_name=f"{DOMAIN}:{free_port()}")


def test_a_domain_that_hangs_leaves_time_for_the_address(running: ExitStack) -> None:
    """Half of the time is the address's."""
    domain = crm_under(running, certificate(DOMAIN))
    domain.faults.append(Fault("GET clients", faults.stall(), times=None))
    reserve, places = pair(running, domain)
    with UispClient(crm_settings(reserve, **places), policy()) as client:
        assert client.read(soon(4)).source == "address"


def test_a_second_look_goes_where_the_lists_came_from(running: ExitStack) -> None:
    """The domain may be back by then, but the cut was planned from the address."""
    domain = crm_under(running, certificate(DOMAIN))
    domain.faults.append(Fault("GET clients", faults.status(503), times=None))
    reserve, places = pair(running, domain)
    with UispClient(crm_settings(reserve, **places), policy()) as client:
        client.read(soon())
        domain.faults.clear()
        domain.clear_log()
        client.read_one(5, soon())
    assert domain.requests == []


def test_every_reading_tries_the_domain_first(running: ExitStack) -> None:
    """A domain that is back is used again."""
    domain = crm_under(running, certificate(DOMAIN))
    domain.faults.append(Fault("GET clients", faults.status(503), times=None))
    reserve, places = pair(running, domain)
    with UispClient(crm_settings(reserve, **places), policy()) as client:
        assert client.read(soon()).source == "address"
        domain.faults.clear()
        assert client.read(soon()).source == "domain"


def test_connections_are_used_again() -> None:
    """A handshake costs more than a page: requests one after the other share one connection."""
    with certified_crm() as crm:
        threads: set[int] = set()
        crm.add_service(crm.add_client("ABC1"))
        with UispClient(crm_settings(crm), policy()) as client:
            client.read(soon())
            crm.on_request = lambda _: threads.add(threading.get_ident())
            for _ in range(10):
                client.read_one(1, soon())
    assert len(threads) == 1


def test_a_connection_that_ends_in_its_handshake_is_tried_again(running: ExitStack) -> None:
    """A proxy that restarts says nothing about certificates."""
    crm = crm_under(running, certificate(DOMAIN))
    clock = SkippingClock()
    with socket.create_server((ADDRESS, 0)) as listener:
        accepted: list[int] = []

        def turn_away() -> None:
            with suppress(OSError):
                while True:
                    peer, _ = listener.accept()
                    with peer:
                        accepted.append(len(peer.recv(65536)))

        thread = threading.Thread(target=turn_away)
        thread.start()
        settings = crm_settings(crm, domain_name=f"{DOMAIN}:{listener.getsockname()[1]}")
        with UispClient(settings, policy()) as client, fails("crm_unreachable", saying="4 of 4 tries"):
            client.read(clock.deadline(60))
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert len(accepted) >= 4
