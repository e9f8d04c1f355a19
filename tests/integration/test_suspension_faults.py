"""What keeps a restriction from a router, and what an earlier run left: nobody is let in fully for it (R12, R18)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.routeros import Fault
from lab.simulators.uisp import Fault as CrmFault
from lab.simulators.uisp import faults as crm_faults
from pppsync.core.outcome import Result
from tests.integration.providers import Provider, part
from tests.integration.test_confirm import at_the_second_look
from tests.integration.walled import (
    ABUSE,
    ACTIVE,
    DUES,
    ENDED,
    FULL,
    LIST,
    RESTRICTED,
    SUSPENDED,
    SUSPENDED_SERVICE,
    access,
    add_secret,
    customer,
    drops,
    listed,
    problems,
    quiet_run,
    results,
    sets,
    suspend,
    suspend_by,
    walled_provider,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pppsync.report.response import Report

ADDRESS_LIST = "/ip/firewall/address-list"
SERVERS = "/interface/pppoe-server/server"


@pytest.fixture
def isp() -> Iterator[Provider]:
    """A provider that suspends by profile, with one router."""
    with walled_provider() as running:
        yield running


def failures(report: Report) -> list[tuple[str, str | None]]:
    """Kind and reason of each change that failed."""
    failed = [one for one in part(report).outcomes if one.result is Result.FAILED]
    return [(one.change.kind.value, one.reason) for one in failed]


MEANWHILE: dict[str, Callable[[Provider, int], object]] = {
    "paid": lambda isp, client: isp.mark(client, ACTIVE),
    "ended": lambda isp, client: isp.mark(client, ENDED),
    "another reason": lambda isp, client: suspend(isp, client, ABUSE),
    "unreadable": lambda isp, _: isp.crm.faults.append(
        CrmFault("GET clients/{id}", crm_faults.status(404), times=None)
    ),
}


@pytest.mark.parametrize("happened", MEANWHILE)
def test_whoever_is_another_case_by_now_is_not_restricted(isp: Provider, happened: str) -> None:
    """G2: only the same outcome confirms; who is to be disabled by now is not restricted either."""
    suspend_by(isp, reasons=[DUES])
    client = customer(isp, "A1", SUSPENDED_SERVICE)
    at_the_second_look(isp, lambda: MEANWHILE[happened](isp, client))

    assert results(isp.run()) == {"unconfirmed": {"restrict": 1}}
    assert (isp.router.writes, access(isp, "A1"), listed(isp)) == ([], FULL, [])


def test_whoever_is_to_be_restricted_by_now_is_not_disabled(isp: Provider) -> None:
    """G2: a disable for one reason is not confirmed by another reason that restricts; the next run restricts."""
    suspend_by(isp, reasons=[DUES])
    client = customer(isp, "A1")
    suspend(isp, client, ABUSE)
    at_the_second_look(isp, lambda: suspend(isp, client, DUES))

    assert results(isp.run()) == {"unconfirmed": {"disable": 1}}
    assert isp.router.writes == []
    assert results(isp.run()) == {"applied": {"restrict": 1}}
    quiet_run(isp)


def test_whoever_dials_in_before_the_write_is_dropped_too(isp: Provider) -> None:
    """R12: sessions are asked for after the write, so that none under the plan's profile lives on."""
    customer(isp, "A1", SUSPENDED_SERVICE, online=False)
    isp.router.faults.append(Fault("/ppp/secret/set", "call", call=lambda: isp.router.connect_session("A1")))

    assert results(isp.run()) == {"applied": {"restrict": 1}}
    assert (len(drops(isp)), len(isp.router.sessions("A1")), len(listed(isp))) == (1, 1, 1)
    quiet_run(isp)


def test_the_session_that_a_new_password_brought_back_is_dropped_by_the_restriction(isp: Provider) -> None:
    """G8, R12: the password waits for no confirmation, so the session to drop is not the one that was read."""
    customer(isp, "A1", SUSPENDED_SERVICE, password="former")

    assert results(isp.run()) == {"applied": {"password": 1, "restrict": 1}}
    assert sets(isp) == [{"password": "x"}, {"profile": SUSPENDED}]
    assert (len(set(drops(isp))), len(isp.router.sessions("A1")), len(listed(isp))) == (2, 1, 1)
    quiet_run(isp)


