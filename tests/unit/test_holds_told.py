"""What follows from a hold beside the run: the lines of the self-test, and the limits over all routers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from lab.simulators.s3 import Bucket, refusal
from pppsync.config.event import Event
from pppsync.core.census import Census
from pppsync.core.change import Kind
from pppsync.core.hold import Hold
from pppsync.core.plan import Plan, RouterPlan
from pppsync.diagnose.check.line import Check
from pppsync.diagnose.check.self_test import Checks, check
from pppsync.errors import Code, CrmError
from pppsync.journal import holding
from pppsync.journal.run import Memory, RunJournal
from pppsync.journal.store import Store
from pppsync.net.deadline import Deadline
from pppsync.report.holds import HoldAnswer
from pppsync.sync.decide import review
from tests.builders import a_change
from tests.unit.check_world import NOW, FakeRouter, settings

if TYPE_CHECKING:
    from pppsync.core.subscriber import CrmState
    from pppsync.crm.client import UispClient
    from pppsync.routers.gateway import RouterGateway

UNTIL = datetime(2026, 3, 1, 14, tzinfo=UTC)


class DownCrm:
    """A CRM that answers nothing."""

    def read(self, _deadline: Deadline) -> CrmState:
        """Fails."""
        raise CrmError(Code.CRM_FAILING, "503")


def a_journal(bucket: Bucket | None) -> RunJournal:
    """The journal of one run, or one that is off."""
    client: Any = bucket
    store = None if bucket is None else Store(client, client.name, Deadline.after(900))
    return RunJournal(store, Memory(), "run-1", lambda: NOW)


def held(router: str) -> Bucket:
    """A bucket with the hold of one router."""
    bucket: Any = Bucket()
    holding.put(Store(bucket, bucket.name, Deadline.after(900)), [router], Hold(UNTIL, "anna", "the tower moves"))
    return cast("Bucket", bucket)


def self_test(journal: RunJournal | None) -> Checks:
    """The self-test of one router that is in order."""
    gateways = [cast("RouterGateway", FakeRouter({}))]
    crm = cast("UispClient", DownCrm())
    return check(Event("check"), settings(), crm, gateways, Deadline.after(30), lambda: NOW, journal)


def of_the_journal(found: Checks) -> list[Check]:
    """The lines about the journal and about holds."""
    return [one for one in found.checks if one.check.rpartition(".")[2] in {"journal", "hold"}]


def test_check_names_the_routers_on_hold() -> None:
    """G14: `check` says so in the section of the router, as a note, and how many there are."""
    found = self_test(a_journal(held("tower-1")))
    sentence = "note: on hold until 2026-03-01T14:00:00Z, by anna: the tower moves; nothing is written there; "

    assert of_the_journal(found) == [
        Check("config.journal", True, "read; routers on hold: 1"),
        Check("router.tower-1.hold", True, f"{sentence}`release` takes it back"),
    ]
    names = [one.check for one in found.checks]
    sections = [name.rpartition(".")[0] for name in names]
    assert names.index("config.journal") == names.index("config.encryption") + 1
    assert sections.index("router.tower-1") + sections.count("router.tower-1") == len(sections), "one section a router"


def test_check_leaves_out_routers_that_it_was_not_asked_about() -> None:
    """Section 7: only the chosen routers have lines."""
    assert of_the_journal(self_test(a_journal(held("tower-2")))) == [
        Check("config.journal", True, "read; routers on hold: 0")
    ]


def test_check_says_that_there_is_no_journal() -> None:
    """G13: without a journal nothing limits a day, and `check` says so."""
    (line,) = of_the_journal(self_test(a_journal(None)))

    assert line.ok
    assert line.detail.startswith("note: off (parameter Journal), so there is no limit for a day")


def test_check_fails_if_the_journal_cannot_be_read() -> None:
    """G14: holds are unknown then."""
    bucket = Bucket()

    def refuse(operation: str) -> None:
        raise refusal("AccessDenied", operation)

    bucket.before = refuse
    (line,) = of_the_journal(self_test(a_journal(bucket)))

    assert not line.ok
    assert line.detail.startswith("S3 refused to list holds/: AccessDenied; check the bucket and the function's role")


def test_held_routers_are_no_part_of_the_fleet() -> None:
    """G3, G14: neither the cuts nor the enabled secrets of a router on hold count in the limit over all routers."""
    parts = {
        name: RouterPlan(
            name,
            tuple(a_change(Kind.DISABLE, f"ABC{number}", router=name, number=number) for number in range(1, 11)),
            Census(secrets=40, managed_enabled=40),
        )
        for name in "abcdef"
    }
    judged = {held: review(settings(*"abcdef"), Plan(parts, ()), held=held) for held in ("", "f", "abcde")}

    assert [(one.router, one.kind) for one in judged[""].plans] == [(None, Kind.DISABLE)]
    assert judged["f"].plans == judged["abcde"].plans == ()


@pytest.mark.parametrize(
    ("action", "first", "second", "ok"),
    [
        ("hold", True, True, True),
        ("hold", True, False, False),
        ("release", False, False, True),
        ("release", True, False, False),
    ],
)
def test_an_answer_is_ok_if_every_router_is_as_asked(action: str, first: bool, second: bool, ok: bool) -> None:
    """G14: a router that a hold over all routers keeps is not released, and the answer says so."""
    hold = Hold(UNTIL, "anna", "the tower moves")
    answer = HoldAnswer(action, {"a": hold if first else None, "b": hold if second else None})
    row = {"until": "2026-03-01T14:00:00Z", "by": "anna", "why": "the tower moves"}
    assert answer.document(run_id="r-1", exclusive=True, duration_ms=5) == {
        "run_id": "r-1",
        "action": action,
        "ok": ok,
        "routers": [{"name": "a", "hold": row if first else None}, {"name": "b", "hold": row if second else None}],
    }


def test_a_hold_says_what_it_knows() -> None:
    """G14: who and why are left out where nobody gave them."""
    assert Hold(UNTIL + timedelta(microseconds=7), "", "").sentence == "on hold until 2026-03-01T14:00:00Z"
