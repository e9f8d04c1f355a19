"""The life cycle of clients and services in the UISP simulator, by the administrator's hand and by the API."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import requests

    from lab.simulators.uisp import UispSimulator


@pytest.fixture
def crm(crm: UispSimulator) -> UispSimulator:
    """Client 1 with an active (1), a suspended (2), an ended (3) and a prepared (4) service."""
    crm.add_attribute("Static IP", attribute_type="service")
    crm.add_client("ABC1", tags=["VIP"])
    for status in (1, 3, 2, 0):
        crm.add_service(1, status=status)
    crm.edit_service(3, active_to="2023-05-01T00:00:00+0600")
    return crm


def yesterday() -> str:
    """Yesterday in the offset of the service's other dates."""
    return f"{dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)}T00:00:00+0600"


def states(crm: UispSimulator) -> list[tuple[int, str | None]]:
    """Status and last active day of each service."""
    return [(service["status"], service["activeTo"]) for service in crm.services_of(1)]


@pytest.mark.parametrize("by_api", [False, True])
def test_archiving_ends_the_services_and_restoring_leaves_them_ended(
    crm: UispSimulator, http: requests.Session, by_api: bool
) -> None:
    """Archived: what was not over ended yesterday, the client leaves the list but not its own path.

    Restored: it is listed again with ended services only.
    """
    path = crm.api_url + "clients/1"
    ended = [(2, yesterday()), (2, yesterday()), (2, "2023-05-01T00:00:00+0600"), (2, yesterday())]
    if by_api:
        assert http.patch(path + "/archive").content == b""
    else:
        crm.archive_client(1)
    assert states(crm) == ended
    assert http.get(crm.api_url + "clients").json() == []
    assert http.get(path).json()["isArchived"] is True
    assert len(http.get(crm.api_url + "clients/services").json()) == 4
    if by_api:
        assert http.patch(path + "/restore").status_code == 200
    else:
        crm.restore_client(1)
    assert states(crm) == ended
    assert [row["id"] for row in http.get(crm.api_url + "clients").json()] == [1]


def test_only_an_archived_client_can_be_restored_and_nothing_else(crm: UispSimulator, http: requests.Session) -> None:
    """An archived client can only be restored (404 otherwise), one that is not cannot be (422)."""
    path = crm.api_url + "clients/1"
    assert http.patch(path + "/restore").status_code == 422
    crm.archive_client(1)
    assert [http.patch(path + way).status_code for way in ("/archive", "/add-tag/1", "")] == [404, 404, 415]
    assert http.patch(path, json={}).status_code == 404


def test_a_suspension_by_hand_has_a_reason_and_a_period(crm: UispSimulator) -> None:
    """Status 3 brings reason and period, lifting it ends the period; the client's cached flag follows."""
    crm.edit_service(2, status=1)
    assert crm.client(1)["hasSuspendedService"] is False
    crm.edit_service(1, status=3)
    service = crm.services_of(1)[0]
    assert (service["suspensionReasonId"], service["suspensionPeriods"][0]["endDate"]) == (1, None)
    assert crm.client(1)["hasSuspendedService"] is True
    crm.edit_service(1, status=1)
    service = crm.services_of(1)[0]
    assert service["suspensionReasonId"] is None
    assert service["suspensionPeriods"][0]["endDate"] is not None


def test_a_suspension_by_api_needs_an_active_service_and_a_reason(crm: UispSimulator, http: requests.Session) -> None:
    """Suspend needs an active service and a reason that exists, cancel-suspend a suspended one."""
    path = crm.api_url + "clients/services/1"
    assert http.patch(path + "/suspend", json={"suspensionReasonId": 9}).status_code == 422
    assert http.patch(path + "/suspend", json={"suspensionReasonId": 2}).status_code == 200
    assert crm.services_of(1)[0]["suspensionReasonId"] == 2
    assert http.patch(path + "/suspend", json={"suspensionReasonId": 2}).status_code == 422
    assert [http.patch(path + "/cancel-suspend").status_code for _ in range(2)] == [200, 422]
    assert crm.services_of(1)[0]["status"] == 1


