"""The response document: what a run found and did."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from pppsync.core.approval import Approval, Release
from pppsync.core.census import Census
from pppsync.core.change import Change, Kind
from pppsync.core.guard import WithheldPlan
from pppsync.core.hold import Hold
from pppsync.core.masked import Masked
from pppsync.core.outcome import Outcome, Result
from pppsync.core.reasons import Problem, Reason
from pppsync.core.unmatched import Unmatched
from pppsync.errors import Code, RouterError
from pppsync.report.response import LONGEST, Report
from pppsync.report.router_row import RouterReport
from pppsync.report.rows import change_row, earlier_row, problem_row
from tests.builders import a_change, a_new_secret, a_session

SECRET = "hUnTeR2"


def a_report(
    *routers: RouterReport,
    action: str = "sync",
    ignored: dict[Reason, int] | None = None,
    problems: tuple[Problem, ...] = (),
    approvals: tuple[Approval, ...] = (),
    weakened: tuple[str, ...] = (),
) -> Report:
    """A run over these routers."""
    return Report(action, "domain", 9826, 9771, ignored or {}, routers, problems, approvals, weakened)


def document(report: Report) -> dict[str, Any]:
    """The response, as it comes back from JSON without escapes."""
    found = report.document(run_id="run-1", exclusive=True, duration_ms=2412)
    text = json.dumps(found, ensure_ascii=False).encode()
    assert json.loads(text) == found
    return found


def outcomes(*results: Result, kind: Kind = Kind.DISABLE, dropped: int = 0) -> tuple[Outcome, ...]:
    """Changes of one kind that ended so."""
    return tuple(Outcome(a_change(kind, f"ABC{number}"), one, dropped=dropped) for number, one in enumerate(results, 1))


def test_a_run_with_nothing_to_do() -> None:
    """Response: every key is there; counts of nothing are empty objects."""
    census = Census(9801, 9712, 9600, 9705, 89, 80, 41, 7)
    assert document(a_report(RouterReport("tower-1", "enforce", census=census))) == {
        "run_id": "run-1",
        "action": "sync",
        "ok": True,
        "exclusive": True,
        "duration_ms": 2412,
        "weakened": [],
        "crm": {"subscribers": 9826, "services": 9771, "logins": 0, "source": "domain"},
        "coverage": None,
        "journal": "off",
        "ignored": {},
        "routers": [
            {
                "name": "tower-1",
                "mode": "enforce",
                "hold": None,
                "ok": True,
                "error": None,
                "secrets": 9801,
                "managed": 9712,
                "in_sync": 9705,
                "unmatched": 89,
                "unmatched_enabled": 80,
                "unmatched_online": 41,
                "suspended_online": 7,
                "restricted": 0,
                "planned": {},
                "applied": {},
                "failed": {},
                "withheld": {},
                "unconfirmed": {},
                "deferred": {},
                "unanswered": {},
                "sessions_dropped": 0,
                "cuts_of_the_day": None,
                "failures": [],
                "failures_total": 0,
                "changes": [],
                "changes_total": 0,
                "withheld_plans": [],
            }
        ],
        "approvals": [],
        "problems": [],
        "problems_total": 0,
        "problems_by_reason": {},
        "unmatched": [],
        "unmatched_total": 0,
    }


def test_each_change_stands_once_under_its_result() -> None:
    """Response: each change stands once, under what became of it; who failed is named with the router's words."""
    changes = [
        *(a_change(Kind.ENABLE, f"E{number}") for number in (1, 2)),
        a_change(Kind.CREATE, "C1"),
        *(a_change(Kind.PASSWORD, f"P{number}") for number in (1, 2, 3)),
        *(a_change(Kind.DISABLE, f"D{number}") for number in range(6)),
    ]
    results = [
        *(Outcome(change, Result.APPLIED) for change in changes[:3]),
        Outcome(changes[3], Result.APPLIED, dropped=2),
        Outcome(changes[4], Result.APPLIED, dropped=1),
        Outcome(changes[5], Result.FAILED, "value_not_kept", "the router holds another value"),
        Outcome(changes[6], Result.WITHHELD),
        Outcome(changes[7], Result.UNCONFIRMED, "unconfirmed", "the CRM says otherwise by now"),
        Outcome(changes[8], Result.DEFERRED, None, "no time left in this run"),
        Outcome(changes[9], Result.UNANSWERED, "router_closed", "the router closed the connection"),
        Outcome(changes[10], Result.FAILED, "refused", "no such item"),
        Outcome(changes[11], Result.APPLIED, dropped=1),
    ]
    plan = WithheldPlan("9f036593ac695801", "tower-1", Kind.DISABLE, tuple(changes[6:7]), "1 of 0; the limit is 0")
    router = RouterReport("tower-1", "enforce", None, Census(), tuple(changes), tuple(results), (plan,))
    found = document(
        a_report(
            router,
            ignored={Reason.NO_CUSTOM_ID: 12, Reason.CUSTOM_CONFIG: 3},
            problems=(
                Problem("tower-1", "ABC7", Reason.PROFILE_MISSING, "30mbps", 1042),
                Problem(None, None, Reason.NOTHING_MANAGED),
            ),
            approvals=(
                Approval("9f036593ac695801", "applied", 12, 1, "0123456789abcdef"),
                Approval("0" * 16, "unknown"),
            ),
            weakened=("routers.tower-1.use_ssl",),
        )
    )
    row = found["routers"][0]
    assert row["planned"] == {"enable": 2, "create": 1, "password": 3, "disable": 6}
    assert {result.value: row[result.value] for result in Result} == {
        "applied": {"enable": 2, "create": 1, "password": 2, "disable": 1},
        "failed": {"password": 1, "disable": 1},
        "withheld": {"disable": 1},
        "unconfirmed": {"disable": 1},
        "deferred": {"disable": 1},
        "unanswered": {"disable": 1},
    }
    assert row["sessions_dropped"] == 4
    assert row["failures"] == [
        {"name": "D4", "kind": "disable", "reason": "refused", "detail": "no such item"},
        {"name": "P3", "kind": "password", "reason": "value_not_kept", "detail": "the router holds another value"},
    ]
    assert row["failures_total"] == 2
    assert row["withheld_plans"] == [
        {"plan_id": "9f036593ac695801", "kind": "disable", "count": 1, "online": 0, "reason": "1 of 0; the limit is 0"}
    ]
    assert [(one["name"], one["result"], one["online"]) for one in row["changes"]] == [
        ("C1", "applied", False),
        ("D0", "withheld", False),
        ("D1", "unconfirmed", False),
        ("D2", "deferred", False),
        ("D3", "unanswered", False),
        ("D4", "failed", False),
        ("D5", "applied", True),
        ("E1", "applied", False),
        ("E2", "applied", False),
        ("P1", "applied", True),
        ("P2", "applied", True),
        ("P3", "failed", False),
    ]
    assert row["changes_total"] == 12
    assert (row["ok"], found["ok"]) == (False, False)
    assert found["ignored"] == {"custom_config": 3, "no_custom_id": 12}
    assert list(found["ignored"]) == ["custom_config", "no_custom_id"]
    assert found["weakened"] == ["routers.tower-1.use_ssl"]
    assert found["approvals"] == [
        {"plan_id": "9f036593ac695801", "result": "applied", "released": 12, "gone": 1, "now": "0123456789abcdef"},
        {"plan_id": "0" * 16, "result": "unknown", "released": 0, "gone": 0, "now": None},
    ]
    assert found["problems"] == [
        {
            "name": "ABC7",
            "subscriber": 1042,
            "service": None,
            "router": "tower-1",
            "reason": "profile_missing",
            "detail": "30mbps",
        },
        {"name": None, "subscriber": None, "service": None, "router": None, "reason": "nothing_managed", "detail": ""},
    ]


