"""What an operator asks for, checked: nothing that RouterOS or the CRM would misread gets further than this."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, ip_address
from typing import Final, Literal

# RouterOS's own rule for user names.
_USER: Final = re.compile(r"[A-Za-z0-9_#@]([A-Za-z0-9_.#@-]{0,28}[A-Za-z0-9])?")
_HOST: Final = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_LONGEST_NAME: Final = 64
_LONGEST_SLUG: Final = 32

type Account = Literal["a", "b"]


class RequestError(Exception):
    """Something that was asked for cannot be; the message says what it must be."""


@dataclass(frozen=True, slots=True)
class Tunnel:
    """One tunnel of the VPN: the address of AWS's end, and the key."""

    address: IPv4Address
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Vpn:
    """What AWS says of a Site-to-Site VPN; `own_address` is the router's, as AWS sees it."""

    own_address: IPv4Address
    tunnels: tuple[Tunnel, Tunnel]


@dataclass(frozen=True, slots=True)
class Forward:
    """A network behind this router, and the one TCP port there that the functions reach."""

    network: IPv4Network
    port: int


@dataclass(frozen=True, slots=True)
class Request:
    """One router; `certificate` names one that it has already, without it the router makes its own authority."""

    router: str
    host: str
    vpc: IPv4Network
    user: str = "ppp-sync"
    account: Account = "a"
    port: int = 8729
    certificate: str = ""
    also_from: tuple[IPv4Network, ...] = ()
    vpn: Vpn | None = None
    forwards: tuple[Forward, ...] = ()
    return_via: IPv4Address | None = None

    def __post_init__(self) -> None:
        """Refuse what would not work, or would not mean on the router what it means here."""
        checked_name("--router-name", self.router)
        checked_host(self.host)
        self._check_outside("--host", self.host)
        self._check_outside("--return-via", str(self.return_via or ""))
        if not _USER.fullmatch(self.user):
            raise RequestError(
                "--user must be at most 30 letters, digits and _ . # @ -, and end with a letter or digit: "
                "RouterOS takes no other names",
            )
        if self.certificate and not self.certificate.isascii():
            raise RequestError("--certificate must be in ASCII")
        if self.certificate:
            checked_name("--certificate", self.certificate)
        checked_port("--port", self.port)
        if self.forwards and not self.vpn:
            raise RequestError("--forward is for the router that ends the VPN: it needs --vpn-config")

    def _check_outside(self, option: str, address: str) -> None:
        try:
            inside = ip_address(address) in self.vpc
        except ValueError:
            return
        if inside:
            raise RequestError(
                f"{option} {address} is inside --vpc-cidr {self.vpc}, the network in AWS: routers are outside of it. "
                "Correct the address, or choose another VpcCidr"
            )

    @property
    def slug(self) -> str:
        """The router's name as a file name and a certificate's name."""
        return slug(self.router)

    @property
    def username(self) -> str:
        """The user that the functions log in as."""
        return f"{self.user}-{self.account}"

    @property
    def other_username(self) -> str:
        """The user that is retired when this one has taken over."""
        return f"{self.user}-{'b' if self.account == 'a' else 'a'}"

    @property
    def sources(self) -> tuple[IPv4Network, ...]:
        """Where the API may be reached from."""
        return tuple(dict.fromkeys((self.vpc, *self.also_from)))


def slug(router: str) -> str:
    """A router's name, cut down to letters, digits and hyphens."""
    kept = re.sub(r"[^A-Za-z0-9]+", "-", router.encode("ascii", "ignore").decode()).strip("-")
    return kept[:_LONGEST_SLUG].strip("-") or "router"


def checked_name(option: str, name: str) -> str:
    """A name that reads as it is."""
    if not name.strip() or name != name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise RequestError(f"{option} must be 1 to {_LONGEST_NAME} printable characters without outer blanks")
    return name


def checked_host(host: str) -> str:
    """An IPv4 address, or a host name as DNS has them."""
    try:
        address = ip_address(host)
    except ValueError:
        if _HOST.fullmatch(host) and not re.fullmatch(r"[\d.]+", host):
            return host
        raise RequestError("--host must be an IPv4 address or a host name, without a port") from None
    if isinstance(address, IPv4Address):
        return host
    raise RequestError("--host must be IPv4: AWS's virtual private gateway carries nothing else")


def checked_port(option: str, port: int) -> int:
    """A TCP port."""
    if 1 <= port <= 65535:
        return port
    raise RequestError(f"{option} must be a port from 1 to 65535")


def network(text: str) -> IPv4Network:
    """An IPv4 network such as 10.80.0.0/24; never everything, and never with bits of a host in it."""
    try:
        found = IPv4Network(text)
    except ValueError as error:
        raise RequestError(f"{text[:40]!r} is no IPv4 network such as 10.80.0.0/24: {error}") from None
    if found.prefixlen < 8:
        raise RequestError(f"{found} is too large: a network that the API is opened to has at least /8")
    return found


def next_router(text: str) -> IPv4Address:
    """The address that a route has as its gateway."""
    try:
        return IPv4Address(text)
    except ValueError:
        raise RequestError(f"--return-via must be the IPv4 address of the next router, not {text[:40]!r}") from None


def forward(text: str) -> Forward:
    """`10.0.0.0/16:8729`, a network behind the router and a port."""
    where, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal():
        raise RequestError(f"{text[:40]!r} must be a network and a port, such as 10.0.0.0/16:8729")
    return Forward(network(where), checked_port("--forward", int(port)))
