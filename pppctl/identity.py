"""Says who runs a command."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Final

from botocore.config import Config

from pppctl.aws import CommandError

if TYPE_CHECKING:
    from pppctl.aws import Aws

_LONGEST: Final = 200
# A stop must not wait for a name.
_QUICK: Final = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 1, "mode": "standard"})


def caller(aws: Aws) -> str:
    """Return the caller's ARN, or the name of the user of this computer where AWS does not tell it."""
    try:
        with aws.errors():
            found = str(aws.client("sts", config=_QUICK).get_caller_identity()["Arn"])
    except CommandError:
        found = _local()
    return found[:_LONGEST]


def _local() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
