"""One login on one router: what is planned, and what is reported because nothing can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pppsync.core.change import Change, Kind
from pppsync.core.compare import compare_home, password_absent, works_at_home
from pppsync.core.counting_service import State
from pppsync.core.cuts import cut
from pppsync.core.masked import Masked
from pppsync.core.policy import PPP_SERVICES, Policy
from pppsync.core.reasons import Reason
from pppsync.core.rules import Finding, RouterRules
from pppsync.core.secret import ActiveSession, PppSecret, StoredSecret
from tests.builders import (
    NAME,
    PASSWORD,
    PROFILE,
    REGISTERED_PASSWORD,
    TOWER,
    a_new_secret,
    a_router_state,
    a_secret,
    a_session,
    a_wanted,
)

if TYPE_CHECKING:
    from pppsync.core.desired import Wanted

type Value = str | PppSecret | None
type Row = tuple[Kind, Value, Value, tuple[str, ...]]
"""A change: its kind, the value before, the value after, the numbers of the sessions that it drops."""

ON, SUSPENDED, OFF = State.ENABLED, State.DISABLED, State.OFF
FOREIGN = sorted(set(PPP_SERVICES) - Policy().ppp_services)
CLEAR = Policy(static_ip_absent="clear")
REWRITE = Policy(missing_password="registration_date")
READABLE = a_secret("somebody else", number=99)
"""Keeps a router's passwords readable where the secret under test shows none."""

ENABLE: Row = (Kind.ENABLE, "yes", "no", ())
DISABLE: Row = (Kind.DISABLE, "no", "yes", ())


@dataclass(frozen=True, kw_only=True)
class Found:
    """Everything that comparing found; both lists are always stated."""

    changes: list[Row]
    problems: list[tuple[str, str]]


NOTHING = Found(changes=[], problems=[])


def plain(value: str | Masked | PppSecret | None) -> Value:
    """The value in the clear, so that a failing test shows it."""
    return value.reveal() if isinstance(value, Masked) else value


def sorted_out(findings: list[Finding]) -> Found:
    """The findings as lists; each of them belongs to the login and the router of the test."""
    changes = [one for one in findings if isinstance(one, Change)]
    problems = [one for one in findings if not isinstance(one, Change)]
    assert {(one.router, one.name) for one in findings} <= {(TOWER, NAME)}
    assert {one.subscriber for one in problems} <= {1}
    return Found(
        changes=[
            (one.kind, plain(one.actual), plain(one.desired), tuple(session.id for session in one.sessions))
            for one in changes
        ],
        problems=[(one.reason, one.detail) for one in problems],
    )


def rules_of(
    *secrets: StoredSecret,
    sessions: tuple[ActiveSession, ...] = (),
    policy: Policy | None = None,
    profiles: tuple[str, ...] = (PROFILE, "50mbps"),
    known: bool = True,
    shared: tuple[str, ...] = (),
) -> RouterRules:
    """A router with these secrets, compared under the policy."""
    state = a_router_state(*secrets, profiles=profiles, sessions=sessions)
    return RouterRules(state, policy or Policy(), known, dict.fromkeys(shared, (NAME, "RIVAL")), (NAME,), ())


def found(
    wanted: Wanted,
    *secrets: StoredSecret,
    sessions: tuple[ActiveSession, ...] = (),
    policy: Policy | None = None,
    profiles: tuple[str, ...] = (PROFILE, "50mbps"),
    known: bool = True,
    shared: tuple[str, ...] = (),
) -> Found:
    """What comparing at home finds."""
    rules = rules_of(*secrets, sessions=sessions, policy=policy, profiles=profiles, known=known, shared=shared)
    return sorted_out(compare_home(wanted, rules))


def create(password: str = PASSWORD, remote_address: str | None = None, *, disabled: bool = False) -> Found:
    """Nothing but a create with these fields."""
    secret = a_new_secret(password=password, remote_address=remote_address, disabled=disabled)
    return only((Kind.CREATE, None, secret, ()))


def only(*changes: Row) -> Found:
    """Nothing but these changes."""
    return Found(changes=list(changes), problems=[])


def reported(reason: str, detail: str = "", *changes: Row) -> Found:
    """One problem beside these changes."""
    return Found(changes=list(changes), problems=[(reason, detail)])


def session(
    number: int,
    *,
    name: str = NAME,
    ppp_service: str = "pppoe",
    address: str | None = "10.64.0.9",
    radius: bool = False,
) -> ActiveSession:
    """A session with an id that is easy to write: `*1`."""
    return a_session(name, number=number, ppp_service=ppp_service, address=address, radius=radius)


DISABLED_SECRET = a_secret(disabled=True)
DIFFERENT = a_secret(password="x", profile="50mbps", remote_address="10.0.0.9")
EVERY_FIELD: list[Row] = [
    (Kind.PASSWORD, "x", PASSWORD, ()),
    (Kind.PROFILE, "50mbps", PROFILE, ()),
    (Kind.REMOTE_ADDRESS, "10.0.0.9", "10.0.0.1", ()),
]


