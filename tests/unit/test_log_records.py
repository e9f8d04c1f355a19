"""One record for each thing that somebody may have to look up, in JSON, and never a password."""

from __future__ import annotations

import io
import json
import logging
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import urllib3
from aws_lambda_powertools import Logger

from pppsync.core.approval import Approval
from pppsync.core.change import Kind
from pppsync.core.guard import WithheldPlan
from pppsync.core.masked import MASK, Masked
from pppsync.core.outcome import Outcome, Result
from pppsync.core.reasons import Problem, Reason
from pppsync.errors import Code, ConfigurationError, CrmError, RouterError, SyncError
from pppsync.report import log_records, log_setup
from pppsync.report.holds import HoldAnswer
from pppsync.report.response import Report
from pppsync.report.router_row import RouterReport
from tests.builders import a_change, a_new_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from pppsync.core.change import Change


class Log:
    """A logger as the functions have it, and what it wrote."""

    def __init__(self) -> None:
        self._stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        self.logger = Logger(service="test", stream=self._stream, level="INFO", log_uncaught_exceptions=False)

    @property
    def text(self) -> str:
        """Everything written."""
        self._stream.flush()
        self._stream.seek(0)
        return self._stream.read()

    def records(self, message: str | None = None) -> list[dict[str, Any]]:
        """The records, or those with this message."""
        found = [json.loads(line) for line in self.text.splitlines()]
        return [one for one in found if message in {None, one["message"]}]


@pytest.fixture
def log() -> Iterator[Log]:
    """A logger of its own: loggers of one name share their handlers."""
    found = Log()
    yield found
    for handler in list(found.logger.handlers):
        logging.getLogger("test").removeHandler(handler)
    logging.Logger.manager.loggerDict.pop("test", None)


def a_report(*outcomes: Outcome, **other: Any) -> Report:
    """A sync of one router with these outcomes."""
    changes = tuple(one.change for one in outcomes)
    router = RouterReport("tower-1", "enforce", planned=changes, outcomes=outcomes)
    return replace(Report("sync", "domain", 1, 1, {}, (router,), ()), **other)


def recorded(log: Log, report: Report) -> Log:
    """The log of a run with this report."""
    log_records.record(log.logger, report, report.document(run_id="r-1", exclusive=True, duration_ms=1))
    return log


def a_password_change(before: str = "old-s3cret", after: str = "new-s3cret") -> Change:
    """Another password for a secret."""
    return a_change(Kind.PASSWORD, actual=Masked(before), desired=Masked(after))


def test_every_change_is_one_record(log: Log) -> None:
    """Who, what, from what to what, and what became of it."""
    outcome = Outcome(a_change(Kind.PROFILE), Result.APPLIED, dropped=2)
    (record,) = recorded(log, a_report(outcome)).records("change")
    assert (record["router"], record["run_id"], record["level"]) == ("tower-1", "r-1", "INFO")
    change = record["change"]
    assert (change["name"], change["kind"], change["field"]) == ("ABC1", "profile", "profile")
    assert (change["actual"], change["desired"], change["result"]) == ("10mbps", "30mbps", "applied")
    assert (change["sessions_dropped"], change["subscriber"]) == (2, 1)


def test_the_whole_response_is_one_record(log: Log) -> None:
    """What the caller of an asynchronous run would not see."""
    report = a_report(Outcome(a_change(), Result.APPLIED))
    (record,) = recorded(log, report).records("response")
    assert record["response"] == report.document(run_id="r-1", exclusive=True, duration_ms=1)
    assert "by" not in record


def test_the_record_names_who_asked(log: Log) -> None:
    """Section 7: `by` stands in the record of the response, also a text with half a character."""
    report = a_report()
    response = report.document(run_id="r-1", exclusive=True, duration_ms=1)
    log_records.record(log.logger, report, response, "anna \udce9")
    (record,) = log.records("response")
    assert (record["by"], record["response"]) == ("anna \\udce9", response)


@pytest.mark.parametrize(("by", "named"), [("anna \udce9", "anna \\udce9"), ("", "unknown")])
def test_the_records_name_who_approved(log: Log, by: str, named: str) -> None:
    """G4: the approval says who gave it, and so does each change that it let pass, whatever became of it; no other."""
    cut, late, own = (a_change(Kind.DISABLE, name) for name in ("ABC1", "ABC2", "ABC3"))
    outcomes = (Outcome(cut, Result.APPLIED), Outcome(late, Result.DEFERRED), Outcome(own, Result.APPLIED))
    report = a_report(*outcomes, approvals=(Approval("0" * 16, "applied", 2),), released=frozenset({cut.key, late.key}))
    log_records.record(log.logger, report, report.document(run_id="r-1", exclusive=True, duration_ms=1), by)
    (approval,) = log.records("approval")

    assert approval.get("by", "unknown") == named
    assert ("by" in approval) is bool(by)
    told = {one["change"]["name"]: one["change"].get("approved_by") for one in log.records("change")}
    assert told == {"ABC1": named, "ABC2": named, "ABC3": None}


