"""The dashboard's widget: what it finds in the log, what it says of it, and that no subscriber's data is markup."""

from __future__ import annotations

import io
import itertools
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools import Logger

from pppsync.core.census import Census
from pppsync.core.change import Kind
from pppsync.core.guard import WithheldPlan
from pppsync.core.outcome import Outcome, Result
from pppsync.core.reasons import Problem, Reason
from pppsync.errors import Code, ConfigurationError, CrmError, EventError, RouterError, SyncError
from pppsync.report import log_records, log_setup
from pppsync.report.response import Report
from pppsync.report.router_row import RouterReport
from sync_widget.html import OPEN, element, joined, styled, visible
from sync_widget.log_reader import PATTERN, REACH, Seen, read_log
from sync_widget.page import DESCRIPTION, ROWS, page
from sync_widget.remarks import LONGEST_CAUSE, STALE, remarks
from sync_widget.words import Setting, ago
from tests.builders import a_change, a_new_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pppsync.core.change import Change

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GROUP = "/aws/lambda/stack-sync"
SETTING = Setting("stack-sync", "eu-west-1", scheduled=True, timeout=240, coverage=50)
HOSTILE = "<script>alert(1)</script>\"'&\u202egnp.exe\u200b`x`" + "A" * 5000


class FakeLog:
    """CloudWatch's FilterLogEvents, with pages and the pattern as AWS reads it; the emulator ignores both."""

    def __init__(self, per_page: int = 3, *, oldest_first: bool = False) -> None:
        self.events: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self._per_page = per_page
        self._oldest_first = oldest_first

    def add(self, ago: timedelta, *lines: str) -> None:
        """Lines that were written so long ago, in this order."""
        at = round((NOW - ago).timestamp() * 1000)
        self.events += [{"timestamp": at, "message": line} for line in lines]

    def get_paginator(self, name: str) -> FakeLog:
        """Only the one API is there."""
        assert name == "filter_log_events"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        """Pages of what is between two moments and matches the pattern, by default newest first; the first is empty."""
        self.asked.append(asked)
        assert asked["logGroupName"] == GROUP
        assert asked["startFromHead"] is False
        found = [
            event
            for event in reversed(self.events)
            if asked["startTime"] <= event["timestamp"] <= asked["endTime"]
            and matches(asked["filterPattern"], event["message"])
        ]
        if self._oldest_first:
            found.reverse()
        yield {"events": []}
        for start in range(0, len(found), self._per_page):
            yield {"events": found[start : start + self._per_page]}

    def read(self, seconds: float = 20) -> Seen:
        """What the widget makes of it."""
        return read_log(self, GROUP, NOW, lambda: seconds)  # type: ignore[arg-type]


def matches(pattern: str, line: str) -> bool:
    """A JSON pattern of CloudWatch, as far as ours goes: alternatives of conditions that all hold."""
    alternatives = re.findall(r"\(([^()]+)\)", pattern)
    assert pattern == f"{{ {' || '.join(f'({each})' for each in alternatives)} }}"
    try:
        record = json.loads(line)
    except ValueError:
        return False
    return any(all(holds(condition, record) for condition in each.split(" && ")) for each in alternatives)


def holds(condition: str, record: Any) -> bool:
    """One comparison; a field that is not there fulfils none."""
    match = re.fullmatch(r'\$\.([\w.]+) (=|!=) "([^"]*)"', condition)
    assert match, condition
    for name in match[1].split("."):
        if not isinstance(record, dict) or name not in record:
            return False
        record = record[name]
    return (record == match[3]) is (match[2] == "=")


_numbers = itertools.count()


def a_logger(stream: io.StringIO) -> Logger:
    """A logger of its own name: one of a known name would go on writing to its first stream."""
    return Logger(service=f"widget-{next(_numbers)}", stream=stream)


def a_run(report: Report, run_id: str = "run-1") -> list[str]:
    """The lines that a run leaves in the log, as the function writes them."""
    stream = io.StringIO()
    logger = a_logger(stream)
    log_records.record(logger, report, report.document(run_id=run_id, exclusive=True, duration_ms=2412))
    return stream.getvalue().splitlines()


