"""Rows of UISP CRM as subscribers and services."""

from __future__ import annotations

from typing import Any

import pytest

from pppsync.core.masked import Masked
from pppsync.core.policy import Policy
from pppsync.core.subscriber import Service, ServiceStatus, Subscriber
from pppsync.crm.rows import RowDecoder, RowError, attribute_id, keeps_value

CLIENT: dict[str, Any] = {
    "id": 1042,
    "userIdent": "ABC1",
    "isLead": False,
    "isArchived": False,
    "registrationDate": "2020-08-14T00:00:00+0600",
    "tags": [{"id": 1, "name": "VIP"}, {"id": 2, "name": "Custom-Config"}],
    "attributes": [
        {"id": 7, "key": "pppPassword", "value": "opensesame", "customAttributeId": 1},
        {"id": 8, "key": "staticIp", "value": " 10.0.0.1 ", "customAttributeId": 2},
        {"id": 9, "key": "router", "value": "tower-1", "customAttributeId": 3},
        {"id": 10, "key": "roof", "value": "flat", "customAttributeId": 4},
    ],
    "firstName": "somebody",
}
SERVICE: dict[str, Any] = {
    "id": 5,
    "clientId": 1042,
    "status": 1,
    "name": "30mbps",
    "servicePlanName": "Home 30",
    "servicePlanType": "Internet",
    "activeFrom": "2020-08-14T00:00:00+0600",
    "activeTo": "2026-02-28T00:00:00+0600",
}
NOT_WHOLE: list[object] = [None, "1", 1.0, True, [1], {}]


def subscriber(policy: Policy | None = None, **fields: object) -> Subscriber:
    """The subscriber of a client row with these fields replaced."""
    return RowDecoder(policy or Policy()).subscriber(CLIENT | fields)


def service(*, all_dates: bool = False, **fields: object) -> Service:
    """The service of a row with these fields replaced."""
    return RowDecoder(Policy(), all_dates=all_dates).service(SERVICE | fields)


def attribute(key: object, value: object) -> list[dict[str, object]]:
    """A client's attributes: this one alone."""
    return [{"key": key, "value": value}]


def test_a_client_row_gives_what_the_rules_ask_for() -> None:
    """R1 to R3, R10, R11, R16: what the rules ask for, and nothing else."""
    assert subscriber() == Subscriber(
        id=1042,
        custom_id="ABC1",
        registered="2020-08-14",
        archived=False,
        lead=False,
        tags=("VIP", "Custom-Config"),
        password=Masked("opensesame"),
        static_ip="10.0.0.1",
        router="tower-1",
    )


def test_a_row_of_an_id_alone_is_a_live_subscriber() -> None:
    """R4, R10: a row of an id alone is a live subscriber without a custom ID and everything else."""
    assert RowDecoder(Policy()).subscriber({"id": 7}) == Subscriber(id=7, custom_id=None)


@pytest.mark.parametrize(
    ("archived", "lead", "expected"),
    [(False, False, True), (True, False, False), (False, True, False), (None, None, True)],
)
def test_archived_clients_and_leads_are_marked(archived: bool | None, lead: bool | None, expected: bool) -> None:
    """R3: a live client is neither archived nor a lead."""
    assert expected == subscriber(isArchived=archived, isLead=lead).live


@pytest.mark.parametrize(("value", "expected"), [(None, None), ("", None), (" ABC1", " ABC1"), ("1", "1"), ("É", "É")])
def test_a_custom_id_is_taken_as_written(value: str | None, expected: str) -> None:
    """R1, R4: as written; null is none."""
    assert expected == subscriber(userIdent=value).custom_id


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("2020-08-14T00:00:00+0600", "2020-08-14", id="east of Greenwich"),
        pytest.param("2020-08-14T23:59:59-0800", "2020-08-14", id="west of Greenwich"),
        pytest.param("2020-08-14", "2020-08-14", id="a date alone"),
        pytest.param("2020-02-30T00:00:00+0000", None, id="no day of the calendar"),
        pytest.param("14.08.2020", None, id="another form"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="null"),
        pytest.param(1597363200, None, id="a number"),
    ],
)
def test_dates_are_taken_as_written(value: object, expected: str | None) -> None:
    """R10: the day is that of the text, whatever its time zone."""
    assert expected == subscriber(registrationDate=value).registered
    assert expected == service(status=0, activeFrom=value).active_from
    assert expected == service(status=2, activeTo=value).active_to


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("0123", "0123", id="digits"),
        pytest.param(" x ", " x ", id="outer blanks"),
        pytest.param(" ", " ", id="a blank"),
        pytest.param("yes", "yes", id="a word"),
        pytest.param(123, "123", id="a number"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="null"),
        pytest.param(True, None, id="a boolean"),
        pytest.param(1.5, None, id="a fraction"),
        pytest.param(["x"], None, id="a list"),
    ],
)
def test_passwords_are_taken_literally(value: object, expected: str | None) -> None:
    """R10: the text as it is; what is neither text nor number is absent."""
    found = subscriber(attributes=attribute("pppPassword", value)).password
    assert expected == (found and found.reveal())


