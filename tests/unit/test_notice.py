"""The notice of a withheld plan: what it says, whom it is made for, and what it never holds (G15, G10)."""

from __future__ import annotations

import json
import logging
import shlex
import sys
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from functions.notify import app
from lab.local_aws.environment import ROOT
from lab.simulators.s3 import Bucket, refusal
from plan_notice.delivery import REMEMBERED, Delivery
from plan_notice.plan import LARGEST, NotAPlanError, Plan, read_plan
from plan_notice.put_events import NotAnEventError, Put, puts
from plan_notice.text import LONGEST_SUBJECT, WIDTH, Stack, message, subject
from plan_notice.words import KINDS, LONGEST, marked, short, would
from pppctl.arguments import parse
from pppsync.core import names
from pppsync.core.change import Kind
from pppsync.core.guard import Guard, WithheldPlan
from pppsync.core.masked import Masked
from pppsync.core.policy import GuardLimits
from pppsync.journal import plans
from tests.builders import a_change, a_session

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
ID = "9f036593ac695801"
KEY = f"plans/{ID}.json"
HMAC = "0123456789abcdef" * 4
PASSWORD = "a-subscribers-password"
STACK = Stack("unms-ros-sync", "eu-west-1", names=True)
COUNTS_ALONE = Stack("unms-ros-sync", "eu-west-1", names=False)
REASON = "12 of 40 enabled secrets would be disabled; the limit is 10"


def a_document(**values: Any) -> dict[str, Any]:
    """The journal's object of a plan over 12 logins of which two are online."""
    return {
        "plan_id": ID,
        "router": "tower-1",
        "kind": "disable",
        "count": 12,
        "reason": REASON,
        "names": [f"ABC{number:02}" for number in range(12)],
        "online": ["ABC03", "ABC07"],
        "changes": [HMAC],
        "tell": True,
        "at": "2026-11-25T09:30:00Z",
        **values,
    }


def a_plan(**values: Any) -> Plan:
    """The plan of that object."""
    return read_plan(KEY, json.dumps(a_document(**values)).encode())


def an_event(*keys: str, version: str | None = "version-1", **of_object: str) -> dict[str, Any]:
    """The event of S3 for objects that were put, one record each."""
    mark = {"versionId": version} if version else {}
    return {
        "Records": [
            {
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": "journal"}, "object": {"key": key, **mark, **of_object}},
            }
            for key in keys
        ]
    }


class Topic:
    """An alarm topic that keeps what is published; it refuses what SNS refuses."""

    def __init__(self) -> None:
        self.notices: list[tuple[str, str]] = []
        self.refuses = False

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> None:  # noqa: N803 - boto3's names
        """Keep a notice."""
        assert TopicArn == "the-topic"
        if self.refuses:
            raise refusal("SlowDown", "Publish")
        assert Subject.isascii()
        assert Subject.isprintable()
        assert 0 < len(Subject) < 100
        assert len(Message.encode()) <= 262_144
        self.notices.append((Subject, Message))


def a_delivery(*documents: dict[str, Any], stack: Stack = STACK) -> tuple[Delivery, Bucket, Topic]:
    """A delivery out of a bucket with these plans, and the topic that it publishes to."""
    bucket, topic = Bucket(), Topic()
    for document in documents:
        bucket.put_object(Bucket="journal", Key=f"plans/{document['plan_id']}.json", Body=json.dumps(document).encode())
    return Delivery(bucket, topic, "the-topic", stack), bucket, topic


# --- the text


def test_the_notice_says_what_waits_and_what_to_do() -> None:
    """G15: router, kind, count, reason, logins in order, who is online, both commands, and what happens otherwise."""
    assert subject(a_plan(), STACK) == "Withheld: 12 secrets would be disabled on tower-1 (unms-ros-sync)"
    assert message(a_plan(), STACK).splitlines() == [
        "12 secrets would be disabled on router tower-1.",
        "Withheld: nothing of this plan is written unless you approve it.",
        "",
        "Reason: 12 of 40 enabled secrets would be disabled; the limit is 10",
        "Online: 2 of the 12 logins",
        "Plan 9f036593ac695801, made 2026-11-25 09:30 UTC",
        "",
        "All logins in order (* is online):",
        *(f"{'*' if number in {3, 7} else '-'} ABC{number:02}" for number in range(12)),
        "",
        "Approve it. This shows the plan as it is now, and asks first:",
        "  .venv/bin/python -m pppctl approve 9f036593ac695801 \\",
        "    --stack unms-ros-sync --region eu-west-1",
        "",
        "See everything that waits. This writes nothing:",
        "  .venv/bin/python -m pppctl plan \\",
        "    --stack unms-ros-sync --region eu-west-1",
        "",
        "Wrong? Correct the CRM: the next run plans anew.",
        "Stop all writes meanwhile (resume takes it back):",
        "  .venv/bin/python -m pppctl stop \\",
        "    --stack unms-ros-sync --region eu-west-1",
        "",
        "If you do nothing, nothing of this plan is written.",
        "All other changes go on.",
        "You are told again after 24 hours if it still waits.",
    ]