def a_failed_run(error: SyncError, run_id: str = "run-9", action: str | None = None) -> list[str]:
    """The lines of a run that raised, and of Lambda about it; before there was an action in them, with None."""
    stream = io.StringIO()

    class Context:
        aws_request_id = run_id

    @log_setup.failures(a_logger(stream))
    def handler(_event: object, _context: Any) -> None:
        raise error

    with pytest.raises(type(error)):
        handler({"action": action} if action else {}, Context())  # type: ignore[arg-type]
    return [*stream.getvalue().splitlines(), platform_report("error", run_id)]


def platform_report(status: str, run_id: str = "run-9") -> str:
    """What Lambda itself writes at the end of an invocation."""
    return json.dumps({"type": "platform.report", "record": {"requestId": run_id, "status": status}})


def a_router(name: str = "tower-1", mode: str = "enforce", **parts: Any) -> RouterReport:
    """A router with nothing to do."""
    return RouterReport(name, mode, census=Census(40, 38, 35, 38, 2, 1, 1, 0), **parts)


def a_report(*routers: RouterReport, action: str = "sync", **parts: Any) -> Report:
    """A run over these routers, or over one with nothing to do."""
    given: dict[str, Any] = {"ignored": {}, "problems": (), **parts}
    return Report(action, given.pop("source", "domain"), 50, 51, routers=routers or (a_router(),), **given)


def withheld_router(count: int, name: str = "tower-1", plan_id: str = "9f036593ac695801", **parts: Any) -> RouterReport:
    """A router on which so many cuts are withheld."""
    changes = [a_change(name=f"ABC{number:05}", number=number, router=name) for number in range(1, count + 1)]
    return a_router(name, **held(changes, plan_id), **parts)


def held(changes: list[Change], plan_id: str = "9f036593ac695801") -> dict[str, Any]:
    """A withheld plan and its outcomes."""
    plan = WithheldPlan(plan_id, changes[0].router, changes[0].kind, tuple(changes), "too many at once")
    return {"outcomes": tuple(Outcome(change, Result.WITHHELD) for change in changes), "plans": (plan,)}


def seen(report: Report) -> Seen:
    """What the widget sees three minutes after the run."""
    log = FakeLog()
    log.add(timedelta(minutes=3), *a_run(report))
    return log.read()


def html(report: Report, **context: Any) -> str:
    """The widget three minutes after the run."""
    return page(seen(report), SETTING, NOW, context)


