"""Pure: who has a relation with a router at all (R2 to R5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pppsync.core.names import is_control
from pppsync.core.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pppsync.core.policy import Policy
    from pppsync.core.subscriber import Subscriber

LONGEST: Final = 8192
"""Characters. A router ends the session at a word that is too long for it, and so everybody's changes at every run."""
_DIGITS: Final = frozenset("0123456789")


def ineligible(subscriber: Subscriber, policy: Policy) -> Reason | None:
    """Return why a subscriber has no relation with any router, or None if there is no such reason."""
    name = subscriber.custom_id
    if subscriber.archived:
        return Reason.ARCHIVED
    if subscriber.lead:
        return Reason.LEAD
    if subscriber.tags and _opts_out(subscriber.tags, policy.unmanaged_tag):
        return Reason.CUSTOM_CONFIG
    if name is None or not name.strip():
        return Reason.NO_CUSTOM_ID
    if not _valid_name(name):
        return Reason.INVALID_CUSTOM_ID
    if name[0] in _DIGITS and not policy.allow_numeric_custom_id:
        return Reason.NUMERIC_CUSTOM_ID
    return None


def encodable(text: str) -> bool:
    """Return True if the text can go over the wire: not too long, and no lone surrogate.

    A lone surrogate would look like a raw byte that a router holds.
    """
    return len(text) <= LONGEST and (text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text))


def _opts_out(tags: Iterable[str], unmanaged_tag: str) -> bool:
    folded = unmanaged_tag.strip().casefold()
    return any(tag.strip().casefold() == folded for tag in tags)


def _valid_name(name: str) -> bool:
    if name.isascii() and name.isalnum() and len(name) <= LONGEST:
        return True  # Fast path: plain ASCII names, nearly all of them.
    if name.startswith("*") or name != name.strip():
        return False
    return encodable(name) and not any(map(is_control, name))
