"""The deployed stack is what the template says, and its roles allow what its functions do and no more."""

import json
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError

from lab.local_aws import client, environment
from lab.local_aws.build import host_architecture
from lab.local_aws.emulator import Emulator
from lab.local_aws.stack import STACK_NAME, Stack, deploy

if TYPE_CHECKING:
    from collections.abc import Callable


def test_every_output_names_something_that_exists(stack: Stack) -> None:
    """Every output names something that exists."""
    lambda_ = boto3.client("lambda")

    assert lambda_.get_function(FunctionName=stack.sync_function)
    assert lambda_.get_function(FunctionName=stack.pass_import_function)
    assert boto3.client("cloudwatch").get_dashboard(DashboardName=stack.dashboard)
    assert boto3.client("sns").get_topic_attributes(TopicArn=stack.alarm_topic_arn)
    assert boto3.client("sqs").get_queue_attributes(QueueUrl=stack.dead_letter_queue_url, AttributeNames=["All"])
    assert boto3.client("s3").head_bucket(Bucket=stack.journal_bucket)
    secret = boto3.client("secretsmanager").describe_secret(SecretId=stack.config_secret_arn)
    assert secret["ARN"] == stack.config_secret_arn


def test_the_config_secret_starts_empty(first_document: str) -> None:
    """Nothing is configured until the operator puts a document in."""
    assert json.loads(first_document) == {}


def test_functions_run_here_with_the_layer_and_their_configuration(stack: Stack) -> None:
    """Both functions run on this machine's processor, with the layer, and know where their configuration is."""
    for name in (stack.sync_function, stack.pass_import_function):
        configuration = boto3.client("lambda").get_function_configuration(FunctionName=name)

        assert configuration["Runtime"] == "python3.13"
        assert configuration["Architectures"] == [host_architecture()]
        assert configuration["Environment"]["Variables"]["CONFIG_SECRET_ARN"] == stack.config_secret_arn
        assert configuration["Environment"]["Variables"]["JOURNAL_BUCKET"] == stack.journal_bucket
        assert [f"layer:{STACK_NAME}-pppsync:" in layer["Arn"] for layer in configuration["Layers"]] == [True]


def test_sync_never_overlaps_with_itself(stack: Stack) -> None:
    """The sync never overlaps with itself."""
    concurrency = boto3.client("lambda").get_function_concurrency(FunctionName=stack.sync_function)

    assert concurrency["ReservedConcurrentExecutions"] == 1


def test_the_schedule_starts_switched_off(stack: Stack) -> None:
    """Locally nothing runs unless it is invoked; the schedule stands ready with the event of a sync."""
    schedule = boto3.client("scheduler").get_schedule(Name=stack.sync_function)

    assert schedule["State"] == "DISABLED"
    assert json.loads(schedule["Target"]["Input"]) == {"action": "sync"}
    assert schedule["Target"]["Arn"].endswith(f":function:{stack.sync_function}")


@pytest.mark.parametrize("output", ["sync_function", "pass_import_function"])
def test_a_role_allows_what_its_function_does(stack: Stack, output: str) -> None:
    """With its role's session a function reads its configuration and reports a failure."""
    session = session_of(getattr(stack, output))

    assert session.client("secretsmanager").get_secret_value(SecretId=stack.config_secret_arn)
    assert session.client("sqs").send_message(QueueUrl=stack.dead_letter_queue_url, MessageBody="a failure")
    boto3.client("sqs").purge_queue(QueueUrl=stack.dead_letter_queue_url)


