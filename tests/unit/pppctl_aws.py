"""An AWS that answers as a test tells it to."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from pppctl.aws import Aws

if TYPE_CHECKING:
    from collections.abc import Mapping


ARN = "arn:aws:sts::123456789012:assumed-role/Operator/anna"


class FakeLambda:
    """Answers with each of the given answers in turn; an exception is raised."""

    def __init__(self, *answers: BaseException | Mapping[str, Any]) -> None:
        self._answers = list(answers)
        self.calls: list[dict[str, Any]] = []

    def invoke(self, **call: Any) -> Mapping[str, Any]:
        """The next answer."""
        self.calls.append(call)
        answer = self._answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def payload(content: object, **more: str) -> dict[str, Any]:
    """What the SDK gives for a function's answer."""
    return {"Payload": io.BytesIO(json.dumps(content).encode()), **more}


class FakeSession:
    """An AWS session whose clients answer as told."""

    def __init__(self, stacks: Any, functions: FakeLambda | None = None, arn: str = ARN) -> None:
        self._stacks = stacks
        self._arn = arn
        self._functions = functions
        self.configured: list[Any] = []

    def client(self, service: str, config: Any = None) -> Any:
        """The fake of a service."""
        self.configured.append(config)
        return self if service in {"cloudformation", "sts"} else self._functions

    def get_caller_identity(self) -> Any:
        """Who asks."""
        return {"Arn": self._arn}

    def describe_stacks(self, **_: str) -> Any:
        """The stacks, or the error."""
        if isinstance(self._stacks, Exception):
            raise self._stacks
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": key[:4]} for key in self._stacks]}]}


def aws(session: FakeSession) -> Aws:
    """A stack in that session."""
    return Aws("a-stack", session=lambda **_: session)
