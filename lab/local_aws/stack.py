"""The real template, deployed to the emulator by `sam deploy`."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3

from lab.local_aws import environment
from lab.local_aws.build import build, host_architecture

STACK_NAME = "unms-ros-sync"

# The emulator answers plain HTTP and does not know the condition key s3:if-none-match: it would refuse every put.
_REFUSED_HERE_BY_MISTAKE = {"TlsOnly", "NeverOverwritePasswords"}


class DeployError(Exception):
    """`sam deploy` failed; the message is what it printed."""


@dataclass(frozen=True)
class Stack:
    """The outputs of the deployed stack."""

    sync_function: str
    pass_import_function: str
    widget_function: str
    config_secret_arn: str
    dashboard: str
    alarm_topic_arn: str
    dead_letter_queue_url: str
    journal_bucket: str
    """Empty without a journal."""


def deploy(endpoint: str, *, name: str = STACK_NAME, parameters: Mapping[str, str] | None = None) -> Stack:
    """Builds if need be and deploys; the schedule is off unless `parameters` say otherwise."""
    template = build()
    wanted = {
        "Architecture": host_architecture(),
        "ScheduleState": "DISABLED",
        "SavedQueries": "false",  # the emulator refuses the type
        **(parameters or {}),
    }
    with tempfile.TemporaryDirectory(prefix="unms-ros-sync-deploy-") as directory, environment.pointed_at(endpoint):
        bucket = f"{name}-artifacts"
        boto3.client("s3").create_bucket(
            Bucket=bucket,
            CreateBucketConfiguration={"LocationConstraint": environment.REGION},
        )
        _sam_deploy(template, name, bucket, wanted, environment.for_deploy(endpoint, Path(directory)))
        return _settle(name)


def _sam_deploy(
    template: Path, name: str, bucket: str, parameters: Mapping[str, str], variables: Mapping[str, str]
) -> None:
    command: list[str | Path] = [
        *(environment.SAM, "deploy", "--template-file", template, "--stack-name", name, "--s3-bucket", bucket),
        *("--capabilities", "CAPABILITY_IAM", "--region", environment.REGION, "--on-failure", "DELETE"),
        *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
        "--parameter-overrides",
        *(f"{key}={value}" for key, value in parameters.items()),
    ]
    done = subprocess.run(  # noqa: S603 - fixed words, our own paths and the caller's parameters
        command,
        env=dict(variables),
        cwd=template.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise DeployError(f"sam deploy failed with exit code {done.returncode}:\n{done.stdout}")


def _settle(name: str) -> Stack:
    """Reads the outputs and sets by the services' APIs what the emulator drops from the template or cannot judge."""
    description = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in description["Outputs"]}
    stack = Stack(
        sync_function=outputs["SyncFunctionName"],
        pass_import_function=outputs["PassImportFunctionName"],
        widget_function=outputs["WidgetFunctionName"],
        config_secret_arn=outputs["ConfigSecretArn"],
        dashboard=outputs["DashboardName"],
        alarm_topic_arn=outputs["AlarmTopicArn"],
        dead_letter_queue_url=outputs["DeadLetterQueueUrl"],
        journal_bucket=outputs.get("JournalBucketName", ""),
    )
    used = {each["ParameterKey"]: each["ParameterValue"] for each in description["Parameters"]}
    if used["ReserveConcurrency"] == "true":
        boto3.client("lambda").put_function_concurrency(
            FunctionName=stack.sync_function, ReservedConcurrentExecutions=1
        )
    if stack.journal_bucket:
        _admit_to_journal(stack.journal_bucket)
    return stack


def _admit_to_journal(bucket: str) -> None:
    """Takes the statements out of the bucket's policy that refuse every put on the emulator."""
    s3 = boto3.client("s3")
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    kept = [each for each in policy["Statement"] if each["Sid"] not in _REFUSED_HERE_BY_MISTAKE]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": kept}))
