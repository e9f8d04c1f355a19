"""Reads facts from the response of a sync, also from one that was written before today's keys existed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CUTS: Final = frozenset({"disable", "restrict"})
"""The kinds that a plan of the kind `cut` holds."""


def joined_parts(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the whole response of one run, whose log records may each hold a part (`part` of `parts`).

    Lists are put together, a router in two parts becomes one; of every other key the first value counts.
    """
    whole: dict[str, Any] = {}
    for record in sorted(records, key=lambda each: int(each.get("part") or each["response"].get("part") or 1)):
        _add(whole, record["response"])
    routers: dict[str, dict[str, Any]] = {}
    for router in whole.get("routers", ()):
        _add(routers.setdefault(router["name"], {}), router)
    return {**whole, "routers": [*routers.values()]}


def _add(whole: dict[str, Any], part: Mapping[str, Any]) -> None:
    for key, value in part.items():
        if isinstance(value, list):
            whole[key] = [*whole.get(key, []), *value]
        else:
            whole.setdefault(key, value)


def unread(router: Mapping[str, Any]) -> bool:
    """True if the router was not read, so that nothing of it could be counted."""
    return bool(router["error"]) and not router["secrets"] and not router["planned"]


def written(router: Mapping[str, Any]) -> bool:
    """True if the sync may write to the router: it is neither observed nor on hold."""
    return router["mode"] != "observe" and not router.get("hold")


def count(router: Mapping[str, Any], *results: str) -> int | None:
    """The changes of a router that ended so, whatever their kind; None if it was not read."""
    if unread(router):
        return None
    return sum(sum((router.get(result) or {}).values()) for result in results)


def total(routers: Iterable[Mapping[str, Any]], *results: str) -> int:
    """The changes of all these routers that ended so."""
    return sum(count(router, *results) or 0 for router in routers)


def by_reason(response: Mapping[str, Any]) -> dict[str, int]:
    """The number of problems by reason; before there was such a key, the rows that the response lists."""
    counts: dict[str, int] | None = response.get("problems_by_reason")
    return counts if counts is not None else dict(Counter(row["reason"] for row in response["problems"]))


def plans(response: Mapping[str, Any]) -> dict[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]]:
    """By id, each withheld plan with the routers it stands under: a plan over all routers stands under several."""
    found: dict[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
    for router in response["routers"]:
        for plan in router["withheld_plans"]:
            found.setdefault(plan["plan_id"], []).append((plan, router))
    return found


def withheld_rows(plan: Mapping[str, Any], routers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The changes of a plan as the response lists them, each with its router."""
    kinds = CUTS if plan["kind"] == "cut" else {plan["kind"]}
    return [
        {**row, "router": router["name"]}
        for router in routers
        for row in router.get("changes") or ()
        if row["kind"] in kinds and row.get("result") == "withheld"
    ]
