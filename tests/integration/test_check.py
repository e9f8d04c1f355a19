"""The self-test over real protocols: a healthy deployment passes, and each fault is one finding beside the others."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from lab.local_aws.emulator import free_port
from lab.simulators.certificates import anonymous_server_context, self_signed
from lab.simulators.routeros import Account
from lab.simulators.routeros.faults import Fault as RouterFault
from lab.simulators.uisp import Fault, UispSimulator, faults
from pppsync.actions import perform
from pppsync.config.event import Event
from pppsync.config.settings import read_settings
from pppsync.core.masked import Masked
from pppsync.crm.client import UispClient
from pppsync.diagnose.check.self_test import check
from pppsync.routers.gateway import RouterGateway
from tests.integration.providers import (
    KEY,
    ROUTER_PASSWORD,
    Provider,
    SkippingClock,
    authority,
    crm_keys,
    provider,
    router_keys,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROUTER_CHECKS = [
    *("connection", "certificate", "login", "read", "policies", "version", "clock", "pppoe_server", "radius"),
    *("profiles", "duplicates", "names", "passwords"),
]
CHECKS = [
    *("config.exclusive", "config.encryption"),
    *(f"crm.domain.{one}" for one in ("connection", "certificate", "key", "version")),
    *("crm.address", "crm.write", "crm.password_attribute", "crm.static_ip_attribute", "crm.router_attribute"),
    *("crm.lists", "crm.managed", "crm.coverage", "crm.services", "crm.routers"),
    *(f"router.tower-1.{one}" for one in ROUTER_CHECKS),
]


@dataclass
class Deployment:
    """A provider and the sections of its config secret, which a test may change."""

    provider: Provider
    ucrm: dict[str, Any] = field(default_factory=dict)
    router: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    seconds: float = 100.0

    def check(self, **event: Any) -> dict[str, Any]:
        """The response; whatever it says, nothing was written on either side."""
        before = self.contents()
        entry = {"name": "tower-1", **router_keys(self.provider.router, **self.router)}
        document = {"ucrm": crm_keys(self.provider.crm, **self.ucrm), "routers": [entry], **self.more}
        settings = read_settings(json.dumps(document))
        with ExitStack() as connections:
            crm = connections.enter_context(UispClient(settings.crm, settings.policy))
            gateways = [connections.enter_context(RouterGateway(one, settings.policy)) for one in settings.routers]
            deadline = SkippingClock().deadline(self.seconds)
            answer = perform(Event("check", **event), settings, crm, gateways, deadline)
            assert not self.provider.router.writes
            assert self.contents() == before
            return answer.document(run_id="run-1", exclusive=True, duration_ms=5)

    def contents(self) -> object:
        """All that a write could change."""
        return self.provider.crm.client(1), self.provider.router.secrets(), self.provider.router.sessions()


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    """A healthy deployment with one subscriber."""
    with provider() as running:
        running.subscribe("ANN", "s3cret")
        running.router.add_secret(name="ANN", password="s3cret", profile="30mbps", service="pppoe")
        yield Deployment(running)


def failed(response: Mapping[str, Any]) -> dict[str, str]:
    """What is not ok, with its detail."""
    return {one["check"]: one["detail"] for one in response["checks"] if not one["ok"]}


def details(response: Mapping[str, Any]) -> dict[str, str]:
    """Every check's detail."""
    return {one["check"]: one["detail"] for one in response["checks"]}


def test_a_version_that_is_not_told_is_no_fault(deployment: Deployment) -> None:
    """The sync needs no version of the CRM: where it is not told, the line says so and nothing is wrong."""
    fault("GET version", faults.status(403))(deployment)
    response = deployment.check()

    assert failed(response) == {}
    assert "not told: crm_forbidden" in details(response)["crm.domain.version"]


def test_a_healthy_deployment_passes_every_check(deployment: Deployment) -> None:
    """A healthy deployment passes every check, each of which says what was found; no password is shown."""
    response = deployment.check()
    found = details(response)

    assert failed(response) == {}
    assert response["ok"] is True
    assert [one["check"] for one in response["checks"]] == CHECKS
    assert found["crm.domain.version"] == "UISP CRM 4.4.31"
    assert found["crm.lists"] == "1 subscribers and 1 services, read at the domain"
    assert found["router.tower-1.read"] == "1 secrets, 3 profiles, 0 sessions"
    assert found["router.tower-1.policies"] == "the group grants api, read, write, sensitive"
    text = json.dumps(response, ensure_ascii=False)
    assert not [secret for secret in (KEY, ROUTER_PASSWORD, "s3cret") if secret in text]


