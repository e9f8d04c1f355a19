"""Reads what the check of a walled garden judges: the suspended profile, and where it has a list, the rules for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pppsync.diagnose.check.garden import GardenRows, garden_lists
from pppsync.errors import Code, RouterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pppsync.diagnose.check.garden import Read

    type Look = Callable[..., list[dict[str, str]]]
    """Returns the rows of a print, given its words; raises `RouterError`."""


LOST: Final = frozenset({Code.ROUTER_TIMEOUT, Code.ROUTER_CLOSED, Code.ROUTER_PROTOCOL})
"""The errors after which a session answers nothing more."""


class GardenReader:
    """Prints one menu after the other; one that is refused is told and stops no other, a lost connection stops all."""

    def __init__(self, look: Look, lost: str = "") -> None:
        self._look = look
        self._lost = lost

    def read(self, profile: str) -> GardenRows:
        """Return what the check needs; rules are read only for a profile that has an address list."""
        profiles = self._rows("/ppp/profile/print", "=.proplist=name,address-list,rate-limit,use-ipv6")
        listed = _list_of(profiles, profile)
        if not listed:
            return GardenRows(profiles, (), (), (), ())
        servers = self._rows("/interface/pppoe-server/server/print", "=.proplist=default-profile,disabled")
        # Every field: one that is not asked for could be the one that a rule looks at.
        rules = self._rows("/ip/firewall/filter/print")
        return GardenRows(
            profiles, servers, rules, self._hosts(rules, listed), self._rows("/ipv6/firewall/filter/print")
        )

    def _hosts(self, rules: Read, listed: str) -> Read:
        """Return the entries of each list that the rules name; never all, for a router may hold 100,000."""
        entries: list[dict[str, str]] = []
        for name in [] if isinstance(rules, str) else garden_lists(rules, listed):
            found = self._rows("/ip/firewall/address-list/print", "=.proplist=list,address,disabled", f"?list={name}")
            if isinstance(found, str):
                return found
            entries += found
        return entries

    def _rows(self, *words: str) -> list[dict[str, str]] | str:
        if self._lost:
            return self._lost
        try:
            return self._look(*words)
        except RouterError as error:
            self._lost = str(error) if error.code in LOST else ""
            return str(error)


def _list_of(profiles: Read, profile: str) -> str:
    if isinstance(profiles, str):
        return ""
    return next((row.get("address-list", "") for row in profiles if row.get("name") == profile), "")
