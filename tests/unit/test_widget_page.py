"""The widget's page against the keys of the response: null counts, coverage, holds, reasons, plans, approvals.

The responses are written out here, not made by the report, so that the page can be tested for keys of either age.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sync_widget.html import element
from sync_widget.log_reader import Seen, Success
from sync_widget.page import LARGEST, ROWS, page
from sync_widget.remarks import remarks
from sync_widget.response import joined_parts
from sync_widget.waiting import WHOLE_PLANS
from sync_widget.words import DASH, REASONS, Setting, moment, percent, zone_of
from tests.unit.test_widget import HOSTILE, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SETTING = Setting("stack-sync", "eu-west-1", scheduled=True, timeout=240, coverage=50)
RESULTS = ("planned", "applied", "failed", "withheld", "unconfirmed", "deferred", "unanswered")
COUNTED = ("secrets", "managed", "in_sync", "unmatched", "unmatched_enabled", "unmatched_online", "suspended_online")
PLAN = "9f036593ac695801"
HOLD = {"until": "2026-03-01T14:00:00Z", "by": "ann", "why": "a new tower"}
TURNED = "\u202e" * 300
"""Letters that hide, of which each is shown by six."""
NEW_KEYS = {"coverage", "journal", "problems_by_reason", "unmatched", "unmatched_total"}


def a_router(name: str = "tower-1", **given: Any) -> dict[str, Any]:
    """A router that was read, with nothing to do."""
    lists: dict[str, Any] = {"failures": [], "failures_total": 0, "changes": [], "changes_total": 0}
    return {
        "name": name,
        "mode": "enforce",
        "hold": None,
        "ok": True,
        "error": None,
        "withheld_plans": [],
        "secrets": 40,
        "managed": 38,
        "in_sync": 38,
        "unmatched": 2,
        "unmatched_enabled": 1,
        "unmatched_online": 1,
        "suspended_online": 0,
        "restricted": 0,
        "sessions_dropped": 0,
        "cuts_of_the_day": {"count": 0, "limit": 30},
        **{result: {} for result in RESULTS},
        **lists,
        **given,
    }


def not_read(name: str = "tower-2", *, nulls: bool = True) -> dict[str, Any]:
    """A router that could not be read: every count is null, or zero as it was before."""
    error = {"reason": "router_unreachable", "detail": f"{name}:8729: timed out"}
    zero = None if nulls else 0
    empty: dict[str, Any] = {**dict.fromkeys(COUNTED, zero), **dict.fromkeys(RESULTS, None if nulls else {})}
    return a_router(name, ok=False, error=error, **empty, failures_total=zero)


def withholding(name: str = "tower-1", amount: int = 12, plan_id: str = PLAN, **given: Any) -> dict[str, Any]:
    """A router on which so many disables are withheld, as the response lists them."""
    rows = [
        {"name": f"ABC{number:03}", "kind": "disable", "field": None, "actual": None, "desired": None}
        | {"online": number % 2 == 0, "result": "withheld"}
        for number in range(amount)
    ]
    plan = {"plan_id": plan_id, "kind": "disable", "count": amount, "online": amount // 2, "reason": "too many"}
    counts = {"planned": {"disable": amount}, "withheld": {"disable": amount}}
    return a_router(name, withheld_plans=[plan], changes=rows, changes_total=amount, **counts, **given)


def a_problem(number: int, reason: str = "profile_missing", detail: str = "30mbps") -> dict[str, Any]:
    """A problem of one login."""
    return {"name": f"NEW{number}", "subscriber": number, "router": "tower-1", "reason": reason, "detail": detail}


def a_response(
    *routers: dict[str, Any], problems: Sequence[dict[str, Any]] = (), listed: int = 200, **given: Any
) -> dict[str, Any]:
    """A sync over these routers; of the problems only so many are listed."""
    return {
        "run_id": "run-1",
        "action": "sync",
        "ok": True,
        "exclusive": True,
        "duration_ms": 2412,
        "weakened": [],
        "crm": {"subscribers": 300, "services": 310, "logins": 300, "source": "domain"},
        "coverage": 98.8,
        "journal": "ok",
        "ignored": {},
        "routers": [*(routers or [a_router()])],
        "approvals": [],
        "problems": [*problems][:listed],
        "problems_total": len(problems),
        "problems_by_reason": dict(Counter(each["reason"] for each in problems)),
        **given,
    }


def html(response: dict[str, Any], width: int = 1200, **context: Any) -> str:
    """The page three minutes after the run."""
    seen = Seen(NOW - timedelta(minutes=3), response)
    return page(seen, SETTING, NOW, {"theme": "light", "width": width, **context})


def text(response: dict[str, Any], **context: Any) -> str:
    """What somebody reads."""
    return Text(html(response, **context)).text


def said(response: dict[str, Any]) -> list[tuple[str, str]]:
    """The remarks at the top: level and text."""
    seen = Seen(NOW - timedelta(minutes=3), response)
    return [(each.level, Text(element("p", each.text)).text) for each in remarks(seen, SETTING, NOW, UTC)]


def payloads(shown: str) -> list[Any]:
    """The events of the commands that the page offers."""
    return [json.loads(each) for each in re.findall(r"--payload '(.+?)'", shown)]


# --- healthy or not --------------------------------------------------------------------------------------------------


def test_nobody_is_managed() -> None:
    """With 0 of 300 subscribers managed the page is red, and names the commonest reason and what to do."""
    ignored = {"numeric_custom_id": 290, "archived": 400, "no_custom_id": 10}
    nothing = {**a_problem(1, "nothing_managed", "numeric_custom_id"), "name": None, "subscriber": None}
    ((level, remark),) = said(a_response(problems=[nothing], coverage=0.0, ignored=ignored))

    assert level == "bad"
    assert remark.startswith("not one of 300 subscribers is managed: nothing reaches a router.")
    assert "290 times: The custom ID starts with a digit" in remark
    assert "Set policy.allow_numeric_custom_id to true" in remark


@pytest.mark.parametrize(("coverage", "level"), [(0.0, "bad"), (49.9, "bad"), (50.0, "good"), (None, "good")])
def test_low_coverage(coverage: float | None, level: str) -> None:
    """Below 50 percent of managed subscribers nothing is healthy; where there is nobody to manage, nothing is wrong."""
    assert [each for each, _ in said(a_response(coverage=coverage))] == [level]


@pytest.mark.parametrize(("alarm", "level"), [(0, "good"), (30, "good"), (40.5, "bad")])
def test_coverage_has_the_limit_of_its_alarm(alarm: float, level: str) -> None:
    """Who lowers the parameter `CoverageAlarm`, or switches the alarm off, has a quiet page too."""
    setting = replace(SETTING, coverage=alarm)
    seen = Seen(NOW, a_response(coverage=40.0))
    assert [each.level for each in remarks(seen, setting, NOW, UTC)] == [level]


def test_coverage_is_shown() -> None:
    """The share of managed subscribers stands in the summary."""
    assert "98.8 % of the subscribers with a service are managed." in text(a_response())


def test_ignored_subscribers_as_a_share() -> None:
    """A jump of ignored subscribers is seen: the largest first, with the share of all and what to do."""
    shown = text(a_response(ignored={"lead": 3, "numeric_custom_id": 120}))

    assert "120Of all subscribers40.0 %WhyThe custom ID starts with a digit" in shown
    assert shown.index("numeric_custom_id") < shown.index("The subscriber is a lead")


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(120, 300, "40.0 %"), (1, 9826, "< 0.1 %"), (0, 5, "0.0 %"), (0, 0, DASH)]
)
def test_percent(part: int, whole: int, shown: str) -> None:
    """A share that is not zero is never shown as zero; without a whole there is none."""
    assert percent(part, whole) == shown


@pytest.mark.parametrize("nulls", [True, False], ids=["null", "zero"])
def test_a_router_that_was_not_read(nulls: bool) -> None:
    """Of a router that was not read nothing is known: every number is a dash, whichever age the response has."""
    shown = text(a_response(a_router(), not_read(nulls=nulls)))

    assert shown.count(DASH) == 6
    assert f"Suspended yet online{DASH}" in shown


def test_like_failures_of_routers() -> None:
    """Routers that failed alike are one remark, which names the first of them."""
    ((level, remark),) = said(a_response(*(not_read(f"tower-{number}") for number in range(12))))

    assert level == "bad"
    assert remark.startswith("12 routers failed: tower-0, tower-1, tower-2, tower-3, tower-4 and 7 more.")
    assert "What to do: Check power, VPN, firewall" in remark


def test_a_failed_change_on_an_empty_router() -> None:
    """A router whose connection ended during its first creates was read: its numbers are shown."""
    error = {"reason": "router_closed", "detail": "by the peer"}
    counts = {**dict.fromkeys(COUNTED, 0), "planned": {"create": 5}, "unanswered": {"create": 5}}
    lost = {**a_router(ok=False, error=error), **counts}

    assert ("bad", "5 changes failed or went unanswered. Every run tries them again.") in said(a_response(lost))


# --- problems --------------------------------------------------------------------------------------------------------


def test_like_problems_are_one_row() -> None:
    """Eleven problems of one reason are one row with their number, the remedy and a fold-out of the logins."""
    markup = Text(html(a_response(problems=[a_problem(number) for number in range(11)])))

    assert markup.elements.count("details") == 1
    assert "11WhyThe router has no profile of exactly the service's name. profile_missingShow 11" in markup.text
    assert "tower-1, 30mbps: NEW0, NEW1 #1, NEW2 #2" in markup.text
    assert "What to doThe router needs a PPP profile of exactly the service's name" in markup.text


def test_every_reason_is_shown() -> None:
    """A reason of which the response lists no row is shown with its number."""
    problems = [a_problem(number) for number in range(5000)] + [a_problem(1, "static_ip_invalid", "10.0.0.0/24")]
    shown = text(a_response(problems=problems))

    assert "1WhyThe static address is not a unicast IPv4 host address. static_ip_invalid" in shown
    assert "5000WhyThe router has no profile" in shown
    assert "Open problems: 5001" in shown
    assert "Show 100 of 5000" in shown


def test_no_problems() -> None:
    """Without a problem the page says so."""
    assert "Open problemsNone." in text(a_response())


def test_a_problem_of_a_router() -> None:
    """A problem without a login is shown by its router."""
    row = {"name": None, "subscriber": None, "router": "tower-1", "reason": "passwords_unreadable", "detail": ""}

    assert "passwords_unreadabletower-1What to doAdd sensitive to the group" in text(a_response(problems=[row]))


def test_like_failures_of_changes() -> None:
    """Changes that failed for one reason are one row; their logins stand by the router's words."""
    rows = [{"name": f"ABC{n}", "kind": "profile", "reason": "refused", "detail": "no (9)"} for n in range(4)]
    shown = text(a_response(a_router(ok=False, failed={"profile": 4}, failures=rows, failures_total=4)))

    assert "4WhyThe router refused the change. refusedShow 4tower-1, another profile, no (9): ABC0, ABC1" in shown


