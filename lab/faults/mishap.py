"""A mishap: what is in store for one run, and what the judge has to know about it."""

from __future__ import annotations

from dataclasses import dataclass, field

PATIENCE = 0.4
"""Seconds that one answer may take in a run with mishaps."""


@dataclass
class Mishap:
    """What is in store for one run.

    `doomed`: a list was answered in a way that must end the run without a write. `hidden`: names of subscribers
    that a lying list left out. `masked`: routers that show no password. `blind`: the CRM hides its attributes.
    `unreadable`: routers that must not be written. `edited`: a hand was at work in the run.
    """

    told: list[str] = field(default_factory=list)
    doomed: bool = False
    hidden: set[str] = field(default_factory=set)
    masked: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    unkept: bool = False
    blind: bool = False
    edited: bool = False
    lies: bool = False
    patience: float = PATIENCE
