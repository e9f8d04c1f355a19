"""How each fault is carried out on a connection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from lab.simulators.routeros.replies import Reply
from lab.simulators.routeros.wire import END, encode_sentence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lab.simulators.routeros.faults import Fault
    from lab.simulators.routeros.request import Command


class Struck(Protocol):
    """The connection that a fault strikes."""

    def execute(self, command: Command, not_kept: frozenset[str] | None = frozenset()) -> Reply:
        """Carries a command out."""
        ...

    def answer(self, reply: Reply, tag: bytes | None) -> None:
        """Puts a reply behind what is to be sent."""
        ...

    def note(self, reply: Reply, tag: bytes | None) -> None:
        """Puts a reply into the transcript."""
        ...

    def send(self, data: bytes) -> None:
        """Puts bytes behind what is to be sent."""
        ...

    async def flush(self) -> None:
        """Hands everything sent so far to the socket."""
        ...

    def fatal(self, reason: str | None) -> None:
        """Says `!fatal` and closes."""
        ...

    def close(self) -> None:
        """Ends the connection in good order."""
        ...

    def reset(self) -> None:
        """Ends the connection with a TCP reset."""
        ...


class Machine(Protocol):
    """The router behind all connections."""

    def reboot(self) -> None:
        """Cuts all connections and sessions."""
        ...


class Strike:
    """One fault striking one command on one connection."""

    def __init__(self, fault: Fault, connection: Struck, machine: Machine, command: Command) -> None:
        self.fault = fault
        self.connection = connection
        self.machine = machine
        self.command = command

    def execute(self) -> Reply:
        """Carries the command out."""
        return self.connection.execute(self.command)

    def answer(self, reply: Reply) -> None:
        """Sends a reply to the command."""
        self.connection.answer(reply, self.command.tag)

    def apply_if_asked(self) -> None:
        """Carries the command out without an answer, if the fault says so."""
        if self.fault.applied:
            self.execute()


async def deliver(fault: Fault, connection: Struck, machine: Machine, command: Command) -> None:
    """Lets a fault strike the command that was just taken from the queue."""
    await _DELIVERIES[fault.action](Strike(fault, connection, machine, command))


async def _call(strike: Strike) -> None:
    if strike.fault.call:
        strike.fault.call()
    strike.answer(strike.execute())


async def _close(strike: Strike) -> None:
    strike.apply_if_asked()
    strike.connection.close()


async def _close_after_reply(strike: Strike) -> None:
    strike.answer(strike.execute())
    strike.connection.close()


async def _close_mid_word(strike: Strike) -> None:
    data = strike.execute().encode(strike.command.tag)
    strike.connection.send(data[:-3])
    strike.connection.close()


async def _close_mid_sentence(strike: Strike) -> None:
    data = strike.execute().encode(strike.command.tag)
    strike.connection.send(data[: -len(END)])
    strike.connection.close()


async def _control_byte(strike: Strike) -> None:
    strike.apply_if_asked()
    strike.connection.send(b"\xf8")
    await _silence(strike)


async def _huge_word(strike: Strike) -> None:
    strike.apply_if_asked()
    strike.connection.send(b"\xf0\xff\xff\xff\xff!re")
    await _silence(strike)


async def _cut(strike: Strike) -> None:
    rows = strike.execute().rows[: strike.fault.rows]
    strike.connection.answer(Reply(rows, []), strike.command.tag)
    strike.connection.close()


async def _delay(strike: Strike) -> None:
    await asyncio.sleep(strike.fault.interval)
    strike.answer(strike.execute())


async def _drip(strike: Strike) -> None:
    reply = strike.execute()
    strike.connection.note(reply, strike.command.tag)
    for byte in reply.encode(strike.command.tag):
        # Not behind the last byte: with it the command is answered, and nothing of it is outstanding any more.
        await asyncio.sleep(strike.fault.interval)
        strike.connection.send(bytes([byte]))
        await strike.connection.flush()


async def _empty_sentence(strike: Strike) -> None:
    strike.connection.send(END)
    strike.answer(strike.execute())


async def _fatal(strike: Strike) -> None:
    strike.apply_if_asked()
    strike.connection.fatal(strike.fault.message)


async def _not_kept(strike: Strike) -> None:
    strike.answer(strike.connection.execute(strike.command, strike.fault.properties))


async def _reboot(strike: Strike) -> None:
    strike.apply_if_asked()
    strike.machine.reboot()


async def _reset(strike: Strike) -> None:
    strike.apply_if_asked()
    strike.connection.reset()


async def _stall(strike: Strike) -> None:
    strike.apply_if_asked()
    await _silence(strike)


async def _trap(strike: Strike) -> None:
    reply = Reply.trapped(*strike.fault.sent_traps)
    if strike.fault.applied:
        usual = strike.execute()
        reply = Reply(usual.rows, reply.sentences[:-1] + usual.sentences)
    strike.answer(reply)


async def _trap_mid_print(strike: Strike) -> None:
    rows = strike.execute().rows[: strike.fault.rows]
    strike.answer(Reply(rows, Reply.trapped(*strike.fault.sent_traps).sentences))


async def _unknown_reply(strike: Strike) -> None:
    tag = strike.command.tag
    words = [b"!" + (strike.fault.message or "mystery").encode(), *([] if tag is None else [b".tag=" + tag])]
    strike.connection.send(encode_sentence(words))
    strike.answer(strike.execute())


async def _silence(strike: Strike) -> None:
    await strike.connection.flush()
    await asyncio.Event().wait()


_DELIVERIES: dict[str, Callable[[Strike], Awaitable[None]]] = {
    "call": _call,
    "close": _close,
    "close_after_reply": _close_after_reply,
    "close_mid_word": _close_mid_word,
    "close_mid_sentence": _close_mid_sentence,
    "control_byte": _control_byte,
    "cut": _cut,
    "delay": _delay,
    "drip": _drip,
    "empty_sentence": _empty_sentence,
    "fatal": _fatal,
    "huge_word": _huge_word,
    "not_kept": _not_kept,
    "reboot": _reboot,
    "reset": _reset,
    "stall": _stall,
    "trap": _trap,
    "trap_mid_print": _trap_mid_print,
    "unknown_reply": _unknown_reply,
}
