"""The one door to the journal bucket: it never delays a run for long, and says what is wrong without secrets."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError, ParamValidationError, ReadTimeoutError

from lab.simulators.s3 import Bucket, refusal
from pppsync.errors import JournalError
from pppsync.journal import store as stores
from pppsync.journal.store import Store, open_store
from pppsync.net.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = b"s3cr3t-of-a-subscriber"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def a_store(bucket: Bucket, clock: Callable[[], float], *, seconds: float = 5, run: float = 900) -> Store:
    """The store of a run that began now and has so many seconds."""
    client: Any = bucket
    return Store(client, bucket.name, Deadline.after(run, clock), seconds)


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment of a function, and no client of another test."""
    for name, value in {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    stores._client.cache_clear()
    yield
    stores._client.cache_clear()


def calls(store: Store) -> list[Callable[[], object]]:
    """Every operation of a store."""
    return [
        lambda: store.put("passwords/2026/11/25/run.json", SECRET, once=True),
        lambda: store.put("holds/all", SECRET, once=False),
        lambda: store.get("holds/all"),
        lambda: store.keys("day/"),
        lambda: store.load("plans/"),
        lambda: store.delete("holds/all"),
    ]


@pytest.mark.usefixtures("fresh")
def test_without_a_bucket_there_is_no_store() -> None:
    """Journal: an empty name of a bucket means that there is none."""
    assert open_store("") is None
    assert open_store("journal") is not None


@pytest.mark.usefixtures("fresh")
def test_warm_runs_share_a_client_that_gives_up_soon() -> None:
    """Journal: one client for each endpoint; its timeouts are below the budget, and it tries twice."""
    first, second, other = open_store("journal"), open_store("journal"), open_store("journal", "http://127.0.0.1:1")
    assert first
    assert second
    assert other
    config: Any = first._client.meta.config

    assert first._client is second._client is not other._client
    assert max(config.connect_timeout, config.read_timeout) < stores.BUDGET
    assert config.retries["total_max_attempts"] == 2


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("accepts", [True, False])
def test_an_s3_out_of_reach_is_told(monkeypatch: pytest.MonkeyPatch, accepts: bool) -> None:
    """Journal: the real client at a port that never answers, or that nobody listens on, is the one error too."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        if not accepts:
            server.close()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        found = open_store("journal", f"http://127.0.0.1:{port}", seconds=0.5)
        assert found
        with pytest.raises(JournalError, match=r"^journal_unavailable: .*; check the bucket"):
            found.put("passwords/2026/11/25/run.json", SECRET, once=True)


def test_the_budget_is_of_the_whole_run() -> None:
    """Journal: slow answers are taken until the budget is spent; after that S3 is not asked any more."""
    bucket, clock = Bucket(), Clock()
    bucket.before = lambda _operation: clock.move(2)
    store = a_store(bucket, clock)

    for _ in range(3):
        store.keys("day/")
    for call in calls(store):
        with pytest.raises(
            JournalError, match=r"^journal_unavailable: no time is left for .*the journal has 5 s a run"
        ):
            call()
    assert len(bucket.asked) == 3


def test_time_between_calls_costs_nothing() -> None:
    """Journal: the budget is of the waits for S3 alone, however long the run is."""
    bucket, clock = Bucket(), Clock()
    store = a_store(bucket, clock)

    for _ in range(20):
        assert store.keys("holds/") == []
        clock.move(10)


def test_calls_at_the_same_time_count_once() -> None:
    """Journal: routers that are written at the same time share the wait, as the run does."""
    bucket, clock, both = Bucket(), Clock(), threading.Barrier(3, timeout=30)

    def meet(operation: str) -> None:
        del operation
        both.wait()
        both.wait()

    bucket.before = meet
    store = a_store(bucket, clock, seconds=60)
    threads = [threading.Thread(target=store.keys, args=("day/",)) for _ in range(2)]
    for thread in threads:
        thread.start()
    both.wait()
    clock.move(3)
    both.wait()
    for thread in threads:
        thread.join()

    assert store._budget.left() == 57


def test_an_answer_that_never_comes_ends_the_journal() -> None:
    """Journal: whoever waits is let go when the budget is spent, whatever the socket does, and nobody waits again."""
    bucket, released = Bucket(), threading.Event()

    def hang(operation: str) -> None:
        del operation
        released.wait()

    bucket.before = hang
    store = a_store(bucket, Deadline.after(0).clock, seconds=0.05)
    try:
        for call in calls(store):
            with pytest.raises(JournalError, match="no time is left for"):
                call()
        assert bucket.asked == ["PutObject"]
    finally:
        released.set()


def test_the_end_of_the_run_is_the_end_of_the_journal() -> None:
    """G7: no call begins after the deadline of the run, whatever is left of the budget."""
    bucket, clock = Bucket(), Clock()
    store = a_store(bucket, clock, run=30)
    store.keys("day/")
    clock.move(30)

    with pytest.raises(JournalError, match="no time is left for"):
        store.put("day/x", b"", once=False)
    assert len(bucket.asked) == 1


def test_a_listing_without_end_is_given_up() -> None:
    """Journal: pages are read until the budget is spent, also by the thread that nobody waits for."""
    bucket, clock = Bucket(page=1), Clock()
    store = a_store(bucket, clock)
    for number in range(100):
        store.put(f"day/{number:02}", b"", once=False)
    bucket.before = lambda _operation: clock.move(1)

    with pytest.raises(JournalError, match="no time is left for day/"):
        store.keys("day/")
    assert bucket.asked.count("ListObjectsV2") == 5


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (refusal("AccessDenied", "x"), "AccessDenied"),
        (refusal("SlowDown", "x"), "SlowDown"),
        (EndpointConnectionError(endpoint_url="https://user:s3cr3t-of-a-subscriber@host"), "EndpointConnectionError"),
        (ReadTimeoutError(endpoint_url="https://host"), "ReadTimeoutError"),
        (ParamValidationError(report=SECRET.decode()), "ParamValidationError"),
        (OSError(SECRET.decode()), "OSError"),
    ],
)
def test_every_failure_is_the_one_error_without_secrets(fault: Exception, told: str) -> None:
    """G10: whatever fails, the error names the fact and the remedy; neither it nor its cause shows a body."""
    bucket, clock = Bucket(), Clock()

    def fail(operation: str) -> None:
        del operation
        raise fault

    bucket.before = fail
    for call in calls(a_store(bucket, clock)):
        with pytest.raises(JournalError, match=rf"^journal_unavailable: .*{told}.*; check the bucket") as caught:
            call()
        assert SECRET.decode() not in str(caught.value)
        assert caught.value.__suppress_context__


def test_a_failure_does_not_end_the_journal() -> None:
    """Journal: only lost time does; what was refused once is tried again by the next call."""
    bucket, clock = Bucket(), Clock()
    store = a_store(bucket, clock)
    with pytest.raises(JournalError, match="KeyTooLongError"):
        store.put("x" * 2000, b"", once=False)

    assert store.put("holds/all", b"", once=False)


def test_an_answer_that_breaks_off_is_a_failure() -> None:
    """G13: a listing that says there is more and not where, is never taken for a whole one."""

    class Broken(Bucket):
        def list_objects_v2(self, **_: Any) -> dict[str, Any]:
            """Return a page with no way on."""
            return {"IsTruncated": True}

    with pytest.raises(JournalError, match=r"S3 did not list day/ \(KeyError\)"):
        a_store(Broken(), Clock()).keys("day/")


def test_a_refusal_is_only_a_value_where_it_was_asked_for() -> None:
    """Journal: 412 is a value for `once` alone."""
    bucket = Bucket()

    def fail(operation: str) -> None:
        raise refusal("PreconditionFailed", operation)

    bucket.before = fail
    store = a_store(bucket, Clock())

    assert store.put("plans/a.json", b"", once=True) is False
    with pytest.raises(JournalError, match="PreconditionFailed"):
        store.put("plans/a.json", b"", once=False)


def test_an_object_that_goes_while_others_are_loaded_is_left_out() -> None:
    """G14: a hold that is released between the listing and its turn is none."""
    bucket = Bucket()
    store = a_store(bucket, Clock())
    for key in ("holds/all", "holds/router/a.json"):
        store.put(key, b"1", once=False)

    def release(operation: str) -> None:
        if operation == "GetObject":
            bucket.objects.pop("holds/all", None)

    bucket.before = release

    assert store.load("holds/") == {"holds/router/a.json": b"1"}


def test_one_that_cannot_be_loaded_fails_the_whole() -> None:
    """G14: holds that are read in part would let somebody be cut off who is on hold."""
    bucket = Bucket()
    store = a_store(bucket, Clock())
    for number in range(99):
        store.put(f"holds/router/{number}.json", b"1", once=False)

    def fail(operation: str) -> None:
        if operation == "GetObject":
            raise refusal("AccessDenied", operation)

    bucket.before = fail
    with pytest.raises(JournalError, match=r"S3 refused to get holds/router/\d+\.json: AccessDenied"):
        store.load("holds/")
