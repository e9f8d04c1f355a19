"""`pppctl stop`, `hold` and `resume` write the journal themselves where they may, else the function does (G14)."""

from __future__ import annotations

import getpass
import io
import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from lab.simulators.s3 import Bucket, refusal
from pppctl import holding
from pppctl.arguments import parse
from pppctl.aws import Aws, CommandError
from pppctl.functions import Patience
from pppctl.identity import caller
from pppctl.screens import show
from pppsync.core.hold import Hold
from pppsync.journal import holds
from tests.unit.pppctl_aws import FakeLambda, payload
from tests.unit.pppctl_logs import NOW, FakeLogs, ago

if TYPE_CHECKING:
    from collections.abc import Mapping

ARN = "arn:aws:sts::123456789012:assumed-role/Operator/anna"
STOPPED = Hold(NOW + timedelta(hours=24), ARN, "stopped with pppctl stop")
MOVES = Hold(NOW + timedelta(hours=2), ARN, "the tower moves")
HOLD = ("hold", "tower-2", "--for", "2h", "--why", "the tower moves")
ROW = {"until": "2026-11-25T14:00:00Z", "by": ARN, "why": "the tower moves"}
BUSY = ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "busy"}}, "Invoke")


class Stack:
    """A deployed stack whose latest run knew tower-1 and tower-2."""

    def __init__(self, *answers: BaseException | Mapping[str, Any], journal: bool = True, arn: str = ARN) -> None:
        self.bucket = Bucket()
        self.functions = FakeLambda(*answers)
        self.logs = FakeLogs()
        self.told: list[str] = []
        self._journal = journal
        self._arn = arn
        routers = [{"name": name} for name in ("tower-1", "tower-2")]
        response = {"action": "sync", "ok": True, "routers": routers}
        self.logs.add(ago(3), {"message": "response", "run_id": "r", "response": response})

    def client(self, service: str, config: Any = None) -> Any:
        """The fake of a service."""
        del config
        return {"logs": self.logs, "lambda": self.functions, "s3": self.bucket}.get(service, self)

    def describe_stacks(self, **_: str) -> Any:
        """The outputs."""
        outputs = {"SyncFunctionName": "Sync"} | ({"JournalBucketName": "journal"} if self._journal else {})
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": name} for key, name in outputs.items()]}]}

    def get_caller_identity(self) -> Any:
        """The caller, or a refusal."""
        if not self._arn:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetCallerIdentity")
        return {"Arn": self._arn}

    def aws(self) -> Aws:
        """The stack as the commands use it."""
        return Aws("a-stack", session=lambda **_: self)

    def ask(self, *words: str) -> dict[str, Any]:
        """The answer to a command line."""
        patience = Patience(math.inf, self.told.append, lambda: 0.0, lambda _: None)
        return holding.answer(parse(words), self.aws(), patience, lambda: NOW)


def refuse_writing(operation: str) -> None:
    """A bucket that this caller may not write."""
    if operation in {"PutObject", "DeleteObject"}:
        raise refusal("AccessDenied", operation)


def printed(command: str, answer: dict[str, Any]) -> str:
    """What the terminal shows."""
    console = Console(file=io.StringIO(), width=120)
    show(console, command, answer)
    file: Any = console.file
    return str(file.getvalue())


def test_stop_puts_the_object_itself() -> None:
    """G14: a run may occupy the function's only place; nobody is asked, and the object is as the functions write it."""
    stack = Stack()
    answer = stack.ask("stop")

    assert stack.bucket.objects == {"holds/all": holds.encode(STOPPED)}
    assert answer["routers"] == [{"name": None, "hold": ROW | {"until": STOPPED.ends, "why": STOPPED.why}}]
    assert (answer["action"], answer["ok"], stack.functions.calls) == ("hold", True, [])


def test_hold_puts_one_object_a_router() -> None:
    """G14: the routers that are named, with the time and the reason that are given."""
    stack = Stack()
    answer = stack.ask("hold", "tower-2", "tower-1", "tower-2", "--for", "2h", "--why", "the tower moves")

    assert stack.bucket.objects == {holds.key(name): holds.encode(MOVES) for name in ("tower-1", "tower-2")}
    assert answer["routers"] == [{"name": "tower-1", "hold": ROW}, {"name": "tower-2", "hold": ROW}]


def test_a_slip_stops_nothing_and_says_so() -> None:
    """G14: a name that no router of the latest run has would hold nobody."""
    stack = Stack()
    with pytest.raises(CommandError, match=r"no router of the latest run is named 'towr-2'; did you mean 'tower-2'\?"):
        stack.ask("hold", "towr-2", "--for", "2h", "--why", "x")
    with pytest.raises(CommandError, match=r"is named 'hill'; there are tower-1, tower-2\. Nothing was done"):
        stack.ask("resume", "hill")
    assert stack.bucket.objects == {}


@pytest.mark.parametrize("refused", [False, True])
def test_names_that_nobody_can_check_are_held(refused: bool) -> None:
    """G14: an emergency does not wait for a log; it says that the names were not checked."""
    stack = Stack()
    stack.logs = FakeLogs("ResourceNotFoundException" if refused else "")
    stack.ask(*HOLD)

    assert stack.bucket.objects == {holds.key("tower-2"): holds.encode(MOVES)}
    assert any("nobody checks the names" in one for one in stack.told)


