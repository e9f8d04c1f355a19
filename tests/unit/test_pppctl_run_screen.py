"""The screens of a plan and a sync: narrow and wide terminals, cut lists, problems by reason, exact names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pppctl.cells import View, described, exact, plain
from pppsync.core.reasons import Reason
from tests.unit.pppctl_answers import APPROVALS, CHECKS, DRY, EXPLAINED, IMPORT, NOTHING, RUN, SYNC, screen, squeezed
from tests.unit.pppctl_full_answer import FULL, PROBLEMS, UNMATCHED

if TYPE_CHECKING:
    from collections.abc import Mapping

GOLDEN = Path(__file__).parent / "golden" / "pppctl"
ALL = View(all_rows=True)
LONGEST_REASON = max(map(len, Reason))


def few(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The same answer with few rows, which a page can show."""
    return {**answer, "problems": [*answer["problems"][:2], answer["problems"][-1]], "unmatched": UNMATCHED[-2:]}


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_plan_as_it_is_printed(width: int) -> None:
    """The whole screen of a plan with every key, line by line, on narrow and on wide terminals."""
    text = screen("plan", few(FULL), width=width)
    lines = [line.rstrip() for line in text.splitlines()]

    assert lines == (GOLDEN / f"plan-{width}.txt").read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= width


def words(answer: Mapping[str, Any]) -> set[str]:
    """Every word of every row that an operator must be able to read, if it is one that a table never breaks."""
    routers = answer.get("routers", [])
    rows = [
        *routers,
        *(router["error"] for router in routers if router["error"]),
        *(one for router in routers for key in ("changes", "failures") for one in router.get(key) or ()),
        *(one for key in ("problems", "unmatched", "checks", "failed", "changes") for one in answer.get(key, ())),
    ]
    told = [str(row[key]) for row in rows for key in ("name", "reason", "router", "detail") if row.get(key)]
    return {word for text in told for word in exact(text.removeprefix("note: ")).split() if len(word) <= LONGEST_REASON}


@pytest.mark.parametrize("width", [60, 200])
@pytest.mark.parametrize(
    ("command", "answer"),
    [("plan", RUN), ("sync", SYNC), ("plan", FULL), ("check", CHECKS), ("import", IMPORT), ("import", DRY)],
)
def test_no_width_loses_a_word(command: str, answer: Mapping[str, Any], width: int) -> None:
    """Every name, reason and detail stands there, in whole words, and no line is wider than the terminal."""
    text = screen(command, answer, ALL, width=width)

    assert len(words(answer)) > 3
    assert {word for word in words(answer) if word not in text} == set()
    assert max(len(line) for line in text.splitlines()) <= width


def test_a_wide_terminal_shows_tables() -> None:
    """Where a table fits, it is one."""
    text = screen("plan", few(FULL), width=200)

    assert re.search(r"^router +login +kind +from +to +online +result$", text, re.MULTILINE) is None
    assert re.search(r"^router +login +kind +from +to +online +result *$", text, re.MULTILINE)


def test_what_the_new_keys_say() -> None:
    """Coverage, logins, journal, holds, sessions that would be dropped, what became of each change."""
    text = squeezed(screen("plan", FULL, width=120))

    for line in (
        "9771 services, 9811 logins, read at",
        "Coverage: 98.8 % of the subscribers",
        "Journal: unavailable, so this run did less",
        "tower-1 (on hold)",
        "tower-1 is on hold until 2026-11-25T14:00:00Z, by arn:aws:iam::1:user/ann, why: the tower moves",
        "tower-1 ABC1 disable enabled disabled online withheld",
        "plan router kind count online why",
        "disable 12 9 12 of 40 enabled secrets",
    ):
        assert line in text


def test_sessions_that_a_plan_would_drop() -> None:
    """Those that the next sync drops, and those that an approval drops; a cut list knows neither."""
    online, offline = FULL["routers"][0]["changes"]
    due = online | {"name": "DUE1", "plans": ["f" * 16]}  # an earlier plan would release it, and it does not wait
    whole = FULL | {"routers": [FULL["routers"][0] | {"changes": [online, offline, due, due], "changes_total": 4}]}

    assert "Sessions that a sync would drop: 2, and 1 after an approval\n" in screen("plan", whole)
    assert "would drop" not in screen("plan", FULL)
    assert "would drop" not in screen("sync", whole | {"action": "sync"})


