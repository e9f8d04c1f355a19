"""The real template, deployed to the emulator by `sam deploy`."""

import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3

from lab.local_aws import environment
from lab.local_aws.build import build, host_architecture

STACK_NAME = "unms-ros-sync"


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
    """Reads the outputs and sets by the Lambda API what the emulator drops from the template."""
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
    )
    used = {each["ParameterKey"]: each["ParameterValue"] for each in description["Parameters"]}
    if used["ReserveConcurrency"] == "true":
        boto3.client("lambda").put_function_concurrency(
            FunctionName=stack.sync_function, ReservedConcurrentExecutions=1
        )
    return stack
