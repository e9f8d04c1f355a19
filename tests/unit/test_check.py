"""The parts of the self-test that need no connection: what each finding says, and when it is one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from pppsync.config.event import Event
from pppsync.config.settings import RouterSettings, Settings, read_settings
from pppsync.core.subscriber import CrmState, Source
from pppsync.diagnose.check.both_sides import check_counts, check_sides
from pppsync.diagnose.check.clock import router_time
from pppsync.diagnose.check.crm import Attribute, check_attributes
from pppsync.diagnose.check.line import Check, certificate_state, some
from pppsync.diagnose.check.router import RouterCheck
from pppsync.diagnose.check.self_test import Checks, check
from pppsync.errors import Code, CrmError, RouterError
from pppsync.net.deadline import Deadline
from pppsync.net.endpoint import Tls
from pppsync.sync.decide import Survey, conclude
from tests.builders import a_router_state, a_secret, a_service, a_subscriber

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pppsync.core.secret import RouterState
    from pppsync.core.subscriber import Subscriber
    from pppsync.crm.client import UispClient
    from pppsync.routers.gateway import RouterGateway

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def settings(*routers: str, **sections: Any) -> Settings:
    """The config secret with these routers."""
    entries = [{"name": name, "host": f"{name}.example.com"} for name in routers or ("tower-1",)]
    crm = {"ucrm_key": "k", "domain_name": "crm.example.com"}
    return read_settings(json.dumps({"ucrm": crm, "routers": entries} | sections))


@pytest.mark.parametrize(
    ("days", "tls", "ok", "detail"),
    [
        (90, Tls(), True, "accepted, ends in 90 days, on 2026-05-30"),
        (21, Tls(), True, "accepted, ends in 21 days, on 2026-03-22"),
        (6, Tls(), False, "accepted, but it ends in 6 days, on 2026-03-07: renew it"),
        (90, None, True, "not looked at: without TLS there is no certificate (see config.encryption)"),
        (90, Tls(verify=False), True, "not looked at: ssl_verify is false, any certificate is taken (see config.enc"),
        (None, Tls(), True, "accepted"),
    ],
)
def test_a_certificate_that_ends_in_three_weeks_is_a_finding(
    days: int | None, tls: Tls | None, ok: bool, detail: str
) -> None:
    """A verified certificate that ends in less than three weeks is a finding."""
    ends = NOW + timedelta(days=days or 0)
    fields = {} if days is None else {"notAfter": f"{ends:%b %d %H:%M:%S %Y} GMT"}
    found = certificate_state(fields, tls, NOW)

    assert (found[0], found[1][: len(detail)]) == (ok, detail)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"date": "2026-03-01", "time": "12:00:00", "gmt-offset": "+00:00"}, NOW),
        ({"date": "mar/01/2026", "time": "12:00:00", "gmt-offset": "+00:00"}, NOW),
        ({"date": "2026-03-01", "time": "14:30:00", "gmt-offset": "+02:30"}, NOW),
        ({"date": "2026-03-01", "time": "14:30:00", "gmt-offset": "02:30:00"}, NOW),
        ({"date": "2026-03-01", "time": "07:00:00", "gmt-offset": "-05:00"}, NOW),
        ({"date": "2026-03-01", "time": "14:00:00", "gmt-offset": "7200"}, NOW),
        ({"date": "2026-03-01", "time": "10:00:00", "gmt-offset": str(2**32 - 7200)}, NOW),
        ({"date": "2026-03-01", "time": "12:00:00"}, None),
        ({"date": "2026-03-01", "time": "12:00:00", "gmt-offset": "9" * 11}, None),
        ({"date": "2026-03-01", "time": "12:00:00", "gmt-offset": "east"}, None),
        ({"date": "2026-02-31", "time": "12:00:00", "gmt-offset": "+00:00"}, None),
        ({}, None),
    ],
)
def test_the_routers_time_is_read_in_both_formats(row: Mapping[str, str], expected: datetime | None) -> None:
    """Both date formats of RouterOS are read, with the offset in hours or in seconds; anything else is not guessed."""
    assert router_time(row) == expected


PASSWORD = Attribute("pppPassword", "PPP Password", "client", "string")
OTHERS = (Attribute("staticIp", "Static IP", "client", "string"), Attribute("router", "Router", "client", ""))
NO_PASSWORD = "the CRM has no client attribute with the key pppPassword"
ATTRIBUTES = {
    "all there": ([PASSWORD, *OTHERS], (), "password_attribute", True, "client attribute pppPassword (PPP Password)"),
    "not there": (
        [*OTHERS],
        (),
        "password_attribute",
        False,
        f"{NO_PASSWORD}: no existing password is compared",
    ),
    "renamed": (
        [Attribute("pppoePassword", "PPPoE Password", "client", "string"), *OTHERS],
        (),
        "password_attribute",
        False,
        f"{NO_PASSWORD}, but the client attribute pppoePassword (PPPoE Password): rename it, or set pol",
    ),
    "of a service": (
        [Attribute("pppPassword", "PPP Password", "service", "string"), *OTHERS],
        (),
        "password_attribute",
        False,
        f"{NO_PASSWORD}, but the service attribute pppPassword (PPP Password): make one for clients",
    ),
    "a client's is nearer than a service's": (
        [
            Attribute("ppppassword", "x", "service", "string"),
            Attribute("pppPassWord", "y", "client", "string"),
            *OTHERS,
        ],
        (),
        "password_attribute",
        False,
        f"{NO_PASSWORD}, but the client attribute pppPassWord (y): rename it",
    ),
    "no text": (
        [Attribute("pppPassword", "PPP Password", "client", "integer"), *OTHERS],
        (),
        "password_attribute",
        False,
        "client attribute pppPassword (PPP Password) is of the type integer: make it a text",
    ),
    "an address that nobody uses": (
        [PASSWORD],
        (),
        "static_ip_attribute",
        True,
        "note: the CRM has no client attribute with the key staticIp; fine if it is not used",
    ),
    "an address under another spelling": (
        [PASSWORD, Attribute("staticip", "StaticIP", "client", "string")],
        (),
        "static_ip_attribute",
        False,
        "the CRM has no client attribute with the key staticIp, but the client attribute staticip (StaticIP): ren",
    ),
    "a router that merely sounds alike": (
        [PASSWORD, Attribute("routerMac", "Router MAC", "client", "string")],
        (),
        "router_attribute",
        True,
        "note: the CRM has no client attribute with the key router; fine if it is not used",
    ),
    "no router, and no default": (
        [PASSWORD],
        ("tower-1", "tower-2"),
        "router_attribute",
        False,
        "the CRM has no client attribute with the key router: no router is the default either, so new",
    ),
}


@pytest.mark.parametrize(("attributes", "routers", "name", "ok", "detail"), ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_a_missing_attribute_is_a_finding_where_it_is_needed(
    attributes: Sequence[Attribute], routers: Sequence[str], name: str, ok: bool, detail: str
) -> None:
    """A missing attribute is a finding where it is needed, and one that is named nearly so is named."""
    found = {one.check: one for one in check_attributes(attributes, settings(*routers))}

    assert list(found) == ["crm.password_attribute", "crm.static_ip_attribute", "crm.router_attribute"]
    assert found[f"crm.{name}"].ok is ok
    assert found[f"crm.{name}"].detail.startswith(detail)


def survey(
    subscribers: Sequence[Subscriber],
    *routers: RouterState,
    source: Source = "domain",
    document: Settings | None = None,
) -> Survey:
    """Both sides as read; each subscriber has one service."""
    services = {one.id: (a_service(one.id, of=one.id),) for one in subscribers}
    crm = CrmState(tuple(subscribers), services, 7, source)
    return conclude(document or settings(), crm, {one.router: one for one in routers})


def test_subscribers_are_counted_with_the_reasons_of_those_left_out() -> None:
    """The number of subscribers and services, how many are managed, and why the others are not."""
    seen = survey([a_subscriber(), a_subscriber(2, lead=True)], a_router_state(a_secret()))

    assert check_counts(seen, settings()) == [
        Check("crm.lists", True, "2 subscribers and 2 services, read at the domain"),
        Check("crm.managed", True, "1 of 2 subscribers are managed; ignored: lead 1"),
    ]


def test_lists_read_at_the_address_say_so() -> None:
    """If the CRM's domain failed and its address did not, the lists say so."""
    (lists, _) = check_counts(survey([a_subscriber()], a_router_state(), source="address"), settings())

    assert lists.detail.endswith("read at the address, since the domain failed")


