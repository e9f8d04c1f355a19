"""What the router knows: profiles, secrets and live sessions, and how they act on each other.

RouterOS: changing, disabling or removing a secret leaves its live session alone, and so does changing its profile; the
session that is dialled next gets what the secret and its profile say then.
"""

from __future__ import annotations

import datetime as dt
import itertools
import time
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from lab.simulators.routeros.firewall import Firewall
from lab.simulators.routeros.ppp_fields import profile_fields, secret_fields, session_fields
from lab.simulators.routeros.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lab.simulators.routeros.fields import Field
    from lab.simulators.routeros.release import Release
    from lab.simulators.routeros.table import Row

DEFAULT_PROFILES = {0: b"default", 0xFFFFFFFE: b"default-encryption"}
FIRST_SESSION = 0x80000001


def initial_values(fields: Mapping[str, Field]) -> dict[str, bytes]:
    """What a new item has before anything is given."""
    return {name: field.default for name, field in fields.items() if field.default is not None}


class RouterState:
    """The tables of one router; not safe to share between threads without a lock.

    `redial`: a session that is cut comes back if its secret is enabled, `redial_delay` seconds later. `defer` runs a
    function after some seconds; without it, delayed redials are lost. `clock_skew` is how far its clock is ahead.
    """

    def __init__(self, release: Release) -> None:
        self.release = release
        self.redial = False
        self.redial_delay = 0.0
        self.clock_skew = dt.timedelta(0)
        self.defer: Callable[[float, Callable[[], None]], None] | None = None
        self.profiles = Table(profile_fields(release))
        self.secrets = Table(secret_fields(release, self.profiles))
        self.sessions = Table(session_fields(), FIRST_SESSION, {"uptime": self._uptime})
        self.firewall = Firewall(release, self.now)
        self._connected_at: dict[int, float] = {}
        self._pool = (IPv4Address("10.255.0.1") + offset for offset in itertools.count())
        for number, name in DEFAULT_PROFILES.items():
            values = initial_values(self.profiles.fields) | {"name": name, "default": b"true"}
            if name == b"default-encryption":
                values["use-encryption"] = b"yes"
            self.profiles.insert(values, number)

    def now(self) -> dt.datetime:
        """What the router takes for the present moment, in UTC."""
        return dt.datetime.now(dt.UTC) + self.clock_skew

    def connect(self, name: bytes, given: Mapping[str, bytes] | None = None) -> Row:
        """A customer dials in; without an address it is the secret's, else one of a pool. `given`: properties."""
        values = {"service": b"pppoe", "caller-id": b"", "encoding": b"", "radius": b"false"}
        values |= {"limit-bytes-in": b"0", "limit-bytes-out": b"0", "name": name, **(given or {})}
        if not values.get("address"):
            values["address"] = self._next_address(name, values["service"])
        row = self.sessions.insert(values)
        self.sessions.update(row, {"session-id": b"0x%x" % (0x81100000 + row.number - FIRST_SESSION)})
        self._connected_at[row.number] = time.monotonic()
        if address_list := self._address_list(row):
            self.firewall.lists.enter(row.number, address_list, row.values["address"])
        return row

    def drop(self, session: Row, reason: bytes) -> None:
        """A session ends; RouterOS notes when and why on its secret."""
        self.sessions.delete(session)
        self.firewall.lists.leave(session.number)
        self._connected_at.pop(session.number, None)
        for secret in self.secrets.named(session.name)[:1]:
            noted = {"last-logged-out": self.release.date(self.now()), "last-disconnect-reason": reason}
            if session.values["caller-id"]:
                noted["last-caller-id"] = session.values["caller-id"]
            self.secrets.update(secret, noted)
        if self.redial:
            self._after(self.redial_delay, lambda: self._dial_again(session))

    def reboot(self) -> None:
        """All sessions end and nobody dials at once; configuration and ids stay."""
        self.sessions.clear()
        self.firewall.lists.leave_all()
        self._connected_at.clear()

    def _dial_again(self, old: Row) -> None:
        kept = {name: old.values[name] for name in ("service", "caller-id", "radius", "encoding")}
        if old.values["radius"] == b"true":
            self.connect(old.name, {**kept, "address": old.values["address"]})
        elif any(one.values["disabled"] == b"false" for one in self._serving(old.name, old.values["service"])):
            self.connect(old.name, kept)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        if seconds <= 0:
            action()
        elif self.defer:
            self.defer(seconds, action)

    def _serving(self, name: bytes, service: bytes) -> list[Row]:
        """The secrets that let in a session: those under its service, else those under `any`."""
        held = self.secrets.named(name)
        own = [secret for secret in held if secret.values["service"] == service]
        return own or [secret for secret in held if secret.values["service"] == b"any"]

    def _address_list(self, session: Row) -> bytes:
        """The list of the profile that lets a session in; RADIUS names lists of its own."""
        if session.values["radius"] == b"false":
            for secret in self._serving(session.name, session.values["service"]):
                profile = self.profiles.get(int(secret.values["profile"][1:], 16))
                return profile.values["address-list"] if profile else b""
        return b""

    def _next_address(self, name: bytes, service: bytes) -> bytes:
        for secret in self._serving(name, service):
            address = secret.values.get("remote-address", b"0.0.0.0")
            if address != b"0.0.0.0":
                return address
        return str(next(self._pool)).encode()

    def _uptime(self, session: Row) -> bytes:
        seconds = int(time.monotonic() - self._connected_at.get(session.number, time.monotonic()))
        minutes, second = divmod(seconds, 60)
        hours, minute = divmod(minutes, 60)
        shown = [f"{value}{unit}" for value, unit in ((hours, "h"), (minute, "m"), (second, "s")) if value]
        return ("".join(shown) or "0s").encode()
