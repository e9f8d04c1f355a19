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
        ("", "required: COMMAND"),
        ("plann", "invalid choice"),
        ("explain", "required: NAME"),
        ("approve 9F036593AC695801", "a plan id is 16 hex digits, as `plan` prints it"),
        ("plan --wait never", "a number of seconds from 0 to 86400"),
        ("plan --wait -1", "a number of seconds from 0 to 86400"),
        ("check --subscriber X", "unrecognized arguments"),
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