@pytest.mark.parametrize("output", ["sync_function", "pass_import_function"])
def test_a_role_allows_nothing_else(stack: Stack, output: str) -> None:
    """With its role's session a function can neither change its configuration nor touch anything else."""
    other_secret = boto3.client("secretsmanager").create_secret(Name=f"not-of-{output}", SecretString="{}")["ARN"]
    other_queue = boto3.client("sqs").create_queue(QueueName=f"not-of-{output}")["QueueUrl"]
    session = session_of(getattr(stack, output))
    secrets, sqs, lambda_ = session.client("secretsmanager"), session.client("sqs"), session.client("lambda")
    refused: list[Callable[[], object]] = [
        lambda: secrets.get_secret_value(SecretId=other_secret),
        lambda: secrets.put_secret_value(SecretId=stack.config_secret_arn, SecretString="{}"),
        lambda: sqs.send_message(QueueUrl=other_queue, MessageBody="{}"),
        lambda: sqs.receive_message(QueueUrl=stack.dead_letter_queue_url),
        lambda: lambda_.invoke(FunctionName=stack.sync_function, Payload=b"{}"),
        lambda: session.client("iam").list_roles(),
        lambda: session.client("s3").list_buckets(),
    ]

    for call in refused:
        with pytest.raises(ClientError, match=r"AccessDenied|not authorized"):
            call()


def test_the_journal_bucket_is_versioned_and_closed(stack: Stack) -> None:
    """The journal bucket keeps versions, is open to nobody outside, and its policy refuses other encryption."""
    s3 = boto3.client("s3")
    access = s3.get_public_access_block(Bucket=stack.journal_bucket)["PublicAccessBlockConfiguration"]
    policy = json.loads(s3.get_bucket_policy(Bucket=stack.journal_bucket)["Policy"])

    assert s3.get_bucket_versioning(Bucket=stack.journal_bucket)["Status"] == "Enabled"
    assert set(access.values()) == {True}
    assert {each["Sid"] for each in policy["Statement"]} == {"NoOtherAlgorithm", "NoOtherKey", "NoKeyOfTheCaller"}


def test_sync_keeps_passwords_once_and_reads_none(stack: Stack) -> None:
    """With its role's session the sync keeps a password object once, and can neither read nor list nor delete it."""
    s3, bucket = session_of(stack.sync_function).client("s3"), stack.journal_bucket
    kept = {"Bucket": bucket, "Key": "passwords/2026/01/31/a-run.json"}
    refused: list[Callable[[], object]] = [
        lambda: s3.get_object(**kept),
        lambda: s3.head_object(**kept),
        lambda: s3.delete_object(**kept),
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix="passwords/"),
        lambda: s3.list_objects_v2(Bucket=bucket),
        lambda: s3.put_object(Bucket=bucket, Key="wakes/a-slot"),
        lambda: s3.put_object(Bucket=bucket, Key="day/plain", ServerSideEncryption="AES256"),
    ]
    s3.put_object(**kept, Body=b"{}", IfNoneMatch="*")

    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(**kept, Body=b"[]", IfNoneMatch="*")
    for call in refused:
        with pytest.raises(ClientError, match=r"AccessDenied|Forbidden"):
            call()


def test_sync_keeps_days_plans_rates_and_holds(stack: Stack) -> None:
    """With its role's session the sync counts a day by its keys, reads plans and holds, and takes holds back."""
    s3, bucket = session_of(stack.sync_function).client("s3"), stack.journal_bucket
    day, plan, hold = "day/20260131T100000Z/tower/disable/a-run-planned-3", "plans/0123456789abcdef.json", "holds/all"
    for key in (day, plan, hold, "rates/a-run.json"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"{}")

    for key, prefix in ((day, "day/"), (plan, "plans/"), (hold, "holds/")):
        assert key in {found["Key"] for found in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]}
    for key in (plan, hold):
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"{}"
    s3.delete_object(Bucket=bucket, Key=hold)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=bucket, Key="rates/a-run.json")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key=plan)


def test_the_import_reads_kept_passwords_and_writes_nothing(stack: Stack) -> None:
    """With its role's session the import finds and reads kept passwords, and cannot put, delete or read a hold."""
    s3, bucket = session_of(stack.pass_import_function).client("s3"), stack.journal_bucket
    key = "passwords/2026/02/01/a-run.json"
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=b"{}")
    boto3.client("s3").put_object(Bucket=bucket, Key="holds/router/tower.json", Body=b"{}")
    refused: list[Callable[[], object]] = [
        lambda: s3.put_object(Bucket=bucket, Key="passwords/2026/02/01/another.json", IfNoneMatch="*"),
        lambda: s3.delete_object(Bucket=bucket, Key=key),
        lambda: s3.get_object(Bucket=bucket, Key="holds/router/tower.json"),
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix="holds/"),
    ]

    (found,) = s3.list_objects_v2(Bucket=bucket, Prefix="passwords/2026/02/")["Contents"]
    assert found["Key"] == key
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"{}"
    for call in refused:
        with pytest.raises(ClientError, match="AccessDenied"):
            call()


