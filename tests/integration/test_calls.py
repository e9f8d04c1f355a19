"""What the functions ask of AWS themselves, recorded while they work: nothing that their roles do not name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from functions.pass_import import app as pass_import
from functions.sync import app as sync
from pppsync.config import fetch
from tests.template.test_roles import what_a_function_needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.local_aws.stack import Stack
    from tests.integration.providers import Provider

PLATFORM = {"logs", "sqs", "xray"}
"""Services that Lambda itself calls in the function's name: its log, its failures, its traces."""


class Context:
    """What Lambda tells a function about itself."""

    function_name = function_version = memory_limit_in_mb = aws_request_id = "a-function"
    invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:a-function"

    def get_remaining_time_in_millis(self) -> int:
        """A minute."""
        return 60_000


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Every operation that boto3 sends, as IAM names it."""
    found: set[str] = set()

    def note(model: Any, **_: Any) -> None:
        found.add(f"{model.service_model.service_id.replace(' ', '').lower()}:{model.name}")

    fetch._client.cache_clear()
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    boto3.setup_default_session()
    boto3._get_default_session().events.register("before-call.*", note)
    yield found
    fetch._client.cache_clear()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture
def live(live: Provider, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """A provider with one subscriber, and this process looks where the deployed functions look."""
    monkeypatch.setenv("CONFIG_SECRET_ARN", stack.config_secret_arn)
    live.subscribe("ABC1", "x")
    return live


def test_the_functions_ask_for_their_secret_and_nothing_else(live: Provider, calls: set[str]) -> None:
    """Every action of both functions: what is recorded is exactly what the roles grant beyond Lambda's own needs."""
    context: Any = Context()
    for event in (
        {},
        {"action": "plan"},
        {"action": "check"},
        {"action": "explain", "subscribers": ["ABC1"]},
        {"source": "aws.scheduler"},
    ):
        assert json.dumps(sync.lambda_handler(event, context))
    assert pass_import.lambda_handler({}, context)["ok"]
    assert live.router.secret("ABC1")
    granted = {action for action, _ in what_a_function_needs("any")}
    assert calls == {action for action in granted if action.split(":")[0] not in PLATFORM}
