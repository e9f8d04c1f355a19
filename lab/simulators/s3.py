"""A bucket in memory with the part of the boto3 S3 client that the journal uses, as strict as S3.

It knows no argument that the journal does not use. It refuses what S3 refuses with the same codes: a key above 1,024
bytes, a second object where `IfNoneMatch` forbids it, a missing object, an unknown bucket, a made-up token.
"""

import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

LONGEST_KEY: Final = 1024
_STATUS: Final = {
    "AccessDenied": 403,
    "InvalidArgument": 400,
    "KeyTooLongError": 400,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "PreconditionFailed": 412,
    "SlowDown": 503,
}


def _now() -> datetime:
    return datetime.now(UTC)


def _nothing(operation: str) -> None:
    del operation


class Bucket:
    """The client and its one bucket; `page` is how many keys a page of a listing has.

    `before` is called with the name of each operation before it happens: there a test raises, waits or moves a clock.
    """

    def __init__(self, name: str = "journal", *, page: int = 1000, clock: Callable[[], datetime] = _now) -> None:
        self.name = name
        self.objects: dict[str, bytes] = {}
        self.times: dict[str, datetime] = {}
        self.asked: list[str] = []
        self.before: Callable[[str], None] = _nothing
        self._page = page
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, str] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, IfNoneMatch: str | None = None) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Put an object; `IfNoneMatch="*"` refuses a second one."""
        self._enter("PutObject", Bucket)
        if IfNoneMatch not in {None, "*"}:
            raise refusal("InvalidArgument", "PutObject")
        if not 1 <= len(Key.encode()) <= LONGEST_KEY:
            raise refusal("KeyTooLongError", "PutObject")
        with self._lock:
            if IfNoneMatch and Key in self.objects:
                raise refusal("PreconditionFailed", "PutObject")
            self.objects[Key], self.times[Key] = bytes(Body), self._clock()
        return {}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Return an object's body as a stream."""
        self._enter("GetObject", Bucket)
        with self._lock:
            if Key not in self.objects:
                raise refusal("NoSuchKey", "GetObject")
            return {"Body": io.BytesIO(self.objects[Key])}

    def list_objects_v2(
        self,
        *,
        Bucket: str,  # noqa: N803 - boto3's names
        Prefix: str,  # noqa: N803
        StartAfter: str = "",  # noqa: N803
        ContinuationToken: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        """Return one page of keys in the order of their bytes; `Contents` is left out where there are none."""
        self._enter("ListObjectsV2", Bucket)
        with self._lock:
            if ContinuationToken is not None:
                if ContinuationToken not in self._tokens:
                    raise refusal("InvalidArgument", "ListObjectsV2")
                StartAfter = self._tokens.pop(ContinuationToken)  # noqa: N806
            found = [key for key in self.objects if key.startswith(Prefix) and key.encode() > StartAfter.encode()]
            found.sort(key=str.encode)
            page = found[: self._page]
            answer: dict[str, Any] = {"IsTruncated": len(page) < len(found), "KeyCount": len(page)}
            if page:
                answer["Contents"] = [{"Key": key, "LastModified": self.times[key]} for key in page]
            if answer["IsTruncated"]:
                token = f"token-{len(self.asked)}"
                self._tokens[token] = page[-1]
                answer["NextContinuationToken"] = token
            return answer

    def delete_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Delete an object, whether it is there or not."""
        self._enter("DeleteObject", Bucket)
        with self._lock:
            self.objects.pop(Key, None)
            self.times.pop(Key, None)
        return {}

    def _enter(self, operation: str, bucket: str) -> None:
        with self._lock:
            self.asked.append(operation)
        self.before(operation)
        if bucket != self.name:
            raise refusal("NoSuchBucket", operation)


def refusal(code: str, operation: str) -> ClientError:
    """Return the error that boto3 raises for a refusal of S3."""
    status = {"HTTPStatusCode": _STATUS[code]}
    answer: Any = {"Error": {"Code": code, "Message": f"{code} of the simulator"}, "ResponseMetadata": status}
    return ClientError(answer, operation)
