"""What the CRM alone says about each login: R2 to R11."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pppsync.core.counting_service import State, counting_service
from pppsync.core.desired import Ignored, Wanted, judge, registration_password
from pppsync.core.masked import Masked
from pppsync.core.policy import Policy
from pppsync.core.reasons import Problem, Reason
from pppsync.core.subscriber import ServiceStatus as Status
from tests.builders import REGISTERED, a_service, a_subscriber, a_wanted, a_will

if TYPE_CHECKING:
    from pppsync.core.subscriber import Service, Subscriber

COUNTING = (Status.ACTIVE, Status.SUSPENDED, Status.ENDED, Status.INACTIVE)
NEVER_COUNTING = (
    Status.PREPARED,
    Status.PREPARED_BLOCKED,
    Status.OBSOLETE,
    Status.DEFERRED,
    Status.QUOTED,
    -1,
    9,
)


def verdict(subscriber: Subscriber, *services: Service, policy: Policy | None = None) -> State | str:
    """The state that is wanted, or the reason why the subscriber is left alone."""
    found = judge(subscriber, services, policy or Policy())
    return found.state if isinstance(found, Wanted) else found.reason


def wanted(subscriber: Subscriber, *services: Service, policy: Policy | None = None) -> Wanted:
    """What is wanted of a subscriber who is not ignored."""
    found = judge(subscriber, services or (a_service(),), policy or Policy())
    assert isinstance(found, Wanted)
    return found


def test_a_login_has_the_name_state_profile_and_password_of_the_crm() -> None:
    """R1, R8 to R10: the custom ID is the name; state, profile and password are those of the CRM."""
    assert judge(a_subscriber(), (a_service(),), Policy()) == a_wanted()


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param((), State.ENABLED, id="no tag"),
        pytest.param(("VIP",), State.ENABLED, id="another tag"),
        pytest.param(("Custom-Config",), "custom_config", id="alone"),
        pytest.param(("VIP", "Custom-Config"), "custom_config", id="second"),
        pytest.param(("Custom-Config", "VIP", "Fibre"), "custom_config", id="first of three"),
        pytest.param(("custom-CONFIG",), "custom_config", id="other case"),
        pytest.param((" Custom-Config\t",), "custom_config", id="outer blanks"),
        pytest.param(("Custom Config",), State.ENABLED, id="inner blank is another tag"),
        pytest.param(("Custom-Config-2",), State.ENABLED, id="longer is another tag"),
        pytest.param(("",), State.ENABLED, id="nameless tag"),
    ],
)
def test_the_tag_opts_out(tags: tuple[str, ...], expected: State | str) -> None:
    """R2: `Custom-Config`, alone or among other tags, without regard to case and outer blanks, opts out."""
    assert expected == verdict(a_subscriber(tags=tags), a_service())


def test_the_tag_is_a_setting() -> None:
    """R2: `unmanaged_tag` takes the place of `Custom-Config`, compared the same way."""
    policy = Policy(unmanaged_tag=" Hands OFF ")
    assert verdict(a_subscriber(tags=("hands off",)), a_service(), policy=policy) == "custom_config"
    assert verdict(a_subscriber(tags=("Custom-Config",)), a_service(), policy=policy) == State.ENABLED


@pytest.mark.parametrize(
    ("subscriber", "expected"),
    [
        pytest.param(a_subscriber(archived=True), "archived", id="archived"),
        pytest.param(a_subscriber(lead=True), "lead", id="lead"),
        pytest.param(a_subscriber(archived=True, lead=True, tags=("Custom-Config",)), "archived", id="archived first"),
        pytest.param(a_subscriber(lead=True, tags=("Custom-Config",)), "lead", id="then lead"),
        pytest.param(a_subscriber(custom_id="", tags=("Custom-Config",)), "custom_config", id="tag before ID"),
    ],
)
def test_archived_subscribers_and_leads_are_left_alone(subscriber: Subscriber, expected: str) -> None:
    """R3: archived subscribers and leads are left alone, each by its own reason, whatever their services."""
    assert expected == verdict(subscriber, a_service())


@pytest.mark.parametrize("custom_id", ["", " ", "\t\n", "\u00a0"])
def test_a_blank_custom_id_is_none(custom_id: str) -> None:
    """R4: an empty or blank custom ID is none."""
    assert verdict(a_subscriber(custom_id=custom_id), a_service()) == "no_custom_id"


@pytest.mark.parametrize(
    ("custom_id", "expected", "with_digits_allowed"),
    [
        pytest.param("1ID", "numeric_custom_id", State.ENABLED, id="digit first"),
        pytest.param("0", "numeric_custom_id", State.ENABLED, id="one digit"),
        pytest.param("20200814", "numeric_custom_id", State.ENABLED, id="all digits"),
        pytest.param("ID1", State.ENABLED, State.ENABLED, id="digit last"),
        pytest.param("-1", State.ENABLED, State.ENABLED, id="minus"),
        pytest.param("\u0661", State.ENABLED, State.ENABLED, id="no ASCII digit"),
        pytest.param("*1A", "invalid_custom_id", "invalid_custom_id", id="an id of RouterOS"),
        pytest.param("*", "invalid_custom_id", "invalid_custom_id", id="star"),
        pytest.param("A*1", State.ENABLED, State.ENABLED, id="star inside"),
        pytest.param(" ABC1", "invalid_custom_id", "invalid_custom_id", id="blank before"),
        pytest.param("ABC1 ", "invalid_custom_id", "invalid_custom_id", id="blank after"),
        pytest.param("ABC1\u00a0", "invalid_custom_id", "invalid_custom_id", id="no-break space after"),
        pytest.param(" 1", "invalid_custom_id", "invalid_custom_id", id="blank before a digit"),
        pytest.param("1 ", "invalid_custom_id", "invalid_custom_id", id="blank after a digit"),
        pytest.param("AB C1", State.ENABLED, State.ENABLED, id="blank inside"),
        pytest.param("AB\x00C", "invalid_custom_id", "invalid_custom_id", id="NUL"),
        pytest.param("AB\nC", "invalid_custom_id", "invalid_custom_id", id="line break"),
        pytest.param("AB\x7fC", "invalid_custom_id", "invalid_custom_id", id="DEL"),
        pytest.param("AB\x85C", "invalid_custom_id", "invalid_custom_id", id="C1 control"),
        pytest.param("AB\ud800", "invalid_custom_id", "invalid_custom_id", id="half a surrogate pair"),
        pytest.param("AB\udfff", "invalid_custom_id", "invalid_custom_id", id="the other half"),
        pytest.param("A" * 8192, State.ENABLED, State.ENABLED, id="as long as a router takes"),
        pytest.param("A" * 8193, "invalid_custom_id", "invalid_custom_id", id="too long for a router"),
        pytest.param("Peña", State.ENABLED, State.ENABLED, id="accent"),
        pytest.param("顧客1", State.ENABLED, State.ENABLED, id="CJK"),
        pytest.param("AB\u200bC", "invalid_custom_id", "invalid_custom_id", id="zero-width character"),
        pytest.param("=a=b", State.ENABLED, State.ENABLED, id="RouterOS signs"),
    ],
)
def test_leading_digits_stars_blanks_and_control_characters_are_no_custom_id(
    custom_id: str, expected: State | str, with_digits_allowed: State | str
) -> None:
    """R5: digits first only where allowed; `*` first, outer blanks and control characters never."""
    subscriber = a_subscriber(custom_id=custom_id)
    assert expected == verdict(subscriber, a_service())
    assert with_digits_allowed == verdict(subscriber, a_service(), policy=Policy(allow_numeric_custom_id=True))


@pytest.mark.parametrize(
    ("subscribers", "problems"),
    [
        pytest.param([], [], id="nobody"),
        pytest.param([a_subscriber(1), a_subscriber(2, lead=True)], [], id="one managed"),
        pytest.param(
            [a_subscriber(1, custom_id="1"), a_subscriber(2, custom_id="2"), a_subscriber(3, lead=True)],
            [Problem(None, None, Reason.NOTHING_MANAGED, "2 of 3: numeric_custom_id")],
            id="digits first",
        ),
        pytest.param(
            [a_subscriber(1, lead=True), a_subscriber(2, archived=True)],
            [Problem(None, None, Reason.NOTHING_MANAGED, "1 of 2: archived")],
            id="equally common",
        ),
    ],
)
def test_the_commonest_reason_is_named_if_nobody_is_managed(
    subscribers: list[Subscriber], problems: list[Problem]
) -> None:
    """R5: if there are subscribers but none is managed, the commonest reason is named, in any order of the list."""
    services = [a_service(one.id, of=one.id) for one in subscribers]
    assert problems == list(a_will(subscribers, services).problems)
    assert problems == list(a_will(reversed(subscribers), services).problems)


@pytest.mark.parametrize(
    ("twin", "ignored", "is_wanted"),
    [
        pytest.param(a_subscriber(2, custom_id="ABC1"), {"duplicate_custom_id": 2}, False, id="both live"),
        pytest.param(a_subscriber(2, custom_id="ABC1", archived=True), {"archived": 1}, True, id="archived twin"),
        pytest.param(a_subscriber(2, custom_id="ABC1", lead=True), {"lead": 1}, True, id="lead twin"),
        pytest.param(
            a_subscriber(2, custom_id="ABC1", tags=("Custom-Config",)),
            {"custom_config": 1, "duplicate_custom_id": 1},
            False,
            id="tagged twin",
        ),
        pytest.param(a_subscriber(2, custom_id="abc1"), {}, True, id="other letter case is another ID"),
        pytest.param(a_subscriber(2), {}, True, id="another ID"),
    ],
)
def test_live_subscribers_with_one_custom_id_are_both_left_alone(
    twin: Subscriber, ignored: dict[str, int], is_wanted: bool
) -> None:
    """R6: two live subscribers with one custom ID are both left alone; an archived one or a lead is no rival."""
    will = a_will([a_subscriber(1), twin], [a_service(1, of=1), a_service(2, of=2)])
    assert ignored == will.ignored
    assert is_wanted == ("ABC1" in will.wanted)


def test_every_owner_of_a_duplicate_is_reported() -> None:
    """R6: each of three owners is counted and named, also one whose services are in between or of no Internet."""
    subscribers = [a_subscriber(number, custom_id="X") for number in (1, 2, 3)]
    services = [a_service(1, of=1), a_service(2, Status.PREPARED, of=2), a_service(3, of=3, internet=False)]
    will = a_will(subscribers, services)
    assert will.wanted == {}
    assert will.ignored == {"duplicate_custom_id": 3}
    assert set(will.problems) == {
        *(Problem(None, "X", Reason.DUPLICATE_CUSTOM_ID, subscriber=number) for number in (1, 2, 3)),
        Problem(None, None, Reason.NOTHING_MANAGED, "3 of 3: duplicate_custom_id"),
    }


def test_an_owner_without_valid_custom_id_says_so() -> None:
    """R6: whoever has no ID, or none that is valid, is no duplicate of others of that kind."""
    will = a_will([a_subscriber(number, custom_id=one) for number, one in enumerate(["", "", "*1", "*1", "1", "1"], 1)])
    assert will.ignored == {"no_custom_id": 2, "invalid_custom_id": 2, "numeric_custom_id": 2}


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        pytest.param([], None, id="none"),
        pytest.param([a_service(1), a_service(2)], 2, id="last added active"),
        pytest.param([a_service(2), a_service(1)], 2, id="by id, not by place in the list"),
        pytest.param([a_service(1), a_service(2, Status.SUSPENDED)], 1, id="older active beats newer suspended"),
        pytest.param([a_service(1), a_service(2, Status.ENDED)], 1, id="older active beats newer ended"),
        pytest.param([a_service(1, Status.SUSPENDED), a_service(2, Status.SUSPENDED)], 2, id="last suspended"),
        pytest.param([a_service(1, Status.SUSPENDED), a_service(2, Status.ENDED)], 1, id="suspended beats ended"),
        pytest.param([a_service(1, Status.SUSPENDED), a_service(2, Status.INACTIVE)], 1, id="suspended beats inactive"),
        pytest.param([a_service(1, Status.ENDED), a_service(2, Status.INACTIVE)], 2, id="inactive after ended"),
        pytest.param([a_service(1, Status.INACTIVE), a_service(2, Status.ENDED)], 2, id="ended after inactive"),
        pytest.param([a_service(9), a_service(10)], 10, id="ids are numbers, not texts"),
        pytest.param([a_service(1), a_service(2, internet=False)], 1, id="General never counts"),
        pytest.param([a_service(1, Status.ENDED), a_service(2, internet=False)], 1, id="nor where nothing is active"),
        pytest.param([a_service(1, internet=False)], None, id="General alone"),
        pytest.param([a_service(1), a_service(1)], 1, id="listed twice"),
    ],
)
def test_the_service_that_counts(services: list[Service], expected: int | None) -> None:
    """R7: the last added active Internet service counts; else the last suspended; else the last ended or inactive."""
    found = counting_service(services)
    assert expected == (found and found.id)


@pytest.mark.parametrize("status", NEVER_COUNTING)
@pytest.mark.parametrize("other", COUNTING)
def test_statuses_that_never_count(status: int, other: int) -> None:
    """R7: prepared, prepared blocked, obsolete, deferred, quoted and unknown never count, however new."""
    assert counting_service([a_service(2, status)]) is None
    assert counting_service([a_service(1, other), a_service(2, status)]) == a_service(1, other)


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        pytest.param([a_service()], State.ENABLED, id="active"),
        pytest.param([a_service(1, Status.SUSPENDED)], State.DISABLED, id="suspended"),
        pytest.param([a_service(1, Status.ENDED)], State.OFF, id="ended"),
        pytest.param([a_service(1, Status.INACTIVE)], State.OFF, id="inactive"),
        pytest.param([], State.OFF, id="no service at all"),
        *(pytest.param([a_service(1, one)], "transitional", id=f"only status {one}") for one in NEVER_COUNTING),
        pytest.param(
            [a_service(1, Status.PREPARED), a_service(2, Status.QUOTED)], "transitional", id="several in between"
        ),
        pytest.param([a_service(1, internet=False)], "no_internet_service", id="only General"),
        pytest.param(
            [a_service(1, Status.ENDED, internet=False), a_service(2, Status.QUOTED, internet=False)],
            "no_internet_service",
            id="only General, none active",
        ),
        pytest.param(
            [a_service(1, Status.PREPARED), a_service(2, internet=False)], "transitional", id="General beside prepared"
        ),
        pytest.param(
            [a_service(1, Status.SUSPENDED), a_service(2, internet=False)],
            State.DISABLED,
            id="General beside suspended",
        ),
        pytest.param([a_service(1, Status.ENDED), a_service(2, internet=False)], State.OFF, id="General beside ended"),
        pytest.param([a_service(1), a_service(2, Status.PREPARED)], State.ENABLED, id="active, next prepared"),
        pytest.param(
            [a_service(1, Status.SUSPENDED), a_service(2, Status.PREPARED)],
            State.DISABLED,
            id="suspended, next prepared",
        ),
        pytest.param(
            [a_service(1, Status.ENDED), a_service(2, Status.QUOTED)], State.OFF, id="ended, next only quoted"
        ),
        pytest.param([a_service(1, Status.ENDED), a_service(2, Status.OBSOLETE)], State.OFF, id="ended, then obsolete"),
        pytest.param([a_service(1, Status.ENDED), a_service(2, -1)], State.OFF, id="ended, then unknown"),
    ],
)
def test_the_counting_service_decides_the_state(services: list[Service], expected: State | str) -> None:
    """R8: active enables, suspended disables, ended, inactive and none turn off; what is in between changes nothing."""
    assert expected == verdict(a_subscriber(), *services)


@pytest.mark.parametrize("over", [Status.ENDED, Status.INACTIVE])
@pytest.mark.parametrize("starting", [Status.PREPARED, Status.PREPARED_BLOCKED, Status.DEFERRED])
@pytest.mark.parametrize(
    ("active_to", "active_from", "expected"),
    [
        pytest.param("2026-02-28", "2026-03-01", "transitional", id="the day after"),
        pytest.param("2026-02-28", "2026-02-28", "transitional", id="the same day"),
        pytest.param("2026-02-28", "2026-01-01", "transitional", id="earlier"),
        pytest.param("2026-02-28", "2026-03-02", State.OFF, id="two days after"),
        pytest.param("2024-02-28", "2024-03-01", State.OFF, id="a leap day between"),
        pytest.param("2025-12-31", "2026-01-01", "transitional", id="over New Year"),
        pytest.param(None, "2026-03-02", "transitional", id="end unknown"),
        pytest.param("2026-02-28", None, "transitional", id="start unknown"),
        pytest.param(None, None, "transitional", id="both unknown"),
    ],
)
def test_a_plan_change_at_midnight_cuts_nobody(
    over: int, starting: int, active_to: str | None, active_from: str | None, expected: State | str
) -> None:
    """R8: nothing changes while the next service starts no later than the day after the one that counts ended."""
    services = [a_service(1, over, active_to=active_to), a_service(2, starting, active_from=active_from)]
    assert expected == verdict(a_subscriber(), *services)
    assert expected == verdict(a_subscriber(), *reversed(services))


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        pytest.param(
            [
                a_service(1, Status.ENDED, active_to="2026-02-28"),
                a_service(2, Status.PREPARED, active_from="2026-03-01", internet=False),
            ],
            State.OFF,
            id="a General service is no successor",
        ),
        pytest.param(
            [
                a_service(1, Status.ENDED, active_to="2026-02-28"),
                a_service(2, Status.DEFERRED, active_from="2026-06-01"),
                a_service(3, Status.PREPARED, active_from="2026-03-01"),
            ],
            "transitional",
            id="one of several successors is in time",
        ),
        pytest.param(
            [
                a_service(1, Status.ENDED, active_to="2026-02-28"),
                a_service(2, Status.ENDED, active_to="2026-01-31"),
                a_service(3, Status.PREPARED, active_from="2026-03-01"),
            ],
            State.OFF,
            id="the end of the one that counts is asked",
        ),
        pytest.param(
            [
                a_service(1, Status.ENDED, active_to="2026-02-28"),
                a_service(2, Status.PREPARED, active_from="2026-03-01"),
                a_service(3, internet=False),
            ],
            "transitional",
            id="General services around change nothing",
        ),
    ],
)
def test_only_an_internet_service_succeeds_the_counting_one(services: list[Service], expected: State | str) -> None:
    """R8: only an Internet service succeeds, and only the one that counts is succeeded."""
    assert expected == verdict(a_subscriber(), *services)


def test_what_is_in_between_is_reported() -> None:
    """R8: `transitional` and `no_internet_service` are counted and named."""
    will = a_will(
        [a_subscriber(1), a_subscriber(2), a_subscriber(3)],
        [a_service(1, of=1), a_service(2, Status.PREPARED, of=2), a_service(3, of=3, internet=False)],
    )
    assert list(will.wanted) == ["ABC1"]
    assert will.ignored == {"transitional": 1, "no_internet_service": 1}
    assert will.problems == (
        Problem(None, "ABC2", Reason.TRANSITIONAL, subscriber=2),
        Problem(None, "ABC3", Reason.NO_INTERNET_SERVICE, subscriber=3),
    )


def test_who_is_reported_and_who_only_counted() -> None:
    """R2 to R6: what an operator chose is counted; what looks like a mistake is a problem too."""
    will = a_will(
        [
            a_subscriber(1),
            a_subscriber(2, archived=True),
            a_subscriber(3, lead=True),
            a_subscriber(4, tags=("Custom-Config",)),
            a_subscriber(5, custom_id=""),
            a_subscriber(6, custom_id="6"),
            a_subscriber(7, custom_id="*7"),
        ]
    )
    assert will.ignored == {
        "archived": 1,
        "lead": 1,
        "custom_config": 1,
        "no_custom_id": 1,
        "numeric_custom_id": 1,
        "invalid_custom_id": 1,
    }
    assert will.problems == (Problem(None, "*7", Reason.INVALID_CUSTOM_ID, subscriber=7),)
    assert will.names == {"ABC1", "ABC2", "ABC3", "ABC4", "", "6", "*7"}
    assert will.live == {1: "ABC1", 4: "ABC4", 5: "", 6: "6", 7: "*7"}


@pytest.mark.parametrize(
    ("services", "policy", "expected"),
    [
        pytest.param([a_service()], Policy(), "30mbps", id="name"),
        pytest.param([a_service()], Policy(profile_from="servicePlanName"), "Home 30", id="servicePlanName"),
        pytest.param([a_service(name="30Mbps ")], Policy(), "30Mbps ", id="literally"),
        pytest.param([a_service(name="10"), a_service(2, name="20")], Policy(), "20", id="of the one that counts"),
        pytest.param([a_service(1, Status.SUSPENDED, name="10")], Policy(), "10", id="suspended"),
    ],
)
def test_the_profile_is_the_name_of_the_counting_service_or_its_plan(
    services: list[Service], policy: Policy, expected: str
) -> None:
    """R9: the profile is the counting service's name, or its plan's name by `profile_from`, taken literally."""
    assert expected == wanted(a_subscriber(), *services, policy=policy).profile


def test_nobody_without_a_service_has_a_profile() -> None:
    """R9: without a service there is no profile, and no service that counts."""
    found = judge(a_subscriber(), (), Policy())
    assert found == a_wanted(State.OFF, profile=None, counting=None)


@pytest.mark.parametrize(
    "password",
    ["123", "yes", "true", "0123", "pässwörd", "a=b", " x ", " ", "=", "\n", "\x00", "密码", "\U0001f511", "x" * 8192],
    ids=lambda text: ascii(text[:9]),
)
def test_a_password_is_taken_literally(password: str) -> None:
    """R10: whatever text the attribute holds is the password."""
    found = wanted(a_subscriber(password=password))
    assert found.password == Masked(password)
    assert not found.password_invalid


@pytest.mark.parametrize("password", ["\ud800", "abc\udcff", "x\udfff", "x" * 8193], ids=lambda text: ascii(text[:9]))
def test_a_password_that_no_router_takes(password: str) -> None:
    """R10: half a surrogate pair or an endless text is no password, and a flag tells so from an absent one."""
    found = wanted(a_subscriber(password=password))
    assert (found.password, found.password_invalid) == (None, True)


def test_an_absent_password_leaves_the_registration_date() -> None:
    """R10: an absent password is none; the registration date stands by."""
    found = wanted(a_subscriber(password=None))
    assert (found.password, found.password_invalid, found.registered) == (None, False, REGISTERED)
    assert found.initial_password == Masked("1482020")


@pytest.mark.parametrize(
    ("registered", "expected"),
    [
        pytest.param("2020-08-14", "1482020", id="no leading zeros"),
        pytest.param("2020-01-02", "212020", id="one digit each"),
        pytest.param("1999-12-31", "31121999", id="two digits each"),
        pytest.param("2024-02-29", "2922024", id="leap day"),
    ],
)
def test_the_date_is_a_password_without_leading_zeros(registered: str, expected: str) -> None:
    """R10: day, month and year of the date as written, with no leading zeros."""
    assert registration_password(registered) == Masked(expected)


def test_no_registration_date_is_no_password() -> None:
    """R10: who has no registration date has no password to begin with."""
    assert wanted(a_subscriber(password=None, registered=None)).initial_password is None


@pytest.mark.parametrize(
    ("text", "address", "invalid"),
    [
        pytest.param(None, None, False, id="absent"),
        pytest.param("100.64.0.7", "100.64.0.7", False, id="shared address space"),
        pytest.param("  10.0.0.1\n", "10.0.0.1", False, id="trimmed"),
        pytest.param("10.0.0.0", "10.0.0.0", False, id="a host where the prefix is short"),
        pytest.param("10.0.0.255", "10.0.0.255", False, id="so is this one"),
        pytest.param("1.0.0.0", "1.0.0.0", False, id="lowest"),
        pytest.param("223.255.255.255", "223.255.255.255", False, id="highest"),
        pytest.param("169.254.1.1", "169.254.1.1", False, id="link-local is unicast"),
        pytest.param("0.0.0.0", None, True, id="unset on a router"),
        pytest.param("0.1.2.3", None, True, id="this network"),
        pytest.param("127.0.0.1", None, True, id="loopback"),
        pytest.param("224.0.0.1", None, True, id="multicast"),
        pytest.param("239.255.255.255", None, True, id="multicast to its end"),
        pytest.param("240.0.0.1", None, True, id="reserved"),
        pytest.param("255.255.255.255", None, True, id="broadcast"),
        pytest.param("10.0.0.256", None, True, id="too large"),
        pytest.param("10.0.0", None, True, id="three parts"),
        pytest.param("10.0.0.01", None, True, id="leading zero"),
        pytest.param("10.0.0.1/32", "10.0.0.1", False, id="the host itself, as a network"),
        pytest.param("10.0.0.0/24", None, True, id="prefix"),
        pytest.param("10.0.0.1-10.0.0.9", None, True, id="range"),
        pytest.param("10.0.0.1,10.0.0.2", None, True, id="two"),
        pytest.param("10. 0.0.1", None, True, id="inner blank"),
        pytest.param("0x0a000001", None, True, id="hexadecimal"),
        pytest.param("167772161", None, True, id="a number"),
        pytest.param("\u0661\u0660.0.0.1", None, True, id="other digits"),
        pytest.param("2001:db8::1", None, True, id="IPv6"),
        pytest.param("::ffff:10.0.0.1", None, True, id="mapped"),
        pytest.param("pool1", None, True, id="a pool"),
    ],
)
def test_only_a_unicast_host_address_is_taken(text: str | None, address: str | None, invalid: bool) -> None:
    """R11: only a unicast IPv4 host address is taken, trimmed; anything else is told from an absent one."""
    found = wanted(a_subscriber(static_ip=text))
    assert (address, invalid) == (found.static_ip, found.static_ip_refused is not None)


def test_the_router_attribute_is_kept() -> None:
    """R16: the router that the CRM names is part of what is wanted."""
    assert wanted(a_subscriber(router="tower-2")).router == "tower-2"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(a_wanted(State.DISABLED), True, id="the same"),
        pytest.param(
            a_wanted(State.DISABLED, password="x", profile="y", static_ip="10.0.0.1", counting=9),
            True,
            id="other values do not matter to a cut",
        ),
        pytest.param(a_wanted(State.ENABLED), False, id="active by now"),
        pytest.param(a_wanted(State.OFF), False, id="ended by now"),
        pytest.param(a_wanted(State.DISABLED, name="ABC2"), False, id="another custom ID"),
        pytest.param(a_wanted(State.DISABLED, router="tower-2"), False, id="another router"),
        pytest.param(Ignored(Reason.CUSTOM_CONFIG), False, id="opted out"),
    ],
)
def test_only_the_same_state_of_the_same_login_confirms_a_cut(now: Wanted | Ignored, expected: bool) -> None:
    """G2: only the same state of the same login on the same router confirms a cut."""
    assert expected == a_wanted(State.DISABLED).same_outcome(now)