class Text(HTMLParser):
    """What a browser would show, and the elements it would make."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.feed(markup)
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.elements.append(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        """It ends."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """What is to be read."""
        if self.open and self.open[-1] != "style":
            self.text += data


def shown(report: Report, **context: Any) -> str:
    """What somebody reads."""
    return Text(html(report, **context)).text


# --- the log ---------------------------------------------------------------------------------------------------------


def test_the_latest_sync_is_found() -> None:
    """Of several runs the newest counts; plans and other actions are no run."""
    log = FakeLog()
    log.add(timedelta(minutes=8), *a_run(a_report(), "run-1"))
    log.add(timedelta(minutes=3), *a_run(a_report(), "run-2"))
    log.add(timedelta(minutes=1), *a_run(a_report(action="plan"), "run-3"))
    found = log.read()

    assert found.response is not None
    assert found.response["run_id"] == "run-2"
    assert found.at == NOW - timedelta(minutes=3)
    assert found.failure is None


def test_withheld_changes_are_those_of_the_latest_sync() -> None:
    """A change that an earlier run or a plan withheld is not shown as one of the latest sync."""
    log = FakeLog()
    log.add(timedelta(minutes=8), *a_run(a_report(withheld_router(3)), "run-1"))
    log.add(timedelta(minutes=3), *a_run(a_report(withheld_router(2, "tower-2")), "run-2"))
    log.add(timedelta(minutes=1), *a_run(a_report(withheld_router(4), action="plan"), "run-3"))
    found = log.read()

    assert [(each["name"], each["router"], each["plans"]) for each in found.withheld] == [
        ("ABC00001", "tower-2", ["9f036593ac695801"]),
        ("ABC00002", "tower-2", ["9f036593ac695801"]),
    ]


def test_only_so_many_withheld_changes_are_recorded() -> None:
    """A plan that waits is written anew at every run: the log holds 200 of its changes, over all routers."""
    report = a_report(withheld_router(150), withheld_router(150, "tower-2"))
    records = [json.loads(line) for line in a_run(report)]
    changes = [record["change"] for record in records if record["message"] == "change"]

    assert len(changes) == log_records.WITHHELD_CHANGES == 200
    assert all(change["result"] == "withheld" and change["plans"] for change in changes)


def test_a_change_may_wait_for_two_plans() -> None:
    """A cut over the limit of its router and of the fleet is shown under both plans."""
    changes = [a_change(name=f"ABC{number}", number=number) for number in range(1, 12)]
    of_router, of_fleet = held(changes, "a" * 16)["plans"][0], held(changes, "b" * 16)["plans"][0]
    outcomes = tuple(Outcome(change, Result.WITHHELD) for change in changes)
    found = seen(a_report(a_router(outcomes=outcomes, plans=(of_router, of_fleet))))

    assert {tuple(each["plans"]) for each in found.withheld} == {("a" * 16, "b" * 16)}
    assert Text(page(found, SETTING, NOW, {})).text.count("ABC7") == 2


def test_a_healthy_log_is_asked_once() -> None:
    """The last 20 minutes suffice while the schedule works: nothing older is read, and no page too many."""
    log = FakeLog(per_page=1)
    for minutes in (18, 13, 8, 3):
        log.add(timedelta(minutes=minutes), *a_run(a_report(), f"run-{minutes}"))
    log.read()

    assert [each["filterPattern"] for each in log.asked] == [PATTERN]


@pytest.mark.parametrize("per_page", [2, 3, 5])
@pytest.mark.parametrize("since", [timedelta(), timedelta(hours=1)])
def test_a_log_that_gives_the_oldest_first_shows_the_latest_run(per_page: int, since: timedelta) -> None:
    """An emulator's first page holds the oldest syncs of the time: the latest one is shown all the same."""
    log = FakeLog(per_page, oldest_first=True)
    for minutes in range(19, 1, -1):
        log.add(since + timedelta(minutes=minutes), *a_run(a_report(), f"run-{minutes}"))

    assert log.read().at == NOW - since - timedelta(minutes=2)


@pytest.mark.parametrize(
    ("ago", "steps"), [(timedelta(minutes=20), 1), (timedelta(hours=3), 2), (timedelta(hours=4), 3)]
)
def test_no_more_time_is_read_than_needed(ago: timedelta, steps: int) -> None:
    """The log is read back step by step; the step that has a sync is the last one."""
    log = FakeLog()
    log.add(ago, *a_run(a_report()))
    log.read()

    assert len(log.asked) == steps


@pytest.mark.parametrize("ago", [timedelta(hours=3), timedelta(days=10)])
def test_an_old_run_is_found(ago: timedelta) -> None:
    """Without a run in the last 20 minutes it is looked for further back, and no time is read twice."""
    log = FakeLog()
    log.add(ago, *a_run(a_report()))
    found = log.read()

    assert found.at == NOW - ago
    assert all(
        later["startTime"] > earlier["endTime"] for later, earlier in zip(log.asked, log.asked[1:], strict=False)
    )


def test_the_search_ends() -> None:
    """What is older than two weeks is not looked for."""
    log = FakeLog()
    log.add(timedelta(days=15), *a_run(a_report()))

    assert log.read() == Seen()
    assert len(log.asked) == len(REACH)


def test_the_search_ends_in_time() -> None:
    """The function answers before its time is up, with what it has."""
    log = FakeLog(per_page=1)
    log.add(timedelta(minutes=3), *a_run(a_report()))

    assert log.read(seconds=-1).response is None


def test_other_lines_are_passed_over() -> None:
    """Lambda's own lines, tracebacks and metrics are no records of a run."""
    log = FakeLog()
    log.add(
        timedelta(minutes=2), "START RequestId: 1", "[1, 2]", "null", '{"level": "INFO"}', platform_report("success")
    )
    log.add(timedelta(minutes=3), *a_run(a_report()))

    assert log.read().failure is None


