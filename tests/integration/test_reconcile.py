"""Whole runs in this process, against a CRM and routers on real connections."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from lab.simulators.routeros import Account, Fault
from lab.simulators.uisp import Fault as CrmFault
from lab.simulators.uisp import faults
from pppsync.config.event import Event
from pppsync.core.outcome import Result
from tests.integration.providers import (
    KEY,
    ROUTER_PASSWORD,
    Provider,
    certificate,
    fails,
    part,
    provider,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lab.simulators.routeros import RouterSimulator
    from lab.simulators.routeros.faults import Action
    from lab.simulators.uisp import RecordedRequest
    from lab.simulators.uisp.faults import Action as CrmAction
    from pppsync.report.response import Report


@pytest.fixture
def isp() -> Iterator[Provider]:
    """A provider with one router; at the end nothing that a careful client would not have done."""
    with provider() as running:
        yield running
        assert blameless(running)


@pytest.fixture
def fleet() -> Iterator[Provider]:
    """A provider with three towers, the first one the default."""
    with provider("tower-1", "tower-2", "tower-3") as running:
        yield running
        assert blameless(running)


def blameless(isp: Provider) -> bool:
    """No write by name or position, none that changes nothing, none beside another one of the same secret."""
    conflicts = [one for router in isp.routers.values() for one in router.in_flight_conflicts]
    assert [one for one in conflicts if not one.startswith("/ppp/active/print ")] == []
    assert [warning for router in isp.routers.values() for warning in router.warnings] == []
    return True


def secret(router: RouterSimulator, name: str) -> dict[str, str]:
    """The secret of a name, which must be there."""
    found = router.secret(name)
    assert found, name
    return found


def settled(isp: Provider, event: Event | None = None) -> Report:
    """A run that has nothing to write anywhere."""
    for router in isp.routers.values():
        router.clear_log()
    report = isp.run(event)
    assert [write for router in isp.routers.values() for write in router.writes] == []
    return report


def counts(report: Report, result: Result, name: str = "tower-1") -> Mapping[str, int]:
    """How many changes of a router ended so, by kind."""
    return part(report, name).count(result)


def balanced(report: Report) -> bool:
    """Every planned change of a router ended as exactly one of the results, by kind."""
    return all(
        Counter(change.kind for change in one.planned) == Counter(outcome.change.kind for outcome in one.outcomes)
        for one in report.routers
    )


def test_a_password_changed_by_hand_is_set_back_once(isp: Provider) -> None:
    """A subscriber's secret is created; a password changed by hand is set back at the next run, and then no more."""
    client = isp.subscribe("ABC1", "opensesame")
    report = isp.run()
    assert (report.ok, counts(report, Result.APPLIED)) == (True, {"create": 1})
    made = secret(isp.router, "ABC1")
    assert {name: made[name] for name in ("password", "service", "profile", "disabled", "comment")} == {
        "password": "opensesame",
        "service": "pppoe",
        "profile": "30mbps",
        "disabled": "false",
        "comment": f"UISP client {client}",
    }
    settled(isp)
    isp.router.edit_secret("ABC1", password="changed by hand")
    isp.router.connect_session("ABC1")
    report = isp.run()
    assert counts(report, Result.APPLIED) == {"password": 1}
    assert secret(isp.router, "ABC1")["password"] == "opensesame"
    assert isp.router.sessions() == []
    settled(isp)


@pytest.mark.parametrize(
    "password", ["1482020", "yes", "true", "123", "0123", "pässwörd", "a=b", " outer ", "*x*", "€" * 40]
)
@pytest.mark.parametrize("version", ["6.49.10", "7.18.2", "7.22.1"])
def test_the_second_run_writes_nothing(password: str, version: str) -> None:
    """A password that reads back as something else would cut the customer off every five minutes."""
    with provider(version=version) as isp:
        isp.subscribe("ABC1", password)
        isp.run()
        assert secret(isp.router, "ABC1")["password"] == password
        report = settled(isp)
        assert (part(report).census.in_sync, part(report).planned) == (1, ())
        assert blameless(isp)


