"""Describes where the other side is, and how its certificate is checked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tls:
    """How the certificate of the other side is checked: in full, unless the document says otherwise."""

    verify: bool = True
    verify_hostname: bool = True
    ca: str | None = None
    server_name: str | None = None
    relaxed_x509: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host name or IP address (IPv6 without brackets) and a port."""

    host: str
    port: int
