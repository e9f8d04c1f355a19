"""The self-test of one router: each look says what is wrong and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from pppsync.diagnose.check.router import RouterCheck
from pppsync.errors import Code, RouterError
from pppsync.net.deadline import Deadline
from tests.builders import a_router_state, a_secret
from tests.unit.check_world import LOST, NOW, REFUSED, FakeRouter

if TYPE_CHECKING:
    from pppsync.diagnose.check.line import Check
    from pppsync.routers.gateway import RouterGateway

SEEN_ONLY = "api, read and sensitive are there; write is not verified, since the user's group cannot be read"
LACKS_SENSITIVE = "passwords are shown as asterisks, so they are neither compared nor written"
UNREADABLE = a_router_state(a_secret(password="*****"))
LOOKS: dict[str, tuple[FakeRouter, str, bool, str]] = {
    "all policies": (FakeRouter({}), "policies", True, "the group grants api, read, write, sensitive"),
    "more than needed": (
        FakeRouter({"/user/group": [{"policy": "api,read,write,sensitive,ftp,reboot"}]}),
        "policies",
        True,
        "the group grants api, read, write, sensitive; note: 2 more than it needs",
    ),
    "no write": (
        FakeRouter({"/user/group": [{"policy": "api,read,sensitive,!write"}]}),
        "policies",
        False,
        "the group lacks write: no change can be made",
    ),
    "no write, but only observed": (
        FakeRouter({"/user/group": [{"policy": "api,read,sensitive,!write"}]}, mode="observe"),
        "policies",
        True,
        "the group grants api, read, sensitive",
    ),
    "no sensitive": (
        FakeRouter({"/user/group": [{"policy": "api,read,write"}]}, UNREADABLE),
        "policies",
        False,
        f"the group lacks sensitive: {LACKS_SENSITIVE}",
    ),
    "sensitive granted, yet nothing is shown": (
        FakeRouter({}, UNREADABLE),
        "policies",
        False,
        f"the group lacks sensitive: {LACKS_SENSITIVE}",
    ),
    "group not readable": (FakeRouter({"/user/group": REFUSED}), "policies", True, SEEN_ONLY),
    "user of RADIUS": (FakeRouter({"/user": []}), "policies", True, SEEN_ONLY),
    "user without a group": (FakeRouter({"/user": [{"name": "sync"}]}), "policies", True, SEEN_ONLY),
    "group not readable, passwords neither": (
        FakeRouter({"/user": REFUSED}, UNREADABLE),
        "policies",
        False,
        f"the group lacks sensitive: {LACKS_SENSITIVE}; write is not verified",
    ),
    "group not readable, no secrets": (
        FakeRouter({"/user": REFUSED}, a_router_state()),
        "policies",
        True,
        "api and read are there; write and sensitive are not verified, since the user's group cannot be read",
    ),
    "version": (FakeRouter({}), "version", True, "RouterOS 7.18.2 (stable) CCR2004"),
    "version before 6.43": (
        FakeRouter({"/system/resource": [{"version": "6.42.12"}]}),
        "version",
        False,
        "RouterOS 6.42.12: before 6.43 set plaintext_login to false, or better, upgrade",
    ),
    "version before 6.43, and the setting fits": (
        FakeRouter({"/system/resource": [{"version": "6.42.12"}]}, plaintext_login=False),
        "version",
        True,
        "RouterOS 6.42.12",
    ),
    "no version": (
        FakeRouter({"/system/resource": []}),
        "version",
        True,
        "not verified: the router does not tell its version",
    ),
    "clock": (FakeRouter({}), "clock", True, "7 s ahead of this function"),
    "clock behind": (
        FakeRouter({"/system/clock": [{"date": "2026-03-01", "time": "11:50:00", "gmt-offset": "+00:00"}]}),
        "clock",
        False,
        "0:10:00 behind this function: set up NTP (/system/ntp/client)",
    ),
    "clock at its birth": (
        FakeRouter({"/system/clock": [{"date": "jan/02/1970", "time": "00:00:10", "gmt-offset": "+00:00"}]}),
        "clock",
        False,
        "20512 days, 11:59:50 behind this function: set up NTP (/system/ntp/client)",
    ),
    "clock not readable": (
        FakeRouter({"/system/clock": [{"date": "today"}]}),
        "clock",
        True,
        "not verified: the router's date cannot be read",
    ),
    "clock refused": (FakeRouter({"/system/clock": REFUSED}), "clock", True, f"not verified: {REFUSED}"),
    "server": (FakeRouter({}), "pppoe_server", True, "enabled on bridge1"),
    "no server": (
        FakeRouter({"/interface/pppoe-server/server": []}),
        "pppoe_server",
        False,
        "there is none: nobody can dial in here (/interface/pppoe-server/server)",
    ),
    "server disabled": (
        FakeRouter({"/interface/pppoe-server/server": [{"interface": "x", "disabled": "true"}]}),
        "pppoe_server",
        False,
        "all 1 are disabled: nobody can dial in here (/interface/pppoe-server/server)",
    ),
    "no radius": (FakeRouter({}), "radius", True, "off: secrets alone decide"),
    "radius": (
        FakeRouter({"/ppp/aaa": [{"use-radius": "true"}]}),
        "radius",
        True,
        "note: on; RADIUS is asked only for names that have no secret here, so a secret overrides it",
    ),
    "connection lost": (FakeRouter({"/system/clock": LOST}), "clock", False, f"not verified: {LOST}"),
    "after the connection was lost": (FakeRouter({"/user": LOST}), "radius", False, f"not looked at: {LOST}"),
}


def run(router: FakeRouter) -> dict[str, Check]:
    """The checks of one router by name."""
    gateway = cast("RouterGateway", router)
    checks, _ = RouterCheck(gateway, Deadline.after(30), lambda: NOW).run()
    return {one.check.removeprefix("router.tower-1."): one for one in checks}


@pytest.mark.parametrize(("router", "name", "ok", "detail"), LOOKS.values(), ids=LOOKS)
def test_each_check_names_the_fault_and_the_remedy(router: FakeRouter, name: str, ok: bool, detail: str) -> None:
    """Each look says what is wrong and what to do; what cannot be verified is said, and hides nothing else."""
    found = run(router)

    assert (found[name].ok, found[name].detail) == (ok, detail)
    assert list(found) == [
        *("connection", "certificate", "login", "read"),
        *("policies", "version", "clock", "pppoe_server", "radius"),
    ]


END = "; nothing else of this router could be looked at"
STAGES = {
    "no connection": (
        FakeRouter({"connect": RouterError(Code.ROUTER_UNREACHABLE, "refused")}),
        {"connection": f"router_unreachable: refused{END}"},
    ),
    "no answer": (
        FakeRouter({"connect": RouterError(Code.ROUTER_TIMEOUT, "no answer in time")}),
        {"connection": f"router_timeout: no answer in time{END}"},
    ),
    "certificate": (
        FakeRouter({"connect": RouterError(Code.ROUTER_TLS, "certificate not accepted: self-signed; set ssl_ca")}),
        {"certificate": f"router_tls: certificate not accepted: self-signed; set ssl_ca{END}"},
    ),
    "login": (
        FakeRouter({"connect": RouterError(Code.ROUTER_LOGIN, "refused")}),
        {"login": f"router_login: refused{END}"},
    ),
    "challenge login": (
        FakeRouter({"connect": RouterError(Code.ROUTER_LOGIN, "refused")}, plaintext_login=False),
        {"login": "router_login: refused; plaintext_login is false, which only RouterOS before 6.45.1 accepts"},
    ),
    "closed": (
        FakeRouter({"connect": RouterError(Code.ROUTER_CLOSED, "closed")}),
        {"login": "router_closed: closed; see the address list and max-sessions of the API service (/ip/service)"},
    ),
    "read": (
        FakeRouter({}, RouterError(Code.ROUTER_REFUSED, "/ppp/secret/print: not enough permissions (9)")),
        {"read": f"router_refused: /ppp/secret/print: not enough permissions (9){END}"},
    ),
}


@pytest.mark.parametrize(("router", "failed"), STAGES.values(), ids=STAGES)
def test_a_session_fails_at_its_stage_and_skips_the_rest(router: FakeRouter, failed: dict[str, str]) -> None:
    """A session that gets only so far fails at that stage: what came before is well, what comes after is left out."""
    found = run(router)

    assert [name for name, one in found.items() if not one.ok] == list(failed) == [list(found)[-1]]
    assert all(found[name].detail.startswith(detail) for name, detail in failed.items())


def test_an_observed_router_is_announced() -> None:
    """A router that is only observed says so where somebody looks first."""
    assert run(FakeRouter({}, mode="observe"))["connection"].detail.endswith("; mode observe: nothing is ever written")
