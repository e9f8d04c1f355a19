"""Overwritten passwords go back over the real protocols: from the journal into the CRM, from there to the routers."""

from __future__ import annotations

import io
import json
import uuid
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools import Logger

from functions.pass_import.app import lambda_handler
from lab.simulators.routeros import Fault as RouterFault
from lab.simulators.s3 import Bucket, refusal
from lab.simulators.uisp import Fault, faults
from pppsync.config import fetch
from pppsync.config.event import Event, read_import_event
from pppsync.core.outcome import Result
from pppsync.crm.client import UispClient
from pppsync.errors import CrmError, JournalError
from pppsync.journal import store as stores
from pppsync.journal.run import Memory, RunJournal
from pppsync.journal.store import Store
from pppsync.net.deadline import Deadline
from pppsync.passwords import import_report
from pppsync.passwords.generate_plan import LENGTH
from pppsync.passwords.import_run import import_passwords
from pppsync.routers.gateway import RouterGateway
from tests.integration.providers import Provider, part, provider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pppsync.report.response import Report

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
CUSTOMERS = [f"ABC{number:02}" for number in range(15)]
RIGHT, WRONG = "s3cret-right", "s3cret-wrong"
"""A password of each customer is one of these and the login."""


class World:
    """A provider, the journal bucket, and everything that an import has logged or answered."""

    def __init__(self, isp: Provider) -> None:
        self.isp = isp
        self.bucket = Bucket()
        self.log = io.StringIO()
        self.clients = {name: isp.subscribe(name, RIGHT + name) for name in CUSTOMERS}
        for name in CUSTOMERS:
            isp.router.add_secret(name=name, password=RIGHT + name, profile="30mbps", service="pppoe")

    @property
    def store(self) -> Store:
        """The bucket as a function opens it."""
        client: Any = self.bucket
        return Store(client, self.bucket.name, Deadline.after(900))

    def sync(self, run_id: str, *approve: str) -> Report:
        """One sync with the journal."""
        journal = RunJournal(self.store, Memory(), run_id, lambda: NOW)
        return self.isp.run(Event(approve=approve), journal=journal)

    def use(self, seconds: float = 100.0, store: Store | None = None, **event: Any) -> dict[str, Any]:
        """One use of the function `pass_import`; its response."""
        settings = self.isp.settings
        asked = read_import_event(event, list(self.isp.routers))
        with ExitStack() as connections:
            crm = connections.enter_context(UispClient(settings.crm, settings.policy))
            gateways = [RouterGateway(one, settings.policy) for one in settings.routers]
            deadline = self.isp.clock.deadline(seconds)
            report = import_passwords(asked, settings, crm, gateways, deadline, store or self.store)
        response = report.document(run_id="the-import", duration_ms=1)
        import_report.record(Logger(service=uuid.uuid4().hex, stream=self.log), report, response)
        self.log.write(repr(report))
        return response

    def in_crm(self, name: str) -> str | None:
        """The password of a customer in the CRM."""
        return next(
            (one["value"] for one in self.isp.crm.client(self.clients[name])["attributes"] if "PPP" in one["name"]),
            None,
        )

    def on_router(self, name: str) -> str:
        """The password of a customer on the router."""
        return str((self.isp.router.secret(name) or {})["password"])

    def enter(self, text: str | None, *names: str) -> None:
        """Somebody enters passwords of customers in the CRM."""
        for name in names:
            value = None if text is None else text + name
            self.isp.crm.edit_client(self.clients[name], attributes={"pppPassword": value})


@pytest.fixture
def world() -> Iterator[World]:
    """Fifteen customers whose passwords are right on both sides; no password may be logged or shown."""
    with provider() as running:
        found = World(running)
        yield found
        assert [one for one in (RIGHT, WRONG) if one in found.log.getvalue()] == []


@pytest.fixture
def overwritten(world: World) -> World:
    """A wrong list is in the CRM, and the sync that wrote it to the router was approved; it is the run `sync-2`."""
    world.enter(WRONG, *CUSTOMERS)
    (plan,) = part(world.sync("sync-1")).plans
    assert part(world.sync("sync-2", plan.plan_id)).count(Result.APPLIED) == {"password": 15}
    assert {world.on_router(name) for name in CUSTOMERS} == {WRONG + name for name in CUSTOMERS}
    return world


