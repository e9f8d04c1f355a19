"""Defines every error that this program raises on purpose, and the table of their codes.

SyncError
  EventError           the event that invoked the function is not understood
  ConfigurationError   the config secret; `faults` lists all of them
  CrmError             nothing trustworthy could be read from the CRM, so nothing is written anywhere
  RouterError          one router cannot be used in this run; the others go on
  JournalError         the journal cannot be used; a sync goes on, a restore ends

The text of an error begins with its code, so that an operator can look it up and an alarm can filter by it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """An error code with its sentence for the manual; its value is what messages begin with."""

    sentence: str

    def __new__(cls, code: str, sentence: str) -> Self:
        """Make a member whose value is the code alone."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member

    EVENT_INVALID = "event_invalid", "The event has an unknown key, action or router, or a value of a wrong type."
    CONFIGURATION_EMPTY = (
        "configuration_empty",
        "The config secret is still the empty document: nothing is configured yet.",
    )
    CONFIGURATION_INVALID = (
        "configuration_invalid",
        "The config secret has faults; the message lists all of them by path.",
    )
    CONFIGURATION_UNREADABLE = "configuration_unreadable", "The config secret could not be fetched."
    CRM_UNREACHABLE = "crm_unreachable", "The CRM answered neither at its domain nor at its address."
    CRM_TLS = "crm_tls", "The TLS handshake with the CRM failed, or its certificate is not accepted."
    CRM_UNAUTHORIZED = "crm_unauthorized", "The CRM refused the API key (401)."
    CRM_FORBIDDEN = "crm_forbidden", "The API key may not do this (403)."
    CRM_FRONT = (
        "crm_front",
        "Something in front of the CRM answers in its place (401, 403 or 404 without the CRM's error object).",
    )
    CRM_REFUSED = "crm_refused", "The CRM refused a request as wrong (400, 404, 422 or a redirect)."
    CRM_FAILING = "crm_failing", "The CRM kept answering with an error of its own (429 or 5xx)."
    CRM_BAD_ANSWER = "crm_bad_answer", "The CRM's answer is not the list that the API documents."
    CRM_EMPTY = "crm_empty", "The CRM listed no subscribers, or no services."
    CRM_UNSTABLE = "crm_unstable", "A list kept changing while it was read, or its pages do not fit together."
    CRM_ATTRIBUTE_MISSING = (
        "crm_attribute_missing",
        "The CRM has no client attribute of the key that is to be written, or does not list it.",
    )
    CRM_NOT_KEPT = "crm_not_kept", "The CRM accepted a value but holds another."
    CRM_TIMEOUT = "crm_timeout", "Reading the CRM took longer than the function has."
    ROUTER_UNREACHABLE = "router_unreachable", "No TCP connection to the router."
    ROUTER_TLS = "router_tls", "The TLS handshake with the router failed, or its certificate is not accepted."
    ROUTER_LOGIN = "router_login", "The router refused the login."
    ROUTER_TIMEOUT = "router_timeout", "The router did not finish within `router_timeout`."
    ROUTER_CLOSED = "router_closed", "The router closed the connection."
    ROUTER_REFUSED = "router_refused", "The router refused to be read."
    ROUTER_PROTOCOL = "router_protocol", "The router's answer is not the RouterOS API protocol."
    JOURNAL_UNAVAILABLE = (
        "journal_unavailable",
        "The journal bucket could not be read or written in the time that it has.",
    )
    JOURNAL_OFF = "journal_off", "This stack keeps no journal (parameter Journal)."
    JOURNAL_MALFORMED = "journal_malformed", "An object of the journal is not what this release writes."
    RUN_UNKNOWN = "run_unknown", "The journal keeps no passwords of a run of this id."


class SyncError(Exception):
    """The base of every error here: a `Code` and a sentence that names the fact, the limit and the remedy."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class EventError(SyncError):
    """The event is not understood; nothing was done."""

    def __init__(self, detail: str) -> None:
        super().__init__(Code.EVENT_INVALID, detail)


class ConfigurationError(SyncError):
    """The config secret cannot be used; `faults` are sentences that begin with the path and show no value."""

    def __init__(self, faults: list[str], code: Code = Code.CONFIGURATION_INVALID) -> None:
        super().__init__(code, "; ".join(faults))
        self.faults = faults


class CrmError(SyncError):
    """The CRM could not be read as a whole, or refused a write.

    `fall_back` tells that the other address of the CRM may do better: not after 400, 401, 403, 404 and 422 if the CRM
    itself said them.
    """

    def __init__(self, code: Code, detail: str, *, fall_back: bool = False) -> None:
        super().__init__(code, detail)
        self.fall_back = fall_back


class RouterError(SyncError):
    """One router cannot be read, or its connection was lost."""


class JournalError(SyncError):
    """The journal cannot be reached or has no answer; what needs it is withheld or deferred, and a sync goes on."""

    def __init__(self, detail: str, code: Code = Code.JOURNAL_UNAVAILABLE) -> None:
        super().__init__(code, detail)
