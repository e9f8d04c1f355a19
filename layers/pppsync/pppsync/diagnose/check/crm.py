"""Checks the CRM: domain and address each for itself, the key and its rights.

So an address that has stopped working shows before the domain fails.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from typing import TYPE_CHECKING, Final

from pppsync.crm.transport import NO_TLS, UispHttp
from pppsync.diagnose.check.attributes import check_attributes, listed_attributes
from pppsync.diagnose.check.line import Check, certificate_state
from pppsync.errors import Code, CrmError
from pppsync.net.tls import client_context, speaks_no_tls, why_refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pppsync.config.settings import CrmSettings, Settings
    from pppsync.core.subscriber import Source
    from pppsync.net.deadline import Deadline
    from pppsync.net.endpoint import Endpoint

_CONNECT_SECONDS: Final = 10.0
_NOBODY: Final = "clients/0"
"""The write goes to no client, since ids begin at 1, and its body is empty: it shows only whether the key may write."""


_WITHOUT: Final[Mapping[Source, str]] = {
    "domain": "the CRM is reached by its address alone",
    "address": "there is no second way if the domain fails",
}


def check_source(source: Source, crm: CrmSettings, deadline: Deadline, now: Callable[[], datetime]) -> list[Check]:
    """Check connection, certificate, key and version at the domain or the address, up to the first failure."""
    endpoint = crm.domain if source == "domain" else crm.address
    if endpoint is None:
        return [Check(f"crm.{source}", True, f"not configured: {_WITHOUT[source]}")]
    return _check_endpoint(f"crm.{source}", crm, endpoint, deadline, now)


def _check_endpoint(
    name: str, crm: CrmSettings, endpoint: Endpoint, deadline: Deadline, now: Callable[[], datetime]
) -> list[Check]:
    where = f"{endpoint.host}:{endpoint.port}"
    seconds = max(min(_CONNECT_SECONDS, deadline.left()), 0.001)
    try:
        raw = socket.create_connection((endpoint.host, endpoint.port), seconds)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return [Check(f"{name}.connection", False, f"{where}: {reason}; check the name, the route and the firewall")]
    found = [Check(f"{name}.connection", True, f"{where} accepts connections")]
    try:
        with raw, client_context(crm.tls).wrap_socket(raw, server_hostname=crm.tls.server_name or endpoint.host) as tls:
            fields = tls.getpeercert() or {}
    except (OSError, UnicodeError) as error:
        return [*found, Check(f"{name}.certificate", False, _refused(error))]
    found.append(Check(f"{name}.certificate", *certificate_state(fields, crm.tls, now())))
    with closing(UispHttp(crm, endpoint)) as http:
        return [*found, _check_key(name, http, deadline), _check_version(name, http, deadline)]


def _refused(error: OSError | UnicodeError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"not accepted: {why_refused(error)}"
    if speaks_no_tls(error):
        return NO_TLS
    return f"no TLS here: {getattr(error, 'strerror', None) or type(error).__name__}; check the port"


def _check_key(name: str, http: UispHttp, deadline: Deadline) -> Check:
    try:
        rows = http.get("clients", {"limit": 1}, deadline).json()
    except CrmError as error:
        return Check(f"{name}.key", False, str(error))
    if not isinstance(rows, list):
        return Check(
            f"{name}.key", False, "the CRM answers with no list of clients; check the rights of the key's user"
        )
    return Check(f"{name}.key", True, "the key is valid and lists clients")


def _check_version(name: str, http: UispHttp, deadline: Deadline) -> Check:
    try:
        answer = http.get("version", {}, deadline).json()
    except CrmError as error:
        return Check(f"{name}.version", True, f"not told: {error}")
    version = answer.get("version") if isinstance(answer, dict) else None
    return Check(f"{name}.version", True, f"UISP CRM {version}" if version else "the CRM does not tell its version")


def check_rights_and_attributes(settings: Settings, deadline: Deadline) -> list[Check]:
    """Check the right to write and the attributes at the domain, or at the address if the domain does not answer."""
    crm = settings.crm
    error: CrmError | None = None
    endpoints = [one for one in (crm.domain, crm.address) if one]
    for left, endpoint in zip(range(len(endpoints), 0, -1), endpoints, strict=True):
        with closing(UispHttp(crm, endpoint)) as http:
            try:
                rows = http.get("custom-attributes", {}, deadline.within(deadline.left() / left)).json()
            except CrmError as found:
                error = found
                continue
            return [_check_write(http, deadline), *check_attributes(listed_attributes(rows), settings)]
    return [Check("crm.attributes", False, f"the CRM does not list its attributes: {error}")]


def _check_write(http: UispHttp, deadline: Deadline) -> Check:
    """Send a write that changes nothing: 403 means that the key may not write, 404 that only the record is missing."""
    allowed = "the key may write, as far as can be told without writing: good for the import, more than the sync needs"
    try:
        http.patch(_NOBODY, {}, deadline, deadline)
    except CrmError as error:
        if error.code == Code.CRM_FORBIDDEN:
            note = "note: the key may only read; that is enough for the sync, the import needs one of the type Write"
            return Check("crm.write", True, note)
        if error.code != Code.CRM_REFUSED or error.fall_back:  # A proxy refused, not the CRM.
            return Check("crm.write", True, f"not verified: {error}")
    return Check("crm.write", True, allowed)
