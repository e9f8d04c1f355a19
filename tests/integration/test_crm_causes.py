"""Errors name the true cause: a front that is not the CRM, a port without TLS, a limit of time (G1, G9)."""

from __future__ import annotations

import socket
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.uisp import Fault, UispSimulator, faults
from pppsync.core.masked import Masked
from pppsync.crm.client import UispClient
from pppsync.crm.transport import UispHttp
from pppsync.errors import CrmError
from pppsync.net.endpoint import Endpoint
from tests.integration.providers import (
    DOMAIN,
    SkippingClock,
    certified_crm,
    crm_settings,
    fails,
    policy,
    soon,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.simulators.uisp.faults import Action

FRONTS = {
    "a tunnel's page": faults.front(403),
    "a proxy that asks for a login": faults.front(401),
    "a page during an upgrade": faults.front(404),
    "JSON of another form": faults.front(403, b'{"message":"Forbidden"}'),
    "a code that is no number": faults.front(403, b'{"code":"denied","message":"Forbidden"}'),
    "a list": faults.front(404, b"[]"),
    "nothing": faults.front(401, b""),
    "JSON too deep to read": faults.front(403, b"[" * 200_000),
    "a page without end": faults.front(404, b" " * (1 << 20)),
}
WORDS = "in front of the CRM"


@pytest.fixture
def running() -> Iterator[ExitStack]:
    """Whatever runs during a test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def crm(running: ExitStack) -> UispSimulator:
    """A CRM with three subscribers."""
    return populated(running.enter_context(certified_crm()))


def populated(crm: UispSimulator) -> UispSimulator:
    """Three subscribers with a service each."""
    for number in range(1, 4):
        crm.add_service(crm.add_client(f"ABC{number}", {"pppPassword": f"secret-{number}"}))
    return crm


def client_of(crm: UispSimulator, **changes: Any) -> UispClient:
    """A client of that CRM."""
    return UispClient(crm_settings(crm, **changes), policy())


@pytest.mark.parametrize("endpoint", ["GET clients", "GET clients/services"])
@pytest.mark.parametrize("action", [pytest.param(action, id=name) for name, action in FRONTS.items()])
def test_a_refusal_without_the_crms_form_is_not_the_crms(crm: UispSimulator, action: Action, endpoint: str) -> None:
    """G9: 401, 403 and 404 without the API's error object blame no key and no right, and are not repeated."""
    crm.faults.append(Fault(endpoint, action, times=None))
    clock = SkippingClock()
    with fails("crm_front", saying=WORDS) as caught, client_of(crm) as client:
        client.read(clock.deadline(30))
    assert isinstance(caught.value, CrmError)
    assert caught.value.fall_back
    assert f"{DOMAIN}:{crm.port}" in str(caught.value)
    assert "ucrm_key" not in str(caught.value)
    assert (sum(one.endpoint == endpoint for one in crm.requests), clock.naps) == (1, [])


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_front_that_fails_in_the_middle_of_its_page_is_a_front(crm: UispSimulator, status: int) -> None:
    """G9: a page that breaks off has no form either, and the key is not sent again."""
    page = faults.front(status).change
    cut = faults.cut_body().change
    crm.faults.append(Fault("GET clients", faults.Action(lambda answer: cut(page(answer))), times=None))
    with fails("crm_front", saying=WORDS), client_of(crm) as client:
        client.read(soon())
    assert sum(one.endpoint == "GET clients" for one in crm.requests) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_the_address_is_tried_behind_a_front_at_the_domain(running: ExitStack, status: int) -> None:
    """G9: a tunnel in front of the domain need not stand in front of the address."""
    domain = running.enter_context(certified_crm())
    domain.faults.append(Fault("*", faults.front(status), times=None))
    reserve = populated(running.enter_context(certified_crm()))
    places = {"domain_name": f"{DOMAIN}:{domain.port}", "ip_address": f"127.0.0.1:{reserve.port}"}
    with client_of(domain, **places) as client:
        state = client.read(soon())
    assert (state.source, len(state.subscribers)) == ("address", 3)


def test_a_front_at_both_places_is_told_with_the_last_one(crm: UispSimulator) -> None:
    """G9: the error names the place where the front stands."""
    crm.faults.append(Fault("*", faults.front(403), times=None))
    with (
        fails("crm_front", saying=f"127.0.0.1:{crm.port}"),
        client_of(crm, ip_address=f"127.0.0.1:{crm.port}") as client,
    ):
        client.read(soon())


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("endpoint", ["GET clients/{id}", "GET clients/services"])
def test_a_front_confirms_no_cut(crm: UispSimulator, endpoint: str, status: int) -> None:
    """G3: a second look that a front answers is an error, and no "gone"."""
    with client_of(crm) as client:
        client.read(soon())
        crm.faults.append(Fault(endpoint, faults.front(status), times=None))
        with fails("crm_front", saying=WORDS):
            client.read_one(3, soon())


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_write_that_a_front_refuses_is_not_repeated(crm: UispSimulator, status: int) -> None:
    """G9: the import is told of the front, not of a key without rights."""
    with client_of(crm) as client:
        attribute = client.read(soon()).password_attribute
        assert attribute
        crm.faults.append(Fault("PATCH clients", faults.front(status), times=None))
        with fails("crm_front", saying=WORDS) as caught:
            client.write_attribute(3, attribute, Masked("s3cret-value"), soon(), soon())
    assert "s3cret-value" not in str(caught.value)
    assert sum(one.endpoint == "PATCH clients/{id}" for one in crm.requests) == 1


def test_a_port_without_tls_is_told_as_such(running: ExitStack) -> None:
    """G9: plain HTTP is no matter of certificates; the error names the settings that hold the port."""
    plain = running.enter_context(UispSimulator(keys={"a-key": "read"}))
    with fails("crm_tls", saying=f"{DOMAIN}:{plain.port}: no TLS on this port") as caught, client_of(plain) as client:
        client.read(soon())
    assert "ucrm.domain_name" in str(caught.value)
    assert "renew" not in str(caught.value)
    assert plain.requests == []


@pytest.mark.parametrize("after", [0, 100])
def test_a_silent_crm_names_the_limit(crm: UispSimulator, after: int) -> None:
    """G1: the error tells how long the CRM was silent, and which setting is the limit."""
    crm.faults.append(Fault("GET clients", faults.stall(after), times=None))
    with (
        fails("crm_unreachable", saying=r"silent for 0\.2 s; the limit is ucrm\.timeout"),
        client_of(crm, timeout=0.2) as client,
    ):
        client.read(soon())


def test_a_run_with_less_time_than_the_limit_tells_both(crm: UispSimulator) -> None:
    """G1: if the run has less time left than `ucrm.timeout`, raising the setting would not help."""
    crm.faults.append(Fault("GET clients", faults.stall(), times=None))
    with fails("crm_(timeout|unreachable)", saying=r"run.*ucrm\.timeout.*20 s"), client_of(crm, timeout=20) as client:
        client.read(soon(0.3))


def test_no_time_left_names_the_limit(crm: UispSimulator) -> None:
    """G1: a run without time asks nothing, and tells which setting bounds one answer."""
    with fails("crm_timeout", saying=r"ucrm\.timeout.*20 s"), client_of(crm, timeout=20) as client:
        client.read(soon(-1))
    assert crm.requests == []


def test_a_drip_that_outlasts_the_run_names_the_limit(crm: UispSimulator) -> None:
    """G1: an answer that comes byte by byte is cut off with the run's time, and names the setting."""
    crm.faults.append(Fault("GET clients", faults.drip(0.02), times=None))
    with fails("crm_(timeout|unreachable)", saying=r"ucrm\.timeout"), client_of(crm) as client:
        client.read(soon(0.5))


def test_a_handshake_that_hangs_names_the_limit_for_connecting(crm: UispSimulator) -> None:
    """G1: connecting has a limit of its own, and `ucrm.timeout` is not blamed for it."""
    settings = crm_settings(crm)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        http = UispHttp(settings, Endpoint("127.0.0.1", silent.getsockname()[1]))
        http._timeout = (0.1, 20.0)
        with closing(http), fails("crm_unreachable", saying=r"no TLS connection.*0\.1 s.*ucrm\.timeout, 20 s"):
            http.get("clients", {}, soon())
