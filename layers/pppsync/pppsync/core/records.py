"""A dataclass decorator for row types: immutable for mypy, without the slow `__init__` of `frozen=True`.

At run time a frozen dataclass sets each of its fields by a call of its own, which quadruples the price of an instance:
a tenth of a large run. That nobody changes such a value, mypy sees to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as row_dataclass
else:

    def row_dataclass(*, frozen: bool, slots: bool) -> object:
        """Return a dataclass that compares and hashes by its fields."""
        return dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["row_dataclass"]