@pytest.mark.parametrize("kind", Kind)
def test_the_results_of_a_kind_add_up_to_what_was_planned(kind: Kind) -> None:
    """Response: per kind planned = applied + failed + withheld + unconfirmed + deferred + unanswered."""
    results = [result for number, result in enumerate(Result, 1) for _ in range(number)]
    ended = outcomes(*results, kind=kind)
    row = document(a_report(RouterReport("a", "enforce", planned=tuple(one.change for one in ended), outcomes=ended)))
    counts = Counter[str]()
    for result in Result:
        counts.update(row["routers"][0][result.value])
    assert row["routers"][0]["planned"] == counts == {kind.value: 21}
    assert [row["routers"][0][result.value] for result in Result] == [{kind.value: number} for number in range(1, 7)]


@pytest.mark.parametrize(
    ("error", "results", "expected"),
    [
        pytest.param(None, [], True, id="nothing"),
        pytest.param(None, [Result.APPLIED], True, id="applied"),
        pytest.param(None, [Result.WITHHELD], True, id="withheld alone keeps it true"),
        pytest.param(None, [Result.UNCONFIRMED, Result.DEFERRED], True, id="unconfirmed and deferred keep it true"),
        pytest.param(None, [Result.APPLIED, Result.FAILED], False, id="failed"),
        pytest.param(None, [Result.UNANSWERED], False, id="unanswered"),
        pytest.param(RouterError(Code.ROUTER_TIMEOUT, "late"), [], False, id="not read"),
        pytest.param(RouterError(Code.ROUTER_CLOSED, "gone"), [Result.APPLIED], False, id="lost while writing"),
    ],
)
def test_a_run_is_ok_only_if_nothing_failed(error: RouterError | None, results: list[Result], expected: bool) -> None:
    """Response: `ok` is false if a router failed, or anything failed or went unanswered; other routers stay ok."""
    good = RouterReport("a", "enforce")
    bad = RouterReport("b", "enforce", error=error, outcomes=outcomes(*results))
    found = document(a_report(good, bad))
    assert [found["ok"], *(one["ok"] for one in found["routers"])] == [expected, True, expected]


