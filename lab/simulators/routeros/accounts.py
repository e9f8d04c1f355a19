"""Users of the router and the two ways to log in.

RouterOS 6.43: `/login` carries the password; before 6.45.1 a challenge could be answered with an MD5 digest instead.
A wrong user, a wrong password, a disabled user and a group without `api` cannot be told apart.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from lab.simulators.routeros.replies import Reply
from lab.simulators.routeros.traps import login_failed, unknown_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lab.simulators.routeros.release import Release

POLICIES = frozenset(
    {
        *("local", "telnet", "ssh", "ftp", "reboot", "read", "write", "policy", "test", "winbox", "password", "web"),
        *("sniff", "sensitive", "api", "romon", "rest-api"),
    }
)
ALL_POLICIES = frozenset({"api", "read", "write", "sensitive"})


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the router; `address` is the network that the user may come from, empty for any."""

    name: str
    password: str = ""
    policies: frozenset[str] = ALL_POLICIES
    disabled: bool = False
    address: str = ""

    def __post_init__(self) -> None:
        if unknown := self.policies - POLICIES:
            raise ValueError(f"unknown policies: {', '.join(sorted(unknown))}")

    def admits(self, peer: str) -> bool:
        """Whether the user may log in at all from an address."""
        near = not self.address or ip_address(peer) in ip_network(self.address)
        return near and not self.disabled and "api" in self.policies


class LoginDesk:
    """The login of one connection: the challenge that was given out, and who is logged in."""

    def __init__(self, release: Release, accounts: Sequence[Account], peer: str) -> None:
        self.account: Account | None = None
        self._release = release
        self._accounts = accounts
        self._peer = peer
        self._challenge: bytes | None = None

    def login(self, attributes: Mapping[str, bytes]) -> Reply:
        """Answers one `/login`; raises CommandRefusedError."""
        for name in attributes:
            if name not in ("name", "password", "response"):
                raise unknown_parameter(self._release, name)
        if "response" in attributes:
            return self._answer(attributes)
        if "password" in attributes and self._release.takes_plain_login:
            password = attributes["password"]
            return self._enter(attributes, lambda account: account.password.encode() == password)
        if self._release.takes_challenge_login:
            self._challenge = secrets.token_bytes(16)
            return Reply.done(self._challenge.hex().encode())
        raise login_failed(self._release)

    def _answer(self, attributes: Mapping[str, bytes]) -> Reply:
        challenge, self._challenge = self._challenge, None
        if challenge is None or not self._release.takes_challenge_login:
            raise login_failed(self._release)
        response = attributes["response"]
        return self._enter(attributes, lambda account: hmac.compare_digest(_digest(account, challenge), response))

    def _enter(self, attributes: Mapping[str, bytes], proves: Callable[[Account], bool]) -> Reply:
        name = attributes.get("name", b"")
        for account in self._accounts:
            if account.name.encode() == name and account.admits(self._peer) and proves(account):
                self.account = account
                return Reply.done()
        raise login_failed(self._release)


def _digest(account: Account, challenge: bytes) -> bytes:
    proof = hashlib.md5(b"\x00" + account.password.encode() + challenge, usedforsecurity=False)
    return b"00" + proof.hexdigest().encode()
