"""Pure: static addresses that clash with another login, or with another secret of the router (R11)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from pppsync.core.change import Kind
from pppsync.core.counting_service import State
from pppsync.core.reasons import Problem, Reason
from pppsync.core.secret import PppSecret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pppsync.core.change import Change
    from pppsync.core.desired import Wanted
    from pppsync.core.placement import Placement
    from pppsync.core.secret import RouterState

type Wishes = Mapping[str, Mapping[str, Sequence[Wanted]]]
"""By router and address, the active or suspended logins that want it."""


def wishes(placements: Iterable[tuple[Wanted, Placement]]) -> Wishes:
    """Return who wants which static address on which router."""
    found: defaultdict[str, defaultdict[str, list[Wanted]]] = defaultdict(lambda: defaultdict(list))
    for wanted, placement in placements:
        if placement.home and wanted.static_ip and wanted.state is not State.OFF:
            found[placement.home][wanted.static_ip].append(wanted)
    return found


def shared(wanted_by_address: Mapping[str, Sequence[Wanted]]) -> dict[str, list[str]]:
    """Return the addresses that more than one login of a router wants, each with these logins in order."""
    return {
        address: sorted(one.name for one in logins) for address, logins in wanted_by_address.items() if len(logins) > 1
    }


def without_taken(
    state: RouterState, changes: Sequence[Change], wanted_by_address: Mapping[str, Sequence[Wanted]]
) -> tuple[list[Change], list[Problem]]:
    """Return the changes without those that give away an address which another enabled secret keeps, and why.

    Whoever does not get an address keeps the one that the secret has, which may in turn be another login's wish: this
    is repeated until nothing more is taken back.
    """
    single = {address: logins[0] for address, logins in wanted_by_address.items() if len(logins) == 1}
    taken: dict[str, Problem] = {}
    left = list(changes)
    while single:
        holders = _holders(state, left, single)
        found = {
            one.name: Problem(state.router, one.name, Reason.STATIC_IP_TAKEN, _clash(one, holders), one.subscriber)
            for address, one in single.items()
            if one.name not in taken and holders.get(address, set()) - {one.name}
        }
        if not found:
            break
        taken |= found
        left = [kept for change in left if (kept := _without_address(change, found)) is not None]
    return left, list(taken.values())


def _holders(state: RouterState, changes: Iterable[Change], wanted: Mapping[str, Wanted]) -> dict[str, set[str]]:
    """Return, by wanted address, the names of the enabled secrets that keep it after these changes."""
    moving, flag = set(), {}
    for change in changes:
        if change.secret and change.kind is Kind.REMOTE_ADDRESS:
            moving.add(change.secret.id)
        elif change.secret and change.kind in {Kind.ENABLE, Kind.DISABLE}:
            flag[change.secret.id] = change.kind is Kind.DISABLE
    holders: dict[str, set[str]] = {}
    for secret in state.secrets:
        address = secret.remote_address
        if address in wanted and secret.id not in moving and not flag.get(secret.id, secret.disabled):
            holders.setdefault(address or "", set()).add(secret.name)
    return holders


def _without_address(change: Change, taken: Mapping[str, Problem]) -> Change | None:
    """Return the change without its address, None if it is about nothing else.

    The only drops of an enabled secret are those of a session on another address (R12), and of one still restricted.
    """
    if change.name not in taken:
        return change
    if isinstance(change.desired, PppSecret):
        return replace(change, desired=replace(change.desired, remote_address=None))
    still_restricted = change.reason is Reason.STILL_RESTRICTED
    drops_for_address = (
        change.kind is Kind.DROP and not still_restricted and not (change.secret and change.secret.disabled)
    )
    return None if drops_for_address or change.kind is Kind.REMOTE_ADDRESS else change


def _clash(wanted: Wanted, holders: Mapping[str, set[str]]) -> str:
    others = holders[wanted.static_ip or ""] - {wanted.name}
    return f"{wanted.static_ip}, held by {', '.join(sorted(others))}"