def test_an_emulator_that_filters_nothing() -> None:
    """A CloudWatch that knows neither patterns nor directions is no reason for another result."""
    log = FakeLog(per_page=10_000)
    log.add(timedelta(minutes=8), *a_failed_run(CrmError(Code.CRM_UNSTABLE, "it moved")))
    log.add(timedelta(minutes=3), "START RequestId: 1", "[]", *a_run(a_report(withheld_router(1))), '{"message": "x"}')
    strict = log.read()

    class Lenient(FakeLog):
        def paginate(self, **_asked: Any) -> Iterator[dict[str, Any]]:
            yield {"events": log.events}

    assert Lenient().read() == strict


@pytest.mark.parametrize(
    "error",
    [ConfigurationError(["nothing"], Code.CONFIGURATION_EMPTY), CrmError(Code.CRM_UNSTABLE, "it moved")],
    ids=lambda error: error.code,
)
def test_a_run_that_raised(error: SyncError) -> None:
    """The newest failure is found with its code, before Lambda's own record of the same run."""
    log = FakeLog()
    log.add(timedelta(minutes=8), *a_run(a_report()))
    log.add(timedelta(minutes=3), *a_failed_run(error))
    found = log.read()

    assert found.failure is not None
    assert (found.failure.reason, found.failure.detail) == (error.code, error.detail)
    assert found.at == NOW - timedelta(minutes=8)


@pytest.mark.parametrize(("status", "said"), [("timeout", "cut off at its time limit"), ("error", "broke off")])
def test_a_run_that_only_lambda_knows_of(status: str, said: str) -> None:
    """A run that was cut off, or broke off by a fault of ours, is told too."""
    log = FakeLog()
    log.add(timedelta(minutes=3), platform_report(status))

    assert said in Text(page(log.read(), SETTING, NOW, {})).text


def test_a_wrong_event_is_no_failure() -> None:
    """Somebody's typing error in an event says nothing about the sync."""
    log = FakeLog()
    log.add(timedelta(minutes=3), *a_run(a_report()))
    log.add(timedelta(minutes=1), *a_failed_run(EventError("unknown key")))

    assert log.read().failure is None


def a_failed(action: str, run_id: str, error: SyncError | None = None) -> list[str]:
    """The lines of a run that raised, whose record names its action."""
    return a_failed_run(error or CrmError(Code.CRM_TIMEOUT, "after 230 s"), run_id, action)


def verdict(log: FakeLog) -> list[tuple[str, str]]:
    """What stands at the top of the page: level and text."""
    return [(each.level, Text(element("p", each.text)).text) for each in remarks(log.read(), SETTING, NOW, UTC)]


@pytest.mark.parametrize("action", ["plan", "check"])
def test_a_good_run_after_a_failed_sync(action: str) -> None:
    """A plan that went well after a failed sync does not hide the failure, and the page does not call it failed."""
    log = FakeLog()
    log.add(timedelta(minutes=13), *a_run(a_report(), "run-1"))
    log.add(timedelta(minutes=8), *a_failed("sync", "run-2"))
    log.add(timedelta(minutes=1), *a_run(a_report(action=action), "run-3"))
    ((level, said),) = verdict(log)

    assert level == "bad"
    assert said.startswith("the latest sync, 8 minutes ago, could not do its work. Reading the CRM took longer")
    assert f"A {action} went well 1 minute ago: the next sync shows whether it is over." in said
    assert "latest run" not in said


@pytest.mark.parametrize("action", ["plan", "check", "explain"])
def test_a_failed_plan_after_a_good_sync(action: str) -> None:
    """A plan that somebody asked for and that failed says nothing of the sync, which went well."""
    log = FakeLog()
    log.add(timedelta(minutes=3), *a_run(a_report(), "run-1"))
    log.add(timedelta(minutes=1), *a_failed(action, "run-2"))

    assert [level for level, _ in verdict(log)] == ["good"]


def test_a_failed_plan_after_a_failed_sync() -> None:
    """The failure of the sync is shown, not that of the newer plan."""
    log = FakeLog()
    log.add(timedelta(minutes=13), *a_run(a_report(), "run-1"))
    log.add(timedelta(minutes=8), *a_failed("sync", "run-2", CrmError(Code.CRM_UNAUTHORIZED, "401")))
    log.add(timedelta(minutes=1), *a_failed("plan", "run-3"))
    ((_, said),) = verdict(log)

    assert "the latest sync, 8 minutes ago" in said
    assert "crm_unauthorized" in said
    assert "crm_timeout" not in said


