"""PATCH clients/{id} of the UISP simulator, and every refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.uisp import UispSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def crm() -> Iterator[UispSimulator]:
    """Attributes of every type; client 1 with two values; client 2 archived; client 3 a company."""
    with UispSimulator(keys={"write-key": "write", "read-key": "read"}) as crm:
        crm.add_attribute("PPP Password")
        crm.add_attribute("Static IP", attribute_type="service")
        for kind in ("integer", "boolean", "date", "enum"):
            crm.add_attribute(f"Some {kind}", type=kind)
        crm.add_client("ABC1", {"pppPassword": "old", "someInteger": "7"}, ["VIP"])
        crm.add_client("ABC2", is_archived=True)
        crm.add_client("ABC3", clientType=2, companyName="Example Ltd")
        yield crm


def patch(http: requests.Session, crm: UispSimulator, body: Any, client: int = 1) -> requests.Response:
    """PATCH clients/{id} with a JSON body."""
    return http.patch(f"{crm.api_url}clients/{client}", json=body)


def values(crm: UispSimulator, client: int = 1) -> dict[str, str]:
    """The client's attribute values by key."""
    return {entry["key"]: entry["value"] for entry in crm.client(client)["attributes"]}


@pytest.mark.parametrize(
    "password", ["s3cret", "0123", "pässwörd", "a=b", "  outer  ", "yes", "/", "\U0001f511", "x" * 999]
)
def test_a_value_is_stored_as_written(crm: UispSimulator, http: requests.Session, password: str) -> None:
    """A string value comes back exactly, and what is left out stays: other values, other fields."""
    before = crm.client(1)
    answer = patch(http, crm, {"attributes": [{"customAttributeId": 1, "value": password}]})
    assert answer.status_code == 200
    assert values(crm) == {"pppPassword": password, "someInteger": "7"}
    assert {**answer.json(), "attributes": before["attributes"]} == before


def test_an_update_keeps_the_values_id(crm: UispSimulator, http: requests.Session) -> None:
    """At most one value per attribute and client: a second write updates the first; of a repeated id the last wins."""
    entry = {"customAttributeId": 1, "value": "new"}
    old = crm.client(1)["attributes"][0]
    assert patch(http, crm, {"attributes": [entry | {"value": "first"}, entry]}).json()["attributes"][0] == old | {
        "value": "new"
    }


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_empty_value_is_removed(crm: UispSimulator, http: requests.Session, nothing: str | None) -> None:
    """An empty attribute is absent from the list, and removing it again is no error."""
    for _ in range(2):
        assert patch(http, crm, {"attributes": [{"customAttributeId": 1, "value": nothing}]}).status_code == 200
        assert values(crm) == {"someInteger": "7"}


INTEGER = "This value is not in valid type. Integer expected."
STRING = "This value is not in valid type. String expected."
FORBIDDEN = "This field is not allowed."
BLANK = "This value should not be blank."