def test_a_reason_from_a_later_version() -> None:
    """A reason that the widget does not know is shown by its code."""
    assert "An unknown reason. from_tomorrow" in text(a_response(problems=[a_problem(1, "from_tomorrow")]))


def test_unmatched_secrets() -> None:
    """Where the response lists secrets of nobody, they are shown with their state and who may be meant."""
    row = {"router": "tower-1", "name": "old.login", "enabled": True, "online": True, "near": "ABC9"}
    idle = {**row, "name": "idle", "online": False, "near": None}
    rows = [row, idle, {**idle, "name": "off", "enabled": False}]
    shown = text(a_response(unmatched=rows, unmatched_total=89))

    assert "Secrets that belong to no subscriber: 89" in shown
    assert "old.loginRoutertower-1StateonlineReads likeABC9" in shown
    assert "idleRoutertower-1StateenabledReads like" in shown
    assert "offRoutertower-1StatedisabledReads like" in shown


# --- plans and approvals ---------------------------------------------------------------------------------------------


def test_commands_come_before_lists() -> None:
    """On a phone nobody scrolls through logins to find the command."""
    shown = text(a_response(withholding()), width=390)

    assert payloads(shown) == [{"action": "plan"}, {"action": "sync", "approve": [PLAN]}]
    assert shown.index('"approve"') < shown.index("ABC000") < shown.index("Routers")