def test_the_commonest_reason_is_named_if_nobody_is_managed() -> None:
    """If nobody is managed, the commonest reason is told with its meaning."""
    (_, managed) = check_counts(survey([a_subscriber(custom_id="4711")], a_router_state()), settings())

    assert (managed.check, managed.ok) == ("crm.managed", False)
    assert managed.detail.startswith("nobody is managed; 1 of 1: numeric_custom_id. The custom ID starts with a digit,")


SIDES = {
    "profiles": (
        survey([a_subscriber(1), a_subscriber(2)], a_router_state(profiles=())),
        "no profile for these service plans (subscribers): 30mbps (2); add /ppp/profile",
    ),
    "duplicates": (
        survey([a_subscriber()], a_router_state(a_secret("X"), a_secret("X", number=2))),
        "more than one secret of these names, which are left alone: X; remove one",
    ),
    "names": (
        survey(
            [a_subscriber(), a_subscriber(2)], a_router_state(a_secret(ppp_service="l2tp"), a_secret("abc2", number=2))
        ),
        "subscribers' names held under a service that is not ours: ABC1; in other letter case: ABC2; rename one side",
    ),
}


@pytest.mark.parametrize(("name", "seen", "detail"), [(key, *value) for key, value in SIDES.items()], ids=SIDES)
def test_what_a_router_lacks_is_listed_with_the_names(name: str, seen: Survey, detail: str) -> None:
    """What a router lacks for its subscribers is told with the names; what is well beside it stays well."""
    found = {one.check.removeprefix("router.tower-1."): one for one in check_sides("tower-1", seen, settings().policy)}

    assert list(found) == ["profiles", "duplicates", "names"]
    assert [key for key, one in found.items() if not one.ok] == [name]
    assert found[name].detail == detail