@pytest.mark.parametrize(
    ("entry", "field", "message"),
    [
        ({"customAttributeId": "1", "value": "x"}, "customAttributeId", INTEGER),
        ({"customAttributeId": 1.0, "value": "x"}, "customAttributeId", INTEGER),
        ({"customAttributeId": True, "value": "x"}, "customAttributeId", INTEGER),
        ({"customAttributeId": None, "value": "x"}, "customAttributeId", BLANK),
        ({"value": "x"}, "customAttributeId", BLANK),
        ({"customAttributeId": 1}, "value", BLANK),
        ({"customAttributeId": 1, "value": 123}, "value", STRING),
        ({"customAttributeId": 1, "value": True}, "value", STRING),
        ({"customAttributeId": 1, "value": ["x"]}, "value", STRING),
        ({"customAttributeId": 1, "value": "x", "id": 1}, "id", FORBIDDEN),
        ({"customAttributeId": 1, "value": "x", "key": "pppPassword"}, "key", FORBIDDEN),
        ({"customAttributeId": 1, "value": "x", "clientZoneVisible": False}, "clientZoneVisible", FORBIDDEN),
        ({"customAttributeId": 2, "value": "x"}, "customAttributeId", "This custom attribute is not of type client."),
        ({"customAttributeId": 3, "value": "x"}, "value", "This value is not valid."),
        ({"customAttributeId": 4, "value": "2"}, "value", "This value is not valid."),
        ({"customAttributeId": 5, "value": "1.2.2020"}, "value", "This value is not valid."),
        ({"customAttributeId": 5, "value": "2020-02-30"}, "value", "This value is not valid."),
        ("x", "attributes", "This value is not in valid type. Object expected."),
    ],
)
def test_a_bad_attribute_entry_is_refused(
    crm: UispSimulator, http: requests.Session, entry: Any, field: str, message: str
) -> None:
    """422 with the field and its sentence in `errors`; nothing of the body is written, good entries neither."""
    before = crm.client(1)
    answer = patch(http, crm, {"note": "n", "attributes": [{"customAttributeId": 1, "value": "good"}, entry]})
    assert answer.status_code == 422
    assert answer.json() == {"code": 422, "message": "Validation failed.", "errors": {field: [message]}}
    assert crm.client(1) == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"id": 1}, "id"),
        ({"isArchived": True}, "isArchived"),
        ({"isActive": True}, "isActive"),
        ({"tags": []}, "tags"),
        ({"password": 7}, "password"),
        ({"hasSuspendedService": False}, "hasSuspendedService"),
        ({"nonsense": 1}, "nonsense"),
        ({"userIdent": 7}, "userIdent"),
        ({"userIdent": "x" * 256}, "userIdent"),
        ({"userIdent": "ABC3"}, "userIdent"),
        ({"userIdent": "ABC2"}, "userIdent"),
        ({"isLead": 1}, "isLead"),
        ({"isLead": None}, "isLead"),
        ({"attributes": {}}, "attributes"),
        ({"attributes": None}, "attributes"),
        ({"clientType": 3}, "clientType"),
        ({"clientType": 2}, "companyName"),
        ({"firstName": ""}, "firstName"),
        ({"organizationId": 9}, "organizationId"),
        ({"contacts": ["a@example.org"]}, "contacts"),
        ({"contacts": [{"id": 1}]}, "id"),
        ({"contacts": [{"types": ["Billing"]}]}, "types"),
    ],
)
def test_a_bad_field_is_refused(crm: UispSimulator, http: requests.Session, body: Any, field: str) -> None:
    """Read-only and unknown fields, wrong types and a custom ID in use, by an archived client too: 422 on the field."""
    before = crm.client(1)
    answer = patch(http, crm, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert crm.client(1) == before


def test_a_fetched_client_cannot_be_sent_back(crm: UispSimulator, http: requests.Session) -> None:
    """Echoing what GET gave is refused, for its read-only fields."""
    assert patch(http, crm, crm.client(1)).status_code == 422


def test_contacts_are_appended(crm: UispSimulator, http: requests.Session) -> None:
    """Every contact sent becomes one more."""
    for count in (2, 3):
        patch(http, crm, {"contacts": [{"email": "a@example.org"}]})
        assert len({contact["id"] for contact in crm.client(1)["contacts"]}) == count


@pytest.mark.parametrize("date", ["2026-02-04", "2026-02-30T00:00:00+0800", "04.02.2026", 0, "2026-02-04T00:00:00"])
def test_a_bare_date_is_a_bad_request(crm: UispSimulator, http: requests.Session, date: Any) -> None:
    """Dates are written with time and offset, or it is 400."""
    answer = patch(http, crm, {"registrationDate": date})
    assert (answer.status_code, answer.json()["message"][:16]) == (400, "Invalid datetime")
    assert patch(http, crm, {"registrationDate": "2026-02-04T00:00:00+0800"}).status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"{'a':1}", b'{"note":NaN}', b'{"note":"\xff"}', b'{"note":"\\ud800"}']
)
def test_a_body_that_is_no_json_object_is_a_bad_request(
    crm: UispSimulator, http: requests.Session, body: bytes
) -> None:
    """400, as PHP reads JSON: objects only, valid UTF-8, no lone surrogates."""
    answer = http.patch(crm.api_url + "clients/1", data=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, 400)


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_write_says_that_it_is_json(crm: UispSimulator, http: requests.Session, content_type: str | None) -> None:
    """Without the JSON content type: 415."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    assert http.patch(crm.api_url + "clients/1", data=b"{}", headers=headers).status_code == 415
    charset = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert http.patch(crm.api_url + "clients/1", data=b"{}", headers=charset).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "key", "expected"),
    [
        ("GET", "version", "", (401, "User authentication failed.")),
        ("GET", "clients", "revoked", (401, "User authentication failed.")),
        ("PATCH", "clients/1", "wrong", (401, "User authentication failed.")),
        ("PATCH", "clients/1", "read-key", (403, "Forbidden")),
        ("PATCH", "clients/9", "read-key", (403, "Forbidden")),
        ("GET", "clients/9", "read-key", (404, "Object is not found.")),
        ("GET", "clients/services/9", "write-key", (404, "Object is not found.")),
        ("PATCH", "clients/9", "write-key", (404, "Object is not found.")),
        ("PATCH", "clients/2", "write-key", (404, "Client is archived. All you can do is restore him.")),
        ("GET", "nonsense", "write-key", (404, "Not Found")),
        ("GET", "clients/1/services", "write-key", (404, "Not Found")),
        ("GET", "clients/one", "write-key", (404, "Not Found")),
        ("POST", "version", "write-key", (405, "Method Not Allowed")),
        ("PUT", "clients/1", "write-key", (405, "Method Not Allowed")),
    ],
)
def test_refusals_have_the_documented_body(
    crm: UispSimulator, http: requests.Session, method: str, path: str, key: str, expected: tuple[int, str]
) -> None:
    """`{"code", "message"}` and nothing else; a read key may GET everything and write nothing."""
    headers = {"X-Auth-App-Key": key} if key else {"X-Auth-App-Key": None}
    answer = http.request(method, crm.api_url + path, json={}, headers=headers)
    assert (answer.status_code, answer.json()) == (expected[0], {"code": expected[0], "message": expected[1]})


def test_a_key_can_be_revoked_in_the_middle(crm: UispSimulator, http: requests.Session) -> None:
    """`keys` is looked up at every request."""
    assert http.get(crm.api_url + "version").json() == {"version": "4.4.31"}
    del crm.keys["write-key"]
    assert http.get(crm.api_url + "version").status_code == 401


def test_an_unknown_attribute_is_not_found(crm: UispSimulator, http: requests.Session) -> None:
    """An id that no attribute has: 404."""
    assert patch(http, crm, {"attributes": [{"customAttributeId": 99, "value": "x"}]}).status_code == 404


def test_a_renamed_attribute_has_another_key(crm: UispSimulator, http: requests.Session) -> None:
    """Renaming changes the key, on every record too; a key is taken only once."""
    assert crm.rename_attribute(1, "PPPoE Password") == "pppoePassword"
    assert values(crm)["pppoePassword"] == "old"
    assert http.get(crm.api_url + "custom-attributes/1").json()["key"] == "pppoePassword"
    with pytest.raises(ValueError, match="pppoePassword"):
        crm.add_attribute("PPPoE password!")
