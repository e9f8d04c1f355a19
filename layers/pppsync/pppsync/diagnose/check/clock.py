"""Pure: reads a router's clock, in both date formats of RouterOS."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMATS: Final = ("%Y-%m-%d %H:%M:%S", "%b/%d/%Y %H:%M:%S")
"""RouterOS 7.10 and later, and before."""
_OFFSET: Final = re.compile(r"([+-]?)(\d\d):(\d\d)(?::\d\d)?")
_SECONDS_A_DAY: Final = 86400
_WRAP: Final = 1 << 32
"""Some releases give the offset in seconds, a negative one as an unsigned number of 32 bits."""


def router_time(row: Mapping[str, str]) -> datetime | None:
    """Return the moment that a row of `/system/clock` shows, None if it cannot be read."""
    local = _local(f"{row.get('date', '')} {row.get('time', '')}")
    offset = _offset(row.get("gmt-offset", ""))
    if local is None or offset is None:
        return None
    return local - offset


def _local(text: str) -> datetime | None:
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _offset(text: str) -> timedelta | None:
    if text.isascii() and text.isdigit() and len(text) <= len(str(_WRAP)):
        seconds = int(text)
        return timedelta(seconds=seconds if seconds <= _SECONDS_A_DAY else seconds - _WRAP)
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset
