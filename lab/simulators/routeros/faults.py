"""Faults that a test puts into a router: when they strike, and what they do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from lab.simulators.routeros.text import as_bytes
from lab.simulators.routeros.traps import Trap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lab.simulators.routeros.request import Command

Action = Literal[
    "call",  # run `call` first, then answer as usual: a hand that changes things in the middle of a run
    "close",  # close the connection instead of answering (FIN)
    "close_after_reply",  # answer, then close
    "close_mid_word",  # answer in part: the last word breaks off
    "close_mid_sentence",  # answer in part: the last sentence breaks off between words
    "control_byte",  # F8 where a length belongs
    "cut",  # `rows` rows of the reply, then close
    "delay",  # answer after `interval` seconds
    "drip",  # answer one byte every `interval` seconds
    "empty_sentence",  # a zero-length word before the answer
    "fatal",  # `!fatal` with `message` (None: bare) and close
    "huge_word",  # announce a word of 4 GB
    "not_kept",  # answer `!done` to a set, but keep the old value of `properties` (None: of all)
    "reboot",  # the whole router restarts
    "reset",  # TCP reset
    "stall",  # never answer, on this connection, again
    "trap",  # `traps`, or one of `message` and `category`, and `!done`; with `applied` in addition to the answer's rows
    "trap_mid_print",  # `rows` rows of the reply, then the traps and `!done`: the table changed while it was printed
    "unknown_reply",  # a sentence that begins with an unknown reply word before the answer
]


@dataclass(slots=True)
class Fault:
    """Strikes at the `nth` matching event, `times` times (None: from then on for ever).

    `on` is a command's path, `login` for `/login`, `*` for every other command, or `connect` for a connection before
    TLS (close, reset and stall only). `words` must all be in the command. `applied`: the command is carried out first.
    """

    on: str
    action: Action
    nth: int = 1
    times: int | None = 1
    words: Mapping[str, str] = field(default_factory=dict)
    applied: bool = False
    message: str | None = None
    category: int | None = None
    traps: Sequence[Trap] = ()
    rows: int = 0
    interval: float = 0.01
    properties: frozenset[str] | None = None
    call: Callable[[], object] | None = None
    seen: int = field(default=0, init=False)

    @property
    def fired(self) -> int:
        """How often the fault has struck."""
        struck = max(0, self.seen - self.nth + 1)
        return struck if self.times is None else min(struck, self.times)

    def strikes(self, event: str, command: Command | None = None) -> bool:
        """Takes note of an event, and tells whether the fault strikes now."""
        if not self.concerns(event, command):
            return False
        before = self.fired
        self.seen += 1
        return self.fired > before

    def concerns(self, event: str, command: Command | None = None) -> bool:
        """Whether an event is one that the fault counts."""
        return self._names(event) and self._carries_words(command)

    @property
    def sent_traps(self) -> Sequence[Trap]:
        """The traps of a `trap` or `trap_mid_print` fault."""
        return self.traps or (Trap(self.message, self.category),)

    def _names(self, event: str) -> bool:
        wanted = "/login" if self.on == "login" else self.on
        return wanted == event or (wanted == "*" and event not in ("connect", "/login"))

    def _carries_words(self, command: Command | None) -> bool:
        if command is None:
            return True
        return all(command.attributes.get(name) == as_bytes(value) for name, value in self.words.items())
