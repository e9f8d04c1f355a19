"""What is open, what failed and who is left alone: like things are one row with a count and what to do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from sync_widget.html import Html, Num, element, joined, listing, sentence, table, value
from sync_widget.response import by_reason
from sync_widget.words import kind_of, meaning, percent, remedy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OPEN: Final = 3
"""So few rows of one reason stand open."""
_HEADS: Final = (Num("How many"), "Why", "What to do")


def problems(response: Mapping[str, Any], rows: int) -> Html:
    """One row for each reason, also for a reason of which the response lists nobody; the rare ones first."""
    counts, total = by_reason(response), response["problems_total"]
    if not counts:
        return joined(element("h3", "Open problems"), element("p", "None."))
    listed = len(response["problems"])
    more = f"The response lists {listed} of {total}; the log has a line `problem` for each." if listed < total else ""
    return joined(
        element("h3", f"Open problems: {total}"),
        _grouped(counts, response["problems"], rows),
        element("p", sentence(more), css="soft") if more else "",
    )


def failures(response: Mapping[str, Any], rows: int) -> Html:
    """One row for each reason why changes failed; nothing if none failed."""
    total = sum(router["failures_total"] or 0 for router in response["routers"])
    found = [
        {**row, "router": router["name"], "kind": kind_of(row["kind"])}
        for router in response["routers"]
        for row in router["failures"] or ()
    ]
    if not found:
        return Html("")
    more = f"The response lists {len(found)} of {total}; the log has a line for each." if len(found) < total else ""
    return joined(
        element("h3", f"Changes that failed: {total}"),
        _grouped(Counter(row["reason"] for row in found), found, rows),
        element("p", more, css="soft") if more else "",
    )


def ignored(response: Mapping[str, Any]) -> Html:
    """The subscribers that have no relation with a router, by reason, as a share of all that the CRM lists."""
    all_of_them = response["crm"]["subscribers"]
    rows = [
        (
            times,
            percent(times, all_of_them),
            joined(sentence(meaning(reason)), " ", element("code", reason)),
            remedy(reason),
        )
        for reason, times in sorted(response["ignored"].items(), key=lambda each: (-each[1], each[0]))
    ]
    if not rows:
        return Html("")
    heads = (Num("How many"), Num("Of all subscribers"), "Why", "What to do")
    return joined(element("h3", "Subscribers left alone"), table(heads, rows, "facts"))


def unmatched(response: Mapping[str, Any], rows: int) -> Html:
    """The secrets of nobody, where the response lists them; those in use come first."""
    listed = response.get("unmatched") or []
    if not listed:
        return Html("")
    cells = [
        (value(each["name"]), value(each["router"]), _in_use(each), value(each["near"] or "")) for each in listed[:rows]
    ]
    heads = ("Login", "Router", "State", "Reads like")
    total = response.get("unmatched_total", len(listed))
    return joined(element("h3", f"Secrets that belong to no subscriber: {total}"), listing(heads, cells, "brief"))


def _in_use(secret: Mapping[str, Any]) -> str:
    if secret["online"]:
        return "online"
    return "enabled" if secret["enabled"] else "disabled"


def _grouped(counts: Mapping[str, int], found: Sequence[Mapping[str, Any]], rows: int) -> Html:
    by: dict[str, list[Mapping[str, Any]]] = {reason: [] for reason in counts}
    for row in found:
        by.setdefault(row["reason"], []).append(row)
    return table(
        _HEADS,
        [
            (counts[reason], _reason(reason, by[reason], counts[reason], rows), remedy(reason))
            for reason in sorted(counts, key=lambda each: (counts[each], each))
        ],
        "facts",
    )


def _reason(reason: str, found: Sequence[Mapping[str, Any]], amount: int, rows: int) -> Html:
    said = joined(sentence(meaning(reason)), " ", element("code", reason))
    shown = found[:rows]
    if not shown:
        return said
    where = joined(*(element("p", *line) for line in _where(shown)))
    if amount <= OPEN:
        return joined(said, where)
    many = f"Show {amount}" if len(shown) == amount else f"Show {len(shown)} of {amount}"
    return joined(said, element("details", element("summary", many), where))


def _where(found: Sequence[Mapping[str, Any]]) -> list[list[str | Html]]:
    """One line for all that have the router, the kind and the detail alike: first these, then the logins."""
    alike: dict[tuple[str, ...], list[Html]] = {}
    for row in found:
        key = tuple(str(row.get(name) or "") for name in ("router", "kind", "detail"))
        alike.setdefault(key, []).append(_who(row))
    lines: list[list[str | Html]] = []
    for key, logins in alike.items():
        parts: list[str | Html] = []
        for each in filter(None, key):
            parts += [", ", value(each)]
        names: list[str | Html] = []
        for login in filter(None, logins):
            names += [", ", login]
        lines.append([*parts[1:], *([": "] if parts and names else []), *names[1:]])
    return lines


def _who(row: Mapping[str, Any]) -> Html:
    subscriber = f"#{row['subscriber']}" if row.get("subscriber") else ""
    if not row["name"]:
        return joined(subscriber)
    return joined(value(row["name"]), *((" ", element("span", subscriber, css="soft")) if subscriber else ()))
