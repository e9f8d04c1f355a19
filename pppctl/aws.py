"""The AWS side of every command: one session, the outputs of one stack, and errors that say what to do."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from botocore.config import Config

_CREDENTIALS: Final = "set AWS_PROFILE (or --profile), or log in with `aws sso login` or `aws configure`"
_REGION: Final = "set AWS_DEFAULT_REGION (or --region) to the region of the stack, such as eu-west-1"
_REMEDIES: Final[tuple[tuple[tuple[type[BotoCoreError], ...], str], ...]] = (
    ((NoRegionError, InvalidRegionError), _REGION),
    ((EndpointConnectionError,), f"if the network works, the region may be wrong: {_REGION}"),
    ((NoCredentialsError, PartialCredentialsError, CredentialRetrievalError), _CREDENTIALS),
    ((SSOError, TokenRetrievalError), _CREDENTIALS),
    ((ProfileNotFound,), "set AWS_PROFILE (or --profile) to a profile that `aws configure list-profiles` shows"),
)
_REFUSED_CREDENTIALS: Final = frozenset(
    {
        *("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"),
        *("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "AuthFailure"),
    }
)


class CommandError(Exception):
    """The command has no answer; the message says why and what to do."""


class Aws:
    """One AWS account and region, as one stack's commands use them; `session` makes the boto3 session."""

    def __init__(
        self,
        stack: str,
        *,
        region: str | None = None,
        profile: str | None = None,
        session: Callable[..., Any] = boto3.Session,
    ) -> None:
        self.stack = stack
        with self.errors():
            self._session = session(region_name=region, profile_name=profile)

    def client(self, service: str, config: Config | None = None) -> Any:
        """A client of an AWS service."""
        with self.errors():
            return self._session.client(service, config=config)

    def output(self, key: str) -> str:
        """Return an output of the stack; raises `CommandError` if there is no such stack or output."""
        if key in self._outputs:
            return self._outputs[key]
        raise CommandError(
            f"the stack {self.stack} has no output {key}: it is another program's, not deployed, or of an older version"
        )

    @cached_property
    def _outputs(self) -> Mapping[str, str]:
        client = self.client("cloudformation")
        with self.errors():
            (found,) = client.describe_stacks(StackName=self.stack)["Stacks"]
        return {one["OutputKey"]: str(one["OutputValue"]) for one in found.get("Outputs", ())}

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Inside, an error of AWS becomes a `CommandError`."""
        try:
            yield
        except ClientError as error:
            raise CommandError(_refused(error, self.stack)) from error
        except BotoCoreError as error:
            raise CommandError(_unusable(error)) from error


def code_of(error: ClientError) -> str:
    """The code of an error that AWS answered with."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _refused(error: ClientError, stack: str) -> str:
    code, message = code_of(error), error.response.get("Error", {}).get("Message", "")
    if code == "ValidationError" and "does not exist" in message:
        return f"there is no stack {stack} in this account and region; see --stack, --region and --profile"
    remedy = f"; {_CREDENTIALS}" if code in _REFUSED_CREDENTIALS else ""
    return f"AWS refused it: {code}: {message.removesuffix('.')}{remedy}"


def _unusable(error: BotoCoreError) -> str:
    remedies = [f"; {remedy}" for kinds, remedy in _REMEDIES if isinstance(error, kinds)]
    return f"AWS cannot be used from here: {str(error).removesuffix('.')}{''.join(remedies)}"
