"""An answer with every key that a run can give: holds, the journal, totals by reason, secrets that match no login."""

from __future__ import annotations

from typing import Any

from tests.unit.pppctl_answers import CHANGES, PLAN, ROUTER, RUN

UNREAD: dict[str, Any] = {key: None if isinstance(value, int) else value for key, value in ROUTER.items()} | {
    "name": "tower-2",
    "mode": "enforce",
    "ok": False,
    "error": {"reason": "router_unreachable", "detail": "refused"},
    "planned": None,
    "withheld": None,
    "withheld_plans": [],
    "hold": None,
}
HELD = ROUTER | {
    "hold": {"until": "2026-11-25T14:00:00Z", "by": "arn:aws:iam::1:user/ann", "why": "the tower moves"},
    "planned": {"disable": 12, "create": 1},
    "withheld_plans": [ROUTER["withheld_plans"][0] | {"online": 9}],
    "changes": [
        CHANGES[0] | {"online": True, "result": "withheld", "plans": [PLAN]},
        CHANGES[1] | {"online": False, "result": "deferred"},
    ],
    "changes_total": 13,
}
PROBLEMS: list[dict[str, Any]] = [
    {
        "name": f"ABC{number}",
        "subscriber": number,
        "service": None,
        "router": "tower-1",
        "reason": "profile_missing",
        "detail": f"{number}mbps",
    }
    for number in range(70)
]
RARE = {
    "name": "ZED1",
    "subscriber": 9,
    "service": 77,
    "router": None,
    "reason": "transitional",
    "detail": "starts on 2026-12-01",
}
UNMATCHED: list[dict[str, Any]] = [
    {"router": "tower-1", "name": f"old.{number}", "enabled": number < 60, "online": number < 2, "near": None}
    for number in range(61)
] + [{"router": "tower-1", "name": "Ann ", "enabled": False, "online": False, "near": "ANN (1042)"}]
FULL: dict[str, Any] = RUN | {
    "crm": RUN["crm"] | {"logins": 9811},
    "coverage": 98.8,
    "journal": "unavailable",
    "ok": False,
    "routers": [HELD, UNREAD],
    "problems": [*PROBLEMS, RARE],
    "problems_total": 901,
    "problems_by_reason": {"not_found": 1, "profile_missing": 899, "transitional": 1},
    "unmatched": UNMATCHED,
    "unmatched_total": 89,
}
