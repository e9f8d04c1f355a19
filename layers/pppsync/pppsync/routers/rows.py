"""Converts RouterOS rows to values of the core, and changes to words. Pure.

Values are never cast: a password `123`, `yes` or `0123` stays that text.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from pppsync.core.masked import Masked
from pppsync.core.secret import COMMENT_PREFIX, ActiveSession, Restriction, StoredSecret
from pppsync.routers.wire import WordsError, to_text

if TYPE_CHECKING:
    from pppsync.core.secret import PppSecret
    from pppsync.routers.wire import Row

READ_SECRETS: Final = "=.proplist=.id,name,service,password,profile,remote-address,disabled,comment"
READ_SESSIONS: Final = "=.proplist=.id,name,service,address,radius"
READ_PROFILES: Final = "=.proplist=name,address-list,rate-limit"
READ_LISTED: Final = "=.proplist=address,dynamic,disabled,timeout,comment"


def to_texts(row: Row) -> dict[str, str]:
    """Return a row of any menu as texts."""
    return {to_text(name): to_text(value) for name, value in row.items()}


def flag(value: bool) -> str:
    """Return a boolean as RouterOS takes it; it reads back as `true` or `false`."""
    return "yes" if value else "no"


class SecretDecoder:
    """Decodes rows of `/ppp/secret`. Fast path: the few texts that thousands of rows share are decoded once."""

    def __init__(self) -> None:
        self._shared: dict[bytes, str] = {}

    def _share(self, value: bytes) -> str:
        text = self._shared.get(value)
        if text is None:
            text = self._shared[value] = to_text(value)
        return text

    def __call__(self, row: Row) -> StoredSecret:
        """Decode one secret; raises `WordsError` without id or name."""
        get = row.get
        comment = get(b"comment", b"")
        try:
            return StoredSecret(
                row[b".id"].decode("ascii"),
                to_text(row[b"name"]),
                self._share(get(b"service", b"any")),
                Masked(to_text(get(b"password", b""))),
                self._share(get(b"profile", b"")),
                _address(get(b"remote-address", b"")),
                get(b"disabled") in _TRUE,
                to_text(comment) if comment.startswith(_OURS) else None,
            )
        except (KeyError, UnicodeDecodeError) as error:
            raise WordsError("a secret without id or name") from error


def to_session(row: Row) -> ActiveSession:
    """Decode a row of `/ppp/active`; raises `WordsError` without id or name."""
    try:
        return ActiveSession(
            row[b".id"].decode("ascii"),
            to_text(row[b"name"]),
            sys.intern(to_text(row.get(b"service", b""))),  # Fast path: a few words, thousands of times
            _address(row.get(b"address", b"")),
            row.get(b"radius") in _TRUE,
        )
    except (KeyError, UnicodeDecodeError) as error:
        raise WordsError("a session without id or name") from error


def to_profile(row: Row) -> tuple[str, Restriction | None]:
    """Decode a row of `/ppp/profile` to its name and what restricts its sessions; raises `WordsError` without name."""
    if b"name" not in row:
        raise WordsError("a profile without a name")
    address_list, rate_limit = to_text(row.get(b"address-list", b"")), to_text(row.get(b"rate-limit", b""))
    # A rate of zero is no limit.
    limits = rate_limit if set(rate_limit.partition(" ")[0]) - set("0kMG/") else ""
    restriction = Restriction(address_list or None, limits or None) if address_list or limits else None
    return to_text(row[b"name"]), restriction


def to_listed(row: Row) -> tuple[str, bool] | None:
    """Decode a row of an address list to its address and whether a session put it there; None if it is disabled.

    Entries with a timeout and those of a DNS name are dynamic too, but carry a timeout or a comment.
    """
    if row.get(b"disabled") in _TRUE:
        return None
    of_session = row.get(b"dynamic") in _TRUE and not row.get(b"timeout") and not row.get(b"comment")
    return to_text(row.get(b"address", b"")), of_session


def add_words(secret: PppSecret) -> list[str]:
    """Return the sentence that creates a secret (R15)."""
    words = [
        "/ppp/secret/add",
        f"=name={secret.name}",
        f"=password={secret.password.reveal()}",
        "=service=pppoe",
        f"=profile={secret.profile}",
        f"=disabled={flag(secret.disabled)}",
        f"=comment={secret.comment}",
    ]
    return [*words, f"=remote-address={secret.remote_address}"] if secret.remote_address else words


def set_words(secret_id: str, *words: tuple[str, str | Masked | None]) -> list[str]:
    """Return the sentence that changes these fields; None clears one, since RouterOS refuses an empty address."""
    return ["/ppp/secret/set", f"=.id={secret_id}", *[_word(*one) for one in words]]


def _word(field: str, value: str | Masked | None) -> str:
    if value is None:
        return f"=!{field}="
    return f"={field}={value.reveal() if isinstance(value, Masked) else value}"


_TRUE: Final = frozenset({b"true", b"yes"})
_OURS: Final = COMMENT_PREFIX.encode()


def _address(value: bytes) -> str | None:
    # RouterOS 6 shows an address that is not set as 0.0.0.0.
    return to_text(value) if value and value != b"0.0.0.0" else None
