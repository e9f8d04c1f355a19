"""The scripts for one router: set-up, undo, the change to the other user, the next certificate.

Each section looks first whether it has been done, so that a script can be imported again. All that is made carries
the mark, by which the undo finds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pppctl.router_script.before import checks, remove_return, return_section
from pppctl.router_script.certificate import NEXT, expiry, own_certificate, removed, shown_authority, to_successor
from pppctl.router_script.ipsec import ipsec_section, remove_ipsec
from pppctl.router_script.service import service_section, undo_service
from pppctl.router_script.words import MARK, added_before, command, document, found, named, quote, unless

if TYPE_CHECKING:
    from pppctl.router_script.request import Request

POLICY: Final = "api,read,write,sensitive"


def setup(request: Request, password: str) -> str:
    """Everything that the functions need on the router; the only place where the password stands."""
    sections = {
        "Before anything is changed: overlaps with the network in AWS, and the way back to it": checks(request),
        "Certificate of the API": [] if request.certificate else own_certificate(request),
        "What the functions may do: read and change, see passwords, use the API; nothing else": [_group(request)],
        "The user that the functions log in as": [_user(request, password)],
        "API over TLS, for these networks only; what it was is kept for the undo": service_section(request),
        "Firewall: before the first rule that drops": _firewall(request),
        "VPN to AWS": ipsec_section(request.vpn, request.vpc, request.forwards) if request.vpn else [],
        "Way back to AWS": return_section(request),
        "Done": _closing(request),
    }
    return document(request.slug, "Prepares", "It holds a password: remove the file after the import.", sections)


def undo(request: Request) -> str:
    """Take back everything that `setup` made, and set api-ssl to what it was; the rest is left as it is."""
    sections = {
        "Users and group": [
            *(command("/user", "remove", named("/user", f"{request.user}-{account}")) for account in "ab"),
            command("/user group", "remove", named("/user group", request.user)),
        ],
        "Firewall": [
            command(menu, "remove", found(menu, f'comment~"^{MARK}"'))
            for menu in ("/ip firewall filter", "/ip firewall nat", "/ip firewall mangle")
        ],
        "API over TLS": undo_service(),
        "Way back to AWS": [remove_return()],
        "VPN to AWS": remove_ipsec(),
        "Certificates": [*removed(""), *removed(NEXT)],
    }
    return document(request.slug, "Takes back the preparation of", "api-ssl becomes what it was before.", sections)


def reissue(request: Request, serial: str) -> str:
    """A second authority and certificate, not yet in use; the serial tells its authority from all former ones."""
    sections = {
        "The next certificate of the API": own_certificate(request, NEXT, serial),
        "Done": [
            *shown_authority(request, NEXT),
            f":put {quote('Add it to the config secret below the present one, then import the takeover script.')}",
        ],
    }
    return document(request.slug, "Makes the next certificate of", "api-ssl keeps the present one.", sections)


def takeover(request: Request) -> str:
    """The next certificate comes into use, the present one goes."""
    warning = "Import it when the config secret holds both certificates."
    said = "Invoke check. If the certificate is accepted, remove the former one from the config secret."
    sections = {"Certificates": to_successor(), "Done": [*expiry(request), f":put {quote(said)}"]}
    return document(request.slug, "Puts the next certificate to use on", warning, sections)


def rotation(request: Request, password: str) -> str:
    """A new password for one user; the other one stays valid until it is retired."""
    sections = {"Group": [_group(request)], "User": [_user(request, password)]}
    what = f"Makes {request.username} ready on"
    return document(request.slug, what, "It holds a password: remove the file after the import.", sections)


def retirement(request: Request) -> str:
    """The end of the other user, once no run uses it any more."""
    user = command("/user", "set", named("/user", request.other_username), disabled="yes")
    what = f"Disables {request.other_username} on"
    return document(request.slug, what, "Import it when runs succeed with the other user.", {"User": [user]})


def _group(request: Request) -> str:
    # RouterOS denies a new group whatever is not listed.
    add = command("/user group", "add", name=quote(request.user), policy=POLICY)
    return unless(named("/user group", request.user), [add])


def _user(request: Request, password: str) -> str:
    words = {"group": quote(request.user), "password": quote(password), "address": str(request.vpc)}
    user = named("/user", request.username)
    add = command("/user", "add", name=quote(request.username), **words, comment=quote(MARK))
    return unless(user, [add], [command("/user", "set", user, **words, disabled="no")])


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
    return [
        *([] if request.certificate else shown_authority(request)),
        *expiry(request),
        f":put {quote(f'Ready. The user is {request.username}; now remove this file from the router.')}",
    ]
