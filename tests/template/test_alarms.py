"""The alarms: what they watch, when they ring, and that each says what to do; their texts are in test_dashboard."""

import json
import re
from typing import Any

import pytest

from pppsync.report import metrics

OWN = metrics.NAMESPACE
SYNC = [{"Name": "FunctionName", "Value": "SyncFunction"}]
QUEUE = [{"Name": "QueueName", "Value": "DeadLetterQueue.QueueName"}]
ABOVE = "GreaterThanThreshold"

# alarm: namespace, metric, dimensions, statistic, comparison, threshold, datapoints, periods, missing data
ALARMS = {
    "NoSuccessfulRunAlarm": (OWN, "RunsSucceeded", SYNC, "Sum", "LessThanThreshold", 1, 3, 3, "breaching"),
    "RoutersFailedAlarm": (OWN, "RoutersFailed", SYNC, "Sum", ABOVE, 0, 2, 3, "notBreaching"),
    "ChangesFailedAlarm": (OWN, "ChangesFailed", SYNC, "Sum", ABOVE, 0, 2, 3, "notBreaching"),
    "SuspendedOnlineAlarm": (OWN, "SuspendedOnline", SYNC, "Sum", ABOVE, 0, 2, 3, "notBreaching"),
    "PaidRestrictedAlarm": (OWN, "PaidRestricted", SYNC, "Sum", ABOVE, 0, 2, 3, "notBreaching"),
    "ChangesWithheldAlarm": (OWN, "ChangesWithheld", SYNC, "Sum", ABOVE, 0, 1, 1, "notBreaching"),
    "JournalFailuresAlarm": (OWN, "JournalFailures", SYNC, "Sum", ABOVE, 0, 3, 3, "notBreaching"),
    "LowCoverageAlarm": (OWN, "Coverage", SYNC, "Minimum", "LessThanThreshold", "50", 3, 3, "notBreaching"),
    "SyncErrorsAlarm": ("AWS/Lambda", "Errors", SYNC, "Sum", ABOVE, 0, 1, 1, "notBreaching"),
    "SlowRunAlarm": ("AWS/Lambda", "Duration", SYNC, "Maximum", ABOVE, 168000, 1, 1, "notBreaching"),
    "DeadLetterAlarm": ("AWS/SQS", "NumberOfMessagesSent", QUEUE, "Sum", ABOVE, 0, 1, 1, "notBreaching"),
}


def test_alarms_are_these(deployed: Any) -> None:
    """No alarm is missing here, so that none is without its test."""
    resources = deployed()["Resources"]

    assert {name for name, each in resources.items() if each["Type"] == "AWS::CloudWatch::Alarm"} == set(ALARMS)


@pytest.mark.parametrize(("name", "expected"), ALARMS.items(), ids=list(ALARMS))
def test_each_alarm_watches_its_metric_in_periods_of_five_minutes(
    deployed: Any, name: str, expected: tuple[Any, ...]
) -> None:
    """Each alarm watches its metric in periods of five minutes."""
    alarm = deployed()["Resources"][name]["Properties"]
    keys = (
        *("Namespace", "MetricName", "Dimensions", "Statistic", "ComparisonOperator", "Threshold"),
        *("DatapointsToAlarm", "EvaluationPeriods", "TreatMissingData"),
    )

    assert tuple(alarm[key] for key in keys) == expected
    assert alarm["Period"] == 300


@pytest.mark.parametrize("name", ALARMS)
def test_alarm_tells_what_to_do(deployed: Any, name: str) -> None:
    """Each alarm says what it means and the remedy, and is published."""
    alarm = deployed()["Resources"][name]["Properties"]
    meaning, _, remedy = alarm["AlarmDescription"].partition("Remedy: ")

    assert len(meaning) > 50
    assert len(remedy) > 50
    assert alarm["AlarmActions"] == ["AlarmTopic"]


def test_withheld_changes_carry_their_commands(deployed: Any) -> None:
    """The alarm on withheld changes holds the command that prints the plan and the one that approves it."""
    alarm = deployed()["Resources"]["ChangesWithheldAlarm"]["Properties"]
    commands = re.findall(r"aws lambda invoke .*? --payload '(.+?)' \w+\.json", alarm["AlarmDescription"])

    assert [json.loads(payload) for payload in commands] == [{"action": "plan"}, {"approve": ["PLAN_ID"]}]
    assert alarm["AlarmDescription"].count("--function-name SyncFunction") == 2


def test_a_lost_notice_is_explained(deployed: Any) -> None:
    """The alarm that rings for a notice that could not be sent says so, and how to see what waits."""
    text = deployed()["Resources"]["DeadLetterAlarm"]["Properties"]["AlarmDescription"]

    assert "the notice of a withheld plan could not be sent" in text
    assert "(stack-notify) ask for a plan" in text


def test_no_run_is_missed_while_the_schedule_is_off(deployed: Any) -> None:
    """No run is missed while the schedule is off."""
    on = deployed()["Resources"]["NoSuccessfulRunAlarm"]["Properties"]
    off = deployed(ScheduleState="DISABLED")["Resources"]["NoSuccessfulRunAlarm"]["Properties"]

    assert on["ActionsEnabled"] is True
    assert off["ActionsEnabled"] is False


def test_slow_run_follows_the_timeout(deployed: Any) -> None:
    """A run is slow above 70 % of every timeout that may be chosen."""
    for seconds in deployed()["Parameters"]["SyncTimeout"]["AllowedValues"]:
        alarm = deployed(SyncTimeout=str(seconds))["Resources"]["SlowRunAlarm"]["Properties"]

        assert alarm["Threshold"] == round(seconds * 1000 * 0.7)


def test_coverage_follows_its_parameter(deployed: Any) -> None:
    """The threshold and the text of the alarm say the percentage that was chosen; 0 to 100 may be."""
    alarm = deployed(CoverageAlarm="80")["Resources"]["LowCoverageAlarm"]["Properties"]
    declared = deployed()["Parameters"]["CoverageAlarm"]

    assert alarm["Threshold"] == "80"
    assert "less than 80 % of the subscribers" in alarm["AlarmDescription"]
    assert (declared["Type"], declared["MinValue"], declared["MaxValue"]) == ("Number", 0, 100)


def test_low_coverage_names_what_to_look_at(deployed: Any) -> None:
    """The alarm names the line of `check` that counts the ignored, the commonest reason and its setting."""
    text = deployed()["Resources"]["LowCoverageAlarm"]["Properties"]["AlarmDescription"]

    assert all(word in text for word in ("crm.managed", "numeric_custom_id", "policy.allow_numeric_custom_id"))


def test_topic_can_be_published_to(deployed: Any) -> None:
    """The topic is encrypted with a key that CloudWatch may use; with the one AWS manages for SNS no alarm arrives."""
    resources = deployed()["Resources"]
    key = resources[resources["AlarmTopic"]["Properties"]["KmsMasterKeyId"]]["Properties"]
    (cloudwatch,) = (
        each for each in key["KeyPolicy"]["Statement"] if each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    )

    assert cloudwatch["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert cloudwatch["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert key["EnableKeyRotation"] is True


def test_email_is_optional(deployed: Any) -> None:
    """Alarms go to an address only if one was given."""
    subscribed = deployed(AlarmEmail="noc@example.com")["Resources"]["AlarmSubscription"]["Properties"]

    assert "AlarmSubscription" not in deployed()["Resources"]
    assert subscribed == {"TopicArn": "AlarmTopic", "Protocol": "email", "Endpoint": "noc@example.com"}
