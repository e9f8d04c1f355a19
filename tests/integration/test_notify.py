"""The deployed notify: the bucket's event in, a notice in the inbox of whoever subscribed to the topic; G15, G10."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lab.local_aws import client, environment
from lab.local_aws.stack import STACK_NAME, Stack
from plan_notice import text
from plan_notice.plan import read_plan
from pppsync.core.change import Kind
from pppsync.core.guard import WithheldPlan
from pppsync.journal import plans
from tests.builders import a_change, a_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTIFY = f"{STACK_NAME}-notify"
HMAC = "0123456789abcdef" * 4


@pytest.fixture
def inbox(stack: Stack) -> Iterator[str]:
    """A queue that gets what the alarm topic publishes."""
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    subscription = sns.subscribe(TopicArn=stack.alarm_topic_arn, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    yield queue
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=queue)


def next_message(queue: str) -> dict[str, Any]:
    """The next message; a busy machine may need more than one long poll until it is there."""
    sqs = boto3.client("sqs")
    polls = (sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20) for _ in range(6))
    (message,) = next(answer["Messages"] for answer in polls if "Messages" in answer)
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    body: dict[str, Any] = json.loads(message["Body"])
    return body


def put(stack: Stack, plan_id: str, *, tell: bool = True) -> bytes:
    """Put a plan with the rights of the sync, as it does; return the body."""
    changes = tuple(
        a_change(Kind.DISABLE, f"ABC{n:02}", number=n, sessions=() if n % 5 else (a_session(),)) for n in range(12)
    )
    withheld = WithheldPlan(plan_id, "tower-1", Kind.DISABLE, changes, "12 would be disabled; the limit is 10")
    body = plans.encode(plans.keep(withheld, [HMAC], datetime(2026, 11, 25, 9, 30, tzinfo=UTC), tell=tell))
    session_of(stack.sync_function).client("s3").put_object(
        Bucket=stack.journal_bucket, Key=plans.key(plan_id), Body=body
    )
    return body


def session_of(function: str) -> boto3.Session:
    """A session with the rights that the function has when it runs."""
    role = boto3.client("lambda").get_function_configuration(FunctionName=function)["Role"]
    credentials = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="a-test")["Credentials"]
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def test_a_withheld_plan_reaches_the_inbox(stack: Stack, inbox: str) -> None:
    """G15: what the sync puts below plans/ is told, with exactly this text; one that is not to be told is not."""
    put(stack, "0" * 16, tell=False)
    plan_id = "9f036593ac695801"
    plan = read_plan(plans.key(plan_id), put(stack, plan_id))
    told = text.Stack(STACK_NAME, environment.REGION, names=True)
    notice = next_message(inbox)

    assert notice["Subject"] == text.subject(plan, told)
    assert notice["Message"] == text.message(plan, told)
    assert "* ABC00\n- ABC01\n" in notice["Message"]


def test_nothing_of_a_change_leaves(stack: Stack, inbox: str) -> None:
    """G10: the HMACs of a plan's changes stand neither in the notice nor in the log."""
    body = put(stack, "a" * 16)
    notice = next_message(inbox)
    log = "\n".join(client.log_lines(NOTIFY))

    assert HMAC in body.decode()
    assert "a" * 16 in notice["Message"]
    assert HMAC not in json.dumps(notice) + log


def test_a_notice_that_cannot_be_sent_ends_in_the_dead_letter_queue(stack: Stack) -> None:
    """A plan that notify may not read is tried three times; then the queue has it, whose alarm rings."""
    record = {
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": stack.journal_bucket}, "object": {"key": "holds/all", "versionId": "1"}},
    }
    boto3.client("sqs").purge_queue(QueueUrl=stack.dead_letter_queue_url)
    boto3.client("lambda").invoke(
        FunctionName=NOTIFY, InvocationType="Event", Payload=json.dumps({"Records": [record]}).encode()
    )
    message = next_message(stack.dead_letter_queue_url)

    assert "AccessDenied" in message["responsePayload"]["errorMessage"]
    assert message["requestContext"]["approximateInvokeCount"] == 3


def test_role_allows_nothing_else(stack: Stack) -> None:
    """With the rights of notify one reads plans and publishes; nothing else can be read, listed, put or invoked."""
    put(stack, "b" * 16, tell=False)
    boto3.client("s3").put_object(Bucket=stack.journal_bucket, Key="passwords/2026/01/31/b-run.json", Body=b"{}")
    session, bucket = session_of(NOTIFY), {"Bucket": stack.journal_bucket}
    s3 = session.client("s3")
    refused: list[Callable[[], object]] = [
        lambda: s3.get_object(**bucket, Key="passwords/2026/01/31/b-run.json"),
        lambda: s3.get_object(**bucket, Key="holds/all"),
        lambda: s3.list_objects_v2(**bucket, Prefix="plans/"),
        lambda: s3.put_object(**bucket, Key="plans/a.json"),
        lambda: s3.delete_object(**bucket, Key=plans.key("b" * 16)),
        lambda: session.client("secretsmanager").get_secret_value(SecretId=stack.config_secret_arn),
        lambda: session.client("lambda").invoke(FunctionName=stack.sync_function, Payload=b"{}"),
        lambda: session.client("sns").list_subscriptions_by_topic(TopicArn=stack.alarm_topic_arn),
    ]

    assert s3.get_object(**bucket, Key=plans.key("b" * 16))
    assert session.client("sns").publish(TopicArn=stack.alarm_topic_arn, Message="a notice")
    for call in refused:
        with pytest.raises(ClientError, match=r"AccessDenied|AuthorizationError|not authorized"):
            call()
