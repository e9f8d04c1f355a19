"""Answers of the functions, as the tests of the command line need them, and what they look like on a terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from pppctl.cells import Screen, View
from pppctl.screens import FIRST_ROWS, show

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAN = "9f036593ac695801"
OTHER = "0123456789abcdef"

ROUTER: dict[str, Any] = {
    "name": "tower-1",
    "mode": "enforce",
    "ok": True,
    "error": None,
    "secrets": 9801,
    "managed": 9712,
    "in_sync": 9705,
    "unmatched": 89,
    "unmatched_enabled": 80,
    "unmatched_online": 41,
    "suspended_online": 2,
    "planned": {"enable": 2, "disable": 12},
    "applied": {},
    "failed": {},
    "withheld": {"disable": 12},
    "unconfirmed": {},
    "deferred": {},
    "unanswered": {},
    "sessions_dropped": 0,
    "failures": [],
    "failures_total": 0,
    "withheld_plans": [
        {"plan_id": PLAN, "kind": "disable", "count": 12, "reason": "12 of 40 enabled secrets would be disabled"}
    ],
}
CREATED = {"password": "***", "profile": "30mbps", "remote-address": "198.51.100.7", "disabled": False}
CHANGES: list[dict[str, Any]] = [
    {"name": "ABC1", "kind": "disable", "field": "disabled", "actual": "no", "desired": "yes"},
    {"name": "[red]NEW1[/]", "kind": "create", "field": None, "actual": None, "desired": CREATED},
]
FAILED_ROUTER = ROUTER | {
    "name": "tower-of-a-village-with-a-long-name",
    "mode": "observe",
    "ok": False,
    "error": {"reason": "router_closed", "detail": "the router closed the connection"},
    "planned": {},
    "withheld": {},
    "withheld_plans": [],
}
RUN: dict[str, Any] = {
    "run_id": "11111111-2222-3333-4444-555555555555",
    "action": "plan",
    "ok": True,
    "exclusive": True,
    "duration_ms": 2412,
    "weakened": [],
    "crm": {"subscribers": 9826, "services": 9771, "source": "domain"},
    "ignored": {"custom_config": 3, "no_custom_id": 12},
    "routers": [ROUTER | {"changes": CHANGES, "changes_total": 14}],
    "approvals": [],
    "problems": [
        {"name": "ABC7", "subscriber": 1042, "router": "tower-1", "reason": "profile_missing", "detail": "30mbps"},
        {"name": None, "subscriber": None, "router": None, "reason": "password_attribute_missing", "detail": "pppPass"},
    ],
    "problems_total": 300,
}
FAILURES = [{"name": "ABC9", "kind": "password", "reason": "value_not_kept", "detail": ""}]
SYNC = RUN | {
    "action": "sync",
    "ok": False,
    "weakened": ["routers.tower-1.use_ssl"],
    "routers": [
        ROUTER
        | {
            "ok": False,
            "planned": {"enable": 2, "password": 3},
            "applied": {"enable": 2, "password": 2},
            "failed": {"password": 1},
            "withheld": {},
            "sessions_dropped": 2,
            "failures": FAILURES,
            "failures_total": 1,
            "withheld_plans": [],
        },
        FAILED_ROUTER,
    ],
    "problems": [],
    "problems_total": 0,
}
NOTHING = RUN | {
    "routers": [ROUTER | {"planned": {}, "withheld": {}, "withheld_plans": [], "suspended_online": 0}],
    "problems": [],
    "problems_total": 0,
}
FLEET = RUN | {"routers": [ROUTER, ROUTER | {"name": "tower-2"}]}
CHECKS: dict[str, Any] = {
    "action": "check",
    "ok": False,
    "checks": [
        {"check": "crm.domain.key", "ok": True, "detail": "the key is valid"},
        {"check": "crm.write", "ok": True, "detail": "note: the key may only read"},
        {"check": "router.a.b.clock", "ok": False, "detail": "2:00:00 behind this function: set up NTP " + "x" * 80},
    ],
}
EXPLAINED: dict[str, Any] = {
    "action": "explain",
    "ok": True,
    "explanations": [
        {
            "name": "ABC1",
            "sentence": "ABC1 (subscriber 1) is suspended in the CRM.",
            "facts": {
                "services": [
                    {
                        "id": 501,
                        "status": "suspended",
                        "name": "30mbps",
                        "plan": "Home",
                        "type": "Internet",
                        "active_from": "2022-01-15",
                        "active_to": None,
                    }
                ],
                "counting_service": 501,
                "tags": ["VIP"],
                "router": "tower-1",
                "router_because": "it holds the secret",
                "secrets": [
                    {
                        "router": "tower-1",
                        "enabled": False,
                        "profile": "30mbps",
                        "address": "198.51.100.7",
                        "service": "pppoe",
                        "password": "same",
                    }
                ],
                "sessions": [{"router": "tower-1", "address": "10.0.0.9", "service": "pppoe", "radius": True}],
                "next_run": [
                    {
                        "router": "tower-1",
                        "kind": "disable",
                        "field": "disabled",
                        "actual": "no",
                        "desired": "yes",
                        "sessions_dropped": 2,
                        "observed": True,
                        "withheld": True,
                        "plan_ids": [PLAN],
                    },
                    {
                        "router": "tower-1",
                        "kind": "drop",
                        "field": None,
                        "actual": None,
                        "desired": None,
                        "sessions_dropped": 0,
                        "observed": False,
                        "withheld": False,
                        "plan_ids": [],
                    },
                ],
                "problems": [{"router": "tower-1", "reason": "profile_missing", "detail": "30mbps"}],
            },
        }
    ],
}
APPROVALS = [
    {"plan_id": PLAN, "result": "applied", "released": 11, "gone": 1, "now": None},
    {"plan_id": OTHER, "result": "unknown", "released": 0, "gone": 0, "now": PLAN},
]
IMPORT: dict[str, Any] = {
    "run_id": "r",
    "ok": False,
    "dry_run": False,
    "duration_ms": 900,
    "imported": 7,
    "unchanged": 3,
    "deferred": 2,
    "skipped": {"unmatched": 4},
    "failed": [{"name": "ABC9", "reason": "crm_refused", "detail": "422"}],
    "routers": [
        {"name": "a", "ok": True, "secrets": 3, "error": None},
        {"name": "b", "ok": False, "secrets": None, "error": {"reason": "router_login", "detail": "refused"}},
    ],
}
DRY: dict[str, Any] = {
    "run_id": "r",
    "ok": True,
    "dry_run": True,
    "imported": 1,
    "unchanged": 0,
    "deferred": 0,
    "skipped": {},
    "failed": [],
    "changes": [{"name": "ABC1", "subscriber": 1, "router": "a", "actual": None, "desired": "***"}],
    "problems": [{"name": "X", "subscriber": 3, "router": "a", "reason": "unmatched", "detail": ""}],
    "problems_total": 1,
}


def screen(command: str, answer: Mapping[str, Any], view: View = FIRST_ROWS, **terminal: Any) -> str:
    """The screen on a terminal of 80 columns, or of another width."""
    output = io.StringIO()
    show(Screen(file=output, **{"width": 80, **terminal}), command, answer, view)
    return output.getvalue()


def squeezed(text: str) -> str:
    """The words alone: how wide a column is, depends on what stands in it."""
    return " ".join(text.split())