def test_a_key_that_may_only_read_is_a_note(deployment: Deployment) -> None:
    """A key that may only read is enough for the sync, and the import's need of another is a note."""
    deployment.provider.crm.keys[KEY] = "read"
    response = deployment.check()

    assert response["ok"] is True
    assert details(response)["crm.write"].startswith("note: the key may only read")


def test_nothing_is_claimed_about_a_key_if_the_write_fails(deployment: Deployment) -> None:
    """If the CRM fails on the harmless write, nothing is claimed about the key."""
    deployment.provider.crm.faults.append(Fault(on="PATCH clients", action=faults.status(415), times=None))
    response = deployment.check()

    assert response["ok"] is True
    assert details(response)["crm.write"].startswith("not verified: crm_refused")


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_front_tells_nothing_of_the_right_to_write(deployment: Deployment, status: int) -> None:
    """G9: a refusal that is not the CRM's own neither grants nor denies the key the right to write."""
    deployment.provider.crm.faults.append(Fault(on="PATCH clients", action=faults.front(status), times=None))
    response = deployment.check()

    assert response["ok"] is True
    assert details(response)["crm.write"].startswith("not verified: crm_front: ")


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_front_is_told_as_such_at_its_place(deployment: Deployment, status: int) -> None:
    """G9: the self-test tells at which place something in front of the CRM answers, and blames no key."""
    deployment.provider.crm.faults.append(Fault(on="GET clients", action=faults.front(status), times=None))
    found = failed(deployment.check())

    assert found["crm.domain.key"].startswith("crm_front: ")
    assert "in front of the CRM" in found["crm.domain.key"]


def test_a_port_without_tls_is_named_as_that(deployment: Deployment) -> None:
    """A port that speaks no TLS is told as such, not as a bad certificate."""
    with UispSimulator(keys={KEY: "read"}) as plain:
        deployment.ucrm["domain_name"] = f"localhost:{plain.port}"
        found = failed(deployment.check())

    assert list(found) == ["crm.domain.certificate", "crm.attributes", "crm.lists"]
    assert found["crm.domain.certificate"].startswith("no TLS on this port: ")
    assert "ucrm.domain_name" in found["crm.domain.certificate"]


def test_the_only_write_is_one_that_changes_nothing(deployment: Deployment) -> None:
    """The right to write is asked for with an empty change of a client that cannot exist, and nothing else."""
    deployment.check()
    writes = [one for one in deployment.provider.crm.requests if one.method != "GET"]

    assert [(one.endpoint, one.path.rpartition("/")[2], one.body) for one in writes] == [
        ("PATCH clients/{id}", "0", {})
    ]


def closed() -> str:
    """A place where nobody listens."""
    return f"127.0.0.1:{free_port()}"


def wrong_account(one: Deployment) -> None:
    """The router knows another password."""
    one.router["password"] = "mistyped"


def secret_twice(one: Deployment) -> None:
    """Somebody made two secrets of one name."""
    for _ in range(2):
        one.provider.router.add_secret(name="X", allow_duplicate=True)


def certificate_expired(one: Deployment) -> None:
    """The router's certificate was not renewed."""
    one.provider.router.replace_tls(authority().issue("127.0.0.1", expired=True).server_context())


def other_place(one: Deployment) -> None:
    """The domain is dead, and the address works."""
    one.ucrm |= {"domain_name": f"localhost:{free_port()}", "ip_address": f"127.0.0.1:{one.provider.crm.port}"}


def renamed_attribute(one: Deployment) -> None:
    """The attribute was renamed, which changes its key."""
    one.provider.crm.rename_attribute(1, "PPPoE Password")


def fault(on: str, action: faults.Action) -> Callable[[Deployment], None]:
    """The CRM fails in one place."""
    return lambda one: one.provider.crm.faults.append(Fault(on=on, action=action, times=None))


