"""Reads one router as a whole, then changes it one unit at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Self

from pppsync.core.secret import ListedAddresses, RouterState
from pppsync.errors import Code, RouterError
from pppsync.routers.connection import CONNECT_SECONDS
from pppsync.routers.link import RouterLink
from pppsync.routers.pipeline import Applier
from pppsync.routers.rows import (
    READ_LISTED,
    READ_PROFILES,
    READ_SECRETS,
    READ_SESSIONS,
    SecretDecoder,
    to_listed,
    to_profile,
    to_session,
    to_texts,
)
from pppsync.routers.wire import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pppsync.config.settings import RouterSettings
    from pppsync.core.outcome import Outcome
    from pppsync.core.policy import Policy
    from pppsync.core.secret import Restriction
    from pppsync.net.deadline import Deadline
    from pppsync.routers.pipeline import Feed
    from pppsync.routers.reply import Reply
    from pppsync.routers.wire import Row

_SHOW_SENSITIVE: Final = (7, 21)
"""The first RouterOS whose print takes `show-sensitive`, and may hide passwords without it."""
_NO_RIGHT: Final = "not enough permissions"


class RouterGateway:
    """One router's API; `read` opens the connection, `apply` uses it on."""

    def __init__(self, settings: RouterSettings, policy: Policy, connect_seconds: float = CONNECT_SECONDS) -> None:
        self.settings = settings
        self._policy = policy
        self._connect_seconds = connect_seconds
        self._link: RouterLink | None = None
        self._read_secrets: tuple[str, ...] = ()
        self._read_profiles = READ_PROFILES if policy.suspension.profile is not None else "=.proplist=name"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session, if there is one."""
        if self._link:
            self._link.close()
            self._link = None

    def connect(self, deadline: Deadline) -> None:
        """Open the session, if there is none yet; raises `RouterError`."""
        self._link = self._link or self._open(deadline.within(self._policy.router_timeout))

    @property
    def certificate(self) -> Mapping[str, Any]:
        """The fields of the router's certificate, empty without a session or where none was verified."""
        return self._link.certificate if self._link else {}

    def look(self, words: Sequence[str], deadline: Deadline) -> list[dict[str, str]]:
        """Return the rows of one more print on the open session; raises `RouterError`, also if it is refused."""
        if self._link is None:
            raise RouterError(Code.ROUTER_CLOSED, "the session has ended")
        reply = self._link.call(words, deadline, to_texts)
        if reply.traps:
            raise RouterError(Code.ROUTER_REFUSED, f"{words[0]}: {reply.refusal}")
        return reply.rows

    def read(self, deadline: Deadline) -> RouterState:
        """Return all secrets, profile names and sessions, never a part of them (G1); raises `RouterError`."""
        within = deadline.within(self._policy.router_timeout)
        try:
            self._link = link = self._link or self._open(within)
            version = link.call(["/system/resource/print", "=.proplist=version"], within, _version)
            sensitive = bool(version.rows) and version.rows[0] >= _SHOW_SENSITIVE
            return self._read_tables(link, within, show_sensitive=sensitive)
        except RouterError as error:
            self.close()
            if error.code == Code.ROUTER_TIMEOUT:
                limit = f"{error.detail}; the limit is {self._policy.router_timeout:g} s (policy.router_timeout)"
                raise RouterError(error.code, limit) from error
            raise

    def apply(
        self, feed: Feed, start: Deadline, finish: Deadline, report: Callable[[Outcome], None]
    ) -> RouterError | None:
        """Apply what the feed gives and report each outcome; returns the error that ended the connection, if any.

        Begins no change after `start`, and waits for no answer beyond `finish`.
        """
        if self._link is None:
            raise RuntimeError("a router is read before it is written")
        return Applier(self._link, self._policy, self._read_secrets, finish, report).run(feed, start)

    def _open(self, deadline: Deadline) -> RouterLink:
        return RouterLink.open(self.settings, deadline, self._connect_seconds)

    def _read_tables(self, link: RouterLink, deadline: Deadline, *, show_sensitive: bool) -> RouterState:
        self._read_secrets = ("/ppp/secret/print", READ_SECRETS, *(["=show-sensitive="] if show_sensitive else []))
        asked: dict[str, tuple[Sequence[str], Callable[[Row], Any]]] = {
            "secret": (self._read_secrets, SecretDecoder()),
            "profile": (("/ppp/profile/print", self._read_profiles), to_profile),
            "active": (("/ppp/active/print", READ_SESSIONS), to_session),
        }
        found = {table: link.submit(*one) for table, one in asked.items()}
        link.wait(list(found.values()), deadline)
        if show_sensitive and "unknown parameter" in found["secret"].refusal:
            return self._read_tables(link, deadline, show_sensitive=False)
        again = {table: link.submit(*asked[table]) for table, reply in found.items() if _broke_off(reply)}
        link.wait(list(again.values()), deadline)
        found |= again
        for table, reply in found.items():
            if reply.traps:
                advice = _advice(reply, again=table in again)
                raise RouterError(Code.ROUTER_REFUSED, f"/ppp/{table}/print: {reply.refusal}{advice}")
        restrictions = {name: restriction for name, restriction in found["profile"].rows if restriction}
        return RouterState(
            router=self.settings.name,
            secrets=tuple(found["secret"].rows),
            profiles=frozenset(name for name, _ in found["profile"].rows),
            sessions=tuple(found["active"].rows),
            restrictions=restrictions,
            listed=self._read_list(link, deadline, restrictions),
        )

    def _read_list(
        self, link: RouterLink, deadline: Deadline, restrictions: Mapping[str, Restriction]
    ) -> ListedAddresses | None:
        """Return the suspended profile's list, None if it has none or the router refuses to show it (R18).

        Only after the sessions were read: an address in it then belongs to the session that was seen, or to a later one
        whose id is another.
        """
        restriction = restrictions.get(self._policy.suspension.profile or "")
        if restriction is None or restriction.address_list is None:
            return None
        query = f"?list={restriction.address_list}"
        listed = link.submit(("/ip/firewall/address-list/print", READ_LISTED, query), to_listed)
        servers = link.submit(("/interface/pppoe-server/server/print", "=.proplist=default-profile"), to_texts)
        link.wait([listed, servers], deadline)
        if listed.traps:
            return None
        rows = [row for row in listed.rows if row is not None]
        return ListedAddresses(
            every=frozenset(address for address, _ in rows),
            of_sessions=frozenset(address for address, of_session in rows if of_session),
            default_profiles=None
            if servers.traps
            else frozenset(row.get("default-profile", "") for row in servers.rows),
        )


def _broke_off(reply: Reply) -> bool:
    """Return True if the table changed while it was printed, which another print may survive."""
    if not reply.traps or _NO_RIGHT in reply.refusal:
        return False
    return bool(reply.rows) or "no such item" in reply.refusal


def _advice(reply: Reply, *, again: bool) -> str:
    """Return the remedy: policies only where the router speaks of them."""
    if _NO_RIGHT in reply.refusal:
        return "; the API user needs the policies `api` and `read`"
    return "; printed twice, it broke off twice; the next run prints it again" if again else ""


def _version(row: dict[bytes, bytes]) -> tuple[int, int]:
    """Return major and minor of `7.21.1 (stable)`; (0, 0) for what is no version."""
    match = re.match(r"(\d+)\.(\d+)", to_text(row.get(b"version", b"")))
    return (int(match[1]), int(match[2])) if match else (0, 0)
