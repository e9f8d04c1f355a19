"""Reads the config secret into frozen values; one message lists all its faults.

The dataclasses carry the defaults, the tables the kind and the bounds of each key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from pppsync.config import kinds
from pppsync.config.kinds import RefusedError, ValueKind
from pppsync.config.policy_section import read_policy
from pppsync.config.reader import Reader, parse
from pppsync.core.masked import Masked
from pppsync.errors import Code, ConfigurationError
from pppsync.net.endpoint import Endpoint, Tls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pppsync.core.policy import Policy

HTTPS_PORT: Final = 443
API_PORT: Final = 8728
API_TLS_PORT: Final = 8729
_NO_PASSWORD: Final = Masked("")
_EMPTY: Final = "nothing is configured yet; put the JSON document with `ucrm` and `router_os` into the config secret"


@dataclass(frozen=True, slots=True)
class CrmSettings:
    """The CRM: reached at its domain, at its address, or at the one that is given; `tls` names the domain."""

    key: Masked
    domain: Endpoint | None
    address: Endpoint | None
    tls: Tls = field(default_factory=Tls)
    timeout: float = 30.0
    page_size: int = 500


@dataclass(frozen=True, slots=True)
class RouterSettings:
    """One router; without `tls` its API is used in the clear."""

    name: str
    default: bool
    host: str
    port: int
    username: str = "admin"
    password: Masked = _NO_PASSWORD
    plaintext_login: bool = True
    tls: Tls | None = field(default_factory=Tls)
    mode: Literal["enforce", "observe"] = "enforce"


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole config secret."""

    crm: CrmSettings
    routers: tuple[RouterSettings, ...]
    policy: Policy

    @property
    def weakened(self) -> tuple[str, ...]:
        """The paths of all settings that leave a connection open to somebody in between, sorted."""
        found = _weak("ucrm", self.crm.tls)
        for router in self.routers:
            found += _weak(f"routers.{router.name}", router.tls)
        return tuple(sorted(found))


def _endpoint(value: object) -> Endpoint | None:
    if value is None or not kinds.text(value).strip():
        return None
    name, port = kinds.host_and_port(value)
    return Endpoint(name, port or HTTPS_PORT)


def _null(value: object) -> None:
    if value is not None:
        raise RefusedError("must be null; `ssl_ca` takes its place")


TLS_KEYS: Final[dict[str, ValueKind]] = {
    "ssl_verify": kinds.flag,
    "ssl_verify_hostname": kinds.flag,
    "ssl_relaxed_x509": kinds.flag,
}
CRM_KEYS: Final[dict[str, ValueKind]] = TLS_KEYS | {
    "ucrm_key": lambda value: Masked(kinds.token(value)),
    "domain_name": _endpoint,
    "ip_address": _endpoint,
    "timeout": kinds.number(0, 900, above=True),
    "page_size": kinds.whole(2, 10000),  # consecutive pages overlap by one row
}
ROUTER_KEYS: Final[dict[str, ValueKind]] = TLS_KEYS | {
    "host": kinds.host,
    "username": kinds.filled,
    "password": lambda value: Masked(kinds.text(value)),
    "port": kinds.whole(*kinds.PORTS),
    "plaintext_login": kinds.flag,
    "use_ssl": kinds.flag,
    "ssl_context": _null,
    "ssl_server_name": kinds.optional(kinds.host),
    "mode": kinds.one_of("enforce", "observe"),
}
_REPEATS: Final = {
    "name": "is the name of",
    "host": "has the same host and port as",
    "default": "only one router can be the default, and that is",
}
_SECTIONS: Final = ("ucrm", "router_os", "routers", "certificates", "policy")


def read_settings(document: str) -> Settings:
    """Return the settings that the JSON text of the secret holds; raises `ConfigurationError` with all its faults."""
    document = document.removeprefix("\ufeff")  # some editors begin a file with a byte order mark
    sections = parse(document) if document.strip() else {}
    if not sections:
        raise ConfigurationError([_EMPTY], Code.CONFIGURATION_EMPTY)
    reader = Reader()
    found = reader.keys("", sections, dict.fromkeys(_SECTIONS, kinds.as_is), required=("ucrm",))
    ca = {"ssl_ca": kinds.optional(_ca_kind(reader, found.get("certificates", {})))}
    crm = _read_crm(reader, found["ucrm"], CRM_KEYS | ca) if "ucrm" in found else {}
    routers = _read_routers(reader, found, ROUTER_KEYS | ca)
    policy = read_policy(reader, found.get("policy", {}))
    if reader.faults:
        raise ConfigurationError(reader.faults)
    return Settings(_crm(crm), tuple(map(_router, routers)), policy)