def test_without_a_password_the_registration_date_is_the_first_one(isp: Provider) -> None:
    """As written, without leading zeros; a password set by hand then stays (R10)."""
    isp.subscribe("ABC1")
    isp.run()
    assert secret(isp.router, "ABC1")["password"] == "1482020"
    settled(isp)
    isp.router.edit_secret("ABC1", password="by hand")
    settled(isp)


def everybody(isp: Provider) -> None:
    """One subscriber for each state that the CRM knows, on a router that holds something else."""
    router = isp.router
    router.add_profile("50mbps")
    for number in range(30):  # the guard's share
        isp.subscribe(f"FINE{number}", f"p{number}")
        router.add_secret(name=f"FINE{number}", password=f"p{number}", service="pppoe", profile="30mbps")
    for name in ("ACTIVE", "SUSPENDED", "ENDED", "CONFIG", "STATIC", "PROFILE", "STRAY"):
        router.add_secret(name=name, password="old", service="pppoe", profile="30mbps")
        router.connect_session(name)
    router.add_secret(name="TAKEN", password="old", service="l2tp")
    isp.subscribe("ACTIVE", "new")
    isp.subscribe("SUSPENDED", "new", status=3)
    isp.subscribe("ENDED", "new", status=2)
    isp.crm.add_service(isp.crm.add_client("CONFIG", {"pppPassword": "new"}, tags=["Custom-Config"]), 3)
    isp.subscribe("STATIC", "old", staticIp="10.0.0.9")
    isp.crm.add_service(isp.crm.add_client("PROFILE", {"pppPassword": "old"}), name="50mbps")
    isp.subscribe("TAKEN", "new")
    isp.subscribe("NEWSUSPENDED", "new", status=3)
    isp.subscribe("NEWENDED", "new", status=2)
    isp.subscribe("123", "numeric")


def test_every_state_settles_in_one_run(isp: Provider) -> None:
    """After one run the router is as the CRM says, and the second one has nothing to do."""
    everybody(isp)
    report = isp.run()
    assert (report.ok, balanced(report)) == (True, True)
    assert counts(report, Result.APPLIED) == {
        "create": 1,
        "password": 3,
        "profile": 1,
        "remote_address": 1,
        "disable": 2,
    }
    router = isp.router
    disabled = {one["name"] for one in router.secrets() if one["disabled"] == "true"}
    assert disabled == {"SUSPENDED", "ENDED", "NEWSUSPENDED"}
    assert {one["name"] for one in router.sessions()} == {"CONFIG", "STRAY"}
    assert secret(router, "STATIC")["remote-address"] == "10.0.0.9"
    assert secret(router, "PROFILE")["profile"] == "50mbps"
    assert secret(router, "CONFIG")["password"] == secret(router, "TAKEN")["password"] == "old"
    assert router.secret("NEWENDED") is router.secret("123") is None
    settled(isp)


@pytest.mark.parametrize("action", ["plan", "sync"])
def test_what_is_only_looked_at_is_not_written(isp: Provider, action: str) -> None:
    """`plan` writes on no router, and a router in the mode `observe` is never written (G11)."""
    everybody(isp)
    if action == "sync":
        isp.modes["tower-1"] = "observe"
    report = settled(isp, Event(action="plan") if action == "plan" else None)
    assert len(part(report).planned) == 8
    assert counts(report, Result.APPLIED) == {}
    assert (report.ok, len(isp.router.sessions())) == (True, 7)


def test_only_one_of_two_routers_is_observed(fleet: Provider) -> None:
    """The others are written as ever."""
    fleet.modes["tower-2"] = "observe"
    for number, name in enumerate(fleet.routers):
        fleet.subscribe(f"ABC{number}", "x", router=name)
    report = fleet.run()
    assert [len(router.writes) for router in fleet.routers.values()] == [1, 0, 1]
    assert len(part(report, "tower-2").planned) == 1


