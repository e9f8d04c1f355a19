"""The writes of an import, against a CRM in memory whose clock moves with every write, and its report."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pytest
from aws_lambda_powertools import Logger

from pppsync.config.event import ImportEvent
from pppsync.config.settings import Settings, read_settings
from pppsync.core.secret import ActiveSession, RouterState
from pppsync.core.subscriber import CrmState, Subscriber
from pppsync.errors import Code, CrmError, RouterError
from pppsync.net.deadline import Deadline
from pppsync.passwords import crm_writer, import_report
from pppsync.passwords.crm_writer import GIVE_UP
from pppsync.passwords.import_report import LONGEST
from pppsync.passwords.import_run import import_passwords
from tests.unit.import_builders import T1, T2, router, secret, subscriber

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pppsync.config.event import Field
    from pppsync.core.masked import Masked


LOUD = "a-password-that-must-not-be-seen"


@pytest.fixture
def one_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes one after the other, so that it is certain which come before which."""
    monkeypatch.setattr(crm_writer, "WRITERS", 1)


@dataclass
class FakeCrm:
    """A CRM that takes `cost` seconds a write, fails as `errors` say by id, and has changed since as `now` says."""

    people: list[Subscriber]
    attribute: int | None = 2
    cost: float = 0.0
    errors: dict[int, CrmError] = field(default_factory=dict)
    now: dict[int, Subscriber] = field(default_factory=dict)
    moment: float = 0.0
    written: list[tuple[int, float]] = field(default_factory=list)
    before_write: Callable[[], None] = lambda: None

    def read(self, _: Deadline) -> CrmState:
        """All subscribers."""
        return CrmState(tuple(self.people), {}, self.attribute, "domain")

    def read_subscriber(self, identity: int, _: Deadline) -> Subscriber:
        """One subscriber, as it is by now."""
        self.before_write()
        return self.now.get(identity) or next(one for one in self.people if one.id == identity)

    def write_attribute(self, identity: int, attribute: int, _: Masked, start: Deadline, finish: Deadline) -> None:
        """One write."""
        assert (attribute, finish.at - start.at) == (self.attribute, 7.0)
        self.written.append((identity, self.moment))
        self.moment += self.cost
        if identity in self.errors:
            raise self.errors[identity]


@dataclass
class FakeRouter:
    """A router that answers with a state or an error."""

    settings: Any
    answer: RouterState | RouterError
    closed: int = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed += 1

    def read(self, _: Deadline) -> RouterState:
        """The state, or the error."""
        if isinstance(self.answer, RouterError):
            raise self.answer
        return self.answer


def settings(names: Sequence[str] = (T1,)) -> Settings:
    """A configuration of these routers."""
    document = {
        "ucrm": {"ucrm_key": "key", "domain_name": "crm.example.com"},
        "router_os": {"use_ssl": False},
        "routers": [{"name": name, "host": name} for name in names],
    }
    return read_settings(json.dumps(document))


def run(
    crm: FakeCrm,
    answers: Sequence[RouterState | RouterError],
    event: ImportEvent | None = None,
    seconds: float = 900.0,
) -> tuple[dict[str, Any], list[FakeRouter], import_report.ImportReport]:
    """One import against fakes: the response, the routers, and the report."""
    names = [answer.router if isinstance(answer, RouterState) else f"dead-{n}" for n, answer in enumerate(answers)]
    configuration = settings(names)
    routers = [FakeRouter(one, answer) for one, answer in zip(configuration.routers, answers, strict=True)]
    deadline = Deadline(seconds, lambda: crm.moment)
    fakes: tuple[Any, Any] = crm, routers
    report = import_passwords(event or ImportEvent(), configuration, fakes[0], fakes[1], deadline)
    return report.document(run_id="r", duration_ms=1), routers, report


def many(count: int, **other: Any) -> tuple[FakeCrm, RouterState]:
    """So many logins, none with a password in the CRM yet."""
    names = [f"A{n:04}" for n in range(count)]
    people = [subscriber(name, id=n) for n, name in enumerate(names)]
    return FakeCrm(people, **other), router(T1, *(secret(name) for name in names))


