"""The import over the real protocols, against a CRM and routers that are strict and keep their state."""

from __future__ import annotations

import io
import json
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools import Logger

from functions.pass_import.app import lambda_handler
from lab.simulators.certificates import Authority
from lab.simulators.routeros import Account, RouterSimulator
from lab.simulators.routeros import Fault as RouterFault
from lab.simulators.uisp import Fault, UispSimulator, faults
from pppsync.config import fetch
from pppsync.config.event import Event, read_import_event
from pppsync.config.settings import Settings, read_settings
from pppsync.core.change import Kind
from pppsync.crm.client import UispClient
from pppsync.errors import CrmError, EventError
from pppsync.net.deadline import Deadline
from pppsync.passwords import import_report
from pppsync.passwords.import_run import import_passwords
from pppsync.routers.gateway import RouterGateway
from pppsync.sync.reconcile import reconcile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LITERAL = ["123", "0123", "yes", "true", "-5", " x ", "pässwörd", "a=b", "=a", 'q"\\', "\U0001f511", "*x*", "1482020"]
LOUD = ("s3cret", "pässwörd", json.dumps("pässwörd").strip('"'), "1482020", "write-key")
"""What must stand in no log record, and so in no response."""


@dataclass
class Provider:
    """A CRM and two routers; `log` is what the imports have logged so far."""

    crm: UispSimulator
    routers: dict[str, RouterSimulator]
    trust: str
    key: str = "write-key"
    policy: dict[str, Any] = field(default_factory=dict)
    log: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        """A logger of its own: one of a known name would go on writing to an earlier test's log."""
        self.logger = Logger(service=uuid.uuid4().hex, stream=self.log)

    def settings(self) -> Settings:
        """The configuration, everything verified."""
        document = {
            "ucrm": {
                "ucrm_key": self.key,
                "domain_name": f"localhost:{self.crm.port}",
                "ssl_ca": "ours",
                "page_size": 4,
            },
            "router_os": {"ssl_ca": "ours"},
            "routers": [
                {"name": name, "host": router.host, "port": router.port} for name, router in self.routers.items()
            ],
            "certificates": {"ours": self.trust},
            "policy": {"router_timeout": 5, **self.policy},
        }
        return read_settings(json.dumps(document))

    def run(self, deadline: Deadline | None = None, **event: Any) -> dict[str, Any]:
        """One import; its response."""
        settings = self.settings()
        asked = read_import_event(event, list(self.routers))
        gateways = [RouterGateway(router, settings.policy) for router in settings.routers]
        with UispClient(settings.crm, settings.policy) as crm:
            report = import_passwords(asked, settings, crm, gateways, deadline or Deadline.after(60))
        response = report.document(run_id="r", duration_ms=1)
        import_report.record(self.logger, report, response)
        return response

    def add(self, name: str, password: str | None = None, router: str | None = None, **other: Any) -> int:
        """A subscriber with an active service."""
        client = self.crm.add_client(name, {"pppPassword": password, "router": router}, **other)
        self.crm.add_service(client)
        return client

    def values(self, client: int) -> dict[str, str]:
        """A subscriber's attributes by key, as the CRM holds them."""
        return {entry["key"]: entry["value"] for entry in self.crm.client(client)["attributes"]}

    @property
    def patches(self) -> list[tuple[str, Any]]:
        """Every write that the CRM was sent: its path and body."""
        return [(one.path, one.body) for one in self.crm.requests if one.method != "GET"]


@pytest.fixture(scope="module")
def authority() -> Authority:
    """One authority for all certificates."""
    return Authority()


@pytest.fixture
def provider(authority: Authority) -> Iterator[Provider]:
    """A CRM with the three attributes, the password's id not being the first, and two routers without secrets."""
    certificate = authority.issue("localhost", "127.0.0.1")
    keys = {"write-key": "write", "read-key": "read"}
    with (
        UispSimulator(keys=keys, tls=certificate.server_context()) as crm,
        RouterSimulator(tls=certificate.server_context()) as first,
        RouterSimulator(tls=certificate.server_context(), version="7.21.1", masks_by_default=True) as second,
    ):
        for name in ("Router", "PPP Password", "Static IP"):
            crm.add_attribute(name)
        provider = Provider(crm, {"tower-1": first, "tower-2": second}, authority.pem)
        yield provider
        assert [router.writes for router in provider.routers.values()] == [[], []], "only the CRM is written"
        assert [one for one in LOUD if one in provider.log.getvalue()] == []


