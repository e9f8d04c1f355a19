"""What stands on the screen before passwords are put back, who is asked, and what is sent then (G12)."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from pppctl.__main__ import main
from pppctl.aws import Aws
from tests.unit.pppctl_answers import DRY, screen, squeezed
from tests.unit.pppctl_aws import FakeLambda, FakeSession, payload

RUN = "11111111-2222-3333-4444-555555555555"
TRIED = {"restore": RUN, "dry_run": True}


class Typed(io.StringIO):
    """Somebody at a terminal who types this."""

    def isatty(self) -> bool:
        """Somebody is there."""
        return True


def an_answer(count: int = 2, *, dry_run: bool = True, **other: Any) -> dict[str, Any]:
    """An answer to a restore of so many passwords."""
    changes = [
        {"name": f"ABC{n}", "subscriber": n, "router": "tower-1", "actual": "***", "desired": "***"}
        for n in range(count)
    ]
    answer = DRY | {"restore": RUN, "dry_run": dry_run, "imported": count, "problems": [], "problems_total": 0}
    del answer["changes"]
    return answer | ({"changes": changes} if dry_run else {}) | other


def restore(lambda_: FakeLambda, typed: io.StringIO, *options: str) -> int:
    """The exit code of `restore RUN` where somebody types this."""
    session = FakeSession(["SyncFunctionName", "PassImportFunctionName"], lambda_)
    return main(["restore", RUN, *options], lambda stack, **_: Aws(stack, session=lambda **_: session), typed)


def events(lambda_: FakeLambda) -> list[Any]:
    """What was sent, in order."""
    return [json.loads(call["Payload"]) for call in lambda_.calls]


@pytest.mark.parametrize(("typed", "code", "calls"), [("yes\n", 0, 2), (" YES \n", 0, 2), ("y\n", 1, 1), ("", 1, 1)])
def test_somebody_is_asked(capsys: pytest.CaptureFixture[str], typed: str, code: int, calls: int) -> None:
    """The dry run is shown, and only `yes` writes; all else writes nothing, which is said."""
    functions = FakeLambda(payload(an_answer()), payload(an_answer(dry_run=False)))
    assert restore(functions, Typed(typed)) == code
    printed = capsys.readouterr()
    assert "Put 2 passwords back into the CRM? Type yes to go on: " in printed.out
    assert printed.out.index("ABC1") < printed.out.index("Type yes")
    assert ("Nothing was written." in printed.err) is (code == 1)
    assert events(functions) == [TRIED, {"restore": RUN}][:calls]
    assert {call["FunctionName"] for call in functions.calls} == {"Pass"}


def test_filters_hold_for_both_calls() -> None:
    """What is written is what was shown: the dry run has the filters of the restore."""
    functions = FakeLambda(payload(an_answer()), payload(an_answer(dry_run=False)))
    restore(functions, Typed("yes\n"), "--subscriber", "ABC0", "--router", "tower-1")
    filters = {"routers": ["tower-1"], "subscribers": ["ABC0"]}
    assert events(functions) == [TRIED | filters, {"restore": RUN} | filters]


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 1)])
def test_nothing_to_put_back_asks_nobody(capsys: pytest.CaptureFixture[str], ok: bool, code: int) -> None:
    """The dry run is the answer then: nobody types anything and nothing more is sent."""
    functions = FakeLambda(payload(an_answer(0, skipped={"changed_since": 3}, ok=ok)))
    assert restore(functions, Typed("yes\n")) == code
    printed = capsys.readouterr().out
    assert "Type yes" not in printed
    assert "changed_since" in printed
    assert events(functions) == [TRIED]


@pytest.mark.parametrize(
    ("typed", "options"),
    [(io.StringIO("yes\n"), ()), (Typed("yes\n"), ("--json",))],
    ids=["script", "json"],
)
def test_a_script_says_yes(capsys: pytest.CaptureFixture[str], typed: io.StringIO, options: tuple[str, ...]) -> None:
    """Without a terminal, or where the output is for a program, `--yes` is asked for and nothing is sent."""
    functions = FakeLambda()
    assert restore(functions, typed, *options) == 3
    assert "say --yes" in capsys.readouterr().err
    assert functions.calls == []


@pytest.mark.parametrize("options", [("--yes",), ("--yes", "--json")])
def test_yes_writes_at_once(capsys: pytest.CaptureFixture[str], options: tuple[str, ...]) -> None:
    """With `--yes` nobody is asked and nothing is tried first, also where no terminal is."""
    functions = FakeLambda(payload(an_answer(dry_run=False)))
    assert restore(functions, io.StringIO(), *options) == 0
    assert events(functions) == [{"restore": RUN}]
    assert "Type yes" not in capsys.readouterr().out


def test_a_dry_run_asks_nobody() -> None:
    """It writes nothing, so a script needs no `--yes` for it."""
    functions = FakeLambda(payload(an_answer()))
    assert restore(functions, io.StringIO(), "--dry-run") == 0
    assert events(functions) == [TRIED]


def test_a_failed_write_is_no_success() -> None:
    """A script sees by the exit code that not all of it went back."""
    failed = [{"name": "ABC0", "reason": "crm_refused", "detail": "422"}]
    functions = FakeLambda(payload(an_answer()), payload(an_answer(1, dry_run=False, ok=False, failed=failed)))
    assert restore(functions, Typed("yes\n")) == 1


def test_an_unknown_run_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The function's own sentence is printed, and nobody is asked."""
    raised = payload({"errorMessage": "run_unknown: the journal keeps no passwords"}, FunctionError="Unhandled")
    functions = FakeLambda(raised)
    assert restore(functions, Typed("yes\n")) == 3
    printed = capsys.readouterr()
    assert "run_unknown: the journal keeps no passwords" in printed.err
    assert "Type yes" not in printed.out


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("dry_run", [True, False])
def test_the_screen(width: int, dry_run: bool) -> None:
    """Whose passwords, how many, who is left out and what comes next, within the width of the terminal."""
    skipped = {"changed_since": 3, "archived": 1}
    text = screen("restore", an_answer(30, dry_run=dry_run, skipped=skipped, deferred=4), width=width)
    words = squeezed(text)

    assert words.startswith("restore: ok, ")
    assert f"Of the passwords that the run {RUN} overwrote" in words
    assert f"Passwords {'would be ' if dry_run else ''}put back: 30, there already: 0" in words
    assert "changed_since 3" in words
    assert "4 are left for lack of time or because the CRM failed: run the same command again" in words
    assert ("ABC0" in words) is dry_run
    assert ("pppctl plan" in words) is not dry_run
    assert max(map(len, text.splitlines())) <= width
