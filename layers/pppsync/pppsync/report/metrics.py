"""Report -> CloudWatch, in the embedded metric format; every metric's name and unit stands in the tables here.

Each metric carries the dimension `FunctionName`, so that two stacks in one account do not hide each other; what
belongs to a router is published under `FunctionName` and again under `FunctionName` and `Router`. There is no
dimension for subscribers: each value of a dimension is a metric, and each metric costs money.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from pppsync.core.outcome import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from pppsync.report.response import Report
    from pppsync.report.router_row import RouterReport

NAMESPACE: Final = "UnmsRosSync"
RUN_METRICS: Final = {
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
ROUTER_METRICS: Final = {
    "ManagedSecrets": "Count",
    "ChangesApplied": "Count",
    "ChangesFailed": "Count",
    "ChangesWithheld": "Count",
    "SuspendedOnline": "Count",
    "UnmatchedOnline": "Count",
    "PaidRestricted": "Count",
}


def publish(report: Report, *, function_name: str, seconds: float) -> None:
    """Write the metrics of one sync that ended; CloudWatch reads them from the log."""
    unconfirmed = sum(router.count(Result.UNCONFIRMED).total() for router in report.routers)
    values = {
        "Subscribers": report.subscribers,
        "Services": report.services,
        "RunSeconds": seconds,
        "RunsSucceeded": 1,
        "RoutersFailed": sum(router.error is not None for router in report.routers),
        "Problems": len(report.problems),
        "Unconfirmed": unconfirmed,
        "JournalFailures": report.journal_failures,
    }
    if report.coverage is not None:
        values["Coverage"] = report.coverage
    _emit(values, RUN_METRICS, function_name)
    for router in report.routers:
        _emit({name: read(router) for name, read in _ROUTER_VALUES.items()}, ROUTER_METRICS, function_name, router.name)


_ROUTER_VALUES: Final[dict[str, Callable[[RouterReport], int]]] = {
    "ManagedSecrets": lambda router: router.census.managed,
    "ChangesApplied": lambda router: router.count(Result.APPLIED).total(),
    # Unanswered counts too: nobody knows what became of it until the next run.
    "ChangesFailed": lambda router: router.count(Result.FAILED).total() + router.count(Result.UNANSWERED).total(),
    # Nothing waits for an approval on a router that is not written.
    "ChangesWithheld": lambda router: (
        router.count(Result.WITHHELD).total() if router.mode == "enforce" and router.hold is None else 0
    ),
    "SuspendedOnline": lambda router: router.census.suspended_online,
    "UnmatchedOnline": lambda router: router.census.unmatched_online,
    "PaidRestricted": lambda router: router.census.paid_restricted,
}


def _emit(values: dict[str, float], units: dict[str, str], function_name: str, router: str | None = None) -> None:
    emf = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
    emf.service = ""  # else the service's name becomes a dimension that no alarm asks for
    emf.add_dimension("FunctionName", function_name)
    if router is not None:
        # CloudWatch takes dimension values of ASCII only.
        emf.add_dimensions(FunctionName=function_name, Router=router.encode("ascii", "backslashreplace").decode())
    for name, value in values.items():
        emf.add_metric(name, units[name], value)
    emf.flush_metrics()
