"""A provider in this process: CRM and routers on loopback with TLS, the settings that fit them, and time that obeys."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lab.simulators.certificates import Authority, ServerCertificate
from lab.simulators.routeros import Account, RouterSimulator
from lab.simulators.uisp import UispSimulator
from pppsync.config.event import Event
from pppsync.config.settings import RouterSettings, Settings, read_settings
from pppsync.crm.client import UispClient
from pppsync.errors import CrmError
from pppsync.net.deadline import Deadline
from pppsync.routers.gateway import RouterGateway
from pppsync.sync.reconcile import reconcile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pppsync.config.settings import CrmSettings
    from pppsync.core.policy import Policy
    from pppsync.errors import SyncError
    from pppsync.journal.run import RunJournal
    from pppsync.report.response import Report
    from pppsync.report.router_row import RouterReport

KEY = "k3y-of-the-crm"
ROUTER_PASSWORD = "r0uter-pässwörd"
DOMAIN = "localhost"
_SOME_CRM = {"ucrm_key": "k", "domain_name": DOMAIN}


@cache
def authority() -> Authority:
    """The authority that all parties trust."""
    return Authority()


@cache
def certificate(*names: str) -> ServerCertificate:
    """A certificate of that authority; making one takes time, so each is made once."""
    return authority().issue(*names)


@cache
def sloppy_certificate(name: str) -> ServerCertificate:
    """What RouterOS makes: an authority and a certificate without key usage and key identifiers."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    issuer, subject = (x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)]) for text in ("CA", name))
    anchor = _builder(issuer, issuer, keys[0]).add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    try:
        general: x509.GeneralName = x509.IPAddress(ip_address(name))
    except ValueError:
        general = x509.DNSName(name)
    leaf = _builder(subject, issuer, keys[1]).add_extension(x509.SubjectAlternativeName([general]), False)
    chain, trusted = (
        one.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode() for one in (leaf, anchor)
    )
    key = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return ServerCertificate(chain=chain, key=key.decode(), trust_anchor=trusted)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    today = dt.datetime.now(dt.UTC)
    return x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), today - dt.timedelta(1), today + dt.timedelta(9)
    )


class SkippingClock:
    """The monotonic clock, but a sleep takes no time: it only moves the clock on."""

    def __init__(self) -> None:
        self.naps: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """Now."""
        return time.monotonic() + sum(self.naps)

    def sleep(self, seconds: float) -> None:
        """Take note, and be that much later."""
        with self._lock:
            self.naps.append(seconds)

    def deadline(self, seconds: float) -> Deadline:
        """So many seconds from now."""
        return Deadline(self() + seconds, self, self.sleep)


def soon(seconds: float = 30.0) -> Deadline:
    """A deadline that no test reaches, and whose sleeps take no time."""
    return SkippingClock().deadline(seconds)


def certified_crm(*names: str, **switches: Any) -> UispSimulator:
    """A CRM under a certificate of the authority, with the attributes that the rules know."""
    tls = certificate(*(names or (DOMAIN,))).server_context()
    crm = UispSimulator(keys={KEY: "write"}, tls=tls, **switches)
    for name in ("PPP Password", "Static IP", "Router"):
        crm.add_attribute(name)
    return crm


def certified_router(**switches: Any) -> RouterSimulator:
    """A router under a certificate of the authority, whose user `sync` may do everything."""
    given: dict[str, Any] = {
        "accounts": (Account("sync", ROUTER_PASSWORD),),
        "tls": certificate("127.0.0.1").server_context(),
    }
    return RouterSimulator(**(given | switches))


def crm_keys(crm: UispSimulator, **changes: Any) -> dict[str, Any]:
    """The section `ucrm` for a CRM reached at its domain; a value of None takes the key away."""
    keys = {"ucrm_key": KEY, "domain_name": f"{DOMAIN}:{crm.port}", "ssl_ca": authority().pem, "timeout": 20}
    return _without_none(keys | changes)


