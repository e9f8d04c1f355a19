"""TLS contexts: verified by default, weakened only where the settings say so in words (G9)."""

from __future__ import annotations

import ssl
from functools import lru_cache
from typing import TYPE_CHECKING

import certifi

if TYPE_CHECKING:
    from pppsync.settings import Tls


@lru_cache(maxsize=64)
def client_context(tls: Tls) -> ssl.SSLContext:
    """The context for these settings, built once: loading the authorities costs more than a handshake.

    With `ca` only that certificate, or what it signed, is trusted; without it, the public authorities. Environment
    variables that name other authorities have no say.
    """
    if not tls.verify:
        return _unverified()
    context = (
        ssl.create_default_context(cadata=tls.ca) if tls.ca else ssl.create_default_context(cafile=certifi.where())
    )
    context.check_hostname = tls.verify_hostname
    if tls.relaxed_x509:
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _unverified() -> ssl.SSLContext:
    """Takes any certificate, or none: RouterOS without a certificate offers anonymous Diffie-Hellman only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Not DEFAULT, which bars anonymous suites for good; here they come last.
    context.set_ciphers("ALL:+aNULL:@SECLEVEL=0")
    return context
