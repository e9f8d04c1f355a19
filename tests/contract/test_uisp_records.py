"""Every answer of the UISP simulator, field by field against the vendor's blueprint."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.uisp.attributes import derived_key

if TYPE_CHECKING:
    import requests

    from lab.simulators.uisp import UispSimulator

BLUEPRINT = Path(__file__).with_name("uisp_blueprint.apib").read_text(encoding="utf-8")

# The blueprint hardly marks what may be null; these never are in any answer that was published.
NEVER_NULL = {
    "ClientReadOnly": "id isLead clientType organizationId organizationName registrationDate isActive isArchived "
    "contacts attributes tags bankAccounts hasSuspendedService hasOverdueInvoice hasOutage hasServiceWithoutDevices "
    "hasPaymentSubscription hasAutopayCreditCard usesProforma accountBalance accountCredit accountOutstanding "
    "currencyCode",
    "ServiceReadOnly": "id servicePlanId clientId status prepaid name servicePlanName servicePlanPeriodId activeFrom "
    "servicePlanPeriod servicePlanType servicePlanPrice price totalPrice hasIndividualPrice currencyCode attributes "
    "suspensionPeriods surcharges hasOutage trafficShapingOverrideEnabled",
    "CustomAttributeReadOnly": "id key name clientZoneVisible attributeType type",
    "ClientAttributeReadOnly": "id clientId name key clientZoneVisible value customAttributeId",
    "ServiceAttributeReadOnly": "id serviceId name key clientZoneVisible value customAttributeId",
    "ClientTagReadOnly": "id name colorBackground colorText",
    "TariffReadOnly": "id name organizationId servicePlanType periods servicePlanGroups public prepaid archived",
    "OrganizationReadOnly": "id name selected",
    "Version": "version",
}


@dataclass
class Structure:
    """A structure of the blueprint: type by field name, and the members of its enumerations."""

    types: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)


def structure(name: str) -> Structure:
    """Reads one structure with what it includes."""
    found = re.search(rf"^## {name} \(.*?\n(.*?)(?=^## |\Z)", BLUEPRINT, re.DOTALL | re.MULTILINE)
    assert found, f"the extract has no {name}"
    result, last = Structure(), ""
    for line in found[1].splitlines():
        if included := re.match(r"\+ Include (\w+)", line):
            other = structure(included[1])
            result = Structure(other.types | result.types, other.members | result.members)
        elif plain := re.match(r"\+ (\w+)(?:: `[^`]*`)?(?: \(([^)]*)\))?", line):
            last = plain[1]
            result.types[last] = (plain[2] or "string").removeprefix("required, ").split(",")[0]
        elif member := re.match(r" +\+ `(.*)`", line):
            result.members.setdefault(last, []).append(member[1])
    return result


def faults_of(record: Any, name: str) -> list[str]:
    """What in a record is not as the blueprint says."""
    known = structure(name)
    faults = [f"{name}.{extra} is not in the blueprint" for extra in record.keys() - known.types.keys()]
    faults += [f"{name}.{lost} is missing" for lost in known.types.keys() - record.keys()]
    for key in record.keys() & known.types.keys():
        if record[key] is None:
            faults += [f"{name}.{key} is null"] * (key in NEVER_NULL.get(name, "").split())
        else:
            members = known.members.get(key)
            faults += [
                f"{name}.{key}: {fault}" for fault in faults_of_value(record[key], known.types[key], key, members)
            ]
    return faults


def faults_of_value(value: Any, kind: str, key: str, members: list[str] | None) -> list[str]:
    """What in one value is not of its type."""
    if kind.startswith("array["):
        return [fault for item in value for fault in faults_of(item, kind[6:-1])]
    if kind == "ServiceStatus":
        return [] if value in range(9) else [f"{value} is no status"]
    if members and str(value) not in members:
        return [f"{value} is not one of {members}"]
    if kind in {"number", "enum[number]"}:
        wanted: tuple[type, ...] = (int,) if key == "id" or key.endswith("Id") else (int, float)
        return [] if isinstance(value, wanted) and not isinstance(value, bool) else [f"{value!r} is no number"]
    wanted = {"boolean": (bool,)}.get(kind, (str,))
    return [] if isinstance(value, wanted) else [f"{value!r} is no {kind}"]


@pytest.fixture
def crm(crm: UispSimulator) -> UispSimulator:
    """One client with everything, one company, one archived; services in several states."""
    crm.add_attribute("PPP Password")
    crm.add_attribute("Static IP", attribute_type="service")
    accounts = [{"id": 1, "accountNumber": "01234567801234567890123"}]
    crm.add_client("ABC1", {"pppPassword": "x"}, ["VIP", "Custom-Config"], bankAccounts=accounts)
    crm.add_client(clientType=2, companyName="Example Ltd", firstName=None, lastName=None)
    crm.add_client("ABC3", is_archived=True)
    surcharge = {"id": 1, "serviceId": 1, "surchargeId": 1, "invoiceLabel": None, "price": 10.0, "taxable": False}
    crm.add_service(1, status=3, attributes={"staticIp": "192.0.2.7"}, surcharges=[surcharge])
    crm.add_service(1, status=2, plan_type="General", name="Router rent")
    return crm


@pytest.mark.parametrize(
    ("path", "name", "count"),
    [
        ("clients", "ClientReadOnly", 2),
        ("clients?isArchived=1", "ClientReadOnly", 1),
        ("clients/services", "ServiceReadOnly", 2),
        ("custom-attributes", "CustomAttributeReadOnly", 2),
        ("service-plans", "TariffReadOnly", 2),
        ("client-tags", "ClientTagReadOnly", 2),
        ("service-suspension-reasons", "ServiceSuspensionReasonReadOnly", 2),
        ("organizations", "OrganizationReadOnly", 1),
    ],
)
def test_every_row_of_every_list_is_the_blueprints_structure(
    crm: UispSimulator, http: requests.Session, path: str, name: str, count: int
) -> None:
    """A list is a bare array whose rows have exactly the blueprint's fields, of its types, nulls included."""
    answer = http.get(crm.api_url + path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert [faults_of(row, name) for row in answer.json()] == [[]] * count


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("clients/1", "ClientReadOnly"),
        ("clients/3", "ClientReadOnly"),
        ("clients/services/1", "ServiceReadOnly"),
        ("custom-attributes/1", "CustomAttributeReadOnly"),
        ("service-plans/2", "TariffReadOnly"),
        ("version", "Version"),
    ],
)
def test_every_single_record_is_the_blueprints_structure(
    crm: UispSimulator, http: requests.Session, path: str, name: str
) -> None:
    """A record read by its id has the fields that it has in its list."""
    answer = http.get(crm.api_url + path)
    assert (answer.status_code, faults_of(answer.json(), name)) == (200, [])