def test_the_plan_over_all_routers_names_none() -> None:
    """An empty router is the fleet: subject and text say so."""
    plan = a_plan(router="")

    assert subject(plan, STACK) == "Withheld: 12 secrets would be disabled on all routers (unms-ros-sync)"
    assert message(plan, STACK).splitlines()[0] == "12 secrets would be disabled on all routers together."


def test_without_names_the_notice_holds_counts_alone() -> None:
    """NoticeNames=false: the counts stand there and no login, in subject and text."""
    text = message(a_plan(), COUNTS_ALONE)

    assert "Online: 2 of the 12 logins" in text
    assert "ABC" not in text + subject(a_plan(), COUNTS_ALONE)


@pytest.mark.parametrize(
    ("values", "online", "heading"),
    [
        ({"online": []}, "Online: none of the 12 logins", "All logins in order (* is online):"),
        (
            {"count": 34, "names": [f"ABC{n:02}" for n in range(20)]},
            "Online: 2 of the first 20 logins",
            "The first 20 logins in order (* is online):",
        ),
        (
            {"count": 20, "names": [f"ABC{n:02}" for n in range(20)]},
            "Online: 2 of the 20 logins",
            "All logins in order (* is online):",
        ),
        ({"count": 1, "names": ["ABC1"]}, "Online: none of the 1 login", "All logins in order (* is online):"),
        (
            {"kind": "profile_create", "names": ["30M", "50M"], "online": []},
            "Online: none of the 2 profiles",
            "All profiles in order (* is online):",
        ),
    ],
)
def test_the_notice_says_of_how_many_it_knows(values: dict[str, Any], online: str, heading: str) -> None:
    """A plan keeps 20 names: beyond them nobody knows who is online, and the notice does not pretend to."""
    lines = message(a_plan(**values), STACK).splitlines()

    assert online in lines
    assert heading in lines


def test_a_plan_without_names_lists_none() -> None:
    """Where a plan has no names, neither a heading nor a count of those online stands there."""
    text = message(a_plan(names=[], online=[]), STACK)

    assert "Online" not in text
    assert "in order" not in text


def test_only_listed_names_count_as_online() -> None:
    """Somebody who is online and not listed is not counted among the listed."""
    assert "Online: 1 of the 12 logins" in message(a_plan(online=["ABC03", "ZZZ"]), STACK)


@pytest.mark.parametrize("kind", [*Kind, "cut"])
def test_every_kind_has_its_words(kind: str) -> None:
    """G3: every kind of the product, and `cut`, is said in words."""
    assert kind in KINDS
    assert would(kind, 2).startswith("2 ")
    assert would(kind, 2).split()[1].endswith("s")
    assert not would(kind, 1).split()[1].endswith("s")


def test_a_kind_of_a_later_version_is_shown_as_it_is() -> None:
    """An unknown kind is told too: its name stands in the text, and its names are logins."""
    assert message(a_plan(kind="new_kind"), STACK).startswith(
        "12 changes would be made (new_kind) on router tower-1.\n"
    )
    assert "All logins in order" in message(a_plan(kind="new_kind"), STACK)


LONG = "m\u00fcnchen-" + "9" * 200


@pytest.mark.parametrize("plan", [a_plan(), a_plan(router=LONG, kind="default_password"), a_plan(router="a\u202eb\nc")])
def test_a_subject_is_what_sns_takes(plan: Plan) -> None:
    """ASCII without control characters, at most 99 of them, and the fact stands first."""
    text = subject(plan, Stack("s" * 52, "ap-southeast-2", names=True))

    assert text.isascii()
    assert text.isprintable()
    assert len(text) <= LONGEST_SUBJECT
    assert text.startswith("Withheld: 12 secrets would ")