FAULTS: dict[str, tuple[Callable[[Deployment], object], dict[str, str]]] = {
    "domain down, address up": (
        other_place,
        {"crm.domain.connection": "Connection refused; check the name, the route and the firewall"},
    ),
    "address down": (
        lambda one: one.ucrm.update(ip_address=closed()),
        {"crm.address.connection": "Connection refused"},
    ),
    "CRM under another authority": (
        lambda one: one.ucrm.update(ssl_ca=self_signed("localhost").trust_anchor),
        {
            "crm.domain.certificate": "not accepted: .*; set ssl_ca to what signed it, or renew it",
            "crm.attributes": "crm_tls",
            "crm.lists": "crm_tls: .*; what compares both sides could not be looked at",
        },
    ),
    "wrong key": (
        lambda one: one.ucrm.update(ucrm_key="revoked"),
        {
            "crm.domain.key": "crm_unauthorized: .*set ucrm.ucrm_key to a valid one",
            "crm.attributes": "the CRM does not list its attributes: crm_unauthorized",
            "crm.lists": "crm_unauthorized",
        },
    ),
    "clients not listed": (
        fault("GET clients", faults.error_object()),
        {"crm.domain.key": "no list of clients; check the rights", "crm.lists": "crm_bad_answer"},
    ),
    "attributes not listed": (
        fault("GET custom-attributes", faults.status(403)),
        {"crm.attributes": "the CRM does not list its attributes: crm_forbidden"},
    ),
    "attribute renamed": (
        renamed_attribute,
        {"crm.password_attribute": r"but the client attribute pppoePassword \(PPPoE Password\): rename it"},
    ),
    "nobody managed": (
        lambda one: one.provider.crm.edit_client(1, tags=["Custom-Config"]),
        {
            "crm.managed": "nobody is managed; 1 of 1: custom_config",
            "crm.coverage": "none: no live subscriber has an Internet service that counts",
        },
    ),
    "router down": (
        lambda one: one.router.update(port=free_port()),
        {"router.tower-1.connection": "router_unreachable: .*; nothing else of this router could be looked at"},
    ),
    "router under another authority": (
        lambda one: one.router.update(ssl_ca=self_signed("127.0.0.1").trust_anchor),
        {"router.tower-1.certificate": "router_tls: .*certificate not accepted: .*; set ssl_ca to what signed it"},
    ),
    "router without a certificate": (
        lambda one: one.provider.router.replace_tls(anonymous_server_context()),
        {"router.tower-1.certificate": "router_tls: .*see in /ip/service that api-ssl has a certificate"},
    ),
    "wrong password": (wrong_account, {"router.tower-1.login": "router_login: .*check username and password"}),
    "router's certificate expired": (
        certificate_expired,
        {"router.tower-1.certificate": "router_tls: .*certificate has expired"},
    ),
    "clock wrong": (
        lambda one: one.provider.router.set_clock(ahead=-3600),
        {"router.tower-1.clock": r"\d:\d\d:\d\d behind this function: set up NTP"},
    ),
    "no PPPoE server": (
        lambda one: one.provider.router.configure("/interface/pppoe-server/server", disabled="true"),
        {"router.tower-1.pppoe_server": "all 1 are disabled: nobody can dial in here"},
    ),
    "profile missing": (
        lambda one: one.provider.crm.add_service(1, 1, name="900mbps"),
        {"router.tower-1.profiles": r"no profile for these service plans \(subscribers\): 900mbps \(1\)"},
    ),
    "profile that only reads the same": (
        lambda one: one.provider.crm.add_service(1, 1, name="30 mbps"),
        {"router.tower-1.profiles": "`30 mbps` and the profile `30mbps` only read the same: make them equal"},
    ),
    "profile renamed in the CRM": (
        lambda one: one.provider.crm.add_service(1, 1, name="900mbps"),
        {"router.tower-1.profiles": "1 of 1 secrets of `900mbps` have the profile `30mbps`, which no"},
    ),
    "attribute at the other level too": (
        lambda one: one.provider.crm.add_attribute("PppPassword", "service"),
        {"crm.password_attribute": "is read, but not the service attribute ppppassword"},
    ),
    "secret twice": (secret_twice, {"router.tower-1.duplicates": "X; remove one"}),
    "name taken": (
        lambda one: one.provider.router.edit_secret("ANN", service="l2tp"),
        {"router.tower-1.names": "under a service that is not ours: ANN"},
    ),
    "not verified": (
        lambda one: one.router.update(ssl_verify=False, ssl_ca=None),
        {"config.encryption": "weakened by routers.tower-1.ssl_verify: somebody in between can read passwords"},
    ),
}
"""Each fault, and all that the self-test then has to find; everything else stays well."""


