"""What the operator's command line prints: each answer, at the width of the terminal, names to the letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pppctl.cells import plain
from tests.unit.pppctl_answers import (
    APPROVALS,
    CHECKS,
    DRY,
    EXPLAINED,
    FLEET,
    IMPORT,
    NOTHING,
    OTHER,
    PLAN,
    ROUTER,
    RUN,
    SYNC,
    screen,
    squeezed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


SCREENS: dict[str, tuple[str, Mapping[str, Any], list[str]]] = {
    "plan": (
        "plan",
        RUN,
        [
            "plan: ok, 2.4 s, run 11111111-2222-3333-4444-555555555555",
            "CRM: 9826 subscribers, 9771 services, read at the domain",
            "Ignored: custom_config 3, no_custom_id 12",
            "tower-1     9801     9712     9705         89             41               2",
            "tower-1  disable       12        12",
            "tower-1  enable         2         -",
            "Each change (2 of 14)",
            "tower-1  [red]NEW1[/]  create         30mbps, 198.51.100.7, enabled",
            "Withheld until approved",
            f"{PLAN}  tower-1  disable  12     12 of 40 enabled secrets would be",
            "12 of the changes wait for your approval",
            "Right? Look at it once more, then apply it:",
            f"  .venv/bin/python -m pppctl approve {PLAN}",
            "What each reason means and what to do: docs/operations.md",
            "Problems (2 of 300)",
            "profile_missing             ABC7   tower-1  30mbps",
        ],
    ),
    "sync": (
        "sync",
        SYNC,
        [
            "sync: NOT OK, 2.4 s",
            "Not verified: routers.tower-1.use_ssl",
            "tower-1 (1 change failed) 9801 9712 9705 89 41 2",
            "long-name (observe) FAILED",
            "tower-of-a-village-with-a-long-name: router_closed: the router closed the connection",
            "tower-1  enable          2        2       -",
            "tower-1  password        3        2       1",
            "Sessions dropped: 2",
            "tower-1  ABC9   password  value_not_kept",
        ],
    ),
    "nothing to do": ("sync", NOTHING, ["Nothing to change."]),
    "withheld on all routers": ("plan", FLEET, [f"{PLAN}  all     disable  12     12 of 40"]),
    "check": (
        "check",
        CHECKS,
        [
            "  key    ok    the key is valid",
            "  write  note  the key may only read",
            "router.a.b",
            "  clock  FAIL  2:00:00 behind this function: set up NTP",
            "1 of 3 checks need attention",
        ],
    ),
    "check passed": ("check", CHECKS | {"checks": CHECKS["checks"][:2]}, ["All 2 checks passed"]),
    "explain": (
        "explain",
        EXPLAINED,
        [
            "ABC1 (subscriber 1) is suspended in the CRM.",
            "service   501 suspended, 30mbps, Home, Internet, from 2022-01-15 (this one",
            "tags      VIP",
            "router    tower-1, since it holds the secret",
            "secret    tower-1: disabled, 30mbps, pppoe, password same, address 198.51.100.7",
            "session   tower-1: 10.0.0.9, pppoe, by RADIUS",
            f"next run  tower-1: disable enabled -> disabled, drops 2, withheld by {PLAN},",
            "next run  tower-1: drop",
            "problem   profile_missing tower-1 30mbps",
        ],
    ),
    "approve": (
        "approve",
        SYNC | {"approvals": APPROVALS},
        [f"{PLAN} applied 11 1", f"{OTHER} unknown {PLAN} 0"],
    ),
    "import": (
        "import",
        IMPORT,
        [
            "import: NOT OK, 0.9 s, run r",
            "Passwords imported: 7, equal already: 3",
            "Skipped: unmatched 4",
            "2 are left for lack of time or because the CRM failed: run the same command",
            "b: router_login: refused",
            "ABC9   crm_refused  422",
        ],
    ),
    "dry import": (
        "import",
        DRY,
        [
            "import: ok, run r",
            "Passwords would be imported: 1, equal already: 0",
            "ABC1   a       (none)  ***",
            "unmatched  X      a",
        ],
    ),
}


@pytest.mark.parametrize(("command", "answer", "lines"), SCREENS.values(), ids=SCREENS)
def test_screens(command: str, answer: Mapping[str, Any], lines: list[str]) -> None:
    """Each answer fits 80 columns and shows what there is to see, names to the letter."""
    text = screen(command, answer)

    assert max(map(len, text.splitlines())) <= 80
    assert [line for line in lines if squeezed(line) not in squeezed(text)] == []
    assert "\x1b" not in text


def test_approve_shows_the_whole_run() -> None:
    """It makes all other changes too, and a router that failed is no less failed; what was not applied is explained."""
    observed = {"plan_id": "f" * 16, "result": "observed", "released": 0, "gone": 0, "now": None}
    text = screen("approve", SYNC | {"approvals": [*APPROVALS, observed]})

    assert screen("sync", SYNC) in text
    assert "observed: nothing was written: its routers are observed or on hold" in text
    assert "unknown: never seen, older than 7 days, or nothing of it is due any more" in text


def test_what_many_have_alike_is_one_row() -> None:
    """A router that is down must not push what is different out of sight; all names are in the JSON."""
    alike = [
        {"name": f"ABC{n}", "subscriber": n, "router": None, "reason": "router_not_read", "detail": "tower-2"}
        for n in range(60)
    ]
    other = {"name": "ABC9", "subscriber": 9, "router": "tower-1", "reason": "profile_missing", "detail": "30mbps"}
    text = squeezed(screen("sync", NOTHING | {"problems": [*alike, other], "problems_total": 61}))

    assert text.count("router_not_read") == 1
    assert squeezed("ABC0, ABC1, ABC2, ABC3, ABC4 and 55 more") in text
    assert "Problems (" not in text
    assert "profile_missing" in text


def test_a_router_that_was_not_read_has_no_counts() -> None:
    """Zeros would look like a router that lost everything."""
    error = {"reason": "router_unreachable", "detail": "refused"}
    router = ROUTER | {"name": "down", "ok": False, "error": error, "secrets": 0}
    (row,) = [
        line for line in screen("sync", RUN | {"routers": [router]}).splitlines() if line.startswith("down FAILED")
    ]

    assert row.split() == ["down", "FAILED", *"------"]


def test_colours_on_a_terminal() -> None:
    """On a terminal what needs attention stands out."""
    text = screen("check", CHECKS, force_terminal=True, color_system="standard")

    assert "\x1b[1;31mFAIL\x1b[0m" in text
    assert "\x1b[33mnote\x1b[0m" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Żaba 1", "Żaba 1"),
        ("a\x1b[2Jb\n", "a\\x1b[2Jb\\n"),
        ("\udce9", "\\udce9"),
        (None, ""),
        (7, "7"),
    ],
)
def test_plain(text: object, expected: str) -> None:
    """What would steer the terminal, or cannot be encoded, is spelled out."""
    assert plain(text) == expected
