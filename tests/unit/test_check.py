"""The parts of the self-test that need no connection: what each finding says, and when it is one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from pppsync.config.event import Event
from pppsync.core.subscriber import CrmState
from pppsync.diagnose.check.clock import router_time
from pppsync.diagnose.check.line import Check, certificate_state, some
from pppsync.diagnose.check.self_test import Checks, check
from pppsync.errors import Code, CrmError
from pppsync.net.deadline import Deadline
from pppsync.net.endpoint import Tls
from tests.builders import a_router_state, a_secret, a_subscriber
from tests.unit.check_world import NOW, FakeRouter, settings, survey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pppsync.core.subscriber import Subscriber
    from pppsync.crm.client import UispClient
    from pppsync.routers.gateway import RouterGateway


@pytest.mark.parametrize(
    ("days", "tls", "ok", "detail"),
    [
        (90, Tls(), True, "accepted, ends in 90 days, on 2026-05-30"),
        (21, Tls(), True, "accepted, ends in 21 days, on 2026-03-22"),
        (6, Tls(), False, "accepted, but it ends in 6 days, on 2026-03-07: renew it"),
        (90, None, True, "not looked at: without TLS there is no certificate (see config.encryption)"),
        (90, Tls(verify=False), True, "not looked at: ssl_verify is false, any certificate is taken (see config.enc"),
        (None, Tls(), True, "accepted"),
    ],
)
def test_a_certificate_that_ends_within_a_week_is_a_finding(
    days: int | None, tls: Tls | None, ok: bool, detail: str
) -> None:
    """A verified certificate that ends in less than a week is a finding."""
    ends = NOW + timedelta(days=days or 0)
    fields = {} if days is None else {"notAfter": f"{ends:%b %d %H:%M:%S %Y} GMT"}
    found = certificate_state(fields, tls, NOW)

    assert (found[0], found[1][: len(detail)]) == (ok, detail)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"date": "2026-03-01", "time": "12:00:00", "gmt-offset": "+00:00"}, NOW),
        ({"date": "mar/01/2026", "time": "12:00:00", "gmt-offset": "+00:00"}, NOW),
        ({"date": "2026-03-01", "time": "14:30:00", "gmt-offset": "+02:30"}, NOW),
        ({"date": "2026-03-01", "time": "14:30:00", "gmt-offset": "02:30:00"}, NOW),
        ({"date": "2026-03-01", "time": "07:00:00", "gmt-offset": "-05:00"}, NOW),
        ({"date": "2026-03-01", "time": "14:00:00", "gmt-offset": "7200"}, NOW),
        ({"date": "2026-03-01", "time": "10:00:00", "gmt-offset": str(2**32 - 7200)}, NOW),
        ({"date": "2026-03-01", "time": "12:00:00"}, None),
        ({"date": "2026-03-01", "time": "12:00:00", "gmt-offset": "9" * 11}, None),
        ({"date": "2026-03-01", "time": "12:00:00", "gmt-offset": "east"}, None),
        ({"date": "2026-02-31", "time": "12:00:00", "gmt-offset": "+00:00"}, None),
        ({}, None),
    ],
)
def test_the_routers_time_is_read_in_both_formats(row: Mapping[str, str], expected: datetime | None) -> None:
    """Both date formats of RouterOS are read, with the offset in hours or in seconds; anything else is not guessed."""
    assert router_time(row) == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(0, ""), (2, "1, 2"), (12, "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more")]
)
def test_long_lists_of_names_are_cut(count: int, expected: str) -> None:
    """Long lists of names are cut, and say how many are left out."""
    assert some([str(number) for number in range(1, count + 1)]) == expected


def test_a_readable_connection_names_its_settings() -> None:
    """A connection that somebody in between could read is a finding that names the settings."""
    checks = Checks((Check("config.encryption", False, "weakened by routers.tower-1.use_ssl"),), ("x",))
    document = checks.document(run_id="r", exclusive=True, duration_ms=3)

    assert document == {
        "run_id": "r",
        "action": "check",
        "ok": False,
        "exclusive": True,
        "duration_ms": 3,
        "weakened": ["x"],
        "checks": [
            {"check": "config.exclusive", "ok": True, "detail": "one run at a time, by reserved concurrency"},
            {"check": "config.encryption", "ok": False, "detail": "weakened by routers.tower-1.use_ssl"},
        ],
        "unmatched": [],
        "unmatched_total": 0,
    }


def test_secrets_that_match_no_login_are_listed() -> None:
    """R14: the answer lists the secrets of nobody, the first 200 of them, and their number."""
    secrets = [a_secret(f"X{number:03}", number=number) for number in range(1, 206)]
    seen = survey([a_subscriber()], a_router_state(*secrets))
    document = Checks((), (), seen.plan.unmatched).document(run_id="r", exclusive=True, duration_ms=3)

    assert (len(document["unmatched"]), document["unmatched_total"]) == (200, 205)
    assert document["unmatched"][0] == {
        "router": "tower-1",
        "name": "X001",
        "enabled": True,
        "online": False,
        "near": None,
    }


def test_runs_that_may_overlap_are_a_note() -> None:
    """Runs that may overlap are a note, not a failure: they are harmless."""
    (found,) = Checks(()).document(run_id="r", exclusive=False, duration_ms=3)["checks"]

    assert (found["check"], found["ok"]) == ("config.exclusive", True)
    assert found["detail"].startswith("note: no concurrency is reserved")


class BrokenCrm:
    """A CRM whose lists cannot be read, by one kind of failure or another."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, _deadline: Deadline) -> CrmState:
        """Fails."""
        raise self._error