def test_who_is_online() -> None:
    """A plan says how many of its customers are online now, and which."""
    shown = text(a_response(withholding()))

    assert "tower-1: disable, 12 changes, 6 of them online" in shown
    assert "ABC000Routertower-1Changeenabled → disabled online" in shown
    assert "ABC001Routertower-1Changeenabled → disabledLogin" in shown


@pytest.mark.parametrize(
    ("given", "why"), [({"mode": "observe"}, "only observed"), ({"hold": HOLD}, "on hold")], ids=["observe", "hold"]
)
def test_approving_where_nothing_is_written(given: dict[str, Any], why: str) -> None:
    """A router that is observed or on hold gets nothing by an approval: the page says so and offers no command."""
    shown = text(a_response(withholding(**given)))

    assert "Withheld: 12 changes in 1 plan, on routers that are not written" in shown
    assert f"The router is {why}: an approval writes nothing there" in shown
    assert "waiting for your approval" not in shown
    assert payloads(shown) == [{"action": "plan"}]


def test_approving_a_plan_over_the_fleet() -> None:
    """A plan that touches a router that is written and one that is observed can be approved for the first alone."""
    shown = text(a_response(withholding(), withholding("tower-2", mode="observe")))

    assert "2 routers: disable" in shown
    assert "Nothing is written on tower-2 (observed or on hold)." in shown
    assert shown.count('"approve"') == 1