@pytest.mark.parametrize(
    ("state", "secret", "expected"),
    [
        pytest.param(ON, None, create(remote_address="10.0.0.1"), id="enabled, nothing: created"),
        pytest.param(ON, a_secret(remote_address="10.0.0.1"), NOTHING, id="enabled, the same"),
        pytest.param(ON, a_secret(remote_address="10.0.0.1", disabled=True), only(ENABLE), id="enabled, disabled"),
        pytest.param(ON, DIFFERENT, only(*EVERY_FIELD), id="enabled, every field differs"),
        pytest.param(
            SUSPENDED, None, create(remote_address="10.0.0.1", disabled=True), id="suspended, nothing: created disabled"
        ),
        pytest.param(SUSPENDED, a_secret(remote_address="10.0.0.1"), only(DISABLE), id="suspended, enabled"),
        pytest.param(SUSPENDED, a_secret(remote_address="10.0.0.1", disabled=True), NOTHING, id="suspended, the same"),
        pytest.param(SUSPENDED, DIFFERENT, only(*EVERY_FIELD, DISABLE), id="suspended, every field differs"),
        pytest.param(OFF, None, NOTHING, id="off, nothing: never created"),
        pytest.param(OFF, a_secret(), only(DISABLE), id="off, enabled"),
        pytest.param(OFF, DISABLED_SECRET, NOTHING, id="off, disabled"),
        pytest.param(OFF, DIFFERENT, only(EVERY_FIELD[0], DISABLE), id="off, only flag and password follow"),
    ],
)
def test_every_field_follows_while_active_or_suspended(
    state: State, secret: StoredSecret | None, expected: Found
) -> None:
    """R8, R13: active and suspended follow in every field, whoever changed it; off in flag and password only."""
    wanted = a_wanted(state, static_ip="10.0.0.1")
    assert expected == found(wanted, *([secret] if secret else []))


@pytest.mark.parametrize("ppp_service", ["pppoe", "any"])
def test_a_secret_under_our_services_is_changed(ppp_service: str) -> None:
    """R1: a secret under `pppoe` or `any` is ours to change."""
    secret = a_secret(ppp_service=ppp_service, disabled=True)
    assert only(ENABLE) == found(a_wanted(), secret)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("ppp_service", FOREIGN)
def test_a_name_under_another_service_is_reported_and_left_alone(ppp_service: str, state: State) -> None:
    """R1: such a secret is left alone, whatever differs and whoever is online with it."""
    secret = a_secret(ppp_service=ppp_service, password="x", profile="vpn", disabled=state is ON)
    expected = reported("name_taken", ppp_service)
    assert expected == found(a_wanted(state), secret, sessions=(a_session(ppp_service=ppp_service),))


def test_our_services_are_a_setting() -> None:
    """R1: `ppp_services` says which are ours, and `any` is not by itself."""
    policy = Policy(ppp_services=frozenset({"l2tp"}))
    assert only(ENABLE) == found(a_wanted(), a_secret(ppp_service="l2tp", disabled=True), policy=policy)
    assert reported("name_taken", "any") == found(a_wanted(), a_secret(ppp_service="any"), policy=policy)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", ["abc1", "Abc1", "aBC1"])
def test_a_name_in_other_letter_case_is_reported_and_not_created(name: str, state: State) -> None:
    """R1: names are compared exactly; one that differs in letter case only is reported, and nothing is created."""
    assert reported("name_case_differs", name) == found(a_wanted(state), a_secret(name))


def test_an_exact_name_is_enough_beside_one_in_other_case() -> None:
    """R1: where the exact name exists, others in other case do not matter."""
    secrets = a_secret("abc1", number=1, password="x"), a_secret("ABC1", number=2, disabled=True)
    assert only(ENABLE) == found(a_wanted(), *secrets)


@pytest.mark.parametrize("ppp_service", ["pppoe", "any"])
@pytest.mark.parametrize(
    ("state", "disabled", "changes"),
    [
        pytest.param(ON, (False, False), [], id="on, and enabled twice"),
        pytest.param(ON, (False, True), [], id="on, and enabled once"),
        pytest.param(ON, (True, True), [ENABLE, ENABLE], id="on, and disabled twice"),
        pytest.param(SUSPENDED, (False, False), [(*DISABLE[:3], ("*80000001",)), DISABLE], id="suspended"),
        pytest.param(SUSPENDED, (False, True), [(*DISABLE[:3], ("*80000001",))], id="suspended, one is disabled"),
        pytest.param(SUSPENDED, (True, True), [(Kind.DROP, None, None, ("*80000001",))], id="suspended yet online"),
        pytest.param(OFF, (False, False), [(*DISABLE[:3], ("*80000001",)), DISABLE], id="ended"),
    ],
)
def test_doubles_are_all_off_or_not_all_off_and_otherwise_left_alone(
    ppp_service: str, state: State, disabled: tuple[bool, bool], changes: list[Row]
) -> None:
    """R6: off means all off, on means not all off; no other field is written, and each session is dropped once."""
    secrets = [
        a_secret(number=number, password="x", ppp_service=ppp_service, disabled=one)
        for number, one in enumerate(disabled, 1)
    ]
    expected = reported("duplicate_secret", "2 secrets", *changes)
    assert expected == found(a_wanted(state), *secrets, sessions=(a_session(),))