@pytest.mark.parametrize(("action", "reason"), [("not_kept", "value_not_kept"), ("trap", "refused")])
def test_a_restriction_that_the_router_did_not_take_drops_nobody(isp: Provider, action: Any, reason: str) -> None:
    """R12: the drop would end a session that comes back as it was; the next run restricts."""
    customer(isp, "A1", SUSPENDED_SERVICE)
    isp.router.faults.append(Fault("/ppp/secret/set", action, message="failure: busy"))
    report = isp.run()

    assert (results(report), failures(report)) == ({"failed": {"restrict": 1}}, [("restrict", reason)])
    assert (report.ok, drops(isp), access(isp, "A1")) == (False, [], FULL)
    assert results(isp.run()) == {"applied": {"restrict": 1}}
    assert len(listed(isp)) == 1
    quiet_run(isp)


def test_an_enable_whose_profile_was_not_kept_is_told_and_restricted_by_the_next_run(isp: Provider) -> None:
    """R18: such a secret lets somebody in fully; the run is not ok, and the next one restricts."""
    customer(isp, "A1", SUSPENDED_SERVICE, online=False, disabled="yes")
    isp.router.faults.append(Fault("/ppp/secret/set", "not_kept", properties=frozenset({"profile"})))
    report = isp.run()

    assert failures(report) == [("enable", "value_not_kept")]
    assert (report.ok, access(isp, "A1")) == (False, FULL)
    isp.router.connect_session("A1")
    assert results(isp.run()) == {"applied": {"restrict": 1}}
    assert len(listed(isp)) == 1
    quiet_run(isp)


def test_a_restriction_whose_drop_was_lost_is_told_with_the_command(isp: Provider) -> None:
    """R18: the session that lives on is in no list; it is counted and never dropped by a run."""
    customer(isp, "A1", SUSPENDED_SERVICE)
    isp.router.faults.append(Fault("/ppp/active/remove", "close"))
    assert not isp.run().ok
    (session,) = isp.router.sessions("A1")
    report = quiet_run(isp)

    assert access(isp, "A1") == RESTRICTED
    assert problems(report) == [("tower-1", "A1", "restricted_not_listed")]
    assert f"/ppp active remove [find address={session['address']}]" in report.problems[0].detail
    assert (part(report).census.restricted, part(report).census.suspended_online) == (1, 1)
    isp.router.disconnect_session("A1")
    assert problems(quiet_run(isp)) == []


def lost(isp: Provider) -> None:
    """A customer paid and has the plan's profile, but the run ended before the drop."""
    customer(isp, "A1", ACTIVE, profile=SUSPENDED)
    isp.router.faults.append(Fault("/ppp/active/remove", "close"))
    assert not isp.run().ok
    assert (access(isp, "A1"), len(listed(isp))) == (FULL, 1)


def test_a_restore_whose_drop_was_lost_is_repaired(isp: Provider) -> None:
    """R12, R18: the session that still stands in the list is dropped, and comes back free."""
    lost(isp)
    report = isp.run()

    assert results(report) == {"applied": {"drop": 1}}
    assert [one.reason for one in part(report).planned] == ["still_restricted"]
    assert (len(isp.router.sessions("A1")), listed(isp)) == (1, [])
    quiet_run(isp)


def shared(isp: Provider) -> None:
    """Another profile names the list too."""
    isp.router.add_profile("slow", address_list=LIST)


def default_of_the_server(isp: Provider) -> None:
    """The PPPoE server's default profile passes its list on."""
    isp.router.configure(SERVERS, default_profile=SUSPENDED)


def servers_hidden(isp: Provider) -> None:
    """The router does not say what the default profiles are."""
    isp.router.faults.append(Fault(f"{SERVERS}/print", "trap", times=None, message="not enough permissions (9)"))


def list_hidden(isp: Provider) -> None:
    """The router does not show the list."""
    isp.router.faults.append(Fault(f"{ADDRESS_LIST}/print", "trap", times=None, message="not enough permissions (9)"))


@pytest.mark.parametrize("act", [shared, default_of_the_server, servers_hidden, list_hidden])
def test_a_session_that_could_come_back_into_the_list_is_not_dropped(
    isp: Provider, act: Callable[[Provider], None]
) -> None:
    """R18: a drop that cannot help would be repeated at every run."""
    lost(isp)
    act(isp)
    quiet_run(isp)


