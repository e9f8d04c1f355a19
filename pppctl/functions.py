"""The deployed functions: found by the outputs of their stack, invoked once."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from botocore.exceptions import ClientError

from pppctl.aws import CommandError, code_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_lambda import LambdaClient

    from pppctl.aws import Aws

OUTPUTS: Final = {"import": "PassImportFunctionName", "restore": "PassImportFunctionName"}
"""The stack's output that names a command's function; `SyncFunctionName` for all others."""
LONGEST_PAUSE: Final = 15.0
# Lambda ends a function after 900 s at the latest. A retry by the SDK would run it twice.
_PATIENT: Final = Config(
    connect_timeout=10, read_timeout=960, retries={"total_max_attempts": 1, "mode": "standard"}, tcp_keepalive=True
)


def call(aws: Aws, command: str, event: Mapping[str, Any], patience: Patience) -> dict[str, Any]:
    """Return the answer of the command's function to the event; raises `CommandError`."""
    function = aws.output(OUTPUTS.get(command, "SyncFunctionName"))
    client = aws.client("lambda", config=_PATIENT)
    with aws.errors():
        return invoke(client, function, event, patience)


class Patience:
    """How long to wait for a run that is under way; calls `tell` before every wait."""

    def __init__(
        self,
        seconds: float,
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds = seconds
        self.tell = tell
        self._clock = clock
        self._sleep = sleep
        self._end = clock() + seconds
        self._pause = 1.0

    def wait(self) -> None:
        """Sleep a little longer than the last time; raises `CommandError` if there is no time for it."""
        if self._clock() + self._pause > self._end:
            raise CommandError(
                f"another run is still under way after {self._seconds:g} s; try again later, or with a longer --wait"
            )
        self.tell(f"another run is under way; trying again in {self._pause:g} s")
        self._sleep(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


def invoke(client: LambdaClient, function: str, event: Mapping[str, Any], patience: Patience) -> dict[str, Any]:
    """The function's answer; waits while another run holds the only place."""
    while True:
        try:
            answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
            break
        except ClientError as error:
            if code_of(error) != "TooManyRequestsException":
                raise
        patience.wait()
    payload = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        raise CommandError(_raised(function, payload))
    if isinstance(payload, dict):
        return payload
    raise CommandError(f"{function} answered with something that is no object")


def _raised(function: str, payload: object) -> str:
    message = payload.get("errorMessage") if isinstance(payload, dict) else None
    return f"{function} ended with an error: {message or 'no message; see its log'}"
