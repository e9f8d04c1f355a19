"""Pure: words that several parts of an explanation share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.core.names import marked
from pppsync.core.subscriber import ServiceStatus
from pppsync.report.rows import readable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pppsync.core.policy import Policy
    from pppsync.core.reasons import Problem


def quoted(name: str) -> str:
    """Return a name between backticks, in which a person sees every character."""
    return f"`{marked(readable(name))}`"


def why(problem: Problem, policy: Policy) -> str:
    """Return the clause that tells one problem; it follows `because` as well as `note that`."""
    return clause(problem, marked(problem.detail), policy)


def clause(problem: Problem, detail: str, policy: Policy) -> str:
    """Return the clause of a problem with this text as its detail."""
    return problem.reason.clause.format(
        router=problem.router or "the router",
        detail=detail,
        subscriber=problem.subscriber,
        tag=policy.unmanaged_tag,
        router_attribute=policy.router_attribute,
    )


def status_word(status: int) -> str:
    """Return a service's status in words."""
    known = {one.value: one.name.lower().replace("_", " ") for one in ServiceStatus}
    return known.get(status, f"unknown ({status})")


def listed(parts: Iterable[str], again: str = "") -> str:
    """Return `a, b and c`; `again` is repeated before each further part."""
    *first, last = parts
    link = f" and {again} " if again else " and "
    separator = f", {again} " if again else ", "
    return f"{separator.join(first)}{link}{last}" if first else last
