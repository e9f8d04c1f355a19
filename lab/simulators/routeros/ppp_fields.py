"""The properties of `/ppp/secret`, `/ppp/profile` and `/ppp/active`.

RouterOS 7.24.4 rows, with the older names and dates where releases differ.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from lab.simulators.routeros.fields import (
    Field,
    address,
    boolean,
    comment,
    integer,
    ipv6_prefix,
    match_prefix,
    nonempty_text,
    one_of,
    text,
)
from lab.simulators.routeros.table import parse_id

if TYPE_CHECKING:
    from lab.simulators.routeros.release import Release
    from lab.simulators.routeros.table import Table

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SWITCH = (b"default", b"no", b"yes")


def secret_fields(release: Release, profiles: Table) -> list[Field]:
    """A PPP secret's properties; `profile` is kept as the id of a row of `profiles`."""

    def parse_profile(value: bytes, argument: str) -> bytes:
        number = parse_id(value)
        if number is not None and profiles.get(number):
            return b"*%X" % number
        return profiles.named(match_prefix(value, profiles.names(), argument))[0].id

    def show_profile(value: bytes) -> bytes:
        row = profiles.get(int(value[1:], 16))
        return row.name if row else value

    return [
        Field("name", nonempty_text),
        Field("service", one_of(*release.ppp_services), b"any", prefixed=True),
        Field("caller-id", text, b""),
        Field("password", text, b""),
        Field("profile", parse_profile, b"*0", show=show_profile, prefixed=True),
        Field("local-address", address, clearable=True),
        Field("remote-address", address, clearable=True),
        Field("remote-ipv6-prefix", ipv6_prefix, clearable=True),
        Field("routes", text, b""),
        Field("ipv6-routes", text, b""),
        Field("limit-bytes-in", integer, b"0"),
        Field("limit-bytes-out", integer, b"0"),
        Field("last-logged-out", None, release.date(EPOCH)),
        Field("last-caller-id", None),
        Field("last-disconnect-reason", None),
        Field("disabled", boolean, b"false"),
        Field("comment", comment),
    ]


def profile_fields(release: Release) -> list[Field]:
    """A PPP profile's properties; addresses may be pool names, so that any text is taken for one."""
    fields = [
        Field("name", nonempty_text),
        Field("address-list", text, b""),
        Field("bridge-learning", one_of(*_SWITCH), b"default", prefixed=True),
        *(Field(name, nonempty_text, clearable=True) for name in _OPTIONAL_PROFILE_TEXTS),
        *(Field(name, one_of(*_SWITCH), b"default", prefixed=True) for name in _PROFILE_SWITCHES),
        Field("use-encryption", one_of(*_SWITCH, b"required"), b"default", prefixed=True),
        Field("use-ipv6", one_of(*_SWITCH, b"required"), b"yes", prefixed=True),
        Field("on-down", text, b""),
        Field("on-up", text, b""),
        Field("default", None, b"false"),
        Field("comment", comment),
    ]
    if release.number >= (7, 17, 0):
        fields.append(Field("bridge-port-vid", integer, clearable=True))
    return fields


_OPTIONAL_PROFILE_TEXTS = (
    *("bridge", "dns-server", "idle-timeout", "incoming-filter", "insert-queue-before", "interface-list"),
    *("local-address", "outgoing-filter", "parent-queue", "queue-type", "rate-limit", "remote-address"),
    *("session-timeout", "wins-server"),
)
_PROFILE_SWITCHES = ("change-tcp-mss", "only-one", "use-compression", "use-mpls", "use-upnp")


def session_fields() -> list[Field]:
    """An active session's properties, all of them read-only."""
    names = ("name", "service", "caller-id", "address", "uptime", "encoding", "session-id")
    return [Field(name, None) for name in (*names, "limit-bytes-in", "limit-bytes-out", "radius")]
