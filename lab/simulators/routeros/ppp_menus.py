"""The menus under `/ppp`."""

from __future__ import annotations

from typing import TYPE_CHECKING, override

from lab.simulators.routeros.editing import EditableMenu
from lab.simulators.routeros.menus import NOTHING_MASKED, Menu, flag
from lab.simulators.routeros.replies import Reply
from lab.simulators.routeros.traps import refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.simulators.routeros.request import Request
    from lab.simulators.routeros.state import RouterState
    from lab.simulators.routeros.table import Mask, Row

PASSWORD = frozenset({"password"})


class SecretMenu(EditableMenu):
    """`/ppp/secret`. `masks_by_default`: RouterOS 7.21 hides passwords unless `show-sensitive` is given.

    `unique_per_service`: a name may be held once under each service (it is not documented which is true).
    """

    @override
    def __init__(self, state: RouterState, *, masks_by_default: bool, unique_per_service: bool) -> None:
        super().__init__(state.release, state.secrets)
        self._masks_by_default = masks_by_default and state.release.knows_show_sensitive
        self._unique_per_service = unique_per_service
        self.commands["enable"] = lambda request: self.switch(request, disabled=b"false")
        self.commands["disable"] = lambda request: self.switch(request, disabled=b"true")

    writes = EditableMenu.writes | {"enable", "disable"}

    @override
    def mask(self, request: Request, arguments: dict[str, bytes]) -> Mask:
        shows = not self._masks_by_default
        if self.release.knows_show_sensitive:
            shows = flag(arguments, "show-sensitive", absent=shows)
        return NOTHING_MASKED if shows and "sensitive" in request.account.policies else PASSWORD

    @override
    def check(self, values: Mapping[str, bytes], row: Row | None) -> None:
        if row is not None and all(row.values[key] == values[key] for key in ("name", "service")):
            return  # What makes it a double is not changed: two of one name can still be disabled.
        for other in self.table.named(values["name"]):
            same_service = other.values["service"] == values["service"]
            if other is not row and (same_service or not self._unique_per_service):
                raise refused("failure: secret with the same name already exists")


class ProfileMenu(EditableMenu):
    """`/ppp/profile`; the two default profiles cannot be removed (guessed text)."""

    @override
    def __init__(self, state: RouterState) -> None:
        super().__init__(state.release, state.profiles)
        self._secrets = state.secrets

    @override
    def check(self, values: Mapping[str, bytes], row: Row | None) -> None:
        if any(other is not row for other in self.table.named(values["name"])):
            raise refused("failure: profile with the same name already exists")

    @override
    def check_removal(self, row: Row) -> None:
        if row.values["default"] == b"true":
            raise refused("failure: default profile can not be removed")

    @override
    def changed(self) -> None:
        self._secrets.forget_encoded()


class ActiveMenu(Menu):
    """`/ppp/active`: sessions can be read and cut, nothing else; their names are not unique, so they address none."""

    writes = frozenset({"remove"})
    named = False

    @override
    def __init__(self, state: RouterState) -> None:
        super().__init__(state.release, state.sessions)
        self._state = state
        self.commands["remove"] = self.remove

    def remove(self, request: Request) -> Reply:
        """Cuts sessions."""
        arguments = dict(request.command.attributes)
        rows = self.targets(request, arguments)
        self.refuse_unknown(arguments)
        for row in {row.number: row for row in rows}.values():
            self._state.drop(row, b"nas-request")
        return Reply.done()