def test_every_text_goes_over_as_it_is(provider: Provider) -> None:
    """Passwords are texts, taken literally from the router to the CRM, and the second import finds nothing to do."""
    clients = {}
    for number, password in enumerate(LITERAL):
        clients[password] = provider.add(f"ABC{number}")
        provider.routers[f"tower-{number % 2 + 1}"].add_secret(name=f"ABC{number}", password=password)
    first, second = provider.run(), provider.run()
    assert {password: provider.values(client) for password, client in clients.items()} == {
        password: {"pppPassword": password} for password in LITERAL
    }
    records = [json.loads(line) for line in provider.log.getvalue().splitlines()]
    assert [one["response"] for one in records if "response" in one] == [first, second]
    assert sum("import" in one for one in records) == len(LITERAL)
    counts = ("ok", "imported", "unchanged", "deferred", "skipped", "failed", "problems")
    assert [first[key] for key in counts] == [True, len(LITERAL), 0, 0, {}, [], []]
    assert [second[key] for key in counts] == [True, 0, len(LITERAL), 0, {}, [], []]
    assert len(provider.patches) == len(LITERAL)


def test_sync_after_the_import_changes_no_password(provider: Provider) -> None:
    """What went over is what the sync compares with: not one router would get another password."""
    for number, password in enumerate(LITERAL):
        provider.add(f"ABC{number}")
        provider.routers["tower-1"].add_secret(name=f"ABC{number}", password=password)
    provider.run()
    settings = provider.settings()
    with ExitStack() as everything:
        crm = everything.enter_context(UispClient(settings.crm, settings.policy))
        gateways = [everything.enter_context(RouterGateway(router, settings.policy)) for router in settings.routers]
        report = reconcile(Event("plan"), settings, crm, gateways, Deadline.after(60))
    first = next(router for router in report.routers if router.name == "tower-1")
    assert first.census.managed == len(LITERAL)
    assert {change.kind for change in first.planned} & {Kind.PASSWORD, Kind.DEFAULT_PASSWORD} == set()


def test_only_the_one_attribute_is_written(provider: Provider) -> None:
    """The body names the attribute by the id that its key has, and every other attribute and field survives."""
    client = provider.add("ABC1", router="tower-1", tags=["Custom-Config"], note="by hand")
    provider.crm.edit_client(client, attributes={"staticIp": "192.0.2.7"})
    provider.routers["tower-1"].add_secret(name="ABC1", password="s3cret-1")
    before = provider.crm.client(client)
    assert provider.run()["imported"] == 1
    assert provider.patches == [
        (f"/crm/api/v1.0/clients/{client}", {"attributes": [{"customAttributeId": 2, "value": "s3cret-1"}]})
    ]
    after = provider.crm.client(client)
    assert provider.values(client) == {"router": "tower-1", "staticIp": "192.0.2.7", "pppPassword": "s3cret-1"}
    assert {**after, "attributes": None} == {**before, "attributes": None}


def test_the_attribute_is_found_by_its_key(provider: Provider) -> None:
    """Another key is a setting; the id follows from the key."""
    provider.policy = {"password_attribute": "pin"}
    provider.crm.add_attribute("PIN")
    client = provider.add("ABC1", "s3cret-old")
    provider.routers["tower-1"].add_secret(name="ABC1", password="s3cret-1")
    provider.run()
    assert provider.values(client) == {"pppPassword": "s3cret-old", "pin": "s3cret-1"}


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_missing_attribute_ends_the_import(provider: Provider, dry_run: bool) -> None:
    """Without it, or if only services have it, the import says how to create it."""
    provider.policy = {"password_attribute": "pin"}
    provider.crm.add_attribute("PIN", attribute_type="service")
    provider.add("ABC1")
    with pytest.raises(CrmError, match=r"^crm_attribute_missing: .*'pin'"):
        provider.run(dry_run=dry_run)


