"""The deployed functions: found by the outputs of their stack, invoked once."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_lambda import LambdaClient

OUTPUTS: Final = {"import": "PassImportFunctionName"}
"""The stack's output that names a command's function; `SyncFunctionName` for all others."""
LONGEST_PAUSE: Final = 15.0
# Lambda ends a function after 900 s at the latest. A retry by the SDK would run it twice.
_PATIENT: Final = Config(
    connect_timeout=10, read_timeout=960, retries={"total_max_attempts": 1, "mode": "standard"}, tcp_keepalive=True
)


class InvocationError(Exception):
    """The function raised an error, or could not be invoked; the message says why and what to do."""


class Functions:
    """The functions of one stack."""

    def __init__(self, stack: str, *, region: str | None = None, profile: str | None = None) -> None:
        self._stack = stack
        try:
            self._session = boto3.Session(region_name=region, profile_name=profile)
        except BotoCoreError as error:
            raise InvocationError(str(error)) from error

    def invoke(self, command: str, event: Mapping[str, Any], patience: Patience) -> dict[str, Any]:
        """What the command's function answers to the event; raises `InvocationError`."""
        try:
            function = self._name(OUTPUTS.get(command, "SyncFunctionName"))
            return invoke(self._session.client("lambda", config=_PATIENT), function, event, patience)
        except ClientError as error:
            raise InvocationError(_told(error, self._stack)) from error
        except BotoCoreError as error:
            raise InvocationError(f"AWS cannot be used from here: {error}") from error

    def _name(self, output: str) -> str:
        stacks = self._session.client("cloudformation").describe_stacks(StackName=self._stack)["Stacks"]
        for one in stacks[0].get("Outputs", ()):
            if one.get("OutputKey") == output:
                return str(one["OutputValue"])
        raise InvocationError(
            f"the stack {self._stack} has no output {output}: it is another program's, or not deployed"
        )


class Patience:
    """How long a run that is under way is waited for; `tell` is told of every wait."""

    def __init__(
        self,
        seconds: float,
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds = seconds
        self._tell = tell
        self._clock = clock
        self._sleep = sleep
        self._end = clock() + seconds
        self._pause = 1.0

    def wait(self) -> None:
        """Sleep a little longer than the last time; raises `InvocationError` if there is no time for it."""
        if self._clock() + self._pause > self._end:
            raise InvocationError(
                f"another run is still under way after {self._seconds:g} s; try again later, or with a longer --wait"
            )
        self._tell(f"another run is under way; trying again in {self._pause:g} s")
        self._sleep(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


def invoke(client: LambdaClient, function: str, event: Mapping[str, Any], patience: Patience) -> dict[str, Any]:
    """The function's answer; waits while another run holds the only place."""
    while True:
        try:
            answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
            break
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "TooManyRequestsException":
                raise
        patience.wait()
    payload = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        raise InvocationError(_raised(function, payload))
    if isinstance(payload, dict):
        return payload
    raise InvocationError(f"{function} answered with something that is no object")


def _raised(function: str, payload: object) -> str:
    message = payload.get("errorMessage") if isinstance(payload, dict) else None
    return f"{function} ended with an error: {message or 'no message; see its log'}"


def _told(error: ClientError, stack: str) -> str:
    found = error.response.get("Error", {})
    code, message = found.get("Code", ""), found.get("Message", "")
    if code == "ValidationError" and "does not exist" in message:
        return f"there is no stack {stack} in this account and region; see --stack, --region and --profile"
    return f"AWS refused it: {code}: {message}"
