"""Holds the reply to one command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pppsync.routers.wire import Row


@dataclass(slots=True)
class Reply:
    """What came back for one command; complete once `done`.

    `rows` holds what `decode` made of each `!re`, `traps` the router's refusals as text, `ret` the value of `!done`.
    """

    decode: Callable[[Row], Any] | None = None
    rows: list[Any] = field(default_factory=list)
    traps: list[str] = field(default_factory=list)
    ret: str = ""
    done: bool = False

    @property
    def refusal(self) -> str:
        """The router's words, empty if it did not refuse."""
        return "; ".join(self.traps)
