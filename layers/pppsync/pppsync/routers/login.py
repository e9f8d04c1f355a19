"""Logs in to a router: by the password, or by the answer to a challenge (RouterOS before 6.43)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pppsync.core.masked import MASK
from pppsync.errors import Code, RouterError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pppsync.config.settings import RouterSettings
    from pppsync.core.masked import Masked
    from pppsync.routers.reply import Reply


def log_in(call: Callable[[Sequence[str]], Reply], settings: RouterSettings) -> None:
    """Log in by `call`, which sends one command; raises `RouterError`.

    A challenge is answered where the settings or the router ask for it.
    """
    name, password = f"=name={settings.username}", settings.password
    reply = call(["/login", name, f"=password={password.reveal()}"] if settings.plaintext_login else ["/login"])
    if reply.ret and not reply.traps:
        reply = call(["/login", name, f"=response={_proof(reply.ret, password)}"])
    if reply.traps:
        advice = "check username and password, that the user's group has the policy `api`, and its allowed address"
        words = reply.refusal.replace(password.reveal(), MASK) if password else reply.refusal
        raise RouterError(Code.ROUTER_LOGIN, f"{words}; {advice}")


def _proof(challenge: str, password: Masked) -> str:
    """Return what RouterOS before 6.43 takes in place of the password."""
    try:
        given = bytes.fromhex(challenge)
    except ValueError as error:
        raise RouterError(Code.ROUTER_PROTOCOL, "the challenge of the login is no hexadecimal number") from error
    text = password.reveal().encode("utf-8", "surrogateescape")
    return f"00{hashlib.md5(b'\0' + text + given, usedforsecurity=False).hexdigest()}"
