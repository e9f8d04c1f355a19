"""Writes to one router: many changes in flight, each with its session drops as one unit (R12, G6 to G8).

A unit is a generator that sends commands and yields the replies it waits for. Units of different secrets overlap, up
to a window; a secret has at most one unit at a time, so a drop never overtakes the write that it follows.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from pppsync.change import VALUE_KINDS, Kind
from pppsync.errors import RouterError
from pppsync.masked import MASK, Masked
from pppsync.outcome import Outcome, Result
from pppsync.routeros_words import READ_SESSIONS, SecretDecoder, add_words, set_words, to_session
from pppsync.secret import PppSecret

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from pppsync.change import Change
    from pppsync.deadline import Deadline
    from pppsync.routeros_link import Reply, RouterLink
    from pppsync.secret import ActiveSession, StoredSecret
    from pppsync.settings import Policy

WINDOW: Final = 32
"""Units in flight. Their answers, about 200 bytes each, fit any socket buffer, so neither side blocks the other."""

type Unit = Generator[list[Reply], None, Outcome]


class Feed(Protocol):
    """Where the changes come from, in order."""

    def take(self, *, wait: bool) -> Change | None:
        """The next change; None if there is none at the moment or, having waited, none any more."""


class Changes:
    """A feed of changes that are all known."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._changes = deque(changes)

    def take(self, *, wait: bool) -> Change | None:  # noqa: ARG002 - there is nothing to wait for
        """The next change, None at the end."""
        return self._changes.popleft() if self._changes else None


@dataclass(slots=True)
class _Running:
    change: Change
    unit: Unit
    awaited: list[Reply]


class Applier:
    """One pass over a feed of changes; no answer is waited for beyond `finish`."""

    def __init__(
        self,
        link: RouterLink,
        policy: Policy,
        read_secrets: Iterable[str],
        finish: Deadline,
        report: Callable[[Outcome], None],
    ) -> None:
        self._link = link
        self._policy = policy
        self._read_secrets = tuple(read_secrets)
        self._report = report
        self._finish = finish
        self._running: dict[str, _Running] = {}
        self._next_drop = 0.0

    def run(self, feed: Feed, start: Deadline) -> RouterError | None:
        """Begin every change that has its turn before `start`; a lost connection defers the rest."""
        waiting: Change | None = None
        try:
            while (waiting := feed.take(wait=not self._running)) or self._running:
                if waiting is None:
                    self._pump()
                    continue
                self._make_room(waiting)
                in_time = self._wait_for_turn(waiting, start)
                change, waiting = waiting, None
                if in_time:
                    self._begin(change)
                else:
                    self._report(Outcome(change, Result.DEFERRED, detail="no time left in this run"))
        except RouterError as error:
            for running in self._running.values():
                self._report(Outcome(running.change, Result.UNANSWERED, error.code, error.detail))
            while left := waiting or feed.take(wait=True):
                waiting = None
                self._report(Outcome(left, Result.DEFERRED, error.code, error.detail))
            return error
        return None

    def _make_room(self, change: Change) -> None:
        while len(self._running) >= WINDOW or change.name in self._running:
            self._pump()

    def _begin(self, change: Change) -> None:
        running = self._running[change.name] = _Running(change, self._unit(change), [])
        self._advance(running)

    def _wait_for_turn(self, change: Change, start: Deadline) -> bool:
        """Hold drops to the pace of `drops_per_second`; False if this change's turn comes too late."""
        turn = start.clock()
        pace = self._policy.drops_per_second
        if change.sessions and pace:
            turn = max(turn, self._next_drop)
        if turn >= start.at:
            return False
        if change.sessions and pace:
            self._next_drop = turn + len(change.sessions) / pace
        while (left := turn - start.clock()) > 0:
            if self._running:
                self._pump(left)
            else:
                start.sleep(left)
        return True

    def _pump(self, patience: float | None = None) -> None:
        """Take in what the router sends; silence for `router_timeout` is a fault, for `patience` none."""
        if patience is not None:
            self._link.poll(patience)
        else:
            self._link.pump(self._finish.within(self._policy.router_timeout))
        for running in list(self._running.values()):
            if all(reply.done for reply in running.awaited):
                self._advance(running)

    def _advance(self, running: _Running) -> None:
        try:
            running.awaited = next(running.unit)
        except StopIteration as stop:
            del self._running[running.change.name]
            self._report(stop.value)

    def _unit(self, change: Change) -> Unit:
        """Everything that one change takes: write, answer, drop."""
        if change.kind is Kind.DROP:
            return (yield from self._drop(change, change.sessions))
        if change.secret is None or isinstance(change.after, PppSecret):
            return (yield from self._create(change))
        written = self._link.submit(set_words(change.secret.id, change.field, _reveal(change.after)))
        if change.kind is Kind.ENABLE:
            yield [written]
            return self._verdict(change, written)
        # Asked anew in the same breath: a session may have begun since the router was read.
        live = self._link.submit(["/ppp/active/print", READ_SESSIONS, f"?name={change.name}"], to_session)
        yield [written, live]
        if written.traps or live.traps:
            return self._verdict(change, written, live)
        sessions = [one for one in live.rows if one.ppp_service in self._policy.ppp_services and not one.radius]
        if sessions and change.kind in VALUE_KINDS:
            kept = self._link.submit([*self._read_secrets, f"?.id={change.secret.id}"], SecretDecoder())
            yield [kept]
            if kept.traps or not any(_holds(secret, change) for secret in kept.rows):
                held = self._redact(kept.refusal, change) or "the router holds another value; no session was dropped"
                return Outcome(change, Result.FAILED, "value_not_kept", held)
        return (yield from self._drop(change, sessions))

    def _create(self, change: Change) -> Unit:
        if not isinstance(change.after, PppSecret):
            raise TypeError("a create needs the whole secret")
        added = self._link.submit(add_words(change.after))
        yield [added]
        return self._verdict(change, added)

    def _drop(self, change: Change, sessions: Iterable[ActiveSession]) -> Unit:
        replies = [self._link.submit(["/ppp/active/remove", f"=.id={session.id}"]) for session in sessions]
        if replies:
            yield replies
        # A session that is gone already is what was wanted.
        refused = [reply for reply in replies if reply.traps and not reply.refusal.startswith("no such item")]
        verdict = self._verdict(change, *refused)
        return Outcome(
            verdict.change,
            verdict.result,
            verdict.reason,
            verdict.detail,
            dropped=sum(not reply.traps for reply in replies),
        )

    def _verdict(self, change: Change, *replies: Reply) -> Outcome:
        refusal = "; ".join(reply.refusal for reply in replies if reply.traps)
        if refusal:
            return Outcome(change, Result.FAILED, "refused", self._redact(refusal, change))
        return Outcome(change, Result.APPLIED)

    @staticmethod
    def _redact(words: str, change: Change) -> str:
        """The router's own words without the passwords that it may have quoted."""
        after = change.after.password if isinstance(change.after, PppSecret) else change.after
        for value in (change.before, after):
            if isinstance(value, Masked) and value:
                words = words.replace(value.reveal(), MASK)
        return words


def _reveal(value: str | Masked | PppSecret | None) -> str:
    if isinstance(value, Masked):
        return value.reveal()
    if isinstance(value, str):
        return value
    raise TypeError("a write needs a value")


def _holds(secret: StoredSecret, change: Change) -> bool:
    """True if the router's entry has the value that was written."""
    held = {"password": secret.password, "profile": secret.profile, "remote-address": secret.remote_address}
    return held[change.field] == change.after
