"""What the stack as a whole promises: its secret, its queue, its parameters and outputs, and that linters agree."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from lab.local_aws.environment import ROOT


def test_everything_is_found_by_the_outputs(deployed: Any) -> None:
    """Operators and tools find everything by these names."""
    outputs = {name: output["Value"] for name, output in deployed()["Outputs"].items()}

    assert outputs == {
        "SyncFunctionName": "SyncFunction",
        "PassImportFunctionName": "PassImportFunction",
        "WidgetFunctionName": "WidgetFunction",
        "ConfigSecretArn": "ConfigSecret.Id",
        "DashboardName": "Dashboard",
        "AlarmTopicArn": "AlarmTopic",
        "DeadLetterQueueUrl": "DeadLetterQueue",
        "JournalBucketName": "JournalBucket",
    }


def test_the_stack_deploys_without_parameters(deployed: Any) -> None:
    """The stack deploys without a single parameter given."""
    defaults = {name: str(declared["Default"]) for name, declared in deployed()["Parameters"].items()}

    assert defaults == {
        "Architecture": "arm64",
        "ScheduleExpression": "rate(5 minutes)",
        "ScheduleState": "ENABLED",
        "ReserveConcurrency": "true",
        "SyncTimeout": "240",
        "SyncMemory": "1024",
        "PassImportMemory": "512",
        "LogLevel": "INFO",
        "LogRetentionDays": "90",
        "ExistingConfigSecretArn": "",
        "ConfigSecretKmsKeyArn": "",
        "SubnetIds": "",
        "SecurityGroupIds": "",
        "AlarmEmail": "",
        "CoverageAlarm": "50",
        "Journal": "true",
        "JournalDays": "30",
        "NoticeNames": "true",
        "SavedQueries": "true",
    }


def test_parameters_are_explained(deployed: Any) -> None:
    """The console shows a sentence for each parameter."""
    assert [name for name, each in deployed()["Parameters"].items() if len(each.get("Description", "")) < 30] == []


def test_the_config_secret_starts_empty_and_outlives_the_stack(deployed: Any) -> None:
    """The config secret starts empty and outlives the stack, whose template holds no credential."""
    secret = deployed()["Resources"]["ConfigSecret"]

    assert secret["Properties"]["SecretString"] == "{}"
    assert secret["DeletionPolicy"] == "Retain"
    assert secret["UpdateReplacePolicy"] == "Retain"


def test_failures_are_kept_encrypted_for_one_day(deployed: Any) -> None:
    """Failures are kept encrypted for one day: they are read, never replayed."""
    queue = deployed()["Resources"]["DeadLetterQueue"]["Properties"]

    assert queue == {"MessageRetentionPeriod": 86400, "SqsManagedSseEnabled": True}


def test_nothing_else_is_created(deployed: Any) -> None:
    """Every resource is one that an operator was told about; nothing is open to the internet."""
    resources = deployed(AlarmEmail="noc@example.com")["Resources"]
    types = {each["Type"] for each in resources.values()}

    assert types == {
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::KMS::Key",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Function",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::Logs::QueryDefinition",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::Scheduler::Schedule",
        "AWS::SecretsManager::Secret",
    }


def test_stages_set_parameters_that_exist(deployed: Any) -> None:
    """The stages of samconfig.toml set parameters that exist."""
    stages = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    del stages["version"]
    overrides = [stage["deploy"]["parameters"].get("parameter_overrides", "") for stage in stages.values()]
    named = {name for text in overrides for name in re.findall(r"(\w+)=", text)}

    assert set(stages) == {"default", "first-run", "staging"}
    assert named <= set(deployed()["Parameters"])


def test_linters_find_nothing_without_a_reason_given() -> None:
    """cfn-lint and the serverless rules find nothing beside what .cfnlintrc gives a reason for."""
    done = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--append-rules", "cfn_lint_serverless.rules"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_ignored_lint_is_short() -> None:
    """Only two rules are ignored, each with its reason on the line above."""
    lines = (ROOT / ".cfnlintrc").read_text(encoding="utf-8").splitlines()
    ignored = {line.strip(" -"): lines[number - 1].strip() for number, line in enumerate(lines) if "- E" in line}

    assert set(ignored) == {"ES6000", "ES7000"}
    assert all(reason.startswith("# ") for reason in ignored.values())