def test_lines_are_short() -> None:
    """No line is longer than 70 characters, whatever a router and its logins are called and however long the reason."""
    plan = a_plan(router=LONG, reason=f"{REASON}; " * 50, names=["n" * 8192, *"abc"], online=[])

    assert max(map(len, message(plan, STACK).splitlines())) <= WIDTH


def test_the_commands_are_those_of_the_command_line() -> None:
    """The command line takes the printed commands, copied with their second lines, and they name stack and region."""
    text = message(a_plan(), STACK).replace("\\\n", " ")
    commands = [shlex.split(line) for line in text.splitlines() if "-m pppctl" in line]

    assert [words[:3] for words in commands] == [[".venv/bin/python", "-m", "pppctl"]] * 3
    assert {tuple(words[-4:]) for words in commands} == {("--stack", "unms-ros-sync", "--region", "eu-west-1")}
    approve, plan, stop = (parse(words[3:]) for words in commands)
    assert (approve.command, approve.plan_ids, approve.stack, approve.region) == (
        "approve",
        [ID],
        "unms-ros-sync",
        "eu-west-1",
    )
    assert (plan.command, plan.stack) == ("plan", "unms-ros-sync")
    assert (stop.command, stop.stack, stop.region) == ("stop", "unms-ros-sync", "eu-west-1")


# --- names


def test_names_are_marked_as_everywhere_in_the_product() -> None:
    """The copy of `marked` writes every character as the core does; what UTF-8 cannot carry is marked beside that."""
    letters = [chr(code) for code in range(sys.maxunicode + 1)]
    text = "x".join(letter for letter in letters if unicodedata.category(letter) not in {"Cs", "Co", "Cn"})

    assert marked(text) == names.marked(text)
    assert [marked(letter) for letter in "\ud800\udfff\ue000"] == ["\\ud800", "\\udfff", "\\ue000"]


@pytest.mark.parametrize("name", ["ABC1", " ABC1 ", "AB  C1", "  ", "A\u202eB\u00a0C", "a b", "\u0430\u04b3", "a   b"])
def test_names_with_blanks_are_marked_as_by_the_core(name: str) -> None:
    """Blanks at the ends and doubled ones are marked as the core marks them."""
    assert marked(name) == names.marked(name)


def test_a_hostile_name_stays_on_its_line() -> None:
    """A name cannot make a line of its own, turn the text round or stop the notice; a long one is cut."""
    hostile = ["ABC\n* ABC1\u202e\u200b", "\udcff\udcfe", "x" * 5000]
    text = message(a_plan(names=hostile, online=[]), STACK)

    assert "- ABC\\u000a* ABC1\\u202e\\u200b\n- \\udcff\\udcfe\n" in text
    assert text.encode()
    assert short("x" * 5000) == "x" * LONGEST + "..."


# --- the object


def test_what_the_journal_puts_is_read() -> None:
    """The bodies that the journal encodes are plans here, of one router and of the fleet."""
    changes = tuple(
        a_change(Kind.DISABLE, f"ABC{n:02}", number=n, sessions=() if n % 2 else (a_session(),)) for n in range(25)
    )
    for router in ("tower-1", None):
        kept = plans.keep(WithheldPlan(ID, router, Kind.DISABLE, changes, REASON), [HMAC], NOW, tell=True)
        plan = read_plan(plans.key(ID), plans.encode(kept))

        assert plan == Plan(
            plan_id=ID,
            router=router or "",
            kind="disable",
            count=25,
            reason=REASON,
            names=tuple(f"ABC{n:02}" for n in range(20)),
            online=frozenset(f"ABC{n:02}" for n in range(0, 20, 2)),
            tell=True,
            at="2026-11-25 09:30 UTC",
        )


def test_a_plan_is_told_unless_it_says_no() -> None:
    """Section 7: only `"tell": false` keeps a plan from being told."""
    document = a_document()
    del document["tell"]

    assert read_plan(KEY, json.dumps(document).encode()).tell


