"""The deployed widget reads the log of the deployed sync with the rights of its role, and has no others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError

from lab.local_aws import client
from lab.local_aws.stack import STACK_NAME, Stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.providers import Provider

WIDGET = f"{STACK_NAME}-widget"


def shown(theme: str = "light") -> str:
    """The widget as the console asks for it."""
    context = {"dashboardName": STACK_NAME, "theme": theme, "width": 1200, "height": 400, "params": {}}
    answer = client.invoke(WIDGET, {"widgetContext": context})
    assert not answer.failed, answer.error
    assert isinstance(answer.payload, str)
    return answer.payload


def test_describe(stack: Stack) -> None:
    """With `describe` the function says what it shows, in Markdown."""
    answer = client.invoke(WIDGET, {"describe": True})

    assert answer.payload.startswith("## The latest sync")
    assert stack.sync_function == f"{STACK_NAME}-sync"


def test_nothing_configured_yet(stack: Stack) -> None:
    """A sync that cannot start is told with its code: nobody has to look for the log first."""
    client.invoke(stack.sync_function)

    assert "configuration_empty" in shown()


def test_withheld_plan(stack: Stack, live: Provider) -> None:
    """A withheld plan is shown with its id, its changes and its approval, and hostile names stay text."""
    for number in range(12):
        name = f"<b>X{number}</b>"
        live.subscribe(name, "password", status=3)
        live.router.add_secret(name=name, password="password", profile="30mbps", service="pppoe")
    answer = client.invoke(stack.sync_function, {"action": "sync"})
    (plan,) = answer.payload["routers"][0]["withheld_plans"]
    page = shown()

    assert "waiting for your approval: 12 changes" in page
    assert plan["plan_id"] in page
    assert all(f"&lt;b&gt;X{number}&lt;/b&gt;" in page for number in range(12))
    assert "<b>X" not in page


def test_it_takes_nothing_of_the_sync(stack: Stack, live: Provider) -> None:
    """Looking starts no run: neither the CRM nor a router is asked, and the sync's log does not grow."""
    live.subscribe("ABC1", "password")
    client.invoke(stack.sync_function, {"action": "sync"})
    before = len(client.log_lines(stack.sync_function))
    live.crm.clear_log()
    live.router.clear_log()
    shown("dark")

    assert len(client.log_lines(stack.sync_function)) == before
    assert not live.crm.requests
    assert not live.router.transcript


def test_role_allows_nothing_else(stack: Stack) -> None:
    """With the widget's rights one reads the log of the sync, and no other, no configuration, and invokes nothing."""
    role = boto3.client("lambda").get_function_configuration(FunctionName=WIDGET)["Role"]
    given = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="a-test")["Credentials"]
    session = boto3.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    logs = session.client("logs")
    refused: list[Callable[[], object]] = [
        lambda: logs.filter_log_events(logGroupName=f"/aws/lambda/{stack.pass_import_function}"),
        lambda: session.client("secretsmanager").get_secret_value(SecretId=stack.config_secret_arn),
        lambda: session.client("lambda").invoke(FunctionName=stack.sync_function, Payload=b"{}"),
        lambda: session.client("sqs").send_message(QueueUrl=stack.dead_letter_queue_url, MessageBody="{}"),
        lambda: session.client("cloudwatch").list_dashboards(),
    ]

    assert logs.filter_log_events(logGroupName=f"/aws/lambda/{stack.sync_function}")
    for call in refused:
        with pytest.raises(ClientError, match=r"AccessDenied|not authorized"):
            call()


def test_dashboard_is_deployed_whole(stack: Stack) -> None:
    """The deployed dashboard names the deployed function, and the legend of its searches is CloudWatch's to fill in."""
    body = boto3.client("cloudwatch").get_dashboard(DashboardName=stack.dashboard)["DashboardBody"]
    (custom,) = (each for each in json.loads(body)["widgets"] if each["type"] == "custom")

    assert custom["properties"]["endpoint"].endswith(f":function:{WIDGET}")
    assert "${PROP('Dim.Router')}" in body
