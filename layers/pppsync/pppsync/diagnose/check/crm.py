"""The self-test's look at the CRM: each of its places, the key, the attributes.

Each place is tried by itself, so that a second way that has stopped working is known before it is needed.
"""

from __future__ import annotations

import difflib
import socket
import ssl
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pppsync.crm.transport import NO_TLS, UispHttp
from pppsync.diagnose.check.line import Check, certificate_state
from pppsync.errors import Code, CrmError
from pppsync.net.tls import client_context, speaks_no_tls, why_refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from pppsync.config.settings import CrmSettings, Settings
    from pppsync.core.subscriber import Source
    from pppsync.net.deadline import Deadline
    from pppsync.net.endpoint import Endpoint

_CONNECT_SECONDS: Final = 10.0
_NOBODY: Final = "clients/0"
"""Ids begin at 1, and the body is empty: a write that can change nothing, and shows whether writing is allowed."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A custom attribute as the CRM lists it."""

    key: str
    name: str
    belongs_to: str
    type: str


_WITHOUT: Final[Mapping[Source, str]] = {
    "domain": "the CRM is reached by its address alone",
    "address": "there is no second way if the domain fails",
}


def check_place(place: Source, crm: CrmSettings, deadline: Deadline, now: Callable[[], datetime]) -> list[Check]:
    """Connection, certificate, key and version at one place of the CRM, as far as they go."""
    endpoint = crm.domain if place == "domain" else crm.address
    if endpoint is None:
        return [Check(f"crm.{place}", True, f"not configured: {_WITHOUT[place]}")]
    return _check_endpoint(f"crm.{place}", crm, endpoint, deadline, now)


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
    """What is the same whichever way the CRM is reached, asked at the first place that answers."""
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
            return [_check_write(http, deadline), *check_attributes(_attributes(rows), settings)]
    return [Check("crm.attributes", False, f"the CRM does not list its attributes: {error}")]


def _check_write(http: UispHttp, deadline: Deadline) -> Check:
    """Reads the refusal of a write that changes nothing: 403 means no right, 404 that only the record is missing."""
    allowed = "the key may write, as far as can be told without writing: good for the import, more than the sync needs"
    try:
        http.patch(_NOBODY, {}, deadline, deadline)
    except CrmError as error:
        if error.code == Code.CRM_FORBIDDEN:
            note = "note: the key may only read; that is enough for the sync, the import needs one of the type Write"
            return Check("crm.write", True, note)
        if error.code != Code.CRM_REFUSED or error.fall_back:  # the record did not refuse, somebody in front of it did
            return Check("crm.write", True, f"not verified: {error}")
    return Check("crm.write", True, allowed)


def _attributes(rows: object) -> list[Attribute]:
    """The attributes that can be read; whatever else stands there is left out."""
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [Attribute(*(str(row.get(key) or "") for key in ("key", "name", "attributeType", "type"))) for row in known]


def check_attributes(attributes: Sequence[Attribute], settings: Settings) -> list[Check]:
    """Whether the CRM has the client attributes that the policy names; tells one that is named nearly so."""
    policy = settings.policy
    without = {
        "password_attribute": "no existing password is compared or written; make a client attribute for text",
        "static_ip_attribute": "",
        "router_attribute": "",
    }
    if len(settings.routers) > 1 and not any(router.default for router in settings.routers):
        without["router_attribute"] = "no router is the default either, so new logins have no router to go to"
    return [_check_attribute(key, getattr(policy, key), attributes, without[key]) for key in without]


def _check_attribute(setting: str, key: str, attributes: Sequence[Attribute], without: str) -> Check:
    """`without` says what is wrong if there is no such attribute, empty if that is nothing."""
    name = f"crm.{setting}"
    mine = next((one for one in attributes if one.key == key and one.belongs_to == "client"), None)
    if mine:
        if mine.type in {"", "string"}:
            return Check(name, True, f"client attribute {key} ({mine.name})")
        return Check(name, False, f"client attribute {key} ({mine.name}) is of the type {mine.type}: make it a text")
    missing = f"the CRM has no client attribute with the key {key}"
    near = _nearest(key, attributes)
    if near and (without or _letters(near.key) == _letters(key)):
        advice = f"rename it, or set policy.{setting}" if near.belongs_to == "client" else "make one for clients"
        return Check(name, False, f"{missing}, but the {near.belongs_to} attribute {near.key} ({near.name}): {advice}")
    if without:
        return Check(name, False, f"{missing}: {without}")
    return Check(name, True, f"note: {missing}; fine if it is not used")


def _nearest(key: str, attributes: Sequence[Attribute]) -> Attribute | None:
    """The attribute whose key or name is most like the key, client attributes first."""
    by_letters: dict[str, Attribute] = {}
    for one in sorted(attributes, key=lambda one: one.belongs_to != "client"):
        for text in (one.key, one.name):
            by_letters.setdefault(_letters(text), one)
    matches = difflib.get_close_matches(_letters(key), by_letters, n=1, cutoff=0.75)
    return by_letters[matches[0]] if matches else None


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