def _ca_kind(reader: Reader, section: object) -> ValueKind:
    names = list(section) if isinstance(section, dict) else []
    valid = reader.keys("certificates", section, dict.fromkeys(names, kinds.pem))

    def read(value: object) -> str | None:
        given = kinds.filled(value)
        if given in names:
            return valid.get(given)  # a refused certificate is a fault of its own
        if "-----BEGIN" in given:
            return kinds.pem(given)
        raise RefusedError("must be PEM text or a key of `certificates`")

    return read


def _read_crm(reader: Reader, section: object, table: Mapping[str, ValueKind]) -> dict[str, Any]:
    found = reader.keys("ucrm", section, table, required=("ucrm_key",))
    # A refused key is not empty, and a fault already.
    if isinstance(section, dict) and all(
        key not in section or found.get(key, key) is None for key in ("domain_name", "ip_address")
    ):
        reader.fault("ucrm", "needs `domain_name` or `ip_address`; both are empty")
    return found


def _read_routers(reader: Reader, sections: dict[str, Any], table: dict[str, ValueKind]) -> list[dict[str, Any]]:
    """Return the keys of each router: those of its entry in `routers`, and for the rest those of `router_os`."""
    if "routers" not in sections:
        if "router_os" not in sections:
            reader.fault("router_os", "is missing; it describes the router, or `routers` lists several")
            return []
        only = reader.keys("router_os", sections["router_os"], table, required=("host",))
        return [only | {"name": "default", "default": True}]
    entries = sections["routers"]
    if not isinstance(entries, list) or not entries:
        reader.fault("routers", "must be a list of at least one router; without it `router_os` is the router")
        reader.keys("router_os", sections.get("router_os", {}), table)
        return []
    defaults = reader.keys("router_os", sections.get("router_os", {}), table | {"host": _no_host})
    entry_table = table | {"name": kinds.router_name, "default": kinds.flag}
    found = []
    for index, entry in enumerate(entries):
        values = reader.keys(f"routers[{index}]", entry, entry_table, required=("name", "host"))
        whole_entry = isinstance(entry, dict) and values.keys() >= entry.keys()
        found.append(defaults | {"default": False} | values | {"complete": whole_entry})
    _check_repeats(reader, found)
    return found


def _no_host(_value: object) -> None:
    raise RefusedError("must be left out beside `routers`, where each entry has its own `host`")


def _check_repeats(reader: Reader, routers: list[dict[str, Any]]) -> None:
    first: dict[tuple[object, ...], int] = {}
    for index, values in enumerate(routers):
        claims: list[tuple[object, ...]] = [("name", values["name"])] if "name" in values else []
        # A refused port leaves the router's address unknown.
        if values.pop("complete") and "host" in values:
            claims.append(("host", values["host"].casefold(), _transport(values)[1]))
        if values["default"]:
            claims.append(("default",))
        for claim in claims:
            holder = first.setdefault(claim, index)
            if holder != index:
                reader.fault(f"routers[{index}].{claim[0]}", f"{_REPEATS[str(claim[0])]} routers[{holder}]")


def _crm(values: dict[str, Any]) -> CrmSettings:
    domain, address = values.get("domain_name"), values.get("ip_address")
    others = {key: values[key] for key in ("timeout", "page_size") if key in values}
    # The certificate is checked against the domain at the address too.
    tls = _tls(values | {"ssl_server_name": domain.host if domain else None})
    return CrmSettings(values["ucrm_key"], domain, address, tls, **others)


def _router(values: dict[str, Any]) -> RouterSettings:
    use_ssl, port = _transport(values)
    others = {key: values[key] for key in ("username", "password", "plaintext_login", "mode") if key in values}
    tls = _tls(values) if use_ssl else None
    return RouterSettings(values["name"], values["default"], values["host"], port, tls=tls, **others)


def _transport(values: dict[str, Any]) -> tuple[bool, int]:
    use_ssl = values.get("use_ssl", values.get("port") != API_PORT)
    return use_ssl, values.get("port", API_TLS_PORT if use_ssl else API_PORT)


def _tls(values: dict[str, Any]) -> Tls:
    names = ("verify", "verify_hostname", "ca", "server_name", "relaxed_x509")
    return Tls(**{name: values[f"ssl_{name}"] for name in names if f"ssl_{name}" in values})


def _weak(path: str, tls: Tls | None) -> list[str]:
    if tls is None:
        return [f"{path}.use_ssl"]
    found = [] if tls.verify else [f"{path}.ssl_verify"]
    # With a pinned certificate the host name need not match.
    return found if tls.verify_hostname or tls.ca else [*found, f"{path}.ssl_verify_hostname"]
