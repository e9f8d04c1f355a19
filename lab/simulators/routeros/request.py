"""A command as a client sent it: path, arguments, query words and tag.

RouterOS: the first word is the command; attributes are split at their second `=` only; the others come in any order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.simulators.routeros.traps import CommandRefusedError, malformed, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lab.simulators.routeros.accounts import Account
    from lab.simulators.routeros.query import Query


@dataclass(slots=True)
class Command:
    """One sentence from a client, taken apart; `fault` is why it could not be."""

    path: str
    attributes: dict[str, bytes] = field(default_factory=dict)
    queries: list[bytes] = field(default_factory=list)
    tag: bytes | None = None
    fault: CommandRefusedError | None = None

    @property
    def menu(self) -> str:
        """The path without its last part, `/ppp/secret`."""
        return self.path.rpartition("/")[0]

    @property
    def verb(self) -> str:
        """The last part of the path, `set`."""
        return self.path.rpartition("/")[2]


def parse_command(words: Sequence[bytes]) -> Command:
    """Takes a sentence apart; never raises: what is wrong is left in `fault`, so that the answer can carry the tag."""
    command = Command(words[0].decode("latin-1"))
    for word in words[1:]:
        try:
            _take(command, word)
        except CommandRefusedError as error:
            command.fault = command.fault or error
    return command


def _take(command: Command, word: bytes) -> None:
    if word.startswith(b"?"):
        command.queries.append(word)
    elif word.startswith(b".tag="):
        command.tag = word[5:] or None
    elif word.startswith(b"="):
        name, separator, value = word[1:].partition(b"=")
        if not (name and separator):
            raise malformed(word)
        key = name.decode("latin-1")
        if key in command.attributes:
            raise refused(f"parameter given twice: {key}", 5)
        command.attributes[key] = value
    else:
        raise malformed(word)


@dataclass(slots=True)
class Request:
    """A command on its way through a menu: who asks, and where to leave a warning.

    `not_kept` names properties that `set` shall silently not store (a fault); None stands for all of them.
    """

    command: Command
    account: Account
    warn: Callable[[str], None]
    query: Query
    not_kept: frozenset[str] | None = frozenset()

    def keeps(self, name: str) -> bool:
        """Whether a property that is set is stored."""
        return self.not_kept is not None and name not in self.not_kept
