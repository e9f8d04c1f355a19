"""One line of the self-test, and what several of its parts need."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pppsync.net.endpoint import Tls

DAYS_TO_RENEW: Final = 7
"""A certificate that renews itself does so weeks before its end: later than this, somebody has to."""
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Check:
    """What was tried; `ok` is False where somebody has something to do, and `detail` says what."""

    check: str
    ok: bool
    detail: str


def certificate_state(fields: Mapping[str, Any], tls: Tls | None, now: datetime) -> tuple[bool, str]:
    """How long the certificate of the other side is still good; `fields` are those of a verified one."""
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
    """The first few names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
