"""PATCH bodies: what may be written, in which type, and what the CRM says otherwise.

Source of the rules: the blueprint's ClientWritable and ServiceUpdate; strict types as live CRM 4.4.31 answers show.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from lab.simulators.uisp.answers import Refusal, invalid
from lab.simulators.uisp.attributes import admits, is_date

if TYPE_CHECKING:
    from lab.simulators.uisp.records import Row
    from lab.simulators.uisp.state import State

_FORBIDDEN: Final = "This field is not allowed."
_BLANK: Final = "This value should not be blank."
_DATE_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([+-]\d{4}|Z)")
_TYPES: Final = {"Integer": (int,), "Float": (int, float), "Boolean": (bool,), "String": (str,), "Array": (list,)}

_CLIENT_FIELDS: Final = {
    "Integer": "clientType countryId stateId invoiceStateId invoiceCountryId invoiceMaturityDays stopServiceDueDays "
    "organizationId tax1Id tax2Id tax3Id",
    "Float": "addressGpsLat addressGpsLon",
    "Boolean": "isLead invoiceAddressSameAsContact sendInvoiceByPost stopServiceDue generateProformaInvoices",
    "Date": "registrationDate",
    "String": "userIdent previousIsp companyName companyRegistrationNumber companyTaxId companyWebsite "
    "companyContactFirstName companyContactLastName firstName lastName street1 street2 city zipCode fullAddress "
    "invoiceStreet1 invoiceStreet2 invoiceCity invoiceZipCode note username avatarColor referral",
}
_SERVICE_FIELDS: Final = {
    "Integer": "countryId stateId invoicingPeriodType nextInvoicingDayAdjustment contractLengthType "
    "minimumContractLengthMonths discountType",
    "Float": "price addressGpsLat addressGpsLon discountValue setupFeePrice earlyTerminationFeePrice",
    "Boolean": "invoicingSeparately sendEmailsAutomatically useCreditAutomatically",
    "Date": "activeTo contractEndDate discountFrom discountTo",
    "String": "name note invoiceLabel contractId fullAddress street1 street2 city zipCode fccBlockId "
    "discountInvoiceLabel servicePlanGroupId",
}
_REQUIRED: Final = frozenset(
    {
        "clientType",
        "isLead",
        "organizationId",
        "registrationDate",
        "avatarColor",
        "attributes",
        "contacts",
        "customAttributeId",
    }
)
_CONTACT_TYPES: Final = {"email": "String", "phone": "String", "name": "String", "isBilling": "Boolean"} | {
    "isContact": "Boolean",
    "types": "Array",
}


def _by_name(fields: dict[str, str]) -> dict[str, str]:
    return {name: kind for kind, names in fields.items() for name in names.split()}


_CLIENT_TYPES: Final = _by_name(_CLIENT_FIELDS) | {"attributes": "Array", "contacts": "Array", "password": "String"}
_NO_COLUMNS: Final = frozenset({"attributes", "contacts", "password"})
_SERVICE_TYPES: Final = _by_name(_SERVICE_FIELDS) | {"attributes": "Array"}


def patch_client(state: State, client: Row, body: Row) -> None:
    """Writes a checked body into a client. Nothing is written if any part of it is refused."""
    _check_fields(body, _CLIENT_TYPES)
    values = _checked_attributes(state, body.get("attributes", []), "client")
    contacts = [_checked_contact(contact) for contact in body.get("contacts", [])]
    _check_user_ident(state, client, body)
    _check_whole(state, client | body)
    client |= {name: value for name, value in body.items() if name not in _NO_COLUMNS}
    client["userIdent"] = client["userIdent"] or None
    for attribute, value in values:
        state.set_value(client, attribute, value)
    for contact in contacts:
        _append_contact(client, contact)
    state.clients.put(client)


def patch_service(state: State, service: Row, body: Row) -> None:
    """Writes a checked body into a service. Nothing is written if any part of it is refused."""
    _check_fields(body, _SERVICE_TYPES)
    values = _checked_attributes(state, body.get("attributes", []), "service")
    service |= {name: value for name, value in body.items() if name != "attributes"}
    service["name"] = service["name"] or service["servicePlanName"]
    for attribute, value in values:
        state.set_value(service, attribute, value)
    state.put_service(service)


def _check_fields(body: Row, types: dict[str, str]) -> None:
    for name, value in body.items():
        if name not in types:
            raise invalid(name, _FORBIDDEN)
        if value is None and name in _REQUIRED:
            raise invalid(name, _BLANK)
        if value is not None:
            _check_type(name, value, types[name])


def _check_type(name: str, value: Any, kind: str) -> None:
    if kind == "Date":
        _check_date(value)
    elif not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "Boolean"):
        raise invalid(name, f"This value is not in valid type. {kind} expected.")
    elif isinstance(value, str) and name == "userIdent" and len(value) > 255:
        raise invalid(name, "This value is too long. It should have 255 characters or less.")


def _check_date(value: Any) -> None:
    if not isinstance(value, str) or not _DATE_TIME.fullmatch(value) or not is_date(value[:10]):
        raise Refusal(400, f"Invalid datetime {value!r}, expected format Y-m-d\\TH:i:sO.")


def _checked_attributes(state: State, entries: list[Any], owner: str) -> list[tuple[Row, str | None]]:
    return [_checked_attribute(state, entry, owner) for entry in entries]


def _checked_attribute(state: State, entry: Any, owner: str) -> tuple[Row, str | None]:
    if not isinstance(entry, dict):
        raise invalid("attributes", "This value is not in valid type. Object expected.")
    _check_fields(entry, {"customAttributeId": "Integer", "value": "String"})
    for name in ("customAttributeId", "value"):
        if name not in entry:
            raise invalid(name, _BLANK)
    attribute = state.attributes.get(entry["customAttributeId"])
    if attribute is None:
        raise Refusal(404, "Object is not found.")
    if attribute["attributeType"] != owner:
        raise invalid("customAttributeId", f"This custom attribute is not of type {owner}.")
    value: str | None = entry["value"]
    if value and not admits(attribute, value):
        raise invalid("value", "This value is not valid.")
    return attribute, value


def _checked_contact(contact: Any) -> Row:
    if not isinstance(contact, dict):
        raise invalid("contacts", "This value is not in valid type. Object expected.")
    _check_fields(contact, _CONTACT_TYPES)
    for kind in contact.get("types") or []:
        if not isinstance(kind, dict):
            raise invalid("types", "This value is not in valid type. Object expected.")
        _check_fields(kind, {"name": "String"})
    return contact


def _append_contact(client: Row, contact: Row) -> None:
    entry = {"email": None, "phone": None, "name": None, "isBilling": False, "isContact": False, **contact}
    entry["types"] = [{"id": 1000 + n, "name": kind.get("name")} for n, kind in enumerate(contact.get("types") or [])]
    contact_id = max((known["id"] for known in client["contacts"]), default=client["id"] * 1000) + 1
    client["contacts"] = [*client["contacts"], {"id": contact_id, "clientId": client["id"], **entry}]


def _check_user_ident(state: State, client: Row, body: Row) -> None:
    wanted = body.get("userIdent")
    if wanted and any(row["userIdent"] == wanted and row["id"] != client["id"] for row in state.clients):
        raise invalid("userIdent", "This value is already used.")


def _check_whole(state: State, client: Row) -> None:
    if client["clientType"] not in {1, 2}:
        raise invalid("clientType", "The value you selected is not a valid choice.")
    if state.organizations.get(client["organizationId"]) is None:
        raise invalid("organizationId", "This value is not valid.")
    for name in ("firstName", "lastName") if client["clientType"] == 1 else ("companyName",):
        if not client[name]:
            raise invalid(name, _BLANK)
