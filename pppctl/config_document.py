"""Judges a config document by the functions' own reader, and puts it into the config secret. Shows no value of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from pppctl import layer
from pppctl.aws import CommandError, code_of

if TYPE_CHECKING:
    from pppctl.aws import Aws

LIMIT: Final = 65_536
"""Bytes that Secrets Manager takes (64 KiB)."""


def read(file: str) -> bytes:
    """Return the content of a file, or of standard input for `-`; raises `CommandError` if it cannot be read."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error


def judge(document: bytes) -> dict[str, Any]:
    """Return the faults and the size of a document."""
    faults, weakened = _read_as_the_functions(document)
    if len(document) > LIMIT:
        faults.append(
            f"the document has {len(document)} bytes, Secrets Manager takes {LIMIT}: leave out the indentation, "
            "and name a certificate that several routers share in `certificates`, once"
        )
    return {
        "action": "config check",
        "ok": not faults,
        "faults": faults,
        "weakened": weakened,
        "bytes": len(document),
        "bytes_left": LIMIT - len(document),
    }


def put(aws: Aws, document: bytes) -> dict[str, Any]:
    """Judge a document, and put it into the stack's config secret if it has no fault."""
    answer = judge(document) | {"action": "config put", "secret": None, "version": None}
    if not answer["ok"]:
        return answer
    secret = aws.output("ConfigSecretArn")
    client = aws.client("secretsmanager")
    with aws.errors():
        try:
            done = client.put_secret_value(SecretId=secret, SecretString=document.decode())
        except ClientError as error:
            # The code alone: the message of a refused value may repeat it.
            raise CommandError(f"Secrets Manager refused it: {code_of(error)}; nothing was changed") from None
    return answer | {"secret": secret, "version": done["VersionId"]}


def _read_as_the_functions(document: bytes) -> tuple[list[str], list[str]]:
    """Return the faults and the weakened connections."""
    settings, errors = layer.module("config.settings"), layer.module("errors")
    try:
        text = document.decode()
    except UnicodeDecodeError as error:
        return [f"byte {error.start + 1}: the document must be UTF-8 text"], []
    try:
        return [], list(settings.read_settings(text).weakened)
    except errors.ConfigurationError as error:
        return list(error.faults), []