def test_an_observed_router_defers_everything() -> None:
    """G11: on a router that is only observed, what a sync would change and the guard lets pass is deferred."""
    planned = tuple(a_change(Kind.DISABLE, f"ABC{number}") for number in range(3))
    held = (Outcome(planned[0], Result.WITHHELD),)
    row = document(a_report(RouterReport("a", "observe", None, Census(), planned, held)))["routers"][0]

    assert (row["planned"], row["withheld"], row["deferred"]) == ({"disable": 3}, {"disable": 1}, {"disable": 2})
    assert (row["applied"], row["ok"]) == ({}, True)


def test_a_router_on_hold_defers_everything() -> None:
    """G14: the same on a router that is on hold; the row says until when, by whom and why."""
    planned = tuple(a_change(Kind.DISABLE, f"ABC{number}") for number in range(3))
    withheld = (Outcome(planned[0], Result.WITHHELD),)
    hold = Hold(datetime(2026, 11, 25, 15, 0, 0, 999, timezone(timedelta(hours=1))), "anna \udce9", "y" * 301)
    row = document(a_report(RouterReport("a", "enforce", None, Census(), planned, withheld, hold=hold)))["routers"][0]

    assert (row["planned"], row["withheld"], row["deferred"]) == ({"disable": 3}, {"disable": 1}, {"disable": 2})
    assert [one["result"] for one in row["changes"]] == ["withheld", "deferred", "deferred"]
    assert row["hold"] == {"until": "2026-11-25T14:00:00Z", "by": "anna \\udce9", "why": "y" * 300 + "..."}


def test_a_router_that_was_put_on_hold_in_the_middle_counts_each_change_once() -> None:
    """G14: what was applied before the hold stays applied, the rest is deferred; the sums agree."""
    planned = tuple(a_change(Kind.DISABLE, f"ABC{number}") for number in range(3))
    ended = (
        Outcome(planned[0], Result.APPLIED),
        *(Outcome(one, Result.DEFERRED, Reason.ON_HOLD, "x") for one in planned[1:]),
    )
    hold = Hold(datetime(2026, 11, 25, tzinfo=UTC), "", "")
    row = document(a_report(RouterReport("a", "enforce", None, Census(), planned, ended, hold=hold)))["routers"][0]

    assert (row["applied"], row["deferred"], row["changes_total"]) == ({"disable": 1}, {"disable": 2}, 3)
    assert row["hold"] == {"until": "2026-11-25T00:00:00Z", "by": "", "why": ""}


COUNTS = (
    *("secrets", "managed", "in_sync", "unmatched", "unmatched_enabled", "unmatched_online"),
    *("suspended_online", "restricted"),
)


def test_a_router_s_error_is_its_code_and_detail() -> None:
    """Response: `error` is the code and the detail; a router that was not read has no counts."""
    unread = RouterReport("a", "observe", RouterError(Code.ROUTER_TLS, "no trust"), read=False)
    row = document(a_report(unread))["routers"][0]
    assert row["error"] == {"reason": "router_tls", "detail": "no trust"}
    assert (row["mode"], row["planned"], row["applied"]) == ("observe", {}, {})
    assert {row[name] for name in (*COUNTS, "sessions_dropped")} == {None}