@pytest.mark.parametrize(("breaks", "expected"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_found_with_its_remedy(
    deployment: Deployment, breaks: Callable[[Deployment], object], expected: dict[str, str]
) -> None:
    """Each fault is found, with what is wrong and what to do, and no other check fails for it."""
    breaks(deployment)
    try:
        response = deployment.check()
    finally:
        deployment.provider.crm.faults.clear()
    found = failed(response)

    assert list(found) == list(expected)
    for name, pattern in expected.items():
        assert re.search(pattern, found[name])
    assert response["ok"] is False


@pytest.mark.parametrize(
    ("policies", "mode", "expected"),
    [
        ({"api", "read", "write"}, "enforce", "the group lacks sensitive: passwords are shown as asterisks"),
        ({"api", "read", "sensitive"}, "enforce", "the group lacks write: no change can be made"),
        ({"api", "read", "sensitive"}, "observe", ""),
    ],
)
def test_the_policies_of_the_user_are_read_from_the_router(policies: set[str], mode: str, expected: str) -> None:
    """The policies of the user's group are read from the router itself; one that is only observed needs no `write`."""
    with provider(accounts=(Account("sync", ROUTER_PASSWORD, frozenset(policies)),)) as running:
        running.subscribe("ANN", "x")
        running.router.add_secret(name="ANN", password="x", profile="30mbps", service="pppoe")
        found = failed(Deployment(running, router={"mode": mode}).check())

    assert found.get("router.tower-1.policies", "").startswith(expected)
    assert len(found) == bool(expected)


@pytest.mark.parametrize(("plain", "ok"), [(True, False), (False, True)])
def test_a_router_before_6_43_gets_no_password_it_cannot_use(plain: bool, ok: bool) -> None:
    """A router before 6.43 works either way, but must not be sent a password that it cannot use."""
    with provider(version="6.42.12") as running:
        running.subscribe("ANN", "x")
        found = failed(Deployment(running, router={"plaintext_login": plain}).check())

    assert (found == {}) is ok
    assert ok or "set plaintext_login to false" in found["router.tower-1.version"]


def test_radius_is_a_note_that_names_the_winner(deployment: Deployment) -> None:
    """RADIUS beside the secrets is a note that says who wins."""
    deployment.provider.router.configure("/ppp/aaa", use_radius="true")
    response = deployment.check()

    assert response["ok"] is True
    assert "a secret overrides it" in details(response)["router.tower-1.radius"]


def test_a_lost_connection_fails_the_rest_of_that_router_alone(deployment: Deployment) -> None:
    """A router that closes the connection in the middle fails from there on, and the CRM is still looked at."""
    deployment.provider.router.faults.append(RouterFault(on="/system/clock/print", action="close"))
    response = deployment.check()
    found = failed(response)

    assert list(found) == [f"router.tower-1.{one}" for one in ("clock", "pppoe_server", "radius")]
    assert [one["check"] for one in response["checks"]] == CHECKS


def test_a_router_that_stalls_costs_its_timeout_and_no_more(deployment: Deployment) -> None:
    """A router that never answers costs its time-out and no more, and hides nothing of the others."""
    deployment.provider.router.faults.append(RouterFault(on="/ppp/secret/print", action="stall"))
    deployment.more = {"policy": {"router_timeout": 2}}
    found = failed(deployment.check())

    assert list(found) == ["router.tower-1.read"]
    assert found["router.tower-1.read"].startswith("router_timeout: ")


def test_only_the_chosen_routers_are_checked() -> None:
    """With a filter only these routers are looked at; without, one that is down does not hide the other."""
    with provider("tower-1", "tower-2") as running:
        running.subscribe("ANN", "x", router="tower-1")
        settings = running.settings
        broken = replace(settings.routers[1], password=Masked("mistyped"))
        settings = replace(settings, routers=(settings.routers[0], broken))
        with ExitStack() as connections:
            crm = connections.enter_context(UispClient(settings.crm, settings.policy))
            gateways = [connections.enter_context(RouterGateway(one, settings.policy)) for one in settings.routers]
            soon = SkippingClock().deadline(100)
            every = check(Event("check"), settings, crm, gateways, soon)
            chosen = check(Event("check", routers=frozenset({"tower-1"})), settings, crm, gateways, soon)

    assert [one.check for one in every.checks if not one.ok] == ["router.tower-2.login"]
    assert [one.check for one in every.checks if one.check.startswith("router.tower-1.")] == CHECKS[-13:]
    assert not [one for one in chosen.checks if one.check.startswith("router.tower-2")]
    assert chosen.ok