BY_L2TP = ("name_taken", "l2tp, and online by it")


@pytest.mark.parametrize(
    ("state", "disabled", "expected"),
    [
        pytest.param(ON, False, NOTHING, id="on"),
        pytest.param(ON, True, only(ENABLE), id="on, and disabled"),
        pytest.param(SUSPENDED, False, reported(*BY_L2TP, (*DISABLE[:3], ("*1",))), id="suspended"),
        pytest.param(SUSPENDED, True, reported(*BY_L2TP, (Kind.DROP, None, None, ("*1",))), id="suspended yet online"),
    ],
)
def test_a_secret_under_another_service_is_no_double(state: State, disabled: bool, expected: Found) -> None:
    """R6, R12: a secret under another service is no double, and its sessions are not ours to drop."""
    secrets = a_secret(number=1, disabled=disabled), a_secret(number=2, ppp_service="l2tp", password="x")
    sessions = session(1), session(2, ppp_service="l2tp")
    assert expected == found(a_wanted(state), *secrets, sessions=sessions)


@pytest.mark.parametrize("ppp_service", ["l2tp", "pptp", "sstp", "ovpn", "pppoe"])
def test_a_secret_for_any_service_lets_in_all_of_them(ppp_service: str) -> None:
    """R12: 141 of 141 secrets of a real router are under `any`: an L2TP session of a suspended customer goes too."""
    secret, live = a_secret(ppp_service="any"), session(1, ppp_service=ppp_service)
    assert only((*DISABLE[:3], ("*1",))) == found(a_wanted(SUSPENDED), secret, sessions=(live,))


def test_a_session_belongs_to_the_secret_of_its_own_service_before_any() -> None:
    """R12: beside a secret under `any`, one under l2tp has the l2tp sessions, and keeps them."""
    secrets = a_secret(number=1, ppp_service="any"), a_secret(number=2, ppp_service="l2tp")
    sessions = session(1, ppp_service="l2tp"), session(2, ppp_service="pptp")
    expected = reported(*BY_L2TP, (*DISABLE[:3], ("*2",)))
    assert expected == found(a_wanted(SUSPENDED), *secrets, sessions=sessions)


@pytest.mark.parametrize(
    ("wanted", "secret", "expected"),
    [
        pytest.param(a_wanted(), None, NOTHING, id="not created"),
        pytest.param(a_wanted(SUSPENDED), None, NOTHING, id="not created disabled"),
        pytest.param(a_wanted(), a_secret(profile="10mbps"), NOTHING, id="not changed"),
        pytest.param(a_wanted(), a_secret(profile="10mbps", disabled=True), only(ENABLE), id="enabled all the same"),
        pytest.param(a_wanted(SUSPENDED), a_secret(profile="10mbps"), only(DISABLE), id="disabled all the same"),
        pytest.param(
            a_wanted(static_ip="10.0.0.1"),
            a_secret(profile="10mbps", password="x", remote_address="10.0.0.9"),
            only((Kind.PASSWORD, "x", PASSWORD, ()), (Kind.REMOTE_ADDRESS, "10.0.0.9", "10.0.0.1", ())),
            id="other fields follow",
        ),
    ],
)
def test_a_missing_profile_stops_the_create_and_the_profile_alone(
    wanted: Wanted, secret: StoredSecret | None, expected: Found
) -> None:
    """R9: no create and no change of the profile; other fields, the enable and the disable follow."""
    expected = reported("profile_missing", PROFILE, *expected.changes)
    assert expected == found(wanted, *([secret] if secret else []), profiles=("10mbps", "300mbps", "30mbp"))


def test_off_needs_no_profile() -> None:
    """R8, R9: who is ended or has no service has no profile to follow, so none can be missing."""
    assert only(DISABLE) == found(a_wanted(OFF, profile=None), a_secret(profile="10mbps"), profiles=())


