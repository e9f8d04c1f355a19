"""What a scene of the demo is: one case of a rule, before and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

type Secret = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """One case of a rule.

    `client` are the keywords of a CRM client, None if the CRM has nobody of that name; `services` those of services.
    `before` and `after` are the secret by router, in RouterOS words; `online` and `left` the number of live
    sessions before and after. A secret that is not named in `after` must not exist there.
    """

    rule: str
    login: str
    story: str
    client: Mapping[str, Any] | None = field(default_factory=dict)
    services: tuple[Mapping[str, Any], ...] = ({},)
    before: Mapping[str, Secret] = field(default_factory=dict)
    after: Mapping[str, Secret] = field(default_factory=dict)
    online: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)


def secret(password: str = "s3cret", profile: str = "30mbps", **words: Any) -> Secret:  # noqa: S107 - made up
    """A secret as it was made by hand at the router."""
    return {"password": password, "profile": profile, "service": "pppoe", "disabled": "false", **words}


def client(password: str | None = "s3cret", **keywords: Any) -> dict[str, Any]:  # noqa: S107 - made up
    """A client with a PPP password, and other attributes by key."""
    attributes = {"pppPassword": password, **keywords.pop("attributes", {})}
    return {"attributes": {key: value for key, value in attributes.items() if value is not None}, **keywords}