def test_only_overwrite_replaces_a_value(provider: Provider) -> None:
    """Without `overwrite` only empty attributes are filled."""
    client = provider.add("ABC1", "s3cret-old")
    provider.routers["tower-1"].add_secret(name="ABC1", password="s3cret-1")
    assert provider.run()["skipped"] == {"password_differs": 1}
    assert (provider.values(client), provider.patches) == ({"pppPassword": "s3cret-old"}, [])
    assert provider.run(overwrite=True)["imported"] == 1
    assert provider.values(client) == {"pppPassword": "s3cret-1"}
    assert provider.run(overwrite=True)["unchanged"] == 1


def test_a_dry_run_writes_nothing(provider: Provider) -> None:
    """A dry run counts and names what it would import, and writes nothing."""
    provider.add("ABC1")
    provider.add("ABC2", "s3cret-old")
    for name in ("ABC1", "ABC2"):
        provider.routers["tower-2"].add_secret(name=name, password="s3cret-1")
    response = provider.run(dry_run=True, overwrite=True)
    assert (response["imported"], response["deferred"], provider.patches) == (2, 0, [])
    assert [(one["name"], one["router"]) for one in response["changes"]] == [("ABC1", "tower-2"), ("ABC2", "tower-2")]


def test_each_skipped_login_is_counted_under_its_reason(provider: Provider) -> None:
    """Each login that is left out is counted under its reason; what somebody can act on is listed by name."""
    first, second = provider.routers.values()
    for name in ("both", "twice", "empty", "masked", "bytes", "taken", "two-ids", "two-ids"):
        provider.add(name)
    provider.add("lead", is_lead=True)
    provider.add("unknown", router="tower-9")
    provider.add("filled", "s3cret-old")
    named = provider.add("named", router="tower-2")
    special: dict[str, str | bytes] = {"empty": "", "masked": "****", "bytes": b"p\xe4ss"}
    for name in ("both", "named", "unknown", "twice", "empty", "masked", "bytes", "lead", "two-ids", "filled", "none"):
        first.add_secret(name=name, password=special.get(name, "s3cret-1"))
    first.add_secret(name="twice", password="s3cret-1", allow_duplicate=True)
    first.add_secret(name="taken", password="s3cret-1", service="l2tp")
    for name in ("both", "named", "unknown"):
        second.add_secret(name=name, password="s3cret-2")
    response = provider.run()
    assert response["skipped"] == {
        "duplicate_custom_id": 1,
        "duplicate_secret": 1,
        "lead": 1,
        "login_on_two_routers": 1,
        "name_taken": 1,
        "password_differs": 1,
        "password_empty": 1,
        "password_invalid": 1,
        "password_masked": 1,
        "router_unknown": 1,
        "unmatched": 1,
    }
    listed = {(row["name"], row["reason"]) for row in response["problems"]}
    assert {reason for _, reason in listed} == response["skipped"].keys() - {"lead", "unmatched"}
    assert ("filled", "password_differs") in listed
    assert (response["imported"], response["ok"]) == (1, True)
    assert provider.values(named) == {"pppPassword": "s3cret-2", "router": "tower-2"}


def test_a_router_that_shows_no_passwords_is_left_out(provider: Provider, authority: Authority) -> None:
    """A user without the policy `sensitive` sees asterisks: nothing of that router is imported, the others go on."""
    provider.add("ABC1")
    provider.add("ABC2")
    provider.routers["tower-1"].add_secret(name="ABC1", password="s3cret-1")
    blind = Account("admin", policies=frozenset({"api", "read"}))
    context = authority.issue("127.0.0.1").server_context()
    with RouterSimulator(tls=context, accounts=[blind]) as third:
        third.add_secret(name="ABC2", password="s3cret-2")
        provider.routers["tower-3"] = third
        response = provider.run()
        provider.routers.pop("tower-3")
    assert (response["imported"], response["skipped"], response["ok"]) == (1, {"passwords_unreadable": 1}, False)
    assert response["routers"][2]["error"]["reason"] == "passwords_unreadable"


