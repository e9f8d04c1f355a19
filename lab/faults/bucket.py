"""One run's client of the journal bucket: it notes every operation, and lets go wrong what is in store for the run."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from lab.simulators.s3 import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.faults.clock import Clock
    from lab.simulators.s3 import Bucket

HANG = 0.06
"""Seconds of real time that an operation hangs."""
_OPERATIONS = {"put": "PutObject", "get": "GetObject", "list": "ListObjectsV2", "delete": "DeleteObject"}
_URL = "https://journal.invalid"
_FAILURES: dict[str, Callable[[str], Exception]] = {
    "refused": lambda verb: refusal("AccessDenied", _OPERATIONS[verb]),
    "busy": lambda verb: refusal("SlowDown", _OPERATIONS[verb]),
    "lost": lambda _: ReadTimeoutError(endpoint_url=_URL),
    "killed": lambda _: EndpointConnectionError(endpoint_url=_URL),
    "unreachable": lambda _: EndpointConnectionError(endpoint_url=_URL),
}

type Verb = Literal["put", "get", "list", "delete"]
type How = Literal["refused", "busy", "unreachable", "lost", "repeated", "slow", "hangs", "garbled", "killed"]


@dataclass
class Trouble:
    """What goes wrong with operations of a verb (any, if empty) whose key holds a text, from the `nth` on.

    `lost`: it is done, and the answer does not arrive. `repeated`: the same, and the client tries again. `slow`: it
    takes `seconds` of the run's clock. `hangs`: it takes `HANG`. `killed`: the run dies of it, after it if `applied`.
    """

    how: How
    verb: Verb | Literal[""] = ""
    part: str = ""
    nth: int = 1
    times: int | None = None
    seconds: float = 0.0
    applied: bool = False
    seen: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def strikes(self, verb: str, key: str) -> bool:
        """True if it is this operation's turn."""
        if self.verb not in {"", verb} or self.part not in key:
            return False
        with self.lock:
            self.seen += 1
            return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)

    def __str__(self) -> str:
        number = f"no. {self.nth}" + (" on" if self.times is None else f", {self.times} times")
        return f"journal, {self.verb or 'anything'} of {self.part or 'any key'} from {number}: {self.how}"


@dataclass(frozen=True)
class Operation:
    """What one run asked of the bucket; `answered` is what the run could know, `time` when it was done.

    `key` is the prefix of a listing; `last` is True on its last page. `began` is when it was asked for. `told` is True
    if the bucket itself said no: the object is there already, or is not there.
    """

    time: float
    verb: str
    key: str
    answered: bool
    body: bytes = field(default=b"", repr=False)
    once: bool = False
    last: bool = False
    began: float = 0.0
    told: bool = False


class RunClient:
    """The bucket as one run sees it; what it asked stands in `operations`."""

    def __init__(self, bucket: Bucket, troubles: list[Trouble], clock: Clock) -> None:
        self._bucket = bucket
        self._troubles = troubles
        self._clock = clock
        self._lock = threading.Lock()
        self.operations: list[Operation] = []

    def put_object(self, *, Key: str, Body: bytes, **rest: Any) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Put an object."""
        call = lambda: self._bucket.put_object(Key=Key, Body=Body, **rest)  # noqa: E731
        return self._through("put", Key, call, body=bytes(Body), once="IfNoneMatch" in rest)

    def get_object(self, *, Key: str, **rest: Any) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Return an object."""
        return self._through("get", Key, lambda: self._bucket.get_object(Key=Key, **rest))

    def list_objects_v2(self, *, Prefix: str, **rest: Any) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Return one page of keys."""
        return self._through("list", Prefix, lambda: self._bucket.list_objects_v2(Prefix=Prefix, **rest))

    def delete_object(self, *, Key: str, **rest: Any) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Delete an object."""
        return self._through("delete", Key, lambda: self._bucket.delete_object(Key=Key, **rest))

    def _through(self, verb: Verb, key: str, call: Callable[[], dict[str, Any]], **noted: Any) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        answered, told, began = False, False, time.monotonic()
        try:
            answer = self._struck(verb, key, call)
            answered = bool(answer) or verb in {"put", "delete"}
        except ClientError as error:
            told = error.response["Error"]["Code"] in {"PreconditionFailed", "NoSuchKey"}
            raise
        else:
            return answer
        finally:
            last = answer.get("IsTruncated") is False
            done = Operation(time.monotonic(), verb, key, answered, **noted, last=last, began=began, told=told)
            with self._lock:
                self.operations.append(done)

    def _struck(self, verb: Verb, key: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        for trouble in self._troubles:
            if trouble.strikes(verb, key):
                return self._strike(trouble, verb, call)
        return call()

    def _strike(self, trouble: Trouble, verb: Verb, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        how = trouble.how
        if how == "slow":
            self._clock.sleep(trouble.seconds)
        elif how == "hangs":
            time.sleep(HANG)
        elif how == "killed":
            self._clock.die()
        if how in {"lost", "repeated", "garbled"} or trouble.applied:
            call()
        if how in _FAILURES:
            raise _FAILURES[how](verb)
        return {} if how == "garbled" else call()
