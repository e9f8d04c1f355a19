"""What an operator asks of a walled garden, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Final

from pppctl.router_script.request import RequestError, checked_name, checked_port, slug
from pppctl.router_script.words import quote

_HOST: Final = re.compile(r"(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,62}")
_RATE: Final = re.compile(r"[1-9][0-9]{0,5}[kM]/[1-9][0-9]{0,5}[kM]")
_BUILT_IN: Final = frozenset({"default", "default-encryption"})
_LIST: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_WIDEST: Final = 16
_LONGEST_HOST: Final = 100
_LONGEST_LITERAL: Final = 180
"""Characters of a name as the script writes it: a line holds 255 and has more to say."""


@dataclass(frozen=True, slots=True)
class Page:
    """The payment page that plain HTTP is led to."""

    address: IPv4Address
    port: int


@dataclass(frozen=True, slots=True)
class GardenRequest:
    """One router's garden; `like` is the profile of a plan, whose addresses the suspended profile takes."""

    router: str
    like: str
    allowed: tuple[str, ...]
    profile: str = "suspended"
    address_list: str = "suspended"
    dns: tuple[IPv4Address, ...] = ()
    page: Page | None = None
    rate_limit: str = ""

    def __post_init__(self) -> None:
        """Refuse what would restrict nobody, everybody, or the wrong ones."""
        for option, name in (
            ("--router-name", self.router),
            ("--like", self.like),
            ("--profile", self.profile),
        ):
            checked_name(option, name)
            if len(quote(name)) > _LONGEST_LITERAL:
                raise RequestError(f"{option} is too long for a script: about 28 letters if they are not ASCII")
        if not _LIST.fullmatch(self.address_list):
            raise RequestError("--list must be 1 to 32 letters, digits and _ . -, and begin with a letter or digit")
        if self.profile in _BUILT_IN:
            raise RequestError(
                f"--profile {self.profile} is a profile of RouterOS itself that others use: choose another name"
            )
        if self.profile == self.like:
            raise RequestError("--like names the profile of a service plan, --profile the one of suspended customers")
        if not self.allowed:
            raise RequestError("--allow is missing: nobody could reach the payment page")
        if self.rate_limit and not _RATE.fullmatch(self.rate_limit):
            raise RequestError("--rate-limit must be upload/download such as 1M/1M or 512k/2M")

    @property
    def slug(self) -> str:
        """The router's name as a file name."""
        return slug(self.router)

    @property
    def hosts(self) -> tuple[str, ...]:
        """All that stays reachable, the payment page too, each once."""
        page = (str(self.page.address),) if self.page else ()
        return tuple(dict.fromkeys((*self.allowed, *page)))

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the hosts that the router has to resolve."""
        return tuple(host for host in self.hosts if _HOST.fullmatch(host))

    @property
    def allowed_list(self) -> str:
        """The address list of the hosts."""
        return f"{self.address_list}-allowed"

    @property
    def dns_list(self) -> str:
        """The address list of the DNS servers."""
        return f"{self.address_list}-dns"


def allowed_host(text: str) -> str:
    """A DNS name, an IPv4 address, or an IPv4 network that is not too wide."""
    if _HOST.fullmatch(text) and len(text) <= _LONGEST_HOST:
        return text.lower()
    try:
        found = IPv4Network(text)
    except ValueError:
        what = "a host name such as pay.example.com (no https://, no path, no *), an IPv4 address, or a network"
        raise RequestError(f"--allow {text[:60]!r} must be {what}") from None
    if found.prefixlen < _WIDEST:
        raise RequestError(f"--allow {found} is wider than /{_WIDEST}: suspended customers would keep that much")
    return str(found.network_address if found.prefixlen == 32 else found)


def dns_server(text: str) -> IPv4Address:
    """The address of a DNS server."""
    try:
        return IPv4Address(text)
    except AddressValueError:
        raise RequestError(f"--dns must be the IPv4 address of a DNS server, not {text[:40]!r}") from None


def page(text: str) -> Page:
    """`192.0.2.10:8080`, or an address alone for port 80."""
    where, _, port = text.partition(":")
    try:
        address = IPv4Address(where)
    except AddressValueError:
        raise RequestError(
            f"--page must be the IPv4 address of the payment page's server and a port, not {text[:40]!r}: "
            "a router cannot lead packets to a name"
        ) from None
    if port and not port.isdecimal():
        raise RequestError(f"--page {text[:40]!r} has no port after its colon")
    return Page(address, checked_port("--page", int(port or "80")))