def test_a_long_response_leaves_its_changes_to_their_own_records(log: Log) -> None:
    """CloudWatch cuts a record at 256 kB, so a response above 200,000 characters is recorded without `changes`."""
    router = {"name": "tower-1", "changes": ["x" * 1000] * 200}
    log_records.record(log.logger, a_report(), {"run_id": "r-1", "ok": True, "routers": [router]})
    (record,) = log.records("response")
    assert record["response"] == {"run_id": "r-1", "ok": True, "routers": [{"name": "tower-1", "changes": []}]}


def test_each_approved_id_is_one_record(log: Log) -> None:
    """G4: what became of an id that somebody approved can be looked up."""
    report = a_report(approvals=(Approval("0" * 16, "applied", 3, 1),))
    (record,) = recorded(log, report).records("approval")
    expected = {"plan_id": "0" * 16, "result": "applied", "released": 3, "gone": 1, "now": None}
    assert record["approval"] == expected


def test_an_answer_that_is_no_run_leaves_its_response_alone(log: Log) -> None:
    """`hold` changes nothing on a router, so there is nothing else to record."""
    answer = HoldAnswer("hold", {"tower-1": None})
    response = answer.document(run_id="r-1", exclusive=True, duration_ms=1)
    log_records.record(log.logger, answer, response)
    assert [one["message"] for one in log.records()] == ["response"]
    assert log.records()[0]["response"] == response


def test_no_record_shows_a_password(log: Log) -> None:
    """Of a change, a create, or anything masked that a record is given by mistake (G10)."""
    secret = a_new_secret(password="created-s3cret")
    outcomes = [
        Outcome(a_password_change(), Result.APPLIED),
        Outcome(a_password_change(), Result.FAILED, "refused", "no"),
        Outcome(a_change(Kind.CREATE, desired=secret), Result.APPLIED),
    ]
    log.logger.warning("mistake", extra={"password": Masked("masked-s3cret"), "secret": secret})
    log.logger.error("raised", exc_info=CrmError(Code.CRM_FAILING, str(Masked("raised-s3cret"))))
    text = recorded(log, a_report(*outcomes)).text
    assert "s3cret" not in text
    assert MASK in text


def test_problems_are_warnings(log: Log) -> None:
    """One record each, with the reason that the manual explains."""
    problems = (
        Problem("tower-1", "ABC7", Reason.PROFILE_MISSING, "30mbps", 7),
        Problem(None, None, Reason.NOTHING_MANAGED),
    )
    records = recorded(log, a_report(problems=problems)).records("problem")
    assert [(one["level"], one["problem"]["reason"]) for one in records] == [
        ("WARNING", "profile_missing"),
        ("WARNING", "nothing_managed"),
    ]
    assert records[0]["problem"]["subscriber"] == 7


def test_every_weakened_setting_is_told_at_every_run(log: Log) -> None:
    """Nobody should forget that a connection is open to somebody in between (G9)."""
    weakened = ("routers.tower-1.ssl_verify", "ucrm.ssl_verify")
    records = recorded(log, a_report(weakened=weakened)).records("A connection is not verified")
    assert [(one["level"], one["setting"]) for one in records] == [("WARNING", path) for path in weakened]


def test_a_router_that_failed_is_an_error(log: Log) -> None:
    """With the code that an alarm can filter by."""
    router = RouterReport("tower-1", "enforce", RouterError(Code.ROUTER_LOGIN, "refused"))
    (record,) = recorded(log, a_report(routers=(router,))).records("router failed")
    assert (record["level"], record["error"]) == ("ERROR", {"reason": "router_login", "detail": "refused"})


def test_what_is_withheld_is_told_with_its_plan(log: Log) -> None:
    """The id that approves it."""
    change = a_change()
    plan = WithheldPlan("9f036593ac695801", "tower-1", Kind.DISABLE, (change,), "12 of 40")
    router = RouterReport(
        "tower-1", "enforce", planned=(change,), outcomes=(Outcome(change, Result.WITHHELD),), plans=(plan,)
    )
    recorded(log, a_report(routers=(router,)))
    (record,) = log.records("withheld")
    assert record["withheld"] == {"plan_id": "9f036593ac695801", "kind": "disable", "reason": "12 of 40"}
    (change_record,) = log.records("change")
    assert (change_record["change"]["result"], change_record["change"]["plans"]) == ("withheld", ["9f036593ac695801"])


