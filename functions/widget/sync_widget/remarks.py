"""What somebody has to know of the latest run before anything else, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sync_widget.html import Html, joined, value
from sync_widget.response import by_reason, count, total, written
from sync_widget.words import advice, age, ago, invoke, moment, number, why

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import timezone

    from sync_widget.log_reader import Failure, Seen
    from sync_widget.words import Setting

STALE: Final = timedelta(minutes=15)
"""Without a run for so long something is wrong; the heartbeat alarm has the same limit."""
LONGEST_CAUSE: Final = 800
"""Characters of why a run or a router failed; its end is where the remedy stands."""
NAMES: Final = 5
"""Routers that one remark names."""
LEVELS: Final = ("bad", "look", "good")
_MEANT: Final = {"archived", "lead", "custom_config", "other_organization", "excluded_service"}
"""Reasons to ignore a subscriber that somebody chose on purpose."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence at the top of the page, of one of the `LEVELS`."""

    level: str
    text: Html


def remarks(seen: Seen, setting: Setting, now: datetime, zone: timezone) -> list[Remark]:
    """Everything that somebody has to know first; that all is well only if there is nothing else."""
    found = [*_about_running(seen, setting, now)]
    if seen.response is not None:
        found += _about_coverage(seen.response, setting)
        found += _about_failures(seen.response["routers"])
        found += _about_waiting(seen.response, zone)
    if seen.at is not None and not found:
        but = ", but for the open problems below" if seen.response and seen.response["problems_total"] else ""
        return [Remark("good", joined(f"a sync ended {ago(now - seen.at)}; the routers are as the CRM says{but}."))]
    return sorted(found, key=lambda each: LEVELS.index(each.level))


def _about_running(seen: Seen, setting: Setting, now: datetime) -> Iterator[Remark]:
    if seen.failure is not None and (seen.at is None or seen.failure.at > seen.at):
        yield from _about_failed_run(seen, seen.failure, now)
    if seen.at is None:
        if seen.failure is None:
            text = (
                "the log holds no sync of the last 14 days. Ask for a plan. It writes nothing and says what is missing:"
            )
            yield Remark("bad", joined(text, invoke(setting, {"action": "plan"})))
    elif not setting.scheduled:
        yield Remark("look", joined(f"the schedule is off; the latest sync ended {ago(now - seen.at)}."))
    elif now - seen.at > STALE:
        text = f"no sync has ended for {age(now - seen.at)}: what changes in the CRM does not reach the routers. "
        yield Remark("bad", joined(text, "Ask for a self-test:", invoke(setting, {"action": "check"})))


def _about_failed_run(seen: Seen, failure: Failure, now: datetime) -> Iterator[Remark]:
    if seen.response is not None and failure.run_id == seen.response["run_id"]:
        ended = ("the latest sync did its work. Lambda ended it after that as ", value(failure.detail), ".")
        yield Remark("look", joined(*ended))
        return
    run = "the latest sync" if failure.action else "a run"
    since = older = ""
    if seen.other is not None and seen.other.at > failure.at:
        since = f" A {seen.other.action} went well {ago(now - seen.other.at)}: the next sync shows whether it is over."
    if seen.at is not None:
        older = f" What follows is of the latest sync that did its work, {ago(now - seen.at)}."
    yield Remark(
        "bad", joined(f"{run}, {ago(now - failure.at)}, could not do its work. ", _cause(failure), since, older)
    )


def _cause(failure: Failure) -> Html:
    if failure.reason:
        return joined(why(failure.reason, failure.detail, LONGEST_CAUSE), advice(failure.reason))
    if failure.detail == "timeout":
        return joined("It was cut off at its time limit; the next run goes on.")
    return joined("It broke off; the newest error in the log says why.")


def _about_coverage(response: Mapping[str, Any], setting: Setting) -> Iterator[Remark]:
    coverage = response.get("coverage")
    if "nothing_managed" in by_reason(response):
        text = (
            f"not one of {number(response['crm']['subscribers'], 'subscriber')} is managed: nothing reaches a router."
        )
    elif coverage is not None and coverage < setting.coverage:
        text = (
            f"only {coverage:g} % of the subscribers with a service are managed; the sync does nothing for all others."
        )
    else:
        return
    ignored = {reason: times for reason, times in response["ignored"].items() if reason not in _MEANT}
    if not ignored:
        yield Remark("bad", joined(text))
        return
    reason = max(ignored, key=lambda each: ignored[each])
    often = f" The commonest reason, {number(ignored[reason], 'time')}: "
    yield Remark("bad", joined(text, often, why(reason, ""), advice(reason)))


