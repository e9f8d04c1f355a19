"""Both sides of an import: passwords on the routers, and subscribers without one in the CRM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pppsync.core.masked import Masked
from pppsync.core.subscriber import Subscriber
from tests.builders import a_router_state, a_secret

if TYPE_CHECKING:
    from pppsync.core.secret import RouterState, StoredSecret

T1, T2 = "tower-1", "tower-2"


def secret(
    name: str = "ABC1", password: str = "s3cret", ppp_service: str = "pppoe", address: str | None = None
) -> StoredSecret:
    """A secret as a router holds it."""
    return a_secret(name, password=password, ppp_service=ppp_service, remote_address=address)


def subscriber(name: str = "ABC1", password: str | None = None, **other: Any) -> Subscriber:
    """A live subscriber without a password in the CRM."""
    fields: dict[str, Any] = {"id": 7, "custom_id": name, "password": Masked(password) if password else None}
    return Subscriber(**fields | other)


def router(name: str, *secrets: StoredSecret) -> RouterState:
    """A router that holds these secrets."""
    return a_router_state(*secrets, router=name)
