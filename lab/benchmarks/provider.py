"""A made-up provider: the same CRM and routers for ours, the floor and the peers, with a known number of differences.

The first subscribers differ from their secrets, the rest are in order. `changes` takes turns of a wrong password, a
wrong profile, a secret to enable and one to create, all without live sessions; `cuts` are suspended in the CRM, enabled
and online on the router.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.simulators.routeros import RouterSimulator
    from lab.simulators.uisp import UispSimulator

PROFILES: Final = tuple(f"{speed}mbps" for speed in range(10, 210, 10))
KEY: Final = "bench-write-key"
ROUTER_PASSWORD: Final = "bench-router-password"  # noqa: S105 - of a simulator that lives for minutes
_FIRST_ADDRESS: Final = IPv4Address("10.64.0.1")
_STATIC_ONE_IN: Final = 3
_KINDS: Final = ("password", "profile", "enable", "create")
ACTIVE, SUSPENDED = 1, 3


@dataclass(frozen=True, slots=True)
class Person:
    """One subscriber with one service and one secret; `drift` is how the router differs, empty if it does not."""

    number: int
    router: int
    drift: str

    @property
    def login(self) -> str:
        """The custom ID."""
        return f"SUB{self.number:06}"

    @property
    def password(self) -> str:
        """The password that the CRM holds."""
        return f"pw-{self.number:06}-ok"

    @property
    def profile(self) -> str:
        """The name of the service plan."""
        return PROFILES[self.number % len(PROFILES)]

    @property
    def address(self) -> str:
        """The static address, empty for two in three."""
        return "" if self.number % _STATIC_ONE_IN else str(_FIRST_ADDRESS + self.number)

    @property
    def held(self) -> dict[str, Any] | None:
        """The secret as the router holds it before a run."""
        if self.drift == "create":
            return None
        return self.wanted | {
            "password": {"password": "pw-of-last-year"},
            "profile": {"profile": PROFILES[(self.number + 1) % len(PROFILES)]},
            "enable": {"disabled": "yes"},
            "cut": {"disabled": "no"},
        }.get(self.drift, {})

    @property
    def wanted(self) -> dict[str, Any]:
        """The secret as the CRM wants it."""
        disabled = "yes" if self.drift == "cut" else "no"
        return {
            "password": self.password,
            "profile": self.profile,
            "remote_address": self.address or None,
            "disabled": disabled,
        }

    @property
    def online(self) -> bool:
        """True if a session lives."""
        return self.drift in {"", "cut"}


@dataclass(frozen=True, slots=True)
class Provider:
    """How large, and how far apart the two sides are."""

    subscribers: int
    routers: int = 1
    changes: int = 0
    cuts: int = 0
    page_size: int = 500

    @classmethod
    def read(cls, document: dict[str, int]) -> Self:
        """The provider that `document` describes."""
        return cls(**document)

    def document(self) -> dict[str, int]:
        """What `read` takes."""
        return asdict(self)

    def people(self) -> Iterator[Person]:
        """Every subscriber, those with differences first."""
        for number in range(1, self.subscribers + 1):
            drift = ""
            if number <= self.changes:
                drift = _KINDS[number % len(_KINDS)]
            elif number <= self.changes + self.cuts:
                drift = "cut"
            yield Person(number, number % self.routers, drift)

    def drifted(self) -> list[Person]:
        """The subscribers whose secrets differ."""
        return [one for one in self.people() if one.drift]


def fill_crm(crm: UispSimulator, provider: Provider) -> None:
    """Put every subscriber and service into the CRM."""
    for name in ("PPP Password", "Static IP", "Router"):
        crm.add_attribute(name)
    for one in provider.people():
        values = {"pppPassword": one.password, "staticIp": one.address or None}
        if provider.routers > 1:
            values["router"] = f"tower-{one.router}"
        registered = f"20{one.number % 20 + 2:02}-{one.number % 12 + 1:02}-{one.number % 28 + 1:02}T00:00:00+0600"
        client = crm.add_client(one.login, values, registration_date=registered)
        crm.add_service(client, SUSPENDED if one.drift == "cut" else ACTIVE, one.profile)
    crm.warm_up()


def fill_routers(routers: list[RouterSimulator], provider: Provider) -> None:
    """Put every secret and session on its router."""
    for router in routers:
        for profile in PROFILES:
            router.add_profile(profile)
    for one in provider.people():
        if one.held is not None:
            routers[one.router].add_secret(name=one.login, service="pppoe", **one.held)
        if one.online:
            routers[one.router].connect_session(one.login)


def put_back(routers: list[RouterSimulator], provider: Provider) -> None:
    """Undo a run: the differences stand again, and nothing is remembered."""
    for one in provider.drifted():
        router = routers[one.router]
        secret = router.secret(one.login)
        if one.held is None and secret is not None:
            router.remove_secret(one.login)
        elif one.held is not None:
            router.edit_secret(one.login, **one.held)
        if one.online and not router.sessions(one.login):
            router.connect_session(one.login)
    for router in routers:
        router.clear_log()


def differences(routers: list[RouterSimulator], provider: Provider) -> int:
    """The secrets that are not as the CRM wants them, and the sessions that should be gone."""
    wrong = 0
    for one in provider.drifted():
        secret = routers[one.router].secret(one.login) or {}
        wanted = {name.replace("_", "-"): value or "" for name, value in one.wanted.items()}
        wanted["disabled"] = "true" if wanted["disabled"] == "yes" else "false"
        wrong += any(secret.get(name, "") != value for name, value in wanted.items())
        wrong += one.drift == "cut" and bool(routers[one.router].sessions(one.login))
    return wrong