def test_a_wrong_list_is_taken_back(overwritten: World) -> None:
    """G12: dry run, restore, and the next sync under its guard: the routers hold the passwords again."""
    world = overwritten
    tried = world.use(restore="sync-2", dry_run=True)
    assert (tried["imported"], tried["dry_run"], tried["restore"], tried["ok"]) == (15, True, "sync-2", True)
    assert {(one["router"], one["actual"], one["desired"]) for one in tried["changes"]} == {("tower-1", "***", "***")}
    assert world.in_crm(CUSTOMERS[0]) == WRONG + CUSTOMERS[0]

    done = world.use(restore="sync-2")
    assert [done[key] for key in ("imported", "unchanged", "deferred", "skipped", "failed", "routers")] == [
        15,
        0,
        0,
        {},
        [],
        [],
    ]
    assert {world.in_crm(name) for name in CUSTOMERS} == {RIGHT + name for name in CUSTOMERS}
    assert {world.on_router(name) for name in CUSTOMERS} == {WRONG + name for name in CUSTOMERS}

    withheld = part(world.sync("sync-3"))
    assert (withheld.count(Result.WITHHELD), withheld.count(Result.APPLIED)) == ({"password": 15}, {})
    assert part(world.sync("sync-4", withheld.plans[0].plan_id)).count(Result.APPLIED) == {"password": 15}
    assert {world.on_router(name) for name in CUSTOMERS} == {RIGHT + name for name in CUSTOMERS}

    again = world.use(restore="sync-2")
    assert (again["imported"], again["unchanged"], again["skipped"]) == (0, 15, {})


def test_what_somebody_entered_since_stays(overwritten: World) -> None:
    """A password that was corrected by hand, or removed, is not touched; the others go back."""
    world = overwritten
    world.enter("by-hand", CUSTOMERS[0])
    world.enter(None, CUSTOMERS[1])
    response = world.use(restore="sync-2")
    assert (response["imported"], response["skipped"]) == (13, {"changed_since": 2})
    assert [one["name"] for one in response["problems"]] == CUSTOMERS[:2]
    assert world.in_crm(CUSTOMERS[0]) == "by-hand" + CUSTOMERS[0]
    assert not world.in_crm(CUSTOMERS[1])


def test_somebody_who_types_while_it_is_restored_wins(overwritten: World) -> None:
    """Right before each write the subscriber is read again: what was entered meanwhile stays."""
    world = overwritten

    def meddle(request: Any) -> None:
        if request.endpoint == "GET clients/{id}":
            world.isp.crm.on_request = lambda _: None
            world.enter("by-hand", CUSTOMERS[-1])

    world.isp.crm.on_request = meddle
    response = world.use(restore="sync-2")
    assert (response["imported"], response["skipped"]) == (14, {"changed_meanwhile": 1})
    assert world.in_crm(CUSTOMERS[-1]) == "by-hand" + CUSTOMERS[-1]


def test_a_default_password_gives_way_to_the_kept_one(world: World) -> None:
    """R10: where the registration date was written, the kept password fills the empty attribute."""
    world.isp.sections = {"policy": {"missing_password": "registration_date"}}
    world.enter(None, CUSTOMERS[0])
    (plan,) = part(world.sync("sync-1")).plans
    assert part(world.sync("sync-2", plan.plan_id)).count(Result.APPLIED) == {"default_password": 1}
    assert world.on_router(CUSTOMERS[0]) != RIGHT + CUSTOMERS[0]
    assert world.use(restore="sync-2")["imported"] == 1
    assert world.in_crm(CUSTOMERS[0]) == RIGHT + CUSTOMERS[0]


def test_a_restore_asks_no_router(overwritten: World) -> None:
    """A restore works while routers are down: the CRM alone decides."""
    overwritten.isp.router.faults.append(RouterFault("/ppp/secret/print", "close", times=None))
    assert overwritten.use(restore="sync-2", subscribers=[CUSTOMERS[3]])["imported"] == 1
    assert overwritten.in_crm(CUSTOMERS[3]) == RIGHT + CUSTOMERS[3]


def test_a_run_that_nobody_knows(overwritten: World) -> None:
    """An unknown id is an error that says where ids stand, and neither the CRM nor a router is asked."""
    asked = len(overwritten.isp.crm.requests)
    with pytest.raises(JournalError, match=r"^run_unknown: .*'sync-3'.*pppctl history LOGIN"):
        overwritten.use(restore="sync-3")
    assert len(overwritten.isp.crm.requests) == asked


def test_a_journal_that_cannot_be_read_ends_it(overwritten: World) -> None:
    """Where the journal cannot be read nothing is restored, and the error names what S3 answered."""

    def refuse(operation: str) -> None:
        raise refusal("AccessDenied", operation)

    overwritten.bucket.before = refuse
    with pytest.raises(JournalError, match=r"^journal_unavailable: .*AccessDenied"):
        overwritten.use(restore="sync-2")


