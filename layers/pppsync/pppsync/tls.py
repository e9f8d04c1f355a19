"""TLS contexts: verified by default, weakened only where the settings say so in words (G9)."""

from __future__ import annotations

import ssl
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import certifi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pppsync.settings import Tls

_STRICT: Final = range(80, 94)
"""OpenSSL's codes of what only strict checking finds wrong, such as the bare authority of `openssl req -x509`."""
_ANOTHER_NAME: Final = frozenset({62, 64})
"""OpenSSL's codes of a certificate for another host name, or for another address."""


class PatientSocket(ssl.SSLSocket):
    """A TLS socket whose reads share one patience: a peer that drips could hold a larger read for ever.

    `patience` gives the seconds that the next bytes may take; none are left at 0. Without it the timeout counts alone.
    """

    patience: Callable[[], float] | None = None

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """The next bytes, or TimeoutError."""
        if self.patience is not None:
            left = self.patience()
            if left <= 0:
                raise TimeoutError("no time left for the rest")
            self.settimeout(left)
        return super().recv_into(buffer, nbytes, flags)


class SteadyContext(ssl.SSLContext):
    """A client context that stays as it was made, for all threads at once.

    urllib3 names its application protocol to the context before each handshake. OpenSSL frees the former list for that,
    and a handshake that another thread begins at that moment copies what was freed: about one in a hundred thousand
    went out garbled, and was refused. HTTP/1.1 and RouterOS do without such a list.
    """

    sslsocket_class = PatientSocket

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Nothing."""


def client_context(tls: Tls) -> ssl.SSLContext:
    """The context for these settings, built once: loading the authorities costs more than a handshake.

    With `ca` only that certificate, or what it signed, is trusted; without it, the public authorities. Environment
    variables that name other authorities have no say.
    """
    return _context(replace(tls, server_name=None))  # the name is asked for at the handshake: routers share a context


def why_refused(error: ssl.SSLCertVerificationError) -> str:
    """What is wrong with a certificate, and the setting that is about it."""
    if error.verify_code in _STRICT:
        remedy = "ssl_relaxed_x509: true accepts that"
    elif error.verify_code in _ANOTHER_NAME:
        remedy = "set domain_name (ucrm) or ssl_server_name (router) to a name in it, or pin it with ssl_ca and "
        remedy += "ssl_verify_hostname: false"
    else:
        remedy = "set ssl_ca to what signed it, or renew it"
    return f"{error.verify_message.rstrip('.')}; {remedy}"


@lru_cache(maxsize=128)
def _context(tls: Tls) -> ssl.SSLContext:
    if not tls.verify:
        return _unverified()
    context = SteadyContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=None if tls.ca else certifi.where(), cadata=tls.ca)
    context.check_hostname = tls.verify_hostname
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if not tls.relaxed_x509:
        context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def _unverified() -> ssl.SSLContext:
    """Takes any certificate, or none: RouterOS without a certificate offers anonymous Diffie-Hellman only."""
    context = SteadyContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Not DEFAULT, which bars anonymous suites for good; here they come last.
    context.set_ciphers("ALL:+aNULL:@SECLEVEL=0")
    return context