def test_a_journal_that_works_is_named_without_alarm() -> None:
    """`ok` is one word; `off` says what is missing then."""
    assert "Journal: ok\n" in screen("plan", FULL | {"journal": "ok"})
    assert "Journal: off, so there is no limit for a day" in screen("plan", FULL | {"journal": "off"})


def test_nothing_managed_stands_first() -> None:
    """A run that manages nobody is `ok`, since nothing failed: the reason leads, in red."""
    detail = "9826 of 9826: numeric_custom_id"
    row = {"name": None, "subscriber": None, "router": None, "reason": "nothing_managed", "detail": detail}
    answer = NOTHING | {"problems": [row], "problems_total": 1}

    assert screen("plan", answer, width=120).startswith(
        f"Nobody is managed, so no login reaches a router ({detail})\nplan: ok"
    )
    assert screen("plan", answer, width=120, force_terminal=True, color_system="standard").startswith(
        "\x1b[1;31mNobody"
    )


CUT = FULL["routers"][0]["changes"][0]


@pytest.mark.parametrize(
    ("count", "changes", "told"),
    [
        (2, [CUT, CUT | {"name": "A 2"}], "A 2, ABC1"),
        (2, [CUT, CUT | {"name": "DROP1", "kind": "drop"}], "ABC1, DROP1"),
        (1, [CUT, CUT | {"name": "PAID1", "kind": "drop"}], "ABC1"),
        (1, [CUT, CUT | {"name": "MOVED1", "reason": "moved"}], "ABC1"),
        (3, [CUT, CUT | {"name": "OFFLINE1", "online": False}], "ABC1 and 2 more"),
        (1, [CUT, CUT], "ABC1"),
        (2, [], "2, whom no change of this answer names; see the problems"),
        (12, [CUT | {"name": f"N{n:02}"} for n in range(12)], f"{', '.join(f'N{n:02}' for n in range(10))} and 2 more"),
    ],
)
def test_who_is_suspended_and_online(count: int, changes: list[dict[str, Any]], told: str) -> None:
    """The number of suspended and online logins has names: those of the changes that are surely theirs."""
    router = FULL["routers"][0] | {"suspended_online": count, "changes": changes}

    assert f"\nSuspended online on tower-1: {told}\n" in screen("plan", FULL | {"routers": [router]}, width=120)


def test_all_names_all_who_are_suspended_and_online() -> None:
    """`--all` shortens no list; where the count is zero or not known, nothing is said."""
    changes = [CUT | {"name": f"N{n:02}"} for n in range(12)]
    router = FULL["routers"][0] | {"suspended_online": 12, "changes": changes}

    assert "N11\n" in screen("plan", FULL | {"routers": [router]}, ALL, width=120)
    assert "Suspended online on tower-2" not in screen("plan", FULL)
    assert "Suspended online on" not in screen("plan", NOTHING)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"failed": {"password": 1}, "unanswered": {}}, "1 change failed"),
        ({"failed": {"enable": 1}, "unanswered": {"drop": 2}}, "3 changes failed"),
    ],
)
def test_refused_changes_do_not_look_like_a_router_that_cannot_be_reached(
    counts: dict[str, dict[str, int]], said: str
) -> None:
    """`FAILED` stands beside a router with an error; changes that failed are counted."""
    text = screen("sync", SYNC | {"routers": [SYNC["routers"][0] | counts]}, width=120)

    assert f"tower-1 ({said})" in text
    assert "FAILED" not in text


