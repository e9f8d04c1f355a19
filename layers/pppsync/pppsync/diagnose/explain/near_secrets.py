"""Pure: secrets of another name that may be those of a login: they read the same (R1), or were made for it (R14)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pppsync.core.names import reading
from pppsync.core.sessions import sessions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pppsync.core.secret import RouterState
    from pppsync.core.subscriber import Subscriber
    from pppsync.core.unmatched import Unmatched
    from pppsync.sync.decide import Survey


@dataclass(frozen=True, slots=True)
class NearSecret:
    """One secret of another name; `made_for_it` says that its comment names the subscriber."""

    router: str
    name: str
    enabled: bool
    online: bool
    made_for_it: bool


class NearSecrets:
    """Finds the near secrets of a login on all routers that were read."""

    def __init__(self, seen: Survey) -> None:
        self._states = tuple(seen.fleet.states.values())
        self._logins = seen.desired.logins
        self._made_for: defaultdict[int, list[Unmatched]] = defaultdict(list)
        for one in seen.plan.unmatched:
            if one.owner is not None:
                self._made_for[one.owner].append(one)

    def of(self, name: str | None, subscriber: Subscriber | None) -> Iterator[NearSecret]:
        """Yield those made for the subscriber, then those that read the same; None is no login.

        The exact login of another live subscriber is no near secret.
        """
        made = self._made_for.get(subscriber.id, []) if subscriber else []
        known = {(one.router, one.name) for one in made}
        for one in made:
            yield NearSecret(one.router, one.name, one.enabled, one.online, made_for_it=True)
        form = reading(name) if name is not None else ""
        if not form:
            return
        for state in self._states:
            for alike in sorted(state.names_by_reading.get(form, ())):
                if alike != name and alike not in self._logins and (state.router, alike) not in known:
                    yield _alike(state, alike)


def _alike(state: RouterState, name: str) -> NearSecret:
    held, live = state.by_name[name], state.sessions_by_name.get(name, ())
    online = any(not one.radius for secret in held for one in sessions_of(secret, held, live))
    enabled = any(not secret.disabled for secret in held)
    return NearSecret(state.router, name, enabled, online, made_for_it=False)
