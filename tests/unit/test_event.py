"""The events of both functions: what they may hold and how each fault is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pppsync.config.event import Event, ImportEvent, read_event, read_import_event
from pppsync.errors import EventError

ROUTERS = ("tower-1", "tower-2")
PLAN = "9f036593ac695801"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({}, Event("sync", None, None, ())),
        ({"action": "sync"}, Event("sync")),
        ({"source": "aws.scheduler", "action": "explain", "detail": {}}, Event("sync")),
        ({"source": "aws.events", "version": "0", "routers": ["nobody"]}, Event("sync")),
        ({"action": "plan", "routers": ["tower-1"]}, Event("plan", frozenset({"tower-1"}))),
        ({"routers": ["tower-2", "tower-1", "tower-2"]}, Event("sync", frozenset(ROUTERS))),
        ({"action": "check", "routers": ["tower-1"]}, Event("check", frozenset({"tower-1"}))),
        ({"subscribers": ["ABC1", "ABC1"]}, Event("sync", None, frozenset({"ABC1"}))),
        ({"action": "explain", "subscribers": ["Żaba 1"]}, Event("explain", None, frozenset({"Żaba 1"}))),
        (
            {"action": "explain", "subscribers": ["ABC1", 1042, "1042", 1042]},
            Event("explain", None, frozenset({"ABC1", "1042"}), subscriber_ids=frozenset({1042})),
        ),
        (
            {"action": "explain", "subscribers": [7]},
            Event("explain", None, frozenset(), subscriber_ids=frozenset({7})),
        ),
        ({"approve": [PLAN, "0" * 16, PLAN]}, Event("sync", None, None, (PLAN, "0" * 16))),
        ({"approve": []}, Event("sync")),
        ({"action": "sync", "by": "anna"}, Event("sync", by="anna")),
        (
            {"action": "hold", "for": "2h", "why": "ż" * 200, "by": "a" * 200},
            Event("hold", lasting=timedelta(hours=2), why="ż" * 200, by="a" * 200),
        ),
        (
            {"action": "hold", "routers": ["tower-1"], "for": "30d", "why": "x"},
            Event("hold", frozenset({"tower-1"}), lasting=timedelta(days=30), why="x"),
        ),
        ({"action": "release"}, Event("release")),
        (
            {"action": "release", "routers": ["tower-2"], "by": "anna"},
            Event("release", frozenset({"tower-2"}), by="anna"),
        ),
    ],
)
def test_an_event_chooses_the_action_and_its_filters(event: dict[str, Any], expected: Event) -> None:
    """An absent filter means all, a schedule always means a sync, a name given twice counts once."""
    assert read_event(event, ROUTERS) == expected


def test_explain_takes_a_hundred_names() -> None:
    """The limit counts different names."""
    names = [f"ABC{index}" for index in range(100)]
    asked = read_event({"action": "explain", "subscribers": names + names}, ROUTERS)
    assert asked.subscribers == frozenset(names)


def test_explain_counts_logins_and_ids_together() -> None:
    """A login and the id of a CRM client of the same digits are two; the limit holds for both together."""
    asked = [*(str(index) for index in range(1, 51)), *range(1, 51)]
    event = read_event({"action": "explain", "subscribers": asked}, ROUTERS)
    assert (len(event.subscribers or ()), len(event.subscriber_ids)) == (50, 50)
    with pytest.raises(EventError, match="must list at most 100 logins and ids to explain"):
        read_event({"action": "explain", "subscribers": [*asked, 51]}, ROUTERS)


NUMBERS = "subscribers: must be logins as texts; only explain takes numbers, which are ids of CRM clients"
FIELDS = "fields: must be a list of one or more of password, static_ip"
IDS = "subscribers: every number must be the id of a CRM client, from 1 to 2147483647"
NAMES = "must be a list of one or more names; leave it out to mean all"
ACTIONS = "sync, plan, check, explain, hold, release"
FOR = 'for: must be a whole number and m, h or d, such as "30m", "2h" or "7d", and at most 30d'
NO_FOR = 'for: is missing; it says how long, a whole number and m, h or d, such as "2h"'
NO_WHY = "why: is missing; it says why, for whoever finds the router on hold"
PLANS = "approve: must be a list of plan ids as printed"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (None, "the event must be an object; an empty one runs with the defaults"),
        ([], "the event must be an object; an empty one runs with the defaults"),
        ("sync", "the event must be an object; an empty one runs with the defaults"),
        ({"source": "aws.s3"}, "source: is an unknown key"),
        ({"source": ["aws.events"]}, "source: is an unknown key"),
        ({"router": ["tower-1"]}, "router: is an unknown key; did you mean `routers`?"),
        ({"x" * 41: 1}, "(name not shown): is an unknown key"),
        ({7: 1}, "(name not shown): is an unknown key"),
        ({"action": "synk"}, f"action: must be one of {ACTIONS}, not 'synk'"),
        ({"action": "x" * 99}, f"action: must be one of {ACTIONS}, not '{'x' * 40}'"),
        ({"action": None}, f"action: must be one of {ACTIONS}"),
        ({"action": ["sync"]}, f"action: must be one of {ACTIONS}"),
        ({"routers": "tower-1"}, f"routers: {NAMES}"),
        ({"routers": []}, f"routers: {NAMES}"),
        ({"routers": None}, f"routers: {NAMES}"),
        ({"routers": [1]}, "routers: every name must be a text"),
        ({"routers": ["tower-3"]}, "routers: no router is named 'tower-3'; did you mean 'tower-2'?"),
        ({"routers": ["z", "a\n"]}, "routers: no router is named 'a\\n'; routers: no router is named 'z'"),
        ({"routers": ["z" * 99]}, f"routers: no router is named '{'z' * 40}'"),
        ({"subscribers": []}, f"subscribers: {NAMES}"),
        ({"subscribers": {"ABC1": 1}}, f"subscribers: {NAMES}"),
        ({"subscribers": ["ABC1", None]}, "subscribers: every name must be a text"),
        ({"subscribers": [" "]}, "subscribers: every name must not be blank"),
        ({"subscribers": ["ABC1", 1042]}, NUMBERS),
        ({"action": "plan", "subscribers": [1042]}, NUMBERS),
        ({"action": "explain", "subscribers": 1042}, f"subscribers: {NAMES}"),
        ({"action": "explain", "subscribers": [0]}, IDS),
        ({"action": "explain", "subscribers": ["ABC1", -1]}, IDS),
        ({"action": "explain", "subscribers": [2**31]}, IDS),
        ({"action": "explain", "subscribers": [1042.0]}, "subscribers: every name must be a text"),
        ({"action": "explain", "subscribers": [7, True]}, "subscribers: every name must be a text"),
        ({"action": "hold"}, f"{NO_FOR}; {NO_WHY}"),
        ({"action": "hold", "for": "31d", "why": "x"}, FOR),
        ({"action": "hold", "for": "2 hours", "why": "x", "routers": ["tower-1"]}, FOR),
        ({"action": "hold", "for": 2, "why": "x"}, "for: must be a text"),
        (
            {"action": "hold", "for": "0h", "why": " ", "by": "x" * 201, "routers": ["z"]},
            f"{FOR}; why: must not be blank; by: must have at most 200 characters; routers: no router is named 'z'",
        ),
        ({"action": "hold", "for": "2h", "why": "x" * 201}, "why: must have at most 200 characters"),
        ({"action": "hold", "for": "2h", "why": ""}, "why: must not be blank"),
        (
            {"action": "release", "for": "2h", "why": "x"},
            "; ".join(f"{key}: cannot be used with the action release, only with hold" for key in ("for", "why")),
        ),
        (
            {"action": "plan", "by": "anna"},
            "by: cannot be used with the action plan, only with sync, hold, release",
        ),
        (
            {"action": "hold", "for": "2h", "why": "x", "subscribers": ["ABC1"]},
            "subscribers: cannot be used with the action hold, only with sync, plan, explain",
        ),
        ({"approve": PLAN}, PLANS),
        ({"approve": [9036593]}, PLANS),
        (
            {"action": "plan", "approve": [PLAN]},
            "approve: cannot be used with the action plan, only with sync",
        ),
        (
            {"action": "explain"},
            "subscribers: is missing; it lists the logins, or the ids of CRM clients as numbers, to explain",
        ),
        ({"action": "explain", "subscribers": []}, f"subscribers: {NAMES}"),
        (
            {"action": "explain", "subscribers": [str(index) for index in range(101)]},
            "subscribers: must list at most 100 logins and ids to explain",
        ),
        (
            {"action": "explain", "subscribers": ["ABC1"], "routers": ["tower-1"]},
            "routers: cannot be used with the action explain, only with sync, plan, check, hold, release",
        ),
        (
            {"action": "check", "subscribers": ["ABC1"]},
            "subscribers: cannot be used with the action check, only with sync, plan, explain",
        ),
        (
            {"action": 1, "routers": 2, "dry_run": True},
            f"action: must be one of {ACTIONS}; routers: {NAMES}; dry_run: is an unknown key",
        ),
    ],
)
def test_every_fault_of_an_event_is_listed(event: object, expected: str) -> None:
    """An event that is not understood in full does nothing, and says all that is wrong with it."""
    with pytest.raises(EventError) as caught:
        read_event(event, ROUTERS)
    assert str(caught.value) == f"event_invalid: {expected}"


def test_many_unknown_routers_are_not_all_listed() -> None:
    """A message stays readable whatever the event holds."""
    with pytest.raises(EventError) as caught:
        read_event({"routers": [f"x{index}" for index in range(500)]}, ROUTERS)
    assert caught.value.detail.count("no router is named") == 10
    assert caught.value.detail.endswith("routers: 490 more names are no router's")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({}, ImportEvent(False, False, None, None)),
        ({"dry_run": True, "overwrite": True}, ImportEvent(dry_run=True, overwrite=True)),
        (
            {"routers": ["tower-1"], "subscribers": ["1A", "1A"]},
            ImportEvent(routers=frozenset({"tower-1"}), subscribers=frozenset({"1A"})),
        ),
        ({"fields": ["static_ip", "password", "static_ip"]}, ImportEvent(fields=("password", "static_ip"))),
        ({"fields": ["static_ip"], "overwrite": True}, ImportEvent(fields=("static_ip",), overwrite=True)),
        (
            {"restore": "run-1", "dry_run": True, "routers": ["tower-1"], "subscribers": ["A"], "generate": False},
            ImportEvent(restore="run-1", dry_run=True, routers=frozenset({"tower-1"}), subscribers=frozenset({"A"})),
        ),
        (
            {"generate": True, "dry_run": True, "subscribers": ["A"], "overwrite": False},
            ImportEvent(generate=True, dry_run=True, subscribers=frozenset({"A"})),
        ),
    ],
)
def test_an_import_event_chooses_filters_and_switches(event: dict[str, Any], expected: ImportEvent) -> None:
    """Only what is asked for is overwritten; an absent filter means all."""
    assert read_import_event(event, ROUTERS) == expected
    assert read_import_event(event) == expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (None, "the event must be an object; an empty one runs with the defaults"),
        ({"dry_run": "true"}, "dry_run: must be true or false"),
        ({"overwrite": 1}, "overwrite: must be true or false"),
        ({"dryrun": True}, "dryrun: is an unknown key; did you mean `dry_run`?"),
        ({"action": "sync"}, "action: is an unknown key"),
        ({"source": "aws.scheduler"}, "source: is an unknown key"),
        ({"routers": []}, f"routers: {NAMES}"),
        ({"routers": ["x"]}, "routers: no router is named 'x'"),
        ({"subscribers": "A"}, f"subscribers: {NAMES}"),
        ({"subscribers": ["A", 7]}, NUMBERS),
        ({"fields": []}, FIELDS),
        ({"fields": "password"}, FIELDS),
        ({"fields": ["password", "profile"]}, FIELDS),
        ({"fields": [["password"]]}, FIELDS),
        ({"generate": 1}, "generate: must be true or false"),
        ({"restore": ""}, "restore: must not be blank"),
        ({"restore": 7}, "restore: must be a text"),
        ({"restore": "a run"}, "restore: must be printable ASCII characters without blanks or line breaks"),
        (
            {"restore": "run-1", "generate": True, "overwrite": True, "fields": ["password"], "dryrun": True},
            (
                "dryrun: is an unknown key; did you mean `dry_run`?; generate: cannot be used with restore; "
                "overwrite: cannot be used with restore; fields: cannot be used with restore"
            ),
        ),
        (
            {"generate": True, "overwrite": True, "fields": ["static_ip"], "routers": ["tower-1"]},
            (
                "overwrite: cannot be used with generate; fields: cannot be used with generate; "
                "routers: cannot be used with generate"
            ),
        ),
    ],
)
def test_every_fault_of_an_import_event_is_listed(event: object, expected: str) -> None:
    """A misspelt `dry_run` must not write."""
    with pytest.raises(EventError) as caught:
        read_import_event(event, ROUTERS)
    assert caught.value.detail == expected
