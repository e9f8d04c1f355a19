"""Pure: the values that go into the CRM, whichever use of the function plans them, and how they are counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pppsync.core.ipv4 import host_address
from pppsync.core.reasons import Problem, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pppsync.config.event import Field
    from pppsync.core.masked import Masked
    from pppsync.core.subscriber import Subscriber

COUNTED_ONLY: Final = frozenset(
    {
        *(Reason.ARCHIVED, Reason.LEAD, Reason.CUSTOM_CONFIG, Reason.NO_CUSTOM_ID, Reason.NUMERIC_CUSTOM_ID),
        *(Reason.PASSWORD_ABSENT, Reason.PASSWORDS_UNREADABLE, Reason.ROUTER_NOT_READ),
    }
)
"""Reasons that make no row in `problems`: nobody has to act, or another part of the response says it once."""
ONLINE: Final = "online, which proves that the router's password is right"
"""The detail of `password_differs` for a login that is online."""


@dataclass(frozen=True, slots=True)
class Write:
    """One value for one attribute of one subscriber.

    `actual` is what the CRM holds, None if nothing. `router` is None if the value comes from no router. `online` says
    that the secret from which it comes let in a live session.
    """

    name: str
    subscriber: int
    router: str | None
    actual: Masked | str | None
    desired: Masked | str
    field: Field = "password"
    online: bool = False

    @property
    def needed(self) -> bool:
        """Return False if the CRM holds the value already; addresses are compared by meaning."""
        if isinstance(self.actual, str):
            return host_address(self.actual) != self.desired
        return self.actual != self.desired

    def still_fits(self, now: Subscriber) -> bool:
        """Return True if the subscriber, read again, is as it was when the plan was made."""
        actual = now.password if self.field == "password" else now.static_ip
        return now.live and (now.custom_id, actual) == (self.name, self.actual)


type Finding = Write | Problem
"""What was found about one value of one login."""


@dataclass(frozen=True, slots=True)
class WritePlan:
    """The values to be written, in order of name, and the numbers of all others.

    `skipped` counts by reason. `differing_online` are those of `password_differs` that are online.
    """

    writes: tuple[Write, ...]
    unchanged: int
    skipped: Mapping[Reason, int]
    problems: tuple[Problem, ...]
    differing_online: int = 0


def conclude(
    findings: Iterable[Finding], *, unchanged: int = 0, unmatched: int = 0, not_found: Iterable[Problem] = ()
) -> WritePlan:
    """Return the plan that follows from all findings.

    `unchanged` and `unmatched` are counted besides them. `not_found` are names of the event without any finding; they
    are listed and not counted as skipped.
    """
    writes, problems = [], []
    for finding in findings:
        if isinstance(finding, Problem):
            problems.append(finding)
        elif finding.needed:
            writes.append(finding)
        else:
            unchanged += 1
    skipped = Counter(problem.reason for problem in problems)
    skipped[Reason.UNMATCHED] = unmatched
    shown = [*(problem for problem in problems if problem.reason not in COUNTED_ONLY), *not_found]
    return WritePlan(
        writes=tuple(sorted(writes, key=lambda one: (one.name, one.subscriber, one.field))),
        unchanged=unchanged,
        skipped=dict(sorted((+skipped).items())),
        problems=tuple(sorted(shown, key=lambda one: (one.name or "", one.reason, one.router or ""))),
        differing_online=sum(one.detail == ONLINE for one in problems),
    )


def unfit(password: Masked) -> Reason | None:
    """Return why the CRM cannot hold a router's password, or None if it can."""
    text = password.reveal()
    if not text:
        return Reason.PASSWORD_EMPTY
    if not text.strip("*"):
        return Reason.PASSWORD_MASKED
    return None if is_text(text) else Reason.PASSWORD_INVALID


def is_text(text: str) -> bool:
    """Return False for lone surrogates: bytes of a router that are not UTF-8, or broken escapes in JSON."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