@pytest.mark.parametrize("held", ["123", "0123", "yes", "true", " 123", "123 ", "a=b", "pässwörd", "passwort", ""])
@pytest.mark.parametrize("wanted", ["123", "0123", "yes", "true", " 123", "123 ", "a=b", "pässwörd"])
def test_passwords_are_compared_literally(wanted: str, held: str) -> None:
    """R10: texts that look alike to a program are distinct passwords."""
    expected = NOTHING if wanted == held else only((Kind.PASSWORD, held, wanted, ()))
    assert expected == found(a_wanted(password=wanted), a_secret(password=held), READABLE)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(
    ("wanted", "policy", "known", "expected"),
    [
        pytest.param("y", Policy(), True, [(Kind.PASSWORD, "x", "y", ())], id="follows"),
        pytest.param("y", REWRITE, True, [(Kind.PASSWORD, "x", "y", ())], id="the date is not asked"),
        pytest.param(None, Policy(), True, [], id="absent: perhaps the only copy, left alone"),
        pytest.param(
            None,
            REWRITE,
            True,
            [(Kind.DEFAULT_PASSWORD, "x", REGISTERED_PASSWORD, ())],
            id="absent: the date, if asked",
        ),
        pytest.param("y", Policy(), False, [], id="no attribute in the CRM"),
        pytest.param(None, REWRITE, False, [], id="no attribute, no date either"),
    ],
)
def test_an_existing_password_follows_the_crm_and_stays_where_that_has_none(
    state: State, wanted: str | None, policy: Policy, known: bool, expected: list[Row]
) -> None:
    """R10: it follows in every state; an absent one is left alone, or becomes the date where the policy says so."""
    secret = a_secret(password="x", disabled=state is not ON)
    assert only(*expected) == found(a_wanted(state, password=wanted), secret, policy=policy, known=known)


def test_the_date_that_is_held_already() -> None:
    """R10: with `missing_password: registration_date` nothing is written where the date is the password already."""
    secret = a_secret(password=REGISTERED_PASSWORD)
    assert found(a_wanted(password=None), secret, policy=REWRITE) == NOTHING


def test_an_existing_password_stays_without_a_date() -> None:
    """R10: with `missing_password: registration_date` but no date, an existing password stays and is counted."""
    wanted = a_wanted(password=None, registered=None)
    assert found(wanted, a_secret(password="x"), policy=REWRITE) == NOTHING
    assert password_absent(wanted, rules_of(a_secret(password="x"), policy=REWRITE))


@pytest.mark.parametrize(
    ("wanted", "rules", "expected"),
    [
        pytest.param(a_wanted(password=None), rules_of(a_secret()), True, id="left alone"),
        pytest.param(a_wanted(OFF, password=None), rules_of(a_secret()), True, id="off too"),
        pytest.param(a_wanted(), rules_of(a_secret()), False, id="present"),
        pytest.param(a_wanted(password=None), rules_of(a_secret(), policy=REWRITE), False, id="rewritten"),
        pytest.param(a_wanted(password=None), rules_of(a_secret(), known=False), False, id="no attribute at all"),
        pytest.param(a_wanted(password=None, password_invalid=True), rules_of(a_secret()), False, id="invalid"),
        pytest.param(a_wanted(password=None), rules_of(), False, id="nothing held"),
        pytest.param(a_wanted(password=None), rules_of(a_secret(), a_secret(number=2)), False, id="held twice"),
        pytest.param(a_wanted(password=None), rules_of(a_secret(ppp_service="l2tp")), False, id="not ours"),
    ],
)
def test_existing_secrets_without_a_password_in_the_crm_are_counted(
    wanted: Wanted, rules: RouterRules, expected: bool
) -> None:
    """R10: `password_absent` counts existing secrets of ours that keep a password because the CRM has none."""
    assert expected == password_absent(wanted, rules)


@pytest.mark.parametrize("state", [ON, SUSPENDED])
@pytest.mark.parametrize(
    ("password", "registered", "known", "expected"),
    [
        pytest.param("x", "2020-08-14", True, "x", id="of the CRM"),
        pytest.param(None, "2020-08-14", True, "1482020", id="the date"),
        pytest.param("x", "2020-08-14", False, "x", id="of the CRM, whose list of attributes cannot be read"),
        pytest.param(None, "2020-08-14", False, "1482020", id="the date, without attribute"),
        pytest.param(" ", None, True, " ", id="a blank"),
    ],
)
def test_a_new_secret_gets_the_crms_password_or_the_date(
    state: State, password: str | None, registered: str | None, known: bool, expected: str
) -> None:
    """R10: a new secret gets the password of the CRM, else the registration date, whatever `missing_password` says."""
    wanted = a_wanted(state, password=password, registered=registered)
    for policy in (Policy(), REWRITE):
        assert create(password=expected, disabled=state is SUSPENDED) == found(wanted, known=known, policy=policy)


def test_without_password_and_date_nothing_is_created() -> None:
    """R10: without a password and a date nothing is created."""
    assert reported("password_missing") == found(a_wanted(password=None, registered=None))


