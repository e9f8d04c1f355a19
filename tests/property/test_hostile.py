"""Hostile input from both sides: nothing hangs, only our own errors come out, and no wrong secret is written."""

from __future__ import annotations

import json
import socket
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.simulators.routeros import Fault
from lab.simulators.routeros.wire import encode_sentence
from pppsync.config.event import Event
from pppsync.config.settings import RouterSettings
from pppsync.core.desired import judge_all
from pppsync.core.plan import build_plan
from pppsync.core.policy import Policy
from pppsync.crm.rows import RowDecoder, RowError, attribute_id
from pppsync.errors import RouterError
from pppsync.net.deadline import Deadline
from pppsync.report.response import Report
from pppsync.report.router_row import RouterReport
from pppsync.routers.gateway import RouterGateway
from pppsync.routers.link import RouterLink
from tests.builders import a_fleet, a_router_state, a_secret
from tests.integration.providers import Provider, provider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pppsync.core.secret import RouterState

SOON = 10.0
"""Seconds; what would hang, hangs for ever."""
TEXTS = st.text(st.characters(), max_size=12) | st.sampled_from(
    [
        "",
        " ",
        "ABC1",
        "*1",
        "1",
        "a=b",
        "=.id=*1",
        "?name",
        "!done",
        ".tag=1",
        "\x00",
        "\n",
        "\ud800",
        "\u202e",
        "x" * 9000,
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def answers() -> st.SearchStrategy[bytes]:
    """A router's stream: sentences that are nearly right, to tags that exist, whole or broken."""
    value = st.binary(max_size=20) | st.sampled_from([b"*1", b"ABC1", b"true", b"pppoe", b"10.0.0.1", b"\xff\xfe"])
    names = st.sampled_from([b".id", b"name", b"password", b"service", b"version", b"ret", b"message", b"radius", b""])
    word = st.builds(lambda name, given: b"=" + name + b"=" + given, names, value) | st.binary(min_size=1, max_size=9)
    kind = st.sampled_from([b"!re", b"!re", b"!done", b"!trap", b"!empty", b"!fatal", b"!odd"])
    tag = st.sampled_from([b".tag=%d" % number for number in range(6)])
    sentence = st.builds(
        lambda kind, tag, words: encode_sentence([kind, tag, *words]), kind, tag, st.lists(word, max_size=4)
    )
    good = [encode_sentence([b"!done", b".tag=%d" % number]) for number in range(1, 5)]
    return st.builds(b"".join, st.lists(sentence | st.sampled_from(good) | st.binary(max_size=6), max_size=12))


@settings(max_examples=400)
@given(answers(), st.booleans())
def test_a_router_may_say_anything(said: bytes, complete: bool) -> None:
    """Reading ends with a whole state or a `RouterError`, and the line is closed after an error."""
    if complete:
        said += b"".join(encode_sentence([b"!done", b".tag=%d" % number]) for number in range(1, 5))
    ours, theirs = socket.socketpair()
    with theirs, RouterGateway(RouterSettings("tower", True, "127.0.0.1", 1, tls=None), Policy()) as gateway:
        gateway._link = RouterLink(ours)
        theirs.sendall(said)
        theirs.shutdown(socket.SHUT_WR)
        found = read_or_error(gateway)
        if isinstance(found, RouterError):
            assert found.code in {"router_closed", "router_protocol", "router_refused"}
            assert ours.fileno() == -1


def read_or_error(gateway: RouterGateway) -> RouterState | RouterError:
    """What a reading leads to; anything but a `RouterError` fails the test."""
    try:
        return gateway.read(Deadline.after(SOON))
    except RouterError as error:
        return error


def clients() -> st.SearchStrategy[dict[str, Any]]:
    """A row of `clients` with everything possible in every field."""
    pair = st.fixed_dictionaries(
        {"key": st.sampled_from(["pppPassword", "staticIp", "router"]) | JSON, "value": TEXTS | JSON}
    )
    return st.fixed_dictionaries(
        {"id": st.integers(1, 5)},
        optional={
            "userIdent": TEXTS | JSON,
            "registrationDate": st.sampled_from(["2020-08-14T00:00:00+0600", "0000-00-00", "2020-13-01"]) | JSON,
            "isArchived": st.booleans() | JSON,
            "isLead": st.booleans() | JSON,
            "tags": st.lists(st.fixed_dictionaries({"name": TEXTS | JSON}), max_size=2) | JSON,
            "attributes": st.lists(pair, max_size=3) | JSON,
        },
    )


def services() -> st.SearchStrategy[dict[str, Any]]:
    """A row of `clients/services`, likewise."""
    return st.fixed_dictionaries(
        {"id": st.integers(1, 9), "clientId": st.integers(1, 5)},
        optional={
            "status": st.integers(-1, 9) | JSON,
            "name": TEXTS | JSON,
            "servicePlanName": TEXTS | JSON,
            "servicePlanType": st.sampled_from(["Internet", "General"]) | JSON,
            "activeFrom": st.sampled_from(["2026-01-01T00:00:00+0600"]) | JSON,
            "activeTo": st.sampled_from(["2026-01-01T00:00:00+0600"]) | JSON,
        },
    )


@given(JSON)
def test_a_row_may_be_anything(row: object) -> None:
    """It is decoded, or refused as a row."""
    decoder = RowDecoder(Policy())
    for decode in (decoder.subscriber, decoder.service, lambda row: attribute_id(row, "pppPassword")):
        with suppress(RowError):
            decode(row)


def decoded(kind: Any, rows: list[dict[str, Any]]) -> list[Any]:
    """The rows that are rows."""
    found = []
    for row in rows:
        try:
            found.append(kind(row))
        except RowError:
            continue
    return found


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(clients(), max_size=5), st.lists(services(), max_size=5), st.lists(TEXTS, max_size=3))
def test_whatever_the_crm_holds_becomes_a_plan_and_a_response(
    client_rows: list[dict[str, Any]], service_rows: list[dict[str, Any]], held: list[str]
) -> None:
    """From any rows to a plan and to the response's bytes: no crash, and no secret but of a name that may be one."""
    decoder, policy = RowDecoder(Policy()), Policy()
    grouped: dict[int, list[Any]] = {}
    for service in decoded(decoder.service, service_rows):
        grouped.setdefault(service.subscriber_id, []).append(service)
    desired = judge_all(decoded(decoder.subscriber, client_rows), grouped, policy)
    secrets = [a_secret(name, number=number) for number, name in enumerate(held, 1)]
    state = a_router_state(*secrets, profiles=("30mbps", *(service["name"] for service in names(service_rows))))
    plan = build_plan(desired, a_fleet(state), policy, passwords_known=True)
    for change in plan.routers[state.router].changes:
        assert_wire(change.name)
    part = plan.routers[state.router]
    report = RouterReport(state.router, "enforce", None, part.census, part.changes)
    whole = Report("plan", "domain", 1, 1, desired.ignored, (report,), plan.problems)
    json.dumps(whole.document(run_id="r", exclusive=True, duration_ms=1), ensure_ascii=False).encode()


def names(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The service rows that have a text for a name."""
    return [{"name": row["name"]} for row in rows if isinstance(row.get("name"), str)]


def assert_wire(name: str) -> None:
    """A login that can stand on a router: text without controls, no id, no blanks around it, not endless."""
    assert name.encode()
    assert name == name.strip()
    assert not name.startswith("*")
    assert not any(unicodedata.category(character) == "Cc" for character in name)
    assert len(name) <= 8192


HOSTILE = {
    "newline": "a\nb",
    "carriage return": "a\r\nb",
    "NUL": "a\x00b",
    "escape": "a\x1b[31mb",
    "delete": "a\x7fb",
    "C1 control": "a\x85b",
    "equals": "a=b",
    "leading equals": "=disabled=no",
    "only equals": "===",
    "id": "*1",
    "asterisks": "a**b",
    "comma": "a,b",
    "ids": "*1,*2",
    "quotes": "a\"b'c`d",
    "backslash": "a\\b\\",
    "semicolon": "a;/system/reboot",
    "brackets": '[/system reset]$(x)${y}"',
    "query": "?name=ABC1",
    "tag": ".tag=1",
    "reply": "!done",
    "command": "/ppp/secret/remove",
    "emoji": "a😀b",
    "family": "👩\u200d👧",
    "right to left": "a\u202eb\u202c",
    "bidi isolate": "\u2067abc\u2069",
    "zero width": "a\u200bb",
    "byte order mark": "\ufeffab",
    "combining": "é e\u0301",
    "line separator": "a\u2028b",
    "soft hyphen": "a\u00adb",
    "no break space": "a\u00a0b",
    "lone surrogate": "a\ud800b",
    "surrogate that hides a byte": "a\udcffb",
    "not a character": "a\uffffb",
    "astral": "\U0010ffff",
    "outer blanks": "  ab  ",
    "tab": "a\tb",
    "long": "x" * 8192,
    "too long": "x" * 8193,
    "far too long": "ä" * 400_000,
    "number": "0123",
    "boolean": "yes",
    "null": "null",
    "percent": "%s%n%00",
    "template": "{0}{{x}}",
}


FIELDS = ("userIdent", "pppPassword", "staticIp", "router", "profile")
REFUSALS = {
    "userIdent": {"invalid_custom_id"},
    "pppPassword": {"password_invalid"},
    "staticIp": {"static_ip_invalid"},
    "router": {"router_unknown"},
    "profile": {"profile_missing"},
}


@pytest.fixture(scope="module")
def versions() -> Iterator[dict[str, Provider]]:
    """A provider with an old and one with a new router."""
    with provider(version="6.48.6") as old, provider(version="7.21.3") as new:
        yield {"old": old, "new": new}


def emptied(isp: Provider) -> Provider:
    """The provider with one subscriber in its office and an empty router."""
    for row in list(isp.crm.state.clients):
        isp.crm.delete_client(row["id"])
    for secret in isp.router.secrets():
        isp.router.remove_secret(secret["name"])
    isp.router.clear_log()
    isp.subscribe("ALPHA", "fine")
    return isp


@pytest.mark.parametrize("version", ["old", "new"])
@pytest.mark.parametrize("field", FIELDS)
def test_subscriber_data_arrives_exactly_or_is_a_named_problem(
    versions: dict[str, Provider], version: str, field: str
) -> None:
    """Whatever stands in the CRM: that login exactly as written, or a reason; and nobody else is concerned."""
    isp = emptied(versions[version])
    clients = {}
    for kind, value in HOSTILE.items():
        given = {field: value} if field in {"staticIp", "router"} else {}
        name = value if field == "userIdent" else kind
        client = isp.crm.add_client(name, {"pppPassword": value if field == "pppPassword" else "fine"} | given)
        isp.crm.add_service(client, name=value if field == "profile" else "30mbps", plan_name="a plan")
        clients[client] = (name, value)
    isp.subscribe("OMEGA", "fine")
    report = isp.run(Event())
    held = {one["name"]: one["password"] for one in isp.router.secrets()}
    reasons = {problem.subscriber: problem.reason for problem in report.problems}
    right = {"ALPHA": "fine", "OMEGA": "fine"}
    for client, (name, value) in clients.items():
        if name not in held:
            assert reasons.get(client) in REFUSALS[field] or name[0] in "0123456789", name
        else:
            right[name] = value if field == "pppPassword" else "fine"
            assert reasons.get(client) == ("static_ip_invalid" if field == "staticIp" else None)
    assert held == right
    assert report.ok
    assert isp.router.warnings == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), min_size=1, max_size=20), st.text(st.characters(), min_size=1, max_size=20))
def test_any_name_and_password_arrive_exactly_or_not_at_all(
    versions: dict[str, Provider], name: str, password: str
) -> None:
    """The same for texts that nobody thought of; what was written is left alone by the next run."""
    isp = emptied(versions["new"])
    isp.subscribe(name, password)
    isp.run()
    written = {one["name"]: one["password"] for one in isp.router.secrets()}
    assert written in ({"ALPHA": "fine"}, {"ALPHA": "fine", name: password})
    isp.router.clear_log()
    isp.run()
    assert isp.router.writes == []


@pytest.mark.parametrize("version", ["old", "new"])
def test_a_word_that_is_announced_as_4_gb_is_not_waited_for(versions: dict[str, Provider], version: str) -> None:
    """The prefix alone ends the session with that router."""
    isp = emptied(versions[version])
    isp.router.faults.append(Fault("/ppp/secret/print", "huge_word"))
    (router,) = isp.run().routers
    assert router.error is not None
    assert router.error.code == "router_protocol"
