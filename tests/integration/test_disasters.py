"""The disasters that operators told of, one test each: D1 to D15, as they happened to others, and what happens here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.routeros import Account
from lab.simulators.routeros import Fault as RouterFault
from lab.simulators.uisp import Fault, faults
from pppsync.core.outcome import Result
from pppsync.errors import CrmError
from tests.integration.providers import ROUTER_PASSWORD, Provider, fails, part, provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab.simulators.uisp.faults import Action
    from pppsync.report.router_row import RouterReport


@pytest.fixture
def isp() -> Iterator[Provider]:
    """A provider with one router."""
    with provider() as running:
        yield running


def in_order(isp: Provider, name: str, status: int = 1, **words: Any) -> int:
    """A subscriber who is enabled and online; the client's id."""
    client = isp.subscribe(name, "x", status=status)
    given: dict[str, Any] = {"password": "x", "service": "pppoe", "profile": "30mbps"}
    isp.router.add_secret(name=name, **(given | words))
    isp.router.connect_session(name)
    return client


def online(isp: Provider) -> list[str]:
    """Who is online, once for each session."""
    return sorted(one["name"] for one in isp.router.sessions())


def disabled(isp: Provider) -> set[str]:
    """Whose secret is disabled."""
    return {one["name"] for one in isp.router.secrets() if one["disabled"] == "true"}


def untouched(isp: Provider) -> RouterReport:
    """A run that writes nothing."""
    report = part(isp.run())
    assert isp.router.writes == []
    return report


def test_d1_a_number_is_a_login_and_never_an_id(isp: Provider) -> None:
    """A router took the login `4` for the internal id of somebody else."""
    isp.sections["policy"] = {"allow_numeric_custom_id": True}
    for name in ("1", "2", "3", "5", "4"):
        in_order(isp, name, status=3 if name == "4" else 1)
    assert part(isp.run()).count(Result.APPLIED) == {"disable": 1}
    assert disabled(isp) == {"4"}
    assert online(isp) == ["1", "2", "3", "5"]
    assert isp.router.warnings == []


def test_d2_passwords_that_cannot_be_read_kick_nobody() -> None:
    """Without the policy `sensitive` every password looked wrong: set and kicked, at every run, for ever."""
    blind = Account("sync", ROUTER_PASSWORD, frozenset({"api", "read", "write"}))
    with provider(accounts=(blind,)) as isp:
        for number in range(5):
            in_order(isp, f"ABC{number}", password="whatever")
        for _ in range(3):
            untouched(isp)
        assert len(online(isp)) == 5


@pytest.mark.parametrize("menu", ["secret", "profile", "active"])
@pytest.mark.parametrize("fault", [{"action": "cut", "rows": 1}, {"action": "trap", "message": "busy"}])
def test_d3_a_read_error_is_no_empty_router(isp: Provider, menu: str, fault: dict[str, Any]) -> None:
    """The exception was swallowed, every customer was missing, every add a duplicate."""
    in_order(isp, "ABC1")
    in_order(isp, "ABC2", status=3)
    isp.router.faults.append(RouterFault(f"/ppp/{menu}/print", **fault))
    report = untouched(isp)
    assert report.error is not None
    assert online(isp) == ["ABC1", "ABC2"]


@pytest.mark.parametrize("status", [0, 4, 5, 6, 7])
def test_d4_a_status_that_does_not_count_cuts_nobody(isp: Provider, status: int) -> None:
    """Everything but `active` was taken for `does not pay`, quoted and deferred services too."""
    in_order(isp, "ABC1", status=status)
    in_order(isp, "ABC2")
    untouched(isp)
    assert online(isp) == ["ABC1", "ABC2"]


def test_d4_an_empty_answer_about_a_payer_cuts_nobody(isp: Provider) -> None:
    """200 with `[]` for one subscriber meant `no plan`, and the cut."""
    isp.crm_keys["page_size"] = 3
    for number in range(4):
        in_order(isp, f"ABC{number}")
    leave_out = faults.rows(lambda page: page[:1] if page and page[0]["id"] == 3 else page)
    isp.crm.faults.append(Fault("GET clients/services", leave_out, times=None))
    assert untouched(isp).count(Result.UNCONFIRMED) == {"disable": 1}
    assert len(online(isp)) == 4


@pytest.mark.parametrize("endpoint", ["GET clients", "GET clients/services"])
def test_d5_an_empty_list_changes_nothing_either_way(isp: Provider, endpoint: str) -> None:
    """It let everybody in on one side and nobody on the other."""
    in_order(isp, "ABC1")
    in_order(isp, "ABC2", status=3)
    isp.crm.faults.append(Fault(endpoint, faults.empty_list(), times=None))
    with fails("crm_empty"):
        isp.run()
    assert isp.router.writes == []


@pytest.mark.parametrize("action", [faults.status(500), faults.empty_list(), faults.error_object()])
def test_d6_nothing_is_forgotten_when_a_reading_fails(isp: Provider, action: Action) -> None:
    """A cache was emptied before it was filled again: here is none, and the next run knows all that this one did."""
    in_order(isp, "ABC1")
    in_order(isp, "ABC2", status=3)
    isp.crm.faults.append(Fault("GET clients/services", action, times=None))
    with pytest.raises(CrmError):
        isp.run()
    isp.crm.faults.clear()
    assert part(isp.run()).count(Result.APPLIED) == {"disable": 1}
    assert online(isp) == ["ABC1"]


