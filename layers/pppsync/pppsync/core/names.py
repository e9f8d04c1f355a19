"""Pure: which names read the same to a person although they are not equal (R1).

Names come from people who type and copy them: with another letter case, a trailing blank, a no-break or zero-width
character, a decomposed accent, or in the code page of WinBox' PC. A router holds each of these as a name of its own.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_WINBOX_CODE_PAGES: Final = ("cp1252", "cp1251")
_INVISIBLE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_INVISIBLE_LETTERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | frozenset(
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10))
)
"""Zero-width characters that Unicode does not file under `Cf`: joiners, fillers, variation selectors."""


def reading(name: str) -> str:
    """Return what a name reads as: equal readings look the same to a person.

    NFKC, case folding, and neither white space nor zero-width nor control characters (R1).
    """
    if name.isascii() and name.isalnum():
        return name.lower()  # Fast path: plain ASCII names, nearly all of them.
    before, text = None, name
    while text != before:  # What is taken out may leave an accent behind its letter, which then is composed with it.
        before = text
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        text = "".join(letter for letter in folded if not is_invisible(letter))
    return text


def readings(name: str) -> tuple[str, ...]:
    """Return every reading of a name as a router holds it; bytes that are not UTF-8 are read in two code pages.

    `name` has its undecodable bytes as surrogate escapes.
    """
    if name.isascii() or not any("\udc80" <= letter <= "\udcff" for letter in name):
        return (reading(name),)
    raw = name.encode("utf-8", "surrogateescape")
    return tuple(dict.fromkeys(reading(raw.decode(page, "replace")) for page in _WINBOX_CODE_PAGES))


def is_invisible(letter: str) -> bool:
    """Return True for white space, control and zero-width characters."""
    return unicodedata.category(letter) in _INVISIBLE_CATEGORIES or letter in _INVISIBLE_LETTERS


def is_control(letter: str) -> bool:
    """Return True for control and zero-width characters, which no login may hold (R5)."""
    return unicodedata.category(letter) in {"Cc", "Cf"} or letter in _INVISIBLE_LETTERS


def marked(name: str) -> str:
    r"""Return a name in which a person sees every character.

    Blanks at the ends, what is invisible, and letters that look like others are written as `\u00a0`.
    """
    body = name.strip(" ")
    start = len(name) - len(name.lstrip(" "))
    alike = not unicodedata.is_normalized("NFKC", name)
    visible = "".join(
        _code_point(letter)
        if letter != " " and (is_invisible(letter) or (alike and _looks_like_another(letter)))
        else letter
        for letter in body
    ).replace("  ", "\\u0020\\u0020")
    return "\\u0020" * (start if body else 0) + visible + "\\u0020" * (len(name) - len(body) - (start if body else 0))


def _looks_like_another(letter: str) -> bool:
    """Return True for a combining accent, a joining Korean letter, or one that stands for another, as U+212A for K."""
    if "\u1160" <= letter <= "\u11ff" or unicodedata.combining(letter):
        return True
    return not unicodedata.is_normalized("NFKC", letter)


def _code_point(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