@pytest.mark.parametrize("fault", ["close", "cut"])
def test_only_logins_known_to_be_elsewhere_are_imported_while_a_router_is_unread(
    provider: Provider, fault: Any
) -> None:
    """Its part is never half of it: only who is known to belong elsewhere is imported."""
    home, roaming = provider.add("ABC1", router="tower-1"), provider.add("ABC2")
    for name in ("ABC1", "ABC2"):
        provider.routers["tower-1"].add_secret(name=name, password="s3cret-1")
    provider.routers["tower-2"].add_secret(name="ABC2", password="s3cret-2")
    provider.routers["tower-2"].faults.append(RouterFault("/ppp/secret/print", fault))
    response = provider.run()
    assert (response["imported"], response["skipped"], response["ok"]) == (1, {"router_not_read": 1}, False)
    assert [row["ok"] for row in response["routers"]] == [True, False]
    assert provider.values(home)["pppPassword"] == "s3cret-1"
    assert provider.values(roaming) == {}


def test_only_the_named_routers_and_subscribers_are_imported(provider: Provider) -> None:
    """Only these routers' secrets and these subscribers; a name that nobody has is told."""
    clients = {name: provider.add(name) for name in ("A", "B", "C", "D")}
    for name, router in (("A", "tower-1"), ("B", "tower-1"), ("C", "tower-2"), ("D", "tower-1"), ("D", "tower-2")):
        provider.routers[router].add_secret(name=name, password="s3cret-1")
    response = provider.run(routers=["tower-1"], subscribers=["A", "C", "D", "nobody"])
    assert response["imported"] == 1
    assert response["skipped"] == {"login_on_two_routers": 1, "secret_missing": 1}
    assert [row["name"] for row in response["problems"] if row["reason"] == "not_found"] == ["nobody"]
    assert [name for name, client in clients.items() if provider.values(client)] == ["A"]


@pytest.mark.parametrize("key", ["read-key", "write-key"])
def test_a_key_that_may_not_write_ends_the_import(provider: Provider, key: str) -> None:
    """A key for reading only, or one that is revoked after the read, ends the import at the first write."""
    provider.key = key
    for number in range(9):
        provider.add(f"ABC{number}")
        provider.routers["tower-1"].add_secret(name=f"ABC{number}", password="s3cret-1")
    if key == "write-key":
        provider.crm.faults.append(Fault("PATCH clients", faults.status(401), times=None))
    with pytest.raises(CrmError, match=r"^crm_forbidden: ") as caught:
        provider.run()
    assert "s3cret" not in str(caught.value)
    assert len(provider.patches) == 1
    provider.key = "read-key"
    assert provider.run(dry_run=True)["imported"] == 9


def test_a_key_revoked_in_the_middle_defers_the_rest(provider: Provider) -> None:
    """What was imported before is told, the rest is deferred, and the same event goes on from there."""
    for number in range(9):
        provider.add(f"ABC{number}")
        provider.routers["tower-1"].add_secret(name=f"ABC{number}", password="s3cret-1")
    fault = Fault("PATCH clients", faults.status(403), nth=4, times=None)
    provider.crm.faults.append(fault)
    response = provider.run()
    assert (response["imported"], response["ok"]) == (3, False)
    assert {row["reason"] for row in response["failed"]} == {"crm_forbidden"}
    assert response["imported"] + response["failed_total"] + response["deferred"] == 9
    assert response["failed_total"] <= 2
    provider.crm.faults.clear()
    again = provider.run()
    assert (again["unchanged"], again["imported"], again["ok"]) == (3, 6, True)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (faults.status(404), "crm_refused"),
        (faults.status(422), "crm_refused"),
        (faults.html_page(), "crm_bad_answer"),
    ],
)
def test_one_failed_write_does_not_stop_the_others(provider: Provider, fault: faults.Action, reason: str) -> None:
    """A failed write is reported with its reason and counts as not imported; the others go on."""
    clients = [provider.add(f"ABC{number}") for number in range(4)]
    for number in range(4):
        provider.routers["tower-1"].add_secret(name=f"ABC{number}", password="s3cret-1")
    provider.crm.faults.append(Fault(f"PATCH clients/{clients[1]}", fault))
    response = provider.run()
    assert (response["imported"], response["failed_total"], response["ok"]) == (3, 1, False)
    assert {key: response["failed"][0][key] for key in ("name", "reason")} == {"name": "ABC1", "reason": reason}
    assert [bool(provider.values(client)) for client in clients] == [True, False, True, True]