def router_keys(router: RouterSimulator, **changes: Any) -> dict[str, Any]:
    """The section `router_os` for a router; a value of None takes the key away."""
    keys = {"host": router.host, "port": router.port, "username": "sync", "password": ROUTER_PASSWORD}
    return _without_none(keys | {"use_ssl": True, "ssl_ca": authority().pem} | changes)


def crm_settings(crm: UispSimulator, **changes: Any) -> CrmSettings:
    """The settings of a CRM as the config secret would give them."""
    return _read({"ucrm": crm_keys(crm, **changes), "router_os": {"host": "127.0.0.1"}}).crm


def router_settings(router: RouterSimulator, **changes: Any) -> RouterSettings:
    """The settings of a router as the config secret would give them."""
    return _read({"ucrm": _SOME_CRM, "router_os": router_keys(router, **changes)}).routers[0]


@dataclass
class Provider:
    """A CRM, routers by name, and the means to run the sync on them."""

    crm: UispSimulator
    routers: dict[str, RouterSimulator]
    sections: dict[str, Any] = field(default_factory=dict)
    crm_keys: dict[str, Any] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    clock: SkippingClock = field(default_factory=SkippingClock)

    @property
    def router(self) -> RouterSimulator:
        """The only router."""
        (router,) = self.routers.values()
        return router

    @property
    def settings(self) -> Settings:
        """The config secret that fits."""
        document: dict[str, Any] = {"ucrm": crm_keys(self.crm, **self.crm_keys)}
        entries = [
            router_keys(router, name=name, mode=self.modes.get(name, "enforce"), default=None if index else True)
            for index, (name, router) in enumerate(self.routers.items())
        ]
        return _read(document | {"routers": entries} | self.sections)

    def run(self, event: Event | None = None, seconds: float = 100.0, journal: RunJournal | None = None) -> Report:
        """One whole run in this process, without a journal unless one is given."""
        settings = self.settings
        with ExitStack() as connections:
            crm = connections.enter_context(UispClient(settings.crm, settings.policy))
            gateways = [connections.enter_context(RouterGateway(one, settings.policy)) for one in settings.routers]
            return reconcile(event or Event(), settings, crm, gateways, self.clock.deadline(seconds), journal)

    def subscribe(self, name: str, password: str | None = None, status: int = 1, **attributes: str) -> int:
        """A subscriber with one service named 30mbps."""
        given = {"pppPassword": password, **attributes}
        client = self.crm.add_client(name, {key: value for key, value in given.items() if value})
        self.crm.add_service(client, status)
        return client

    def mark(self, client: int, status: int) -> None:
        """Give the first service of a client another status: 1 is active, 3 suspended."""
        self.crm.edit_service(self.crm.services_of(client)[0]["id"], status=status)


@contextmanager
def provider(*names: str, **switches: Any) -> Iterator[Provider]:
    """A provider with one router, or those of the names; each has the profile 30mbps."""
    with ExitStack() as running:
        crm = running.enter_context(certified_crm())
        routers = {name: running.enter_context(certified_router(**switches)) for name in names or ("tower-1",)}
        for router in routers.values():
            router.add_profile("30mbps")
        yield Provider(crm, routers)


def gateway(router: RouterSimulator, keys: dict[str, Any] | None = None, **settings: Any) -> RouterGateway:
    """The gateway to a router, under the policy of these keys."""
    return RouterGateway(router_settings(router, **settings), policy(**(keys or {})))


def fails(code: str, kind: type[SyncError] = CrmError, *, saying: str = "") -> pytest.RaisesExc[SyncError]:
    """What follows raises this code, with a detail that matches."""
    return pytest.raises(kind, match=rf"^{code}: .*{saying}")


def part(report: Report, name: str = "tower-1") -> RouterReport:
    """One router's part of a report."""
    return next(router for router in report.routers if router.name == name)


def policy(**keys: Any) -> Policy:
    """The policy of the config secret, or its defaults."""
    return _read({"ucrm": _SOME_CRM, "router_os": {"host": "127.0.0.1"}, "policy": keys}).policy


def _read(document: dict[str, Any]) -> Settings:
    return read_settings(json.dumps(document))


def _without_none(keys: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if value is not None}
