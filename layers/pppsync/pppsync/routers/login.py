"""The login to a router: the password itself, or the answer to a challenge (RouterOS before 6.43)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pppsync.core.masked import MASK
from pppsync.errors import RouterError

if TYPE_CHECKING:
    from pppsync.config.settings import RouterSettings
    from pppsync.core.masked import Masked
    from pppsync.net.deadline import Deadline
    from pppsync.routers.link import RouterLink


def log_in(link: RouterLink, settings: RouterSettings, deadline: Deadline) -> None:
    """Log in; raises `RouterError`. A challenge is answered where the settings or the router ask for it."""
    name, password = f"=name={settings.username}", settings.password
    if settings.plaintext_login:
        reply = link.call(["/login", name, f"=password={password.reveal()}"], deadline)
    else:
        reply = link.call(["/login"], deadline)
    if reply.ret and not reply.traps:
        reply = link.call(["/login", name, f"=response={_proof(reply.ret, password)}"], deadline)
    if reply.traps:
        advice = "check username and password, that the user's group has the policy `api`, and its allowed address"
        words = reply.refusal.replace(password.reveal(), MASK) if password else reply.refusal
        raise RouterError("router_login", f"{words}; {advice}")


def _proof(challenge: str, password: Masked) -> str:
    """What RouterOS before 6.43 takes in place of the password."""
    try:
        given = bytes.fromhex(challenge)
    except ValueError as error:
        raise RouterError("router_protocol", "the challenge of the login is no hexadecimal number") from error
    text = password.reveal().encode("utf-8", "surrogateescape")
    return f"00{hashlib.md5(b'\0' + text + given, usedforsecurity=False).hexdigest()}"