def test_a_withheld_flood_is_cut(log: Log) -> None:
    """A plan of 10,000 changes waits for days, and each run would write them all; done changes are all written."""
    outcomes = [
        Outcome(a_change(name=f"W{number}"), Result.WITHHELD) for number in range(log_records.WITHHELD_CHANGES + 50)
    ]
    outcomes += [Outcome(a_change(name=f"A{number}"), Result.APPLIED) for number in range(300)]
    names = [one["change"]["name"] for one in recorded(log, a_report(*outcomes)).records("change")]
    assert sum(name.startswith("W") for name in names) == log_records.WITHHELD_CHANGES
    assert sum(name.startswith("A") for name in names) == 300


@pytest.mark.parametrize("raw", ["p\udce4ss", "\udcff", "žluť", "line\nbreak", "\x00"])
def test_bytes_of_a_router_that_are_no_utf8_spoil_no_record(log: Log, raw: str) -> None:
    """WinBox writes code pages; a record that cannot be encoded is a record that is lost."""
    outcomes = [
        Outcome(a_change(Kind.PROFILE, name=f"ABC{raw}", actual=raw, desired="30mbps"), Result.FAILED, "refused", raw)
    ]
    problem = Problem("tower-1", f"former {raw}", Reason.FORMER_LOGIN, raw)
    routers = (RouterReport("tower-1", "enforce", RouterError(Code.ROUTER_CLOSED, raw), outcomes=tuple(outcomes)),)
    recorded(log, a_report(routers=routers, problems=(problem,)))
    assert [one["message"] for one in log.records()] == ["change", "router failed", "problem", "response"]


class Context:
    """As much of Lambda's context as a failure needs."""

    aws_request_id = "r-7"


def failing(log: Log, error: Exception, asked: object = None) -> dict[str, Any] | None:
    """The record that a handler leaves that raises this."""

    @log_setup.failures(log.logger)
    def handler(event: object, context: LambdaContext) -> None:
        del event, context
        raise error

    context: Any = Context()
    with pytest.raises(type(error)) as caught:
        handler(asked, context)
    assert caught.value is error
    return next(iter(log.records("failed")), None)


@pytest.mark.parametrize(
    "error",
    [CrmError(Code.CRM_EMPTY, "none"), ConfigurationError(["ucrm: is missing"]), SyncError(Code.CRM_TLS, "\udcff")],
)
def test_a_run_that_could_do_nothing_leaves_one_record(log: Log, error: SyncError) -> None:
    """With the code, and the error goes on to Lambda."""
    record = failing(log, error)
    assert record is not None
    assert (record["level"], record["run_id"], record["error"]["reason"]) == ("ERROR", "r-7", error.code)


@pytest.mark.parametrize(
    ("event", "action"), [({"action": "plan"}, "plan"), ({}, None), ({"action": 7}, None), ("plan", None)]
)
def test_a_failed_run_names_its_action(log: Log, event: object, action: str | None) -> None:
    """A failed plan is told from a failed sync; an event that names no action leaves none."""
    record = failing(log, CrmError(Code.CRM_EMPTY, "none"), event)

    assert record is not None
    assert record.get("action") == action


def test_a_defect_is_not_dressed_up(log: Log) -> None:
    """Lambda logs it with its trace."""
    assert failing(log, KeyError("x")) is None


def test_third_parties_are_quiet_whatever_the_root_logger_says() -> None:
    """That of RouterOS logs every word, botocore every answer (G10)."""
    before = {name: logging.getLogger(name).level for name in log_setup.THIRD_PARTIES}
    root = logging.getLogger()
    root_level = root.level
    try:
        root.setLevel(logging.DEBUG)
        log_setup.quieten_third_parties()
        for name in (
            "librouteros",
            "botocore.parsers",
            "botocore.endpoint",
            "boto3.resources",
            "urllib3.connectionpool",
        ):
            assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)
    finally:
        root.setLevel(root_level)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def test_a_connection_that_is_not_verified_is_warned_of_once_and_by_us() -> None:
    """urllib3's own warning would come at every request, without naming the setting."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        log_setup.quieten_third_parties()
        warnings.warn("x", urllib3.exceptions.InsecureRequestWarning, stacklevel=1)