def test_an_address_that_somebody_put_into_the_list_is_no_reason_for_a_drop(isp: Provider) -> None:
    """R18: only the router's own entry of a session says that its drop was lost."""
    customer(isp, "A1", ACTIVE)
    (session,) = isp.router.sessions("A1")
    isp.router.add(ADDRESS_LIST, list=LIST, address=session["address"])
    isp.router.add(ADDRESS_LIST, list="another", address="10.9.9.9")

    assert problems(quiet_run(isp)) == []


def test_a_list_that_is_not_shown_stops_nothing_and_is_told_once(isp: Provider) -> None:
    """R18: who is suspended is restricted all the same; whether sessions stand in the list is not known."""
    list_hidden(isp)
    for name in ("A1", "A2"):
        customer(isp, name, SUSPENDED_SERVICE)
    told = [("tower-1", None, "suspended_list_unread")]
    report = isp.run()

    assert (results(report), problems(report)) == ({"applied": {"restrict": 2}}, told)
    assert len(listed(isp)) == 2
    found = quiet_run(isp)
    assert (problems(found), part(found).census.suspended_online) == (told, 0)


def test_several_secrets_of_a_suspended_name_are_disabled(isp: Provider) -> None:
    """R6: nobody can say which of them is to be let in restricted."""
    customer(isp, "A1", SUSPENDED_SERVICE)
    isp.router.add_secret(
        name="A1", password="x", service="any", profile=SUSPENDED, allow_duplicate=True, disabled="no"
    )
    report = isp.run()

    assert results(report) == {"applied": {"disable": 2}}
    assert {one["disabled"] for one in isp.router.secrets()} == {"true"}
    assert isp.router.sessions() == []
    quiet_run(isp)


def test_a_session_of_radius_is_told_and_never_dropped(isp: Provider) -> None:
    """R12: a restriction reaches only sessions that the secret lets in."""
    isp.subscribe("A1", "x", SUSPENDED_SERVICE)
    add_secret(isp, "A1", online=False)
    isp.router.connect_session("A1", radius=True)
    report = isp.run()

    assert results(report) == {"applied": {"restrict": 1}}
    assert (drops(isp), len(isp.router.sessions("A1"))) == ([], 1)
    assert ("tower-1", "A1", "suspended_online") in problems(report)
    quiet_run(isp)


def test_nobody_is_let_in_fully_while_a_lost_profile_waits_for_the_disable(isp: Provider) -> None:
    """R18: a live session is still restricted, so nothing is written before the cut is confirmed."""
    customer(isp, "A1", SUSPENDED_SERVICE, profile=SUSPENDED)
    isp.router.remove_profile(SUSPENDED)
    isp.crm.faults.append(CrmFault("GET clients/{id}", crm_faults.status(404), times=1))

    assert results(isp.run()) == {"unconfirmed": {"disable": 1}}
    assert (isp.router.writes, len(listed(isp))) == ([], 1)
    assert results(isp.run()) == {"applied": {"disable": 1}}
    assert isp.router.sessions() == []
    quiet_run(isp)


@pytest.mark.parametrize("removed", [True, False], ids=["removed", "open"])
def test_a_profile_that_is_lost_and_comes_back(isp: Provider, removed: bool) -> None:
    """R18: who was restricted is disabled meanwhile; then each is let in restricted, and who paid fully."""
    clients = [customer(isp, name, SUSPENDED_SERVICE, profile=SUSPENDED) for name in ("A1", "A2")]
    (number,) = [one[".id"] for one in isp.router.profiles() if one["name"] == SUSPENDED]
    if removed:
        isp.router.remove_profile(SUSPENDED)
    else:
        isp.router.edit("/ppp/profile", number, address_list="")
    assert results(isp.run()) == {"applied": {"disable": 2}}
    assert {one["disabled"] for one in isp.router.secrets()} == {"true"}
    assert isp.router.sessions() == []
    quiet_run(isp)

    isp.mark(clients[1], ACTIVE)
    if removed:
        isp.router.add_profile(SUSPENDED, address_list=LIST)
    else:
        isp.router.edit("/ppp/profile", number, address_list=LIST)
    assert results(isp.run()) == {"applied": {"enable": 2} | ({"profile": 1} if removed else {})}
    assert (access(isp, "A1"), access(isp, "A2")) == (RESTRICTED, FULL)
    quiet_run(isp)
