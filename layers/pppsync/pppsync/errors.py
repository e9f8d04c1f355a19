"""Defines every error that this program raises on purpose, and the table of their codes.

SyncError
  EventError           the event that invoked the function is not understood
  ConfigurationError   the config secret; `faults` lists all of them
  CrmError             nothing trustworthy could be read from the CRM, so nothing is written anywhere
  RouterError          one router cannot be used in this run; the others go on
  JournalError         the journal bucket cannot be used; the run does less, never more

The text of an error begins with its code, so that an operator can look it up and an alarm can filter by it.
"""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "event_invalid": "The event has an unknown key, action or router, or a value of a wrong type.",
    "configuration_empty": "The config secret is still the empty document: nothing is configured yet.",
    "configuration_invalid": "The config secret has faults; the message lists all of them by path.",
    "configuration_unreadable": "The config secret could not be fetched.",
    "crm_unreachable": "The CRM answered neither at its domain nor at its address.",
    "crm_tls": "The TLS handshake with the CRM failed, or its certificate is not accepted.",
    "crm_unauthorized": "The CRM refused the API key (401).",
    "crm_forbidden": "The API key may not do this (403).",
    "crm_front": "Something in front of the CRM answers in its place (401, 403 or 404 without the CRM's error object).",
    "crm_refused": "The CRM refused a request as wrong (400, 404, 422 or a redirect).",
    "crm_failing": "The CRM kept answering with an error of its own (429 or 5xx).",
    "crm_bad_answer": "The CRM's answer is not the list that the API documents.",
    "crm_empty": "The CRM listed no subscribers, or no services.",
    "crm_unstable": "A list kept changing while it was read, or its pages do not fit together.",
    "crm_attribute_missing": "The CRM has no client attribute for passwords, or does not list it.",
    "crm_not_kept": "The CRM accepted a value but holds another.",
    "crm_timeout": "Reading the CRM took longer than the function has.",
    "router_unreachable": "No TCP connection to the router.",
    "router_tls": "The TLS handshake with the router failed, or its certificate is not accepted.",
    "router_login": "The router refused the login.",
    "router_timeout": "The router did not finish within `router_timeout`.",
    "router_closed": "The router closed the connection.",
    "router_refused": "The router refused to be read.",
    "router_protocol": "The router's answer is not the RouterOS API protocol.",
    "journal_unavailable": "The journal bucket could not be read or written in the time that it has.",
}


class SyncError(Exception):
    """The base of every error here: a code of `CODES` and a sentence that names the fact, the limit and the remedy."""

    def __init__(self, code: str, detail: str) -> None:
        assert code in CODES, code  # noqa: S101 - a code outside the table would escape the docs
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class EventError(SyncError):
    """The event is not understood; nothing was done."""

    def __init__(self, detail: str) -> None:
        super().__init__("event_invalid", detail)


class ConfigurationError(SyncError):
    """The config secret cannot be used; `faults` are sentences that begin with the path and show no value."""

    def __init__(self, faults: list[str], code: str = "configuration_invalid") -> None:
        super().__init__(code, "; ".join(faults))
        self.faults = faults


class CrmError(SyncError):
    """The CRM could not be read as a whole, or refused a write.

    `fall_back` tells that the other address of the CRM may do better: not after 400, 401, 403, 404 and 422 if the CRM
    itself said them.
    """

    def __init__(self, code: str, detail: str, *, fall_back: bool = False) -> None:
        super().__init__(code, detail)
        self.fall_back = fall_back


class RouterError(SyncError):
    """One router cannot be read, or its connection was lost."""


class JournalError(SyncError):
    """The journal bucket cannot be read or written: what needs it is left undone, everything else goes on."""

    def __init__(self, detail: str) -> None:
        super().__init__("journal_unavailable", detail)