def test_a_stack_without_a_journal_has_no_bucket(emulator: Emulator) -> None:
    """With Journal=false SAM makes no bucket but the one for the code. The functions get an empty name."""
    with environment.pointed_at(emulator.endpoint):
        others = bucket_names()
        without = deploy(emulator.endpoint, name="no-journal", parameters={"Journal": "false"})
        configuration = boto3.client("lambda").get_function_configuration(FunctionName=without.sync_function)

        assert without.journal_bucket == ""
        assert configuration["Environment"]["Variables"]["JOURNAL_BUCKET"] == ""
        assert bucket_names() - others == {"no-journal-artifacts"}


def test_the_journal_bucket_stays_when_the_journal_is_switched_off(emulator: Emulator) -> None:
    """With Journal=false the bucket and its objects stay. The functions lose its name and their rights on it."""
    with environment.pointed_at(emulator.endpoint):
        stack = deploy(emulator.endpoint, name="switched-off")
        boto3.client("s3").put_object(Bucket=stack.journal_bucket, Key="passwords/2026/01/31/a-run.json", Body=b"{}")
        switch_journal_off("switched-off")
        configuration = boto3.client("lambda").get_function_configuration(FunctionName=stack.sync_function)

        assert configuration["Environment"]["Variables"]["JOURNAL_BUCKET"] == ""
        assert boto3.client("s3").list_objects_v2(Bucket=stack.journal_bucket)["KeyCount"] == 1
        with pytest.raises(ClientError, match="AccessDenied"):
            session_of(stack.sync_function).client("s3").put_object(Bucket=stack.journal_bucket, Key="day/a")


def switch_journal_off(name: str) -> None:
    """Updates the stack with Journal=false; every other parameter keeps its value."""
    cloudformation = boto3.client("cloudformation")
    parameters = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Parameters"]
    cloudformation.update_stack(
        StackName=name,
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": "Journal", "ParameterValue": "false"},
            *(
                {"ParameterKey": each["ParameterKey"], "UsePreviousValue": True}
                for each in parameters
                if each["ParameterKey"] != "Journal"
            ),
        ],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def bucket_names() -> set[str]:
    """The names of all buckets."""
    return {bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]}


@pytest.mark.parametrize("output", ["sync_function", "pass_import_function"])
def test_functions_without_configuration_say_what_to_do(stack: Stack, output: str) -> None:
    """With the empty document that the stack creates, both functions say what to do and do nothing."""
    answer = client.invoke(getattr(stack, output))

    assert answer.failed
    assert answer.error is not None
    assert answer.error.startswith("configuration_empty: ")


def next_message(queue: str) -> str:
    """The next message of a queue; a busy machine may need more than one long poll until it is there."""
    polls = (boto3.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20) for _ in range(6))
    (message,) = next(answer["Messages"] for answer in polls if "Messages" in answer)
    body: str = message["Body"]
    return body


@pytest.mark.parametrize("output", ["sync_function", "pass_import_function"])
def test_a_failed_invocation_ends_in_the_dead_letter_queue(stack: Stack, output: str) -> None:
    """An invocation in the background that fails is tried once and leaves its reason in the queue."""
    function = getattr(stack, output)
    boto3.client("sqs").purge_queue(QueueUrl=stack.dead_letter_queue_url)
    started = sum("START RequestId" in line for line in client.log_lines(function))
    boto3.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=b"{}")
    record = json.loads(next_message(stack.dead_letter_queue_url))

    assert record["responsePayload"]["errorMessage"].startswith("configuration_empty: ")
    assert sum("START RequestId" in line for line in client.log_lines(function)) == started + 1


def session_of(function: str) -> boto3.Session:
    """A session with the rights that the function has when it runs."""
    role = boto3.client("lambda").get_function_configuration(FunctionName=function)["Role"]
    credentials = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="a-test")["Credentials"]
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
