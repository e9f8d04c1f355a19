"""Checks one router: how far a session gets, what its user may do, and settings that keep customers out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pppsync.diagnose.check.clock import router_time
from pppsync.diagnose.check.garden import check_garden
from pppsync.diagnose.check.garden_rows import LOST, GardenReader
from pppsync.diagnose.check.line import Check, certificate_state
from pppsync.errors import Code, RouterError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pppsync.config.settings import RouterSettings
    from pppsync.core.secret import RouterState
    from pppsync.net.deadline import Deadline
    from pppsync.routers.gateway import RouterGateway

NEEDED: Final = ("api", "read", "write", "sensitive")
LARGEST_SKEW: Final = timedelta(minutes=5)
_LOOK_SECONDS: Final = 10.0
_FAILED_AT: Final = {Code.ROUTER_TLS: "certificate", Code.ROUTER_LOGIN: "login", Code.ROUTER_CLOSED: "login"}
"""The stage of a session at which an error shows; `connection` for every other error."""
_THE_END: Final = "; nothing else of this router could be looked at"
_PLAIN_LOGIN: Final = (6, 43)
"""The first RouterOS that takes the password itself; earlier ones ask for the answer to a challenge."""

type Found = tuple[list[Check], RouterState | RouterError]
"""The lines of a router, and what it holds, for the checks that compare both sides."""


class RouterCheck:
    """The checks of one router, in the order in which a session meets them.

    `suspended_profile` is the profile of those who are restricted, None where nobody is (R18).
    """

    def __init__(
        self,
        gateway: RouterGateway,
        deadline: Deadline,
        now: Callable[[], datetime],
        suspended_profile: str | None = None,
    ) -> None:
        self._gateway = gateway
        self._settings: RouterSettings = gateway.settings
        self._deadline = deadline
        self._now = now
        self._suspended_profile = suspended_profile
        self._found: list[Check] = []

    def run(self) -> Found:
        """Return the lines in order; a failure leaves out the checks that it makes impossible, and its line says so."""
        try:
            self._open()
            state = self._read()
        except RouterError as error:
            return self._found, error
        lost = self._look(state)
        if self._suspended_profile is not None:
            rows = GardenReader(self._rows, lost).read(self._suspended_profile)
            self._found += check_garden(self._settings.name, self._suspended_profile, rows)
        return self._found, state

    def _add(self, what: str, ok: bool, detail: str) -> None:
        self._found.append(Check(f"router.{self._settings.name}.{what}", ok, detail))

    def _open(self) -> None:
        where = f"{self._settings.host}:{self._settings.port} accepts connections"
        observed = "; mode observe: nothing is ever written" if self._settings.mode == "observe" else ""
        failed = ""
        error: RouterError | None = None
        try:
            self._gateway.connect(self._deadline)
        except RouterError as found:
            error, failed = found, _FAILED_AT.get(found.code, "connection")
        stages: dict[str, Callable[[], tuple[bool, str]]] = {
            "connection": lambda: (True, where + observed),
            "certificate": self._certificate,
            "login": lambda: (True, f"as {self._settings.username}"),
        }
        for stage, passed in stages.items():
            if error and stage == failed:
                self._add(stage, False, f"{error}{self._advice(error)}{_THE_END}")
                raise error
            self._add(stage, *passed())

    def _certificate(self) -> tuple[bool, str]:
        return certificate_state(self._gateway.certificate, self._settings.tls, self._now())

    def _read(self) -> RouterState:
        try:
            state = self._gateway.read(self._deadline)
        except RouterError as error:
            self._add("read", False, f"{error}{_THE_END}")
            raise
        numbers = (len(state.secrets), "secrets"), (len(state.profiles), "profiles"), (len(state.sessions), "sessions")
        self._add("read", True, ", ".join(f"{number} {what}" for number, what in numbers))
        return state

    def _advice(self, error: RouterError) -> str:
        if error.code == Code.ROUTER_CLOSED:
            return "; see the address list and max-sessions of the API service (/ip/service), and use_ssl for this port"
        if error.code == Code.ROUTER_LOGIN and not self._settings.plaintext_login:
            return "; plaintext_login is false, which only RouterOS before 6.45.1 accepts"
        return ""

    def _look(self, state: RouterState) -> str:
        """Add the lines of each look; return how the session ended, empty if it goes on."""
        looks: list[tuple[str, Callable[[], tuple[bool, str]]]] = [
            ("policies", lambda: self._policies(state)),
            ("version", self._version),
            ("clock", self._clock),
            ("pppoe_server", self._pppoe_server),
            ("radius", self._radius),
        ]
        lost = ""
        for what, look in looks:
            if lost:
                self._add(what, False, f"not looked at: {lost}")
                continue
            try:
                self._add(what, *look())
            except RouterError as error:
                lost = str(error) if error.code in LOST else ""
                self._add(what, not lost, f"not verified: {error}")
        return lost

    def _rows(self, *words: str) -> list[dict[str, str]]:
        return self._gateway.look(words, self._deadline.within(_LOOK_SECONDS))

    def _policies(self, state: RouterState) -> tuple[bool, str]:
        granted = self._granted()
        needed = [one for one in NEEDED if one != "write" or self._settings.mode == "enforce"]
        if granted is None:
            return _seen_policies(state)
        missing = [one for one in needed if one not in granted]
        if "sensitive" not in missing and not state.passwords_readable:
            missing.append("sensitive")
        if missing:
            return False, f"the group lacks {', '.join(missing)}: {_LACKING.get(missing[0], _LACKING['sensitive'])}"
        more = len(granted) - len(needed)
        beyond = f"; note: {more} more than it needs" if more > 0 else ""
        return True, f"the group grants {', '.join(needed)}{beyond}"

    def _granted(self) -> set[str] | None:
        """Return the policies of the user's group, None if the router does not show them."""
        try:
            users = self._rows("/user/print", f"?name={self._settings.username}")
            group = users[0].get("group", "") if users else ""
            groups = self._rows("/user/group/print", f"?name={group}") if group else []
        except RouterError as error:
            if error.code in LOST:
                raise
            return None
        listed = groups[0].get("policy", "").split(",") if groups else []
        return {one for one in listed if one and not one.startswith("!")} or None

    def _version(self) -> tuple[bool, str]:
        rows = self._rows("/system/resource/print", "=.proplist=version,board-name")
        version = rows[0].get("version", "") if rows else ""
        match = re.match(r"(\d+)\.(\d+)", version)
        if match is None:
            return True, "not verified: the router does not tell its version"
        shown = f"RouterOS {version} {rows[0].get('board-name', '')}".rstrip()
        old = (int(match[1]), int(match[2])) < _PLAIN_LOGIN
        if old and self._settings.plaintext_login:
            return False, f"{shown}: before 6.43 set plaintext_login to false, or better, upgrade"
        return True, shown

    def _clock(self) -> tuple[bool, str]:
        rows = self._rows("/system/clock/print")
        shown = router_time(rows[0]) if rows else None
        if shown is None:
            return True, "not verified: the router's date cannot be read"
        skew = shown - self._now()
        seconds = abs(round(skew.total_seconds()))
        word = "ahead of" if skew > timedelta(0) else "behind"
        if abs(skew) > LARGEST_SKEW:
            return False, f"{timedelta(seconds=seconds)} {word} this function: set up NTP (/system/ntp/client)"
        return True, f"{seconds} s {word} this function"

    def _pppoe_server(self) -> tuple[bool, str]:
        rows = self._rows("/interface/pppoe-server/server/print")
        enabled = [row for row in rows if row.get("disabled", "false") not in {"true", "yes"}]
        if enabled:
            return True, f"enabled on {', '.join(sorted({row.get('interface', '?') for row in enabled}))}"
        what = f"all {len(rows)} are disabled" if rows else "there is none"
        return False, f"{what}: nobody can dial in here (/interface/pppoe-server/server)"

    def _radius(self) -> tuple[bool, str]:
        rows = self._rows("/ppp/aaa/print")
        if not rows or rows[0].get("use-radius", "false") not in {"true", "yes"}:
            return True, "off: secrets alone decide"
        return True, "note: on; RADIUS is asked only for names that have no secret here, so a secret overrides it"


_LACKING: Final = {
    "api": "the session should not have been possible; look at the group again",
    "read": "nothing can be read",
    "write": "no change can be made",
    "sensitive": "passwords are shown as asterisks, so they are neither compared nor written",
}


def _seen_policies(state: RouterState) -> tuple[bool, str]:
    """Return the policies that the session has proved, where the user's group cannot be read."""
    if not state.passwords_readable:
        return False, f"the group lacks sensitive: {_LACKING['sensitive']}; write is not verified"
    proven = "api, read and sensitive" if state.secrets else "api and read"
    unproven = "write is" if state.secrets else "write and sensitive are"
    return True, f"{proven} are there; {unproven} not verified, since the user's group cannot be read"
