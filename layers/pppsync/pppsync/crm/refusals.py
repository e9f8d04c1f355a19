"""Decides what an answer without success means: who refused, and which setting is concerned (G9)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from pppsync.errors import Code, CrmError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SENTENCES: Final[Mapping[int, tuple[Code, str]]] = {
    400: (Code.CRM_REFUSED, "the CRM refused the request as wrong"),
    401: (Code.CRM_UNAUTHORIZED, "the CRM refused the API key; set ucrm.ucrm_key to a valid one"),
    403: (Code.CRM_FORBIDDEN, "the API key lacks the right; it needs Read for the sync and Write for the import"),
    404: (
        Code.CRM_REFUSED,
        "the CRM does not know this path or record: gone or archived, or no UISP CRM with API v1.0",
    ),
    422: (Code.CRM_REFUSED, "the CRM refused the values"),
}
FINAL: Final = frozenset(_SENTENCES)
"""Statuses by which the CRM itself refuses: another try or another address would change nothing."""
CLAIMED: Final = frozenset({401, 403, 404})
"""Of these, statuses that a proxy, a tunnel or a firewall in front of the CRM gives too: the body tells who refused."""


def refusal(status: int, body: bytes, where: str) -> CrmError:
    """Return the error that a status of `FINAL` means; `where` is the host and port that answered."""
    if status in CLAIMED and not _is_of_the_crm(body):
        who = "something in front of the CRM (a proxy, a tunnel, a firewall), not from the CRM itself"
        remedy = "let the function pass there, check the host name, and wait if UISP is being upgraded"
        return CrmError(Code.CRM_FRONT, f"{where}: the answer {status} comes from {who}; {remedy}", fall_back=True)
    code, sentence = _SENTENCES[status]
    return CrmError(code, f"{sentence} ({status})")


def _is_of_the_crm(body: bytes) -> bool:
    """Return True for the error object of the API: `{"code": 403, "message": "..."}`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and type(found.get("code")) is int and isinstance(found.get("message"), str)
