"""Gets a plan that was put and publishes its notice, once in this process."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import ClientError

from plan_notice.plan import LARGEST, NotAPlanError, read_plan
from plan_notice.put_events import NotAnEventError, puts
from plan_notice.text import Stack, message, subject

if TYPE_CHECKING:
    from plan_notice.put_events import Put

logger = logging.getLogger(__name__)

REMEMBERED: Final = 256
_GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion"})


class ObjectStore(Protocol):
    """What is used of S3."""

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803 - boto3's names
        """Return the object."""


class Topics(Protocol):
    """What is used of SNS."""

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> Any:  # noqa: N803 - boto3's names
        """Send the message to all who subscribed."""


@dataclass(slots=True)
class Delivery:
    """The way from the bucket to the topic. It raises what AWS refuses: Lambda tries again, then the alarm rings.

    S3 sends an event at least once. A second event of one put is left out if this process sent its notice; if another
    one did, there are two notices, and nothing worse.
    """

    objects: ObjectStore
    topics: Topics
    topic: str
    stack: Stack
    _sent: dict[tuple[str, str], None] = field(default_factory=dict)

    def handle(self, event: object) -> list[str]:
        """Send a notice for each plan that the event says was put; return the ids of those that were told."""
        try:
            return [plan_id for put in puts(event) if (plan_id := self._tell(put))]
        except NotAnEventError as error:
            logger.error("no notice: %s", error)  # noqa: TRY400 - a trace shows nothing more
            return []

    def _tell(self, put: Put) -> str | None:
        mark = (put.key, put.mark) if put.mark else None
        if mark in self._sent:
            logger.info("no notice: this put was told already")
            return None
        body = self._get(put)
        if body is None:
            return None
        try:
            plan = read_plan(put.key, body)
        except NotAPlanError as error:
            logger.error("no notice: the object is no plan: %s", error)  # noqa: TRY400 - a trace shows nothing more
            return None
        if not plan.tell:
            logger.info("no notice: the plan is not to be told", extra={"plan_id": plan.plan_id})
            return None
        self.topics.publish(TopicArn=self.topic, Subject=subject(plan, self.stack), Message=message(plan, self.stack))
        if mark:
            self._remember(mark)
        logger.info("notice sent", extra={"plan_id": plan.plan_id, "kind": plan.kind, "count": plan.count})
        return plan.plan_id

    def _get(self, put: Put) -> bytes | None:
        try:
            found = self.objects.get_object(Bucket=put.bucket, Key=put.key)
        except ClientError as error:
            # The role may not list, so S3 mostly says AccessDenied of an object that is gone. That is raised: nothing
            # tells it from a role that was changed, and a plan is never deleted but by hand or after its 10 days.
            if error.response.get("Error", {}).get("Code") in _GONE:
                logger.info("no notice: the object is gone")
                return None
            raise
        body: bytes = found["Body"].read(LARGEST + 1)
        return body

    def _remember(self, mark: tuple[str, str]) -> None:
        self._sent[mark] = None
        if len(self._sent) > REMEMBERED:
            del self._sent[next(iter(self._sent))]