PLANNED = (
    a_change(Kind.ENABLE, "B"),
    a_change(Kind.RESTORE, "G"),
    a_change(Kind.CREATE, "C", desired=a_new_secret("C", password=SECRET, remote_address="10.0.0.1")),
    a_change(Kind.PASSWORD, "A", actual=Masked("old" + SECRET), desired=Masked(SECRET), sessions=(a_session("A"),)),
    a_change(Kind.DEFAULT_PASSWORD, "D", actual=Masked(SECRET), desired=Masked("1482020")),
    a_change(Kind.PROFILE, "A"),
    a_change(Kind.REMOTE_ADDRESS, "A"),
    a_change(Kind.RESTRICT, "H"),
    a_change(Kind.DISABLE, "E", reason=Reason.MOVED),
    a_change(Kind.DROP, "F", sessions=(a_session("F"),)),
)


def row_of(
    name: str, kind: str, field: str | None, actual: object, desired: object, *, online: bool = False, **more: str
) -> dict[str, Any]:
    """A row of `changes`."""
    return {"name": name, "kind": kind, "field": field, "actual": actual, "desired": desired, "online": online, **more}


def test_a_plan_shows_its_changes() -> None:
    """Response, G10: `plan` lists what would change, sorted by name, passwords masked, and applies nothing."""
    router = RouterReport("a", "enforce", planned=PLANNED)
    found = document(a_report(router, action="plan"))
    row = found["routers"][0]
    created = {"password": "***", "profile": "30mbps", "remote-address": "10.0.0.1", "disabled": False}
    assert row["changes"] == [
        row_of("A", "password", "password", "***", "***", online=True),
        row_of("A", "profile", "profile", "10mbps", "30mbps"),
        row_of("A", "remote_address", "remote-address", None, "10.0.0.1"),
        row_of("B", "enable", "disabled", "yes", "no"),
        row_of("C", "create", None, None, created),
        row_of("D", "default_password", "password", "***", "***"),
        row_of("E", "disable", "disabled", "no", "yes", reason=Reason.MOVED),
        row_of("F", "drop", None, None, None, online=True),
        row_of("G", "restore", "profile", "suspended", "30mbps"),
        row_of("H", "restrict", "profile", "30mbps", "suspended"),
    ]
    assert row["changes_total"] == 10
    assert (row["applied"], found["action"]) == ({}, "plan")
    assert row["planned"] == {kind.value: 1 for kind in Kind}


def test_an_enable_shows_the_profile_that_it_writes_too() -> None:
    """R18: whom an enable lets in restricted is seen in the plan; any other enable has no such field."""
    enable = a_change(Kind.ENABLE)
    assert change_row(replace(enable, profile="suspended")) == row_of(
        "ABC1", "enable", "disabled", "yes", "no", profile="suspended"
    )
    assert change_row(enable) == row_of("ABC1", "enable", "disabled", "yes", "no")


def test_a_plan_of_the_last_days_shows_what_is_due_and_what_is_gone() -> None:
    """G4: of 3 cuts one is due, of a customer who is online; of the two first names one is not due any more."""
    due = (a_change(Kind.DISABLE, "A", sessions=(a_session("A"),)),)
    assert earlier_row(Release("0" * 16, "a", "cut", 3, due, ("A", "Pe\udcf1a"))) == {
        "plan_id": "0" * 16,
        "router": "a",
        "kind": "cut",
        "count": 3,
        "due": 1,
        "online": 1,
        "gone": 2,
        "names_gone": ["Pe\\udcf1a"],
    }