def test_a_router_that_was_not_read_is_not_compared() -> None:
    """Nothing is claimed of a router that could not be read."""
    crm = CrmState((a_subscriber(),), {}, 7, "domain")
    seen = conclude(settings(), crm, {"tower-1": RouterError(Code.ROUTER_TIMEOUT, "late")})

    assert check_sides("tower-1", seen, settings().policy) == []


@pytest.mark.parametrize(
    ("count", "expected"), [(0, ""), (2, "1, 2"), (12, "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more")]
)
def test_long_lists_of_names_are_cut(count: int, expected: str) -> None:
    """Long lists of names are cut, and say how many are left out."""
    assert some([str(number) for number in range(1, count + 1)]) == expected


class FakeRouter:
    """A gateway that answers from tables; a menu that is an error is raised, one that is missing is refused."""

    def __init__(self, menus: dict[str, Any], state: RouterState | RouterError | None = None, **keys: Any) -> None:
        document = settings(router_os={"username": "sync"} | keys)
        self.settings: RouterSettings = document.routers[0]
        self.certificate: Mapping[str, Any] = {}
        self._menus = HEALTHY | menus
        self._state = state or a_router_state(a_secret())

    def connect(self, _deadline: Deadline) -> None:
        """Nothing stands in the way."""
        if isinstance(self._menus["connect"], RouterError):
            raise self._menus["connect"]

    def read(self, _deadline: Deadline) -> RouterState:
        """What was given, or the failure."""
        if isinstance(self._state, RouterError):
            raise self._state
        return self._state

    def look(self, words: Sequence[str], _deadline: Deadline) -> list[dict[str, str]]:
        """The rows of a menu."""
        rows = self._menus[words[0].removesuffix("/print")]
        if isinstance(rows, RouterError):
            raise rows
        return [*rows]


