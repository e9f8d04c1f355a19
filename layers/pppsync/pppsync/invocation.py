"""Wires what `sync` and `pass_import` have in common: logging, tracing, the time that is left, the settings."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from aws_lambda_powertools import Tracer

from pppsync.config import fetch
from pppsync.net.deadline import Deadline
from pppsync.report import log_setup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from pppsync.config.settings import Settings
    from pppsync.report.log_setup import Handler


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a function by Lambda; `began` is a moment on the monotonic clock."""

    run_id: str
    began: float
    deadline: Deadline
    settings: Settings

    @classmethod
    def begin(cls, context: LambdaContext, environment: Mapping[str, str]) -> Self:
        """Start the clock and fetch the settings; raises `ConfigurationError`."""
        began = time.monotonic()
        deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000)
        settings = fetch.load(environment["CONFIG_SECRET_ARN"], environment.get("AWS_ENDPOINT_URL", ""))
        return cls(context.aws_request_id, began, deadline, settings)

    @property
    def router_names(self) -> list[str]:
        """The names that an event may use."""
        return [router.name for router in self.settings.routers]

    def seconds(self) -> float:
        """Return the seconds since the call began."""
        return time.monotonic() - self.began


def logged[Response](logger: Logger) -> Callable[[Handler[Response]], Handler[Response]]:
    """Return a decorator for a handler: traced without its response, logged with the request id, failures recorded."""
    log_setup.quieten_third_parties()
    tracer = Tracer()

    def decorate(handler: Handler[Response]) -> Handler[Response]:
        recorded: Handler[Response] = logger.inject_lambda_context(log_setup.failures(logger)(handler))
        traced: Handler[Response] = tracer.capture_lambda_handler(recorded, capture_response=False, capture_error=False)
        return traced

    return decorate