def test_who_may_not_write_the_bucket_asks_the_function() -> None:
    """G14: it is tried until the place is free, and the operator reads that a run is on."""
    by_function = {"run_id": "r", "action": "hold", "ok": True, "routers": [{"name": "tower-2", "hold": ROW}]}
    stack = Stack(BUSY, payload(by_function))
    stack.bucket.before = refuse_writing
    answer = stack.ask(*HOLD)

    assert answer == by_function | {"all": False}
    assert [call["Payload"] for call in stack.functions.calls] == [
        f'{{"action": "hold", "by": "{ARN}", "routers": ["tower-2"], "for": "2h", "why": "the tower moves"}}'.encode()
    ] * 2
    assert "S3 refused to put holds/router/tower-2.json: AccessDenied" in stack.told[0]
    assert "another run is under way; trying again in 1 s" in stack.told[1]


def test_resume_takes_every_hold_back() -> None:
    """G14: without names the hold of all and those of single routers."""
    stack = Stack()
    stack.ask("stop")
    stack.ask(*HOLD)
    answer = stack.ask("resume")

    assert stack.bucket.objects == {}
    assert (answer["ok"], answer["routers"]) == (True, [{"name": None, "hold": None}])
    assert "Every router: not on hold" in printed("resume", answer)


def test_resume_of_one_router_cannot_lift_a_hold_of_all() -> None:
    """G14: the answer is not ok, and the screen says which command takes the rest back."""
    stack = Stack()
    stack.ask("stop")
    stack.ask(*HOLD)
    answer = stack.ask("resume", "tower-2")
    text = printed("resume", answer)

    assert set(stack.bucket.objects) == {"holds/all"}
    assert not answer["ok"]
    assert f"tower-2: on hold until 2026-11-26T12:00:00Z, by {ARN}: stopped with pppctl stop" in text
    assert text.endswith("back for all of them at once:\n  .venv/bin/python -m pppctl resume\n")


@pytest.mark.parametrize(
    ("words", "undo"),
    [
        (("stop",), "resume\n"),
        ((*HOLD,), "resume tower-2\n"),
        (("hold", "tower 'é'", "--for", "2h", "--why", "x"), "resume 'tower '\"'\"'é'\"'\"''\n"),
    ],
)
def test_the_screen_says_how_to_undo_it(words: tuple[str, ...], undo: str) -> None:
    """G14: the command stands there, ready to be copied."""
    stack = Stack()
    stack.logs = FakeLogs()
    text = printed(words[0], stack.ask(*words))

    assert "Nothing is written there." in text
    assert text.endswith(f"  .venv/bin/python -m pppctl {undo}")


def test_the_screen_gathers_routers_under_the_same_hold() -> None:
    """A stop by the function answers for each router: they are one line, and one command undoes it."""
    rows = [{"name": f"tower-{number}", "hold": ROW} for number in range(7)]
    text = printed("stop", {"action": "hold", "ok": True, "all": True, "routers": rows})

    assert "tower-0, tower-1, tower-2, tower-3, tower-4 and 2 more: on hold until 2026-11-25T14:00:00Z" in text
    assert text.endswith("-m pppctl resume\n")


def test_without_a_journal_the_other_ways_are_named() -> None:
    """G14: nothing is pretended, and the error says what stops the sync without a journal."""
    with pytest.raises(CommandError, match=r'keeps no journal \(parameter Journal\).*set "mode": "observe"'):
        Stack(journal=False).ask("stop")


def test_a_stack_that_is_not_there_is_an_error_of_its_own() -> None:
    """A wrong name of the stack is not told as a missing journal."""
    stack = Stack()
    error = {"Code": "ValidationError", "Message": "Stack with id a-stack does not exist"}

    def missing(**_: str) -> None:
        raise ClientError({"Error": {"Code": error["Code"], "Message": error["Message"]}}, "DescribeStacks")

    stack.describe_stacks = missing  # type: ignore[method-assign]
    with pytest.raises(CommandError, match="there is no stack a-stack"):
        stack.ask("stop")


def test_who_asks_is_the_caller_or_the_user_of_the_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """G14: `by` is the ARN, at most 200 characters; without STS the local name; it never stands in the way."""
    assert caller(Stack().aws()) == ARN
    assert caller(Stack(arn="a" * 300).aws()) == "a" * 200
    monkeypatch.setenv("LOGNAME", "anna")
    assert caller(Stack(arn="").aws()) == "anna"

    def nobody() -> str:
        raise OSError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert caller(Stack(arn="").aws()) == "unknown"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("hold", "tower-2", "--why", "x"), "--for"),
        (("hold", "tower-2", "--for", "2h"), "--why"),
        (("hold", "--for", "2h", "--why", "x"), "ROUTER"),
        (("hold", "tower-2", "--for", "31d", "--why", "x"), "at most 30d"),
        (("stop", "--for", "2"), "at most 30d"),
        (("stop", "--why", " "), "not blank"),
        (("stop", "--why", "x" * 201), "at most 200 characters"),
        (("stop", "tower-2"), "unrecognized arguments"),
    ],
)
def test_a_wrong_command_line(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str) -> None:
    """Exit code 2, and the fault is named before anything is asked."""
    with pytest.raises(SystemExit) as ended:
        parse(words)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err
