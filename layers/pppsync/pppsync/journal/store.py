"""The only module that knows the journal bucket: it puts, gets, lists and deletes objects, and never delays a run long.

Strategy
--------
A run is right without its journal, so the journal must not cost a run its time:

* A store has a budget of seconds. It is spent while at least one call is under way, so that calls of several threads
  at the same time count once. When it is spent, the journal is unavailable for the rest of the run.
* A call runs in a thread of its own, and its caller waits no longer than the budget allows. Timeouts of sockets alone
  do not limit that: each address of a host name, each piece of an answer and each try has a timeout of its own.
* A call that its caller gave up may still take effect. Every object is such that this makes a run more careful only.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pppsync.errors import JournalError
from pppsync.net.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from datetime import datetime

    from mypy_boto3_s3 import S3Client

BUDGET: Final = 5.0
"""Seconds that the journal may delay a run in sum."""
_THREADS: Final = 16
_EXISTS: Final = "PreconditionFailed"
_MISSING: Final = "NoSuchKey"
_REMEDY: Final = "check the bucket and the function's role, in a VPC also its endpoint for S3"


def open_store(
    bucket: str, endpoint: str = "", *, seconds: float = BUDGET, deadline: Deadline | None = None
) -> Store | None:
    """Return the journal of one run, or None if there is none (`bucket` is empty).

    `endpoint` is the environment's `AWS_ENDPOINT_URL`, which boto3 reads: a new value gets a new client. `seconds` is
    the budget; `deadline` is the run's, which ends it too.
    """
    if not bucket:
        return None
    return Store(_client(endpoint), bucket, deadline or Deadline.after(float("inf")), seconds)


class Store:
    """The journal bucket during one run; every method raises `JournalError` on any failure or when time is up."""

    def __init__(self, client: S3Client, bucket: str, deadline: Deadline, seconds: float = BUDGET) -> None:
        self._client = client
        self._bucket = bucket
        self._deadline = deadline
        self._budget = _Budget(seconds, deadline.clock)
        self._pool = ThreadPoolExecutor(_THREADS, "journal")

    def put(self, key: str, body: bytes, *, once: bool) -> bool:
        """Put an object; with `once`, return False and change nothing if there is one of that key already.

        It may be this call's own, where the answer to its first try was lost: False never tells that the body is kept.
        """

        def call() -> bool:
            try:
                if once:
                    self._client.put_object(Bucket=self._bucket, Key=key, Body=body, IfNoneMatch="*")
                else:
                    self._client.put_object(Bucket=self._bucket, Key=key, Body=body)
            except ClientError as error:
                if once and _code(error) == _EXISTS:
                    return False
                raise
            return True

        return self._within("put", key, call)

    def get(self, key: str) -> bytes | None:
        """Return an object, or None if there is none.

        S3 answers so only where the role may list the whole bucket; else a missing object is a refused one. `load`
        needs no such right.
        """
        return self._within("get", key, lambda: self._get(key))

    def keys(self, prefix: str, start_after: str = "") -> list[str]:
        """Return all keys below a prefix in order, those after `start_after` alone."""
        return self._within("list", prefix, lambda: [key for key, _ in self._list(prefix, start_after)])

    def load(self, prefix: str, *, since: datetime | None = None, newest: int | None = None) -> dict[str, bytes]:
        """Return the objects below a prefix by key; with `since`, those alone that were put at that time or later.

        With `newest`, so many at most: those that were put last.
        """

        def call() -> list[str]:
            listed = [(put, key) for key, put in self._list(prefix, "") if since is None or put >= since]
            return [key for _, key in sorted(listed, reverse=True)[:newest]]

        with self._budget.spending():
            found = self._within("list", prefix, call)
            waiting = [(key, self._pool.submit(self._get, key)) for key in found]
            try:
                bodies = [(key, self._await("get", key, future)) for key, future in waiting]
            finally:
                for _, future in waiting:
                    future.cancel()
        return {key: body for key, body in bodies if body is not None}

    def aside(self, seconds: float) -> Store:
        """Return a store for calls that delay nobody: the same bucket and run, and a budget of its own."""
        return Store(self._client, self._bucket, self._deadline, seconds)

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no fault."""
        self._within("delete", key, lambda: self._client.delete_object(Bucket=self._bucket, Key=key))

    def _get(self, key: str) -> bytes | None:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if _code(error) == _MISSING:
                return None
            raise

    def _list(self, prefix: str, start_after: str) -> Iterator[tuple[str, datetime]]:
        """Yield key and time of every object, page by page to the end."""
        answer = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, StartAfter=start_after)
        yield from ((one["Key"], one["LastModified"]) for one in answer.get("Contents", ()))
        while answer["IsTruncated"]:
            # Nobody waits any more: a listing without end must not go on for the next run.
            self._left(prefix)
            answer = self._client.list_objects_v2(
                Bucket=self._bucket, Prefix=prefix, ContinuationToken=answer["NextContinuationToken"]
            )
            yield from ((one["Key"], one["LastModified"]) for one in answer.get("Contents", ()))

    def _within[Answer](self, verb: str, what: str, call: Callable[[], Answer]) -> Answer:
        """Return what the call returns, while the budget is spent."""
        with self._budget.spending():
            self._left(what)
            return self._await(verb, what, self._pool.submit(call))

    def _await[Answer](self, verb: str, what: str, future: Future[Answer]) -> Answer:
        try:
            return future.result(self._left(what))
        except TimeoutError:
            self._budget.empty()
            raise self._too_slow(what) from None
        except ClientError as error:
            raise JournalError(f"S3 refused to {verb} {what}: {_code(error)}; {_REMEDY}") from None
        except (BotoCoreError, OSError, KeyError) as error:
            raise JournalError(f"S3 did not {verb} {what} ({type(error).__name__}); {_REMEDY}") from None

    def _left(self, what: str) -> float:
        """Return the seconds that a caller may wait still; raises `JournalError` if there are none."""
        left = min(self._budget.left(), self._deadline.left())
        if left <= 0:
            raise self._too_slow(what)
        return left

    def _too_slow(self, what: str) -> JournalError:
        return JournalError(f"no time is left for {what}: the journal has {self._budget.seconds:g} s a run; {_REMEDY}")


class _Budget:
    """Seconds that are spent while at least one call is under way."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._spent = 0.0
        self._under_way = 0
        self._since = 0.0

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Spend the budget meanwhile."""
        with self._lock:
            if not self._under_way:
                self._since = self._clock()
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                if not self._under_way:
                    self._spent += self._clock() - self._since

    def left(self) -> float:
        """Return the seconds that are left, zero or less if it is spent."""
        with self._lock:
            return self.seconds - self._spent - (self._clock() - self._since if self._under_way else 0.0)

    def empty(self) -> None:
        """Spend all that is left."""
        with self._lock:
            self._spent = self.seconds


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


@cache
def _client(_endpoint: str) -> S3Client:
    """Return one client for all warm invocations; its second try is for a connection that a frozen function lost."""
    config = Config(
        connect_timeout=1.5,
        read_timeout=3,
        retries={"total_max_attempts": 2, "mode": "standard"},
        max_pool_connections=_THREADS,
    )
    client: S3Client = boto3.client("s3", config=config)
    return client