def test_a_plan_that_lambda_cut_off() -> None:
    """Lambda's record has no action; the response of the same run tells that it was no sync."""
    log = FakeLog()
    log.add(timedelta(minutes=3), *a_run(a_report(), "run-1"))
    log.add(timedelta(minutes=1), *a_run(a_report(action="plan"), "run-2"), platform_report("timeout", "run-2"))

    assert [level for level, _ in verdict(log)] == ["good"]


def test_a_run_of_unknown_action_that_failed() -> None:
    """A run that was cut off before it wrote anything may have been the sync: it is shown, and not called one."""
    log = FakeLog()
    log.add(timedelta(minutes=3), *a_run(a_report(), "run-1"))
    log.add(timedelta(minutes=1), platform_report("timeout", "run-2"))
    ((level, said),) = verdict(log)

    assert level == "bad"
    assert said.startswith("a run, 1 minute ago, could not do its work. It was cut off at its time limit")


def test_a_sync_that_ended_badly_after_its_work() -> None:
    """A sync whose response stands in the log did its work, even if Lambda ended it with an error after that."""
    log = FakeLog()
    log.add(timedelta(minutes=4), *a_run(a_report(), "run-1"))
    log.add(timedelta(minutes=3), platform_report("error", "run-1"))

    assert verdict(log) == [("look", "the latest sync did its work. Lambda ended it after that as error.")]


def test_a_narrow_run_is_not_the_latest_sync() -> None:
    """A run that a payment woke reads a few subscribers: its counts are not those of the routers."""
    log = FakeLog()
    log.add(timedelta(minutes=3), *a_run(a_report(), "run-1"))
    *others, response = a_run(a_report(), "run-2")
    woken = json.loads(response)
    woken["response"]["narrow"] = True
    log.add(timedelta(minutes=1), *others, json.dumps(woken))
    found = log.read()

    assert found.response is not None
    assert found.response["run_id"] == "run-1"


def test_a_response_that_the_log_holds_in_parts() -> None:
    """The parts of the latest sync are put together; the one before it is not mixed in."""
    log = FakeLog(per_page=2)
    for minutes, run_id in ((8, "run-1"), (3, "run-2")):
        (whole,) = a_run(a_report(a_router("tower-1"), a_router("tower-2")), run_id)
        for part in (1, 2):
            record = {**json.loads(whole), "part": part, "parts": 2}
            record["response"] = {**record["response"], "routers": record["response"]["routers"][part - 1 : part]}
            log.add(timedelta(minutes=minutes), json.dumps(record))
    found = log.read()

    assert found.response is not None
    assert found.response["run_id"] == "run-2"
    assert [router["name"] for router in found.response["routers"]] == ["tower-1", "tower-2"]


def test_the_page_of_a_failure() -> None:
    """A failure newer than the latest sync comes first, with its code in plain words; an older one is over."""
    failed = a_failed_run(CrmError(Code.CRM_UNAUTHORIZED, "401 at crm.example.com"))
    log, over = FakeLog(), FakeLog()
    log.add(timedelta(minutes=8), *a_run(a_report()))
    log.add(timedelta(minutes=3), *failed)
    over.add(timedelta(minutes=8), *failed)
    over.add(timedelta(minutes=3), *a_run(a_report()))
    text = Text(page(log.read(), SETTING, NOW, {})).text

    assert text.startswith("✖ Act:a run, 3 minutes ago, could not do its work. The CRM refused the API key (401):")
    assert "crm_unauthorized" in text
    assert [each.level for each in remarks(over.read(), SETTING, NOW, UTC)] == ["good"]


# --- what it says ----------------------------------------------------------------------------------------------------


def test_healthy() -> None:
    """With nothing to say it says so, and how old the news are."""
    text = shown(a_report())

    assert text.startswith("✔ Healthy:a sync ended 3 minutes ago; the routers are as the CRM says.")
    assert "took 2.4 s of 240" in text
    assert "50 subscribers and 51 services" in text
    assert "Open problemsNone." in text


def test_nothing_has_run_yet() -> None:
    """An empty log is a fault with a command, not an empty page."""
    text = Text(page(FakeLog().read(), SETTING, NOW, {})).text

    assert "the log holds no sync of the last 14 days" in text
    assert "--function-name stack-sync" in text