@pytest.mark.parametrize(
    ("result", "words"),
    [("observed", "nothing was written"), ("unknown", "could not be approved: it is unknown"), ("applied", None)],
)
def test_what_became_of_an_approval(result: str, words: str | None) -> None:
    """An approval that wrote nothing is told; one that was applied is no remark."""
    remark = said(a_response(approvals=[{"plan_id": PLAN, "result": result, "now": None}]))

    assert [level for level, _ in remark] == ["look" if words else "good"]
    assert words is None or words in remark[0][1]


def test_an_observed_router_is_not_healthy() -> None:
    """What is planned and never written is told as that: neither as healthy, nor as left by want of time."""
    observed = a_router(mode="observe", planned={"create": 30}, deferred={"create": 30})

    assert said(a_response(observed)) == [
        ("look", "tower-1 is only observed: 30 changes planned, none is written there.")
    ]


def test_a_hold() -> None:
    """A router on hold is told with its end, who asked and why."""
    remark = "router tower-1 is on hold until 2026-03-01 14:00 UTC, by ann: a new tower. Nothing is written there."

    assert said(a_response(a_router(hold=HOLD, planned={"enable": 1}, deferred={"enable": 1}))) == [("look", remark)]


def test_a_hold_of_many_routers() -> None:
    """Routers under the same hold are one remark, so that a stop of all hides no other hold; texts are escaped."""
    hold = HOLD | {"by": "<b>ann", "why": "x\u202ey"}
    routers = [a_router(f"tower-{number}", hold=hold) for number in range(7)]
    response = a_response(*routers, a_router("hill", hold=HOLD))
    first, second = (text for _, text in said(response))

    assert first.startswith("routers tower-0, tower-1, tower-2, tower-3, tower-4 and 2 more are on hold until")
    assert second.startswith("router hill is on hold until 2026-03-01 14:00 UTC, by ann")
    assert "&lt;b&gt;ann" in html(response)
    assert "x\\u202ey" in html(response)


@pytest.mark.parametrize(("journal", "level"), [("ok", "good"), ("off", "good"), ("unavailable", "look")])
def test_the_journal(journal: str, level: str) -> None:
    """A journal that cannot be reached is told; one that is off was chosen and stands in the summary."""
    response = a_response(journal=journal)

    assert [each for each, _ in said(response)] == [level]
    assert ("The journal is off." in text(response)) is (journal == "off")


def test_many_plans() -> None:
    """Of many plans the largest have their commands and lists; each of the others is one row with its id."""
    routers = [withholding(f"tower-{n}", 12 + n, f"{n:016x}") for n in range(40)]
    shown = text(a_response(*routers))
    approvals = [each["approve"] for each in payloads(shown) if "approve" in each]

    assert approvals == [[f"{n:016x}"] for n in (39, 38, 37)[:WHOLE_PLANS]]
    assert all(f"{n:016x}" in shown for n in range(40))
    assert payloads(shown).count({"action": "plan"}) == 1


# --- the first advice, and time --------------------------------------------------------------------------------------


def test_a_fresh_stack() -> None:
    """The first advice writes nothing: a plan, never the empty event, which is a real sync."""
    assert payloads(page(Seen(), SETTING, NOW, {}).replace("&#x27;", "'").replace("&quot;", '"')) == [
        {"action": "plan"}
    ]


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ({"label": "Local", "offsetISO": "+06:00", "offsetInMinutes": 360}, "2026-03-01 11:57 UTC, local time 17:57"),
        ({"offsetISO": "-05:30"}, "2026-03-01 11:57 UTC, local time 06:27"),
        ({"offsetISO": "+14:00"}, "2026-03-01 11:57 UTC, local time 2026-03-02 01:57"),
        ({"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0}, "2026-03-01 11:57 UTC"),
        ({"offsetISO": "+99:00"}, "2026-03-01 11:57 UTC"),
        ({"offsetISO": "<script>"}, "2026-03-01 11:57 UTC"),
        ("Europe/Vienna", "2026-03-01 11:57 UTC"),
        (None, "2026-03-01 11:57 UTC"),
    ],
)
def test_local_time(zone: Any, shown: str) -> None:
    """The time of the dashboard's zone stands beside UTC; where the console tells no zone, UTC stands alone."""
    assert moment(NOW - timedelta(minutes=3), zone_of({"timezone": zone})) == shown
    assert f"({shown})" in text(a_response(), timezone=zone)


# --- of either age, and of any size ----------------------------------------------------------------------------------