def test_only_the_routers_of_the_event_are_written(fleet: Provider) -> None:
    """All are read, since a login may be on any of them."""
    for number, name in enumerate(fleet.routers):
        fleet.subscribe(f"ABC{number}", "x", router=name)
    report = fleet.run(Event(routers=frozenset({"tower-3"})))
    assert [len(router.writes) for router in fleet.routers.values()] == [0, 0, 1]
    assert all(router.connections == 1 for router in fleet.routers.values())
    assert part(report, "tower-1").planned == ()


def test_only_the_subscribers_of_the_event_are_written(isp: Provider) -> None:
    """A name that nobody has is told."""
    for number in range(4):
        isp.subscribe(f"ABC{number}", "x")
    report = isp.run(Event(subscribers=frozenset({"ABC2", "XYZ"})))
    assert [one["name"] for one in isp.router.secrets()] == ["ABC2"]
    assert [(one.name, one.reason) for one in report.problems] == [("XYZ", "not_found")]


def first_page(request: RecordedRequest) -> bool:
    """Whether a request begins the list of subscribers."""
    return request.endpoint == "GET clients" and request.query["offset"] == ["0"]


def test_routers_are_read_beside_the_crm_and_beside_each_other(fleet: Provider) -> None:
    """Each side waits until the others have been asked: one after the other would never end."""
    fleet.subscribe("ABC1", "x")
    fleet.subscribe("ABC2", "x")
    together = threading.Barrier(4)

    def meet(*_: object) -> None:
        together.wait(timeout=10)

    for router in fleet.routers.values():
        router.faults.append(Fault("/ppp/secret/print", "call", call=meet))
    fleet.crm.on_request = lambda request: meet() if first_page(request) else None
    assert fleet.run().ok
    assert not together.broken


@pytest.mark.parametrize("action", ["close", "stall", "fatal", "reset"])
def test_a_router_that_fails_does_not_stop_the_others(fleet: Provider, action: Action) -> None:
    """It is told with its reason; the others are read, planned and written."""
    fleet.sections["policy"] = {"router_timeout": 2} if action == "stall" else {}
    for number, name in enumerate(fleet.routers):
        fleet.subscribe(f"ABC{number}", "x", router=name)
    fleet.routers["tower-2"].faults.append(Fault("/ppp/secret/print", action))
    report = fleet.run()
    assert [len(router.writes) for router in fleet.routers.values()] == [1, 0, 1]
    assert not report.ok
    failed = part(report, "tower-2")
    assert failed.error is not None
    assert failed.error.code in {"router_closed", "router_timeout"}
    assert {one.name: one.failed for one in report.routers} == {"tower-1": False, "tower-2": True, "tower-3": False}


def test_a_router_that_is_off_does_not_stop_the_others(fleet: Provider) -> None:
    """And at the next run it is as if nothing had been."""
    for number, name in enumerate(fleet.routers):
        fleet.subscribe(f"ABC{number}", "x", router=name)
    good = fleet.routers["tower-2"]
    with provider() as elsewhere:
        gone = elsewhere.router
    fleet.routers["tower-2"] = gone
    report = fleet.run()
    assert not report.ok
    error = part(report, "tower-2").error
    assert error is not None
    assert error.code == "router_unreachable"
    fleet.routers["tower-2"] = good
    assert fleet.run().ok
    assert [len(router.writes) for router in fleet.routers.values()] == [1, 1, 1]