@pytest.mark.parametrize(("minutes", "level"), [(3, "good"), (15, "good"), (16, "bad"), (3000, "bad")])
def test_age(minutes: int, level: str) -> None:
    """A run that is older than the heartbeat alarm allows is a fault."""
    log = FakeLog()
    log.add(timedelta(minutes=minutes), *a_run(a_report()))
    (remark,) = remarks(log.read(), SETTING, NOW, UTC)

    assert remark.level == level
    assert timedelta(minutes=15) == STALE


def test_a_schedule_that_is_off() -> None:
    """Without a schedule no run is missed, but somebody should know that it is off."""
    log = FakeLog()
    log.add(timedelta(hours=5), *a_run(a_report()))
    (remark,) = remarks(
        log.read(), Setting("stack-sync", "eu-west-1", scheduled=False, timeout=240, coverage=50), NOW, UTC
    )

    assert (remark.level, str(remark.text)) == ("look", "the schedule is off; the latest sync ended 5 hours ago.")


@pytest.mark.parametrize(
    ("result", "level"),
    [
        (Result.APPLIED, "good"),
        (Result.FAILED, "bad"),
        (Result.UNANSWERED, "bad"),
        (Result.UNCONFIRMED, "look"),
        (Result.DEFERRED, "look"),
    ],
)
def test_each_result_is_judged(result: Result, level: str) -> None:
    """What became of the changes is said first: worst on top."""
    reason = "refused" if result is Result.FAILED else ""
    found = seen(a_report(a_router(outcomes=(Outcome(a_change(), result, reason),))))

    assert [each.level for each in remarks(found, SETTING, NOW, UTC)] == [level]


def test_the_worst_comes_first() -> None:
    """A failure is not below a remark."""
    outcomes = (Outcome(a_change(), Result.DEFERRED), Outcome(a_change(), Result.FAILED, "refused", "no permission"))
    found = seen(a_report(a_router(outcomes=outcomes), weakened=("router_os.ssl_verify",)))

    assert [each.level for each in remarks(found, SETTING, NOW, UTC)] == ["bad", "look", "look"]


def test_a_router_that_failed() -> None:
    """A router's error stands at the top and in its row, in plain words with the code."""
    error = RouterError(Code.ROUTER_LOGIN, "user sync at 10.0.0.1")
    text = shown(a_report(a_router(), RouterReport("tower-2", "enforce", error)))

    assert text.count("The router refused the login: user sync at 10.0.0.1 router_login") == 2
    assert text.startswith("✖ Act:router tower-2 failed.")


def test_weakened_connections_are_said() -> None:
    """A connection that is not verified is no healthy picture."""
    assert "connections are not verified: ucrm.ssl_verify." in shown(a_report(weakened=("ucrm.ssl_verify",)))


def test_the_fallback_address_is_said() -> None:
    """A CRM that was reached only at its address is told."""
    assert "at its fallback address" in shown(a_report(source="address"))


def test_a_withheld_plan() -> None:
    """The plan is shown with its reason, its changes, and the two commands with its id."""
    text = shown(a_report(withheld_router(12)))
    payloads = [json.loads(each) for each in re.findall(r"--payload '(.+?)'", text)]

    assert "waiting for your approval: 12 changes" in text
    assert "Withheld: 12 changes in 1 plan, waiting for your approval" in text
    assert "tower-1: disable, 12 changes" in text
    assert "too many at once" in text
    assert all(f"ABC{number:05}" in text for number in range(1, 13))
    assert "enabled → disabled" in text
    assert payloads == [{"action": "plan"}, {"action": "sync", "approve": ["9f036593ac695801"]}]


def test_a_long_plan() -> None:
    """Of a long plan the first rows are open, a hundred can be opened, and the rest is counted."""
    markup = html(a_report(withheld_router(180)))
    text = Text(markup)

    assert f"{ROWS[0] - OPEN} more" in text.text
    assert "And 80 that are not shown here" in text.text
    assert text.elements.count("details") == 1
    assert markup.count("<tr>") < 110


