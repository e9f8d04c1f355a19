"""Exactly the metrics that the alarms and the dashboard ask for, and no other dimension."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pppsync.core.census import Census
from pppsync.core.change import Kind
from pppsync.core.hold import Hold
from pppsync.core.outcome import Outcome, Result
from pppsync.core.reasons import Problem, Reason
from pppsync.errors import Code, RouterError
from pppsync.report import metrics
from pppsync.report.response import Report
from pppsync.report.router_row import RouterReport
from tests.builders import a_change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pppsync.core.change import Change

RUN = {
    "Subscribers": "Count",
    "Services": "Count",
    "Coverage": "Percent",
    "RunSeconds": "Seconds",
    "RunsSucceeded": "Count",
    "RoutersFailed": "Count",
    "Problems": "Count",
    "Unconfirmed": "Count",
    "JournalFailures": "Count",
}
ROUTER = dict.fromkeys(
    (
        *("ManagedSecrets", "ChangesApplied", "ChangesFailed", "ChangesWithheld"),
        *("SuspendedOnline", "UnmatchedOnline", "PaidRestricted"),
    ),
    "Count",
)


@dataclass(frozen=True)
class Published:
    """One record of the embedded metric format."""

    dimensions: list[dict[str, str]]
    units: Mapping[str, str]
    values: Mapping[str, float]


def a_report(*routers: RouterReport, problems: tuple[Problem, ...] = ()) -> Report:
    """A sync of 7 subscribers with 9 services."""
    return Report("sync", "domain", 7, 9, {}, routers, problems, coverage=98.8)


def a_router(
    name: str, *results: Result, census: Census | None = None, error: RouterError | None = None
) -> RouterReport:
    """A router with one change for each result."""
    changes: list[Change] = [a_change(Kind.DISABLE, f"ABC{number}") for number in range(len(results))]
    outcomes = tuple(Outcome(change, result) for change, result in zip(changes, results, strict=True))
    return RouterReport(name, "enforce", error, census or Census(), tuple(changes), outcomes)


def published(
    capsys: pytest.CaptureFixture[str], report: Report, function: str = "stack-sync", seconds: float = 2.5
) -> list[Published]:
    """The records that CloudWatch reads from the log."""
    metrics.publish(report, function_name=function, seconds=seconds)
    return [_record(json.loads(line)) for line in capsys.readouterr().out.splitlines()]


def _record(record: dict[str, Any]) -> Published:
    (directive,) = record["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "UnmsRosSync"
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    sets = [{name: record[name] for name in names} for names in directive["Dimensions"]]
    named = {name for names in directive["Dimensions"] for name in names}
    assert record.keys() == {"_aws"} | units.keys() | named, "nothing but metrics and dimensions"
    return Published(sets, units, {name: _only(record[name]) for name in units})


def _only(values: list[float]) -> float:
    (value,) = values
    return value


@pytest.mark.parametrize("service", [None, "another"])
@pytest.mark.parametrize("name", ["POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"])
def test_names_units_and_dimensions_are_those_of_the_alarms(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, service: str | None
) -> None:
    """Whatever the environment says of a service: an alarm on another dimension would never ring."""
    monkeypatch.delenv(name, raising=False)
    if service:
        monkeypatch.setenv(name, service)
    run, tower, hill = published(capsys, a_report(a_router("tower"), a_router("hill")))
    assert (run.dimensions, run.units) == ([{"FunctionName": "stack-sync"}], RUN)
    for record, router in ((tower, "tower"), (hill, "hill")):
        assert record.units == ROUTER
        assert record.dimensions == [
            {"FunctionName": "stack-sync"},
            {"FunctionName": "stack-sync", "Router": router},
        ]


def test_zeros_are_published(capsys: pytest.CaptureFixture[str]) -> None:
    """A metric that is missing cannot be told from a function that does not run."""
    run, router = published(capsys, a_report(a_router("tower")))
    assert run.values == {
        "Subscribers": 7,
        "Services": 9,
        "Coverage": 98.8,
        "RunSeconds": 2.5,
        "RunsSucceeded": 1,
        "RoutersFailed": 0,
        "Problems": 0,
        "Unconfirmed": 0,
        "JournalFailures": 0,
    }
    assert router.values == dict.fromkeys(ROUTER, 0)


def test_every_result_is_counted_where_it_belongs(capsys: pytest.CaptureFixture[str]) -> None:
    """What went unanswered counts as failed; what was left to the next run as nothing."""
    results = [
        *[Result.APPLIED] * 6,
        *[Result.FAILED] * 2,
        *[Result.UNANSWERED] * 3,
        *[Result.WITHHELD] * 5,
        *[Result.UNCONFIRMED] * 4,
        *[Result.DEFERRED] * 9,
    ]
    census = Census(
        secrets=100, managed=90, managed_enabled=80, unmatched_online=4, suspended_online=8, paid_restricted=3
    )
    run, router = published(capsys, a_report(a_router("tower", *results, census=census)))
    assert router.values == {
        "ManagedSecrets": 90,
        "ChangesApplied": 6,
        "ChangesFailed": 5,
        "ChangesWithheld": 5,
        "SuspendedOnline": 8,
        "UnmatchedOnline": 4,
        "PaidRestricted": 3,
    }
    assert (run.values["Unconfirmed"], run.values["RoutersFailed"]) == (4, 0)


def test_nothing_waits_on_an_observed_router(capsys: pytest.CaptureFixture[str]) -> None:
    """Section 8: `ChangesWithheld` counts written routers only, for on an observed one an approval changes nothing."""
    observed = replace(a_router("tower", Result.WITHHELD), mode="observe")
    _, router = published(capsys, a_report(observed))
    assert router.values["ChangesWithheld"] == 0


def test_nothing_waits_on_a_router_on_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """G15: the same for a router on hold; the alarm rings when the hold has ended and the plan still waits."""
    hold = Hold(datetime(2026, 11, 25, tzinfo=UTC), "anna", "the tower moves")
    _, router = published(capsys, a_report(replace(a_router("tower", Result.WITHHELD), hold=hold)))
    assert router.values["ChangesWithheld"] == 0


def test_a_coverage_that_is_not_known_is_not_published(capsys: pytest.CaptureFixture[str]) -> None:
    """G15: where nobody has a service that counts there is no share of anything."""
    run, *_ = published(capsys, replace(a_report(), coverage=None))
    assert "Coverage" not in run.values


def test_a_router_that_failed_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """The run itself succeeded: the CRM was read, and every router was tried."""
    down = a_router("tower", error=RouterError(Code.ROUTER_UNREACHABLE, "refused"))
    problems = (Problem("tower", "ABC1", Reason.PROFILE_MISSING), Problem(None, None, Reason.NOTHING_MANAGED))
    run, *routers = published(capsys, a_report(down, a_router("hill"), problems=problems))
    assert (run.values["RoutersFailed"], run.values["RunsSucceeded"], run.values["Problems"]) == (1, 1, 2)
    assert len(routers) == 2


def test_one_run_does_not_add_to_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    """A warm function keeps its modules, and must not keep its counts."""
    report = a_report(a_router("tower", Result.APPLIED))
    assert published(capsys, report) == published(capsys, report)


def test_two_stacks_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """Else one that runs would hide one that does not."""
    names = {one.dimensions[0]["FunctionName"] for each in ("a", "b") for one in published(capsys, a_report(), each)}
    assert names == {"a", "b"}


def test_no_subscriber_has_a_metric(capsys: pytest.CaptureFixture[str]) -> None:
    """Each value of a dimension is a metric, and each metric costs money."""
    router = a_router("tower", *[Result.APPLIED] * 300)
    metrics.publish(a_report(router, problems=(Problem("tower", "ABC77", Reason.MOVED),)), function_name="f", seconds=1)
    out = capsys.readouterr().out
    assert "ABC" not in out
    assert len(out.splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "shown"), [("mästen", "m\\xe4sten"), ("вышка", "\\u0432\\u044b\\u0448\\u043a\\u0430")]
)
def test_a_dimension_is_ascii(capsys: pytest.CaptureFixture[str], name: str, shown: str) -> None:
    """CloudWatch drops a metric whose dimension is not."""
    _, router = published(capsys, a_report(a_router(name)))
    assert router.dimensions[1]["Router"] == shown
