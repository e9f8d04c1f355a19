"""Lists the commands that a batch of changes takes, step by step (R12). Uses one connection, no clock and no log.

Each function here is a generator: it sends commands, yields the replies that it waits for, and returns the outcomes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pppsync.core.change import Kind
from pppsync.core.masked import MASK, Masked
from pppsync.core.outcome import Outcome, Result
from pppsync.core.reasons import Reason
from pppsync.core.secret import PppSecret
from pppsync.core.sessions import lets_in
from pppsync.routers.rows import READ_SESSIONS, SecretDecoder, add_words, flag, set_words, to_session

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from pppsync.core.change import Batch, Change
    from pppsync.core.secret import ActiveSession, StoredSecret
    from pppsync.routers.link import RouterLink
    from pppsync.routers.reply import Reply

type Steps[Result] = Generator[list[Reply], None, Result]
type Unit = Steps[list[Outcome]]


def commands_of(batch: Batch) -> int:
    """Return the number of commands that a batch takes, if nobody dials in meanwhile."""
    change, drops = batch[0], len(batch[0].sessions)
    if change.kind is Kind.DROP:
        return drops
    if change.secret is None or change.kind in {Kind.ENABLE, Kind.RESTRICT}:
        return 3 + drops if change.read_back else len(batch)
    if not drops:
        return 2 * len(batch)
    return len(batch) + drops + (2 if change.read_back else 1)


class Units:
    """Knows the steps of every kind of change, on one connection."""

    def __init__(self, link: RouterLink, read_secrets: Iterable[str]) -> None:
        self._link = link
        self._read_secrets = tuple(read_secrets)

    def steps(self, batch: Batch) -> Unit:
        """Do everything that one batch takes: write, read back, drop."""
        change = batch[0]
        if change.kind is Kind.DROP:
            return (yield from self._drop(batch, change.sessions))
        if change.secret is None or change.kind is Kind.ENABLE or change.kind is Kind.RESTRICT:
            return (yield from self._write_alone(batch))
        written, outcomes, late = yield from self._write(batch)
        if not written:
            return outcomes
        if not (change.sessions or late):
            return [*outcomes, *(_verdict(one) for one in written)]
        if change.read_back:
            return [*outcomes, *(yield from self._drop_for_values(written))]
        return [*outcomes, *(yield from self._drop_for_cut(written, (*change.sessions, *late)))]

    def _write_alone(self, batch: Batch) -> Unit:
        """Write one sentence, and look at nothing before its answer: it gives access, or takes full access away."""
        reply = self._link.submit(_sentence(batch[0]))
        yield [reply]
        if reply.traps or not batch[0].read_back:
            return [_verdict(batch[0], reply)]
        return (yield from self._drop_for_values(batch))

    def _write(self, batch: Batch) -> Steps[tuple[Batch, list[Outcome], list[ActiveSession]]]:
        """Return the changes that were written, the outcomes of those that were not, and sessions begun since the read.

        If no session was known, also ask for new sessions in the same round trip. If one was known, ask after the
        answer.
        """
        written: list[Change] = []
        outcomes: list[Outcome] = []
        begun: list[ActiveSession] = []
        for change in batch:
            reply = self._link.submit(_sentence(change))
            live = None if change.sessions else self._ask_sessions(change)
            yield [reply] if live is None else [reply, live]
            if reply.traps:
                outcomes.append(_verdict(change, reply))
            else:
                written.append(change)
                begun = [] if live is None else self._droppable(live, change)
        return tuple(written), outcomes, begun

    def _drop_for_values(self, written: Batch) -> Unit:
        """Drop the sessions under the actual values, but only for new values that the router really holds."""
        secret = written[0].secret
        read = self._link.submit([*self._read_secrets, f"?.id={secret.id if secret else ''}"], SecretDecoder())
        live = self._ask_sessions(written[0])
        yield [read, live]
        rows = [row for row in read.rows if secret and row.id == secret.id]
        lost = [change for change in written if read.traps or not any(_holds(row, change) for row in rows)]
        kept = tuple(change for change in written if change not in lost)
        outcomes = [_not_kept(change, read) for change in lost]
        return [*outcomes, *(yield from self._drop(kept, self._droppable(live, written[0])))] if kept else outcomes

    def _drop_for_cut(self, written: Batch, known: Sequence[ActiveSession]) -> Unit:
        """Drop the known sessions, then ask again: nobody disabled stays online."""
        live = self._ask_sessions(written[0])
        outcomes = yield from self._drop(written, known, beside=live)
        ids = {session.id for session in known}
        begun = [session for session in self._droppable(live, written[0]) if session.id not in ids]
        if not begun or outcomes[0].result is not Result.APPLIED:
            return outcomes
        again = yield from self._drop(written, begun)
        return [replace(again[0], dropped=outcomes[0].dropped + again[0].dropped)]

    def _drop(self, batch: Batch, sessions: Iterable[ActiveSession], beside: Reply | None = None) -> Unit:
        replies = [self._link.submit(["/ppp/active/remove", f"=.id={session.id}"]) for session in sessions]
        if replies or beside:
            yield [*replies, beside] if beside else replies
        # A session that has ended needs no drop.
        refused = [reply for reply in replies if reply.traps and not reply.refusal.startswith("no such item")]
        outcomes = [replace(_verdict(change, *refused), written=bool(refused)) for change in batch]
        outcomes[0] = replace(outcomes[0], dropped=sum(not reply.traps for reply in replies))
        return outcomes

    def _ask_sessions(self, change: Change) -> Reply:
        return self._link.submit(["/ppp/active/print", READ_SESSIONS, f"?name={change.name}"], to_session)

    def _droppable(self, live: Reply, change: Change) -> list[ActiveSession]:
        """Return the sessions that this secret let in; a router that skips over the query lists everybody's."""
        return [
            one
            for one in live.rows
            if one.name == change.name
            and not one.radius
            and change.secret is not None
            and lets_in(change.secret, one, change.others)
        ]


def _verdict(change: Change, *replies: Reply) -> Outcome:
    refusal = "; ".join(reply.refusal for reply in replies if reply.traps)
    if refusal:
        return Outcome(change, Result.FAILED, Reason.REFUSED, _redact(refusal, change))
    return Outcome(change, Result.APPLIED)


def _not_kept(change: Change, read: Reply) -> Outcome:
    """Return a failure: a drop for a value that the router does not hold would be repeated at every run."""
    words = _redact(read.refusal, change) or "the router holds another value; no session was dropped"
    return Outcome(change, Result.FAILED, Reason.VALUE_NOT_KEPT, words, written=bool(read.traps))


def _redact(words: str, change: Change) -> str:
    """Return the router's own words without the passwords that it may have quoted."""
    desired = change.desired.password if isinstance(change.desired, PppSecret) else change.desired
    for value in (change.actual, desired):
        if isinstance(value, Masked) and value:
            words = words.replace(value.reveal(), MASK)
    return words


def _sentence(change: Change) -> list[str]:
    """Return the command that makes the change."""
    if isinstance(change.desired, PppSecret):
        return add_words(change.desired)
    if change.secret is None or not change.words:
        raise TypeError(f"{change.kind} writes nothing")
    return set_words(change.secret.id, *change.words)


def _holds(secret: StoredSecret, change: Change) -> bool:
    """Return True if the router's secret has what was written."""
    held = {
        "disabled": flag(secret.disabled),
        "password": secret.password,
        "profile": secret.profile,
        "remote-address": secret.remote_address,
    }
    return all(held[word] == value for word, value in change.words)
