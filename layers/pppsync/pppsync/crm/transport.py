"""Speaks HTTPS to the CRM at one place: its domain, or its address under the domain's name."""

from __future__ import annotations

import json
import random
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util.retry import Retry

from pppsync.crm.refusals import CLAIMED, FINAL, refusal
from pppsync.errors import Code, CrmError
from pppsync.net.tls import client_context, patience, speaks_no_tls, why_refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pppsync.config.settings import CrmSettings
    from pppsync.net.deadline import Deadline
    from pppsync.net.endpoint import Endpoint, Tls

ATTEMPTS: Final = 4
CONNECT_TIMEOUT: Final = 10.0
"""Seconds; a CRM that takes longer to accept a connection is down, and its other address waits."""
LARGEST_ANSWER: Final = 128 << 20
NO_TLS: Final = (
    "no TLS on this port: something answers in the clear; set the port of HTTPS in ucrm.domain_name or ucrm.ip_address"
    " (host:port, 443 if left out)"
)
_CHUNK: Final = 1 << 20
_SHORTEST: Final = 0.001
"""Seconds; the library refuses a timeout of nothing."""
_ROUNDING: Final = 0.05
"""Seconds by which a wait may seem shorter than its limit."""
_HTTPS: Final = 443
_TOO_MANY: Final = 429
_SERVER_FAULT: Final = range(500, 600)
_LARGEST_ERROR: Final = 1 << 16
_ERROR_SECONDS: Final = 5.0
"""Limits for the body of a refusal, of which only the form is of interest."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A successful answer, its body read to the end."""

    body: bytes
    content_type: str

    def json(self) -> Any:
        """Return the JSON document; raises `CrmError` for anything else, such as a proxy's page."""
        if "json" not in self.content_type.lower():
            raise CrmError(Code.CRM_BAD_ANSWER, "the CRM answered with something that is not JSON")
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise CrmError(Code.CRM_BAD_ANSWER, "the CRM's JSON cannot be read") from None


class UispHttp:
    """One session with the CRM at one place; safe to use from several threads."""

    def __init__(self, settings: CrmSettings, endpoint: Endpoint) -> None:
        host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        self._where = f"{host}:{endpoint.port}"
        self._base = f"https://{self._where}/crm/api/v1.0/"
        self._timeout = (min(settings.timeout, CONNECT_TIMEOUT), settings.timeout)
        self._session = requests.Session()
        # REQUESTS_CA_BUNDLE, proxies and .netrc of the environment must not change who is trusted.
        self._session.trust_env = False
        self._session.headers.update({"X-Auth-App-Key": settings.key.reveal(), "Accept": "application/json"})
        if settings.domain and settings.domain != endpoint:
            port = "" if settings.domain.port == _HTTPS else f":{settings.domain.port}"
            self._session.headers["Host"] = f"{settings.domain.host}{port}"
        self._adapter = _VerifyingAdapter(settings.tls)

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()
        self._session.close()

    def get(self, path: str, query: Mapping[str, str | int], deadline: Deadline) -> HttpAnswer:
        """Send a GET, with retries; raises `CrmError`."""
        return self._request("GET", path, deadline, params=dict(query))

    def patch(self, path: str, body: object, start: Deadline, finish: Deadline) -> HttpAnswer:
        """Send a PATCH, with retries: setting a value twice is the same as once. Raises `CrmError`.

        Begins no try after `start`, and waits for no answer beyond `finish`.
        """
        return self._request("PATCH", path, finish, start, json=body)

    def _request(
        self, method: str, path: str, deadline: Deadline, start: Deadline | None = None, **arguments: Any
    ) -> HttpAnswer:
        start = start or deadline
        attempt = 1
        while True:
            if start.left() <= 0:
                raise CrmError(
                    Code.CRM_TIMEOUT, f"no time left in this run to ask the CRM; {self._limit}", fall_back=True
                )
            try:
                return self._attempt(method, path, deadline, arguments)
            except _TransientError as error:
                backoff = 0.5 * 2**attempt * random.uniform(0.5, 1)  # noqa: S311 - jitter is no secret
                pause = error.retry_after or backoff
                if attempt == ATTEMPTS or pause >= start.left():
                    tries = f"{error.detail} ({attempt} of {ATTEMPTS} tries)"
                    raise CrmError(error.code, tries, fall_back=True) from error
                attempt += 1
                deadline.sleep(pause)

    def _attempt(self, method: str, path: str, deadline: Deadline, arguments: dict[str, Any]) -> HttpAnswer:
        began = time.monotonic()
        left = max(deadline.left(), _SHORTEST)
        timeout = (min(self._timeout[0], left), min(self._timeout[1], left))
        request = self._session.prepare_request(requests.Request(method, self._base + path, **arguments))
        try:
            # Use the adapter, not the session: the session resolves redirect targets even with allow_redirects=False.
            with (
                patience(lambda: min(timeout[1], deadline.left())),
                self._adapter.send(request, stream=True, timeout=timeout) as response,
            ):
                _check(response, self._where, deadline)
                return HttpAnswer(self._body(response, deadline), response.headers.get("Content-Type", ""))
        except (requests.RequestException, HTTPError) as error:
            cause = _innermost(error)
            # A connection that ends in the middle of its handshake says nothing about certificates.
            if isinstance(error, requests.exceptions.SSLError) and not isinstance(cause, ssl.SSLEOFError):
                raise CrmError(Code.CRM_TLS, f"{self._where}: {_why_no_tls(cause)}", fall_back=True) from error
            if isinstance(cause, TimeoutError):
                late = self._why_late(time.monotonic() - began, deadline.left())
                raise _TransientError(Code.CRM_UNREACHABLE, late) from error
            raise _TransientError(Code.CRM_UNREACHABLE, f"no answer from the CRM: {_reason(cause)}") from error

    @property
    def _limit(self) -> str:
        return f"the limit of one answer is ucrm.timeout, {self._timeout[1]:g} s"

    def _why_late(self, waited: float, left: float) -> str:
        """Return which limit ended the wait: that of the run, of connecting, or of the settings."""
        connecting, answering = self._timeout
        if left < _ROUNDING:
            return f"no whole answer from the CRM within {waited:.2g} s, all that was left of this run; {self._limit}"
        if waited < answering - _ROUNDING:
            return f"no TLS connection to the CRM within {connecting:g} s, the limit for connecting; {self._limit}"
        return f"the CRM was silent for {answering:g} s; the limit is ucrm.timeout"

    def _body(self, response: requests.Response, deadline: Deadline) -> bytes:
        """Return the whole body, in few reads."""
        chunks: list[bytes] = []
        length = 0
        while chunk := response.raw.read(_CHUNK, decode_content=True):
            chunks.append(chunk)
            length += len(chunk)
            if length > LARGEST_ANSWER:
                raise CrmError(
                    Code.CRM_BAD_ANSWER, f"an answer of more than {LARGEST_ANSWER} bytes; lower ucrm.page_size"
                )
            if deadline.left() <= 0:
                detail = f"the CRM's answer took longer than this run has; {self._limit}"
                raise CrmError(Code.CRM_TIMEOUT, detail, fall_back=True)
        return b"".join(chunks)


