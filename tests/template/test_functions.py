"""What both functions are deployed with."""

import json
from typing import Any

import pytest

FUNCTIONS = ("SyncFunction", "PassImportFunction")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_both_functions_run_python_3_13_on_arm64_with_the_layer(deployed: Any, function: str) -> None:
    """Both functions are Python 3.13 on arm64, JSON logs, active tracing, with the one layer."""
    resources = deployed()["Resources"]
    properties = resources[function]["Properties"]
    (layer,) = properties["Layers"]

    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == ["arm64"]
    assert properties["Handler"] == "app.lambda_handler"
    assert properties["LoggingConfig"] == {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}
    assert properties["TracingConfig"] == {"Mode": "Active"}
    assert resources[layer]["Type"] == "AWS::Lambda::LayerVersion"


def test_the_widget_has_no_layer(deployed: Any) -> None:
    """The widget shares no code with a sync: it runs without the layer, on the same Python and processor."""
    properties = deployed()["Resources"]["WidgetFunction"]["Properties"]

    assert "Layers" not in properties
    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == ["arm64"]


@pytest.mark.parametrize(("function", "source"), [("SyncFunction", "sync"), ("PassImportFunction", "pass_import")])
def test_each_function_is_built_from_its_own_folder(deployed: Any, function: str, source: str) -> None:
    """Each function is built from its own folder: the code of neither is in the other."""
    properties = deployed()["Resources"][function]["Properties"]

    assert properties["Code"]["S3Key"] == f"functions/{source}/"


def test_layer_is_built_for_the_functions_processor(deployed: Any) -> None:
    """SAM builds a layer for x86_64 unless told: functions on arm64 would then fail on a compiled module."""
    for architecture in ("arm64", "x86_64"):
        template = deployed(Architecture=architecture)
        (layer,) = (each for each in template["Resources"].values() if each["Type"] == "AWS::Lambda::LayerVersion")

        assert template["Metadata"]["Layer"] == {"BuildMethod": "python3.13", "BuildArchitecture": architecture}
        assert layer["Properties"]["CompatibleArchitectures"] == [architecture]
        assert layer["Properties"]["CompatibleRuntimes"] == ["python3.13"]


def test_functions_know_where_their_configuration_is_and_nothing_secret(deployed: Any) -> None:
    """The functions learn where their configuration is, and nothing secret; nothing secret goes into a trace."""
    both = {
        "CONFIG_SECRET_ARN": "ConfigSecret.Id",
        "JOURNAL_BUCKET": "JournalBucket",
        "POWERTOOLS_SERVICE_NAME": "stack",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "POWERTOOLS_METRICS_NAMESPACE": "UnmsRosSync",
        "POWERTOOLS_TRACER_CAPTURE_RESPONSE": "false",
        "POWERTOOLS_TRACER_CAPTURE_ERROR": "false",
    }
    resources = deployed()["Resources"]

    assert resources["PassImportFunction"]["Properties"]["Environment"] == {"Variables": both}
    assert resources["SyncFunction"]["Properties"]["Environment"] == {
        "Variables": {**both, "RESERVED_CONCURRENCY": "true"},
    }


def test_concurrency_is_reserved_for_sync_alone(deployed: Any) -> None:
    """Reserved concurrency 1 for the sync alone; where an account cannot reserve, it is off and the function knows."""
    exclusive = deployed()["Resources"]
    overlapping = deployed(ReserveConcurrency="false")["Resources"]["SyncFunction"]["Properties"]

    assert exclusive["SyncFunction"]["Properties"]["ReservedConcurrentExecutions"] == 1
    assert "ReservedConcurrentExecutions" not in exclusive["PassImportFunction"]["Properties"]
    assert "ReservedConcurrentExecutions" not in overlapping
    assert overlapping["Environment"]["Variables"]["RESERVED_CONCURRENCY"] == "false"


def test_a_sync_ends_before_the_next_one_starts(deployed: Any) -> None:
    """A sync ends before the next one starts, whatever is chosen; the import gets all that Lambda gives."""
    template = deployed()

    assert template["Resources"]["SyncFunction"]["Properties"]["Timeout"] == "240"
    assert max(template["Parameters"]["SyncTimeout"]["AllowedValues"]) == 270
    assert template["Resources"]["PassImportFunction"]["Properties"]["Timeout"] == 900


