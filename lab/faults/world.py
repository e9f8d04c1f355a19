"""A provider made up from a seed: a CRM, one to three routers, their settings, and a memory of what held when."""

from __future__ import annotations

import json
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Self

from lab.faults.stack import Stack, lasting_trouble
from lab.faults.truth import Login, Truth, read_truth
from lab.simulators.routeros import Account, RouterSimulator
from lab.simulators.uisp import UispSimulator
from pppsync.config.settings import Settings, read_settings
from tests.integration.providers import authority, certificate

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.faults.stack import Approved

MISTAKES = ("suspend", "suspend", "suspend", "password", "plan", "address")
"""What goes wrong in slices at half of the providers with a journal."""
PROFILES = ("30mbps", "50mbps", "100 mbps")
VERSIONS = ("6.42.12", "6.48.6", "6.49.18", "7.8", "7.18.2", "7.21.3", "7.24.4")
ODD_NAMES = (
    *("1234", "*9", " ABC", "a=b", 'O\'Neil, "x"', "名前", "x\ty", "😀", "abc1", "/ppp"),
    *("Ñandú", "Ñandú", "Ёлка 7", "AB\u200bC2", "ABC\u00a03"),
)
SLACK = 20.0
"""Seconds that one answer may take in a run that has to succeed, on whatever machine."""

type Held = list[dict[str, str]]


@dataclass(frozen=True)
class Moment:
    """What somebody made hold, at some time between `begin` and `end`: the CRM's truth, and every router's secrets."""

    begin: float
    end: float
    truth: Truth
    held: dict[str, Held]


