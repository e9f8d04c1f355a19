"""Explanations over real protocols: both sides are read as the sync does, and nothing is written."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.uisp import Fault, faults
from pppsync.actions import perform
from pppsync.config.event import Event, read_event
from pppsync.crm.client import UispClient
from pppsync.routers.gateway import RouterGateway
from tests.integration.providers import Provider, fails, provider, router_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOK_UP = 3
"""Of the requests for clients: the list itself takes two."""


@pytest.fixture
def running() -> Iterator[Provider]:
    """A provider with two routers, the first of which is the default."""
    with provider("tower-1", "tower-2") as running:
        yield running
        assert not [one for router in running.routers.values() for one in router.writes], "a router was written"
        assert {request.method for request in running.crm.requests} == {"GET"}, "the CRM was written"


def explain(running: Provider, *names: str | int) -> dict[str, Any]:
    """The response about these logins and ids of clients."""
    settings = running.settings
    with ExitStack() as connections:
        crm = connections.enter_context(UispClient(settings.crm, settings.policy, all_dates=True))
        gateways = [connections.enter_context(RouterGateway(one, settings.policy)) for one in settings.routers]
        event = read_event({"action": "explain", "subscribers": list(names)}, ["tower-1", "tower-2"])
        answer = perform(event, settings, crm, gateways, running.clock.deadline(100))
        return answer.document(run_id="run-1", exclusive=True, duration_ms=5)


def of(response: dict[str, Any], name: str) -> dict[str, Any]:
    """One name's explanation."""
    return next(one for one in response["explanations"] if one["name"] == name)


def test_one_explanation_for_each_name_and_no_password(running: Provider) -> None:
    """The response has the common keys, and one explanation for each name in order; passwords stand nowhere."""
    running.subscribe("BOB", "s3cret")
    running.subscribe("ANN", "pässwörd", status=3)
    running.routers["tower-1"].add_secret(name="ANN", password="pässwörd", profile="30mbps", service="pppoe")
    running.routers["tower-1"].connect_session("ANN")
    response = explain(running, "BOB", "ANN")

    assert {
        key: response[key] for key in ("run_id", "action", "ok", "exclusive", "duration_ms", "weakened", "crm")
    } == {
        "run_id": "run-1",
        "action": "explain",
        "ok": True,
        "exclusive": True,
        "duration_ms": 5,
        "weakened": [],
        "crm": {"subscribers": 2, "services": 2, "source": "domain"},
    }
    assert [one["name"] for one in response["explanations"]] == ["ANN", "BOB"]
    assert of(response, "ANN")["sentence"] == (
        "`ANN` (subscriber 2) is suspended in the CRM (service 2, `30mbps`); tower-1 holds its secret, enabled and "
        "online; the next run will disable it and drop its session on tower-1."
    )
    assert of(response, "BOB")["sentence"] == (
        "`BOB` (subscriber 1) is active in the CRM (service 1, `30mbps`); no router holds a secret of this name; the "
        "next run will create it, enabled and with the profile `30mbps`, on tower-1."
    )
    assert of(response, "ANN")["facts"]["secrets"][0]["password"] == "same"
    text = json.dumps(response, ensure_ascii=False)
    assert "s3cret" not in text
    assert "pässwörd" not in text


def test_every_service_shows_its_dates(running: Provider) -> None:
    """Every service shows its dates, not only those for which a rule asks."""
    client = running.crm.add_client("ANN", {"pppPassword": "x"})
    running.crm.add_service(client, 1, active_from="2022-01-15T00:00:00+0600", active_to="2030-12-31T00:00:00+0600")
    (service,) = of(explain(running, "ANN"), "ANN")["facts"]["services"]

    assert (service["active_from"], service["active_to"]) == ("2022-01-15", "2030-12-31")


def test_an_archived_subscriber_is_looked_up(running: Provider) -> None:
    """An archived subscriber, whom the list leaves out, is looked up by the custom ID."""
    running.subscribe("ANN", "x")
    client = running.crm.add_client("GONE", {"pppPassword": "x"}, tags=["VIP"], is_archived=True)
    running.crm.add_service(client, 2)
    found = of(explain(running, "GONE"), "GONE")

    assert found["sentence"].startswith(
        f"`GONE` (subscriber {client}) is left alone, because it is archived in the CRM"
    )
    assert (found["facts"]["ignored"], found["facts"]["tags"]) == ("archived", ["VIP"])


