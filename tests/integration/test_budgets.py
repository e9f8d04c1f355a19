"""What a run may cost, as counts and ratios that do not hang on the machine's mood; the rest: docs/performance.md."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from lab.benchmarks.provider import Provider
from lab.benchmarks.servers import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("budgets")

SUBSCRIBERS = 1200
PAGE = 100


@pytest.fixture(scope="module")
def in_order() -> Iterator[Stage]:
    """A provider where nothing is to be done."""
    with Stage(Provider(SUBSCRIBERS, page_size=PAGE), delayed=False) as stage:
        yield stage


def test_a_run_with_nothing_to_do_keeps_its_budget_of_requests_and_sentences(in_order: Stage) -> None:
    """Both lists, the attributes and one page each beyond the end; on the router its version and three tables."""
    run = in_order.run("ours")

    assert run.told == {"ok": True, "applied": 0, "withheld": 0}
    assert run.crm["requests"] <= 2 * math.ceil(SUBSCRIBERS / (PAGE - 1)) + 4
    assert sum(run.routers["commands"].values()) == 4
    assert run.routers["connections"] == 1


def test_a_run_with_nothing_to_do_keeps_its_budget_of_round_trips(in_order: Stage) -> None:
    """Login, version, and all tables at once."""
    in_order.run("ours")

    assert in_order.routers.ask("flights")["flights"] <= 3


def test_changes_keep_their_budget_of_sentences() -> None:
    """A change is written once; a new value and a cut take one look at the sessions, a cut one drop more."""
    with Stage(Provider(SUBSCRIBERS, changes=80, cuts=8, page_size=PAGE), delayed=False) as stage:
        run = stage.run("ours")
        flights = stage.routers.ask("flights")["flights"]

    commands = run.routers["commands"]
    assert run.told == {"ok": True, "applied": 88, "withheld": 0}
    assert (run.routers["differences"], run.routers["repeated"]) == (0, 0)
    assert (commands["/ppp/secret/set"], commands["/ppp/secret/add"], commands["/ppp/active/remove"]) == (68, 20, 8)
    assert commands["/ppp/active/print"] == 1 + 40 + 8
    assert run.crm["endpoints"]["GET clients/{id}"] == 8
    assert flights < 88 / 2


def test_rows_are_read_at_twice_the_rate_of_stock_librouteros() -> None:
    """At least four times stock librouteros where it is measured in earnest; half of that is asked for here."""
    with Stage(Provider(4000), delayed=False) as stage:
        ours, stock = (min(stage.run(name).cpu for _ in range(3)) for name in ("read-ours", "read-librouteros"))

    assert stock / ours >= 2


def test_each_further_subscriber_keeps_its_budget_of_memory() -> None:
    """Objects of both sides together, at the highest point of the run."""
    few, many = 1000, 4000
    peaks = []
    for subscribers in (few, many):
        with Stage(Provider(subscribers), delayed=False) as stage:
            peaks.append(stage.run("traced").told["traced"])

    assert (peaks[1] - peaks[0]) / (many - few) <= 2500