def test_a_router_that_is_not_what_it_says_gets_no_password(fleet: Provider) -> None:
    """An impostor on the way to one tower changes nothing for the others (G9)."""
    for number, name in enumerate(fleet.routers):
        fleet.subscribe(f"ABC{number}", "x", router=name)
    impostor = fleet.routers["tower-2"]
    impostor.replace_tls(certificate("192.0.2.1").server_context())
    report = fleet.run()
    error = part(report, "tower-2").error
    assert error is not None
    assert (error.code, impostor.transcript) == ("router_tls", [])
    assert [len(router.writes) for router in fleet.routers.values()] == [1, 0, 1]


CRM_FAILURES: list[tuple[CrmAction, int, str]] = [
    (faults.status(401), 1, "crm_unauthorized"),
    (faults.status(403), 1, "crm_forbidden"),
    (faults.status(404), 1, "crm_refused"),
    (faults.status(503), 1, "crm_failing"),
    (faults.status(503), 2, "crm_failing"),
    (faults.reset(), 2, "crm_unreachable"),
    (faults.error_object(), 1, "crm_bad_answer"),
    (faults.html_page(), 2, "crm_bad_answer"),
    (faults.invalid_json(), 2, "crm_bad_answer"),
    (faults.rows_without_id(), 1, "crm_bad_answer"),
    (faults.empty_list(), 1, "crm_empty"),
]


@pytest.mark.parametrize("endpoint", ["GET clients", "GET clients/services"])
@pytest.mark.parametrize(
    ("action", "nth", "code"), CRM_FAILURES, ids=lambda one: str(one) if isinstance(one, str) else ""
)
def test_a_crm_that_cannot_be_read_whole_changes_nothing(
    fleet: Provider, endpoint: str, action: CrmAction, nth: int, code: str
) -> None:
    """Not on any router, though everybody on them would have something to be changed (G1)."""
    fleet.crm.faults.append(CrmFault(endpoint, action, nth=nth, times=None))
    for number in range(12):
        fleet.subscribe(f"ABC{number}", "new")
        for router in fleet.routers.values():
            router.add_secret(name=f"ABC{number}", password="old", service="pppoe", profile="30mbps")
    fleet.crm_keys = {"page_size": 5}
    with fails(code):
        fleet.run()
    assert [write for router in fleet.routers.values() for write in router.writes] == []


def test_a_crm_that_is_gone_changes_nothing(isp: Provider) -> None:
    """The address may hold the fort; without one the run ends."""
    isp.subscribe("ABC1", "x")
    isp.crm.stop()
    with fails("crm_unreachable"):
        isp.run()
    assert isp.router.writes == []
    isp.crm.start()
    assert isp.run().ok


def test_the_crm_at_its_address_serves_a_whole_run(isp: Provider) -> None:
    """The report says which place it was."""
    isp.subscribe("ABC1", "x")
    isp.subscribe("ABC2", "x", status=3)
    isp.router.add_secret(name="ABC2", password="x", service="pppoe", profile="30mbps")
    with provider() as elsewhere:
        gone = elsewhere.crm.port
    isp.crm_keys = {"domain_name": f"localhost:{gone}", "ip_address": f"127.0.0.1:{isp.crm.port}"}
    report = isp.run()
    assert (report.source, report.ok) == ("address", True)
    assert counts(report, Result.APPLIED) == {"create": 1, "disable": 1}


def test_unreadable_passwords_are_never_written() -> None:
    """A user without `sensitive` sees asterisks: the passwords of secrets that exist are left alone (G5)."""
    with provider(accounts=[Account("sync", ROUTER_PASSWORD, frozenset({"api", "read", "write"}))]) as blind:
        blind.subscribe("ABC1", "from the crm")
        blind.subscribe("ABC2", "from the crm")
        blind.router.add_profile("10mbps")
        blind.router.add_secret(name="ABC1", password="on the router", service="pppoe", profile="10mbps")
        blind.router.connect_session("ABC1")
        report = blind.run()
        assert counts(report, Result.APPLIED) == {"create": 1, "profile": 1}
        assert secret(blind.router, "ABC1")["password"] == "on the router"
        assert secret(blind.router, "ABC2")["password"] == "from the crm"
        assert [one.reason for one in report.problems] == ["passwords_unreadable"]
        settled(blind)


