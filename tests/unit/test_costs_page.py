"""The cost page counts what the code and the template really make."""

import re

from cfnlint.decode import cfn_yaml

from lab.local_aws.environment import ROOT
from pppsync.report.metrics import ROUTER_METRICS, RUN_METRICS


def counted(item: str) -> str:
    """The column `count` of an item of the first table."""
    page = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
    found = re.search(rf"^\| {item} \| ([^|]+) \|", page, re.MULTILINE)
    assert found
    return found[1]


def test_metrics_are_counted() -> None:
    """Those of a run, those of the sum over all routers, and the same for each router: every one costs money."""
    always = len(RUN_METRICS) + len(ROUTER_METRICS)

    assert counted("metrics") == f"{always} + {len(ROUTER_METRICS)} R"


def test_alarms_and_dashboards_are_counted() -> None:
    """A new alarm or dashboard changes the page."""
    resources = cfn_yaml.load(str(ROOT / "template.yaml"))["Resources"].values()
    types = [each["Type"] for each in resources]

    assert counted("alarms") == str(types.count("AWS::CloudWatch::Alarm"))
    assert counted("dashboard") == str(types.count("AWS::CloudWatch::Dashboard"))
