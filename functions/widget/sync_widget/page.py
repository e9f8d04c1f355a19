"""Pure: what the log tells of the latest run -> a page for the dashboard, which says what is wrong and what to do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from sync_widget.html import Html, element, joined, listing, sentence, styled, table, value
from sync_widget.remarks import remarks
from sync_widget.words import ago, count, invoke, meaning, number, why

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_widget.html import Part
    from sync_widget.log_reader import Seen
    from sync_widget.words import Setting

DESCRIPTION: Final = """## The latest sync

Shows what the latest run of the sync found and did: how long ago it was and whether that is healthy, each router,
the plans that wait for an approval with their changes, and every open problem with its reason in plain words.

It reads the log of the sync and does nothing else: it neither starts a run nor changes anything. It takes no
parameters.
"""
ROWS: Final = 100
"""Rows that are shown of one table."""
_WORDS: Final = {"enable": "enable", "create": "create", "disable": "disable", "drop": "drop the session"}
_MARKS: Final = {"bad": "\u2716 Act:", "look": "\u25b2 Look:", "good": "\u2714 Healthy:"}  # a colour alone is no word


def page(seen: Seen, setting: Setting, now: datetime, context: Mapping[str, Any]) -> str:
    """The whole widget; `context` is the console's `widgetContext`."""
    parts = [
        element("div", element("b", _MARKS[each.level]), each.text, css=f"say {each.level}")
        for each in remarks(seen, setting, now)
    ]
    if seen.response is not None and seen.at is not None:
        parts += [
            _summary(seen.response, seen.at, setting, now),
            _routers(seen.response),
            *_withheld(seen, setting),
            _failures(seen.response),
            _problems(seen.response),
            _ignored(seen.response),
        ]
    return styled(joined(*parts), str(context.get("theme")), int(context.get("width") or 0))


def _summary(response: Mapping[str, Any], at: datetime, setting: Setting, now: datetime) -> Html:
    crm, seconds = response["crm"], response["duration_ms"] / 1000
    return element(
        "p",
        f"Latest sync: {ago(now - at)} ({at:%Y-%m-%d %H:%M} UTC), took {seconds:.1f} s of {setting.timeout}. ",
        f"The CRM listed {crm['subscribers']} subscribers and {crm['services']} services",
        ", at its fallback address. " if crm["source"] == "address" else ". ",
        "Run ",
        element("code", response["run_id"]),
        css="soft",
    )


def _routers(response: Mapping[str, Any]) -> Html:
    heads = ("Router", "State", "Managed", "In step", "Changed", "Failed", "Withheld", "Suspended yet online")
    rows = (
        (
            value(router["name"]),
            _state(router),
            *(router["managed"], router["in_sync"], count(router, "applied")),
            count(router, "failed") + count(router, "unanswered"),
            *(count(router, "withheld"), router["suspended_online"]),
        )
        for router in response["routers"]
    )
    before = "Managed, in step and suspended yet online are counted as the run found them, before it changed anything."
    return joined(element("h3", "Routers"), table(heads, rows), element("p", before, css="soft"))


def _state(router: Mapping[str, Any]) -> Part:
    if router["error"]:
        return why(router["error"]["reason"], router["error"]["detail"])
    if router["mode"] == "observe":
        return "only observed, never written"
    return "reached" if router["ok"] else "reached, but changes failed"


def _withheld(seen: Seen, setting: Setting) -> Iterator[Html]:
    assert seen.response is not None  # noqa: S101 - only called with one
    plans = {plan["plan_id"]: plan for router in seen.response["routers"] for plan in router["withheld_plans"]}
    for plan_id, plan in plans.items():
        changes = [each for each in seen.withheld if plan_id in each["plans"]][:ROWS]
        rows = [(value(each["name"]), each["subscriber"], value(each["router"]), _difference(each)) for each in changes]
        left = plan["count"] - len(rows)
        yield joined(
            element("h3", f"Waits for your approval: {_kind(plan['kind'])}, {number(plan['count'], 'change')}"),
            element("p", plan["reason"], ". Nothing of it is done until somebody approves exactly this plan."),
            listing(("Login", "Subscriber", "Router", "Change"), rows) if rows else "",
            element("p", f"And {left} that are not shown here; the command lists them.", css="soft") if left else "",
            element("p", element("b", "Wrong?"), " Correct the CRM: the next run plans anew. To print the whole plan:"),
            invoke(setting, {"action": "plan"}),
            _approval(seen.response, plan_id, setting),
        )


def _approval(response: Mapping[str, Any], plan_id: str, setting: Setting) -> Html:
    """How to approve; on routers that are only observed an approval would change nothing."""
    modes = {
        router["mode"]
        for router in response["routers"]
        if any(plan["plan_id"] == plan_id for plan in router["withheld_plans"])
    }
    if modes == {"observe"}:
        return element("p", element("b", "Right?"), " The router is only observed: nothing is written there anyway.")
    return joined(
        element("p", element("b", "Right?"), " Approve it; if it has changed by then, it is withheld again:"),
        invoke(setting, {"action": "sync", "approve": [plan_id]}),
    )


def _difference(change: Mapping[str, Any]) -> Html:
    if change["kind"] == "disable":
        return joined("enabled \u2192 disabled")
    if change["kind"] == "drop":
        return joined("online \u2192 session dropped")
    desired = change["desired"]
    if isinstance(desired, dict):
        return joined("none \u2192 a secret with the profile ", value(desired["profile"]))
    return joined(value(change["actual"] or "none"), " \u2192 ", value(desired or "none"))


def _failures(response: Mapping[str, Any]) -> Html:
    rows = [
        (value(each["name"]), value(router["name"]), _kind(each["kind"]), why(each["reason"], each["detail"]))
        for router in response["routers"]
        for each in router["failures"]
    ]
    total = sum(router["failures_total"] for router in response["routers"])
    return _titled("Changes that failed", ("Login", "Router", "Change", "Why"), rows, total)


def _problems(response: Mapping[str, Any]) -> Html:
    problems, total = response["problems"], response["problems_total"]
    if not problems:
        return joined(element("h3", "Open problems"), element("p", "None."))
    often = Counter(each["reason"] for each in problems)
    rows = [
        (
            value(each["name"] or "-"),
            each["subscriber"] or "-",
            value(each["router"] or "-"),
            why(each["reason"], each["detail"]),
        )
        # The rare ones first: a hundred alike must not hide the one that is different.
        for each in sorted(problems, key=lambda each: often[each["reason"]])
    ]
    return _titled("Open problems", ("Login", "Subscriber", "Router", "Why"), rows, total)


def _titled(title: str, heads: Sequence[str], rows: Sequence[tuple[Part, ...]], total: int) -> Html:
    """A table under its title, nothing at all if it has no rows."""
    if not rows:
        return Html("")
    shown = rows[:ROWS]
    more = f"And {total - len(shown)} more, which the response in the log lists." if total > len(shown) else ""
    return joined(element("h3", f"{title}: {total}"), listing(heads, shown), element("p", more, css="soft"))


def _ignored(response: Mapping[str, Any]) -> Html:
    rows = [(sentence(meaning(reason)), count) for reason, count in response["ignored"].items()]
    return joined(element("h3", "Subscribers left alone"), table(("Why", "How many"), rows)) if rows else Html("")


def _kind(kind: str) -> str:
    return _WORDS.get(kind, f"another {kind.replace('_', ' ')}")
