"""Opens a connection to a router: TCP within its own limit, then TLS."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Final

from pppsync.errors import Code, RouterError
from pppsync.net.tls import client_context, speaks_no_tls, why_refused

if TYPE_CHECKING:
    from pppsync.config.settings import RouterSettings
    from pppsync.net.deadline import Deadline

CONNECT_SECONDS: Final = 8.0
"""Limit of the TCP connect (G7): a tower without power must not keep the others waiting for `router_timeout`."""
_WAY: Final = "check its host and port, the VPN, the firewall, and that it is up"
_NO_HANDSHAKE: Final = (
    "see in /ip/service that api-ssl has a certificate, that its address list admits the function, and its max-sessions"
)
_PLAIN: Final = "is this the plain API port? set port to that of api-ssl, or use_ssl: false"


def connect(settings: RouterSettings, deadline: Deadline, limit: float = CONNECT_SECONDS) -> socket.socket:
    """Return a connected socket, secured if the settings ask for TLS; raises `RouterError`.

    TCP has `limit` seconds for each address of the host, and no more than the deadline leaves.
    """
    where = f"{settings.host}:{settings.port}"
    try:
        sock = socket.create_connection((settings.host, settings.port), max(min(deadline.left(), limit), 0.001))
    except TimeoutError as error:
        if deadline.left() > 0:
            fact = f"no answer to a connect within {limit:g} s"
            raise RouterError(Code.ROUTER_UNREACHABLE, f"{where}: {fact}; {_WAY}") from error
        raise RouterError(Code.ROUTER_TIMEOUT, f"{where}: no answer in time; {_WAY}") from error
    except (socket.gaierror, UnicodeError) as error:
        raise RouterError(Code.ROUTER_UNREACHABLE, f"{where}: {reason(error)}; give an address as host") from error
    except OSError as error:
        raise RouterError(Code.ROUTER_UNREACHABLE, f"{where}: {reason(error)}; {_WAY}") from error
    return _secure(sock, settings, deadline)


def _secure(sock: socket.socket, settings: RouterSettings, deadline: Deadline) -> socket.socket:
    """Return the socket, secured if the settings ask for TLS; raises `RouterError`, for TCP is open by now."""
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if settings.tls is None:
            return sock
        sock.settimeout(max(deadline.left(), 0.001))
        name = settings.tls.server_name or settings.host
        return client_context(settings.tls).wrap_socket(sock, server_hostname=name)
    except OSError as error:
        sock.close()
        code = Code.ROUTER_TIMEOUT if isinstance(error, TimeoutError) else Code.ROUTER_TLS
        raise RouterError(code, f"{settings.host}:{settings.port}: {_why_no_tls(error)}") from error
    except BaseException:
        sock.close()
        raise


def _why_no_tls(error: OSError) -> str:
    """Return which step of the handshake failed, and what to look at."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not accepted: {why_refused(error)}"
    if speaks_no_tls(error):
        return f"TCP is open, no TLS on this port: something answers in the clear; {_PLAIN}"
    if isinstance(error, TimeoutError):
        return f"TCP is open, no TLS answer in time; {_PLAIN}"
    if isinstance(error, ssl.SSLEOFError | ConnectionError):
        return f"TCP is open, no TLS answer: the connection was closed; {_PLAIN}; if not, {_NO_HANDSHAKE}"
    return f"{reason(error)}; {_NO_HANDSHAKE}"


def reason(error: OSError | UnicodeError) -> str:
    """Return the system's word for an error."""
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
