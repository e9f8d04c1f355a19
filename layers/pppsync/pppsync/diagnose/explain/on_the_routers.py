"""Pure: the part of an explanation that says what the routers hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.diagnose.explain.words import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pppsync.core.policy import Policy
    from pppsync.core.secret import StoredSecret
    from pppsync.diagnose.explain.case import Case, Held
    from pppsync.diagnose.explain.near_secrets import NearSecret


def on_the_routers(case: Case, policy: Policy) -> Iterator[str]:
    """Yield what each router holds of the login, and which secrets only read the same or were made for it."""
    alike = [_alike(one) for one in case.near_secrets if not one.made_for_it]
    if case.held:
        yield ", and ".join(_holding(one, policy) for one in case.held)
    elif case.login:
        nobody = f"no router{' that could be read' if case.unread else ''} holds a secret of"
        yield f"{nobody} {'exactly ' if alike else ''}this name{_but(alike)}"
    if case.held and alike:
        yield f"{listed(alike)} {_read_the_same(alike)}"
    made = [_alike(one) for one in case.near_secrets if one.made_for_it]
    if made:
        yield f"{listed(made)} {'was' if len(made) == 1 else 'were'} made for this subscriber"


def unread_routers(case: Case) -> list[str]:
    """Return a clause for each router that could not be read."""
    return [f"{router} could not be read ({error.code})" for router, error in case.unread.items()]


def _but(alike: list[str]) -> str:
    return f", but {listed(alike)} {_read_the_same(alike)}" if alike else ""


def _read_the_same(alike: list[str]) -> str:
    return f"{'reads' if len(alike) == 1 else 'read'} the same"


def _alike(one: NearSecret) -> str:
    state = f"{'enabled' if one.enabled else 'disabled'} and {'online' if one.online else 'offline'}"
    return f"{quoted(one.name)} on {one.router}, {state},"


def _holding(held: Held, policy: Policy) -> str:
    if len(held.secrets) != 1:
        number = len(held.secrets) or "no"
        return f"{held.router} holds {number} secrets of this name, {_online(held)}"
    (secret,) = held.secrets
    return f"{held.router} holds its secret, {_secret(secret, policy)}{_online(held)}"


def _secret(secret: StoredSecret, policy: Policy) -> str:
    foreign = "" if secret.ppp_service in policy.ppp_services else f"under the service {secret.ppp_service}, "
    under = " under the suspended profile" if secret.profile == policy.suspension.profile else ""
    return f"{foreign}{'disabled' if secret.disabled else 'enabled'}{under} and "


def _online(held: Held) -> str:
    if not held.sessions:
        return "offline"
    number = f" with {len(held.sessions)} sessions" if len(held.sessions) > 1 else ""
    return f"online{number}{' through RADIUS' if any(one.radius for one in held.sessions) else ''}"