@pytest.mark.usefixtures("one_writer")
@pytest.mark.parametrize("seconds", [10.0, 10.5, 13.0, 900.0])
def test_no_write_begins_in_the_last_ten_seconds(seconds: float) -> None:
    """What does not fit is deferred, and nothing is lost: every import is counted once."""
    crm, state = many(20, cost=1.0)
    response, _, _ = run(crm, [state], seconds=seconds)
    fits = min(20, -int(-(seconds - 10.0) // 1))
    assert (response["imported"], response["deferred"], response["ok"]) == (fits, 20 - fits, True)
    assert all(moment < seconds - 10.0 for _, moment in crm.written)


def test_a_write_does_not_begin_after_the_deadline_passed_in_the_second_look() -> None:
    """A write does not begin late because the look before it took long."""
    crm, state = many(2)
    crm.before_write = lambda: setattr(crm, "moment", 895.0)
    response, _, _ = run(crm, [state])
    assert (response["imported"], response["deferred"], crm.written) == (0, 2, [])


@pytest.mark.usefixtures("one_writer")
def test_writes_go_in_order_of_names() -> None:
    """So that a repeated event goes on where the last one ended."""
    crm, state = many(10)
    run(crm, [state])
    assert [identity for identity, _ in crm.written] == list(range(10))


@pytest.mark.parametrize("code", [Code.CRM_FORBIDDEN, Code.CRM_UNAUTHORIZED])
def test_a_first_write_that_is_forbidden_raises(code: Code) -> None:
    """A key that may not write is refused once, and nothing is left to report: the import raises."""
    crm, state = many(9, errors={n: CrmError(code, "no right") for n in range(9)})
    with pytest.raises(CrmError, match=r"^crm_forbidden: no right$"):
        run(crm, [state])
    assert len(crm.written) == 1


@pytest.mark.usefixtures("one_writer")
@pytest.mark.parametrize("code", [Code.CRM_FORBIDDEN, Code.CRM_UNAUTHORIZED])
def test_a_later_write_that_is_forbidden_defers_the_rest(code: Code) -> None:
    """What was imported until then is told, the rest is deferred."""
    crm, state = many(9, errors={3: CrmError(code, "no right")})
    response, _, _ = run(crm, [state])
    assert (response["imported"], response["deferred"], response["ok"]) == (3, 5, False)
    assert response["failed"] == [{"name": "A0003", "reason": "crm_forbidden", "detail": "no right"}]


@pytest.mark.usefixtures("one_writer")
@pytest.mark.parametrize(
    "error",
    [CrmError(Code.CRM_FAILING, "503", fall_back=True), CrmError(Code.CRM_BAD_ANSWER, "a page of HTML")],
    ids=lambda error: error.code,
)
def test_a_dying_crm_is_left_alone(error: CrmError) -> None:
    """After some failures of the CRM itself in a row the rest is deferred."""
    crm, state = many(20, errors=dict.fromkeys(range(2, 20), error))
    response, _, _ = run(crm, [state])
    assert (response["imported"], response["failed_total"], response["deferred"]) == (2, GIVE_UP, 13)


@pytest.mark.usefixtures("one_writer")
def test_failures_between_successes_stop_nothing() -> None:
    """Only failures in a row tell of a dying CRM."""
    failing = {n: CrmError(Code.CRM_FAILING, "503", fall_back=True) for n in range(20) if n % GIVE_UP}
    crm, state = many(20, errors=failing)
    response, _, _ = run(crm, [state])
    assert (response["imported"], response["failed_total"], response["deferred"]) == (4, 16, 0)


def test_refused_writes_stop_nothing() -> None:
    """A value that the CRM refuses says nothing about the others, however many there are."""
    crm, state = many(20, errors={n: CrmError(Code.CRM_REFUSED, "no") for n in range(19)})
    response, _, _ = run(crm, [state])
    assert (response["imported"], response["failed_total"], response["deferred"]) == (1, 19, 0)


@pytest.mark.parametrize(
    "now",
    [subscriber(password="by hand"), subscriber("ABC2"), subscriber(archived=True), subscriber(lead=True)],
)
def test_a_password_entered_meanwhile_is_not_overwritten(now: Subscriber) -> None:
    """The list may be minutes old: what somebody entered since is not overwritten."""
    crm = FakeCrm([subscriber()], now={7: now})
    response, _, _ = run(crm, [router(T1, secret())])
    assert (response["imported"], response["skipped"], crm.written) == (0, {"changed_meanwhile": 1}, [])
    assert response["ok"]


def test_dry_run_writes_nothing() -> None:
    """It says what it would import, and asks the CRM for nothing more."""
    crm = FakeCrm([subscriber("A"), subscriber("B", "old", id=8)])
    crm.before_write = lambda: pytest.fail("a dry run looks at nobody again")
    states = [router(T1, secret("A"), secret("B"))]
    response, _, _ = run(crm, states, ImportEvent(dry_run=True, overwrite=True))
    assert (response["imported"], response["deferred"], response["dry_run"], crm.written) == (2, 0, True, [])
    assert [(one["name"], one["actual"], one["desired"]) for one in response["changes"]] == [
        ("A", None, "***"),
        ("B", "***", "***"),
    ]


@pytest.mark.parametrize("dry_run", [False, True])
def test_without_the_attribute_the_import_ends(dry_run: bool) -> None:
    """Without an attribute to write to the import cannot run, and the error says how to create it."""
    crm, state = many(1, attribute=None)
    with pytest.raises(CrmError, match=r"^crm_attribute_missing: .*'pppPassword'.*`PPP Password`"):
        run(crm, [state], ImportEvent(dry_run=dry_run))
    assert crm.written == []


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("fields", [("static_ip",), ("password", "static_ip")])
def test_without_the_address_s_attribute_nothing_is_written(fields: tuple[Field, ...], dry_run: bool) -> None:
    """A field without its attribute ends the import, also beside one that has it: no password is written either."""
    crm, state = many(1)
    with pytest.raises(CrmError, match=r"^crm_attribute_missing: .*'staticIp'.*static_ip_attribute.*`Static IP`"):
        run(crm, [state], ImportEvent(dry_run=dry_run, fields=fields))
    assert crm.written == []


def test_a_router_that_cannot_be_used_does_not_stop_the_others() -> None:
    """A dead and an unreadable router are told with their reason; the others go on."""
    crm = FakeCrm([subscriber("A", router=T1), subscriber("B", router=T2, id=8)])
    answers: list[RouterState | RouterError] = [
        RouterError(Code.ROUTER_UNREACHABLE, "no route"),
        router(T1, secret("A")),
        router(T2, secret("B", "*****")),
    ]
    response, routers, _ = run(crm, answers)
    assert response["ok"] is False
    assert (response["imported"], response["skipped"]) == (1, {"passwords_unreadable": 1})
    rows = [(row["name"], row["ok"], row["secrets"], (row["error"] or {}).get("reason")) for row in response["routers"]]
    assert rows == [
        ("dead-0", False, None, "router_unreachable"),
        (T1, True, 1, None),
        (T2, False, 1, "passwords_unreadable"),
    ]
    assert [one.closed for one in routers] == [1, 1, 1]


def test_a_router_not_asked_for_is_not_reported() -> None:
    """Leaving it out by the filter is a way to go on without it."""
    crm = FakeCrm([subscriber("A")])
    answers = [router(T1, secret("A")), router(T2, secret("B", "*****"))]
    response, _, _ = run(crm, answers, ImportEvent(routers=frozenset({T1})))
    assert (response["imported"], response["ok"]) == (1, True)


def test_lists_are_cut() -> None:
    """Each list of the response ends after its longest, in order of name, and its total tells of the rest."""
    crm, state = many(450, errors={n: CrmError(Code.CRM_REFUSED, "no") for n in range(210)})
    names = [f"B{n:04}" for n in range(210)]
    crm.people += [subscriber(name, "other", id=1000 + n) for n, name in enumerate(names)]
    held = router(T1, *state.secrets, *(secret(name) for name in names))
    response, _, _ = run(crm, [held])
    assert [one["name"] for one in response["failed"]] == [f"A{n:04}" for n in range(LONGEST)]
    assert [one["name"] for one in response["problems"]] == names[:LONGEST]
    assert (response["failed_total"], response["problems_total"], response["imported"]) == (210, 210, 240)
    preview, _, _ = run(crm, [held], ImportEvent(dry_run=True))
    assert (len(preview["changes"]), preview["imported"]) == (LONGEST, 450)


def test_each_name_has_one_record_and_no_password_is_in_any() -> None:
    """The log tells what became of each import, each problem, and the whole response; passwords nowhere."""
    people = [subscriber("A"), subscriber("B", id=8), subscriber("C", f"{LOUD}-2", id=9), subscriber("D", id=10)]
    crm = FakeCrm(people, errors={8: CrmError(Code.CRM_REFUSED, "no")}, now={10: subscriber("D", f"{LOUD}-3", id=10)})
    states = [router(T1, *(secret(name, LOUD) for name in "ABCD"))]
    response, _, report = run(crm, states)
    stream = io.StringIO()
    import_report.record(Logger(service="one-record-for-each-name", stream=stream), report, response)
    records = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert Counter(one["message"] for one in records) == {
        "A connection is not verified": 1,
        "import": 3,
        "problem": 1,
        "response": 1,
    }
    told = {one["import"]["name"]: one["import"]["result"] for one in records if one["message"] == "import"}
    assert told == {"A": "imported", "B": "failed", "D": "skipped"}
    assert records[-1]["response"] == response
    assert response["weakened"] == ["routers.tower-1.use_ssl"]
    assert LOUD not in stream.getvalue() + repr(report) + json.dumps(response)


def test_codes_are_in_the_table() -> None:
    """Every code that the import adds is one that the operator's manual explains."""
    assert {"crm_attribute_missing", "crm_not_kept", "crm_forbidden"} < set(Code)


def session(name: str, ppp_service: str = "pppoe", *, radius: bool = False) -> ActiveSession:
    """A live session."""
    return ActiveSession("*80000001", name, ppp_service, "10.0.0.9", radius)


@pytest.mark.parametrize(
    ("sessions", "online"),
    [
        ([session("A")], True),
        ([session("A", radius=True), session("A")], True),
        ([], False),
        ([session("A", radius=True)], False),
        ([session("A", "l2tp")], False),
        ([session("a")], False),
    ],
)
def test_whoever_is_online_proves_the_password_of_the_router(sessions: list[ActiveSession], online: bool) -> None:
    """A login that its secret let in has the router's password: its problem says so, and the response counts them."""
    state = RouterState(T1, (secret("A"), secret("B")), frozenset(), (*sessions, session("B")))
    people = [subscriber("A", "other"), subscriber("B", "s3cret", id=8)]
    response, _, _ = run(FakeCrm(people), [state])
    (problem,) = response["problems"]

    assert problem["detail"] == ("online, which proves that the router's password is right" if online else "")
    assert (response["password_differs_online"], response["skipped"]) == (int(online), {"password_differs": 1})


def test_a_preview_says_who_is_online() -> None:
    """With `overwrite` nothing is skipped, and the rows of a dry run say whose password proves itself."""
    state = RouterState(T1, (secret("A"), secret("B")), frozenset(), (session("A"),))
    people = [subscriber("A", "other"), subscriber("B", "other", id=8)]
    response, _, _ = run(FakeCrm(people), [state], ImportEvent(dry_run=True, overwrite=True))

    assert [(one["name"], one["online"]) for one in response["changes"]] == [("A", True), ("B", False)]
    assert response["password_differs_online"] == 0