class World:
    """Everything that one schedule acts on; the same seed makes the same one."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = Random(f"world {seed}")
        self.lock = threading.RLock()
        self.steps: list[str] = []
        self.moments: list[Moment] = []
        self.recording = False
        self.key = self.token()
        self.router_password = self.token()
        self.crowded = self.rng.random() < 0.08
        self.tls = self.rng.random() < 0.15
        self.falls_back = self.rng.random() < 0.25
        self.page_size = self.rng.randint(2, 7)
        self.policy = self._policy()
        self.crm = UispSimulator(keys={self.key: "write"}, tls=certificate("localhost").server_context())
        self.routers = {f"tower-{number}": self._router() for number in range(1, self.rng.choice((2, 2, 3, 4)))}
        self.default = self.rng.choice((None, "tower-1")) if len(self.routers) > 1 else None
        self.modes = {name: "observe" if self.rng.random() < 0.1 else "enforce" for name in self.routers}
        self.offers: dict[str, Approved] = {}
        self.latest: dict[str, Approved] = {}
        self.mistake: str | None = None
        self.stack = self._stack()
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self._running.enter_context(self.crm)
        for name in ("PPP Password", "Static IP", "Router"):
            self.crm.add_attribute(name)
        for router in self.routers.values():
            self._running.enter_context(router)
            for profile in PROFILES[: 3 if self.rng.random() < 0.8 else 2]:
                router.add_profile(profile)
            router.redial = self.rng.random() < 0.5
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def token(self, rng: Random | None = None) -> str:
        """A text that nobody else uses, and that a search for leaks knows by its form."""
        return f"zq{(rng or self.rng).getrandbits(48):012x}qz"

    def password(self, rng: Random | None = None) -> str:
        """A password with a token inside, and sometimes what makes passwords hard."""
        random = rng or self.rng
        return random.choice(("", "", "ä", "=", '"', "\\", "0", "😀", " ")) + self.token(random)

    def settings(self, *, patience: float = SLACK) -> Settings:
        """The config secret; `patience` bounds every single wait."""
        crm = {"ucrm_key": self.key, "domain_name": f"localhost:{self.crm.port}", "ssl_ca": authority().pem}
        if self.falls_back:
            crm["ip_address"] = f"127.0.0.1:{self.crm.port}"
        entries = [
            {"name": name, "host": router.host, "port": router.port, "mode": self.modes[name]}
            | ({"default": True} if name == self.default else {})
            for name, router in self.routers.items()
        ]
        shared = {"username": "sync", "password": self.router_password, "use_ssl": self.tls}
        document = {
            "ucrm": crm | {"timeout": patience, "page_size": self.page_size},
            "router_os": shared | ({"ssl_ca": authority().pem} if self.tls else {}),
            "routers": entries,
            "policy": self.policy | {"router_timeout": patience},
        }
        return read_settings(json.dumps(document))

    def do(self, edit: Callable[[World, Random], str], rng: Random, *, inside: bool = False) -> None:
        """Let a hand change something, and remember what held before and after."""
        with self.lock:
            begin = time.monotonic()
            told = edit(self, rng)
            self.steps.append(f"{'    in the run: ' if inside else '  '}{told}")
            if self.recording:
                self.moments.append(self.moment(begin))

    def moment(self, begin: float | None = None) -> Moment:
        """What holds now."""
        end = time.monotonic()
        with self.crm.state.lock:
            truth = read_truth(
                self.crm.state.clients, self.crm.state.services, self.policy, one_router=len(self.routers) == 1
            )
        held = {name: router.secrets() for name, router in self.routers.items()}
        return Moment(end if begin is None else begin, end, truth, held)

    def between(self, begin: float, end: float) -> list[Moment]:
        """All that held at some time between two moments of the present run."""
        # What an edit replaces holds until its end: the edit's own duration belongs to both.
        replaced = [following.end for following in self.moments[1:]] + [float("inf")]
        pairs = zip(self.moments, replaced, strict=True)
        return [moment for moment, over in pairs if moment.begin <= end and over >= begin]

    def logins(self, begin: float, end: float, name: str) -> list[Login]:
        """What the CRM had to say about a login at any time between two moments."""
        found = (moment.truth.logins.get(name) for moment in self.between(begin, end))
        return [login for login in found if login]

    @property
    def writers(self) -> list[str]:
        """The routers that are written."""
        return [name for name, mode in self.modes.items() if mode == "enforce"]

    @property
    def ppp_services(self) -> frozenset[str]:
        """The RouterOS services that are ours to touch."""
        return frozenset(self.policy.get("ppp_services", ("pppoe", "any")))

    def _stack(self) -> Stack | None:
        """The journal, which two of three providers have; its choices leave those of all else as they are."""
        rng = Random(f"journal {self.seed}")
        if rng.random() > 2 / 3:
            return None
        stack = Stack(self.seed)
        self.policy["guard"] |= stack.policy()
        stack.seed_past(list(self.routers))
        stack.lasting = lasting_trouble(rng)
        self.mistake = rng.choice(MISTAKES) if rng.random() < 0.5 else None
        return stack

    def _policy(self) -> dict[str, Any]:
        pick = self.rng.choice
        guard = {
            "min": pick((0, 2, 4, 100)),
            "percent": pick((0, 20, 50)),
            "default_password": pick((0, 0, 5)),
            "create_min": pick((1, 4, 50)),
            "create_percent": pick((0, 50)),
            "fleet_min": pick((1, 5, 100)),
        }
        return {
            "guard": guard,
            "drops_per_second": pick((0, 200, 1000)),
            "ppp_services": pick((["pppoe", "any"], ["pppoe", "any"], ["pppoe"])),
            "allow_numeric_custom_id": pick((False, False, True)),
            "missing_password": pick(("leave", "leave", "registration_date")),
            "static_ip_absent": pick(("leave", "leave", "clear")),
        }

    def _router(self) -> RouterSimulator:
        return RouterSimulator(
            self.rng.choice(VERSIONS),
            accounts=(Account("sync", self.router_password),),
            tls=certificate("127.0.0.1").server_context() if self.tls else None,
            interleave=self.rng.random() < 0.2,
            masks_by_default=self.rng.random() < 0.5,
            unique_per_service=self.rng.random() < 0.5,
            empty_everywhere=self.rng.random() < 0.1,
        )