def test_an_ended_service_has_its_last_day_in_the_past(crm: UispSimulator, http: requests.Session) -> None:
    """An ended service has its last day in the past, an active one has not."""
    assert http.patch(crm.api_url + "clients/services/1/end").json()["activeTo"] == yesterday()
    assert http.patch(crm.api_url + "clients/services/1/end").status_code == 422
    crm.edit_service(1, status=1)
    assert states(crm)[0] == (1, None)
    crm.edit_service(1, status=2, active_to="2024-01-01T00:00:00+0600")
    assert states(crm)[0] == (2, "2024-01-01T00:00:00+0600")


def test_what_is_deleted_leaves_no_trace(crm: UispSimulator, http: requests.Session) -> None:
    """Deleted clients and services are gone without a trace, the client's services with it; ids are not used again."""
    assert http.delete(crm.api_url + "clients/services/2").status_code == 200
    crm.delete_service(1)
    assert [row["id"] for row in http.get(crm.api_url + "clients/services").json()] == [3, 4]
    assert http.delete(crm.api_url + "clients/1").status_code == 200
    assert http.get(crm.api_url + "clients/1").status_code == 404
    assert http.get(crm.api_url + "clients/services").json() == []
    assert (crm.add_client(), crm.add_service(2)) == (2, 5)


def test_services_may_be_left_behind(crm: UispSimulator, http: requests.Session) -> None:
    """A service whose client does not exist is a row that real lists have."""
    crm.delete_client(1, keep_services=True)
    assert {row["clientId"] for row in http.get(crm.api_url + "clients/services").json()} == {1}


def test_tags_are_added_once_and_removed(crm: UispSimulator, http: requests.Session) -> None:
    """add-tag and remove-tag answer the client; adding twice adds once; an unknown tag is 404."""
    path = crm.api_url + "clients/1"
    crm.add_client(tags=["Custom-Config"])
    for _ in range(2):
        answer = http.patch(path + "/add-tag/2")
        assert [tag["name"] for tag in answer.json()["tags"]] == ["VIP", "Custom-Config"]
    assert http.patch(path + "/remove-tag/1").json()["tags"] == crm.client(2)["tags"]
    assert http.patch(path + "/add-tag/9").status_code == 404


def test_services_have_attributes_of_their_own(crm: UispSimulator, http: requests.Session) -> None:
    """PATCH clients/services/{id} writes service attributes, and is refused while a change is deferred."""
    path = crm.api_url + "clients/services/1"
    body = {"attributes": [{"customAttributeId": 1, "value": "192.0.2.7"}], "name": "50mbps"}
    row = http.patch(path, json=body).json()
    assert (row["attributes"][0]["value"], row["name"], row["servicePlanName"]) == ("192.0.2.7", "50mbps", "30mbps")
    assert http.patch(path, json={"status": 2}).status_code == 422
    crm.add_service(1, status=6)
    assert http.patch(path, json=body).status_code == 404


def test_the_hand_knows_the_fields(crm: UispSimulator) -> None:
    """API names and Python's spelling are the same; a field, attribute or id that the CRM lacks is an error."""
    crm.edit_client(1, user_ident="NEW", lastName="Other", tags=[], is_lead=True)
    assert [crm.client(1)[name] for name in ("userIdent", "lastName", "tags", "isLead")] == ["NEW", "Other", [], True]
    crm.edit_service(1, plan_name="Renamed", downloadSpeed=None, attributes={"staticIp": "192.0.2.1"})
    row = crm.services_of(1)[0]
    assert (row["servicePlanName"], row["downloadSpeed"], len(row["attributes"])) == ("Renamed", None, 1)
    for wrong in (
        lambda: crm.edit_client(1, surname="x"),
        lambda: crm.add_service(1, surname="x"),
        lambda: crm.edit_client(1, attributes={"unknown": "x"}),
        lambda: crm.edit_service(99, status=1),
    ):
        with pytest.raises((TypeError, KeyError)):
            wrong()