class _TransientError(Exception):
    """A failure that another try may repair."""

    def __init__(self, code: Code, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after


class _VerifyingAdapter(HTTPAdapter):
    """Trusts what our context trusts, and nothing else; checks the certificate against the configured name."""

    def __init__(self, tls: Tls) -> None:
        self._tls = tls
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Give every connection our context, and the domain's name where it goes to the address."""
        kwargs["ssl_context"] = client_context(self._tls)
        if self._tls.server_name:
            kwargs["server_hostname"] = self._tls.server_name
        if not (self._tls.verify and self._tls.verify_hostname):
            kwargs["assert_hostname"] = False
        super().init_poolmanager(*args, **kwargs)

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """Leave out requests' own idea of verification, which would overwrite the context's."""
        host, _ = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, {}

    def cert_verify(self, *_: Any) -> None:
        """Add no authorities: requests would add the public ones to a pinned certificate."""


def _check(response: requests.Response, where: str, deadline: Deadline) -> None:
    status = response.status_code
    if status == requests.codes.ok:
        return
    if status == _TOO_MANY or status in _SERVER_FAULT:
        raise _TransientError(Code.CRM_FAILING, f"the CRM answers with {status}", _retry_after(response))
    if status in FINAL:
        raise refusal(status, _error_body(response, deadline) if status in CLAIMED else b"", where)
    what = "a redirect, which is not followed with the key" if response.is_redirect else "an unexpected status"
    raise CrmError(Code.CRM_REFUSED, f"the CRM answers with {what} ({status})", fall_back=True)


def _retry_after(response: requests.Response) -> float | None:
    try:
        return Retry().get_retry_after(response.raw)
    except InvalidHeader:
        return None


def _error_body(response: requests.Response, deadline: Deadline) -> bytes:
    """Return the beginning of the body, empty if it breaks off: a refused key is not sent again to read it."""
    with patience(deadline.within(_ERROR_SECONDS).left), suppress(HTTPError, TimeoutError):
        return response.raw.read(_LARGEST_ERROR, decode_content=True)
    return b""


def _why_no_tls(cause: BaseException) -> str:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return why_refused(cause)
    if speaks_no_tls(cause):
        return NO_TLS
    return _reason(cause)


def _reason(cause: BaseException) -> str:
    """Return the reason in few words."""
    return getattr(cause, "strerror", None) or type(cause).__name__


def _innermost(error: BaseException) -> BaseException:
    """Return the first cause: the outer texts carry the whole URL."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error
