"""The operator's command line: what it invokes, how it waits, what it prints, and its exit codes."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError, NoRegionError
from rich.console import Console

from pppctl import __main__ as command_line
from pppctl.arguments import event_of, parse
from pppctl.cells import plain
from pppctl.functions import Functions, InvocationError, Patience, invoke
from pppctl.screens import show
from pppctl.waiting import waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mypy_boto3_lambda import LambdaClient

PLAN = "9f036593ac695801"
OTHER = "0123456789abcdef"
BUSY = ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."}}, "Invoke")
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not you"}}, "Invoke")
NO_STACK = ClientError(
    {"Error": {"Code": "ValidationError", "Message": "Stack with id x does not exist"}}, "DescribeStacks"
)


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


class FakeLambda:
    """Answers with each of the given answers in turn; an exception is raised."""

    def __init__(self, *answers: ClientError | Mapping[str, Any]) -> None:
        self._answers = list(answers)
        self.calls: list[dict[str, Any]] = []

    def invoke(self, **call: Any) -> Mapping[str, Any]:
        """The next answer."""
        self.calls.append(call)
        answer = self._answers.pop(0)
        if isinstance(answer, ClientError):
            raise answer
        return answer


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.naps: list[float] = []
        self.told: list[str] = []

    def patience(self, seconds: float) -> Patience:
        """Patience by this clock."""
        return Patience(seconds, self.told.append, lambda: sum(self.naps), self.naps.append)


def payload(content: object, **more: str) -> dict[str, Any]:
    """What the SDK gives for a function's answer."""
    return {"Payload": io.BytesIO(json.dumps(content).encode()), **more}


def test_invoke() -> None:
    """The function is invoked once with the event, and its answer is given as it is."""
    client = FakeLambda(payload({"ok": True}))
    answer = invoke(cast("LambdaClient", client), "f", {"action": "plan"}, Clock().patience(0))

    assert answer == {"ok": True}
    assert client.calls == [{"FunctionName": "f", "Payload": b'{"action": "plan"}'}]


def test_waits_for_the_only_place() -> None:
    """While another run holds the only place, the invocation is tried again after growing pauses."""
    client, clock = FakeLambda(*[BUSY] * 6, payload({"ok": True})), Clock()
    answer = invoke(cast("LambdaClient", client), "f", {}, clock.patience(300))

    assert answer == {"ok": True}
    assert clock.naps == [1, 2, 4, 8, 15, 15]
    assert clock.told[0] == "another run is under way; trying again in 1 s"
    assert len(clock.told) == 6


@pytest.mark.parametrize(("seconds", "naps"), [(0, []), (10, [1, 2, 4]), (40, [1, 2, 4, 8, 15])])
def test_waits_no_longer_than_told(seconds: float, naps: list[float]) -> None:
    """The option says how long a run is waited for; then the error says so."""
    clock = Clock()
    with pytest.raises(InvocationError, match=rf"^another run is still under way after {seconds} s; .* longer --wait$"):
        invoke(cast("LambdaClient", FakeLambda(*[BUSY] * 9)), "f", {}, clock.patience(seconds))

    assert clock.naps == naps


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (payload({"errorMessage": "crm_tls: no"}, FunctionError="Unhandled"), "^f ended with an error: crm_tls: no$"),
        (payload({}, FunctionError="Unhandled"), "^f ended with an error: no message; see its log$"),
        (payload(None), "^f answered with something that is no object$"),
    ],
)
def test_function_errors(answer: Mapping[str, Any], says: str) -> None:
    """What the function raised is told in its own words."""
    with pytest.raises(InvocationError, match=says):
        invoke(cast("LambdaClient", FakeLambda(answer)), "f", {}, Clock().patience(0))


class FakeSession:
    """An AWS session whose clients answer as told."""

    def __init__(self, stacks: Any, functions: FakeLambda | None = None) -> None:
        self._stacks = stacks
        self._functions = functions
        self.configured: list[Any] = []

    def client(self, service: str, config: Any = None) -> Any:
        """The fake of a service."""
        self.configured.append(config)
        return self if service == "cloudformation" else self._functions

    def describe_stacks(self, **_: str) -> Any:
        """The stacks, or the error."""
        if isinstance(self._stacks, Exception):
            raise self._stacks
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": key[:4]} for key in self._stacks]}]}


def functions(monkeypatch: pytest.MonkeyPatch, session: FakeSession) -> Functions:
    """The functions of a stack in that session."""
    monkeypatch.setattr("pppctl.functions.boto3.Session", lambda **_: session)
    return Functions("a-stack")


@pytest.mark.parametrize(("command", "name"), [("plan", "Sync"), ("approve", "Sync"), ("import", "Pass")])
def test_functions_are_found_by_the_outputs(monkeypatch: pytest.MonkeyPatch, command: str, name: str) -> None:
    """A command's function is the one that the stack's outputs name; the SDK neither retries nor gives up early."""
    client = FakeLambda(payload({"ok": True}))
    session = FakeSession(["SyncFunctionName", "PassImportFunctionName"], client)
    functions(monkeypatch, session).invoke(command, {}, Clock().patience(0))
    config = session.configured[-1]

    assert client.calls[0]["FunctionName"] == name
    assert config.read_timeout > 900
    assert config.retries["total_max_attempts"] == 1


