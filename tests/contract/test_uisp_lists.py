"""Lists of the UISP simulator: paging, order and filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.uisp import UispSimulator

if TYPE_CHECKING:
    import requests

    from lab.simulators.uisp import RecordedRequest


def rows(http: requests.Session, crm: UispSimulator, path: str) -> list[dict[str, Any]]:
    """The rows of a list that answers 200."""
    answer = http.get(crm.api_url + path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def ids(http: requests.Session, crm: UispSimulator, path: str) -> list[int]:
    """The ids of a list that answers 200."""
    return [row["id"] for row in rows(http, crm, path)]


@pytest.mark.parametrize("path", ["clients", "clients/services"])
@pytest.mark.parametrize("limit", [1, 3, 7, 10, 11, 1000])
def test_pages_laid_together_are_the_list(crm: UispSimulator, http: requests.Session, path: str, limit: int) -> None:
    """Pages by row offset hold every row once, in order of id; one that starts past the last row is an empty list."""
    for _ in range(10):
        crm.add_service(crm.add_client())
    pages = [ids(http, crm, f"{path}?limit={limit}&offset={start}") for start in range(0, 11, limit)]
    assert [row_id for page in pages for row_id in page] == list(range(1, 11)) == ids(http, crm, path)


def test_a_server_may_cap_the_page(http: requests.Session) -> None:
    """With `max_limit` no answer has more rows, asked for or not."""
    with UispSimulator(max_limit=2) as crm:
        for _ in range(3):
            crm.add_client()
        assert [ids(http, crm, path) for path in ("clients", "clients?limit=9", "clients?limit=1")] == [
            [1, 2],
            [1, 2],
            [1],
        ]


@pytest.mark.parametrize(
    "query",
    [
        "limit=ten", "limit=-1", "limit=", "limit=1.5", "limit[]=1", "offset=-1", "offset=x", "lead=2", "lead=true",
        "isArchived=yes", "order=id", "order=client.ID", "direction=asc", "direction=UP", "organizationId=x",
        "query=a", "clientTagIds=1",
    ],
)  # fmt: skip
def test_a_bad_value_is_a_bad_request(crm: UispSimulator, http: requests.Session, query: str) -> None:
    """Parameters that the API knows are read strictly: 400."""
    answer = http.get(f"{crm.api_url}clients?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, 400)


def test_unknown_parameters_are_ignored(crm: UispSimulator, http: requests.Session) -> None:
    """A misspelt filter returns everything."""
    crm.add_client("ABC1")
    assert ids(http, crm, "clients?userident=ABC9&page=7") == [1]


def test_archived_clients_are_listed_only_when_asked_for(crm: UispSimulator, http: requests.Session) -> None:
    """`isArchived` is 0 by default, and 1 lists the archived ones alone."""
    crm.add_client()
    crm.add_client(is_archived=True)
    assert [ids(http, crm, f"clients{query}") for query in ("", "?isArchived=0", "?isArchived=1")] == [[1], [1], [2]]


def test_leads_are_listed_unless_filtered(crm: UispSimulator, http: requests.Session) -> None:
    """Without `lead` both leads and clients come back."""
    crm.add_client()
    crm.add_client(is_lead=True)
    assert [ids(http, crm, f"clients{query}") for query in ("", "?lead=0", "?lead=1")] == [[1, 2], [1], [2]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("userIdent=ABC1", [1]),
        ("userIdent=abc1", [2]),
        ("userIdent=ABC", []),
        ("customAttributeKey=pppPassword&customAttributeValue=x", [1]),
        ("customAttributeKey=pppPassword&customAttributeValue=X", []),
        ("customAttributeKey=unknown&customAttributeValue=x", []),
        ("clientTagIds[]=1", [2, 3]),
        ("clientTagIds[]=1&clientTagIds[]=2", [2, 3]),
        ("clientTagIds[0]=2", [3]),
        ("organizationId=1", [1, 2, 3]),
        ("organizationId=2", []),
        ("email=subscriber2%40example.org", [2]),
        ("phone=1", []),
        ("username=zoe", [3]),
        ("query=zeta", [3]),
        ("uninvoicedFeeTypes[]=1", []),
        ("order=user.lastName", [2, 1, 3]),
        ("order=user.firstName&direction=DESC", [3, 2, 1]),
        ("order=client.registrationDate", [3, 1, 2]),
        ("order=client.id&direction=DESC&limit=2", [3, 2]),
    ],
)
def test_clients_are_filtered_exactly_and_ordered_as_documented(
    crm: UispSimulator, http: requests.Session, query: str, expected: list[int]
) -> None:
    """Custom IDs and attribute values match exactly; orders are those of the blueprint, ties by id."""
    crm.add_attribute("PPP Password")
    crm.add_client("ABC1", {"pppPassword": "x"}, lastName="Mid")
    crm.add_client("abc1", tags=["Custom-Config"], lastName="Alpha")
    late: dict[str, Any] = {"firstName": "Zoe", "lastName": "Zeta", "username": "zoe"}
    crm.add_client("XYZ", tags=["VIP", "Custom-Config"], registration_date="2019-01-01T00:00:00+0600", **late)
    crm.edit_client(2, tags=["Custom-Config"])
    assert {tag["name"]: tag["id"] for tag in rows(http, crm, "client-tags")} == {"Custom-Config": 1, "VIP": 2}
    assert ids(http, crm, f"clients?{query}") == expected


@pytest.mark.parametrize("query", ["customAttributeKey=pppPassword", "customAttributeValue=x"])
@pytest.mark.parametrize("path", ["clients", "clients/services"])
def test_an_attribute_filter_needs_both_halves(
    crm: UispSimulator, http: requests.Session, path: str, query: str
) -> None:
    """Key without value or value without key: 422."""
    assert http.get(f"{crm.api_url}{path}?{query}").status_code == 422


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [1, 2, 3, 4]),
        ("statuses[]=1&statuses[]=3", [1, 3]),
        ("statuses[0]=1&statuses[1]=3", [1, 3]),
        ("statuses%5B%5D=2", [2]),
        ("clientId=1", [1, 2]),
        ("clientId=1&statuses[]=2", [2]),
        ("organizationId=1", [1, 2, 3, 4]),
        ("prepaid=1", [4]),
        ("hasOutage=1", []),
        ("customAttributeKey=staticIp&customAttributeValue=192.0.2.7", [3]),
        ("customAttributeId=1", [3]),
        ("customAttributeId=1&customAttributeValue=192.0.2.8", []),
        ("limit=2&offset=1", [2, 3]),
    ],
)
def test_services_of_all_statuses_are_listed_unless_filtered(
    crm: UispSimulator, http: requests.Session, query: str, expected: list[int]
) -> None:
    """All statuses by default; PHP arrays in both spellings."""
    crm.add_attribute("Static IP", attribute_type="service")
    first, second = crm.add_client(), crm.add_client()
    crm.add_service(first, status=1)
    crm.add_service(first, status=2)
    crm.add_service(second, status=3, attributes={"staticIp": "192.0.2.7"})
    crm.add_service(second, status=8, prepaid=True)
    assert ids(http, crm, f"clients/services?{query}") == expected


@pytest.mark.parametrize(
    ("query", "status"),
    [("statuses=1", 400), ("statuses[]=9", 400), ("statuses[]=x", 400), ("clientId=9", 404), ("organizationId=9", 404)],
)
def test_services_of_an_unknown_client_are_404_and_of_a_bad_one_400(
    crm: UispSimulator, http: requests.Session, query: str, status: int
) -> None:
    """The blueprint lists 404 for this list: a client or organisation that does not exist. Bad values: 400."""
    assert http.get(f"{crm.api_url}clients/services?{query}").status_code == status


def test_services_outlive_their_client_in_the_list(http: requests.Session) -> None:
    """Services outlive their client's place in the list; two switches follow installations that hide some."""
    for switches, expected in (
        ({}, [1, 2, 3, 4]),
        ({"lists_archived_services": False}, [2, 3, 4]),
        ({"lists_superseded_services": False}, [1, 4]),
    ):
        with UispSimulator(**switches) as crm:  # type: ignore[arg-type]
            crm.add_service(crm.add_client())
            crm.archive_client(1)
            client = crm.add_client()
            crm.add_service(client, status=5)
            crm.add_service(client, status=6)
            crm.add_service(404)
            assert ids(http, crm, "clients/services") == expected


