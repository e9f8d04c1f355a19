"""Pure: reads which objects were put from the event that S3 sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus


class NotAnEventError(Exception):
    """The event is none of S3; the message says why and shows nothing of it."""


@dataclass(frozen=True, slots=True)
class Put:
    """An object that was put; `mark` is equal in two events of one put, None if S3 gave no such mark."""

    bucket: str
    key: str
    mark: str | None


def puts(event: object) -> list[Put]:
    """Return the objects that the event says were put; raises `NotAnEventError`."""
    try:
        records: list[Any] = event["Records"]  # type: ignore[index]
        return [_put(record["s3"]) for record in records if record["eventName"].startswith("ObjectCreated:")]
    except (KeyError, TypeError, AttributeError):
        raise NotAnEventError("the event is not of the form that S3 sends") from None


def _put(put: dict[str, Any]) -> Put:
    found = put["object"]
    mark = found.get("versionId") or found.get("sequencer")
    # S3 encodes the key in the event, and a blank in it as `+`.
    return Put(put["bucket"]["name"], unquote_plus(found["key"]), mark)