@pytest.mark.parametrize("state", State)
def test_a_password_that_is_no_text(state: State) -> None:
    """R10: it is reported, and the router's stays; the flag follows, and nothing is created."""
    wanted = a_wanted(state, password=None, password_invalid=True)
    flag = ENABLE if state is ON else DISABLE
    assert reported("password_invalid", "", flag) == found(wanted, a_secret(password="x", disabled=state is ON))
    assert (NOTHING if state is OFF else reported("password_invalid")) == found(wanted)
    assert reported("password_invalid", "", flag) == found(wanted, a_secret(disabled=state is ON), policy=REWRITE)


def test_every_reason_against_a_create_is_told() -> None:
    """R9 to R11: an operator mends all of it at once."""
    wanted = a_wanted(password=None, registered=None, static_ip_refused="10.0.0.300")
    assert found(wanted, profiles=()) == Found(
        changes=[],
        problems=[("static_ip_invalid", "10.0.0.300"), ("password_missing", ""), ("profile_missing", PROFILE)],
    )


@pytest.mark.parametrize(
    ("passwords", "expected"),
    [
        pytest.param(["", ""], NOTHING, id="all empty"),
        pytest.param(["***", "*****"], NOTHING, id="all asterisks"),
        pytest.param(["", "*"], NOTHING, id="empty and asterisks"),
        pytest.param(["", "x"], only((Kind.PASSWORD, "", PASSWORD, ())), id="one is shown"),
        pytest.param(["***", "**a"], only((Kind.PASSWORD, "***", PASSWORD, ())), id="asterisks and a letter"),
    ],
)
@pytest.mark.parametrize("policy", [Policy(), REWRITE])
def test_unreadable_passwords_are_neither_compared_nor_written(
    passwords: list[str], expected: Found, policy: Policy
) -> None:
    """G5: where every password is empty or only asterisks, existing ones are neither compared nor written."""
    ours, other = passwords
    secrets = a_secret(password=ours), a_secret("other", number=2, password=other)
    assert expected == found(a_wanted(), *secrets, policy=policy)
    assert found(a_wanted(name="ABC1", password=None), *secrets[:1]) == NOTHING


def test_unreadable_passwords_stop_nothing_else() -> None:
    """G5: new secrets get their password, other fields and the flag follow."""
    hidden = a_secret(password="***", profile="50mbps", disabled=True)
    assert only((Kind.PROFILE, "50mbps", PROFILE, ()), ENABLE) == found(a_wanted(), hidden)
    assert create() == found(a_wanted(), a_secret("other", password="***"))


@pytest.mark.parametrize(
    ("wanted", "held", "policy", "shared", "expected"),
    [
        pytest.param("10.0.0.1", "10.0.0.1", Policy(), (), NOTHING, id="the same"),
        pytest.param(
            "10.0.0.1", None, Policy(), (), only((Kind.REMOTE_ADDRESS, None, "10.0.0.1", ())), id="none or 0.0.0.0 held"
        ),
        pytest.param(
            "10.0.0.1", "10.0.0.2", Policy(), (), only((Kind.REMOTE_ADDRESS, "10.0.0.2", "10.0.0.1", ())), id="another"
        ),
        pytest.param(
            "10.0.0.1", "pool1", CLEAR, (), only((Kind.REMOTE_ADDRESS, "pool1", "10.0.0.1", ())), id="a pool held"
        ),
        pytest.param(None, "10.0.0.2", Policy(), (), NOTHING, id="absent: left alone"),
        pytest.param(
            None, "10.0.0.2", CLEAR, (), only((Kind.REMOTE_ADDRESS, "10.0.0.2", None, ())), id="absent: cleared"
        ),
        pytest.param(None, None, CLEAR, (), NOTHING, id="absent: clear already"),
        pytest.param(
            "10.0.0.1",
            "10.0.0.2",
            CLEAR,
            ("10.0.0.1",),
            reported("static_ip_duplicate", "10.0.0.1, also wanted by RIVAL"),
            id="wanted twice",
        ),
        pytest.param(
            "10.0.0.1",
            "10.0.0.1",
            CLEAR,
            ("10.0.0.1",),
            reported("static_ip_duplicate", "10.0.0.1, also wanted by RIVAL"),
            id="held already",
        ),
        pytest.param(
            "10.0.0.1",
            None,
            Policy(),
            ("10.0.0.3",),
            only((Kind.REMOTE_ADDRESS, None, "10.0.0.1", ())),
            id="another is wanted twice",
        ),
    ],
)
@pytest.mark.parametrize("state", [ON, SUSPENDED])
def test_the_address_follows_unless_two_want_it(
    state: State, wanted: str | None, held: str, policy: Policy, shared: tuple[str, ...], expected: Found
) -> None:
    """R11: the address follows; absent, it is left alone, or cleared by policy; if two want it, it is left alone."""
    secret = a_secret(remote_address=held, disabled=state is SUSPENDED)
    assert expected == found(a_wanted(state, static_ip=wanted), secret, policy=policy, shared=shared)


