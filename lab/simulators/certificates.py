"""Throw-away certificates for the simulators, the demo and the tests.

Everything here is made in memory and forgotten; nothing is meant to protect a real system.
"""

from __future__ import annotations

import datetime as dt
import ssl
from dataclasses import dataclass
from ipaddress import ip_address

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A server's certificate chain and private key, and what a client must trust to accept it (all PEM)."""

    chain: str
    key: str
    trust_anchor: str

    def server_context(self, *, maximum_version: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED) -> ssl.SSLContext:
        """A server side TLS context that presents this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = maximum_version
        with trustme.Blob((self.chain + self.key).encode()).tempfile() as path:
            context.load_cert_chain(path)
        return context


class Authority:
    """A certificate authority of its own key, alive as long as the object."""

    def __init__(self) -> None:
        self._authority = trustme.CA()

    @property
    def pem(self) -> str:
        """The authority's certificate."""
        return self._authority.cert_pem.bytes().decode()

    def issue(self, *names: str, expired: bool = False) -> ServerCertificate:
        """A certificate for host names and IP addresses; `expired` ends its validity yesterday."""
        today = dt.datetime.now(dt.UTC)
        end = today + dt.timedelta(days=-1 if expired else 30)
        leaf = self._authority.issue_cert(*names, not_before=today - dt.timedelta(days=30), not_after=end)
        chain = "".join(blob.bytes().decode() for blob in leaf.cert_chain_pems)
        return ServerCertificate(chain=chain, key=leaf.private_key_pem.bytes().decode(), trust_anchor=self.pem)


def self_signed(*names: str) -> ServerCertificate:
    """A certificate that nobody but its own key signed, as a router or a fresh UISP has."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return ServerCertificate(chain=pem, key=key_pem, trust_anchor=pem)


def anonymous_server_context() -> ssl.SSLContext:
    """What RouterOS offers with `certificate=none`: anonymous Diffie-Hellman, TLS 1.2, no certificate at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ADH:@SECLEVEL=0")
    return context


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
