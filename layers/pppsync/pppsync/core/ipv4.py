"""Pure: addresses as they stand in the CRM."""

from __future__ import annotations

import re
from typing import Final

_BYTE: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4: Final = re.compile(rf"({_BYTE})\.{_BYTE}\.{_BYTE}\.{_BYTE}")
_LOOPBACK: Final = 127
_MULTICAST: Final = 224
"""The first byte of an address; from here on there are only groups, reserved addresses and the broadcast."""


def host_address(text: str) -> str | None:
    """Return the address in its only spelling, or None if it is no unicast IPv4 host address (R11).

    A trailing `/32` is taken off.
    """
    address = text.strip().removesuffix("/32")
    found = _IPV4.fullmatch(address)
    network = int(found[1]) if found else 0
    return address if 0 < network < _MULTICAST and network != _LOOPBACK else None