REFUSED = RouterError(Code.ROUTER_REFUSED, "no such command")
LOST = RouterError(Code.ROUTER_CLOSED, "the router closed the connection")
HEALTHY: dict[str, Any] = {
    "connect": None,
    "/user": [{"name": "sync", "group": "sync"}],
    "/user/group": [{"name": "sync", "policy": "read,write,sensitive,api,!policy,!ftp"}],
    "/system/resource": [{"version": "7.18.2 (stable)", "board-name": "CCR2004"}],
    "/system/clock": [{"date": "2026-03-01", "time": "12:00:07", "gmt-offset": "+00:00"}],
    "/interface/pppoe-server/server": [
        {"interface": "bridge1", "disabled": "false"},
        {"interface": "bridge2", "disabled": "true"},
    ],
    "/ppp/aaa": [{"use-radius": "false"}],
}
SEEN_ONLY = "api, read and sensitive are there; write is not verified, since the user's group cannot be read"
LACKS_SENSITIVE = "passwords are shown as asterisks, so they are neither compared nor written"
UNREADABLE = a_router_state(a_secret(password="*****"))
LOOKS: dict[str, tuple[FakeRouter, str, bool, str]] = {
    "all policies": (FakeRouter({}), "policies", True, "the group grants api, read, write, sensitive"),
    "more than needed": (
        FakeRouter({"/user/group": [{"policy": "api,read,write,sensitive,ftp,reboot"}]}),
        "policies",
        True,
        "the group grants api, read, write, sensitive; note: 2 more than it needs",
    ),
    "no write": (
        FakeRouter({"/user/group": [{"policy": "api,read,sensitive,!write"}]}),
        "policies",
        False,
        "the group lacks write: no change can be made",
    ),
    "no write, but only observed": (
        FakeRouter({"/user/group": [{"policy": "api,read,sensitive,!write"}]}, mode="observe"),
        "policies",
        True,
        "the group grants api, read, sensitive",
    ),
    "no sensitive": (
        FakeRouter({"/user/group": [{"policy": "api,read,write"}]}, UNREADABLE),
        "policies",
        False,
        f"the group lacks sensitive: {LACKS_SENSITIVE}",
    ),
    "sensitive granted, yet nothing is shown": (
        FakeRouter({}, UNREADABLE),
        "policies",
        False,
        f"the group lacks sensitive: {LACKS_SENSITIVE}",
    ),
    "group not readable": (FakeRouter({"/user/group": REFUSED}), "policies", True, SEEN_ONLY),
    "user of RADIUS": (FakeRouter({"/user": []}), "policies", True, SEEN_ONLY),
    "user without a group": (FakeRouter({"/user": [{"name": "sync"}]}), "policies", True, SEEN_ONLY),
    "group not readable, passwords neither": (
        FakeRouter({"/user": REFUSED}, UNREADABLE),
        "policies",
        False,
        f"the group lacks sensitive: {LACKS_SENSITIVE}; write is not verified",
    ),
    "group not readable, no secrets": (
        FakeRouter({"/user": REFUSED}, a_router_state()),
        "policies",
        True,
        "api and read are there; write and sensitive are not verified, since the user's group cannot be read",
    ),
    "version": (FakeRouter({}), "version", True, "RouterOS 7.18.2 (stable) CCR2004"),
    "version before 6.43": (
        FakeRouter({"/system/resource": [{"version": "6.42.12"}]}),
        "version",
        False,
        "RouterOS 6.42.12: before 6.43 set plaintext_login to false, or better, upgrade",
    ),
    "version before 6.43, and the setting fits": (
        FakeRouter({"/system/resource": [{"version": "6.42.12"}]}, plaintext_login=False),
        "version",
        True,
        "RouterOS 6.42.12",
    ),
    "no version": (
        FakeRouter({"/system/resource": []}),
        "version",
        True,
        "not verified: the router does not tell its version",
    ),
    "clock": (FakeRouter({}), "clock", True, "7 s ahead of this function"),
    "clock behind": (
        FakeRouter({"/system/clock": [{"date": "2026-03-01", "time": "11:50:00", "gmt-offset": "+00:00"}]}),
        "clock",
        False,
        "0:10:00 behind this function: set up NTP (/system/ntp/client)",
    ),
    "clock at its birth": (
        FakeRouter({"/system/clock": [{"date": "jan/02/1970", "time": "00:00:10", "gmt-offset": "+00:00"}]}),
        "clock",
        False,
        "20512 days, 11:59:50 behind this function: set up NTP (/system/ntp/client)",
    ),
    "clock not readable": (
        FakeRouter({"/system/clock": [{"date": "today"}]}),
        "clock",
        True,
        "not verified: the router's date cannot be read",
    ),
    "clock refused": (FakeRouter({"/system/clock": REFUSED}), "clock", True, f"not verified: {REFUSED}"),
    "server": (FakeRouter({}), "pppoe_server", True, "enabled on bridge1"),
    "no server": (
        FakeRouter({"/interface/pppoe-server/server": []}),
        "pppoe_server",
        False,
        "there is none: nobody can dial in here (/interface/pppoe-server/server)",
    ),
    "server disabled": (
        FakeRouter({"/interface/pppoe-server/server": [{"interface": "x", "disabled": "true"}]}),
        "pppoe_server",
        False,
        "all 1 are disabled: nobody can dial in here (/interface/pppoe-server/server)",
    ),
    "no radius": (FakeRouter({}), "radius", True, "off: secrets alone decide"),
    "radius": (
        FakeRouter({"/ppp/aaa": [{"use-radius": "true"}]}),
        "radius",
        True,
        "note: on; RADIUS is asked only for names that have no secret here, so a secret overrides it",
    ),
    "connection lost": (FakeRouter({"/system/clock": LOST}), "clock", False, f"not verified: {LOST}"),
    "after the connection was lost": (FakeRouter({"/user": LOST}), "radius", False, f"not looked at: {LOST}"),
}


def run(router: FakeRouter) -> dict[str, Check]:
    """The checks of one router by name."""
    gateway = cast("RouterGateway", router)
    checks, _ = RouterCheck(gateway, Deadline.after(30), lambda: NOW).run()
    return {one.check.removeprefix("router.tower-1."): one for one in checks}


@pytest.mark.parametrize(("router", "name", "ok", "detail"), LOOKS.values(), ids=LOOKS)
def test_each_check_names_the_fault_and_the_remedy(router: FakeRouter, name: str, ok: bool, detail: str) -> None:
    """Each look says what is wrong and what to do; what cannot be verified is said, and hides nothing else."""
    found = run(router)

    assert (found[name].ok, found[name].detail) == (ok, detail)
    assert list(found) == [
        *("connection", "certificate", "login", "read"),
        *("policies", "version", "clock", "pppoe_server", "radius"),
    ]


END = "; nothing else of this router could be looked at"
STAGES = {
    "no connection": (
        FakeRouter({"connect": RouterError(Code.ROUTER_UNREACHABLE, "refused")}),
        {"connection": f"router_unreachable: refused{END}"},
    ),
    "no answer": (
        FakeRouter({"connect": RouterError(Code.ROUTER_TIMEOUT, "no answer in time")}),
        {"connection": f"router_timeout: no answer in time{END}"},
    ),
    "certificate": (
        FakeRouter({"connect": RouterError(Code.ROUTER_TLS, "certificate not accepted: self-signed; set ssl_ca")}),
        {"certificate": f"router_tls: certificate not accepted: self-signed; set ssl_ca{END}"},
    ),
    "login": (
        FakeRouter({"connect": RouterError(Code.ROUTER_LOGIN, "refused")}),
        {"login": f"router_login: refused{END}"},
    ),
    "challenge login": (
        FakeRouter({"connect": RouterError(Code.ROUTER_LOGIN, "refused")}, plaintext_login=False),
        {"login": "router_login: refused; plaintext_login is false, which only RouterOS before 6.45.1 accepts"},
    ),
    "closed": (
        FakeRouter({"connect": RouterError(Code.ROUTER_CLOSED, "closed")}),
        {"login": "router_closed: closed; see the address list and max-sessions of the API service (/ip/service)"},
    ),
    "read": (
        FakeRouter({}, RouterError(Code.ROUTER_REFUSED, "/ppp/secret/print: not enough permissions (9)")),
        {"read": f"router_refused: /ppp/secret/print: not enough permissions (9){END}"},
    ),
}


