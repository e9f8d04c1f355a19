"""Fetches the config secret from Secrets Manager at every run: the next run uses a rotated password."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pppsync.config.settings import Settings, read_settings
from pppsync.errors import Code, ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def load(arn: str, endpoint: str = "") -> Settings:
    """Return the settings that the secret holds; raises `ConfigurationError` if it cannot be fetched or used.

    `endpoint` is the environment's `AWS_ENDPOINT_URL`, which boto3 reads: a new value gets a new
    client.
    """
    try:
        answer = _client(endpoint).get_secret_value(SecretId=arn)
    except ClientError as error:
        raise ConfigurationError(
            [f"Secrets Manager refused it: {error.response['Error']['Code']}; check the function's role and the ARN"],
            Code.CONFIGURATION_UNREADABLE,
        ) from None
    except BotoCoreError as error:
        raise ConfigurationError(
            [f"Secrets Manager cannot be reached ({type(error).__name__}); in a VPC the endpoint is needed"],
            Code.CONFIGURATION_UNREADABLE,
        ) from None
    # `--secret-binary fileb://conf.json` is an easy slip; the settings refuse texts with bytes that are no UTF-8.
    binary = answer.get("SecretBinary", b"").decode("utf-8", "surrogateescape")
    return read_settings(answer.get("SecretString") or binary)


@cache
def _client(_endpoint: str) -> SecretsManagerClient:
    """Return one client for all warm invocations; it gives up soon enough to say why."""
    config = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 2})
    client: SecretsManagerClient = boto3.client("secretsmanager", config=config)
    return client