def test_without_the_attribute_no_password_is_written(isp: Provider) -> None:
    """A renamed attribute must not give everybody the registration date (R10)."""
    isp.sections["policy"] = {"missing_password": "registration_date", "guard": {"default_password": 99}}
    isp.subscribe("ABC1", "from the crm")
    isp.router.add_secret(name="ABC1", password="on the router", service="pppoe", profile="30mbps")
    isp.crm.faults.append(CrmFault("GET custom-attributes", faults.status(403), times=None))
    report = settled(isp)
    assert [one.reason for one in report.problems] == ["password_attribute_missing"]


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("action", ["close", "reset", "reboot"])
def test_the_next_run_repairs_what_a_lost_connection_left(isp: Provider, action: Action, applied: bool) -> None:
    """Whether the write in hand was carried out or not; nothing is done twice, nobody is forgotten."""
    isp.sections["policy"] = {"guard": {"percent": 100}}
    for number in range(100):
        isp.subscribe(f"ABC{number}", "new", status=3 if number % 2 else 1)
        isp.router.add_secret(name=f"ABC{number}", password="old", service="pppoe", profile="30mbps")
        isp.router.connect_session(f"ABC{number}")
    isp.router.faults.append(Fault("/ppp/secret/set", action, nth=70, applied=applied))
    report = isp.run()
    lost = part(report)
    assert (report.ok, balanced(report)) == (False, True)
    assert lost.error is not None
    assert lost.count(Result.UNANSWERED).total() > 0
    report = isp.run()
    assert (report.ok, balanced(report)) == (True, True)
    for number in range(100):
        held = secret(isp.router, f"ABC{number}")
        assert (held["password"], held["disabled"]) == ("new", "true" if number % 2 else "false")
    assert not {one["name"] for one in isp.router.sessions()} & {f"ABC{number}" for number in range(1, 100, 2)}
    settled(isp)


def test_a_disable_whose_drop_was_lost_is_repaired(isp: Provider) -> None:
    """The secret is disabled on both sides, but the customer is still online (R12)."""
    isp.subscribe("ABC1", "x", status=3)
    isp.subscribe("ABC2", "x")
    for name in ("ABC1", "ABC2"):
        isp.router.add_secret(name=name, password="x", service="pppoe", profile="30mbps")
    isp.router.connect_session("ABC1")
    isp.router.faults.append(Fault("/ppp/active/remove", "close"))
    report = isp.run()
    assert counts(report, Result.UNANSWERED) == {"disable": 1}
    assert secret(isp.router, "ABC1")["disabled"] == "true"
    report = isp.run()
    assert (part(report).census.suspended_online, counts(report, Result.APPLIED)) == (1, {"drop": 1})
    assert isp.router.sessions() == []
    settled(isp)


def test_a_refused_change_is_tried_again_at_the_next_run(isp: Provider) -> None:
    """And does not stop the others (G6)."""
    isp.subscribe("ABC1", "x")
    isp.subscribe("ABC2", "x")
    isp.router.faults.append(Fault("/ppp/secret/add", "trap", message="not now", words={"name": "ABC1"}))
    report = isp.run()
    assert (report.ok, counts(report, Result.FAILED), counts(report, Result.APPLIED)) == (
        False,
        {"create": 1},
        {"create": 1},
    )
    report = isp.run()
    assert (report.ok, counts(report, Result.APPLIED)) == (True, {"create": 1})