def test_memory_is_the_operators_choice(deployed: Any) -> None:
    """Memory, and the processor share that comes with it, is the operator's choice for each function."""
    resources = deployed(SyncMemory="1769", PassImportMemory="256")["Resources"]

    assert resources["SyncFunction"]["Properties"]["MemorySize"] == "1769"
    assert resources["PassImportFunction"]["Properties"]["MemorySize"] == "256"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_failed_invocation_is_never_tried_twice(deployed: Any, function: str) -> None:
    """An invocation is never tried twice, waits 240 seconds at most and leaves its failure in the dead-letter queue."""
    properties = deployed()["Resources"][f"{function}EventInvokeConfig"]["Properties"]

    assert properties == {
        "FunctionName": function,
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 0,
        "MaximumEventAgeInSeconds": 240,
        "DestinationConfig": {"OnFailure": {"Destination": "DeadLetterQueue.Arn"}},
    }


def test_the_schedule_starts_a_sync_every_five_minutes(deployed: Any) -> None:
    """Every five minutes, delivered once or not at all, a failed delivery goes to the dead-letter queue."""
    schedule = deployed()["Resources"]["SyncSchedule"]

    assert schedule["Type"] == "AWS::Scheduler::Schedule"
    assert schedule["Properties"]["ScheduleExpression"] == "rate(5 minutes)"
    assert schedule["Properties"]["State"] == "ENABLED"
    assert schedule["Properties"]["FlexibleTimeWindow"] == {"Mode": "OFF"}
    target = schedule["Properties"]["Target"]
    assert target["Arn"] == "SyncFunction.Arn"
    assert json.loads(target["Input"]) == {"action": "sync"}
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 240}
    assert target["DeadLetterConfig"] == {"Arn": "DeadLetterQueue.Arn"}


def test_the_schedule_is_created_last(deployed: Any) -> None:
    """A schedule fires as soon as it exists: the first run must find its log group and its retry settings."""
    schedule = deployed()["Resources"]["SyncSchedule"]

    assert schedule["DependsOn"] == ["SyncLogGroup", "SyncFunctionEventInvokeConfig"]


def test_schedule_is_the_operators(deployed: Any) -> None:
    """Interval and state of the schedule are parameters."""
    chosen = deployed(ScheduleExpression="rate(10 minutes)", ScheduleState="DISABLED")["Resources"]["SyncSchedule"]

    assert chosen["Properties"]["ScheduleExpression"] == "rate(10 minutes)"
    assert chosen["Properties"]["State"] == "DISABLED"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_are_in_a_vpc_only_with_subnets(deployed: Any, function: str) -> None:
    """Without subnets the functions are in no VPC; with them, both are."""
    without = deployed()["Resources"][function]["Properties"]
    inside = deployed(SubnetIds="subnet-1,subnet-2", SecurityGroupIds="sg-1")["Resources"][function]["Properties"]

    assert "VpcConfig" not in without
    assert inside["VpcConfig"] == {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}


@pytest.mark.parametrize("function", [*FUNCTIONS, "WidgetFunction", "NotifyFunction"])
def test_logs_do_not_stay_for_ever(deployed: Any, function: str) -> None:
    """Each function has a log group of its own with a retention that the operator chooses."""
    groups = [
        each["Properties"]
        for each in deployed(LogRetentionDays="30")["Resources"].values()
        if each["Type"] == "AWS::Logs::LogGroup"
    ]

    assert {"LogGroupName": f"/aws/lambda/{function}", "RetentionInDays": "30"} in groups


def test_notify_is_a_function_of_its_own(deployed: Any) -> None:
    """Notify runs without the layer and out of the VPC, reserves nothing, and has nothing of the config secret."""
    resources = deployed(SubnetIds="subnet-1", SecurityGroupIds="sg-1")["Resources"]
    properties = resources["NotifyFunction"]["Properties"]

    assert not properties.keys() & {"Layers", "VpcConfig", "ReservedConcurrentExecutions", "TracingConfig"}
    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == ["arm64"]
    assert properties["Handler"] == "app.lambda_handler"
    assert properties["LoggingConfig"] == {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}
    assert properties["Environment"]["Variables"] == {
        "TOPIC_ARN": "AlarmTopic",
        "STACK_NAME": "stack",
        "NOTICE_NAMES": "true",
    }


def test_names_in_notices_are_the_operators_choice(deployed: Any) -> None:
    """NoticeNames reaches the function."""
    properties = deployed(NoticeNames="false")["Resources"]["NotifyFunction"]["Properties"]

    assert properties["Environment"]["Variables"]["NOTICE_NAMES"] == "false"


def test_a_lost_notice_rings(deployed: Any) -> None:
    """A notice is tried three times within an hour; then it is in the dead-letter queue, whose alarm rings."""
    properties = deployed()["Resources"]["NotifyFunctionEventInvokeConfig"]["Properties"]

    assert properties == {
        "FunctionName": "NotifyFunction",
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 2,
        "MaximumEventAgeInSeconds": 3600,
        "DestinationConfig": {"OnFailure": {"Destination": "DeadLetterQueue.Arn"}},
    }
