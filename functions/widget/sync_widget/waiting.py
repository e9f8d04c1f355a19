"""The plans that are withheld: what each would change, and the commands to see or approve it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sync_widget.html import OPEN, Html, Num, element, joined, listing, value
from sync_widget.response import plans, withheld_rows, written
from sync_widget.words import DASH, invoke, kind_of, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_widget.log_reader import Seen
    from sync_widget.words import Setting

WHOLE_PLANS: Final = 3
"""Plans that are shown with their command and changes; of more, one row each."""
FEW: Final = 3
"""Changes of each plan that stand open where several plans wait."""

type Held = Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]
"""One plan with each router it stands under."""


def withheld(seen: Seen, setting: Setting, rows: int) -> Html:
    """All withheld plans, those that can be approved and the largest first; at most so many rows of each."""
    assert seen.response is not None  # noqa: S101 - only called with one
    found = sorted(plans(seen.response).values(), key=lambda held: (not _writable(held), -held[0][0]["count"]))
    if not found:
        return Html("")
    wait = "waiting for your approval" if any(map(_writable, found)) else "on routers that are not written"
    changes = number(sum(held[0][0]["count"] for held in found), "change")
    return joined(
        element("h3", f"Withheld: {changes} in {number(len(found), 'plan')}, {wait}"),
        element("p", element("b", "Wrong?"), " Correct the CRM: the next run plans anew. To print every change:"),
        invoke(setting, {"action": "plan"}),
        *(_plan(held, seen, setting, rows, OPEN if len(found) == 1 else FEW) for held in found[:WHOLE_PLANS]),
        _others(found[WHOLE_PLANS:], rows) if found[WHOLE_PLANS:] else "",
    )


def _writable(held: Held) -> bool:
    return any(written(router) for _, router in held)


def _plan(held: Held, seen: Seen, setting: Setting, rows: int, open_rows: int) -> Html:
    plan, routers = held[0][0], [router for _, router in held]
    changes = [each for each in seen.withheld if plan["plan_id"] in each["plans"]] or withheld_rows(plan, routers)
    known = any(each.get("subscriber") for each in changes[:rows])
    cells = [
        (
            value(each["name"]),
            *((each.get("subscriber") or DASH,) if known else ()),
            value(each["router"]),
            _difference(each),
        )
        for each in changes[:rows]
    ]
    heads = ("Login", *(("Subscriber",) if known else ()), "Router", "Change")
    left = plan["count"] - len(cells)
    return joined(
        element("h4", _where(held), f": {kind_of(plan['kind'])}, {number(plan['count'], 'change')}{_online(plan)}"),
        element("p", value(plan["reason"]), ". Nothing of it is done until somebody approves it."),
        _approval(plan, routers, setting),
        listing(heads, cells, "brief", open_rows) if cells else "",
        element("p", f"And {left} that are not shown here; the plan lists them.", css="soft") if left > 0 else "",
    )


def _where(held: Held) -> Html:
    return value(held[0][1]["name"]) if len(held) == 1 else joined(number(len(held), "router"))


def _online(plan: Mapping[str, Any]) -> str:
    online = plan.get("online")
    return "" if online is None else f", {online} of them online"


def _approval(plan: Mapping[str, Any], routers: Sequence[Mapping[str, Any]], setting: Setting) -> Html:
    """How to approve, and what an approval does: on a router that is observed or on hold, nothing."""
    unwritten = [router for router in routers if not written(router)]
    if len(unwritten) == len(routers):
        why = "on hold" if all(router.get("hold") for router in routers) else "only observed"
        text = f" The router is {why}: an approval writes nothing there, now or later, so no command is shown."
        return element("p", element("b", "Right?"), text)
    names: list[str | Html] = []
    for router in unwritten[:3]:
        names += [", ", value(router["name"])]
    also = (" Nothing is written on ", *names[1:], " (observed or on hold).") if names else ()
    return joined(
        element("p", element("b", "Right?"), " Approve it. What has changed by then stays withheld.", *also),
        invoke(setting, {"action": "sync", "approve": [plan["plan_id"]]}),
    )


def _others(found: Sequence[Held], rows: int) -> Html:
    cells = [
        (
            _where(held),
            kind_of(held[0][0]["kind"]),
            held[0][0]["count"],
            held[0][0].get("online", DASH),
            element("code", held[0][0]["plan_id"]),
        )
        for held in found[:rows]
    ]
    left = len(found) - len(cells)
    return joined(
        element("h4", f"{number(len(found), 'more plan')}"),
        element("p", "To approve one, put its id into the command above."),
        listing(("Router", "Kind", Num("Changes"), Num("Online"), "Plan id"), cells, "brief"),
        element("p", f"And {left} that the response in the log lists.", css="soft") if left else "",
    )


def _difference(change: Mapping[str, Any]) -> Html:
    online = (" ", element("b", "online")) if change.get("online") else ()
    if change["kind"] == "disable":
        return joined("enabled \u2192 disabled", *online)
    if change["kind"] == "drop":
        return joined("online \u2192 session dropped")
    desired = change["desired"]
    if isinstance(desired, dict):
        return joined("none \u2192 a secret with the profile ", value(desired["profile"]))
    return joined(value(change["actual"] or "none"), " \u2192 ", value(desired or "none"), *online)
