"""One subscriber, or one secret, for every rule: what is there before, and what must be there after.

The outcomes are written down by hand from the rules; nothing of the product is used to find them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NORTH: Final = "tower-north"
SOUTH: Final = "tower-south"
REGISTERED: Final = "2020-08-14T00:00:00+0600"

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


ACTIVE: Final = {"status": 1}
SUSPENDED: Final = {"status": 3}
ENDED: Final = {"status": 2, "active_to": "2026-01-31T00:00:00+0600"}
PREPARED: Final = {"status": 0, "active_from": "2026-02-01T00:00:00+0600"}

SCENES: Final = (
    Scene(
        "R1",
        "VPN-OFFICE",
        "held under l2tp: left alone",
        client=client(),
        before={NORTH: secret("hand", service="l2tp")},
        after={NORTH: secret("hand", service="l2tp")},
    ),
    Scene(
        "R1",
        "Cafe-Mira",
        "differs in letter case: not created",
        client=client(attributes={"router": NORTH}),
        after={},
    ),
    Scene("R1", "cafe-mira", "", client=None, before={NORTH: secret("hand")}, after={NORTH: secret("hand")}),
    Scene(
        "R2",
        "OWNER-1",
        "tags VIP and Custom-Config: left alone",
        client=client("crm", tags=["VIP", "Custom-Config"]),
        services=(SUSPENDED,),
        before={NORTH: secret("hand", "50mbps")},
        after={NORTH: secret("hand", "50mbps")},
        online={NORTH: 1},
        left={NORTH: 1},
    ),
    Scene(
        "R3",
        "GONE-1",
        "archived in the CRM: left alone",
        client=client(is_archived=True),
        services=(ENDED,),
        before={NORTH: secret()},
        after={NORTH: secret()},
    ),
    Scene("R3", "LEAD-1", "a lead: nothing is created", client=client(is_lead=True), after={}),
    Scene("R4", "", "no custom ID: ignored", client=client(), after={}),
    Scene("R5", "7001", "starts with a digit: ignored", client=client(), after={}),
    Scene(
        "R6",
        "TWIN-1",
        "twice on the router: left alone",
        client=client("crm"),
        before={NORTH: secret("hand")},
        after={NORTH: secret("hand")},
    ),
    Scene(
        "R7",
        "SWITCH-1",
        "a second active service: the last added counts",
        client=client(),
        services=(ACTIVE, {"status": 1, "name": "50mbps"}),
        before={NORTH: secret()},
        after={NORTH: secret(profile="50mbps")},
        online={NORTH: 1},
    ),
    Scene(
        "R8",
        "LATE-1",
        "suspended, two sessions: disabled, both dropped",
        client=client(),
        services=(SUSPENDED,),
        before={NORTH: secret()},
        after={NORTH: secret(disabled="true")},
        online={NORTH: 2},
    ),
    Scene(
        "R8",
        "LATE-2",
        "new and suspended: created, disabled",
        client=client(attributes={"router": NORTH}),
        services=(SUSPENDED,),
        after={NORTH: secret(disabled="true")},
    ),
    Scene(
        "R8",
        "PAID-1",
        "paid: enabled again",
        client=client(),
        before={SOUTH: secret(disabled="true")},
        after={SOUTH: secret()},
    ),
    Scene(
        "R8",
        "ENDED-1",
        "ended: disabled, password still follows",
        client=client("changed"),
        services=(ENDED,),
        before={SOUTH: secret()},
        after={SOUTH: secret("changed", disabled="true")},
        online={SOUTH: 1},
    ),
    Scene("R8", "ENDED-2", "new and ended: not created", client=client(), services=(ENDED,), after={}),
    Scene(
        "R8",
        "TURN-1",
        "ended, the next plan starts tomorrow: no change",
        client=client(),
        services=(ENDED, PREPARED),
        before={SOUTH: secret()},
        after={SOUTH: secret()},
        online={SOUTH: 1},
        left={SOUTH: 1},
    ),
    Scene(
        "R8",
        "PHONE-1",
        "only a General service: no change",
        client=client(),
        services=({"plan_type": "General", "name": "Phone"},),
        before={SOUTH: secret()},
        after={SOUTH: secret()},
    ),
    Scene(
        "R9",
        "FAST-1",
        "no profile of that name: not created",
        client=client(attributes={"router": NORTH}),
        services=({"name": "900mbps"},),
        after={},
    ),
    Scene(
        "R10",
        "DATE-1",
        "no password: the registration date",
        client=client(None, registration_date=REGISTERED, attributes={"router": NORTH}),
        after={NORTH: secret("1482020")},
    ),
    Scene(
        "R10",
        "TEXT-1",
        "password yes: a text like any other",
        client=client("yes", attributes={"router": NORTH}),
        after={NORTH: secret("yes")},
    ),
    Scene(
        "R10",
        "TEXT-2",
        "password pässwörd",
        client=client("pässwörd"),
        before={SOUTH: secret("passwort")},
        after={SOUTH: secret("pässwörd")},
        online={SOUTH: 1},
    ),
    Scene(
        "R10",
        "ONLY-COPY",
        "no password in the CRM: the router's stays",
        client=client(None),
        before={SOUTH: secret("the only copy")},
        after={SOUTH: secret("the only copy")},
    ),
    Scene(
        "R11",
        "FIXED-1",
        "a static address",
        client=client(attributes={"staticIp": " 198.51.100.7 "}),
        before={SOUTH: secret()},
        after={SOUTH: secret(**{"remote-address": "198.51.100.7"})},
        online={SOUTH: 1},
    ),
    Scene(
        "R11",
        "FIXED-2",
        "no host address: the field is left alone",
        client=client(attributes={"staticIp": "224.0.0.1"}),
        before={SOUTH: secret(**{"remote-address": "198.51.100.8"})},
        after={SOUTH: secret(**{"remote-address": "198.51.100.8"})},
    ),
    Scene(
        "R12",
        "GHOST-1",
        "disabled on both sides yet online: dropped",
        client=client(),
        services=(SUSPENDED,),
        before={SOUTH: secret(disabled="true")},
        after={SOUTH: secret(disabled="true")},
        online={SOUTH: 1},
    ),
    Scene(
        "R13",
        "ABC1",
        "password changed at the router: set back",
        client=client(),
        before={NORTH: secret("hand")},
        after={NORTH: secret()},
        online={NORTH: 1},
    ),
    Scene(
        "R14",
        "NOBODY-1",
        "no subscriber: only counted",
        client=None,
        before={SOUTH: secret("hand")},
        after={SOUTH: secret("hand")},
        online={SOUTH: 1},
        left={SOUTH: 1},
    ),
    Scene(
        "R15",
        "NEW-1",
        "new: created with a comment",
        client=client(attributes={"router": SOUTH}),
        services=({"name": "50mbps"},),
        after={SOUTH: secret(profile="50mbps", comment="UISP client {id}")},
    ),
    Scene(
        "R16",
        "MOVED-1",
        "moved to the south: cut off in the north",
        client=client(attributes={"router": SOUTH}),
        before={NORTH: secret(), SOUTH: secret()},
        after={NORTH: secret(disabled="true"), SOUTH: secret()},
        online={NORTH: 1},
    ),
    Scene(
        "R16",
        "BOTH-1",
        "on two routers, none named: reported only",
        client=client("crm"),
        before={NORTH: secret("hand"), SOUTH: secret("hand")},
        after={NORTH: secret("hand"), SOUTH: secret("hand")},
    ),
    Scene("R16", "LOST-1", "an unknown router: not created", client=client(attributes={"router": "tower-9"}), after={}),
)
