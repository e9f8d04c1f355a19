"""The form that every action's result has."""

from __future__ import annotations

from typing import Any, Protocol


class Answer(Protocol):
    """What an action found out or did."""

    @property
    def weakened(self) -> tuple[str, ...]:
        """The paths of the settings that leave a connection open to somebody in between."""
        ...

    def document(self, *, run_id: str, exclusive: bool, duration_ms: int) -> dict[str, Any]:
        """The response."""
        ...