def _about_failures(routers: Sequence[Mapping[str, Any]]) -> Iterator[Remark]:
    reasons: dict[str, list[Mapping[str, Any]]] = {}
    for router in routers:
        if router["error"]:
            reasons.setdefault(router["error"]["reason"], []).append(router)
    for reason, failed in reasons.items():
        cause = joined(why(reason, failed[0]["error"]["detail"], LONGEST_CAUSE), advice(reason))
        if len(failed) == 1:
            yield Remark("bad", joined("router ", value(failed[0]["name"]), " failed. ", cause))
        else:
            text = f"{len(failed)} routers failed: "
            yield Remark("bad", joined(text, _names(failed), ". Of the first: ", cause))
    amount = total(routers, "failed", "unanswered")
    if amount:
        yield Remark(
            "bad", joined(f"{number(amount, 'change')} failed or went unanswered. Every run tries them again.")
        )


def _about_waiting(response: Mapping[str, Any], zone: timezone) -> Iterator[Remark]:
    routers = response["routers"]
    writable = [router for router in routers if written(router)]
    withheld = total(writable, "withheld")
    if withheld:
        yield Remark(
            "look",
            joined(
                f"withheld, waiting for your approval: {number(withheld, 'change')}; see below. All others went on."
            ),
        )
    unconfirmed = total(writable, "unconfirmed")
    if unconfirmed:
        text = f"{number(unconfirmed, 'cut')} not made, because the CRM did not confirm it when asked once more."
        yield Remark("look", joined(text))
    deferred = total(writable, "deferred")
    if deferred:
        yield Remark(
            "look", joined(f"{number(deferred, 'change')} deferred to the next run: the time did not suffice.")
        )
    yield from _about_approvals(response)
    yield from _about_unwritten(routers, zone)
    if response.get("journal") == "unavailable":
        yield Remark("look", joined("the journal could not be reached: what needs it was left to a later run."))
    if response["weakened"]:
        yield Remark("look", joined("connections are not verified: ", value(", ".join(response["weakened"])), "."))


def _about_approvals(response: Mapping[str, Any]) -> Iterator[Remark]:
    for approval in response.get("approvals", ())[:NAMES]:
        if approval["result"] == "observed":
            text = " was approved, and nothing was written: its routers are observed or on hold."
            yield Remark("look", joined("plan ", value(approval["plan_id"]), text))
        elif approval["result"] != "applied":
            text = f" could not be approved: it is {approval['result']}. Approve the plan that waits now, if one does."
            yield Remark("look", joined("plan ", value(approval["plan_id"]), text))


def _about_unwritten(routers: Sequence[Mapping[str, Any]], zone: timezone) -> Iterator[Remark]:
    held: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for router in routers:
        if router.get("hold"):
            held.setdefault(tuple(map(str, router["hold"].values())), []).append(router)
    for together in list(held.values())[:NAMES]:
        hold = together[0]["hold"]
        until = moment(datetime.fromisoformat(hold["until"]), zone)
        by, reason = hold.get("by"), hold.get("why")
        who = (*((", by ", value(by)) if by else ()), *((": ", value(reason)) if reason else ()))
        one = len(together) == 1
        text = (" is" if one else " are", " on hold until ", until, *who, ". Nothing is written there.")
        yield Remark("look", joined("router " if one else "routers ", _names(together), *text))
    observed = [router for router in routers if router["mode"] == "observe" and not router.get("hold")]
    if observed:
        planned = sum(count(router, "planned") or 0 for router in observed)
        only = f" only observed: {number(planned, 'change')} planned, none is written there."
        verb = " is" if len(observed) == 1 else " are"
        yield Remark("look", joined(_names(observed), verb, only))


def _names(routers: Sequence[Mapping[str, Any]]) -> Html:
    parts: list[str | Html] = []
    for router in routers[:NAMES]:
        parts += [", ", value(router["name"])]
    left = len(routers) - NAMES
    return joined(*parts[1:], f" and {left} more" if left > 0 else "")