def test_a_value_that_the_crm_changes_is_a_failure(provider: Provider) -> None:
    """A CRM that answers with another value has not taken the password, though it says 200."""
    client = provider.add("ABC1")
    provider.routers["tower-1"].add_secret(name="ABC1", password=" x ")
    trimmed = {**provider.crm.client(client), "attributes": [{"customAttributeId": 2, "value": "x"}]}
    provider.crm.faults.append(Fault("PATCH clients", faults.body(json.dumps(trimmed).encode()), after_write=True))
    response = provider.run()
    assert (response["imported"], response["failed"][0]["reason"]) == (0, "crm_not_kept")


def test_what_somebody_enters_meanwhile_stays(provider: Provider) -> None:
    """Right before the write the subscriber is looked at again: a filled attribute, or another ID, is left alone."""
    filled, renamed, archived, plain = (provider.add(f"ABC{number}") for number in range(4))
    for number in range(4):
        provider.routers["tower-1"].add_secret(name=f"ABC{number}", password="s3cret-1")

    def meddle(request: Any) -> None:
        if request.endpoint == "GET clients/{id}" and not provider.values(filled):
            provider.crm.edit_client(filled, attributes={"pppPassword": "s3cret-2"})
            provider.crm.edit_client(renamed, user_ident="XYZ")
            provider.crm.archive_client(archived)

    provider.crm.on_request = meddle
    response = provider.run()
    assert (response["imported"], response["skipped"], response["ok"]) == (1, {"changed_meanwhile": 3}, True)
    assert [path for path, _ in provider.patches] == [f"/crm/api/v1.0/clients/{plain}"]
    assert provider.values(filled) == {"pppPassword": "s3cret-2"}


def test_a_passing_failure_is_retried(provider: Provider) -> None:
    """A busy CRM is asked again when it says."""
    provider.add("ABC1")
    provider.routers["tower-1"].add_secret(name="ABC1", password="s3cret-1")
    provider.crm.faults.append(Fault("PATCH clients", faults.status(429, retry_after=7)))
    pauses: list[float] = []
    response = provider.run(Deadline(time.monotonic() + 60, sleep=pauses.append))
    assert (response["imported"], len(provider.patches), pauses) == (1, 2, [7.0])


def test_an_import_that_begins_late_counts_what_it_leaves(provider: Provider) -> None:
    """No write begins in the last ten seconds, and all of them are told (G7)."""
    provider.add("ABC1")
    provider.routers["tower-1"].add_secret(name="ABC1", password="s3cret-1")
    response = provider.run(Deadline.after(9))
    assert (response["ok"], response["imported"], response["deferred"], provider.patches) == (True, 0, 1, [])


def test_no_second_try_begins_late(provider: Provider) -> None:
    """A try that would fall into the last ten seconds is left to the next import."""
    provider.add("ABC1")
    provider.routers["tower-1"].add_secret(name="ABC1", password="s3cret-1")
    provider.crm.faults.append(Fault("PATCH clients", faults.status(503, retry_after=55)))
    response = provider.run(Deadline(time.monotonic() + 60, sleep=lambda _: pytest.fail("no time to wait")))
    assert (response["imported"], response["failed"][0]["reason"], len(provider.patches)) == (0, "crm_failing", 1)


