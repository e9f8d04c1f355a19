"""The journal's store on the emulator's S3 and on the bucket in memory: both must answer the same way."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest

from lab.local_aws import environment
from lab.simulators.s3 import Bucket
from pppsync.errors import JournalError
from pppsync.journal import store as stores
from pppsync.journal.store import Store, open_store
from pppsync.net.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.local_aws.emulator import Emulator

PATIENT = 60.0
"""A budget that no busy machine passes: none of these tests is about time."""

PAGE = 10
"""Keys of a page: so few that a listing of a test has several."""


@pytest.fixture(params=["emulator", "memory"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty journal bucket."""
    name = f"journal-{uuid.uuid4()}"
    if request.param == "memory":
        client: Any = Bucket(name, page=PAGE)
        yield Store(client, name, Deadline.after(PATIENT), PATIENT)
        return
    emulator = cast("Emulator", request.getfixturevalue("emulator"))
    with environment.pointed_at(emulator.endpoint):
        boto3.client("s3").create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": environment.REGION}
        )
        stores._client.cache_clear()
        events = stores._client(emulator.endpoint).meta.events
        events.register("provide-client-params.s3.ListObjectsV2", lambda params, **_: params | {"MaxKeys": PAGE})
        found = open_store(name, emulator.endpoint, seconds=PATIENT)
        assert found is not None
        yield found
        stores._client.cache_clear()


def test_an_object_comes_back_as_it_was_put(store: Store) -> None:
    """Journal: an object is read byte for byte, replaced by a second put, and gone after a delete."""
    body = bytes(range(256))

    assert store.get("holds/all") is None
    assert store.put("holds/all", b"first", once=False)
    assert store.put("holds/all", body, once=False)
    assert store.get("holds/all") == body
    store.delete("holds/all")
    store.delete("holds/all")
    assert store.get("holds/all") is None


def test_an_object_that_is_put_once_is_never_replaced(store: Store) -> None:
    """G12: a second object under the same key is refused by a value, and the first one stays."""
    assert store.put("passwords/2026/11/25/run.json", b"first", once=True) is True
    assert store.put("passwords/2026/11/25/run.json", b"second", once=True) is False
    assert store.get("passwords/2026/11/25/run.json") == b"first"


def test_a_listing_has_every_page(store: Store) -> None:
    """G13: a listing goes on to its end, in order, and leaves out what is not after `start_after`."""
    keys = [f"day/20261125T{number:06}Z/tower%201/disable/run-{number}-planned-1" for number in range(2 * PAGE + 1)]
    for key in keys:
        store.put(key, b"", once=False)
    store.put("plans/other.json", b"", once=False)

    assert store.keys("day/") == keys
    assert store.keys("day/", start_after=keys[0][:20]) == keys
    assert store.keys("day/", start_after="day/20261125T000009Z") == keys[9:]
    assert store.keys("day/", start_after=keys[-1]) == []


def test_what_stands_below_a_prefix_is_loaded(store: Store) -> None:
    """G14: all objects below a prefix come with their bodies, encoded names as they were put."""
    objects = {"holds/all": b"1", "holds/router/%D1%81%20%2F%25.json": b"2", "holds/router/a.json": b"3"}
    for key, body in objects.items():
        store.put(key, body, once=False)
    store.put("plans/a.json", b"4", once=False)

    assert store.load("holds/") == objects
    assert store.load("holds/", since=datetime.now(UTC) - timedelta(hours=1)) == objects
    assert store.load("holds/", since=datetime.now(UTC) + timedelta(hours=1)) == {}
    assert store.load("wakes/") == {}


def test_a_bucket_that_is_gone_is_an_unavailable_journal(store: Store) -> None:
    """Journal: every operation on a bucket that does not exist raises the one error, with S3's code."""
    gone = Store(store._client, "no-such-bucket-of-ours", Deadline.after(PATIENT), PATIENT)

    for call in (
        lambda: gone.put("holds/all", b"", once=True),
        lambda: gone.get("holds/all"),
        lambda: gone.keys("holds/"),
        lambda: gone.load("holds/"),
        lambda: gone.delete("holds/all"),
    ):
        with pytest.raises(JournalError, match=r"^journal_unavailable: S3 refused to .*NoSuchBucket; check the bucket"):
            call()