WITHOUT_ROUTER = {name: value for name, value in a_document().items() if name != "router"}
NO_PLANS: Sequence[tuple[str, bytes]] = [
    ("plans/9f03.json", json.dumps(a_document()).encode()),
    ("plans/9f036593ac695801.json.json", json.dumps(a_document()).encode()),
    ("plans/0000000000000000.json", json.dumps(a_document()).encode()),
    (KEY, b""),
    (KEY, b"{"),
    (KEY, b"\xff"),
    (KEY, b"[" * 100_000),
    (KEY, b"[]"),
    (KEY, b"null"),
    (KEY, b" " * (LARGEST + 1)),
    (KEY, json.dumps(WITHOUT_ROUTER).encode()),
    (KEY, json.dumps(a_document(password=PASSWORD)).encode()),
    *(
        (KEY, json.dumps(a_document(**{name: value})).encode())
        for name, value in [
            ("plan_id", 7),
            ("router", None),
            ("kind", "Disable"),
            ("kind", 1),
            ("count", "12"),
            ("count", True),
            ("count", 0),
            ("reason", [PASSWORD]),
            ("names", "ABC1"),
            ("names", [1]),
            ("names", ["ABC"] * 21),
            ("online", None),
            ("online", ["ABC"] * 21),
            ("changes", [PASSWORD]),
            ("changes", HMAC),
            ("changes", [1]),
            ("tell", 1),
            ("at", "2026-11-25 09:30"),
            ("at", 0),
        ]
    ),
]


@pytest.mark.parametrize(("key", "body"), NO_PLANS)
def test_an_object_that_is_no_plan_is_refused(key: str, body: bytes) -> None:
    """Every key and value is judged, and the refusal shows nothing of the object."""
    with pytest.raises(NotAPlanError) as refused:
        read_plan(key, body)
    assert PASSWORD not in str(refused.value)
    assert "ABC" not in str(refused.value)
    assert refused.value.__cause__ is None


# --- the event


def test_keys_are_decoded() -> None:
    """S3 encodes keys in its events: blanks as `+`, everything else by percents."""
    assert puts(an_event("plans/a+b%2Bc%C3%BC.json")) == [Put("journal", "plans/a b+c\u00fc.json", "version-1")]


def test_a_bucket_without_versions_is_told_apart_by_its_sequencer() -> None:
    """Without a version the sequencer marks a put; without both nothing does."""
    assert puts(an_event(KEY, version=None, sequencer="0A"))[0].mark == "0A"
    assert puts(an_event(KEY, version=None))[0].mark is None


def test_only_puts_count() -> None:
    """Another event of the bucket, such as a deletion, tells nobody."""
    event = an_event(KEY)
    event["Records"][0]["eventName"] = "ObjectRemoved:Delete"

    assert puts(event) == []


@pytest.mark.parametrize(
    "event", [{}, None, [], {"Records": 1}, {"Records": [{}]}, {"Records": [1]}, {"action": "sync"}]
)
def test_another_event_is_refused(event: object) -> None:
    """What is not of the form of S3's events is refused without showing it."""
    with pytest.raises(NotAnEventError, match="not of the form that S3 sends"):
        puts(event)


# --- the delivery


def test_each_plan_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """One notice for each plan that was put; the log says which, and neither names nor values."""
    other = a_document(plan_id="0" * 16, router="")
    delivery, _, topic = a_delivery(a_document(), other)
    caplog.set_level(logging.INFO)

    assert delivery.handle(an_event(KEY, f"plans/{'0' * 16}.json")) == [ID, "0" * 16]
    assert topic.notices == [
        (subject(a_plan(), STACK), message(a_plan(), STACK)),
        (subject(a_plan(router=""), STACK), message(a_plan(router=""), STACK).replace(ID, "0" * 16)),
    ]
    assert [record.message for record in caplog.records] == ["notice sent", "notice sent"]
    assert [vars(record)["plan_id"] for record in caplog.records] == [ID, "0" * 16]


def test_the_parameter_reaches_the_notice() -> None:
    """With names switched off no login is published."""
    delivery, _, topic = a_delivery(a_document(), stack=COUNTS_ALONE)
    delivery.handle(an_event(KEY))

    assert len(topic.notices) == 1
    assert "ABC" not in str(topic.notices)


def test_a_plan_that_is_not_to_be_told_is_not() -> None:
    """G15: a plan that was put with `"tell": false` sends nothing."""
    delivery, _, topic = a_delivery(a_document(tell=False))

    assert delivery.handle(an_event(KEY)) == []
    assert topic.notices == []


def test_a_doubled_event_is_told_once() -> None:
    """S3 may send an event twice: this process tells it once. Another put of the plan is told again."""
    delivery, _, topic = a_delivery(a_document())
    sent = [delivery.handle(an_event(KEY, version=version)) for version in ("1", "1", "2")]

    assert sent == [[ID], [], [ID]]
    assert len(topic.notices) == 2


def test_an_event_without_a_mark_is_always_told() -> None:
    """Where nothing marks a put, two notices are better than none."""
    delivery, _, topic = a_delivery(a_document())
    for _ in range(2):
        delivery.handle(an_event(KEY, version=None))

    assert len(topic.notices) == 2


