"""The oracle of the fault bench, judged by hand: which names read the same, and who lets in a session."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from lab.faults.cases import alike
from lab.faults.rows import in_the_way, lets_in, online, reads_as
from lab.faults.truth import read_truth
from lab.faults.world import ODD_NAMES

BYTES = "Ñandú".encode("cp1252").decode("utf-8", "surrogateescape")


def a_row(name: str = "ABC1", service: str = "pppoe", **words: str) -> dict[str, str]:
    """A secret, or a session, as the simulator shows it."""
    return {"name": name, "service": service, "disabled": "false"} | words


def a_client(name: str = "ABC1", **attributes: str) -> dict[str, Any]:
    """A subscriber as the CRM lists it."""
    rows = [{"key": key, "value": value} for key, value in attributes.items()]
    client = {"id": 1, "userIdent": name, "isArchived": False, "isLead": False, "tags": [], "attributes": rows}
    return client | {"registrationDate": "2020-08-14T00:00:00+0600"}


@pytest.mark.parametrize(
    ("held", "login"),
    [
        ("abc1", "ABC1"),
        ("ABC1 ", "ABC1"),
        ("A  B", "A B"),
        ("A\u00a0B", "AB"),
        ("AB\u200bC1", "ABC1"),
        ("N\u0303andu\u0301", "Ñandú"),
        (BYTES, "Ñandú"),
        ("\uff21\uff22\uff23\uff11", "ABC1"),
    ],
)
def test_names_that_read_the_same(held: str, login: str) -> None:
    """R1: such a name stands in the way of a new secret, unless it is a live login or the exact name is there."""
    assert in_the_way([a_row(held)], login, {login})
    assert not in_the_way([a_row(held)], login, {login, held})
    assert not in_the_way([a_row(held), a_row(login)], login, {login})


@pytest.mark.parametrize(("held", "login"), [("ABC2", "ABC1"), ("Nandu", "Ñandú"), ("AB-C1", "ABC1")])
def test_names_that_read_differently(held: str, login: str) -> None:
    """R1: an accent, a digit or a dash is a difference."""
    assert not in_the_way([a_row(held)], login, {login})


@pytest.mark.parametrize("name", ["ABC0", *(one for one in ODD_NAMES if one.strip())])
def test_every_look_alike_of_the_edits_is_one(name: str) -> None:
    """The edits make names that the oracle takes for alike: else the bench would never play the rule."""
    made = {alike(Random(f"{name} {seed}"), name) for seed in range(60)}
    read = [one for one in made if reads_as(one) & reads_as(name)]
    assert len(read) >= len(made) - 2  # What a code page leaves out of a name is no look-alike.
    assert name not in made


@pytest.mark.parametrize(
    ("secret", "others", "session", "lets"),
    [
        ("pppoe", (), "pppoe", True),
        ("pppoe", (), "l2tp", False),
        ("any", (), "l2tp", True),
        ("any", ("l2tp",), "l2tp", False),
        ("any", ("pppoe",), "sstp", True),
        ("any", ("any",), "sstp", True),
    ],
)
def test_who_lets_in_a_session(secret: str, others: tuple[str, ...], session: str, *, lets: bool) -> None:
    """R12: a secret's own service; under any, those of every service that has no secret of this name of its own."""
    row = a_row(service=secret)
    rows = [row, a_row("ABC2", session), *(a_row(service=one) for one in others)]
    assert lets_in(row, a_row(service=session), rows) is lets
    assert not lets_in(row, a_row("ABC2", session), rows)


def test_a_foreign_secret_puts_nobody_of_ours_online() -> None:
    """R12: the session of a secret under another service is not the login's."""
    rows = [a_row(), a_row(service="l2tp")]
    assert online(rows, "ABC1", {"pppoe", "any"}, [a_row(service="l2tp")]) == []
    assert online(rows, "ABC1", {"pppoe", "any"}, [a_row(service="pppoe")]) == [a_row(service="pppoe")]


@pytest.mark.parametrize("name", ["AB\u200bC1", "ABC\u00ad1", "\ufeffABC1", "AB\u3164C"])
def test_a_login_with_zero_width_characters_is_none(name: str) -> None:
    """R5: nobody could type it again."""
    truth = read_truth([a_client(name)], [], {})
    assert not truth.logins
    assert truth.live == {name}


@pytest.mark.parametrize(
    ("text", "address"), [("10.0.0.1/32", "10.0.0.1"), (" 10.0.0.1 ", "10.0.0.1"), ("10.0.0.0/24", None)]
)
def test_a_network_of_one_address(text: str, address: str | None) -> None:
    """R11: `/32` is taken off, and any other network is wrong."""
    login = read_truth([a_client(staticIp=text)], [], {}).logins["ABC1"]
    assert (login.address, login.address_wrong) == (address, address is None)
