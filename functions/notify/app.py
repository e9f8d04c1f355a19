"""The function `notify`: a plan that was put into the journal in, a notice to the alarm topic out. Wiring only."""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from plan_notice.delivery import Delivery
from plan_notice.text import Stack

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# Lambda tries a whole event again: the calls of one try end within the function's 30 seconds.
_QUICK = Config(connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 2, "mode": "standard"})

# At the level DEBUG botocore logs session tokens and the whole notice.
logging.getLogger("botocore").setLevel(logging.INFO)


def lambda_handler(event: object, context: LambdaContext) -> list[str]:
    """Tell of the plans that the event of S3 names; return the ids of those that were told."""
    del context
    return _delivery().handle(event)


@cache
def _delivery() -> Delivery:
    """Return the one delivery of this process, which remembers what it sent."""
    names = os.environ["NOTICE_NAMES"] != "false"
    return Delivery(
        objects=boto3.client("s3", config=_QUICK),
        topics=boto3.client("sns", config=_QUICK),
        topic=os.environ["TOPIC_ARN"],
        stack=Stack(os.environ["STACK_NAME"], os.environ["AWS_REGION"], names=names),
    )