def test_clients_are_asked_for_by_their_ids(running: Provider) -> None:
    """A number is the id of a CRM client, listed, archived or without a login; nobody stands twice."""
    running.subscribe("ANN", "x")
    gone = running.crm.add_client("GONE", {"pppPassword": "x"}, is_archived=True)
    nameless = running.crm.add_client("")
    response = explain(running, "ANN", "BOB", 1, nameless, gone, 999)

    assert [(one["name"], one["facts"]["subscriber"], one["facts"]["ignored"]) for one in response["explanations"]] == [
        ("ANN", 1, None),
        ("BOB", None, None),
        ("GONE", gone, "archived"),
        (str(nameless), nameless, "no_custom_id"),
        ("999", None, None),
    ]
    assert of(response, "999")["sentence"] == "No client in the CRM has the id 999."


def test_a_failed_look_up_of_a_client_is_said(running: Provider) -> None:
    """A look-up by id that fails, but for an id that the CRM does not know, is told as such."""
    running.subscribe("ANN", "x")
    running.crm.faults.append(Fault(on="GET clients/{id}", action=faults.status(403), times=None))
    found = of(explain(running, 999), "999")
    running.crm.faults.clear()

    assert found["sentence"].startswith("No client in the CRM has the id 999, though archived ones could not be looked")


def test_an_answer_about_somebody_else_is_not_believed(running: Provider) -> None:
    """A CRM that ignores the filters, and so lists everybody, makes nobody archived."""
    running.subscribe("ANN", "x")
    everybody = faults.rows(lambda page: [{**row, "isArchived": False, "userIdent": "ANN"} for row in page] * 3)
    running.crm.add_client("GONE", is_archived=True)
    running.crm.faults.append(Fault(on="GET clients", action=everybody, nth=LOOK_UP))

    assert of(explain(running, "GONE"), "GONE")["facts"]["subscriber"] is None


@pytest.mark.parametrize("action", [faults.status(403), faults.error_object(), faults.rows_without_id()])
def test_a_failed_look_up_is_said(running: Provider, action: faults.Action) -> None:
    """If only the look-up fails, the rest is explained and the sentence says what is not known."""
    running.subscribe("ANN", "x")
    running.crm.add_client("GONE", is_archived=True)
    running.crm.faults.append(Fault(on="GET clients", action=action, nth=LOOK_UP))
    response = explain(running, "ANN", "GONE")

    assert "though archived ones could not be looked up (crm_" in of(response, "GONE")["sentence"]
    assert of(response, "ANN")["facts"]["subscriber"] == 1


def test_a_name_on_a_router_alone_is_told_from_an_unknown_one(running: Provider) -> None:
    """A name that only a router knows, and one that nobody knows, are told apart."""
    running.subscribe("ANN", "x")
    running.routers["tower-2"].add_secret(name="OLD", password="x", profile="default", service="pppoe")
    response = explain(running, "OLD", "ghost", "ann")

    assert of(response, "OLD")["facts"]["problems"] == [{"router": None, "reason": "unmatched", "detail": ""}]
    assert of(response, "ghost")["facts"]["problems"] == [{"router": None, "reason": "not_found", "detail": ""}]
    assert of(response, "ann")["facts"]["near"] == ["ANN"]


def test_a_router_that_cannot_be_read_is_named(running: Provider) -> None:
    """A router that does not answer is named, in the sentence and among the facts, and the answer is not whole."""
    running.subscribe("ANN", "x")
    running.sections["routers"] = [
        router_keys(running.routers["tower-1"], name="tower-1"),
        router_keys(running.routers["tower-2"], name="tower-2", password="mistyped"),
    ]
    response = explain(running, "ANN")

    assert response["ok"] is False
    assert of(response, "ANN")["sentence"].endswith("; tower-2 could not be read (router_login).")
    assert of(response, "ANN")["facts"]["routers_not_read"] == {"tower-2": "router_login"}
    assert of(response, "ANN")["facts"]["problems"] == [
        {"router": None, "reason": "router_not_read", "detail": "tower-2"}
    ]


def test_a_withheld_change_names_its_plan(running: Provider) -> None:
    """A change that the guard withholds is told with the id of its plan, the one that `plan` prints."""
    for number in range(20):
        running.subscribe(f"SUB{number}", "x", status=3)
        running.routers["tower-1"].add_secret(name=f"SUB{number}", password="x", profile="30mbps", service="pppoe")
    (plan,) = running.run(Event("plan")).routers[0].plans
    (step,) = of(explain(running, "SUB7"), "SUB7")["facts"]["next_run"]

    assert (step["withheld"], step["plan_ids"]) == (True, [plan.plan_id])


def test_a_crm_that_cannot_be_read_explains_nothing(running: Provider) -> None:
    """Without the CRM nothing can be explained, and the error says so."""
    running.crm.faults.append(Fault(on="*", action=faults.status(401), times=None))
    with fails("crm_unauthorized"):
        explain(running, "ANN")
