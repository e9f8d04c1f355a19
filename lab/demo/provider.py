"""The provider: a few hundred subscribers on two routers, most of them as they should be, and the scenes."""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from lab.demo.scene import Scene, Secret, client, secret
from lab.demo.scenes import NORTH, SCENES, SOUTH
from lab.simulators.certificates import Authority
from lab.simulators.routeros import Account, RouterSimulator
from lab.simulators.uisp import UispSimulator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ORDINARY: Final = 320
ACTIVE: Final = 1
SUSPENDED: Final = 3
_KEY: Final = "demo-write-key"
_ROUTER_PASSWORD: Final = "demo-router-password"  # noqa: S105 - of a simulator that lives for a minute


@dataclass(frozen=True)
class Mismatch:
    """A secret or a session that is not as the rules demand."""

    login: str
    router: str
    expected: str
    found: str


class Provider:
    """A CRM over HTTPS and two routers over TLS, all on 127.0.0.1 under a throw-away authority."""

    def __init__(self) -> None:
        self.authority = Authority()
        certificate = self.authority.issue("127.0.0.1", "crm.example.com", NORTH, SOUTH)
        tls = certificate.server_context()
        account = Account("sync", _ROUTER_PASSWORD)
        self.crm = UispSimulator(keys={_KEY: "write"}, tls=tls)
        self.routers = {
            NORTH: RouterSimulator("7.18.2", accounts=[account], tls=tls, identity=NORTH),
            SOUTH: RouterSimulator("6.49.17", accounts=[account], tls=tls, identity=SOUTH),
        }
        self.expected: dict[tuple[str, str], Secret | None] = {}
        self.sessions: dict[tuple[str, str], int] = {}
        self._ordinary: dict[str, int] = {}
        self._running = ExitStack()
        self._seed()

    def __enter__(self) -> Self:
        self._running.enter_context(self.crm)
        for router in self.routers.values():
            self._running.enter_context(router)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def config(self) -> dict[str, Any]:
        """The config secret of this provider."""
        return {
            "ucrm": {
                "ucrm_key": _KEY,
                "domain_name": f"127.0.0.1:{self.crm.port}",
                "ip_address": "",
                "ssl_ca": "demo",
                "page_size": 100,
            },
            "router_os": {"username": "sync", "password": _ROUTER_PASSWORD, "ssl_ca": "demo"},
            "routers": [
                {"name": name, "host": "127.0.0.1", "port": router.port, "ssl_server_name": name}
                for name, router in self.routers.items()
            ],
            "certificates": {"demo": self.authority.pem},
        }

    def mismatches(self) -> list[Mismatch]:
        """Everything on the routers that is not as the rules, written down by hand, demand."""
        found = []
        for (login, router), wanted in self.expected.items():
            held = self.routers[router].secret(login)
            if wanted is None or held is None:
                if held is not wanted:
                    found.append(Mismatch(login, router, "a secret" if wanted else "none", "one" if held else "none"))
                continue
            wrong = [word for word, value in wanted.items() if held.get(word, "") != value]
            found += [Mismatch(login, router, f"{word} as the CRM says", "something else") for word in wrong]
        for (login, router), count in self.sessions.items():
            live = len(self.routers[router].sessions(login))
            if live != count:
                found.append(Mismatch(login, router, f"{count} sessions", str(live)))
        return found

    def active(self, router: str) -> list[str]:
        """The ordinary subscribers of a router whom the CRM does not suspend, in order."""
        return [
            login
            for login, identity in self._ordinary.items()
            if self.expected[login, router] and self.crm.services_of(identity)[0]["status"] == ACTIVE
        ]

    def suspend(self, logins: Iterable[str]) -> None:
        """Suspend these subscribers in the CRM."""
        self._mark(logins, SUSPENDED)

    def pay(self, logins: Iterable[str]) -> None:
        """Lift the suspension of these subscribers in the CRM, as a payment does."""
        self._mark(logins, ACTIVE)

    def enabled(self, router: str, logins: Iterable[str]) -> list[str]:
        """Those of the subscribers who are enabled on the router."""
        held = {login: self.routers[router].secret(login) for login in logins}
        return [login for login, secret in held.items() if secret and secret["disabled"] == "false"]

    def enter_passwords(self, logins: Iterable[str], ending: str) -> None:
        """Somebody reads a list with other passwords into the CRM: each as it was, with this ending."""
        for login in logins:
            attributes = {"pppPassword": f"{self._device(login)['password']}{ending}"}
            self.crm.edit_client(self._ordinary[login], attributes=attributes)

    def dial_in(self, logins: Iterable[str]) -> int:
        """The customers' devices dial in, each with the password that it always had; return how many are let in."""
        let_in = 0
        for login in logins:
            for router in self.routers.values():
                held = router.secret(login)
                if held and held["disabled"] == "false" and held["password"] == self._device(login)["password"]:
                    if not router.sessions(login):
                        router.connect_session(login)
                    let_in += 1
        return let_in

    def _device(self, login: str) -> Secret:
        return next(held for (name, _), held in self.expected.items() if name == login and held)

    def _mark(self, logins: Iterable[str], status: int) -> None:
        for login in logins:
            (service,) = self.crm.services_of(self._ordinary[login])
            self.crm.edit_service(service["id"], status=status)

    def writes(self) -> int:
        """The number of commands that changed anything on a router since the log was cleared."""
        return sum(len(router.writes) for router in self.routers.values())

    def clear_logs(self) -> None:
        """Forget what was written and asked so far."""
        self.crm.clear_log()
        for router in self.routers.values():
            router.clear_log()

    def _seed(self) -> None:
        for name in ("PPP Password", "Static IP", "Router"):
            self.crm.add_attribute(name=name)
        for router in self.routers.values():
            router.add_profile("30mbps")
            router.add_profile("50mbps")
        self._add_ordinary()
        for scene in SCENES:
            self._add_scene(scene)
        self.routers[NORTH].add_secret(name="TWIN-1", **_words(secret("hand")), allow_duplicate=True)

    def _add_ordinary(self) -> None:
        chosen = random.Random(20260301)  # noqa: S311 - the same provider at every run
        for number in range(ORDINARY):
            login, password = f"SUB{number:04}", f"pw-{number:04}"
            router = NORTH if number % 2 else SOUTH
            profile = chosen.choice(["30mbps", "50mbps"])
            suspended = chosen.random() < 0.05  # one customer in twenty is late with a bill
            service = {"name": profile, "status": 3 if suspended else 1}
            self._ordinary[login] = self._add_subscriber(login, client(password), (service,))
            wanted = secret(password, profile, disabled="true" if suspended else "false")
            self._expect(login, {router: wanted}, {})
            held = dict(wanted)
            if number % 40 == 0:
                held["password"] = "changed by hand"  # noqa: S105 - the drift that the sync repairs
            self.routers[router].add_secret(name=login, **_words(held))
            online = not suspended and number % 40 != 0
            if online:
                self.routers[router].connect_session(login)
            self.sessions[login, router] = int(online)

    def _add_scene(self, scene: Scene) -> None:
        comment = ""
        if scene.client is not None:
            identity = self._add_subscriber(scene.login, scene.client, scene.services)
            comment = f"UISP client {identity}"
        for router, held in scene.before.items():
            self.routers[router].add_secret(name=scene.login, **_words(held))
            for _ in range(scene.online.get(router, 0)):
                self.routers[router].connect_session(scene.login)
        after = {
            router: {word: comment if word == "comment" else value for word, value in wanted.items()}
            for router, wanted in scene.after.items()
        }
        self._expect(scene.login, after, scene.left)

    def _add_subscriber(self, login: str, client: Mapping[str, Any], services: tuple[Mapping[str, Any], ...]) -> int:
        identity = self.crm.add_client(user_ident=login or None, **client)
        for service in services:
            self.crm.add_service(identity, **service)
        return identity

    def _expect(self, login: str, after: Mapping[str, Secret], left: Mapping[str, int]) -> None:
        for router in self.routers:
            self.expected[login, router] = after.get(router)
            self.sessions[login, router] = left.get(router, 0)


def _words(held: Mapping[str, Any]) -> dict[str, Any]:
    words = {word.replace("-", "_"): value for word, value in held.items()}
    return {**words, "disabled": held["disabled"] == "true"}
