"""One change on a router: exactly what was planned, with its drops, and an outcome (R12, R13, R15)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from lab.simulators.routeros import Account, Fault
from lab.simulators.routeros.query import Query
from pppsync.core.change import FIELDS, Kind
from pppsync.core.masked import Masked
from pppsync.core.outcome import Result
from tests.builders import a_new_secret
from tests.integration.providers import ROUTER_PASSWORD, certified_router
from tests.integration.towers import VALUES, Tower, read_tower

if TYPE_CHECKING:
    from lab.simulators.routeros import RouterSimulator


@pytest.mark.parametrize(
    ("kind", "after", "words"),
    [
        (Kind.ENABLE, "no", {"disabled": "no"}),
        (Kind.DISABLE, "yes", {"disabled": "yes"}),
        (Kind.PASSWORD, "new", {"password": "new"}),
        (Kind.DEFAULT_PASSWORD, "1482020", {"password": "1482020"}),
        (Kind.PROFILE, "50mbps", {"profile": "50mbps"}),
        (Kind.REMOTE_ADDRESS, "10.9.9.9", {"remote-address": "10.9.9.9"}),
    ],
)
def test_a_change_writes_its_one_field_by_id(tower: Tower, kind: Kind, after: str, words: dict[str, str]) -> None:
    """Not the whole secret, and never by name: a name of digits would be a position."""
    tower.router.edit_secret("ABC1", disabled=kind is Kind.ENABLE)
    assert tower.edit(kind, after).result is Result.APPLIED
    assert tower.words == [("/ppp/secret/set", {".id": "*1", **words})]


def test_an_address_is_cleared_and_not_set_to_nothing(router: RouterSimulator) -> None:
    """RouterOS refuses an empty address; `=!remote-address=` takes it away."""
    router.edit_secret("ABC1", remote_address="10.0.0.1")
    with (tower := read_tower(router)).gateway:
        assert tower.edit(Kind.REMOTE_ADDRESS, None).result is Result.APPLIED
    assert tower.words == [("/ppp/secret/set", {".id": "*1", "!remote-address": ""})]
    assert "remote-address" not in (router.secret("ABC1") or {})


@pytest.mark.parametrize("disabled", [True, False])
@pytest.mark.parametrize("address", ["", "10.0.0.7"])
def test_a_create_writes_a_whole_secret(tower: Tower, address: str, disabled: bool) -> None:
    """Service pppoe, our comment, and an address only if there is one (R15)."""
    secret = a_new_secret("NEW7", password="p", remote_address=address, disabled=disabled, comment="UISP client 7")
    assert tower.edit(Kind.CREATE, secret, "NEW7").result is Result.APPLIED
    expected = {"name": "NEW7", "password": "p", "service": "pppoe", "profile": "30mbps", "comment": "UISP client 7"}
    expected |= {"disabled": "yes" if disabled else "no"} | ({"remote-address": address} if address else {})
    assert tower.words == [("/ppp/secret/add", expected)]


LITERAL = [
    "123",
    "yes",
    "true",
    "no",
    "0123",
    "pässwörd",
    "a=b",
    "=a",
    " outer ",
    "*",
    "\\",
    '"',
    "p\udce4ss",
    "x" * 5000,
]


@pytest.mark.parametrize("password", LITERAL)
@pytest.mark.parametrize("version", ["6.49.10", "7.22.1"])
def test_passwords_arrive_literally_and_read_back_the_same(password: str, version: str) -> None:
    """By create and by change, also bytes that are no UTF-8; a password that compares as equal stays unwritten."""
    with certified_router(version=version) as router:
        router.add_secret(name="ABC1", password="old", service="pppoe")
        router.add_profile("30mbps")
        with (tower := read_tower(router)).gateway:
            router.connect_session("ABC1")
            new = a_new_secret("NEW7", password=password)
            created, changed = tower.apply(
                tower.change(Kind.CREATE, "NEW7", new), tower.change(Kind.PASSWORD, "ABC1", password)
            )
        assert (created.result, changed.result, changed.dropped) == (Result.APPLIED, Result.APPLIED, 1)
        for name in ("ABC1", "NEW7"):
            secret = router.secret(name)
            assert secret
            assert secret["password"] == password
        with (again := read_tower(router)).gateway:
            assert {one.password for one in again.state.secrets} == {Masked(password)}


DROPPING = [Kind.DISABLE, *VALUES]


def cut_or_value(kind: Kind) -> str:
    """A value to write for a kind that drops sessions."""
    return VALUES.get(kind, "yes")


@pytest.mark.parametrize("kind", DROPPING)
def test_every_live_session_is_dropped_after_the_write(router: RouterSimulator, kind: Kind) -> None:
    """Not only the first; those of others, of RADIUS and of services that are not ours stay (R12)."""
    for address in ("10.1.0.1", "10.1.0.2", "10.1.0.3"):
        router.connect_session("ABC1", address)
    router.connect_session("ABC1", "10.1.0.4", radius=True)
    router.connect_session("ABC1", "10.1.0.5", service="l2tp")
    router.connect_session("ABC2", "10.1.0.6")
    with (tower := read_tower(router)).gateway:
        outcome = tower.edit(kind, cut_or_value(kind))
    assert (outcome.result, outcome.dropped) == (Result.APPLIED, 3)
    assert [one["address"] for one in router.sessions()] == ["10.1.0.4", "10.1.0.5", "10.1.0.6"]
    commands = [command for command, _ in tower.words]
    assert commands == ["/ppp/secret/set", *["/ppp/active/remove"] * 3]
    assert all(words[".id"].startswith("*") for _, words in tower.words)


@pytest.mark.parametrize("known", [0, 1])
@pytest.mark.parametrize("kind", DROPPING)
def test_a_session_that_began_after_the_reading_is_dropped_too(router: RouterSimulator, kind: Kind, known: int) -> None:
    """Between reading and writing lie the CRM's answers, up to minutes; even one that begins in the last moment."""
    for _ in range(known):
        router.connect_session("ABC1")
    with (tower := read_tower(router)).gateway:
        router.connect_session("ABC1")
        router.faults.append(Fault("/ppp/secret/set", "call", call=lambda: router.connect_session("ABC1")))
        outcome = tower.edit(kind, cut_or_value(kind))
    assert (outcome.result, outcome.dropped) == (Result.APPLIED, known + 2)
    assert router.sessions() == []


