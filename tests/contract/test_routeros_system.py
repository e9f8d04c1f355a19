"""The small menus of the simulated router: clock, users, groups, and what a hand sets in them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from lab.simulators.routeros import Account, RouterSimulator
from lab.simulators.routeros.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Sequence


def words(router: RouterSimulator, *sentence: str, user: str = "admin") -> list[dict[str, str]]:
    """The rows that a print answers, by property."""
    with RawClient(router.host, router.port) as client:
        replies = client.login(user).talk(*sentence)
    return [_row(reply[1:]) for reply in replies if reply[0] == "!re"]


def _row(reply: Sequence[str]) -> dict[str, str]:
    return {name: value for name, _, value in (word[1:].partition("=") for word in reply)}


@pytest.mark.parametrize(
    ("version", "form"),
    [("7.18.2", "%Y-%m-%d %H:%M:%S"), ("6.49.17", "%b/%d/%Y %H:%M:%S"), ("7.9", "%b/%d/%Y %H:%M:%S")],
)
@pytest.mark.parametrize(("offset", "hours"), [("+00:00", 0), ("+05:30", 5.5), ("-03:00", -3)])
def test_the_clock_shows_local_time_and_its_offset(version: str, form: str, offset: str, hours: float) -> None:
    """The clock shows local time, in the date format of the release, and how far it is from UTC."""
    with RouterSimulator(version) as router:
        router.configure("/system/clock", gmt_offset=offset)
        router.set_clock(ahead=3600)
        (row,) = words(router, "/system/clock/print")

    shown = dt.datetime.strptime(f"{row['date']} {row['time']}", form).replace(tzinfo=dt.UTC)
    expected = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours + 1)
    assert abs(shown - expected) < dt.timedelta(seconds=20)
    assert row["gmt-offset"] == offset


def test_accounts_are_users_with_groups_and_show_no_password() -> None:
    """Each account is a user with a group, whose policies are listed with those that are denied; no password shows."""
    limited = Account("sync", "secret", frozenset({"api", "read"}))
    with RouterSimulator(accounts=(Account("admin"), limited)) as router:
        (user,) = words(router, "/user/print", "?name=sync")
        (group,) = words(router, "/user/group/print", f"?name={user['group']}")

    assert user == {".id": "*2", "name": "sync", "group": "sync", "address": "", "disabled": "false"}
    policies = group["policy"].split(",")
    assert policies[:2] == ["api", "read"]
    assert {"!write", "!sensitive", "!policy"} < set(policies)


def test_a_small_menu_can_be_configured_by_hand() -> None:
    """A hand at the router changes a small menu; one that does not exist, or a property, is a fault of the test."""
    with RouterSimulator() as router:
        router.configure("/ppp/aaa", use_radius="true")
        router.configure("/interface/pppoe-server/server", disabled="true")

        assert words(router, "/ppp/aaa/print")[0]["use-radius"] == "true"
        assert words(router, "/interface/pppoe-server/server/print")[0]["disabled"] == "true"
        for menu, word in (("/ppp/aaa", "use-tacacs"), ("/ppp/nothing", "use-radius")):
            with pytest.raises(KeyError):
                router.configure(menu, **{word: "true"})
