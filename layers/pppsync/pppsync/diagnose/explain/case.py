"""Pure: all that is known of one login, gathered from a survey; what the sync has judged is not judged again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pppsync.core.compare import password_absent
from pppsync.core.desired import Ignored, Judgement, Wanted, judge
from pppsync.core.placement import place
from pppsync.core.reasons import Problem, Reason
from pppsync.core.rules import RouterRules
from pppsync.errors import RouterError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from pppsync.config.settings import Settings
    from pppsync.core.change import Change
    from pppsync.core.guard import Verdict
    from pppsync.core.placement import Placement
    from pppsync.core.secret import ActiveSession, StoredSecret
    from pppsync.core.subscriber import Service, Subscriber
    from pppsync.errors import CrmError
    from pppsync.sync.decide import Survey


@dataclass(frozen=True, slots=True)
class Held:
    """What one router has of a login: secrets of its name, or at least live sessions."""

    router: str
    secrets: tuple[StoredSecret, ...]
    sessions: tuple[ActiveSession, ...]
    passwords_readable: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One change that the next run would make; `plan_ids` name the plans that withhold it."""

    change: Change
    observed: bool = False
    plan_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One login.

    `subscriber` is whose custom ID it is, an archived one included; `namesakes` are the ids of others who have it too,
    `near` the custom IDs that are the same but for letter case and outer blanks. `own_router` says why its router is
    its own. `unread` are the routers that could not be read. `lookup_error` is why it is not known whether an archived
    subscriber has the name.
    """

    name: str
    subscriber: Subscriber | None = None
    services: tuple[Service, ...] = ()
    verdict: Judgement | None = None
    namesakes: tuple[int, ...] = ()
    near: tuple[str, ...] = ()
    placement: Placement | None = None
    own_router: str | None = None
    held: tuple[Held, ...] = ()
    steps: tuple[Step, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: Mapping[str, RouterError] = field(default_factory=dict)
    lookup_error: CrmError | None = None


class Casebook:
    """Gathers cases; what takes a pass over everything is done once for all of them."""

    def __init__(self, settings: Settings, seen: Survey, verdict: Verdict) -> None:
        self._policy = settings.policy
        self._seen = seen
        self._owners = _grouped((one.custom_id, one) for one in seen.crm.subscribers if one.custom_id is not None)
        self._near = _grouped((_fold(name), name) for name in self._owners)
        self._problems = _grouped((one.name, one) for one in seen.plan.problems)
        self._changes = _grouped((one.name, one) for part in seen.plan.routers.values() for one in part.changes)
        self._withheld = _grouped((one.key, plan.plan_id) for plan in verdict.plans for one in plan.changes)
        self._observed = {router.name for router in settings.routers if router.mode == "observe"}
        self._unread = {name: state for name, state in seen.states.items() if isinstance(state, RouterError)}

    def case(self, name: str, archived: Sequence[Subscriber] = (), lookup_error: CrmError | None = None) -> Case:
        """All that is known of one login; `archived` are the subscribers of this name whom no list shows."""
        owners = [*self._owners.get(name, ()), *archived]
        subscriber = min(owners, key=self._precedence, default=None)
        services = self._seen.crm.services.get(subscriber.id, ()) if subscriber else ()
        verdict = self._verdict(subscriber, services) if subscriber else None
        placement = place(verdict, self._seen.fleet, self._seen.desired.logins) if isinstance(verdict, Wanted) else None
        held = tuple(self._held(name))
        return Case(
            name=name,
            subscriber=subscriber,
            services=services,
            verdict=verdict,
            namesakes=tuple(one.id for one in owners if one is not subscriber),
            near=tuple(sorted(one for one in self._near.get(_fold(name), ()) if one != name)),
            placement=placement,
            own_router=self._own_router(verdict, placement),
            held=held,
            steps=tuple(map(self._step, self._changes.get(name, ()))),
            problems=(*self._problems_of(name, verdict, placement), *self._problems_beside(name, verdict, held)),
            unread=self._unread,
            lookup_error=lookup_error,
        )

    def _precedence(self, subscriber: Subscriber) -> tuple[bool, bool, bool, int]:
        """Of several subscribers with one custom ID, the one who is managed comes first, then live ones."""
        managed = isinstance(self._seen.desired.verdicts.get(subscriber.id), Wanted)
        return (not managed, not subscriber.live, subscriber.archived, subscriber.id)

    def _verdict(self, subscriber: Subscriber, services: Sequence[Service]) -> Judgement:
        """Return the run's own judgement; a subscriber whom no list shows is judged here."""
        return self._seen.desired.verdicts.get(subscriber.id) or judge(subscriber, services, self._policy)

    def _own_router(self, verdict: Judgement | None, placement: Placement | None) -> str | None:
        if not isinstance(verdict, Wanted) or placement is None or placement.home is None:
            return None
        if verdict.router is not None:
            return f"its attribute {self._policy.router_attribute} names it"
        if placement.home in self._seen.fleet.holders(verdict.name):
            return "it holds the secret"
        return "it is the only router" if len(self._seen.fleet.names) == 1 else "it is the default router"

    def _held(self, name: str) -> Iterator[Held]:
        for router, state in self._seen.fleet.states.items():
            secrets, sessions = state.by_name.get(name, ()), state.sessions_by_name.get(name, ())
            if secrets or sessions:
                yield Held(router, secrets, sessions, state.passwords_readable)

    def _step(self, change: Change) -> Step:
        plan_ids = tuple(dict.fromkeys(self._withheld.get(change.key, ())))
        return Step(change, change.router in self._observed, plan_ids)

    def _problems_of(self, name: str, verdict: Judgement | None, placement: Placement | None) -> Iterator[Problem]:
        """What the plan reports of this login by name, and that its own router could not be read."""
        for problem in self._problems.get(name, ()):
            if not isinstance(verdict, Ignored) or problem.reason != verdict.reason:
                yield problem
        if placement and placement.home in self._unread:
            yield Problem(None, name, Reason.ROUTER_NOT_READ, placement.home)

    def _problems_beside(self, name: str, verdict: Judgement | None, held: Sequence[Held]) -> Iterator[Problem]:
        """What the plan only counts, or reports of a whole router, and so of this login too."""
        holders = [one for one in held if any(self._ours(secret) for secret in one.secrets)]
        if verdict is None:
            yield Problem(None, name, Reason.UNMATCHED if holders else Reason.NOT_FOUND)
        elif isinstance(verdict, Wanted) and holders:
            known = self._seen.crm.password_attribute is not None
            if not known:
                yield Problem(None, name, Reason.PASSWORD_ATTRIBUTE_MISSING, self._policy.password_attribute)
            for one in holders:
                rules = RouterRules(self._seen.fleet.states[one.router], self._policy, known, {}, (), ())
                if password_absent(verdict, rules):
                    yield Problem(one.router, name, Reason.PASSWORD_ABSENT)
                elif not one.passwords_readable:
                    yield Problem(one.router, name, Reason.PASSWORDS_UNREADABLE)

    def _ours(self, secret: StoredSecret) -> bool:
        return secret.ppp_service in self._policy.ppp_services


def _fold(name: str) -> str:
    return name.strip().casefold()


def _grouped[Key: Hashable, Item](pairs: Iterable[tuple[Key, Item]]) -> dict[Key, list[Item]]:
    groups: defaultdict[Key, list[Item]] = defaultdict(list)
    for key, item in pairs:
        groups[key].append(item)
    return groups
