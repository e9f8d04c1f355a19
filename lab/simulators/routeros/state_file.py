r"""A router's state as a JSON document, to seed one from and to write down how one ended.

`{"profiles": [...], "secrets": [...], "sessions": [...]}`, each item an object of its properties as `print` shows them.
Bytes that are no UTF-8 stand as lone surrogates (`\udce9`), and so survive a round trip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.simulators.routeros.seeding import new_row, shown_rows
from lab.simulators.routeros.table import parse_id
from lab.simulators.routeros.text import as_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lab.simulators.routeros.editing import EditableMenu
    from lab.simulators.routeros.router import Router
    from lab.simulators.routeros.seeding import Value

Item = dict[str, str]
Document = dict[str, list[Item]]


def dump(router: Router) -> Document:
    """The whole state, passwords too."""
    state = router.state
    tables = {"profiles": state.profiles, "secrets": state.secrets, "sessions": state.sessions}
    return {name: shown_rows(table) for name, table in tables.items()}


def load(router: Router, document: Mapping[str, Sequence[Mapping[str, Value]]]) -> None:
    """Adds the items of a document; raises ValueError on what RouterOS would refuse, unknown sections too."""
    if unknown := set(document) - {"profiles", "secrets", "sessions"}:
        raise ValueError(f"unknown sections: {', '.join(sorted(unknown))}")
    for item in document.get("profiles", ()):
        if not router.state.profiles.named(as_bytes(item.get("name") or "")):
            _load_item(router.profile_menu, item)
    for item in document.get("secrets", ()):
        _load_item(router.secret_menu, item)
    for item in document.get("sessions", ()):
        given = {name: _shown(value) for name, value in item.items() if value is not None}
        for own in (".id", "uptime", "session-id"):
            given.pop(own, None)
        router.state.connect(given.pop("name"), given)


def _load_item(menu: EditableMenu, item: Mapping[str, Value]) -> None:
    words = {key.replace("_", "-"): value for key, value in item.items()}
    number = parse_id(as_bytes(words.pop(".id", None) or ""))
    told = {name: words.pop(name) for name, field in menu.table.fields.items() if not field.parse and name in words}
    row = new_row(menu, words, number=number)
    menu.table.update(row, {name: _shown(value) for name, value in told.items() if value is not None})
    menu.changed()


def _shown(value: str | bytes | float) -> bytes:
    return str(value).lower().encode() if isinstance(value, bool) else as_bytes(value)