@pytest.mark.parametrize("kind", [Kind.ENABLE, Kind.CREATE])
def test_a_help_drops_nobody(router: RouterSimulator, kind: Kind) -> None:
    """Who is online may stay so."""
    router.edit_secret("ABC1", disabled=True)
    router.connect_session("ABC1")
    router.connect_session("NEW7")
    with (tower := read_tower(router)).gateway:
        name, after = ("ABC1", "no") if kind is Kind.ENABLE else ("NEW7", a_new_secret("NEW7"))
        assert tower.edit(kind, after, name).dropped == 0
    assert len(router.sessions()) == 2


def test_a_repair_drops_without_writing(router: RouterSimulator) -> None:
    """The secret is as it should be; only its session is not."""
    router.connect_session("ABC1")
    with (tower := read_tower(router)).gateway:
        outcome = tower.edit(Kind.DROP)
    assert (outcome.result, outcome.dropped) == (Result.APPLIED, 1)
    assert [command for command, _ in tower.words] == ["/ppp/active/remove"]


@pytest.mark.parametrize("kind", [*DROPPING, Kind.DROP])
def test_a_session_that_is_gone_already_is_what_was_wanted(router: RouterSimulator, kind: Kind) -> None:
    """`no such item` is success, and no session of ours to count."""
    router.connect_session("ABC1")
    router.faults.append(Fault("/ppp/active/remove", "call", call=lambda: router.disconnect_session("ABC1")))
    with (tower := read_tower(router)).gateway:
        outcome = tower.edit(kind, None if kind is Kind.DROP else cut_or_value(kind))
    assert (outcome.result, outcome.dropped, router.sessions()) == (Result.APPLIED, 0, [])


@pytest.mark.parametrize("kind", [*DROPPING, Kind.DROP])
def test_a_drop_that_is_refused_is_a_failure(router: RouterSimulator, kind: Kind) -> None:
    """The customer is still online, so the change is not done."""
    router.connect_session("ABC1")
    router.faults.append(Fault("/ppp/active/remove", "trap", message="action failed (6)"))
    with (tower := read_tower(router)).gateway:
        outcome = tower.edit(kind, None if kind is Kind.DROP else cut_or_value(kind))
    assert (outcome.result, outcome.reason, outcome.detail) == (Result.FAILED, "refused", "action failed (6)")