def test_a_value_that_is_not_kept_cuts_nobody_off_at_any_run(isp: Provider) -> None:
    """It fails at every run, and the customer stays online at every run."""
    isp.subscribe("ABC1", "x" * 200)
    isp.router.add_secret(name="ABC1", password="old", service="pppoe", profile="30mbps")
    isp.router.connect_session("ABC1")
    isp.router.faults.append(Fault("/ppp/secret/set", "not_kept", times=None))
    for _ in range(3):
        report = isp.run()
        assert [(one.result, one.reason) for one in part(report).outcomes] == [(Result.FAILED, "value_not_kept")]
    assert len(isp.router.sessions()) == 1


def test_who_is_active_again_by_now_is_not_cut_off(isp: Provider) -> None:
    """The second look at the CRM decides (G2)."""
    client = isp.subscribe("ABC1", "x", status=3)
    isp.router.add_secret(name="ABC1", password="x", service="pppoe", profile="30mbps")
    isp.router.connect_session("ABC1")
    (service,) = isp.crm.services_of(client)

    def pay(request: RecordedRequest) -> None:
        if request.endpoint == "GET clients/{id}":
            isp.crm.edit_service(service["id"], status=1)

    isp.crm.on_request = pay
    report = isp.run()
    assert (counts(report, Result.UNCONFIRMED), isp.router.writes) == ({"disable": 1}, [])
    assert (report.ok, len(isp.router.sessions())) == (True, 1)


def test_too_little_time_leaves_the_rest_to_the_next_run(isp: Provider) -> None:
    """Nothing begins in the last ten seconds (G7), and all of it is counted."""
    for number in range(6):
        isp.subscribe(f"ABC{number}", "x")
        isp.router.add_secret(name=f"ABC{number}", password="old", service="pppoe", profile="30mbps")
        isp.router.connect_session(f"ABC{number}")
    isp.sections["policy"] = {"drops_per_second": 0.1}
    report = isp.run(seconds=10 + 25)
    assert balanced(report)
    assert (counts(report, Result.APPLIED), counts(report, Result.DEFERRED)) == ({"password": 3}, {"password": 3})
    assert report.ok
    isp.sections.clear()
    assert counts(isp.run(), Result.APPLIED) == {"password": 3}
    settled(isp)


def test_runs_that_overlap_are_harmless(isp: Provider) -> None:
    """Where an account cannot reserve concurrency; whoever comes second is refused or finds it done (G7)."""
    everybody(isp)
    with ThreadPoolExecutor(3) as pool:
        reports = [future.result() for future in [pool.submit(isp.run) for _ in range(3)]]
    assert all(balanced(report) for report in reports)
    assert {one["name"] for one in isp.router.sessions()} == {"CONFIG", "STRAY"}
    isp.router.clear_log()
    settled(isp)


def test_the_environment_has_no_say(isp: Provider, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """Neither whom other programs trust nor their proxies."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, f"{tmp_path}/nothing.pem")
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    isp.subscribe("ABC1", "x")
    assert isp.run().ok


def test_no_log_of_any_library_shows_a_credential(
    isp: Provider, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """With every logger there is at DEBUG: what they print may be kept for ever (G10)."""
    loggers = [logging.getLogger(name) for name in ("librouteros", "urllib3", "requests", "botocore", "boto3")]
    levels = {logger: logger.level for logger in loggers}
    caplog.set_level(logging.DEBUG)
    try:
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
        isp.subscribe("ABC1", "s3cret-of-abc1")
        isp.subscribe("ABC2", "s3cret-of-abc2")
        isp.router.add_secret(name="ABC2", password="s3cret-by-hand", service="pppoe", profile="30mbps")
        isp.router.connect_session("ABC2")
        report = isp.run()
    finally:
        for logger, level in levels.items():
            logger.setLevel(level)
    assert counts(report, Result.APPLIED) == {"create": 1, "password": 1}
    shown = [caplog.text, *capfd.readouterr(), repr(report), repr(isp.settings)]
    shown += [repr(report.document(run_id="1", exclusive=True, duration_ms=1))]
    for credential in ("s3cret", KEY, ROUTER_PASSWORD):
        assert not any(credential in text for text in shown), credential
