"""The operator's command line as a whole: exit codes, what goes to which output, closed pipes, a wrong environment."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from pppctl.__main__ import main
from pppctl.aws import Aws
from pppctl.waiting import waiting
from tests.unit.pppctl_answers import APPROVALS, CHECKS, DRY, EXPLAINED, IMPORT, NOTHING, OTHER, PLAN, RUN, SYNC
from tests.unit.pppctl_aws import FakeLambda, FakeSession, payload

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
        (["approve", PLAN], NOTHING | {"approvals": APPROVALS[:1]}, 0),
        (["approve", PLAN, OTHER], NOTHING | {"approvals": APPROVALS}, 1),
        (["approve", PLAN], SYNC | {"approvals": APPROVALS[:1]}, 1),
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
