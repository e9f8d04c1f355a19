"""Restrictions are cuts: counted with disables, withheld, approved by content, stopped by a hold (G3, G4, G14)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lab.simulators.s3 import Bucket
from pppsync.core.outcome import Result
from pppsync.sync.confirm import ONE_BY_ONE
from tests.integration.providers import Provider, part
from tests.integration.test_approvals import Day, waiting
from tests.integration.test_confirm import at_the_second_look
from tests.integration.test_hold import HOLD, journal_of, put
from tests.integration.walled import (
    ABUSE,
    ACTIVE,
    DISABLED,
    DUES,
    FULL,
    RESTRICTED,
    SUSPENDED_SERVICE,
    access,
    customer,
    listed,
    quiet_run,
    results,
    suspend,
    walled_provider,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.simulators.uisp import RecordedRequest


AT_THE_SECOND_READ = 3
"""Requests for services so far: the first read takes a page and the proof of its end."""
LATE = [f"LATE{number}" for number in range(6)]
BANNED = [f"BANNED{number}" for number in range(6)]


@pytest.fixture
def isp() -> Iterator[Provider]:
    """A provider that restricts those who owe it something, with one router."""
    with walled_provider(reasons=[DUES]) as running:
        yield running


@pytest.fixture
def day(isp: Provider) -> Day:
    """20 customers let in fully, 6 of whom are to be restricted and 6 disabled; the limit of either kind is 10."""
    found = Day(isp)
    for name in (*LATE, *BANNED, *(f"PAID{number}" for number in range(8))):
        found.add(name, ACTIVE)
        isp.router.connect_session(name)
    for name in (*LATE, *BANNED):
        suspend(isp, found.clients[name], DUES if name in LATE else ABUSE)
    return found


def states(isp: Provider, *names: str) -> set[tuple[str, str]]:
    """Profile and disabled flag of these secrets, each once."""
    return {access(isp, name) for name in names}


def test_restrictions_and_disables_are_withheld_in_sum(day: Day) -> None:
    """G3: both kinds take access away, so one plan holds both; nothing of it is written."""
    response = day.run()
    (router,) = response["routers"]
    (plan,) = router["withheld_plans"]

    assert (plan["kind"], plan["count"], plan["online"]) == ("cut", 12, 12)
    assert plan["reason"] == "12 of 20 enabled secrets would be disabled or restricted; the limit is 10"
    assert router["withheld"] == {"restrict": 6, "disable": 6}
    assert (day.isp.router.writes, states(day.isp, *LATE, *BANNED)) == ([], {FULL})
    assert waiting(day.run()) == plan["plan_id"]
    assert day.kept()[plan["plan_id"]]["kind"] == "cut"


def test_an_approval_by_content_restricts_and_disables(day: Day) -> None:
    """G4: the id holds after one of either kind has paid; each other one gets what the operator saw."""
    plan_id = waiting(day.run())
    day.pay(LATE[0])
    day.pay(BANNED[0])
    response = day.run("sync", plan_id)

    assert response["approvals"] == [{"plan_id": plan_id, "result": "applied", "released": 10, "gone": 2, "now": None}]
    assert response["routers"][0]["applied"] == {"restrict": 5, "disable": 5}
    assert states(day.isp, LATE[0], BANNED[0]) == {FULL}
    assert states(day.isp, *LATE[1:]) == {RESTRICTED}
    assert states(day.isp, *BANNED[1:]) == {DISABLED}
    assert len(listed(day.isp)) == 5
    assert response["routers"][0]["cuts_of_the_day"]["count"] == 0
    quiet_run(day.isp)


def test_an_approved_restriction_is_no_approved_disable(day: Day) -> None:
    """G4: whoever is to be disabled by now, and was to be restricted when the operator looked, waits under a new id."""
    plan_id = waiting(day.run())
    suspend(day.isp, day.clients[LATE[0]], ABUSE)
    response = day.run("sync", plan_id)
    (approval,) = response["approvals"]

    assert (approval["released"], approval["gone"], approval["now"]) == (11, 1, waiting(response))
    assert states(day.isp, LATE[0]) == {FULL}
    assert states(day.isp, *LATE[1:]) == {RESTRICTED}


def test_unapproved_restrictions_are_cuts_of_the_day(isp: Provider) -> None:
    """G13: they count as disables do; whoever is restricted and then disabled counts once."""
    day = Day(isp)
    for name in LATE:
        day.add(name, ACTIVE)
    suspend(isp, day.clients[LATE[0]], DUES)
    suspend(isp, day.clients[LATE[1]], ABUSE)

    assert day.run()["routers"][0]["applied"] == {"restrict": 1, "disable": 1}
    day.now += timedelta(minutes=5)
    suspend(isp, day.clients[LATE[0]], ABUSE)
    assert day.run()["routers"][0]["applied"] == {"disable": 1}
    day.now += timedelta(minutes=5)
    assert day.run()["routers"][0]["cuts_of_the_day"]["count"] == 2
    quiet_run(isp)


def test_a_hold_that_comes_while_it_is_confirmed_stops_a_restriction(isp: Provider) -> None:
    """G14: holds are read again before the first cut, whichever kind it has; released, the next run restricts."""
    bucket = Bucket()
    customer(isp, "A1", SUSPENDED_SERVICE)

    at_the_second_look(isp, lambda: put(bucket, "tower-1"))
    report = isp.run(journal=journal_of(bucket))
    (stopped,) = part(report).outcomes

    assert (stopped.change.kind, stopped.result, stopped.reason) == ("restrict", Result.DEFERRED, "on_hold")
    assert (stopped.detail, part(report).hold) == (HOLD.sentence, HOLD)
    assert (isp.router.writes, access(isp, "A1"), listed(isp)) == ([], FULL, [])
    assert results(isp.run(journal=journal_of(Bucket()))) == {"applied": {"restrict": 1}}
    quiet_run(isp)


def test_many_restrictions_are_confirmed_by_one_second_read(isp: Provider) -> None:
    """G2: above the limit of single questions everybody is read again; who paid between the two is not restricted."""
    isp.sections["policy"] |= {"guard": {"min": 100}}
    names = [f"A{number:02}" for number in range(ONE_BY_ONE + 1)]
    clients = [customer(isp, name, SUSPENDED_SERVICE) for name in names]
    pages: list[str] = []

    def hook(request: RecordedRequest) -> None:
        pages.append(request.endpoint)
        if pages.count("GET clients/services") == AT_THE_SECOND_READ and request.endpoint == "GET clients/services":
            isp.mark(clients[0], ACTIVE)

    isp.crm.on_request = hook
    assert results(isp.run()) == {"applied": {"restrict": ONE_BY_ONE}, "unconfirmed": {"restrict": 1}}
    assert "GET clients/{id}" not in pages
    assert access(isp, names[0]) == FULL
    assert len(listed(isp)) == ONE_BY_ONE
    quiet_run(isp)