def test_a_dying_crm_is_left_alone(provider: Provider) -> None:
    """After five failures in a row the rest is deferred; the next import goes on from there."""
    for number in range(20):
        provider.add(f"ABC{number:02}")
        provider.routers["tower-1"].add_secret(name=f"ABC{number:02}", password="s3cret-1")
    provider.crm.faults.append(Fault("PATCH clients", faults.status(502), nth=2, times=None))
    response = provider.run(Deadline(time.monotonic() + 60, sleep=lambda _: None))
    assert (response["imported"], response["ok"]) == (1, False)
    assert response["failed_total"] in {5, 6}  # the other writer may have one in hand
    assert response["imported"] + response["failed_total"] + response["deferred"] == 20
    provider.crm.faults.clear()
    assert provider.run()["imported"] == 19


def test_at_most_two_writes_are_under_way(provider: Provider) -> None:
    """Two imports are under way together, never more: the CRM's few workers are not taken from its customers."""
    provider.crm.latency = 0.02
    for number in range(12):
        provider.add(f"ABC{number:02}")
        provider.routers["tower-1"].add_secret(name=f"ABC{number:02}", password="s3cret-1")
    assert provider.run()["imported"] == 12
    moments = [one.time for one in provider.crm.requests if one.endpoint.endswith(" clients/{id}")]
    together = [sum(0 <= other - moment < provider.crm.latency for other in moments) for moment in moments]
    assert max(together) == 2


def test_a_crm_that_is_not_read_whole_ends_the_import(provider: Provider) -> None:
    """A list that cannot be read whole ends the import before any write."""
    provider.add("ABC1")
    provider.routers["tower-1"].add_secret(name="ABC1", password="s3cret-1")
    provider.crm.faults.append(Fault("GET clients", faults.status(403), times=None))
    with pytest.raises(CrmError, match=r"^crm_forbidden: "):
        provider.run()
    assert provider.patches == []


@dataclass
class Context:
    """What Lambda hands to a handler."""

    function_name: str = "pass-import"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:pass-import"
    aws_request_id: str = "11111111-2222-3333-4444-555555555555"

    def get_remaining_time_in_millis(self) -> int:
        """A minute."""
        return 60_000


@pytest.fixture
def handler(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Callable[[object], dict[str, Any]]:
    """The function, with the provider's configuration as its secret."""
    monkeypatch.setenv("CONFIG_SECRET_ARN", "arn:of:the:secret")
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    monkeypatch.setattr(fetch, "load", lambda *_: provider.settings())
    context: Any = Context()
    return lambda event: lambda_handler(event, context)


def test_the_handler_answers_with_run_id_and_duration_and_a_second_run_does_nothing(
    provider: Provider, handler: Callable[[object], dict[str, Any]]
) -> None:
    """An event in, the response out, with the id of the run and its duration; twice the same: nothing to do."""
    provider.add("ABC1")
    provider.routers["tower-1"].add_secret(name="ABC1", password="s3cret-1")
    first, second = handler({}), handler({"overwrite": True})
    assert first["duration_ms"] >= 0
    assert {**first, "duration_ms": 0} == {
        "run_id": "11111111-2222-3333-4444-555555555555",
        "ok": True,
        "dry_run": False,
        "duration_ms": 0,
        "weakened": [],
        "crm": {"subscribers": 1, "services": 1, "source": "domain"},
        "imported": 1,
        "unchanged": 0,
        "deferred": 0,
        "skipped": {},
        "password_differs_online": 0,
        "failed": [],
        "failed_total": 0,
        "routers": [
            {"name": "tower-1", "ok": True, "secrets": 1, "error": None},
            {"name": "tower-2", "ok": True, "secrets": 0, "error": None},
        ],
        "problems": [],
        "problems_total": 0,
    }
    assert (second["imported"], second["unchanged"]) == (0, 1)


@pytest.mark.parametrize("event", [{"dry-run": True}, {"routers": ["tower-9"]}, {"overwrite": "yes"}, []])
def test_a_faulty_event_imports_nothing(
    provider: Provider, handler: Callable[[object], dict[str, Any]], event: object
) -> None:
    """An event with a fault is refused before the CRM or a router is asked."""
    with pytest.raises(EventError, match=r"^event_invalid: "):
        handler(event)
    assert provider.crm.requests == []
