"""Why subscribers are as they are: one sentence and the facts behind it for each login that is asked for.

Reads both sides as the sync does, and plans with the same code; writes nothing.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pppsync.diagnose.explain.case import Casebook
from pppsync.diagnose.explain.facts import facts
from pppsync.diagnose.explain.sentence import sentence
from pppsync.errors import CrmError, RouterError
from pppsync.report.rows import LONGEST_SENTENCE, readable
from pppsync.sync.decide import review
from pppsync.sync.observe import ROUTERS_AT_ONCE, survey
from pppsync.sync.reconcile import CLOSING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pppsync.config.event import Event
    from pppsync.config.settings import Settings
    from pppsync.core.policy import Policy
    from pppsync.core.subscriber import CrmState, Subscriber
    from pppsync.crm.client import UispClient
    from pppsync.diagnose.explain.case import Case
    from pppsync.net.deadline import Deadline
    from pppsync.routers.gateway import RouterGateway
    from pppsync.sync.decide import States

_LOOK_UPS_AT_ONCE: Final = 4
"""Requests at a time; the CRM's PHP workers serve customers too."""

type LookUp = tuple[Sequence[Subscriber], CrmError | None]


@dataclass(frozen=True, slots=True)
class Explanations:
    """What is known of each login that was asked for."""

    cases: tuple[Case, ...]
    policy: Policy
    crm: CrmState
    states: States
    weakened: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """False if a router could not be read, so that something may be missing."""
        return not any(isinstance(state, RouterError) for state in self.states.values())

    def document(self, *, run_id: str, exclusive: bool, duration_ms: int) -> dict[str, Any]:
        """The response of `explain`; there is no password in it."""
        return {
            "run_id": run_id,
            "action": "explain",
            "ok": self.ok,
            "exclusive": exclusive,
            "duration_ms": duration_ms,
            "weakened": list(self.weakened),
            "crm": {
                "subscribers": len(self.crm.subscribers),
                "services": self.crm.service_count,
                "source": self.crm.source,
            },
            "explanations": [
                {
                    "name": readable(case.name),
                    "sentence": readable(sentence(case, self.policy), LONGEST_SENTENCE),
                    "facts": facts(case),
                }
                for case in self.cases
            ],
        }


def explain(
    event: Event, settings: Settings, crm: UispClient, gateways: Sequence[RouterGateway], deadline: Deadline
) -> Explanations:
    """Explain the logins that the event names; raises `CrmError` if the CRM cannot be read as a whole."""
    finish = deadline.before(CLOSING)
    with ThreadPoolExecutor(min(len(gateways) + 1, ROUTERS_AT_ONCE), "router") as pool:
        seen = survey(settings, crm, gateways, pool, finish)
    names = sorted(event.subscribers or ())
    archived = _archived([name for name in names if name not in seen.desired.names], crm, finish)
    book = Casebook(settings, seen, review(settings, seen.plan))
    cases = tuple(book.case(name, *archived.get(name, ((), None))) for name in names)
    return Explanations(cases, settings.policy, seen.crm, seen.states, settings.weakened)


def _archived(names: Sequence[str], crm: UispClient, deadline: Deadline) -> Mapping[str, LookUp]:
    """The archived subscribers of names that no list shows."""
    with ThreadPoolExecutor(_LOOK_UPS_AT_ONCE, "archived") as pool:
        return dict(zip(names, pool.map(partial(_look_up, crm, deadline), names), strict=True))


def _look_up(crm: UispClient, deadline: Deadline, name: str) -> LookUp:
    try:
        return crm.read_archived(name, deadline), None
    except CrmError as error:
        return (), error
