"""Builds TLS contexts: verified by default, weakened only where the settings say so in words (G9)."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import certifi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pppsync.net.endpoint import Tls

_STRICT: Final = range(80, 94)
"""OpenSSL's codes of what only strict checking finds wrong, such as the bare authority of `openssl req -x509`."""
_ANOTHER_NAME: Final = frozenset({62, 64})
"""OpenSSL's codes of a certificate for another host name, or for another address."""
_IN_THE_CLEAR: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST"})
"""OpenSSL's reasons where the first bytes from the other side are no TLS, such as those of a web server without it."""
_patience: ContextVar[Callable[[], float] | None] = ContextVar("patience", default=None)


@contextmanager
def patience(left: Callable[[], float]) -> Iterator[None]:
    """Limit the TLS reads of this thread to `left()` seconds.

    The limit belongs to the request: pooled sockets are reused by other threads.
    """
    token = _patience.set(left)
    try:
        yield
    finally:
        _patience.reset(token)


class PatientSocket(ssl.SSLSocket):
    """A TLS socket whose reads obey the limit of `patience`: a peer that drips could hold a larger read for ever."""

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """Read the next bytes; raises `TimeoutError`."""
        seconds = _patience.get()
        if seconds is not None:
            left = seconds()
            if left <= 0:
                raise TimeoutError("no time left for the rest")
            self.settimeout(left)
        return super().recv_into(buffer, nbytes, flags)


def client_context(tls: Tls) -> ssl.SSLContext:
    """Return the context for these settings, built once: loading the authorities costs more than a handshake.

    With `ca` only that certificate, or what it signed, is trusted. Without it, the public authorities are. Environment
    variables that name other authorities are ignored.
    """
    return _context(replace(tls, server_name=None))  # the name is asked for at the handshake: routers share a context


def why_refused(error: ssl.SSLCertVerificationError) -> str:
    """Return what is wrong with a certificate, and the setting that repairs it."""
    if error.verify_code in _STRICT:
        remedy = "ssl_relaxed_x509: true accepts that"
    elif error.verify_code in _ANOTHER_NAME:
        remedy = "set domain_name (ucrm) or ssl_server_name (router) to a name in it, or pin it with ssl_ca and "
        remedy += "ssl_verify_hostname: false"
    else:
        remedy = "set ssl_ca to what signed it, or renew it"
    return f"{error.verify_message.rstrip('.')}; {remedy}"


def speaks_no_tls(error: BaseException) -> bool:
    """Return True if the other side answered the handshake in the clear: no matter of certificates."""
    return isinstance(error, ssl.SSLError) and error.reason in _IN_THE_CLEAR


@lru_cache(maxsize=128)
def _context(tls: Tls) -> ssl.SSLContext:
    if not tls.verify:
        return _unverified()
    context = (
        ssl.create_default_context(cadata=tls.ca) if tls.ca else ssl.create_default_context(cafile=certifi.where())
    )
    context.check_hostname = tls.verify_hostname
    if tls.relaxed_x509:
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return _steady(context)


def _unverified() -> ssl.SSLContext:
    """Return a context that takes any certificate, or none.

    RouterOS without a certificate offers anonymous Diffie-Hellman only.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Not DEFAULT, which bars anonymous suites for good; here they come last.
    context.set_ciphers("ALL:+aNULL:@SECLEVEL=0")
    return _steady(context)


def _steady(context: ssl.SSLContext) -> ssl.SSLContext:
    """Return the context, safe to share between threads from now on: it no longer changes.

    urllib3 sets its application protocol on the context before each handshake. OpenSSL frees the former list for that,
    and a handshake that another thread begins at that moment copies freed memory: about one in a hundred thousand went
    out garbled, and was refused. HTTP/1.1 and RouterOS need no such list.
    """
    context.sslsocket_class = PatientSocket
    context.set_alpn_protocols = lambda alpn_protocols: None  # type: ignore[method-assign]  # noqa: ARG005
    return context
