"""The operator's command line as a whole: exit codes, what goes to which output, closed pipes, a wrong environment."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from pppctl.__main__ import main
from pppctl.aws import Aws
from pppctl.waiting import waiting
from tests.unit.pppctl_answers import APPROVALS, CHECKS, DRY, EXPLAINED, IMPORT, NOTHING, OTHER, PLAN, RUN, SYNC
from tests.unit.pppctl_aws import FakeLambda, FakeSession, payload
from tests.unit.pppctl_full_answer import FULL

ROOT = Path(__file__).parents[2]

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def deployed(*answers: BaseException | Mapping[str, Any]) -> Callable[..., Aws]:
    """The AWS side of a stack whose functions answer so."""
    session = FakeSession(["SyncFunctionName", "PassImportFunctionName"], FakeLambda(*answers))
    return lambda stack, **_: Aws(stack, session=lambda **_: session)


@pytest.mark.parametrize(
    ("command", "answer", "code"),
    [
        (["plan"], RUN, 0),
        (["sync"], SYNC, 1),
        (["check"], CHECKS, 1),
        (["explain", "X"], EXPLAINED, 0),
        (["import"], IMPORT, 1),
        (["import", "--dry-run"], DRY, 0),
        (["approve", "--yes", PLAN], NOTHING | {"approvals": APPROVALS[:1]}, 0),
        (["approve", PLAN, OTHER, "--yes"], NOTHING | {"approvals": APPROVALS}, 1),
        (["approve", PLAN, "--yes"], SYNC | {"approvals": APPROVALS[:1]}, 1),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_exit_codes(
    capsys: pytest.CaptureFixture[str],
    command: Sequence[str],
    answer: Mapping[str, Any],
    code: int,
    as_json: bool,
) -> None:
    """0 if all is well, 1 if the answer says otherwise; with --json the answer itself is printed, and only that."""
    found = main([*command, *(["--json"] if as_json else [])], deployed(payload(answer)))
    printed = capsys.readouterr()

    assert found == code
    assert f"{command[0]}: waiting for the answer of unms-ros-sync" in printed.err
    assert not as_json or json.loads(printed.out) == answer
    assert printed.out


RAISED = payload({"errorMessage": "crm_tls: \x1b"}, FunctionError="Unhandled")


@pytest.mark.parametrize(
    ("answered", "code", "says"),
    [
        (RAISED, 3, "Sync ended with an error: crm_tls: \\x1b"),
        (KeyboardInterrupt(), 130, "Interrupted. A function that was invoked goes on by itself."),
    ],
)
def test_failures(
    capsys: pytest.CaptureFixture[str], answered: BaseException | Mapping[str, Any], code: int, says: str
) -> None:
    """3 if there is no answer, with the reason on standard error and nothing on standard output."""
    found = main(["plan", "--json"], deployed(answered))
    printed = capsys.readouterr()

    assert found == code
    assert printed.out == ""
    assert says in printed.err


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["sync"], True),
        (["approve", PLAN, "--yes"], True),
        (["plan"], False),
        (["check"], False),
        (["import"], False),
    ],
)
def test_who_asks_is_sent_with_what_writes_on_routers(command: Sequence[str], named: bool) -> None:
    """Section 7: `by` is the caller's ARN, cut to what the function takes; other events refuse it."""
    arn = f"arn:aws:iam::1:user/{'x' * 300}"
    functions = FakeLambda(payload(NOTHING))
    session = FakeSession(["SyncFunctionName", "PassImportFunctionName"], functions, arn)
    main([*command, "--json"], lambda stack, **_: Aws(stack, session=lambda **_: session))
    (call,) = functions.calls

    assert json.loads(call["Payload"]).get("by") == (arn[:200] if named else None)


@pytest.mark.parametrize("terminal", [True, False])
def test_waiting(terminal: bool) -> None:
    """On a terminal a clock runs that is gone afterwards; elsewhere each thing told is a line."""
    output = io.StringIO()
    console = Console(file=output, force_terminal=terminal, width=80, markup=False)
    with waiting(console, "plan: waiting") as tell:
        tell("another run is under way")
    text = output.getvalue()

    if terminal:
        assert text.endswith("\x1b[2K")
    else:
        assert text == "plan: waiting\nanother run is under way\n"


def test_csv(capsys: pytest.CaptureFixture[str]) -> None:
    """With --csv the list is all that stands on standard output; the exit code and the rest are as ever."""
    found = main(["sync", "--csv", "problems"], deployed(payload(FULL)))
    printed = capsys.readouterr()

    assert found == 1
    assert printed.out.splitlines()[0] == "reason,name,subscriber,service,router,detail"
    assert len(printed.out.splitlines()) == 72
    assert "71 of 901 problems" in printed.err


def test_csv_of_functions_that_are_older(capsys: pytest.CaptureFixture[str]) -> None:
    """A list that the answer lacks is no empty file but an error."""
    assert main(["sync", "--csv", "changes"], deployed(payload(SYNC))) == 3
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("options", [["--all"], ["--reason", "profile_missing"]])
def test_options_of_the_screen(capsys: pytest.CaptureFixture[str], options: Sequence[str]) -> None:
    """`--all` and `--reason` reach the screen: they show rows that a plain `plan` cuts."""
    main(["plan"], deployed(payload(FULL)))
    first = capsys.readouterr().out
    main(["plan", *options], deployed(payload(FULL)))

    assert "68mbps" not in first
    assert "68mbps" in capsys.readouterr().out


def run(*arguments: str, python: Sequence[str] = (), **options: Any) -> subprocess.CompletedProcess[str]:
    """The program as a process of its own, without an AWS."""
    line = [sys.executable, *python, "-m", "pppctl", *arguments]
    environment = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true", "HOME": os.devnull}
    return subprocess.run(line, cwd=ROOT, text=True, check=False, env=environment, **options)


@pytest.mark.parametrize("arguments", [["config", "check", "{}"], ["config", "check", "{}", "--json"], ["--help"]])
def test_a_closed_pipe(arguments: Sequence[str], tmp_path: Path) -> None:
    """`| head -1` ends the printing without a word, and the exit code stays that of the command."""
    file = tmp_path / "config.json"
    file.write_text('{"ucrm": {"ucrm_key": "k", "domain_name": "c.example"}, "router_os": {"host": "10.0.0.1"}}')
    reader, writer = os.pipe()
    os.close(reader)
    done = run(*(one.format(file) for one in arguments), stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)

    assert (done.returncode, done.stderr) == (0, "")


def test_outside_of_its_environment() -> None:
    """A Python without the libraries says which command makes them, and begins with `plan`."""
    done = run("sync", python=["-S"], capture_output=True)

    assert done.returncode == 3
    assert "No module named" in done.stderr
    assert "`make setup`" in done.stderr
    assert "\n  .venv/bin/python -m pppctl plan\n" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_region_and_credentials() -> None:
    """The error names the variables that a fresh terminal lacks."""
    done = run("plan", capture_output=True)
    elsewhere = run("plan", "--region", "eu-west-1", capture_output=True)

    assert (done.returncode, elsewhere.returncode) == (3, 3)
    assert "set AWS_DEFAULT_REGION (or --region)" in done.stderr
    assert "set AWS_PROFILE (or --profile)" in elsewhere.stderr
