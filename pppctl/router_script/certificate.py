"""The certificate of the API, signed by an authority of the router's own, and its successor.

A successor has an authority of its own, for both end on the same day. It is made beside the present one, which stays
in use until the functions trust both: then the names change over, and what is in use has the usual name again. Its
common name differs: OpenSSL may take the wrong one of two authorities of one name where RouterOS puts in no key id.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from pppctl.router_script.words import MARK, block, command, named, quote, unless

if TYPE_CHECKING:
    from pppctl.router_script.request import Request

AUTHORITY: Final = f"{MARK}-ca"
API_CERTIFICATE: Final = f"{MARK}-api"
NEXT: Final = "-next"
_MENU: Final = "/certificate"
_DAYS_VALID: Final = "3650"
_SECONDS_TO_SIGN: Final = 120


def own_certificate(request: Request, suffix: str = "", serial: str = "") -> list[str]:
    """Make an authority, and a certificate for `--host` that it signs, if they are not there."""
    try:
        ip_address(request.host)
        alternative = f"IP:{request.host}"
    except ValueError:
        alternative = f"DNS:{request.host}"
    issuer, name = AUTHORITY + suffix, API_CERTIFICATE + suffix
    authority = command(
        _MENU,
        "add",
        name=quote(issuer),
        common_name=quote(f"{AUTHORITY} {request.slug} {serial}".strip()),
        key_size="2048",
        days_valid=_DAYS_VALID,
        key_usage="key-cert-sign,crl-sign",
    )
    certificate = command(
        _MENU,
        "add",
        name=quote(name),
        common_name=quote(request.slug),
        subject_alt_name=alternative,
        key_size="2048",
        days_valid=_DAYS_VALID,
        key_usage="digital-signature,key-encipherment,tls-server",
    )
    sign = command(_MENU, "sign", quote(issuer))
    sign_too = command(_MENU, "sign", quote(name), ca=quote(issuer))
    return [
        unless(named(_MENU, issuer), [authority, sign]),
        _signed(issuer),
        unless(named(_MENU, name), [certificate, sign_too]),
        _signed(name),
    ]


def shown_authority(request: Request, suffix: str = "") -> list[str]:
    """Print the authority's certificate, which the config secret needs."""
    name = f"{MARK}-{request.slug}{suffix}"
    file = named("/file", f"{name}.crt")
    issuer = quote(AUTHORITY + suffix)
    return [
        command(_MENU, "export-certificate", issuer, file_name=quote(name), type="pem"),
        block(":for second from=1 to=10 do=", f":if ([:len {file}] = 0) do={{ :delay 1s }}"),
        f":put {quote('Certificate for the config secret, from BEGIN to END:')}",
        f":put [/file get {file} contents]",
    ]


def expiry(request: Request) -> list[str]:
    """Print until when the certificate is valid, and what makes the next one."""
    certificate = request.certificate or API_CERTIFICATE
    valid = f":put ({quote(f'The certificate {certificate} is valid until ')} \\\n"
    valid += f"    . [:tostr [/certificate get \\\n    {named(_MENU, certificate)} \\\n    invalid-after]])"
    if request.certificate:
        return [valid, f":put {quote('Before that day give api-ssl another one under the same name.')}"]
    said = "Before that day: python -m pppctl.router_script --reissue, with the options of this script."
    return [valid, f":put {quote(said)}"]


def to_successor() -> list[str]:
    """Put the successor to use, remove the present pair, and give the successor its names."""
    successor = named(_MENU, API_CERTIFICATE + NEXT)
    missing = f":error {quote('There is no successor: import the reissue script first. Nothing was changed.')}"
    return [
        unless(successor, [missing]),
        command("/ip service", "set", "api-ssl", certificate=quote(API_CERTIFICATE + NEXT)),
        *removed(""),
        *(command(_MENU, "set", named(_MENU, name + NEXT), name=quote(name)) for name in (API_CERTIFICATE, AUTHORITY)),
    ]


def removed(suffix: str) -> list[str]:
    """Remove a pair, what was signed first."""
    return [command(_MENU, "remove", named(_MENU, name + suffix)) for name in (API_CERTIFICATE, AUTHORITY)]


def _signed(name: str) -> str:
    """Signing goes on in the background; nothing may use the certificate before it is done."""
    fingerprint = f"[/certificate get {named(_MENU, name)} fingerprint]"
    pause = f":if ([:len {fingerprint}] = 0) do={{ :delay 1s }}"
    failure = f":error {quote(f'{name} is not signed: remove it and import this file again')}"
    wait = block(f":for second from=1 to={_SECONDS_TO_SIGN} do=", pause)
    return f"{wait}\n" + block(f":if ([:len {fingerprint}] = 0) do=", failure)
