"""RouterOS script, word by word: every value that an operator chose goes through `quote`."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MARK: Final = "unms-ros-sync"
"""All that the scripts make carries it, as its name or its comment."""
COLUMNS: Final = 100
_INDENT: Final = "  "
_JOINED: Final = " \\\n    . "
"""Joins two texts, on two lines."""
_PLAIN: Final = frozenset((string.ascii_letters + string.digits + " ._:/,=@+-").encode())


def quote(text: str) -> str:
    r"""A string literal that holds exactly this text; `\22` is how RouterOS writes a byte by its number."""
    return '"' + "".join(chr(byte) if byte in _PLAIN else f"\\{byte:02X}" for byte in text.encode()) + '"'


def command(menu: str, verb: str, *operands: str, **properties: str) -> str:
    """One command, broken between its words as RouterOS's own export does; `dst_port` becomes `dst-port`."""
    lines = [f"{menu} {verb}"]
    for word in (*operands, *(f"{name.replace('_', '-')}={value}" for name, value in properties.items())):
        if len(lines[-1]) + len(word) < COLUMNS:
            lines[-1] += f" {word}"
        else:
            lines.append(f"{_INDENT * 2}{word}")
    return " \\\n".join(lines)


def found(menu: str, condition: str) -> str:
    """The entries of a menu for which the condition holds."""
    return f"[{menu} find where {condition}]"


def named(menu: str, name: str) -> str:
    """The entry of that name."""
    return found(menu, f"name={quote(name)}")


def block(head: str, *body: str) -> str:
    """A head, and its body in braces."""
    inner = "\n".join(body).replace("\n", f"\n{_INDENT}")
    return f"{head}{{\n{_INDENT}{inner}\n}}"


def unless(entries: str, body: Sequence[str], otherwise: Sequence[str] = ()) -> str:
    """The body if there are no such entries: what makes a second import harmless."""
    text = block(f":if ([:len {entries}] = 0) do=", *body)
    return text + block(" else=", *otherwise) if otherwise else text


def added_before(menu: str, rules: str, mark: str, otherwise: Sequence[str] = (), **properties: str) -> str:
    """A marked rule before the first of the rules that a condition describes, at the end if there is none."""
    whole = {**properties, "comment": quote(mark)}
    first = command(menu, "add", **whole, place_before="[:pick $rules 0]")
    last = command(menu, "add", **whole)
    return unless(
        found(menu, f"comment={quote(mark)}"),
        [
            f":local rules {found(menu, f'dynamic=no and {rules}')}",
            block(":if ([:len $rules] > 0) do=", first) + block(" else=", last),
        ],
        otherwise,
    )


def kept_before(menu: str, rules: str, mark: str, **properties: str) -> str:
    """The same; a rule with the mark that is there already gets the properties again, and is enabled."""
    again = command(menu, "set", found(menu, f"comment={quote(mark)}"), **properties, disabled="no")
    return added_before(menu, rules, mark, [again], **properties)


def ended(*parts: str) -> str:
    """The end of the import, with a sentence made of several texts."""
    return f":error ({_JOINED.join(parts)})"


def document(router: str, what: str, warning: str, sections: Mapping[str, Sequence[str]]) -> str:
    """A whole script: what it does to which router, a warning, and the sections that hold anything."""
    lines = [f"# {what} router {router} for unms-ros-sync. For RouterOS 7, and 6.49.", f"# {warning}"]
    for title, commands in sections.items():
        if commands:
            lines += ["", f"# --- {title}", *commands]
    return "\n".join(lines) + "\n"


def listed(values: Iterable[object]) -> str:
    """RouterOS's list: values that need no quotes, between commas."""
    return ",".join(map(str, values))
