"""`/user` and `/user/group`, read-only: who may log in, and with which policies.

Every account has a group of its own, called as itself. Whether reading them takes more than `read` is not documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.simulators.routeros.accounts import POLICIES
from lab.simulators.routeros.fields import Field
from lab.simulators.routeros.menus import Menu
from lab.simulators.routeros.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lab.simulators.routeros.accounts import Account
    from lab.simulators.routeros.release import Release


def user_menus(release: Release, accounts: Sequence[Account]) -> dict[str, Menu]:
    """The menus by path."""
    return {
        "/user": _listing(release, map(_user, accounts)),
        "/user/group": _listing(release, map(_group, accounts)),
    }


def _user(account: Account) -> dict[str, str]:
    disabled = "true" if account.disabled else "false"
    return {"name": account.name, "group": account.name, "address": account.address, "disabled": disabled}


def _group(account: Account) -> dict[str, str]:
    denied = (f"!{policy}" for policy in sorted(POLICIES - account.policies))
    return {"name": account.name, "policy": ",".join((*sorted(account.policies), *denied)), "skin": "default"}


def _listing(release: Release, items: Iterable[Mapping[str, str]]) -> Menu:
    rows = list(items)
    table = Table([Field(name, None) for name in (rows[0] if rows else ())])
    for row in rows:
        table.insert({name: value.encode() for name, value in row.items()})
    return Menu(release, table)
