"""The short form of the fault bench: seeds that are always the same, and fresh ones that a failure tells."""

from __future__ import annotations

import secrets

import pytest

from lab.faults.schedule import play
from lab.faults.truth import read_truth

BLOCK = 15
FIXED = range(1, 241, BLOCK)
FRESH = 1


@pytest.mark.parametrize("first", FIXED)
def test_no_schedule_breaks_an_invariant(first: int) -> None:
    """Edits, faults and runs in turn: nothing that must not happen does, and in the end all is as the CRM says."""
    for seed in range(first, first + BLOCK):
        assert_clean(seed)


@pytest.mark.parametrize("block", range(FRESH))
def test_no_new_schedule_breaks_an_invariant(block: int) -> None:
    """The same with seeds that nobody has seen; a failure names the one to replay."""
    first = 1_000_000 + secrets.randbelow(10**9) * FRESH + block
    for seed in range(first, first + BLOCK * FRESH, FRESH):
        assert_clean(seed)


def assert_clean(seed: int) -> None:
    """Play one schedule and show all of it if it failed."""
    result = play(seed)
    assert not result.violations, str(result)


def test_the_same_seed_makes_the_same_schedule() -> None:
    """Else a failure could not be replayed."""
    first, second = ([one for one in play(7).steps if not one.startswith("    ")] for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("services", "state"),
    [
        ([(1, 1), (2, 3)], "active"),
        ([(1, 3), (2, 2)], "suspended"),
        ([(1, 2)], "off"),
        ([], "off"),
        ([(1, 0)], None),
        ([(1, 7), (2, 5)], None),
    ],
)
def test_the_oracle_knows_who_is_who(services: list[tuple[int, int]], state: str | None) -> None:
    """The judge is written by hand, and so is this."""
    client = {"id": 1, "userIdent": "ABC1", "isArchived": False, "isLead": False, "tags": [], "attributes": []}
    client |= {"registrationDate": "2020-08-14T00:00:00+0600"}
    common = {"clientId": 1, "servicePlanType": "Internet", "name": "p", "activeFrom": None, "activeTo": None}
    rows = [common | {"id": number, "status": status} for number, status in services]
    login = read_truth([client], rows, {}).logins.get("ABC1")
    assert (login.state if login else None) == state
