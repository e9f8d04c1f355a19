"""One protection, and the edit that takes it out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One protection, and the edit that takes it out; `named` are those that the project's promise is about."""

    name: str
    file: str
    before: str
    after: str
    named: bool = False