def test_where_the_rest_of_a_list_is() -> None:
    """An answer that is cut says which command shows the rest: not one that shows the same rows again."""
    plan = squeezed(screen("plan", FULL, ALL, width=200))
    failing = SYNC["routers"][0] | {"failures_total": 300, "changes": [CUT], "changes_total": 3000}
    sync = squeezed(screen("sync", FULL | {"action": "sync", "routers": [failing]}, ALL, width=200))

    for line in (
        "The answer holds 71 of 901 problems: the log has each .venv/bin/python -m pppctl problems --run 11111111",
        "The answer holds 2 of 13 changes: ask with --router or --subscriber for fewer",
        "The answer holds 62 of 89 secrets that match no login: those online come first",
    ):
        assert line in plan
    for line in (
        "The answer holds 1 of 3000 changes: the log has each .venv/bin/python -m pppctl history LOGIN",
        "The answer holds 1 of 300 failed changes: the log has each .venv/bin/python -m pppctl history LOGIN",
    ):
        assert line in sync
    assert "The answer holds" not in screen("plan", NOTHING)
    assert "The answer holds 1 of 2 problems: the log has more" in screen("import", DRY | {"problems_total": 2})


def test_nulls_are_dashes() -> None:
    """A router that was not read has null for every count, and that is no zero."""
    (row,) = [line for line in screen("plan", FULL).splitlines() if line.startswith("tower-2 FAILED")]

    assert row.split() == ["tower-2", "FAILED", *"------"]


def test_every_reason_is_counted_even_where_rows_are_cut() -> None:
    """The totals by reason are the CRM's and the routers', not those of the rows that fit."""
    text = squeezed(screen("plan", FULL))

    assert "Problems by reason reason count" in text
    assert "not_found 1 profile_missing 899 transitional 1" in text
    assert "Problems (50 of 901; --all shows 71)" in text


def test_many_of_one_reason_hide_no_other() -> None:
    """The first rows hold at least five of each reason, wherever it stands in the order."""
    text = screen("plan", FULL)

    assert "ZED1" in text
    assert [number for number in range(70) if f"ABC{number} " in text] != list(range(70))


def test_all_shows_all_that_the_answer_has() -> None:
    """`--all`: every row of every table, each problem in its own row; the title says what the answer itself lacks."""
    first, everything = screen("plan", FULL), screen("plan", FULL, ALL)

    assert "old.59" not in first
    assert "Secrets that match no login of the CRM (50 of 89; --all shows 62)" in first
    assert "Secrets that match no login of the CRM (62 of 89)" in everything
    assert [one for one in (*UNMATCHED, *PROBLEMS) if exact(one["name"]) not in everything] == []


def test_changes_are_cut_too() -> None:
    """A sync with a thousand changes does not push its problems out of sight."""
    change = {"name": "N", "kind": "enable", "field": "disabled", "actual": "yes", "desired": "no"}
    router = SYNC["routers"][0] | {"changes": [change] * 60, "changes_total": 60}
    sync = SYNC | {"routers": [router]}

    assert "Each change (50 of 60; --all shows 60)" in screen("sync", sync)
    assert "Each change\n" in screen("sync", sync, ALL)


def test_one_reason() -> None:
    """`--reason` keeps the rest of the screen and lists all problems of that reason, and no others."""
    text = screen("plan", FULL, View(reasons=frozenset({"profile_missing"})))

    assert "Problems (70 of 899)" in text
    assert all(f"{one['name']} " in text for one in PROBLEMS)
    assert "ZED1" not in text
    assert "tower-2: router_unreachable: refused" in text


def test_a_reason_that_nobody_has() -> None:
    """A typing error in the reason must not look like a network without problems."""
    text = screen("plan", FULL, View(reasons=frozenset({"profil_missing"})))

    assert "This answer lists no problem with the reason profil_missing." in text
    assert "Problems by reason" in text
    assert "A check lists no problems" in screen("check", CHECKS, View(reasons=frozenset({"x"})))


def test_a_check_shows_what_matches_no_login() -> None:
    """`check` lists secrets that match no login, where the function does."""
    assert "ANN (1042)" in screen("check", CHECKS | {"unmatched": UNMATCHED[-1:], "unmatched_total": 1})