def test_a_response_without_the_new_keys() -> None:
    """A response that an earlier version wrote is shown: nothing that it does not hold is missed."""
    older = a_response(withholding(), not_read(nulls=False), problems=[a_problem(number) for number in range(11)])
    older = {key: each for key, each in older.items() if key not in NEW_KEYS}
    for router in older["routers"]:
        for key in ("hold", "restricted", "cuts_of_the_day", "changes", "changes_total"):
            del router[key]
        for plan in router["withheld_plans"]:
            del plan["online"]
    shown = text(older)

    assert "tower-1: disable, 12 changes" in shown
    assert "And 12 that are not shown here" in shown
    assert "11WhyThe router has no profile" in shown
    assert "are managed." not in shown


@pytest.mark.parametrize("problems", [0, 11, 5000])
def test_the_page_stays_small(problems: int) -> None:
    """However much there is to tell, a phone can load it, and what is wrong comes first."""
    reasons = sorted(REASONS.keys() - {"nothing_managed"})
    rows = [a_problem(number, reasons[number % len(reasons)]) for number in range(problems)]
    routers = [withholding(f"tower-{n}", 200, f"{n:016x}") for n in range(problems // 10 + 1)]
    markup = html(a_response(*routers, problems=rows))

    assert len(markup.encode()) < LARGEST
    assert Text(markup).text.startswith("▲ Look:withheld, waiting for your approval")


def test_hostile_texts_do_not_make_it_large() -> None:
    """Where every value is as long as it gets, lists are left out before the page is too large; reasons stay."""
    rows = [
        {**a_problem(n, reason, f"{n}{TURNED}"), "name": f"{n}{HOSTILE}"} for n, reason in enumerate([*REASONS] * 40)
    ]
    routers = [{**not_read(), "name": f"{n}{TURNED}"} for n in range(900)]
    markup = html(a_response(*routers, problems=rows, listed=len(rows)))

    assert len(markup.encode()) < LARGEST
    assert all(f"<code>{reason}</code>" in markup for reason in REASONS)
    assert "Show" not in markup
    assert ROWS[-1] == 0


def test_numbers_are_aligned() -> None:
    """Numbers stand under their head at the right; on a phone zeros take no room."""
    markup = html(a_response(a_router(failed={"profile": 2})))

    assert '<th class="n">Failed</th>' in markup
    assert '<td class="n"><span class="h">Failed</span><span>2</span></td>' in markup
    assert '<td class="n zero"><span class="h">Withheld</span><span>0</span></td>' in markup


def test_a_response_in_parts() -> None:
    """A response that the log holds in parts is read as one: lists are put together, a router becomes one again."""
    whole = a_response(withholding(), a_router("tower-2"), problems=[a_problem(1), a_problem(2)])
    first, second = whole["routers"]
    head = {**whole, "routers": [{**first, "changes": first["changes"][:5]}], "problems": whole["problems"][:1]}
    tail = {
        "run_id": "run-1",
        "action": "sync",
        "problems": whole["problems"][1:],
        "routers": [{"name": "tower-1", "changes": first["changes"][5:]}, second],
    }
    parts = [{"part": 2, "parts": 2, "response": tail}, {"part": 1, "parts": 2, "response": head}]

    assert joined_parts(parts) == whole


GOLDEN = """\
✔ Healthy:a sync ended 3 minutes ago; the routers are as the CRM says.
Latest sync: 3 minutes ago (2026-03-01 11:57 UTC), took 2.4 s of 240. The CRM listed 300 subscribers and 310 services. \
98.8 % of the subscribers with a service are managed. Run run-1
Open problems
None.
Routers
Router|State|Managed|In sync|Changed|Failed|Withheld|Suspended yet online
tower-1|reached|38|38|0|0|0|0
Managed, in sync and suspended yet online are counted as the run found them, before it changed anything.
"""


def test_a_whole_page() -> None:
    """The page of a quiet run, word by word."""
    body = re.sub(r"(?s)<style>.*</style>|<span class=\"h\">.*?</span>", "", html(a_response()))
    lines = re.sub(r"</(?:th|td)>(?=<t[hd])", "|", body)
    plain = re.sub(r"<[^>]+>", "", re.sub(r"</(?:div|p|h3|tr)>", "\n", lines)).rstrip()

    assert plain == GOLDEN.rstrip()


def test_a_plan_went_well_since() -> None:
    """`Success` is shown only after a failure: without one, a later plan changes nothing on the page."""
    response = a_response()
    at = NOW - timedelta(minutes=3)

    assert page(Seen(at, response), SETTING, NOW, {}) == page(
        Seen(at, response, other=Success(NOW, "plan")), SETTING, NOW, {}
    )