@pytest.mark.parametrize(
    ("value", "expected"), [(" tower-1\n", "tower-1"), ("", None), ("  ", None), (None, None), (4, "4"), ({}, None)]
)
def test_other_attributes_are_trimmed(value: object, expected: str | None) -> None:
    """R11, R16: static address and router are trimmed; blank is absent."""
    assert expected == subscriber(attributes=attribute("staticIp", value)).static_ip
    assert expected == subscriber(attributes=attribute("router", value)).router


def test_attributes_are_found_by_the_keys_of_the_settings() -> None:
    """R10, R11, R16: the keys are settings, compared exactly."""
    policy = Policy(password_attribute="secret", static_ip_attribute="address", router_attribute="tower")
    rows = [*attribute("secret", "a"), *attribute("address", "10.0.0.9"), *attribute("tower", "north")]
    found = subscriber(policy, attributes=rows)
    assert (found.password, found.static_ip, found.router) == (Masked("a"), "10.0.0.9", "north")
    found = subscriber(policy)
    assert (found.password, found.static_ip, found.router) == (None, None, None)
    assert subscriber(attributes=attribute("ppppassword", "x")).password is None


@pytest.mark.parametrize("key", [None, [], {}, ["pppPassword"], True, 4])
def test_a_key_that_is_no_text_is_passed_over(key: object) -> None:
    """G1: a key that is no text is no key of ours, and no reason to stop."""
    rows = [*attribute(key, "x"), *attribute("pppPassword", "opensesame")]
    assert subscriber(attributes=rows).password == Masked("opensesame")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (None, ()),
        ([], ()),
        ([{"name": "A"}, {"name": "B"}], ("A", "B")),
        ([{"name": None}, {}, {"name": 4}], ("", "", "4")),
    ],
)
def test_every_tag_is_taken_by_its_name(tags: object, expected: tuple[str, ...]) -> None:
    """R2: every tag, by name."""
    assert expected == subscriber(tags=tags).tags


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"userIdent": [4]}, "client 1042: userIdent is no text", id="custom ID"),
        pytest.param({"userIdent": True}, "client 1042: userIdent is no text", id="custom ID that is a boolean"),
        pytest.param({"tags": {}}, "client 1042: tags is no list of objects", id="tags"),
        pytest.param({"tags": ["VIP"]}, "client 1042: tags is no list of objects", id="tag"),
        pytest.param({"attributes": "x"}, "client 1042: attributes is no list of objects", id="attributes"),
        pytest.param({"attributes": [None]}, "client 1042: attributes is no list of objects", id="attribute"),
        *(pytest.param({"id": one}, "client: no whole number as id", id=f"id {one!r}") for one in NOT_WHOLE),
    ],
)
def test_an_undocumented_client_row_stops_the_run(fields: dict[str, Any], message: str) -> None:
    """G1: a row that is not what the CRM documents stops the run; the message shows no value."""
    with pytest.raises(RowError, match=f"^{message}$"):
        subscriber(**fields)


@pytest.mark.parametrize("row", [None, [], "x", 4])
def test_a_row_that_is_no_object_stops_the_run(row: object) -> None:
    """G1: neither a client nor a service nor an attribute."""
    decoder = RowDecoder(Policy())
    for decode, what in ((decoder.subscriber, "client"), (decoder.service, "service")):
        with pytest.raises(RowError, match=f"^a {what} is no object$"):
            decode(row)
    with pytest.raises(RowError, match=r"^a custom attribute is no object$"):
        attribute_id(row, "pppPassword")
    with pytest.raises(RowError, match=r"^a client is no object$"):
        keeps_value(row, 1, Masked("x"))


def test_a_service_row_gives_what_the_rules_ask_for() -> None:
    """R7 to R9: what the rules ask for; dates only where one does."""
    assert service() == Service(5, 1042, ServiceStatus.ACTIVE, "30mbps", "Home 30", internet=True)


