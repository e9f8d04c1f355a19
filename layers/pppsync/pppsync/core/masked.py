"""The type of everything that must never be shown: passwords, API keys, session tokens."""

from __future__ import annotations

from typing import NoReturn, final

MASK = "***"


@final
class Masked:
    """A text that prints as asterisks and compares by its value.

    Only `reveal()` gives the text, so that each place where it leaves the program can be found by that word.
    It can be neither pickled nor written as JSON.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return type(other) is Masked and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a masked value cannot be pickled")
