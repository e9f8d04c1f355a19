"""What somebody has to know of the latest run before anything else, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sync_widget.html import Html, joined, value
from sync_widget.words import age, ago, count, invoke, number, why

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sync_widget.log_reader import Failure, Seen
    from sync_widget.words import Setting

STALE: Final = timedelta(minutes=15)
"""Without a run for so long something is wrong; the heartbeat alarm counts alike."""
LONGEST_CAUSE: Final = 800
"""Characters of why a run or a router failed; its end is where the remedy stands."""
LEVELS: Final = ("bad", "look", "good")


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence at the top of the page, of one of the `LEVELS`."""

    level: str
    text: Html


def remarks(seen: Seen, setting: Setting, now: datetime) -> list[Remark]:
    """Everything that somebody has to know first; that all is well only if there is nothing else."""
    found = [*_about_running(seen, setting, now)]
    if seen.response is not None:
        found += _about_result(seen.response)
    if seen.at is not None and not found:
        but = ", but for the open problems below" if seen.response and seen.response["problems_total"] else ""
        return [Remark("good", joined(f"a sync ended {ago(now - seen.at)}; the routers are as the CRM says{but}."))]
    return sorted(found, key=lambda each: LEVELS.index(each.level))


def _about_running(seen: Seen, setting: Setting, now: datetime) -> Iterator[Remark]:
    if seen.failure is not None and (seen.at is None or seen.failure.at > seen.at):
        older = (
            "" if seen.at is None else f" What follows is of the latest sync that did its work, {ago(now - seen.at)}."
        )
        yield Remark("bad", joined(_failure(seen.failure, now), older))
    if seen.at is None:
        if seen.failure is None:
            text = "the log holds no sync of the last 14 days. Invoke one by hand, its answer says what is missing:"
            yield Remark("bad", joined(text, invoke(setting, {})))
    elif not setting.scheduled:
        yield Remark("look", joined(f"the schedule is off; the latest sync ended {ago(now - seen.at)}."))
    elif now - seen.at > STALE:
        text = f"no sync has ended for {age(now - seen.at)}: what changes in the CRM does not reach the routers. "
        yield Remark("bad", joined(text, "Ask for a self-test:", invoke(setting, {"action": "check"})))


def _failure(failure: Failure, now: datetime) -> Html:
    if failure.reason:
        cause = why(failure.reason, failure.detail, LONGEST_CAUSE)
    elif failure.detail == "timeout":
        cause = joined("It was cut off at its time limit; the next run goes on.")
    else:
        cause = joined("It broke off; the newest error in the log says why.")
    return joined(f"the latest run, {ago(now - failure.at)}, could not do its work. ", cause)


def _about_result(response: Mapping[str, Any]) -> Iterator[Remark]:
    routers = response["routers"]
    for router in routers:
        if router["error"]:
            cause = why(router["error"]["reason"], router["error"]["detail"], LONGEST_CAUSE)
            yield Remark("bad", joined("router ", value(router["name"]), " failed. ", cause))
    failed = sum(count(router, "failed") + count(router, "unanswered") for router in routers)
    if failed:
        text = f"{number(failed, 'change')} failed or went unanswered, and will be tried again at every run."
        yield Remark("bad", joined(text))
    withheld = sum(count(router, "withheld") for router in routers)
    if withheld:
        yield Remark(
            "look", joined(f"waiting for your approval: {number(withheld, 'change')}; see below. All others went on.")
        )
    unconfirmed = sum(count(router, "unconfirmed") for router in routers)
    if unconfirmed:
        text = f"{number(unconfirmed, 'cut')} not made, because the CRM did not confirm it when asked once more."
        yield Remark("look", joined(text))
    deferred = sum(count(router, "deferred") for router in routers)
    if deferred:
        yield Remark("look", joined(f"{number(deferred, 'change')} left to the next run: the time did not suffice."))
    if response["weakened"]:
        yield Remark("look", joined("connections are not verified: ", value(", ".join(response["weakened"])), "."))