@pytest.mark.parametrize(
    ("stacks", "client", "says"),
    [
        (NO_STACK, None, "there is no stack a-stack in this account and region; see --stack, --region and --profile"),
        ([], None, "the stack a-stack has no output SyncFunctionName"),
        (["SyncFunctionName"], FakeLambda(DENIED), "AWS refused it: AccessDeniedException: not you"),
        (NoRegionError(), None, "AWS cannot be used from here: You must specify a region."),
    ],
)
def test_aws_errors(monkeypatch: pytest.MonkeyPatch, stacks: Any, client: FakeLambda | None, says: str) -> None:
    """What AWS refuses is told in one line, with what to do where that is known."""
    with pytest.raises(InvocationError, match=f"^{says}"):
        functions(monkeypatch, FakeSession(stacks, client)).invoke("plan", {}, Clock().patience(0))


def test_unknown_profile() -> None:
    """A profile that does not exist is told like any other error of AWS."""
    with pytest.raises(InvocationError, match="profile-that-nobody-has"):
        Functions("a-stack", profile="profile-that-nobody-has")


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
CHANGES = [
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
CHECKS = {
    "action": "check",
    "ok": False,
    "checks": [
        {"check": "crm.domain.key", "ok": True, "detail": "the key is valid"},
        {"check": "crm.write", "ok": True, "detail": "note: the key may only read"},
        {"check": "router.a.b.clock", "ok": False, "detail": "2:00:00 behind this function: set up NTP " + "x" * 80},
    ],
}
EXPLAINED = {
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
    {"plan_id": PLAN, "result": "applied", "now": None},
    {"plan_id": OTHER, "result": "stale", "now": PLAN},
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
DRY = {
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
            "Right? Apply it, if it is still the same:",
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
            "tower-1 9801 9712 9705 89 41 2 FAILED",
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
            "  write  note  note: the key may only read",
            "router.a.b",
            "  clock  FAIL  2:00:00 behind this function: set up NTP",
            "1 of 3 checks need attention",
        ],
    ),
    "check passed": ("check", CHECKS | {"checks": CHECKS["checks"][:2]}, ["All 2 checks passed"]),  # type: ignore[index]
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
        [f"{PLAN}  applied", f"{OTHER}  stale    {PLAN}"],
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


def screen(command: str, answer: Mapping[str, Any], **terminal: Any) -> str:
    """What is printed on a terminal of 80 columns."""
    output = io.StringIO()
    show(Console(file=output, width=80, highlight=False, markup=False, emoji=False, **terminal), command, answer)
    return output.getvalue()


def squeezed(text: str) -> str:
    """The words alone: how wide a column is, depends on what stands in it."""
    return " ".join(text.split())


@pytest.mark.parametrize(("command", "answer", "lines"), SCREENS.values(), ids=SCREENS)
def test_screens(command: str, answer: Mapping[str, Any], lines: list[str]) -> None:
    """Each answer fits 80 columns and shows what there is to see, names to the letter."""
    text = screen(command, answer)

    assert max(map(len, text.splitlines())) <= 80
    assert [line for line in lines if squeezed(line) not in squeezed(text)] == []
    assert "\x1b" not in text


def test_approve_shows_the_whole_run() -> None:
    """It makes all other changes too, and a router that failed is no less failed; what was not applied is explained."""
    text = screen(
        "approve", SYNC | {"approvals": [*APPROVALS, {"plan_id": "f" * 16, "result": "unknown", "now": None}]}
    )

    assert screen("sync", SYNC) in text
    assert "stale: another plan waits by now; read it with `plan` before you approve it" in text
    assert "unknown: no plan waits there: applied already, no longer needed" in text


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
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: Sequence[str],
    answer: Mapping[str, Any],
    code: int,
    as_json: bool,
) -> None:
    """0 if all is well, 1 if the answer says otherwise; with --json the answer itself is printed, and only that."""
    monkeypatch.setattr(Functions, "__init__", lambda *_, **__: None)
    monkeypatch.setattr(Functions, "invoke", lambda *_: answer)
    found = command_line.main([*command, *(["--json"] if as_json else [])])
    printed = capsys.readouterr()

    assert found == code
    assert f"{command[0]}: waiting for the answer of unms-ros-sync" in printed.err
    assert not as_json or json.loads(printed.out) == answer
    assert printed.out


def fail(error: BaseException) -> Callable[..., Any]:
    """A function that raises."""

    def raising(*_: Any) -> Any:
        raise error

    return raising


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (InvocationError("f ended with an error: crm_tls: \x1b"), 3, "f ended with an error: crm_tls: \\x1b"),
        (KeyboardInterrupt(), 130, "Interrupted. A function that was invoked goes on by itself."),
    ],
)
def test_failures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, says: str
) -> None:
    """3 if there is no answer, with the reason on standard error and nothing on standard output."""
    monkeypatch.setattr(Functions, "__init__", lambda *_, **__: None)
    monkeypatch.setattr(Functions, "invoke", fail(error))
    found = command_line.main(["plan", "--json"])
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
