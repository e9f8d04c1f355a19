"""Small read-only menus that tell what the router is."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from lab.simulators.routeros.fields import Field
from lab.simulators.routeros.menus import Menu
from lab.simulators.routeros.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lab.simulators.routeros.release import Release
    from lab.simulators.routeros.table import Row


def system_menus(release: Release, identity: str, now: Callable[[], dt.datetime]) -> dict[str, Menu]:
    """The menus outside of `/ppp/secret`, `/ppp/profile` and `/ppp/active`, by path."""
    return {
        "/system/identity": _single(release, {"name": identity}),
        "/system/resource": _single(release, _resource(release)),
        "/system/clock": _clock(release, now),
        "/ppp/aaa": _single(release, _aaa(release)),
        "/interface/pppoe-server/server": _listing(release, _PPPOE_SERVER),
    }


def _single(release: Release, values: Mapping[str, str]) -> Menu:
    menu = _listing(release, values, has_ids=False)
    del menu.commands["get"]
    return menu


def _listing(release: Release, values: Mapping[str, str], *, has_ids: bool = True) -> Menu:
    table = Table([Field(name, None) for name in values], has_ids=has_ids)
    table.insert({name: value.encode() for name, value in values.items()})
    return Menu(release, table)


def _clock(release: Release, now: Callable[[], dt.datetime]) -> Menu:
    """Local time: what the router takes for UTC, and `gmt-offset` on top (`+HH:MM`)."""

    def part(row: Row, position: int) -> bytes:
        sign, hours, minutes = row.values["gmt-offset"][:1], *row.values["gmt-offset"][1:].split(b":")
        offset = dt.timedelta(hours=int(hours), minutes=int(minutes))
        return release.date(now() + (-offset if sign == b"-" else offset)).split()[position]

    values = {"time-zone-autodetect": "true", "time-zone-name": "UTC", "gmt-offset": "+00:00", "dst-active": "false"}
    live = {"time": lambda row: part(row, 1), "date": lambda row: part(row, 0)}
    table = Table([Field(name, None) for name in (*live, *values)], live=live, has_ids=False)
    table.insert({name: value.encode() for name, value in values.items()})
    menu = Menu(release, table)
    del menu.commands["get"]
    return menu


def _resource(release: Release) -> dict[str, str]:
    return {
        "uptime": "3h25m10s",
        "version": f"{release.text} (stable)",
        "build-time": "2025-01-01 00:00:00",
        "free-memory": "900000000",
        "total-memory": "1073741824",
        "cpu": "ARM64",
        "cpu-count": "4",
        "cpu-load": "3",
        "write-sect-since-reboot": "1200",
        "write-sect-total": "48000",
        "architecture-name": "arm64",
        "board-name": "CCR2004-1G-12S+2XS",
        "platform": "MikroTik",
    }


def _aaa(release: Release) -> dict[str, str]:
    values = {
        "use-radius": "false",
        "accounting": "true",
        "interim-update": "0s",
        "use-circuit-id-in-nas-port-id": "false",
    }
    return values | ({"enable-ipv6-accounting": "false"} if release.number >= (7, 15, 0) else {})


_PPPOE_SERVER = {
    "service-name": "pppoe",
    "interface": "bridge1",
    "max-mtu": "1480",
    "max-mru": "1480",
    "authentication": "pap,chap,mschap1,mschap2",
    "keepalive-timeout": "10",
    "one-session-per-host": "true",
    "max-sessions": "unlimited",
    "default-profile": "default",
    "disabled": "false",
}
