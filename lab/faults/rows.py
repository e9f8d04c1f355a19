"""Which names read the same, and which secret lets in a session: written a second time from R1, R6 and R12."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    Row = Mapping[str, str]

ZERO_WIDTH = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0]"
)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")


def reads_as(name: str) -> set[str]:
    """What a person reads; bytes of a code page may be read in two ways."""
    raw = name.encode("utf-8", "surrogateescape")
    try:
        texts = {raw.decode("utf-8")}
    except UnicodeDecodeError:
        texts = {raw.decode(page, "replace") for page in ("cp1252", "cp1251")}
    found = set()
    for text in texts:
        letters = ZERO_WIDTH.sub("", _BLANK.sub("", unicodedata.normalize("NFKD", text).casefold()))
        found.add(unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", letters).casefold()))
    return found


def in_the_way(rows: Iterable[Row], name: str, live: Collection[str]) -> bool:
    """True if a router does not hold a name, but one that reads the same and is no live subscriber's login (R1)."""
    held = {row["name"] for row in rows}
    return name not in held and any(one not in live and reads_as(one) & reads_as(name) for one in held)


def of_name(rows: Iterable[Row], name: str, services: Collection[str]) -> list[Row]:
    """The secrets of a name under one of our services."""
    return [row for row in rows if row["name"] == name and row["service"] in services]


def lets_in(row: Row, session: Row, rows: Iterable[Row]) -> bool:
    """True if this secret is the one that lets a session in (R12)."""
    if row["name"] != session["name"]:
        return False
    if row["service"] == "any":
        own = [one for one in rows if one["name"] == row["name"] and one["service"] == session["service"]]
        return not own or session["service"] == "any"
    return row["service"] == session["service"]


def online(rows: Collection[Row], name: str, services: Collection[str], sessions: Iterable[Row]) -> list[Row]:
    """The live sessions that our secrets of a name let in, RADIUS or not."""
    ours = of_name(rows, name, services)
    return [one for one in sessions if any(lets_in(row, one, rows) for row in ours)]


def address_of(row: Row) -> str:
    """The static address of a secret, empty without one."""
    address = row.get("remote-address", "")
    return "" if address == "0.0.0.0" else address
