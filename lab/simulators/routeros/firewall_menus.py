"""The menus under `/ip/firewall` and `/ipv6/firewall`.

`print` needs the policy `read` and everything else `write`, as in other menus (no document names another policy). What
RouterOS made by itself can be read and nothing else. Texts marked "guessed" stand in no document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, override

from lab.simulators.routeros.editing import EditableMenu
from lab.simulators.routeros.firewall import note_fasttrack
from lab.simulators.routeros.replies import Reply
from lab.simulators.routeros.traps import refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.simulators.routeros.firewall import AddressLists, Firewall
    from lab.simulators.routeros.menus import Menu
    from lab.simulators.routeros.release import Release
    from lab.simulators.routeros.request import Request
    from lab.simulators.routeros.table import Row, Table

_PORTS = ("src-port", "dst-port", "port")
_WITH_PORTS = frozenset({b"tcp", b"udp", b"udp-lite", b"dccp", b"sctp"})


def firewall_menus(release: Release, firewall: Firewall, *, ipv6: bool) -> dict[str, Menu]:
    """The menus by path. `ipv6`: RouterOS 6 has those of IPv6 with the package of that name only."""
    menus: dict[str, Menu] = {
        "/ip/firewall/address-list": AddressListMenu(release, firewall.lists),
        "/ipv6/firewall/address-list": AddressListMenu(release, firewall.ipv6_lists),
        **{path: RuleMenu(release, table, default_reject(path)) for path, table in firewall.rules.items()},
    }
    return {path: menu for path, menu in menus.items() if ipv6 or not path.startswith("/ipv6/")}


def default_reject(path: str) -> bytes:
    """What a rule that rejects answers if nothing else is given."""
    return b"icmp-no-route" if path.startswith("/ipv6/") else b"icmp-network-unreachable"


class AddressListMenu(EditableMenu):
    """`address-list`: an address stands once in a list."""

    named = False
    required = ("list", "address")
    writes = EditableMenu.writes | {"enable", "disable"}

    @override
    def __init__(self, release: Release, lists: AddressLists) -> None:
        super().__init__(release, lists.table)
        self._lists = lists
        self.commands["enable"] = lambda request: self.switch(request, disabled=b"false")
        self.commands["disable"] = lambda request: self.switch(request, disabled=b"true")

    @override
    def completed(self, values: dict[str, bytes]) -> dict[str, bytes]:
        timed = {"dynamic": b"true"} if "timeout" in values else {}
        return {**values, "creation-time": self._lists.stamp(), **timed}

    @override
    def check(self, values: Mapping[str, bytes], row: Row | None) -> None:
        if row is not None and self._lists.holds_by_itself(row):
            raise refused("failure: can not change dynamic entry")  # guessed
        key = (values["list"], values["address"])
        if any(other is not row and (other.values["list"], other.values["address"]) == key for other in self.table):
            raise refused("failure: already have such entry")

    @override
    def check_removal(self, row: Row) -> None:
        if self._lists.holds_by_itself(row):
            raise refused("failure: can not remove dynamic entry")  # guessed

    @override
    def changed(self) -> None:
        self._lists.resolve()


class RuleMenu(EditableMenu):
    """`filter`, `nat` and `raw`: the order of the rules matters, so they can be put in front of each other."""

    named = False
    required = ("chain",)
    writes = EditableMenu.writes | {"enable", "disable", "move"}

    @override
    def __init__(self, release: Release, table: Table, reject_with: bytes) -> None:
        super().__init__(release, table)
        self._reject_with = reject_with
        self.commands["enable"] = lambda request: self.switch(request, disabled=b"false")
        self.commands["disable"] = lambda request: self.switch(request, disabled=b"true")
        self.commands["move"] = self.move

    def move(self, request: Request) -> Reply:
        """Puts rules in front of another one, at the end without `destination`."""
        arguments = dict(request.command.attributes)
        rows = self.targets(request, arguments)
        before = self._rule(request, arguments, "destination")
        self.refuse_unknown(arguments)
        for row in rows:
            _refuse_own(row, "move")
        for row in rows:
            self.table.move(row, before)
        return Reply.done()

    @override
    def position(self, request: Request, arguments: dict[str, bytes]) -> Row | None:
        return self._rule(request, arguments, "place-before")

    @override
    def completed(self, values: dict[str, bytes]) -> dict[str, bytes]:
        rejects = values["action"] == b"reject" and "reject-with" not in values
        return {**values, "reject-with": self._reject_with} if rejects else values

    @override
    def check(self, values: Mapping[str, bytes], row: Row | None) -> None:
        if row is not None:
            _refuse_own(row, "change")
        if values["action"] == b"jump" and "jump-target" not in values:
            raise refused("failure: jump-target is not specified")  # guessed
        protocol = values.get("protocol", b"")
        if protocol not in _WITH_PORTS and any(name in values for name in _PORTS):
            raise refused("failure: ports can be specified if proto is tcp, udp, udp-lite, dccp or sctp")  # guessed
        if values.get("reject-with") == b"tcp-reset" and protocol != b"tcp":
            raise refused("failure: tcp-reset can be used with protocol tcp only")  # guessed

    @override
    def check_removal(self, row: Row) -> None:
        _refuse_own(row, "remove")

    @override
    def changed(self) -> None:
        note_fasttrack(self.table)

    def _rule(self, request: Request, arguments: dict[str, bytes], name: str) -> Row | None:
        """The rule in front of which another one is put; nothing goes in front of the router's own."""
        token = arguments.pop(name, None)
        if token is None:
            return None
        row = self._find(request, token)
        _refuse_own(row, "move")
        return row


def _refuse_own(row: Row, verb: str) -> None:
    if row.values["dynamic"] == b"true":
        raise refused(f"failure: cannot {verb} builtin")
