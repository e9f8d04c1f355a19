"""The service `api-ssl`: what it was is kept on the router before it is changed, and put back by the undo.

The former values are kept as the sources of scripts that are never run: an entry for each value, so that no value has
to be taken out of a text, and none is read as a command. They survive a restart and stand in an export.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pppctl.router_script.certificate import API_CERTIFICATE
from pppctl.router_script.words import MARK, block, command, found, listed, named, quote, unless

if TYPE_CHECKING:
    from pppctl.router_script.request import Request

_KEPT: Final = f"{MARK}-former-"
_SCRIPT: Final = "/system script"
_PROPERTIES: Final = ("address", "certificate", "disabled", "tls-version", "port")
"""The last one is written last: where it is, all are."""


def service_section(request: Request) -> list[str]:
    """Keep and print what `api-ssl` is, then open it for the networks that may use it."""
    return [
        unless(named(_SCRIPT, f"{_KEPT}port"), _kept()),
        command(
            "/ip service",
            "set",
            "api-ssl",
            certificate=quote(request.certificate or API_CERTIFICATE),
            address=listed(request.sources),
            port=str(request.port),
            tls_version="only-1.2",
            disabled="no",
        ),
    ]


def undo_service() -> list[str]:
    """Put back what was kept. If nothing was, disable `api-ssl` where it still has our certificate."""
    off = command("/ip service", "set", "api-ssl", disabled="yes", certificate="none", address='""')
    gone = "api-ssl could not be set to what it was: it is disabled. Its former values stand above."
    words = {one.replace("-", "_"): f"${_variable(one)}" for one in _PROPERTIES}
    back = [
        *(f":local {_variable(one)} [:tostr [{_SCRIPT} get {_entry(one)} source]]" for one in _PROPERTIES),
        _printed("api-ssl was, before the import:"),
        block(":do ", command("/ip service", "set", "api-ssl", **words))
        + block(" on-error=", off, f":put {quote(gone)}"),
        command(_SCRIPT, "remove", found(_SCRIPT, f'name~"^{_KEPT}"')),
    ]
    ours = block(f":if ([:tostr [/ip service get api-ssl certificate]] = {quote(API_CERTIFICATE)}) do=", off)
    return [unless(named(_SCRIPT, f"{_KEPT}port"), [ours], back)]


def _kept() -> list[str]:
    """Releases differ in whether `address` is a list or a text; ours on it means that nobody kept what was before."""
    networks = [
        ':local formerAddress ""',
        block(
            ":foreach network in=[:toarray [/ip service get api-ssl address]] do=",
            block(":if ([:len $formerAddress] > 0) do=", ':set formerAddress ($formerAddress . ",")'),
            ":set formerAddress ($formerAddress . [:tostr $network])",
        ),
    ]
    disabled = block(":if ([/ip service get api-ssl disabled] = true) do=", ':set formerDisabled "yes"')
    saved = [
        command(_SCRIPT, "add", name=quote(_KEPT + one), policy="read", source=f"${_variable(one)}")
        for one in _PROPERTIES
    ]
    known = [
        *networks,
        ':local formerDisabled "no"',
        disabled,
        ":local formerTlsVersion [:tostr [/ip service get api-ssl tls-version]]",
        ":local formerPort [:tostr [/ip service get api-ssl port]]",
        block(":if ([:len $formerCertificate] = 0) do=", ':set formerCertificate "none"'),
        command(_SCRIPT, "remove", found(_SCRIPT, f'name~"^{_KEPT}"')),
        *saved,
        _printed("api-ssl was, and the undo script puts it back:"),
    ]
    return [
        ":local formerCertificate [:tostr [/ip service get api-ssl certificate]]",
        block(f":if ($formerCertificate != {quote(API_CERTIFICATE)}) do=", *known),
    ]


def _printed(head: str) -> str:
    parts = [f"{quote(f' {one}=')} . ${_variable(one)}" for one in _PROPERTIES]
    return f":put ({quote(head)} . " + " \\\n    . ".join(parts) + ")"


def _entry(name: str) -> str:
    return named(_SCRIPT, _KEPT + name)


def _variable(name: str) -> str:
    """RouterOS takes letters and digits only; a property's own name would be read as the property in a condition."""
    return "former" + name.title().replace("-", "")