def test_no_password_is_anywhere_in_a_response() -> None:
    """G10: neither a password held nor one to be written is shown, whatever became of the change."""
    for action in ("sync", "plan"):
        for result in Result:
            ended = tuple(Outcome(change, result, "refused", "words") for change in PLANNED)
            plan = WithheldPlan("0" * 16, "a", Kind.PASSWORD, PLANNED, "words")
            report = a_report(RouterReport("a", "enforce", None, Census(), PLANNED, ended, (plan,)), action=action)
            shown = json.dumps(document(report))
            assert SECRET not in shown
            assert "1482020" not in shown


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            problem_row(Problem("a", "Pe\udcf1a", Reason.FORMER_LOGIN, "now \ud800")),
            {
                "name": "Pe\\udcf1a",
                "subscriber": None,
                "service": None,
                "router": "a",
                "reason": "former_login",
                "detail": "now \\ud800",
            },
            id="problem",
        ),
        pytest.param(
            change_row(a_change(Kind.PROFILE, "Pe\udcf1a", actual="\udce9", desired="é")),
            row_of("Pe\\udcf1a", "profile", "profile", "\\udce9", "é"),
            id="change",
        ),
        pytest.param(
            change_row(a_change(Kind.CREATE, desired=a_new_secret(profile="\udce9"))),
            row_of(
                "ABC1",
                "create",
                None,
                None,
                {"password": "***", "profile": "\\udce9", "remote-address": None, "disabled": False},
            ),
            id="create",
        ),
    ],
)
def test_names_that_are_no_unicode_are_shown_escaped(row: dict[str, Any], expected: dict[str, Any]) -> None:
    """Response: bytes of a router that are no UTF-8 are shown escaped; Lambda could not return them otherwise."""
    assert expected == row
    assert json.dumps(row, ensure_ascii=False).encode()


def test_words_that_are_no_unicode_are_shown_escaped() -> None:
    """Response: the same holds for the words of a refusal and of a lost connection."""
    outcome = Outcome(a_change(name="Pe\udcf1a"), Result.FAILED, "refused", "caf\udce9")
    router = RouterReport("a", "enforce", RouterError(Code.ROUTER_CLOSED, "caf\udce9"), outcomes=(outcome,))
    row = document(a_report(router))["routers"][0]
    assert row["error"] == {"reason": "router_closed", "detail": "caf\\udce9"}
    assert row["failures"] == [{"name": "Pe\\udcf1a", "kind": "disable", "reason": "refused", "detail": "caf\\udce9"}]


def test_an_endless_text_is_cut() -> None:
    """A plan of an absurd name, 200 times, must not make the response too large for Lambda."""
    row = problem_row(Problem("a", "ABC1", Reason.PROFILE_MISSING, "x" * 5000))

    assert row["detail"] == "x" * 300 + "..."


def test_routers_are_sorted() -> None:
    """Response: routers stand by name, whatever their order in the configuration."""
    found = document(a_report(*(RouterReport(name, "enforce") for name in ("c", "a", "b"))))
    assert [one["name"] for one in found["routers"]] == ["a", "b", "c"]


def test_failures_are_sorted() -> None:
    """Response: failures stand by name, then kind."""
    failed = [
        Outcome(a_change(kind, name), Result.FAILED, "refused")
        for kind, name in ((Kind.PROFILE, "B"), (Kind.DISABLE, "B"), (Kind.PROFILE, "A"))
    ]
    found = document(a_report(RouterReport("a", "enforce", outcomes=tuple(failed))))
    rows = [(one["name"], one["kind"]) for one in found["routers"][0]["failures"]]
    assert rows == [("A", "profile"), ("B", "disable"), ("B", "profile")]


def a_lot(router: str, count: int) -> tuple[Change, ...]:
    """Cuts of so many logins."""
    return tuple(a_change(name=f"{router}{number:05}", router=router) for number in range(count))


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        pytest.param([199, 1, 0], [199, 1, 0], id="all fit"),
        pytest.param([200, 1, 5], [200, 0, 0], id="the first router fills it"),
        pytest.param([150, 100, 7], [150, 50, 0], id="cut within a router"),
        pytest.param([0, 0, 201], [0, 0, 200], id="cut within the last"),
    ],
)
def test_failures_are_cut_over_the_whole_response(counts: list[int], shown: list[int]) -> None:
    """Response: 200 failures over all routers, the first by router and name; the totals and counts tell all."""
    routers = [
        RouterReport(
            name, "enforce", outcomes=tuple(Outcome(one, Result.FAILED, "refused") for one in a_lot(name, count))
        )
        for name, count in zip("abc", counts, strict=True)
    ]
    rows = document(a_report(*reversed(routers)))["routers"]
    assert shown == [len(row["failures"]) for row in rows]
    assert counts == [row["failures_total"] for row in rows]
    assert counts == [row["failed"].get("disable", 0) for row in rows]
    assert all(one["name"][0] == row["name"] for row in rows for one in row["failures"])
    assert [one["name"] for one in rows[0]["failures"]] == [f"a{number:05}" for number in range(shown[0])]