def test_a_patch_answers_the_whole_client(crm: UispSimulator, http: requests.Session) -> None:
    """PATCH clients/{id} answers 200 with the full object, as a read would."""
    answer = http.patch(
        crm.api_url + "clients/2", json={"contacts": [{"email": "a@example.org", "types": [{"name": "x"}]}]}
    )
    assert (answer.status_code, faults_of(answer.json(), "ClientReadOnly")) == (200, [])
    assert answer.json() == crm.client(2)


def test_python_sees_what_the_api_returns(crm: UispSimulator, http: requests.Session) -> None:
    """`client` and `services_of` give the API's rows."""
    assert http.get(crm.api_url + "clients/1").json() == crm.client(1)
    assert http.get(crm.api_url + "clients/services?clientId=1").json() == crm.services_of(1)


def test_attribute_values_have_the_owners_kind_of_id(crm: UispSimulator) -> None:
    """A value's id is an integer on a client and a UUID on a service."""
    assert isinstance(crm.client(1)["attributes"][0]["id"], int)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", crm.services_of(1)[0]["attributes"][0]["id"])


def test_rows_are_as_long_as_in_a_real_crm(crm: UispSimulator, http: requests.Session) -> None:
    """Rows weigh about 1.9 kB each, so that a benchmark reads what production reads."""
    for path in ("clients", "clients/services"):
        answer = http.get(crm.api_url + path)
        assert 1600 < len(answer.content) / len(answer.json()) < 2600


def test_text_is_escaped_as_php_escapes_it(crm: UispSimulator, http: requests.Session) -> None:
    r"""Bodies are ASCII, with `\uXXXX` for everything else and `\/` for a slash."""
    crm.edit_client(1, note="ä/ö")
    assert b'"note":"\\u00e4\\/\\u00f6"' in http.get(crm.api_url + "clients/1").content


def test_the_comparison_sees_what_is_wrong(crm: UispSimulator) -> None:
    """A field too many, one missing, a wrong type, a null that is none, a bad member: each is told."""
    row = crm.services_of(1)[0] | {"extra": 1, "status": 9, "servicePlanType": "internet", "price": "1", "name": None}
    del row["activeTo"]
    row["attributes"][0]["id"] = 7
    assert len(faults_of(row, "ServiceReadOnly")) == 7


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("PPP Password", "pppPassword"), ("PPPoE Username", "pppoeUsername"), ("PPPoEUsername", "pppoeusername"),
        ("Static IP", "staticIp"), ("Requiere CAE?", "requiereCae"), (" router ", "router"), ("2nd line", "2ndLine"),
    ],
)  # fmt: skip
def test_keys_follow_from_names(name: str, key: str) -> None:
    """Lower case first, so that capitals inside a word are lost; then camel case."""
    assert derived_key(name) == key