@pytest.mark.parametrize("policy", [Policy(), CLEAR])
def test_an_invalid_address_is_reported_and_left_alone(policy: Policy) -> None:
    """R11: an invalid address is reported and the field left alone, also where absent ones are cleared."""
    wanted = a_wanted(static_ip_refused="10.0.0.300")
    assert reported("static_ip_invalid", "10.0.0.300") == found(
        wanted, a_secret(remote_address="10.0.0.2"), policy=policy
    )


def test_off_follows_in_no_address() -> None:
    """R8, R11: who is ended keeps the address as it is, and is told nothing about it."""
    secret = a_secret(remote_address="10.0.0.2", disabled=True)
    for wanted in (a_wanted(OFF, static_ip="10.0.0.1"), a_wanted(OFF), a_wanted(OFF, static_ip_refused="10.0.0.300")):
        assert found(wanted, secret, policy=CLEAR, shared=("10.0.0.1",)) == NOTHING


@pytest.mark.parametrize(
    ("wanted", "shared", "reason", "detail"),
    [
        pytest.param(a_wanted(static_ip_refused="10.0.0.300"), (), "static_ip_invalid", "10.0.0.300", id="invalid"),
        pytest.param(
            a_wanted(static_ip="10.0.0.1"),
            ("10.0.0.1",),
            "static_ip_duplicate",
            "10.0.0.1, also wanted by RIVAL",
            id="twice",
        ),
    ],
)
def test_a_create_goes_on_without_a_bad_address(
    wanted: Wanted, shared: tuple[str, ...], reason: str, detail: str
) -> None:
    """R11: a new secret is created without the address, and the problem is reported."""
    expected = reported(reason, detail, *create().changes)
    assert expected == found(wanted, shared=shared)


def test_a_new_secret_holds_all_fields_and_our_comment() -> None:
    """R15, R8: a create carries the whole secret and the mark of the subscriber; it drops nobody."""
    wanted = a_wanted(SUSPENDED, subscriber=1, static_ip="10.0.0.1")
    [change] = compare_home(wanted, rules_of(sessions=(a_session(),)))
    assert change == Change(
        Kind.CREATE,
        TOWER,
        wanted,
        None,
        None,
        PppSecret(NAME, Masked(PASSWORD), PROFILE, "10.0.0.1", disabled=True, comment="UISP client 1"),
    )


SESSIONS = (
    session(1),
    session(2),
    session(3, ppp_service="l2tp"),
    session(4, name="ABC10"),
    session(5, name="abc1"),
)
DROPPED = ("*1", "*2")
CHANGES: list[Row] = [
    (Kind.PASSWORD, "x", PASSWORD, DROPPED),
    (Kind.PROFILE, "50mbps", PROFILE, DROPPED),
    (Kind.REMOTE_ADDRESS, "10.0.0.9", "10.0.0.1", DROPPED),
]


@pytest.mark.parametrize(
    ("wanted", "secret", "policy", "expected"),
    [
        pytest.param(a_wanted(), a_secret(password="x"), Policy(), [CHANGES[0]], id="password"),
        pytest.param(
            a_wanted(password=None),
            a_secret(password="x"),
            REWRITE,
            [(Kind.DEFAULT_PASSWORD, "x", REGISTERED_PASSWORD, DROPPED)],
            id="default password",
        ),
        pytest.param(a_wanted(), a_secret(profile="50mbps"), Policy(), [CHANGES[1]], id="profile"),
        pytest.param(
            a_wanted(static_ip="10.0.0.1"), a_secret(remote_address="10.0.0.9"), Policy(), [CHANGES[2]], id="address"
        ),
        pytest.param(
            a_wanted(),
            a_secret(remote_address="10.0.0.9"),
            CLEAR,
            [(Kind.REMOTE_ADDRESS, "10.0.0.9", None, DROPPED)],
            id="address cleared",
        ),
        pytest.param(a_wanted(static_ip="10.0.0.1"), DIFFERENT, Policy(), CHANGES, id="all three"),
        pytest.param(a_wanted(SUSPENDED), a_secret(), Policy(), [(Kind.DISABLE, "no", "yes", DROPPED)], id="disable"),
        pytest.param(a_wanted(OFF), a_secret(), Policy(), [(Kind.DISABLE, "no", "yes", DROPPED)], id="disable, ended"),
        pytest.param(a_wanted(), DISABLED_SECRET, Policy(), [ENABLE], id="an enable drops nobody"),
        pytest.param(a_wanted(), a_secret(), Policy(), [], id="no change, no drop"),
    ],
)
def test_cuts_and_new_values_drop_all_sessions_of_the_secret(
    wanted: Wanted, secret: StoredSecret, policy: Policy, expected: list[Row]
) -> None:
    """R12: a cut and a new value drop every live session that the secret lets in, and no other."""
    assert only(*expected) == found(wanted, secret, sessions=SESSIONS, policy=policy)


