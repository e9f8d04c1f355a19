"""All that is known of one login, as the explanation tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pppsync.core.change import Change
    from pppsync.core.desired import Judgement
    from pppsync.core.hold import Hold
    from pppsync.core.placement import Placement
    from pppsync.core.reasons import Problem
    from pppsync.core.secret import ActiveSession, StoredSecret
    from pppsync.core.subscriber import Service, Subscriber
    from pppsync.diagnose.explain.near_secrets import NearSecret
    from pppsync.errors import CrmError, RouterError


@dataclass(frozen=True, slots=True)
class Held:
    """One router's secrets and live sessions of one name."""

    router: str
    secrets: tuple[StoredSecret, ...]
    sessions: tuple[ActiveSession, ...]
    passwords_readable: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One change that the next run would make.

    `plan_ids` name the plans that withhold it. `hold` is the one that its router is under.
    """

    change: Change
    observed: bool = False
    plan_ids: tuple[str, ...] = ()
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One login, or a subscriber without one.

    `login` is False if the subscriber has no login: `name` is then the id of the CRM client. `subscriber` is the one
    who has the login, an archived one included. `namesakes` are the ids of others who have it too. `near` are the
    custom IDs that read the same (R1), `near_secrets` the secrets that read the same or were made for the subscriber.
    `own_router` says why its router is its own. `unread` are the routers that could not be read. `lookup_error` is
    why archived subscribers are not known.
    """

    name: str
    login: bool = True
    subscriber: Subscriber | None = None
    services: tuple[Service, ...] = ()
    verdict: Judgement | None = None
    namesakes: tuple[int, ...] = ()
    near: tuple[str, ...] = ()
    near_secrets: tuple[NearSecret, ...] = ()
    placement: Placement | None = None
    own_router: str | None = None
    held: tuple[Held, ...] = ()
    steps: tuple[Step, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: Mapping[str, RouterError] = field(default_factory=dict)
    lookup_error: CrmError | None = None