@pytest.mark.parametrize(("router", "failed"), STAGES.values(), ids=STAGES)
def test_a_session_fails_at_its_stage_and_skips_the_rest(router: FakeRouter, failed: dict[str, str]) -> None:
    """A session that gets only so far fails at that stage: what came before is well, what comes after is left out."""
    found = run(router)

    assert [name for name, one in found.items() if not one.ok] == list(failed) == [list(found)[-1]]
    assert all(found[name].detail.startswith(detail) for name, detail in failed.items())


def test_an_observed_router_is_announced() -> None:
    """A router that is only observed says so where somebody looks first."""
    assert run(FakeRouter({}, mode="observe"))["connection"].detail.endswith("; mode observe: nothing is ever written")


def test_a_readable_connection_names_its_settings() -> None:
    """A connection that somebody in between could read is a finding that names the settings."""
    checks = Checks((Check("config.encryption", False, "weakened by routers.tower-1.use_ssl"),), ("x",))
    document = checks.document(run_id="r", exclusive=True, duration_ms=3)

    assert document == {
        "run_id": "r",
        "action": "check",
        "ok": False,
        "exclusive": True,
        "duration_ms": 3,
        "weakened": ["x"],
        "checks": [
            {"check": "config.exclusive", "ok": True, "detail": "one run at a time, by reserved concurrency"},
            {"check": "config.encryption", "ok": False, "detail": "weakened by routers.tower-1.use_ssl"},
        ],
    }


def test_runs_that_may_overlap_are_a_note() -> None:
    """Runs that may overlap are a note, not a failure: they are harmless."""
    (found,) = Checks(()).document(run_id="r", exclusive=False, duration_ms=3)["checks"]

    assert (found["check"], found["ok"]) == ("config.exclusive", True)
    assert found["detail"].startswith("note: no concurrency is reserved")


class BrokenCrm:
    """A CRM whose lists cannot be read, by one kind of failure or another."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, _deadline: Deadline) -> CrmState:
        """Fails."""
        raise self._error


class BrokenRouter(FakeRouter):
    """A gateway with a fault of our own."""

    def connect(self, _deadline: Deadline) -> None:
        """Fails as no router makes it fail."""
        raise KeyError("a fault of our own")


def test_a_fault_of_the_self_test_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the self-test itself is told like any other finding, and the rest is still looked at."""

    def broken(*_: object) -> list[Check]:
        raise ZeroDivisionError

    monkeypatch.setattr("pppsync.diagnose.check.self_test.check_place", broken)
    monkeypatch.setattr("pppsync.diagnose.check.self_test.check_rights_and_attributes", broken)
    crm = cast("UispClient", BrokenCrm(CrmError(Code.CRM_FAILING, "503")))
    now: Callable[[], datetime] = lambda: NOW  # noqa: E731 - it has no name of its own
    found = check(Event("check"), settings(), crm, [cast("RouterGateway", BrokenRouter({}))], Deadline.after(30), now)

    assert [(one.check, one.ok) for one in found.checks] == [
        ("config.encryption", True),
        ("crm.domain", False),
        ("crm.address", False),
        ("crm.attributes", False),
        ("crm.lists", False),
        ("router.tower-1", False),
    ]
    assert [one.detail for one in found.checks][-1] == "the self-test itself failed here (KeyError); please report it"
