"""Pure: what the log tells of the latest run -> a page for the dashboard, which says what is wrong and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sync_widget.html import Html, element, joined, styled
from sync_widget.problems import failures, ignored, problems, unmatched
from sync_widget.remarks import remarks
from sync_widget.routers import routers_table
from sync_widget.waiting import withheld
from sync_widget.words import ago, moment, zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timezone

    from sync_widget.log_reader import Seen
    from sync_widget.words import Setting

DESCRIPTION: Final = """## The latest sync

Shows what the latest run of the sync found and did: how long ago it was and whether that is healthy, each router,
the plans that wait for an approval with their changes, and every open problem with its reason in plain words.

It reads the log of the sync and does nothing else: it neither starts a run nor changes anything. It takes no
parameters.
"""
ROWS: Final = (100, 25, 5, 0)
"""Rows that are shown of one table; fewer where the page would be too large."""
LARGEST: Final = 300_000
"""Bytes of a page. A dashboard shows several widgets, often on a phone."""
_MARKS: Final = {"bad": "\u2716 Act:", "look": "\u25b2 Look:", "good": "\u2714 Healthy:"}  # a colour alone is no word


def page(seen: Seen, setting: Setting, now: datetime, context: Mapping[str, Any]) -> str:
    """The whole widget; `context` is the console's `widgetContext`."""
    zone, theme, width = zone_of(context), str(context.get("theme")), int(context.get("width") or 0)
    for rows in ROWS[:-1]:
        shown = styled(_content(seen, setting, now, zone, rows), theme, width)
        if len(shown.encode()) <= LARGEST:
            return shown
    return styled(_content(seen, setting, now, zone, ROWS[-1]), theme, width)


def _content(seen: Seen, setting: Setting, now: datetime, zone: timezone, rows: int) -> Html:
    parts = [
        element("div", element("b", _MARKS[each.level]), each.text, css=f"say {each.level}")
        for each in remarks(seen, setting, now, zone)
    ]
    if seen.response is not None and seen.at is not None:
        parts += [
            _summary(seen.response, seen.at, setting, now, zone),
            withheld(seen, setting, rows),
            failures(seen.response, rows),
            problems(seen.response, rows),
            routers_table(seen.response, rows),
            ignored(seen.response),
            unmatched(seen.response, rows),
        ]
    return joined(*parts)


def _summary(response: Mapping[str, Any], at: datetime, setting: Setting, now: datetime, zone: timezone) -> Html:
    crm, seconds, coverage = response["crm"], response["duration_ms"] / 1000, response.get("coverage")
    managed = f"{coverage:g} % of the subscribers with a service are managed. " if coverage is not None else ""
    return element(
        "p",
        f"Latest sync: {ago(now - at)} ({moment(at, zone)}), took {seconds:.1f} s of {setting.timeout}. ",
        f"The CRM listed {crm['subscribers']} subscribers and {crm['services']} services",
        ", at its fallback address. " if crm["source"] == "address" else ". ",
        element("b", managed) if managed else "",
        "The journal is off. " if response.get("journal") == "off" else "",
        "Run ",
        element("code", response["run_id"]),
        css="soft",
    )
