"""What the simulated router answers, as lists of words; and its secrets as it holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.simulators.routeros import RouterSimulator

DONE = [["!done"]]


def trap(message: str, category: int | None = None) -> list[list[str]]:
    """The reply that refuses with one trap."""
    words = [] if category is None else [f"=category={category}"]
    return [["!trap", *words, f"=message={message}"], ["!done"]]


def secret(router: RouterSimulator, name: str = "A1") -> dict[str, str]:
    """A secret that must be there."""
    found = router.secret(name)
    assert found is not None
    return found
