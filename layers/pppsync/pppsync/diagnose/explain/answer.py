"""Explains subscribers: one sentence, and its facts, for each login or CRM client that the event names.

Reads both sides as the sync does, and plans with the same code; writes nothing.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pppsync.diagnose.explain.casebook import Casebook
from pppsync.diagnose.explain.facts import facts
from pppsync.diagnose.explain.sentence import sentence
from pppsync.errors import Code, CrmError, RouterError
from pppsync.journal.run import RunJournal
from pppsync.report.rows import LONGEST_SENTENCE, readable
from pppsync.sync.decide import review
from pppsync.sync.observe import ROUTERS_AT_ONCE, survey
from pppsync.sync.reconcile import CLOSING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
_NOT_ASKED: Final[LookUp] = ((), None)


@dataclass(frozen=True, slots=True)
class Explanations:
    """The cases that the event names, in order: logins by name, then clients by id."""

    cases: tuple[Case, ...]
    policy: Policy
    crm: CrmState
    states: States
    weakened: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """False if a router could not be read: its facts are missing."""
        return not any(isinstance(state, RouterError) for state in self.states.values())

    def document(self, *, run_id: str, exclusive: bool, duration_ms: int) -> dict[str, Any]:
        """Return the response of `explain`; no password is in it."""
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
    event: Event,
    settings: Settings,
    crm: UispClient,
    gateways: Sequence[RouterGateway],
    deadline: Deadline,
    journal: RunJournal | None = None,
) -> Explanations:
    """Explain the logins and clients that the event names; raises `CrmError` if the CRM cannot be read as a whole.

    A client whose login the event names too is explained once.
    """
    finish = deadline.before(CLOSING)
    holds = (journal or RunJournal.off()).holds
    with ThreadPoolExecutor(min(len(gateways), ROUTERS_AT_ONCE) + 1, "router") as pool:
        holding = pool.submit(holds.read)
        seen = survey(settings, crm, gateways, pool, finish)
        holding.result()
    held = holds.on_hold(seen.fleet.names)
    names, ids = sorted(event.subscribers or ()), sorted(event.subscriber_ids)
    known = {one.id for one in seen.crm.subscribers}
    archived = _each([name for name in names if name not in seen.desired.names], crm.read_archived, finish)
    clients = _each([one for one in ids if one not in known], partial(_client, crm), finish)
    book = Casebook(settings, seen, review(settings, seen.plan, held=held), held)
    cases = [book.case(name, *archived.get(name, _NOT_ASKED)) for name in names]
    cases += [book.case_of(one, *clients.get(one, _NOT_ASKED)) for one in ids]
    once: dict[object, Case] = {}
    for one in cases:
        once.setdefault((one.name, one.login, one.subscriber and one.subscriber.id), one)
    return Explanations(tuple(once.values()), settings.policy, seen.crm, seen.states, settings.weakened)


def _each[Key: (int, str)](
    asked: Sequence[Key], read: Callable[[Key, Deadline], Sequence[Subscriber]], deadline: Deadline
) -> Mapping[Key, LookUp]:
    """Return the subscribers whom no list shows, by what the event names."""
    with ThreadPoolExecutor(_LOOK_UPS_AT_ONCE, "look-up") as pool:
        return dict(zip(asked, pool.map(partial(_look_up, read, deadline), asked), strict=True))


def _look_up[Key: (int, str)](
    read: Callable[[Key, Deadline], Sequence[Subscriber]], deadline: Deadline, key: Key
) -> LookUp:
    try:
        return read(key, deadline), None
    except CrmError as error:
        return (), error


def _client(crm: UispClient, identity: int, deadline: Deadline) -> Sequence[Subscriber]:
    """Return the client of this id, whom the list leaves out: an archived one. Nobody if the CRM knows no such id."""
    try:
        return (crm.read_subscriber(identity, deadline),)
    except CrmError as error:
        if error.code == Code.CRM_REFUSED and not error.fall_back:
            return ()
        raise