HIDDEN = "A\u00a0B\u200bC\tD\u3164 "
SEEN = r"A\xa0B\u200bC\tD\u3164\x20"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("plan", FULL | {"problems": [FULL["problems"][0] | {"name": HIDDEN}]}),
        ("plan", FULL | {"unmatched": [UNMATCHED[0] | {"name": HIDDEN}]}),
        (
            "plan",
            RUN | {"routers": [RUN["routers"][0] | {"changes": [RUN["routers"][0]["changes"][0] | {"name": HIDDEN}]}]},
        ),
        (
            "sync",
            SYNC
            | {"routers": [SYNC["routers"][0] | {"failures": [SYNC["routers"][0]["failures"][0] | {"name": HIDDEN}]}]},
        ),
        ("explain", EXPLAINED | {"explanations": [EXPLAINED["explanations"][0] | {"name": HIDDEN}]}),
        ("approve", NOTHING | {"approvals": APPROVALS[:1], "problems": [FULL["problems"][0] | {"name": HIDDEN}]}),
        ("import", DRY | {"changes": [DRY["changes"][0] | {"name": HIDDEN}]}),
        ("import", IMPORT | {"failed": [IMPORT["failed"][0] | {"name": HIDDEN}]}),
    ],
)
def test_an_operator_sees_what_is_invisible(command: str, answer: Mapping[str, Any]) -> None:
    """A no-break space, a zero width, a tab, a filler and a blank at the end are spelled out on every screen."""
    text = screen(command, answer, width=100)

    assert SEEN in text
    assert not {"\u00a0", "\u200b", "\t", "\u3164"} & set(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jos\u00e9", "Jos\u00e9"),
        ("Jose\u0301", r"Jose\u0301"),
        ("\u212aelvin", r"\u212aelvin"),
        ("\u1112\u1161\u11ab", "\u1112" + r"\u1161\u11ab"),
        ("\u0e17\u0e35\u0e48", "\u0e17\u0e35\u0e48"),
        ("\uff21", r"\uff21"),
    ],
)
def test_letters_that_look_like_others(text: str, expected: str) -> None:
    """Two names that look the same and are not equal differ on the screen; prose stays as it is."""
    assert exact(text) == expected
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Ann Lee", "Ann Lee"), (" Ann", r"\x20Ann"), ("Ann  Lee ", r"Ann \x20Lee\x20"), (" ", r"\x20"), ("", "")],
)
def test_blanks(text: str, expected: str) -> None:
    """A single blank inside is a blank; one that cannot be seen is spelled out in names, not in prose."""
    assert exact(text) == expected
    assert plain(text) == text


def test_explanations_quote_names() -> None:
    """A name stands in quotes, a number is a client."""
    one = EXPLAINED["explanations"][0]
    text = screen("explain", EXPLAINED | {"explanations": [one | {"name": "ABC1"}, one | {"name": 1042}]})

    assert text.startswith('"ABC1"\n')
    assert "\nclient 1042\n" in text


def test_explanations_show_blanks_of_plans_and_profiles() -> None:
    """A profile that differs from its plan by a blank at the end is the commonest invisible fault."""
    one = EXPLAINED["explanations"][0]
    secret, service = one["facts"]["secrets"][0], one["facts"]["services"][0]
    facts = one["facts"] | {"secrets": [secret | {"profile": "30mbps "}], "services": [service | {"name": "30mbps "}]}
    text = screen("explain", EXPLAINED | {"explanations": [one | {"facts": facts}]}, width=120)

    assert r"disabled, 30mbps\x20, pppoe" in text
    assert r"suspended, 30mbps\x20, Home" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("30mbps", "30mbps"),
        ({"profile": "30mbps", "disabled": False}, "30mbps, enabled"),
        ({"password": "***", "profile": "p", "remote-address": "", "disabled": True}, "p, disabled"),
        ({"profile": "p", "local-address": "10.0.0.1", "disabled": False}, "p, local-address 10.0.0.1, enabled"),
        ({"rate-limit": "2M/10M"}, "rate-limit 2M/10M"),
    ],
)
def test_values_of_a_change(value: object, text: str) -> None:
    """A value of several fields is read in a few words, whichever fields it has, and never shows a password."""
    assert described(value) == text