def test_changes_are_cut_over_the_whole_response() -> None:
    """Response: 2,000 changes over all routers, with the total of each router."""
    routers = [RouterReport(name, "enforce", planned=a_lot(name, 1500)) for name in "ab"]
    rows = document(a_report(*routers, action="plan"))["routers"]
    assert [len(row["changes"]) for row in rows] == [1500, 500]
    assert [row["changes_total"] for row in rows] == [1500, 1500]
    assert [row["planned"] for row in rows] == [{"disable": 1500}] * 2


def test_problems_are_cut() -> None:
    """Response: 200 problems with the total, the first ones of the sorted list, all of them counted by reason."""
    problems = tuple(Problem("a", f"ABC{number:03}", Reason.PROFILE_MISSING) for number in range(201))
    found = document(a_report(problems=problems))
    assert [one["name"] for one in found["problems"]] == [f"ABC{number:03}" for number in range(200)]
    assert (found["problems_total"], found["problems_by_reason"]) == (201, {"profile_missing": 201})
    assert LONGEST == {"changes": 2000, "failures": 200, "problems": 200, "unmatched": 200}


@pytest.mark.parametrize(("rare", "shown"), [(1, 1), (5, 5), (9, 5)])
def test_a_rare_reason_is_never_cut_away(rare: int, shown: int) -> None:
    """Response: a cut list still has five rows of each reason, if it has so many, and stays in order."""
    many = [Problem("a", f"ABC{number:04}", Reason.PROFILE_MISSING) for number in range(5000)]
    few = [Problem("b", f"ABC{number:04}", Reason.NAME_TAKEN) for number in range(rare)]
    found = document(a_report(problems=(*many, *few)))
    reasons = Counter(one["reason"] for one in found["problems"])
    assert reasons == {"profile_missing": 200 - shown, "name_taken": shown}
    assert [one["name"] for one in found["problems"][:195]] == [f"ABC{number:04}" for number in range(195)]
    assert found["problems_by_reason"] == {"profile_missing": 5000, "name_taken": rare}


def test_unmatched_secrets_are_listed_up_to_200() -> None:
    """Response: each with its router, whether it is enabled and online, and whose it may be; with their number."""
    found = tuple(Unmatched("a", f"old{number:03}", True, True, "ABC1") for number in range(201))
    shown = document(replace(a_report(), unmatched=found))
    assert shown["unmatched"][0] == {"router": "a", "name": "old000", "enabled": True, "online": True, "near": "ABC1"}
    assert (len(shown["unmatched"]), shown["unmatched_total"]) == (200, 201)


def test_an_observed_router_shows_its_changes_as_deferred() -> None:
    """Response, G11: a sync lists what it would do on an observed router, each change with its result."""
    planned = tuple(a_change(Kind.DISABLE, f"ABC{number}") for number in range(2))
    held = (Outcome(planned[0], Result.WITHHELD),)
    row = document(a_report(RouterReport("a", "observe", None, Census(), planned, held)))["routers"][0]
    assert [(one["name"], one["result"]) for one in row["changes"]] == [("ABC0", "withheld"), ("ABC1", "deferred")]


def test_outcomes_are_counted_by_kind_and_result() -> None:
    """Response: counts are by kind and result."""
    router = RouterReport("a", "enforce", outcomes=outcomes(Result.APPLIED, Result.APPLIED, Result.FAILED))
    assert router.count(Result.APPLIED) == {"disable": 2}
    assert router.count(Result.DEFERRED) == {}


def test_a_plan_that_changes_at_every_run_fits_into_an_answer() -> None:
    """Response: Lambda refuses more than 6 MB; 200 earlier plans of 2,000 changes would be 8 MB of ids."""
    changes = tuple(a_change(Kind.DISABLE, f"ABC{number}", number=number) for number in range(1, 2001))
    earlier = tuple(Release(f"{number:016x}", "tower-1", "disable", 2000, changes) for number in range(200))
    router = RouterReport("tower-1", "enforce", planned=changes)
    found = document(replace(a_report(router, action="plan"), earlier=earlier))
    assert len(json.dumps(found)) < 2_000_000
    assert found["routers"][0]["changes"][0]["plans"] == [one.plan_id for one in earlier[:10]]
    few = replace(a_report(router, action="plan"), earlier=tuple(replace(one, due=changes[:9]) for one in earlier))
    assert len(document(few)["routers"][0]["changes"][0]["plans"]) == 200