class OddCrm:
    """A CRM whose lists were read, but break what is made of them."""

    def read(self, _deadline: Deadline) -> CrmState:
        """Nothing that could be a subscriber."""
        return CrmState(cast("tuple[Subscriber, ...]", (None,)), {}, 7, "domain")


class BrokenRouter(FakeRouter):
    """A gateway with a fault of our own."""

    def connect(self, _deadline: Deadline) -> None:
        """Fails as no router makes it fail."""
        raise KeyError("a fault of our own")


def test_a_fault_of_the_self_test_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the self-test itself is told like any other finding, and the rest is still looked at."""

    def broken(*_: object) -> list[Check]:
        raise ZeroDivisionError

    monkeypatch.setattr("pppsync.diagnose.check.self_test.check_source", broken)
    monkeypatch.setattr("pppsync.diagnose.check.self_test.check_rights_and_attributes", broken)
    crm = cast("UispClient", BrokenCrm(CrmError(Code.CRM_FAILING, "503")))
    now: Callable[[], datetime] = lambda: NOW  # noqa: E731 - it has no name of its own
    found = check(Event("check"), settings(), crm, [cast("RouterGateway", BrokenRouter({}))], Deadline.after(30), now)

    assert [(one.check, one.ok) for one in found.checks] == [
        ("config.encryption", True),
        ("crm.domain", False),
        ("crm.address", False),
        ("crm.attributes", False),
        ("crm.lists", False),
        ("router.tower-1", False),
    ]
    assert [one.detail for one in found.checks][-1] == "the self-test itself failed here (KeyError); please report it"


def test_a_fault_in_the_comparison_hides_no_router(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault while both sides are compared is a line of its own, and each router is still looked at."""
    for one in ("check_source", "check_rights_and_attributes"):
        monkeypatch.setattr(f"pppsync.diagnose.check.self_test.{one}", lambda *_: [])
    gateways = [cast("RouterGateway", FakeRouter({}))]
    found = check(Event("check"), settings(), cast("UispClient", OddCrm()), gateways, Deadline.after(30), lambda: NOW)

    assert [(one.check, one.detail) for one in found.checks if not one.ok] == [
        ("crm.lists", "the self-test itself failed here (AttributeError); please report it")
    ]
    assert [one.check for one in found.checks][-1] == "router.tower-1.radius"
    assert found.unmatched == ()