RADIUS = session(7, radius=True)


@pytest.mark.parametrize(
    ("wanted", "secret", "sessions", "expected"),
    [
        pytest.param(
            a_wanted(SUSPENDED),
            a_secret(),
            (session(1), RADIUS),
            reported("radius_session", "", (Kind.DISABLE, "no", "yes", ("*1",))),
            id="disable",
        ),
        pytest.param(
            a_wanted(),
            a_secret(password="x"),
            (RADIUS,),
            reported("radius_session", "", (Kind.PASSWORD, "x", PASSWORD, ())),
            id="password",
        ),
        pytest.param(a_wanted(SUSPENDED), DISABLED_SECRET, (RADIUS,), reported("radius_session"), id="repair"),
        pytest.param(
            a_wanted(OFF),
            DISABLED_SECRET,
            (RADIUS, session(1)),
            reported("radius_session", "", (Kind.DROP, None, None, ("*1",))),
            id="repair, ended",
        ),
        pytest.param(
            a_wanted(static_ip="10.0.0.1"),
            a_secret(remote_address="10.0.0.1"),
            (RADIUS,),
            reported("radius_session"),
            id="another address",
        ),
        pytest.param(
            a_wanted(static_ip="10.0.0.1"),
            a_secret(remote_address="10.0.0.1"),
            (session(7, radius=True, address="10.0.0.1"), session(1)),
            only((Kind.DROP, None, None, ("*1",))),
            id="the right address: not to be dropped anyway",
        ),
        pytest.param(a_wanted(), a_secret(), (RADIUS,), NOTHING, id="nothing to drop"),
        pytest.param(a_wanted(), DISABLED_SECRET, (RADIUS,), only(ENABLE), id="an enable"),
        pytest.param(
            a_wanted(SUSPENDED),
            a_secret(),
            (session(7, radius=True, ppp_service="l2tp"),),
            only(DISABLE),
            id="under another service",
        ),
    ],
)
def test_sessions_of_radius_are_reported_and_never_dropped(
    wanted: Wanted, secret: StoredSecret, sessions: tuple[ActiveSession, ...], expected: Found
) -> None:
    """R12: a session that RADIUS let in is never dropped; if it should be, that is reported."""
    assert expected == found(wanted, secret, sessions=sessions)


@pytest.mark.parametrize(
    ("wanted", "secret", "sessions", "expected"),
    [
        pytest.param(
            a_wanted(SUSPENDED),
            DISABLED_SECRET,
            SESSIONS,
            [(Kind.DROP, None, None, DROPPED)],
            id="suspended yet online",
        ),
        pytest.param(
            a_wanted(OFF), DISABLED_SECRET, SESSIONS, [(Kind.DROP, None, None, DROPPED)], id="ended yet online"
        ),
        pytest.param(a_wanted(OFF), DISABLED_SECRET, SESSIONS[2:], [], id="only sessions that are not its own"),
        pytest.param(
            a_wanted(static_ip="10.0.0.1"),
            a_secret(remote_address="10.0.0.1"),
            (session(1, address="10.0.0.1"), session(2, address="10.64.0.9")),
            [(Kind.DROP, None, None, ("*2",))],
            id="on another address than the secret's",
        ),
        pytest.param(
            a_wanted(static_ip="10.0.0.1"),
            a_secret(remote_address="10.0.0.1"),
            (session(1, address=None),),
            [],
            id="no address yet",
        ),
        pytest.param(
            a_wanted(static_ip="10.0.0.1"),
            a_secret(),
            (session(1),),
            [(Kind.REMOTE_ADDRESS, None, "10.0.0.1", ("*1",))],
            id="the address is written first, and drops by itself",
        ),
        pytest.param(a_wanted(), a_secret(remote_address="10.0.0.1"), (session(1),), [], id="no static address wanted"),
        pytest.param(
            a_wanted(static_ip="10.0.0.1"),
            a_secret(remote_address="10.0.0.1", disabled=True),
            (session(1),),
            [ENABLE],
            id="an enable comes first",
        ),
        pytest.param(
            a_wanted(SUSPENDED, static_ip="10.0.0.1"),
            a_secret(remote_address="10.0.0.1", disabled=True),
            (session(1, address="10.0.0.1"),),
            [(Kind.DROP, None, None, ("*1",))],
            id="suspended, on the right address",
        ),
        pytest.param(
            a_wanted(static_ip="10.0.0.1"),
            a_secret(remote_address="10.0.0.1", password="x"),
            (session(1),),
            [(Kind.PASSWORD, "x", PASSWORD, ("*1",)), (Kind.DROP, None, None, ("*1",))],
            id="a repair of its own: the password may be withheld",
        ),
    ],
)
def test_sessions_that_an_earlier_run_left_are_dropped_without_a_write(
    wanted: Wanted, secret: StoredSecret, sessions: tuple[ActiveSession, ...], expected: list[Row]
) -> None:
    """R12: what an earlier run left is dropped: disabled yet online, or online on another address than its own."""
    assert only(*expected) == found(wanted, secret, sessions=sessions)