def test_other_lists_have_their_filters(crm: UispSimulator, http: requests.Session) -> None:
    """Attributes by type; service plans by lower-case type, archived ones only if asked for."""
    crm.add_attribute("PPP Password")
    crm.add_attribute("Static IP", attribute_type="service")
    crm.add_service(1, name="30mbps")
    crm.add_service(1, name="Rent", plan_type="General")
    assert ids(http, crm, "custom-attributes?attributeType=client") == [1]
    crm.add_attribute("Router")
    assert ids(http, crm, "custom-attributes?attributeType=client") == [1, 3]
    assert ids(http, crm, "custom-attributes?attributeType=service") == [2]
    assert http.get(crm.api_url + "custom-attributes?attributeType=clients").status_code == 400
    assert ids(http, crm, "service-plans?servicePlanType=general&organizationId=7") == [2]
    assert ids(http, crm, "service-plans?archived=1") == []
    assert http.get(crm.api_url + "service-plans?servicePlanType=General").status_code == 400


def test_data_may_change_between_two_pages(crm: UispSimulator, http: requests.Session) -> None:
    """Paging is a plain offset: a client archived between two pages shifts the window, and a row is lost."""
    for _ in range(6):
        crm.add_client()

    def archive_the_first(request: RecordedRequest) -> None:
        if request.query.get("offset") == ["3"]:
            crm.archive_client(1)

    crm.on_request = archive_the_first
    assert [ids(http, crm, f"clients?limit=3&offset={start}") for start in (0, 3)] == [[1, 2, 3], [5, 6]]


def test_rows_are_encoded_once(crm: UispSimulator, http: requests.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are served from encoded rows; only a row that changed is encoded again."""
    for _ in range(5):
        crm.add_client()
    crm.warm_up()
    crm.edit_client(4, userIdent="new")
    again: list[int] = []

    def encode(row: dict[str, Any]) -> bytes:
        again.append(row["id"])
        return b"{}"

    monkeypatch.setattr("lab.simulators.uisp.state.encoded", encode)
    assert len(rows(http, crm, "clients")) == len(rows(http, crm, "clients?limit=5")) == 5
    assert again == [4]
