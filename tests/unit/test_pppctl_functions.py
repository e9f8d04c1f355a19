"""The operator's command line and AWS: which function it invokes, how it waits, and what it says of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    UnauthorizedSSOTokenError,
)

from pppctl.aws import Aws, CommandError
from pppctl.functions import Patience, call, invoke
from tests.unit.pppctl_aws import FakeLambda, FakeSession, aws, payload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_lambda import LambdaClient

BUSY = ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."}}, "Invoke")
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not you"}}, "Invoke")
EXPIRED = ClientError({"Error": {"Code": "ExpiredToken", "Message": "too old."}}, "DescribeStacks")
NO_ENDPOINT = EndpointConnectionError(endpoint_url="https://cloudformation.eu-wset-1.amazonaws.com/")
NO_STACK = ClientError(
    {"Error": {"Code": "ValidationError", "Message": "Stack with id x does not exist"}}, "DescribeStacks"
)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.naps: list[float] = []
        self.told: list[str] = []

    def patience(self, seconds: float) -> Patience:
        """Patience by this clock."""
        return Patience(seconds, self.told.append, lambda: sum(self.naps), self.naps.append)


def test_invoke() -> None:
    """The function is invoked once with the event, and its answer is given as it is."""
    client = FakeLambda(payload({"ok": True}))
    answer = invoke(cast("LambdaClient", client), "f", {"action": "plan"}, Clock().patience(0))

    assert answer == {"ok": True}
    assert client.calls == [{"FunctionName": "f", "Payload": b'{"action": "plan"}'}]


def test_waits_for_the_only_place() -> None:
    """While another run holds the only place, the invocation is tried again after growing pauses."""
    client, clock = FakeLambda(*[BUSY] * 6, payload({"ok": True})), Clock()
    answer = invoke(cast("LambdaClient", client), "f", {}, clock.patience(300))

    assert answer == {"ok": True}
    assert clock.naps == [1, 2, 4, 8, 15, 15]
    assert clock.told[0] == "another run is under way; trying again in 1 s"
    assert len(clock.told) == 6


@pytest.mark.parametrize(("seconds", "naps"), [(0, []), (10, [1, 2, 4]), (40, [1, 2, 4, 8, 15])])
def test_waits_no_longer_than_told(seconds: float, naps: list[float]) -> None:
    """The option says how long a run is waited for; then the error says so."""
    clock = Clock()
    with pytest.raises(CommandError, match=rf"^another run is still under way after {seconds} s; .* longer --wait$"):
        invoke(cast("LambdaClient", FakeLambda(*[BUSY] * 9)), "f", {}, clock.patience(seconds))

    assert clock.naps == naps


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (payload({"errorMessage": "crm_tls: no"}, FunctionError="Unhandled"), "^f ended with an error: crm_tls: no$"),
        (payload({}, FunctionError="Unhandled"), "^f ended with an error: no message; see its log$"),
        (payload(None), "^f answered with something that is no object$"),
    ],
)
def test_function_errors(answer: Mapping[str, Any], says: str) -> None:
    """What the function raised is told in its own words."""
    with pytest.raises(CommandError, match=says):
        invoke(cast("LambdaClient", FakeLambda(answer)), "f", {}, Clock().patience(0))


@pytest.mark.parametrize(("command", "name"), [("plan", "Sync"), ("approve", "Sync"), ("import", "Pass")])
def test_functions_are_found_by_the_outputs(command: str, name: str) -> None:
    """A command's function is the one that the stack's outputs name; the SDK neither retries nor gives up early."""
    client = FakeLambda(payload({"ok": True}))
    session = FakeSession(["SyncFunctionName", "PassImportFunctionName"], client)
    call(aws(session), command, {}, Clock().patience(0))
    config = session.configured[-1]

    assert client.calls[0]["FunctionName"] == name
    assert config.read_timeout > 900
    assert config.retries["total_max_attempts"] == 1


@pytest.mark.parametrize(
    ("stacks", "client", "says"),
    [
        (NO_STACK, None, "there is no stack a-stack in this account and region; see --stack, --region and --profile"),
        ([], None, "the stack a-stack has no output SyncFunctionName"),
        (["SyncFunctionName"], FakeLambda(DENIED), "AWS refused it: AccessDeniedException: not you"),
        (NoRegionError(), None, "AWS cannot be used from here: You must specify a region; set AWS_DEFAULT_REGION"),
        (NoCredentialsError(), None, "AWS cannot be used from here: Unable to locate credentials; set AWS_PROFILE"),
        (UnauthorizedSSOTokenError(), None, "AWS cannot be used from here: .*; set AWS_PROFILE .* `aws sso login`"),
        (NO_ENDPOINT, None, "AWS cannot be used from here: .*; if the network works, .* set AWS_DEFAULT_REGION"),
        (EXPIRED, None, "AWS refused it: ExpiredToken: too old; set AWS_PROFILE"),
    ],
)
def test_aws_errors(stacks: Any, client: FakeLambda | None, says: str) -> None:
    """What AWS refuses is told in one line, with what to do where that is known."""
    with pytest.raises(CommandError, match=f"^{says}"):
        call(aws(FakeSession(stacks, client)), "plan", {}, Clock().patience(0))


def test_unknown_profile() -> None:
    """A profile that does not exist is told like any other error of AWS."""
    with pytest.raises(CommandError, match=r"profile-that-nobody-has.*; set AWS_PROFILE .*list-profiles"):
        Aws("a-stack", profile="profile-that-nobody-has")


def test_a_region_that_is_none() -> None:
    """The error for a malformed region names the variable that it comes from."""
    with pytest.raises(CommandError, match="set AWS_DEFAULT_REGION"):
        Aws("a-stack", region="Ireland!").output("SyncFunctionName")