def test_an_observed_router() -> None:
    """Approving what a router that is only observed would get does nothing: that is said, and no command is offered."""
    text = shown(a_report(withheld_router(12, mode="observe")))

    assert "only observed, never written" in text
    assert "an approval writes nothing there" in text
    assert "waiting for your approval" not in text
    assert '"approve"' not in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (a_change(), "enabled → disabled"),
        (a_change(Kind.DROP, actual=None, desired=None), "online → session dropped"),
        (a_change(Kind.PROFILE, actual="10mbps", desired="30mbps"), "10mbps → 30mbps"),
        (a_change(Kind.REMOTE_ADDRESS, actual="", desired="10.0.0.9"), "none → 10.0.0.9"),
        (a_change(Kind.CREATE, actual=None, desired=a_new_secret()), "none → a secret with the profile 30mbps"),
        (a_change(Kind.PASSWORD, actual=a_new_secret().password, desired=a_new_secret().password), "*** → ***"),
    ],
    ids=lambda value: value.kind.value if not isinstance(value, str) else "",
)
def test_each_kind_of_change_in_words(change: Change, said: str) -> None:
    """Every kind is told as what it is and what it would be, passwords masked."""
    assert said in shown(a_report(a_router(**held([change]))))


def test_failures_are_listed() -> None:
    """Each failed change is a row with the router's words."""
    outcome = Outcome(a_change(Kind.PROFILE), Result.FAILED, "refused", "not enough permissions (9)")
    text = shown(a_report(a_router(outcomes=(outcome,))))

    assert "Changes that failed: 1" in text
    assert "another profile" in text
    assert "The router refused the change. refusedtower-1, another profile, not enough permissions (9): ABC1" in text


def test_problems_are_listed_in_plain_words() -> None:
    """Each reason is a row with its sentence, its code, its details and logins; the rare ones come first."""
    problems = (
        *(Problem(None, f"NEW{number}", Reason.TRANSITIONAL, "", number) for number in range(1, 30)),
        Problem("tower-1", "ZED1", Reason.PROFILE_MISSING, "30mbps", 77),
    )
    text = shown(a_report(problems=problems))

    assert "Open problems: 30" in text
    assert "The router has no profile of exactly the service's name. profile_missingtower-1, 30mbps: ZED1 #77" in text
    assert text.index("ZED1") < text.index("NEW1")


def test_more_problems_than_rows() -> None:
    """What is not shown is counted."""
    problems = tuple(Problem(None, f"NEW{number}", Reason.TRANSITIONAL, "", number) for number in range(500))

    text = shown(a_report(problems=problems))

    assert "Open problems: 500" in text
    assert "The response lists 200 of 500; the log has a line problem for each." in text


def test_subscribers_left_alone() -> None:
    """Whoever has no relation with a router is counted by reason: the answer to `nothing happens`."""
    text = shown(a_report(ignored={"numeric_custom_id": 348}))

    assert "The custom ID starts with a digit, and allow_numeric_custom_id is off." in text
    assert "348" in text


@pytest.mark.parametrize("reason", [*Reason, *Code])
def test_every_reason_has_words(reason: str) -> None:
    """No reason is shown as a bare code."""
    problems = [{"name": "X", "subscriber": 1, "router": None, "reason": reason, "detail": ""}]
    found = seen(a_report())
    assert found.response is not None
    response = {**found.response, "problems": problems, "problems_total": 1}

    assert "An unknown reason" not in page(Seen(NOW, response), SETTING, NOW, {})


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=119), "119 minutes ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(days=3), "3 days ago"),
    ],
)
def test_ages(span: timedelta, said: str) -> None:
    """An age is told in the unit that tells enough; a clock that is behind is no age."""
    assert ago(span) == said


# --- safe ------------------------------------------------------------------------------------------------------------


def hostile_report() -> Report:
    """Every text that comes from the CRM or a router tries to be markup."""
    change = a_change(Kind.PROFILE, HOSTILE, actual=HOSTILE, desired=HOSTILE, router=HOSTILE)
    plan = held([change])["plans"][0]
    return a_report(
        RouterReport(
            HOSTILE,
            "enforce",
            RouterError(Code.ROUTER_LOGIN, HOSTILE),
            outcomes=(Outcome(change, Result.WITHHELD), Outcome(change, Result.FAILED, "refused", HOSTILE)),
            plans=(plan,),
        ),
        problems=(Problem(HOSTILE, HOSTILE, Reason.PROFILE_MISSING, HOSTILE, 1),),
        weakened=(HOSTILE,),
    )


