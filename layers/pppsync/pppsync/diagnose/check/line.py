"""One line of the self-test, and functions that several checks share."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pppsync.net.endpoint import Tls

DAYS_TO_RENEW: Final = 7
"""A certificate that is renewed by a program is renewed weeks before its end; one later than this needs a person."""
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One check and its result; `ok` is False where somebody has to act, and `detail` says how."""

    check: str
    ok: bool
    detail: str


def certificate_state(fields: Mapping[str, Any], tls: Tls | None, now: datetime) -> tuple[bool, str]:
    """Return whether the certificate of the other side stays valid; `fields` are those of a verified one."""
    if tls is None:
        return True, "not looked at: without TLS there is no certificate (see config.encryption)"
    if not tls.verify:
        return True, "not looked at: ssl_verify is false, any certificate is taken (see config.encryption)"
    if "notAfter" not in fields:
        return True, "accepted"
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(fields["notAfter"]), UTC)
    days = (ends - now).days
    if days < DAYS_TO_RENEW:
        return False, f"accepted, but it ends in {days} days, on {ends:%Y-%m-%d}: renew it"
    return True, f"accepted, ends in {days} days, on {ends:%Y-%m-%d}"


def some(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
