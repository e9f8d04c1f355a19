"""The firewall's tables, and the entries of address lists that come and go by themselves.

RouterOS: while a session is up, its address stands in the list of the profile that it was dialled in with. An entry
that holds a DNS name has a dynamic entry for each address of that name. Whether a PPP profile's list takes the IPv6
prefix of a session too is not documented: here it does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab.simulators.routeros.firewall_fields import (
    address_list_fields,
    filter_fields,
    ipv4_entry,
    ipv6_entry,
    is_host,
    nat_fields,
    raw_fields,
)
from lab.simulators.routeros.table import Table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from lab.simulators.routeros.fields import Parser
    from lab.simulators.routeros.release import Release
    from lab.simulators.routeros.table import Row

    Clock = Callable[[], dt.datetime]

FASTTRACK_COUNTERS: Final = b"special dummy rule to show fasttrack counters"


class AddressLists:
    """The address lists of one protocol. `names`: what DNS says of each host, as the router saw it last."""

    def __init__(self, release: Release, address: Parser, now: Clock) -> None:
        self.table = Table(address_list_fields(release, address))
        self.names: dict[bytes, Sequence[bytes]] = {}
        self._address = address
        self._release = release
        self._now = now
        self._of_sessions: dict[int, Row] = {}
        self._of_names: dict[tuple[int, bytes], Row] = {}

    def enter(self, session: int, name: bytes, address: bytes) -> None:
        """A session begins whose profile has a list."""
        self._of_sessions[session] = self._insert(name, address)

    def leave(self, session: int) -> None:
        """A session ends."""
        if (entry := self._of_sessions.pop(session, None)) is not None:
            self.table.delete(entry)

    def leave_all(self) -> None:
        """All sessions end."""
        for session in tuple(self._of_sessions):
            self.leave(session)

    def resolve(self) -> None:
        """Brings the entries of DNS names up to date with `names` and with the table."""
        wanted = {
            (parent.number, self._address(address, "address") or b""): parent
            for parent in self.table
            if is_host(parent.values["address"]) and parent.values["disabled"] == b"false"
            for address in self.names.get(parent.values["address"], ())
        }
        for key in self._of_names.keys() - wanted.keys():
            self.table.delete(self._of_names.pop(key))
        for key, parent in wanted.items():
            list_name, host = parent.values["list"], parent.values["address"]
            entry = self._of_names.get(key) or self._insert(list_name, key[1])
            self.table.update(entry, {"list": list_name, "comment": host})
            self._of_names[key] = entry

    def stamp(self) -> bytes:
        """The present moment as `creation-time` shows it."""
        return self._release.date(self._now())

    def holds_by_itself(self, row: Row) -> bool:
        """Whether an entry is there for a session or for a DNS name."""
        return row in self._of_sessions.values() or row in self._of_names.values()

    def _insert(self, name: bytes, address: bytes) -> Row:
        values = {"list": name, "address": address, "creation-time": self.stamp()}
        return self.table.insert({**values, "dynamic": b"true", "disabled": b"false"})


class Firewall:
    """All tables of one router's firewall, by the path of their menu."""

    def __init__(self, release: Release, now: Clock) -> None:
        self.lists = AddressLists(release, ipv4_entry, now)
        self.ipv6_lists = AddressLists(release, ipv6_entry, now)
        self.rules = {
            "/ip/firewall/filter": Table(filter_fields(release)),
            "/ip/firewall/nat": Table(nat_fields()),
            "/ip/firewall/raw": Table(raw_fields()),
            "/ipv6/firewall/filter": Table(filter_fields(release, ipv6=True)),
        }

    def set_names(self, names: Mapping[bytes, Sequence[bytes]]) -> None:
        """DNS answers differently from now on; the entries of both protocols follow."""
        for lists, six in ((self.lists, False), (self.ipv6_lists, True)):
            lists.names = {
                host: [address for address in found if (b":" in address) == six] for host, found in names.items()
            }
            lists.resolve()


def note_fasttrack(table: Table) -> None:
    """Adds the rule that RouterOS puts first to show the counters of FastTrack; it stays until a restart."""
    tracked = any(row.values["action"] == b"fasttrack-connection" for row in table)
    rows = list(table)
    if tracked and not any(row.values["dynamic"] == b"true" for row in rows):
        defaults = {name: field.default for name, field in table.fields.items() if field.default is not None}
        values = {**defaults, "chain": b"forward", "action": b"passthrough", "dynamic": b"true"}
        table.insert({**values, "comment": FASTTRACK_COUNTERS}, before=rows[0])