def test_memory_of_what_was_told_is_bounded() -> None:
    """A process remembers the latest puts alone, the older ones are forgotten first."""
    delivery, _, topic = a_delivery(a_document())
    for number in range(REMEMBERED + 1):
        delivery.handle(an_event(KEY, version=str(number)))
    for number in (REMEMBERED, 0):
        delivery.handle(an_event(KEY, version=str(number)))

    assert len(topic.notices) == REMEMBERED + 2


def test_a_notice_that_was_refused_is_tried_again() -> None:
    """What SNS refuses is raised, so that Lambda tries again; the second try is no doubled event."""
    delivery, _, topic = a_delivery(a_document())
    topic.refuses = True
    with pytest.raises(ClientError):
        delivery.handle(an_event(KEY))
    topic.refuses = False

    assert delivery.handle(an_event(KEY)) == [ID]


def test_an_object_that_is_gone_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    """A plan that is gone by now is not told, and nothing rings."""
    delivery, _, topic = a_delivery()
    caplog.set_level(logging.INFO)

    assert delivery.handle(an_event(KEY)) == []
    assert topic.notices == []
    assert [record.levelname for record in caplog.records] == ["INFO"]


def test_a_refused_read_is_raised() -> None:
    """Where S3 refuses the read, the function fails: then the alarm rings."""
    delivery, bucket, _ = a_delivery(a_document())

    def refuse(operation: str) -> None:
        raise refusal("AccessDenied", operation)

    bucket.before = refuse
    with pytest.raises(ClientError, match="AccessDenied"):
        delivery.handle(an_event(KEY))


def test_what_is_no_plan_or_no_event_sends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """An object or event that is not ours sends nothing and logs an error without its content."""
    delivery, _, topic = a_delivery(a_document(reason=[PASSWORD]))

    assert delivery.handle(an_event(KEY)) == []
    assert delivery.handle({"Records": [PASSWORD]}) == []
    assert topic.notices == []
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert PASSWORD not in caplog.text


def test_one_bad_object_does_not_stop_the_others() -> None:
    """In one event a plan behind an object that is none is told."""
    delivery, _, topic = a_delivery(a_document(plan_id="0" * 16, count=0), a_document())

    assert delivery.handle(an_event(f"plans/{'0' * 16}.json", KEY)) == [ID]
    assert len(topic.notices) == 1


def test_nothing_secret_leaves(caplog: pytest.LogCaptureFixture) -> None:
    """G10: no HMAC of a change, no password and no key is in a notice or in the log."""
    key = Masked("the-key-of-the-crm")
    guard = Guard(GuardLimits(), key)
    changes = tuple(
        a_change(Kind.PASSWORD, f"ABC{n:02}", actual=Masked(f"old-{PASSWORD}"), desired=Masked(PASSWORD), number=n)
        for n in range(25)
    )
    hmacs = [guard.plan_id([change]) * 4 for change in changes]
    withheld = WithheldPlan(guard.plan_id(changes), "tower-1", Kind.PASSWORD, changes, REASON)
    body = plans.encode(plans.keep(withheld, hmacs, NOW, tell=True))
    delivery, bucket, topic = a_delivery()
    bucket.put_object(Bucket="journal", Key=plans.key(withheld.plan_id), Body=body)
    caplog.set_level(logging.DEBUG)
    delivery.handle(an_event(plans.key(withheld.plan_id)))
    seen = f"{topic.notices}{caplog.text}{[vars(record) for record in caplog.records]}"

    assert withheld.plan_id in seen
    assert [one for one in (*hmacs, PASSWORD, key.reveal()) if one in seen] == []


def test_the_handler_wires_what_the_template_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler takes topic, stack and names from its environment, and an event that is none of S3 tells nobody."""
    for name, value in {
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "TOPIC_ARN": "the-topic",
        "STACK_NAME": "unms-ros-sync",
        "NOTICE_NAMES": "false",
    }.items():
        monkeypatch.setenv(name, value)

    assert app.lambda_handler({}, LambdaContext()) == []
    assert app._delivery().stack == COUNTS_ALONE


def test_the_page_prints_the_notice() -> None:
    """docs/operations.md shows subject and text of a notice exactly as they are sent."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert f"```text\n{message(a_plan(), STACK)}```" in page
    assert f"Its subject is `{subject(a_plan(), STACK)}`" in page