@pytest.mark.parametrize("known", [0, 1])
@pytest.mark.parametrize("kind", [Kind.PASSWORD, Kind.DISABLE])
def test_a_print_that_skips_over_its_query_drops_nobody_else(
    router: RouterSimulator, kind: Kind, known: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R12: whatever stands between us and the router, the sessions of one name are dropped and nobody else's."""
    router.connect_session("ABC2")
    if known:
        router.connect_session("ABC1")
    with (tower := read_tower(router)).gateway:
        if not known:
            router.connect_session("ABC1")
        monkeypatch.setattr(Query, "__bool__", lambda _: False)
        outcome = tower.edit(kind, cut_or_value(kind))
    assert (outcome.result, tower.drops) == (Result.APPLIED, 1)
    assert [one["name"] for one in router.sessions()] == ["ABC2"]


def test_a_value_is_read_back_from_its_own_secret(router: RouterSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """R12: that another secret holds the value proves nothing."""
    router.connect_session("ABC1")
    router.add_secret(name="ABC8", password="new")
    router.faults.append(Fault("/ppp/secret/set", "not_kept"))
    with (tower := read_tower(router)).gateway:
        monkeypatch.setattr(Query, "__bool__", lambda _: False)
        outcome = tower.edit(Kind.PASSWORD, "new")
    assert (outcome.result, outcome.reason, tower.drops) == (Result.FAILED, "value_not_kept", 0)


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_that_the_router_did_not_keep_drops_nobody(router: RouterSimulator, kind: Kind) -> None:
    """Or the customer would be cut off at every run, for ever."""
    router.connect_session("ABC1")
    router.faults.append(Fault("/ppp/secret/set", "not_kept"))
    with (tower := read_tower(router)).gateway:
        outcome = tower.edit(kind, VALUES[kind])
    assert (outcome.result, outcome.reason) == (Result.FAILED, "value_not_kept")
    assert (tower.drops, len(router.sessions())) == (0, 1)


def test_a_value_that_cannot_be_read_back_drops_nobody(router: RouterSimulator) -> None:
    """The same; the router's words say why."""
    router.connect_session("ABC1")
    with (tower := read_tower(router)).gateway:
        router.faults.append(Fault("/ppp/secret/print", "trap", message="busy with old-ABC1"))
        outcome = tower.edit(Kind.PASSWORD, "new")
    assert (outcome.result, outcome.reason, outcome.detail) == (Result.FAILED, "value_not_kept", "busy with ***")
    assert tower.drops == 0


def test_a_disable_is_not_read_back(router: RouterSimulator) -> None:
    """To be offline is the point of it."""
    router.connect_session("ABC1")
    with (tower := read_tower(router)).gateway:
        router.clear_log()
        tower.edit(Kind.DISABLE, "yes")
        assert "/ppp/secret/print" not in router.commands


def test_values_of_one_secret_share_their_drop(router: RouterSimulator) -> None:
    """A customer is cut off once for one edit, after the last value, and the drop is counted once."""
    router.connect_session("ABC1")
    with (tower := read_tower(router)).gateway:
        kinds = (Kind.PASSWORD, Kind.PROFILE, Kind.REMOTE_ADDRESS)
        outcomes = tower.apply(*(tower.change(kind, "ABC1", VALUES[kind]) for kind in kinds))
    assert [one.result for one in outcomes] == [Result.APPLIED] * 3
    assert sum(one.dropped for one in outcomes) == tower.drops == 1
    assert [list(words)[-1] for _, words in tower.words] == ["password", "profile", "remote-address", ".id"]


@pytest.mark.parametrize("lost", [Kind.PASSWORD, Kind.PROFILE, Kind.REMOTE_ADDRESS])
def test_one_value_that_is_not_kept_does_not_spare_the_others(router: RouterSimulator, lost: Kind) -> None:
    """The drop is for those that the router holds."""
    router.connect_session("ABC1")
    router.faults.append(Fault("/ppp/secret/set", "not_kept", times=None, properties=frozenset({FIELDS[lost]})))
    with (tower := read_tower(router)).gateway:
        kinds = (Kind.PASSWORD, Kind.PROFILE, Kind.REMOTE_ADDRESS)
        outcomes = tower.apply(*(tower.change(kind, "ABC1", VALUES[kind]) for kind in kinds))
    assert {one.change.kind for one in outcomes if one.reason == "value_not_kept"} == {lost}
    assert Counter(one.result for one in outcomes) == {Result.APPLIED: 2, Result.FAILED: 1}
    assert (sum(one.dropped for one in outcomes), router.sessions()) == (1, [])


@pytest.mark.parametrize("refused", [Kind.PASSWORD, Kind.PROFILE, Kind.REMOTE_ADDRESS])
def test_one_value_that_is_refused_does_not_stop_the_others(router: RouterSimulator, refused: Kind) -> None:
    """Each is a change of its own (G6)."""
    router.connect_session("ABC1")
    fault = Fault("/ppp/secret/set", "trap", message="no", words={FIELDS[refused]: VALUES[refused]})
    router.faults.append(fault)
    with (tower := read_tower(router)).gateway:
        kinds = (Kind.PASSWORD, Kind.PROFILE, Kind.REMOTE_ADDRESS)
        outcomes = tower.apply(*(tower.change(kind, "ABC1", VALUES[kind]) for kind in kinds))
    assert {one.change.kind: one.reason for one in outcomes if one.result is Result.FAILED} == {refused: "refused"}
    assert (sum(one.dropped for one in outcomes), router.sessions()) == (1, [])


def test_all_values_refused_drop_nobody(router: RouterSimulator) -> None:
    """Nothing changed, so nobody has to dial again."""
    router.connect_session("ABC1")
    router.faults.append(Fault("/ppp/secret/set", "trap", message="no", times=None))
    with (tower := read_tower(router)).gateway:
        tower.apply(*(tower.change(kind, "ABC1", VALUES[kind]) for kind in (Kind.PASSWORD, Kind.PROFILE)))
    assert (tower.drops, len(router.sessions())) == (0, 1)


@pytest.mark.parametrize("kind", [Kind.ENABLE, Kind.DISABLE, *VALUES])
def test_a_refused_change_does_not_stop_the_next(tower: Tower, kind: Kind) -> None:
    """It is told in the router's words; the others are done (G6)."""
    tower.router.edit_secret("ABC1", disabled=kind is Kind.ENABLE)
    tower.router.faults.append(
        Fault("/ppp/secret/set", "trap", message="not enough permissions (9)", words={".id": "*1"})
    )
    after = "no" if kind is Kind.ENABLE else cut_or_value(kind)
    refused, *others = tower.apply(
        tower.change(kind, "ABC1", after),
        tower.change(Kind.PASSWORD, "ABC2", "new"),
        tower.change(Kind.CREATE, "NEW7", a_new_secret("NEW7")),
    )
    assert (refused.result, refused.reason) == (Result.FAILED, "refused")
    assert refused.detail == "not enough permissions (9)"
    assert [one.result for one in others] == [Result.APPLIED] * 2
    assert tower.error is None


def test_the_routers_words_show_no_password(tower: Tower) -> None:
    """Neither the old one nor the new one, in a change or a create, however the router quotes them (G10)."""
    message = "value old-ABC1 or s3cret or new-s3cret is not allowed"
    tower.router.faults.append(Fault("*", "trap", message=message, times=None))
    outcomes = tower.apply(
        tower.change(Kind.PASSWORD, "ABC1", "s3cret"),
        tower.change(Kind.CREATE, "NEW7", a_new_secret("NEW7", password="new-s3cret")),
    )
    assert [one.detail for one in outcomes] == [
        "value *** or *** or new-*** is not allowed",
        "value old-ABC1 or s3cret or *** is not allowed",
    ]


@pytest.mark.parametrize(("version", "words"), [("6.49.10", "no such item"), ("7.18.2", "no such item")])
def test_a_secret_that_is_gone_is_a_failure_of_its_own(version: str, words: str) -> None:
    """Removed by hand since the reading; made again under another id it is the next run's business."""
    with certified_router(version=version) as router:
        router.add_secret(name="ABC1", password="old")
        router.add_secret(name="ABC2", password="old")
        with (tower := read_tower(router)).gateway:
            router.remove_secret("ABC1")
            router.add_secret(name="ABC1", password="other")
            gone, other = tower.apply(
                tower.change(Kind.PASSWORD, "ABC1", "new"), tower.change(Kind.PASSWORD, "ABC2", "new")
            )
        assert (gone.result, other.result) == (Result.FAILED, Result.APPLIED)
        assert words in gone.detail
        secret = router.secret("ABC1")
        assert secret
        assert secret["password"] == "other"


def test_a_name_that_exists_by_now_is_refused_by_the_router(tower: Tower) -> None:
    """Nothing is doubled."""
    outcome = tower.edit(Kind.CREATE, a_new_secret("ABC2"), "NEW7")
    assert (outcome.result, outcome.reason) == (Result.FAILED, "refused")
    assert "same name" in outcome.detail


def test_a_user_without_the_policy_write_fails_with_the_routers_words() -> None:
    """Every change fails, none of them ends the connection."""
    account = Account("sync", ROUTER_PASSWORD, frozenset({"api", "read", "sensitive"}))
    with certified_router(accounts=[account]) as router:
        router.add_secret(name="ABC1", password="old")
        with (tower := read_tower(router)).gateway:
            outcomes = tower.apply(
                tower.change(Kind.PASSWORD, "ABC1", "new"), tower.change(Kind.CREATE, "NEW7", a_new_secret("NEW7"))
            )
    assert {(one.result, one.detail) for one in outcomes} == {(Result.FAILED, "not enough permissions (9)")}


def test_a_customer_who_dials_again_gets_the_new_values(router: RouterSimulator) -> None:
    """That is what the drop is for; a disabled one does not come back."""
    router.redial = True
    router.edit_secret("ABC1", remote_address="10.0.0.1")
    router.connect_session("ABC1")
    router.connect_session("ABC2")
    with (tower := read_tower(router)).gateway:
        tower.apply(tower.change(Kind.REMOTE_ADDRESS, "ABC1", "10.0.0.9"), tower.change(Kind.DISABLE, "ABC2", "yes"))
    assert [(one["name"], one["address"]) for one in router.sessions()] == [("ABC1", "10.0.0.9")]
