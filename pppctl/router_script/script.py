"""The scripts for one router: set-up, undo, the change to the other user, the end of the old one.

Each section looks first whether it has been done, so that a script can be imported again. All that is made carries
the mark, by which the undo finds it.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from pppctl.router_script.ipsec import MARK, ipsec_section, remove_ipsec
from pppctl.router_script.words import added_before, block, command, found, listed, named, quote, unless

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pppctl.router_script.request import Request

POLICY: Final = "api,read,write,sensitive"
AUTHORITY: Final = f"{MARK}-ca"
API_CERTIFICATE: Final = f"{MARK}-api"
_SECONDS_TO_SIGN: Final = 120


def setup(request: Request, password: str) -> str:
    """Everything that the functions need on the router; the only place where the password stands."""
    sections = {
        "Certificate of the API": [] if request.certificate else _own_certificate(request),
        "What the functions may do: read and change, see passwords, use the API; nothing else": [_group(request)],
        "The user that the functions log in as": [_user(request, password)],
        "API over TLS, for these networks only": [_service(request)],
        "Firewall: before the first rule that drops": _firewall(request),
        "VPN to AWS": ipsec_section(request.vpn, request.vpc, request.forwards) if request.vpn else [],
        "Done": _closing(request),
    }
    return _document(request, "Prepares", "It holds a password: remove the file after the import.", sections)


def undo(request: Request) -> str:
    """Takes everything back that `setup` made; what was there before is left as it was, api-ssl ends disabled."""
    service = command("/ip service", "set", "api-ssl", disabled="yes", certificate="none", address='""')
    sections = {
        "Users and group": [
            *(command("/user", "remove", named("/user", f"{request.user}-{account}")) for account in "ab"),
            command("/user group", "remove", named("/user group", request.user)),
        ],
        "Firewall": [
            command(menu, "remove", found(menu, f'comment~"^{MARK}"'))
            for menu in ("/ip firewall filter", "/ip firewall nat", "/ip firewall mangle")
        ],
        "API over TLS": [service],
        "VPN to AWS": remove_ipsec(),
        "Certificates": [
            command("/certificate", "remove", named("/certificate", name)) for name in (API_CERTIFICATE, AUTHORITY)
        ],
    }
    return _document(request, "Takes back the preparation of", "api-ssl ends disabled.", sections)


def rotation(request: Request, password: str) -> str:
    """A new password for one user; the other one stays valid until it is retired."""
    sections = {"Group": [_group(request)], "User": [_user(request, password)]}
    what = f"Makes {request.username} ready on"
    return _document(request, what, "It holds a password: remove the file after the import.", sections)


def retirement(request: Request) -> str:
    """The end of the other user, once no run uses it any more."""
    user = command("/user", "set", named("/user", request.other_username), disabled="yes")
    what = f"Disables {request.other_username} on"
    return _document(request, what, "Import it when runs succeed with the other user.", {"User": [user]})


def _document(request: Request, what: str, warning: str, sections: Mapping[str, Sequence[str]]) -> str:
    lines = [f"# {what} router {request.slug} for unms-ros-sync. For RouterOS 7, and 6.49.", f"# {warning}"]
    for title, commands in sections.items():
        if commands:
            lines += ["", f"# --- {title}", *commands]
    return "\n".join(lines) + "\n"


def _own_certificate(request: Request) -> list[str]:
    try:
        ip_address(request.host)
        alternative = f"IP:{request.host}"
    except ValueError:
        alternative = f"DNS:{request.host}"
    authority = command(
        "/certificate",
        "add",
        name=quote(AUTHORITY),
        common_name=quote(f"{AUTHORITY} {request.slug}"),
        key_size="2048",
        days_valid="3650",
        key_usage="key-cert-sign,crl-sign",
    )
    certificate = command(
        "/certificate",
        "add",
        name=quote(API_CERTIFICATE),
        common_name=quote(request.slug),
        subject_alt_name=alternative,
        key_size="2048",
        days_valid="3650",
        key_usage="digital-signature,key-encipherment,tls-server",
    )
    sign = command("/certificate", "sign", quote(AUTHORITY))
    sign_too = command("/certificate", "sign", quote(API_CERTIFICATE), ca=quote(AUTHORITY))
    return [
        unless(named("/certificate", AUTHORITY), [authority, sign]),
        _signed(AUTHORITY),
        unless(named("/certificate", API_CERTIFICATE), [certificate, sign_too]),
        _signed(API_CERTIFICATE),
    ]


def _signed(name: str) -> str:
    """Signing goes on in the background; nothing may use the certificate before it is done."""
    fingerprint = f"[/certificate get {named('/certificate', name)} fingerprint]"
    pause = f":if ([:len {fingerprint}] = 0) do={{ :delay 1s }}"
    failure = f":error {quote(f'{name} is not signed: remove it and import this file again')}"
    wait = block(f":for second from=1 to={_SECONDS_TO_SIGN} do=", pause)
    return f"{wait}\n" + block(f":if ([:len {fingerprint}] = 0) do=", failure)


def _group(request: Request) -> str:
    # RouterOS denies a new group whatever is not listed.
    add = command("/user group", "add", name=quote(request.user), policy=POLICY)
    return unless(named("/user group", request.user), [add])


def _user(request: Request, password: str) -> str:
    words = {"group": quote(request.user), "password": quote(password), "address": str(request.vpc)}
    user = named("/user", request.username)
    add = command("/user", "add", name=quote(request.username), **words, comment=quote(MARK))
    return unless(user, [add], [command("/user", "set", user, **words, disabled="no")])


def _service(request: Request) -> str:
    return command(
        "/ip service",
        "set",
        "api-ssl",
        certificate=quote(request.certificate or API_CERTIFICATE),
        address=listed(request.sources),
        port=str(request.port),
        tls_version="only-1.2",
        disabled="no",
    )


def _firewall(request: Request) -> list[str]:
    rules = []
    for number, source in enumerate(request.sources, 1):
        through = {"ipsec_policy": "in,ipsec"} if request.vpn and source == request.vpc else {}
        rules.append(
            added_before(
                "/ip firewall filter",
                "chain=input and (action=drop or action=reject)",
                f"{MARK} api {number}",
                chain="input",
                action="accept",
                protocol="tcp",
                src_address=str(source),
                dst_port=str(request.port),
                **through,
            )
        )
    return rules


def _closing(request: Request) -> list[str]:
    name = f"{MARK}-{request.slug}"
    file = named("/file", f"{name}.crt")
    export = command("/certificate", "export-certificate", quote(AUTHORITY), file_name=quote(name), type="pem")
    wait = block(":for second from=1 to=10 do=", f":if ([:len {file}] = 0) do={{ :delay 1s }}")
    shown = [
        f":put {quote('Certificate for the config secret, from BEGIN to END:')}",
        f":put [/file get {file} contents]",
    ]
    return [
        *([] if request.certificate else [export, wait, *shown]),
        f":put {quote(f'Ready. The user is {request.username}; now remove this file from the router.')}",
    ]
