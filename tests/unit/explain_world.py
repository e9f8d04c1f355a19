"""Both sides as read, for the tests of the explanations."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pppsync.config.settings import Settings, read_settings
from pppsync.core.subscriber import CrmState
from pppsync.diagnose.explain.casebook import Casebook
from pppsync.diagnose.explain.sentence import sentence
from pppsync.errors import Code, CrmError, RouterError
from pppsync.sync.decide import Survey, conclude, review
from tests.builders import NAME, a_router_state, a_secret, a_service, a_subscriber

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pppsync.core.hold import Hold
    from pppsync.core.secret import RouterState
    from pppsync.core.subscriber import Service, Subscriber
    from pppsync.diagnose.explain.case import Case

UNREACHABLE: Final = RouterError(Code.ROUTER_UNREACHABLE, "tower-2:8729: no route to host")
ACTIVE, SUSPENDED, ENDED, INACTIVE, PREPARED = 1, 3, 2, 8, 0


@dataclass(frozen=True)
class World:
    """Both sides as read; by default they agree about ABC1."""

    subscribers: Sequence[Subscriber] = (a_subscriber(),)
    services: Sequence[Service] = (a_service(),)
    routers: Sequence[RouterState] = (a_router_state(a_secret()),)
    unread: Sequence[str] = ()
    policy: dict[str, Any] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    default: str = ""
    password_attribute: int | None = 7
    archived: Sequence[Subscriber] = ()
    lookup_error: CrmError | None = None
    holds: Mapping[str, Hold] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """The config secret that fits the routers."""
        names = [*(state.router for state in self.routers), *self.unread]
        entries = [
            {"name": name, "host": name, "mode": self.modes.get(name, "enforce"), "default": name == self.default}
            for name in names
        ]
        crm = {"ucrm_key": "k", "domain_name": "crm.example.com"}
        return read_settings(json.dumps({"ucrm": crm, "routers": entries, "policy": self.policy}))

    @property
    def seen(self) -> Survey:
        """The plan of all this, made by the code of the sync."""
        grouped: defaultdict[int, tuple[Service, ...]] = defaultdict(tuple)
        for service in self.services:
            grouped[service.subscriber_id] += (service,)
        crm = CrmState(tuple(self.subscribers), dict(grouped), self.password_attribute, "domain")
        states = {state.router: state for state in self.routers} | dict.fromkeys(self.unread, UNREACHABLE)
        return conclude(self.settings, crm, states)

    def case(self, name: str = NAME) -> Case:
        """What is known of one login."""
        seen = self.seen
        book = Casebook(self.settings, seen, review(self.settings, seen.plan, held=self.holds), self.holds)
        return book.case(name, self.archived, self.lookup_error)

    def case_of(self, identity: int) -> Case:
        """What is known of one CRM client."""
        seen = self.seen
        book = Casebook(self.settings, seen, review(self.settings, seen.plan, held=self.holds), self.holds)
        return book.case_of(identity, self.archived, self.lookup_error)

    def sentence_of(self, identity: int) -> str:
        """What is said of one CRM client."""
        return sentence(self.case_of(identity), self.settings.policy)

    def sentence(self, name: str = NAME) -> str:
        """What is said of it."""
        return sentence(self.case(name), self.settings.policy)


def other(name: str = "tower-2", *secrets: Any, **state: Any) -> RouterState:
    """Another router."""
    return a_router_state(*secrets, router=name, **state)