def test_subscriber_data_is_never_markup() -> None:
    """Whatever a name, a profile or a router's answer contains is shown as text: no element comes of it."""
    honest, hostile = (Text(html(report)) for report in (a_report(withheld_router(1)), hostile_report()))

    assert hostile.text.count("<script>alert(1)</script>\"'&") >= 10
    assert not {"script", "img", "iframe", "a", "svg"} & {*hostile.elements}
    assert hostile.attributes == honest.attributes == {"class"}


def test_a_failure_is_never_markup() -> None:
    """The text of an error is shown as text too."""
    log = FakeLog()
    log.add(timedelta(minutes=3), *a_failed_run(CrmError(Code.CRM_REFUSED, HOSTILE)))

    assert "script" not in Text(page(log.read(), SETTING, NOW, {})).elements


def test_no_letter_hides() -> None:
    """Letters that turn the direction, hide, or break the line are shown by their number."""
    assert (
        visible("abc\u202egnp\u200b\u2028\x00\ud800\n\u00e4\u4e2d")
        == "abc\\u202egnp\\u200b\\u2028\\x00\\ud800 \u00e4\u4e2d"
    )


def test_long_values_are_cut() -> None:
    """A value of thousands of letters does not push the rest out of sight."""
    long = re.findall("A{201,}", html(hostile_report()))

    assert [len(one) <= LONGEST_CAUSE for one in long] == [True], "only why the router failed is longer"


def test_no_scripts_and_nothing_from_elsewhere() -> None:
    """The page is self-contained: no script, no link, no address is fetched."""
    markup = html(hostile_report(), theme="dark", width=300)

    assert not re.search(r"<script|javascript:|url\(|@import|https?://|\son\w+=", markup.replace("&lt;", ""))


def test_the_only_markup_is_our_own() -> None:
    """Text that looks like markup is escaped, whether it comes as a text or inside another element."""
    inner = element("b", "<i>")

    assert inner == "<b>&lt;i&gt;</b>"
    assert joined(inner, "&") == "<b>&lt;i&gt;</b>&amp;"


@pytest.mark.parametrize("context", [{}, {"theme": "</style><script>", "width": 0}, {"theme": None, "width": None}])
def test_the_context_is_not_trusted(context: dict[str, Any]) -> None:
    """Nothing that the console sends becomes part of the page."""
    assert "script" not in html(a_report(), **context)


def test_themes() -> None:
    """The dashboard's theme wins over the browser's; where it is not known, the browser's counts."""
    themes = [
        re.findall(r'<div class="ppp (\w+)">', styled(element("p"), theme, 1200)) for theme in ("light", "dark", "")
    ]

    assert themes == [["light"], ["dark"], ["auto"]]


def test_contrast() -> None:
    """In both themes every colour of text stands out from what is behind it, as WCAG AA asks."""
    colours = re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\)", styled(element("p"), "light", 1200))
    light, dark = ({each[0]: each[theme] for each in colours} for theme in (1, 2))
    for palette in (light, dark):
        pairs = [("fg", "bg"), ("soft", "bg"), ("fg", "fill"), ("soft", "fill")]
        pairs += [(text, f"{level}bg") for level in ("good", "look", "bad") for text in ("fg", level)]
        for text, ground in pairs:
            assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)


def contrast(*colours: str) -> float:
    """The contrast ratio of two colours as WCAG defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted(map(luminance, colours))
    return (lighter + 0.05) / (darker + 0.05)


def test_narrow() -> None:
    """A widget of a phone's width shows rows as lists; a wide one does not; without a width the window decides."""
    narrow, wide, unknown = (styled(element("p"), "light", width) for width in (390, 1200, 0))

    assert ".ppp thead { display: none; }" in narrow
    assert "@media" not in narrow
    assert ".ppp thead { display: none; }" not in wide
    assert "@media (max-width: 700px) {" in unknown


def test_description() -> None:
    """What the console shows of the widget says that it changes nothing."""
    assert DESCRIPTION.startswith("## ")
    assert "neither starts a run nor changes anything" in DESCRIPTION