@pytest.mark.parametrize(
    ("status", "has_from", "has_to"),
    [
        *((one, True, False) for one in (0, 4, 6)),
        *((one, False, True) for one in (2, 8)),
        *((one, False, False) for one in (1, 3, 5, 7, 9, -1)),
    ],
)
def test_dates_are_kept_only_where_a_rule_asks(status: int, has_from: bool, has_to: bool) -> None:
    """R8: the start of what is to come and the end of what is over; all of them where somebody wants to read them."""
    found = service(status=status)
    assert found.active_from == ("2020-08-14" if has_from else None)
    assert found.active_to == ("2026-02-28" if has_to else None)
    both = service(status=status, all_dates=True)
    assert (both.active_from, both.active_to) == ("2020-08-14", "2026-02-28")


@pytest.mark.parametrize(
    ("value", "expected"), [("Internet", True), ("General", False), (None, True), ("general", True), (4, True)]
)
def test_a_service_is_internet_unless_its_type_is_general(value: object, expected: bool) -> None:
    """R7: all but those whose `servicePlanType` is present and General."""
    assert expected == service(servicePlanType=value).internet


def test_a_service_without_a_type_is_internet() -> None:
    """R7: without `servicePlanType` it is an Internet service."""
    row = {key: value for key, value in SERVICE.items() if key != "servicePlanType"}
    assert RowDecoder(Policy()).service(row).internet


@pytest.mark.parametrize(("value", "expected"), [(3, 3), (99, 99), (None, -1), ("1", -1), (True, -1), (1.0, -1)])
def test_a_status_that_is_no_number_is_unknown(value: object, expected: int) -> None:
    """R7: a status that is no number is unknown, and so never counts."""
    assert expected == service(status=value).status


@pytest.mark.parametrize(("value", "expected"), [(None, ""), (30, "30"), (" 30mbps ", " 30mbps ")])
def test_names_of_services_and_plans_are_taken_literally(value: object, expected: str) -> None:
    """R9: the names of a service and of its plan are taken literally."""
    found = service(name=value, servicePlanName=value)
    assert (expected, expected) == (found.name, found.plan_name)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        *(pytest.param({"id": one}, "service: no whole number as id", id=f"id {one!r}") for one in NOT_WHOLE),
        *(pytest.param({"clientId": one}, "service 5: no whole number as clientId", id=repr(one)) for one in NOT_WHOLE),
    ],
)
def test_a_service_without_its_ids_stops_the_run(fields: dict[str, Any], message: str) -> None:
    """G1: without its ids a service belongs to nobody."""
    with pytest.raises(RowError, match=f"^{message}$"):
        service(**fields)


def test_shared_texts_are_kept_once() -> None:
    """Rows: ten thousand services share a handful of names."""
    decoder = RowDecoder(Policy())
    first, second = (decoder.service(SERVICE | {"name": f"{number}mbps"}) for number in (30, 30))
    assert first.name is second.name


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({"id": 3, "key": "pppPassword", "attributeType": "client"}, 3, id="ours"),
        pytest.param({"id": 3, "key": "pppPassword", "attributeType": "service"}, None, id="of services"),
        pytest.param({"id": 3, "key": "other", "attributeType": "client"}, None, id="another key"),
        pytest.param({"key": "other"}, None, id="another one without an id"),
    ],
)
def test_our_attribute_is_found_by_its_key(row: object, expected: int | None) -> None:
    """R10: found by its key among the client attributes, never by a fixed id."""
    assert expected == attribute_id(row, "pppPassword")


def test_an_attribute_without_an_id_makes_the_list_unusable() -> None:
    """R10: it cannot be written, so the list is no list."""
    with pytest.raises(RowError, match=r"^custom attribute: no whole number as id$"):
        attribute_id({"key": "pppPassword", "attributeType": "client"}, "pppPassword")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({"attributes": [{"customAttributeId": 1, "value": "new"}]}, True, id="kept"),
        pytest.param({"attributes": [{"customAttributeId": 1, "value": "old"}]}, False, id="another value"),
        pytest.param({"attributes": [{"customAttributeId": 2, "value": "new"}]}, False, id="another attribute"),
        pytest.param({"attributes": []}, False, id="none"),
        pytest.param({"id": 4}, True, id="an answer that shows no attributes"),
    ],
)
def test_a_written_value_is_read_back_from_the_answer(row: object, expected: bool) -> None:
    """Import: a client as answered to a write shows the attribute with the value, or shows no attributes at all."""
    assert expected == keeps_value(row, 1, Masked("new"))
