"""What differs between RouterOS releases, told from the version number alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True, slots=True)
class Release:
    """A RouterOS version such as `7.18.2`, and its behaviour where releases differ."""

    text: str
    number: tuple[int, int, int]

    @classmethod
    def parse(cls, text: str) -> Release:
        """Reads `major.minor[.patch]`; raises ValueError for anything else."""
        match = re.fullmatch(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
        if not match:
            raise ValueError(f"not a RouterOS version: {text!r}")
        major, minor, patch = match.groups(default="0")
        return cls(text, (int(major), int(minor), int(patch)))

    @property
    def modern(self) -> bool:
        """RouterOS 7 wording of traps."""
        return self.number >= (7, 0, 0)

    @property
    def takes_plain_login(self) -> bool:
        """RouterOS 6.43: the password may be sent in `/login` itself."""
        return self.number >= (6, 43, 0)

    @property
    def takes_challenge_login(self) -> bool:
        """RouterOS 6.45.1: stored passwords are hashed, so the challenge can no longer be answered."""
        return self.number < (6, 45, 1)

    @property
    def says_empty(self) -> bool:
        """RouterOS 7.18: a print of nothing answers `!empty` before `!done`."""
        return self.number >= (7, 18, 0)

    @property
    def limits_sessions(self) -> bool:
        """RouterOS 7.16: `/ip/service` has `max-sessions`."""
        return self.number >= (7, 16, 0)

    @property
    def knows_show_sensitive(self) -> bool:
        """RouterOS 7.21: `print` takes `show-sensitive`."""
        return self.number >= (7, 21, 0)

    @property
    def ppp_services(self) -> tuple[bytes, ...]:
        """The values of a secret's `service`; RouterOS 6 has ISDN too."""
        services = (b"any", b"async", b"l2tp", b"ovpn", b"pppoe", b"pptp", b"sstp")
        return services if self.modern else (*services, b"isdn")

    def date(self, moment: dt.datetime) -> bytes:
        """A moment as `last-logged-out` shows it: RouterOS 7.10 and later 2026-09-19, earlier may/01/2023."""
        form = "%Y-%m-%d %H:%M:%S" if self.number >= (7, 10, 0) else "%b/%d/%Y %H:%M:%S"
        return moment.strftime(form).lower().encode()