@pytest.mark.parametrize("seconds", [10.0, 9.0])
def test_what_does_not_fit_is_deferred(overwritten: World, seconds: float) -> None:
    """G7: no write begins in the last ten seconds; the same event goes on from there."""
    response = overwritten.use(seconds, restore="sync-2")
    assert (response["imported"], response["deferred"], response["ok"]) == (0, 15, True)
    assert overwritten.use(restore="sync-2")["imported"] == 15


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("event", [{"restore": "sync-2"}, {"generate": True}])
def test_the_first_refused_write_ends_it(overwritten: World, status: int, event: dict[str, Any]) -> None:
    """A key that may not write is refused once, and the error shows no password."""
    overwritten.isp.subscribe("NEW1")
    overwritten.isp.crm.faults.append(Fault("PATCH clients", faults.status(status), times=None))
    before = len(overwritten.isp.crm.requests)
    with pytest.raises(CrmError, match=r"^crm_forbidden: ") as caught:
        overwritten.use(**event)
    assert RIGHT not in str(caught.value)
    assert [one.method for one in overwritten.isp.crm.requests[before:]].count("PATCH") == 1


def test_new_customers_get_a_password_that_the_sync_uses(world: World) -> None:
    """Whoever has neither password nor secret gets one in the CRM, and the next sync creates the secret with it."""
    world.clients["NEW1"], world.clients["NEW2"] = world.isp.subscribe("NEW1"), world.isp.subscribe("NEW2")
    world.isp.router.add_secret(name="new2", password=RIGHT, profile="30mbps", service="pppoe")
    world.enter(None, CUSTOMERS[0])
    tried = world.use(generate=True, dry_run=True)
    assert (tried["imported"], tried["generate"], world.in_crm("NEW1")) == (1, True, None)
    done = world.use(generate=True)
    made = world.in_crm("NEW1") or ""
    assert (done["imported"], done["unchanged"], len(made)) == (1, 14, LENGTH)
    assert done["skipped"] == {"name_case_differs": 1, "password_absent": 1}
    assert made not in json.dumps([tried, done]) + world.log.getvalue()
    world.sync("sync-1")
    assert world.on_router("NEW1") == made
    assert world.use(generate=True)["imported"] == 0


def test_nothing_is_made_up_unless_every_router_was_read(world: World) -> None:
    """A router that was not read may hold the name: nobody gets a password."""
    world.clients["NEW1"] = world.isp.subscribe("NEW1")
    world.isp.router.faults.append(RouterFault("/ppp/secret/print", "close"))
    response = world.use(generate=True)
    assert (response["imported"], response["skipped"], response["ok"]) == (0, {"router_not_read": 1}, False)
    assert world.in_crm("NEW1") is None


def test_addresses_go_into_the_crm_with_the_passwords(world: World) -> None:
    """With both fields each attribute is written for itself, and the next sync changes nothing."""
    world.clients["OLD1"] = world.isp.subscribe("OLD1")
    world.isp.router.add_secret(
        name="OLD1", password=RIGHT, profile="30mbps", service="pppoe", remote_address="10.0.0.7"
    )
    response = world.use(fields=["password", "static_ip"])
    assert (response["imported"], response["unchanged"], response["fields"]) == (2, 15, ["password", "static_ip"])
    values = {one["key"]: one["value"] for one in world.isp.crm.client(world.clients["OLD1"])["attributes"]}
    assert values == {"pppPassword": RIGHT, "staticIp": "10.0.0.7"}
    assert part(world.sync("sync-1")).planned == ()
    assert world.use(fields=["static_ip"])["unchanged"] == 1


class Context:
    """What Lambda hands to a handler."""

    function_name = memory_limit_in_mb = invoked_function_arn = "pass-import"
    aws_request_id = "11111111-2222-3333-4444-555555555555"

    def get_remaining_time_in_millis(self) -> int:
        """A minute."""
        return 60_000


def test_the_handler_restores(overwritten: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The function finds its bucket by JOURNAL_BUCKET; without one it raises `journal_off`, and an import goes on."""
    monkeypatch.setenv("CONFIG_SECRET_ARN", "arn:of:the:secret")
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    monkeypatch.setattr(fetch, "load", lambda *_: overwritten.isp.settings)
    monkeypatch.setattr(stores, "_client", lambda _: overwritten.bucket)
    context: Any = Context()
    with pytest.raises(JournalError, match=r"^journal_off: this stack keeps no journal \(parameter Journal\)"):
        lambda_handler({"restore": "sync-2"}, context)
    assert lambda_handler({}, context)["ok"]
    monkeypatch.setenv("JOURNAL_BUCKET", overwritten.bucket.name)
    answer = lambda_handler({"restore": "sync-2"}, context)
    assert (answer["imported"], answer["ok"], answer["routers"]) == (15, True, [])
    assert overwritten.in_crm(CUSTOMERS[7]) == RIGHT + CUSTOMERS[7]