@pytest.mark.parametrize(
    ("wanted", "shared"),
    [
        pytest.param(a_wanted(static_ip="10.0.0.1"), ("10.0.0.1",), id="wanted twice"),
        pytest.param(a_wanted(static_ip_refused="10.0.0.300"), (), id="invalid"),
    ],
)
def test_an_address_left_alone_drops_nobody(wanted: Wanted, shared: tuple[str, ...]) -> None:
    """R11, R12: an address that is left alone gets nobody dropped."""
    secret = a_secret(remote_address="10.0.0.1")
    assert found(wanted, secret, sessions=(session(1),), shared=shared).changes == []


@pytest.mark.parametrize(
    ("secrets", "sessions", "expected"),
    [
        pytest.param([a_secret()], SESSIONS, only((Kind.DISABLE, "no", "yes", DROPPED)), id="enabled"),
        pytest.param([DISABLED_SECRET], SESSIONS, only((Kind.DROP, None, None, DROPPED)), id="disabled yet online"),
        pytest.param([DISABLED_SECRET], (), NOTHING, id="disabled and offline"),
        pytest.param([DISABLED_SECRET], (RADIUS,), reported("radius_session"), id="online by RADIUS"),
        pytest.param(
            [a_secret(), a_secret(number=2)],
            (),
            reported("duplicate_secret", "2 secrets", DISABLE, DISABLE),
            id="twice",
        ),
        pytest.param([DIFFERENT], (), only(DISABLE), id="no field follows"),
    ],
)
def test_a_cut_on_another_router(
    secrets: list[StoredSecret], sessions: tuple[ActiveSession, ...], expected: Found
) -> None:
    """R16: the login is disabled and dropped there, and nothing else is written."""
    findings = cut(a_wanted(), rules_of(*secrets, sessions=sessions), Reason.MOVED)
    assert expected == sorted_out(findings)
    assert {one.reason for one in findings if isinstance(one, Change)} <= {"moved"}


@pytest.mark.parametrize(
    ("wanted", "home", "stray", "expected"),
    [
        pytest.param(a_wanted(), rules_of(a_secret()), rules_of(a_secret(password="old")), True, id="CRM's password"),
        pytest.param(a_wanted(), rules_of(), rules_of(a_secret()), False, id="not held yet"),
        pytest.param(
            a_wanted(password=None),
            rules_of(a_secret()),
            rules_of(a_secret()),
            True,
            id="no word, but the same password",
        ),
        pytest.param(
            a_wanted(password=None),
            rules_of(a_secret(password=REGISTERED_PASSWORD)),
            rules_of(a_secret()),
            False,
            id="no word, and the one that works is on the old router alone",
        ),
        pytest.param(
            a_wanted(password=None),
            rules_of(a_secret(password=REGISTERED_PASSWORD), policy=REWRITE),
            rules_of(a_secret(), policy=REWRITE),
            True,
            id="the date is the CRM's word",
        ),
        pytest.param(
            a_wanted(),
            rules_of(a_secret(), known=False),
            rules_of(a_secret(password="old"), known=False),
            False,
            id="no attribute, another password",
        ),
        pytest.param(
            a_wanted(), rules_of(a_secret(password="***")), rules_of(a_secret()), False, id="home hides its passwords"
        ),
        pytest.param(
            a_wanted(password=None),
            rules_of(a_secret()),
            rules_of(a_secret(password="***")),
            False,
            id="no word, and the old router hides its passwords",
        ),
    ],
)
def test_when_a_login_may_be_cut_elsewhere(
    wanted: Wanted, home: RouterRules, stray: RouterRules, expected: bool
) -> None:
    """R16: only where its own router surely lets the customer in, with the CRM's password or the one that worked."""
    assert expected == works_at_home(wanted, home, stray)


@pytest.mark.parametrize("state", [SUSPENDED, OFF, ON])
@pytest.mark.parametrize("online", [True, False])
def test_somebody_who_must_be_off_and_is_online_by_another_service_is_reported(state: State, online: bool) -> None:
    """R1, R6: the other service's secret is never touched, but nobody suspended is online without a word."""
    secrets = a_secret(number=1, disabled=state is not ON), a_secret(number=2, ppp_service="l2tp")
    sessions = (session(2, ppp_service="l2tp"),) if online else ()
    expected = reported("name_taken", "l2tp, and online by it") if online and state is not ON else NOTHING
    assert expected == found(a_wanted(state), *secrets, sessions=sessions)
