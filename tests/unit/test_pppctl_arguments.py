"""The operator's command line: what can be said on it, and which event that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pppctl.arguments import event_of, parse
from tests.unit.pppctl_answers import OTHER, PLAN

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("plan", {"action": "plan"}),
        ("plan --router a --router b --subscriber X", {"action": "plan", "routers": ["a", "b"], "subscribers": ["X"]}),
        ("sync --subscriber X", {"action": "sync", "subscribers": ["X"]}),
        ("check --router a", {"action": "check", "routers": ["a"]}),
        ("explain X Y", {"action": "explain", "subscribers": ["X", "Y"]}),
        ("explain --client 1042", {"action": "explain", "subscribers": [1042]}),
        ("explain 77 --client 1042 --client 9", {"action": "explain", "subscribers": ["77", 1042, 9]}),
        ("plan --all --reason moved --csv problems", {"action": "plan"}),
        (f"approve {PLAN} {OTHER}", {"action": "sync", "approve": [PLAN, OTHER]}),
        (f"approve {PLAN} --router a", {"action": "sync", "approve": [PLAN], "routers": ["a"]}),
        ("import", {}),
        ("import --dry-run --overwrite", {"dry_run": True, "overwrite": True}),
        ("import --router a --subscriber X", {"routers": ["a"], "subscribers": ["X"]}),
    ],
)
def test_events(line: str, event: Mapping[str, Any]) -> None:
    """Each command is one event, which holds what was said and nothing else."""
    assert event_of(parse(line.split())) == event


@pytest.mark.parametrize("line", ["--stack s --json --wait 5 plan", "plan --stack s --json --wait 5"])
def test_common_options(line: str) -> None:
    """The options that all commands have stand before the command or after it."""
    chosen = parse(line.split())

    assert (chosen.stack, chosen.json, chosen.wait, chosen.region, chosen.profile) == ("s", True, 5.0, None, None)


def test_defaults() -> None:
    """Without options it is the default stack, tables, and five minutes of patience."""
    chosen = parse(["plan"])

    assert (chosen.stack, chosen.json, chosen.wait) == ("unms-ros-sync", False, 300.0)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "required: COMMAND; begin with `plan`, which writes nothing"),
        ("plann", "invalid choice"),
        ("explain", "required: NAME"),
        ("approve 9F036593AC695801", "a plan id is 16 hex digits, as `plan` prints it"),
        ("plan --wait never", "a number of seconds from 0 to 86400"),
        ("plan --wait -1", "a number of seconds from 0 to 86400"),
        ("check --subscriber X", "unrecognized arguments"),
        ("explain --client 10x", "a client id is a number"),
        ("explain --client -1", "a client id is a number"),
        ("explain --client 0", "a client id is a number"),
        ("sync --csv unmatched", "invalid choice"),
        ("plan --csv changes --json", "choose one of them"),
        ("history", "required: LOGIN"),
        ("history A --days 0", "a whole number of days from 1 to 3653"),
        ("report --days 1.5", "a whole number of days from 1 to 3653"),
        ("check --csv problems", "invalid choice"),
        (
            "plan --reason profil_missing",
            "no reason profil_missing; did you mean profile_missing",
        ),
        ("plan --reason zzz", "there is no reason zzz. The reasons are: "),
        ("problems --run abc", "a run id, or at least its first 8 digits"),
        ("config show x", "invalid choice"),
        ("config put", "required: FILE"),
        (f"explain {' '.join(f'N{number}' for number in range(101))}", "at most 100 names"),
    ],
)
def test_usage_errors(line: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong command line ends with exit code 2, before anything is invoked."""
    with pytest.raises(SystemExit) as ended:
        parse(line.split())

    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_blank_name(capsys: pytest.CaptureFixture[str]) -> None:
    """A blank name is no login, and is told here instead of by the function."""
    with pytest.raises(SystemExit):
        parse(["explain", " "])

    assert "a name that is not blank" in capsys.readouterr().err


def test_help_documents_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` lists every exit code that scripts can rely on."""
    with pytest.raises(SystemExit) as ended:
        parse(["--help"])

    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert [line.split()[0] for line in text.splitlines() if line.lstrip()[:1].isdigit()] == ["0", "1", "2", "3", "130"]


@pytest.mark.parametrize(("line", "days"), [("history A", 30), ("report", 7), ("report --days 90", 90)])
def test_days(line: str, days: int) -> None:
    """A history reaches back a month, a report a week, unless told otherwise."""
    assert parse(line.split()).days == days


def test_a_list_of_a_hundred_is_counted_with_its_clients() -> None:
    """The function takes at most 100 subscribers, in whichever way they are named."""
    names = [f"N{number}" for number in range(99)]

    assert len(event_of(parse(["explain", *names, "--client", "1"]))["subscribers"]) == 100
    with pytest.raises(SystemExit):
        parse(["explain", *names, "--client", "1", "--client", "2"])


def test_the_first_advice_is_plan(capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody who does not know the commands is sent to the one that writes nothing, before any other."""
    with pytest.raises(SystemExit):
        parse(["--help"])
    text = capsys.readouterr().out

    assert "Begin with `plan`: it writes nothing." in text
    assert text.index("    plan ") < text.index("    sync ")
    assert "see `plan` first" in text
