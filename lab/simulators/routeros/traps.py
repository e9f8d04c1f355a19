"""The refusals of RouterOS, with their exact texts and categories.

RouterOS 6.43 to 7.24: categories are 0 missing item or command, 1 argument value, 2 interrupted, 4 general, 5 API; many
traps carry none. Texts marked "guessed" stand in no document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.simulators.routeros.release import Release


@dataclass(frozen=True, slots=True)
class Trap:
    """One `!trap` sentence: a message and a category, each of which may be missing."""

    message: str | None
    category: int | None = None


class CommandRefusedError(Exception):
    """A command that answers with one or more traps instead of being done."""

    def __init__(self, *traps: Trap) -> None:
        super().__init__("; ".join(trap.message or "" for trap in traps))
        self.traps = traps


def refused(message: str, category: int | None = None) -> CommandRefusedError:
    """A refusal with a single trap."""
    return CommandRefusedError(Trap(message, category))


def not_permitted() -> CommandRefusedError:
    """The user's group lacks the policy that the command needs."""
    return refused("not enough permissions (9)")


def login_failed(release: Release) -> CommandRefusedError:
    """Whatever the reason is: RouterOS tells none."""
    return refused("invalid user name or password (6)" if release.takes_plain_login else "cannot log in")


def no_such_command() -> CommandRefusedError:
    """A known menu has no command of that name."""
    return refused("no such command", 0)


def no_such_menu(release: Release, word: str) -> CommandRefusedError:
    """RouterOS 7 answers an unknown menu with two traps in one reply, RouterOS 6 with one."""
    prefix = Trap("no such command prefix", 0)
    if not release.modern:
        return CommandRefusedError(prefix)
    return CommandRefusedError(Trap(f"no such command or directory ({word})", 0), prefix)


def unknown_parameter(release: Release, name: str) -> CommandRefusedError:
    """An argument that the command does not have; RouterOS 7 names it."""
    return refused(f"unknown parameter {name}" if release.modern else "unknown parameter", 0)


def no_such_item(release: Release) -> CommandRefusedError:
    """An id or name that is not in the table; RouterOS 6 lets the code of the layer below through."""
    return refused("no such item", 0) if release.modern else refused("no such item (4)")


def missing(argument: str) -> CommandRefusedError:
    """A mandatory argument was not given."""
    return refused(f"missing ={argument}=", 0)


def invalid(argument: str) -> CommandRefusedError:
    """A value that the argument's type refuses."""
    return refused(f"invalid value for argument {argument}", 1)


def no_match(argument: str) -> CommandRefusedError:
    """A value that is not one of an enumeration, or names no item of the menu it refers to."""
    return refused(f"input does not match any value of {argument}", 1)


def ambiguous(argument: str) -> CommandRefusedError:
    """A value that is the beginning of more than one possible value."""
    return refused(f"ambiguous value of {argument}, more than one possible value matches input", 1)


def interrupted() -> Trap:
    """What a cancelled command says."""
    return Trap("interrupted", 2)


def malformed(word: bytes) -> CommandRefusedError:
    """A word that is neither attribute, API attribute nor query (guessed text)."""
    return refused(f"malformed word: {word.split(b'=')[0].decode(errors='replace')[:40]}", 5)