def test_d7_who_pays_again_has_the_same_account_again(isp: Provider) -> None:
    """Edit, suspend, end, archive and restore in a row lost the account; here it is never deleted."""
    client = in_order(isp, "ABC1", caller_id="AA:BB:CC:DD:EE:FF")
    in_order(isp, "ABC2")
    (service,) = isp.crm.services_of(client)
    before = isp.router.secret("ABC1") or {}
    steps: list[Callable[[], None]] = [
        lambda: isp.crm.edit_client(client, firstName="New"),
        lambda: isp.crm.edit_service(service["id"], status=3),
        lambda: isp.crm.edit_service(service["id"], status=2),
        lambda: isp.crm.archive_client(client),
        lambda: isp.crm.restore_client(client),
        lambda: isp.crm.edit_service(service["id"], status=1),
    ]
    for step in steps:
        step()
        isp.run()
    after = isp.router.secret("ABC1") or {}
    changing = {"last-logged-out", "last-disconnect-reason", "last-caller-id"}
    assert {key: after[key] for key in after.keys() - changing} == {
        key: before[key] for key in before.keys() - changing
    }
    assert {write.command for write in isp.router.writes} == {"/ppp/secret/set", "/ppp/active/remove"}


def test_d8_taking_over_a_router_that_works_changes_nothing(isp: Provider) -> None:
    """Leases that worked were rewritten and everybody was down: here only what differs in our fields is written."""
    kept: dict[str, Any] = {
        "caller_id": "AA:BB:CC:DD:EE:FF",
        "local_address": "10.0.0.1",
        "remote_address": "10.7.0.9",
        "routes": "10.20.0.0/24 10.7.0.9 1",
        "comment": "roof, blue box",
        "limit_bytes_in": "1000",
    }
    in_order(isp, "ABC1", **kept)
    in_order(isp, "ABC2", **kept | {"password": "old"})
    before = isp.router.secret("ABC2") or {}
    assert part(isp.run()).count(Result.APPLIED) == {"password": 1}
    after = isp.router.secret("ABC2") or {}
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed <= {"password", "last-logged-out", "last-disconnect-reason", "last-caller-id"}
    assert online(isp) == ["ABC1"]


@pytest.mark.parametrize("happened", ["suspended", "ended", "deleted"])
def test_d9_a_mass_suspension_waits_for_somebody_to_approve_it(isp: Provider, happened: str) -> None:
    """The CRM itself suspended payers in bulk, for a rounding error."""
    clients = [in_order(isp, f"ABC{number}") for number in range(40)]
    for client in clients[:30]:
        (service,) = isp.crm.services_of(client)
        if happened == "deleted":
            isp.crm.delete_service(service["id"])
        else:
            isp.crm.edit_service(service["id"], status=3 if happened == "suspended" else 2)
    report = untouched(isp)
    assert report.count(Result.WITHHELD) == {"disable": 30}
    (plan,) = report.plans
    assert plan.reason == "30 of 40 enabled secrets would be disabled; the limit is 10"
    assert len(online(isp)) == 40


def test_d10_few_left_are_guarded_too(isp: Provider) -> None:
    """A billing flag read as a disconnection: a small router may hold its minimum at nothing."""
    isp.sections["policy"] = {"guard": {"min": 1}}
    for number in range(4):
        in_order(isp, f"ABC{number}", status=3 if number else 1)
    assert untouched(isp).count(Result.WITHHELD) == {"disable": 3}


def test_d11_drops_are_paced(isp: Provider) -> None:
    """Many drops at once take a router to its limits for minutes."""
    isp.sections["policy"] = {"guard": {"min": 100}, "drops_per_second": 2}
    for number in range(12):
        in_order(isp, f"ABC{number:02}", status=3)
    began = isp.clock()
    assert part(isp.run()).count(Result.APPLIED) == {"disable": 12}
    assert isp.clock() - began >= 11 / 2


@pytest.mark.parametrize("tags", [["Custom-Config"], ["VIP", "Custom-Config"], ["custom-config ", "A", "B"]])
def test_d12_who_opts_out_is_left_alone_beside_other_tags_too(isp: Provider, tags: list[str]) -> None:
    """A second tag beside it, and the opt-out did not hold."""
    client = in_order(isp, "ABC1", status=3)
    in_order(isp, "ABC2")
    isp.crm.edit_client(client, tags=tags)
    untouched(isp)


@pytest.mark.parametrize("service", ["l2tp", "ovpn", "sstp", "pptp"])
def test_d13_an_administrators_vpn_is_not_a_customer(isp: Provider, service: str) -> None:
    """A VPN secret that shared a custom ID was overwritten, and its session ended."""
    isp.subscribe("ABC1", "x", status=3)
    in_order(isp, "ABC2")
    isp.router.add_secret(name="ABC1", password="vpn", service=service)
    isp.router.connect_session("ABC1", service=service)
    report = isp.run()
    assert isp.router.writes == []
    assert [problem.reason for problem in report.problems] == ["name_taken", "suspended_online"]
    assert online(isp) == ["ABC1", "ABC2"]


def test_d14_no_second_session_survives(isp: Provider) -> None:
    """Only the first session was ended, and the customer stayed online on the other one."""
    in_order(isp, "ABC1", status=3)
    in_order(isp, "ABC2")
    isp.router.connect_session("ABC1", "10.8.8.8")
    isp.router.connect_session("ABC1", "10.8.8.9")
    assert part(isp.run()).outcomes[0].dropped == 3
    assert online(isp) == ["ABC2"]


def test_d15_a_fixed_address_does_not_outlive_a_suspension(isp: Provider) -> None:
    """An `expired` profile was bypassed by the address on the secret: here the secret itself is off."""
    isp.router.redial = True
    in_order(isp, "ABC1", status=3, remote_address="10.7.0.9")
    in_order(isp, "ABC2")
    assert part(isp.run()).count(Result.APPLIED) == {"disable": 1}
    assert (disabled(isp), online(isp)) == ({"ABC1"}, ["ABC2"])
