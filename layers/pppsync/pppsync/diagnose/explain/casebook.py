"""Pure: gathers all that is known of one login from a survey, with the judgements that the sync made."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pppsync.core.compare import password_absent
from pppsync.core.counting_service import State
from pppsync.core.desired import Ignored, Judgement, Wanted, judge
from pppsync.core.names import reading
from pppsync.core.placement import place
from pppsync.core.reasons import Problem, Reason
from pppsync.core.rules import RouterRules
from pppsync.core.target import profile_faults, suspended_profile
from pppsync.diagnose.explain.case import Case, Held, Step
from pppsync.diagnose.explain.near_secrets import NearSecrets
from pppsync.errors import RouterError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from pppsync.config.settings import Settings
    from pppsync.core.change import Change
    from pppsync.core.guard import Verdict
    from pppsync.core.hold import Hold
    from pppsync.core.placement import Placement
    from pppsync.core.secret import StoredSecret
    from pppsync.core.subscriber import Service, Subscriber
    from pppsync.errors import CrmError
    from pppsync.sync.decide import Survey


class Casebook:
    """Gathers cases; passes over everything are made once for all of them."""

    def __init__(
        self, settings: Settings, seen: Survey, verdict: Verdict, holds: Mapping[str, Hold] | None = None
    ) -> None:
        self._holds = holds or {}
        self._policy = settings.policy
        self._seen = seen
        self._by_id = {one.id: one for one in seen.crm.subscribers}
        self._owners = _grouped((one.custom_id, one) for one in seen.crm.subscribers if one.custom_id is not None)
        self._near = _grouped((reading(name), name) for name in self._owners)
        self._near_secrets = NearSecrets(seen)
        self._problems = _grouped((one.name, one) for one in seen.plan.problems)
        self._changes = _grouped((one.name, one) for part in seen.plan.routers.values() for one in part.changes)
        self._withheld = _grouped((one.key, plan.plan_id) for plan in verdict.plans for one in plan.changes)
        self._observed = {router.name for router in settings.routers if router.mode == "observe"}
        self._unread = {name: state for name, state in seen.states.items() if isinstance(state, RouterError)}

    def case(self, name: str, archived: Sequence[Subscriber] = (), lookup_error: CrmError | None = None) -> Case:
        """Return all that is known of a login; `archived` are its subscribers whom no list shows."""
        owners = [*self._owners.get(name, ()), *archived]
        subscriber = min(owners, key=self._precedence, default=None)
        return self._of_login(name, subscriber, owners, lookup_error)

    def case_of(self, identity: int, found: Sequence[Subscriber] = (), lookup_error: CrmError | None = None) -> Case:
        """Return all that is known of a CRM client; `found` is the one of this id, if no list shows it.

        A client with a login is explained by that, one without by the id.
        """
        listed = self._by_id.get(identity)
        subscriber = next(iter(found), None) if listed is None else listed
        if subscriber and subscriber.custom_id and subscriber.custom_id.strip():
            owners = self._owners.get(subscriber.custom_id, [])
            return self._of_login(subscriber.custom_id, subscriber, [*owners, *found], lookup_error)
        services = self._services(subscriber)
        return Case(
            name=str(identity),
            login=False,
            subscriber=subscriber,
            services=services,
            verdict=self._verdict(subscriber, services) if subscriber else None,
            near_secrets=tuple(self._near_secrets.of(None, subscriber)),
            problems=() if subscriber else (Problem(None, None, Reason.NOT_FOUND, subscriber=identity),),
            unread=self._unread,
            lookup_error=lookup_error,
        )

    def _of_login(
        self, name: str, subscriber: Subscriber | None, owners: Sequence[Subscriber], lookup_error: CrmError | None
    ) -> Case:
        services = self._services(subscriber)
        verdict = self._verdict(subscriber, services) if subscriber else None
        placement = place(verdict, self._seen.fleet, self._seen.desired.logins) if isinstance(verdict, Wanted) else None
        held = tuple(self._held(name))
        return Case(
            name=name,
            subscriber=subscriber,
            services=services,
            verdict=verdict,
            namesakes=tuple(one.id for one in owners if one is not subscriber),
            near=tuple(sorted(one for one in self._near.get(reading(name), ()) if one != name)),
            near_secrets=tuple(self._near_secrets.of(name, subscriber)),
            placement=placement,
            own_router=self._own_router(verdict, placement),
            held=held,
            steps=tuple(map(self._step, self._changes.get(name, ()))),
            problems=(
                *self._problems_of(name, verdict, placement),
                *self._problems_of_routers(name, verdict, held),
                *self._problems_of_restricting(verdict, placement),
            ),
            unread=self._unread,
            lookup_error=lookup_error,
        )

    def _services(self, subscriber: Subscriber | None) -> tuple[Service, ...]:
        return self._seen.crm.services.get(subscriber.id, ()) if subscriber else ()

    def _precedence(self, subscriber: Subscriber) -> tuple[bool, bool, bool, int]:
        """Return a key by which the managed one of several subscribers comes first, then live ones."""
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
        return Step(change, change.router in self._observed, plan_ids, self._holds.get(change.router))

    def _problems_of(self, name: str, verdict: Judgement | None, placement: Placement | None) -> Iterator[Problem]:
        """Yield the plan's problems of this login, and that its own router could not be read."""
        for problem in self._problems.get(name, ()):
            if not isinstance(verdict, Ignored) or problem.reason != verdict.reason:
                yield problem
        if placement and placement.home in self._unread:
            yield Problem(None, name, Reason.ROUTER_NOT_READ, placement.home)

    def _problems_of_routers(self, name: str, verdict: Judgement | None, held: Sequence[Held]) -> Iterator[Problem]:
        """Yield what the plan only counts, or reports of a whole router, and so of this login too."""
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

    def _problems_of_restricting(self, verdict: Judgement | None, placement: Placement | None) -> Iterator[Problem]:
        """Yield what keeps the router of a login that is to be restricted from doing so (R18)."""
        state = self._seen.fleet.states.get(placement.home or "") if placement else None
        if state and isinstance(verdict, Wanted) and verdict.state is State.RESTRICTED:
            yield from profile_faults(state, suspended_profile(state, self._policy))

    def _ours(self, secret: StoredSecret) -> bool:
        return secret.ppp_service in self._policy.ppp_services


def _grouped[Key: Hashable, Item](pairs: Iterable[tuple[Key, Item]]) -> dict[Key, list[Item]]:
    groups: defaultdict[Key, list[Item]] = defaultdict(list)
    for key, item in pairs:
        groups[key].append(item)
    return groups
