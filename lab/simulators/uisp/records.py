"""The CRM's records in full: every field of the blueprint's ClientReadOnly and ServiceReadOnly, nulls present."""

from __future__ import annotations

import uuid
from typing import Any, Final

type Row = dict[str, Any]

ORGANIZATION: Final[Row] = {
    "id": 1,
    "logoUrl": None,
    "name": "Example Networks",
    "registrationNumber": None,
    "taxId": None,
    "phone": "+1 555 0100",
    "email": "office@example.com",
    "website": "https://example.com",
    "street1": "2580 Orchard Pkwy",
    "street2": None,
    "city": "San Jose",
    "countryId": 249,
    "stateId": 5,
    "currencyId": 33,
    "zipCode": "95131",
    "selected": True,
    "locale": "en_US",
    "bankAccountName": None,
    "bankAccountField1": None,
    "bankAccountField2": None,
}

_CLIENT: Final[Row] = {
    "id": 0,
    "userIdent": None,
    "previousIsp": None,
    "isLead": False,
    "clientType": 1,
    "companyName": None,
    "companyRegistrationNumber": None,
    "companyTaxId": None,
    "companyWebsite": None,
    "companyContactFirstName": None,
    "companyContactLastName": None,
    "firstName": "Ada",
    "lastName": "Example",
    "street1": "2580 Orchard Pkwy",
    "street2": None,
    "city": "San Jose",
    "countryId": 249,
    "stateId": 5,
    "zipCode": "95131",
    "fullAddress": "2580 Orchard Pkwy, San Jose, CA, United States of America",
    "invoiceStreet1": None,
    "invoiceStreet2": None,
    "invoiceCity": None,
    "invoiceStateId": None,
    "invoiceCountryId": None,
    "invoiceZipCode": None,
    "invoiceAddressSameAsContact": True,
    "note": "Prefers to be called in the evening",
    "sendInvoiceByPost": None,
    "invoiceMaturityDays": None,
    "stopServiceDue": None,
    "stopServiceDueDays": None,
    "organizationId": 1,
    "tax1Id": None,
    "tax2Id": None,
    "tax3Id": None,
    "registrationDate": "2020-08-14T00:00:00+0600",
    "username": "ada.example",
    "avatarColor": "#FFC107",
    "addressGpsLat": 37.3832548351597,
    "addressGpsLon": -121.931131237113,
    "generateProformaInvoices": None,
    "referral": None,
    "isActive": False,
    "contacts": [],
    "attributes": [],
    "accountBalance": 0.0,
    "accountCredit": 0.0,
    "accountOutstanding": 0.0,
    "currencyCode": "USD",
    "organizationName": "Example Networks",
    "bankAccounts": [],
    "tags": [],
    "invitationEmailSentDate": None,
    "isArchived": False,
    "usesProforma": False,
    "hasOverdueInvoice": False,
    "hasOutage": False,
    "hasSuspendedService": False,
    "hasServiceWithoutDevices": True,
    "leadConvertedAt": None,
    "hasPaymentSubscription": False,
    "hasAutopayCreditCard": False,
}

_SERVICE: Final[Row] = {
    "id": 0,
    "servicePlanId": 0,
    "clientId": 0,
    "status": 1,
    "prepaid": False,
    "servicePlanPeriodId": 0,
    "activeFrom": "2022-01-15T00:00:00+0600",
    "activeTo": None,
    "name": "",
    "price": 17.5,
    "note": "Antenna on the south mast, ladder needed",
    "invoicingStart": "2022-01-15T00:00:00+0600",
    "invoicingPeriodType": 1,
    "invoicingPeriodStartDay": 1,
    "nextInvoicingDayAdjustment": 0,
    "invoicingProratedSeparately": True,
    "invoicingSeparately": False,
    "sendEmailsAutomatically": None,
    "useCreditAutomatically": True,
    "invoiceLabel": "Internet access",
    "fullAddress": "2580 Orchard Pkwy, San Jose, CA, United States of America",
    "street1": "2580 Orchard Pkwy",
    "street2": None,
    "city": "San Jose",
    "countryId": 249,
    "stateId": 5,
    "zipCode": "95131",
    "addressGpsLat": 37.3832548351597,
    "addressGpsLon": -121.931131237113,
    "contractId": "000001",
    "contractLengthType": 1,
    "minimumContractLengthMonths": None,
    "contractEndDate": None,
    "discountType": 0,
    "discountValue": None,
    "discountInvoiceLabel": None,
    "discountFrom": None,
    "discountTo": None,
    "tax1Id": None,
    "tax2Id": None,
    "tax3Id": None,
    "fccBlockId": "060855033303006",
    "servicePlanGroupId": "4d9e206c-ba3b-4893-9cf7-fb08a778f00d",
    "hasIndividualPrice": False,
    "totalPrice": 17.5,
    "servicePlanName": "",
    "servicePlanPrice": 17.5,
    "servicePlanPeriod": 1,
    "servicePlanType": "Internet",
    "downloadSpeed": 30.0,
    "uploadSpeed": 10.0,
    "currencyCode": "USD",
    "hasOutage": False,
    "unmsClientSiteStatus": "active",
    "unmsClientSiteId": None,
    "lastInvoicedDate": "2025-01-01T00:00:00+0600",
    "attributes": [],
    "suspensionReasonId": None,
    "serviceChangeRequestId": None,
    "setupFeePrice": None,
    "earlyTerminationFeePrice": None,
    "downloadSpeedOverride": None,
    "uploadSpeedOverride": None,
    "trafficShapingOverrideEnd": None,
    "trafficShapingOverrideEnabled": False,
    "suspensionPeriods": [],
    "surcharges": [],
}

_PLAN: Final[Row] = {
    "id": 0,
    "name": "",
    "organizationId": 1,
    "invoiceLabel": None,
    "downloadBurst": None,
    "uploadBurst": None,
    "downloadSpeed": 30.0,
    "uploadSpeed": 10.0,
    "dataUsageLimit": None,
    "downloadSpeedLimited": None,
    "uploadSpeedLimited": None,
    "aggregation": None,
    "taxable": False,
    "amountExemptFromTaxation": None,
    "setupFee": None,
    "earlyTerminationFee": None,
    "minimumContractLengthMonths": None,
    "periods": [],
    "public": False,
    "servicePlanType": "Internet",
    "prepaid": False,
    "prepaidConfiguration": None,
    "defaultServicePlanGroupId": None,
    "archived": False,
    "servicePlanGroups": [],
}


def client_record(client_id: int, fields: Row) -> Row:
    """A full client with one contact. Raises TypeError for a field that the CRM does not have."""
    contact = {
        "id": client_id,
        "clientId": client_id,
        "email": f"subscriber{client_id}@example.org",
        "phone": None,
        "name": None,
        "isBilling": True,
        "isContact": True,
        "types": [{"id": 1, "name": "Billing"}, {"id": 2, "name": "General"}],
    }
    return _filled(_CLIENT, {"contacts": [contact], **fields, "id": client_id})


def service_record(service_id: int, fields: Row) -> Row:
    """A full service bound to a UISP site. Raises TypeError for a field that the CRM does not have."""
    site = str(uuid.UUID(int=service_id, version=4))
    return _filled(_SERVICE, {"unmsClientSiteId": site, **fields, "id": service_id})


def plan_record(plan_id: int, fields: Row) -> Row:
    """A full service plan with one monthly period. Raises TypeError for a field that the CRM does not have."""
    period = {"id": plan_id * 5 + 1, "period": 1, "price": 17.5, "enabled": True}
    return _filled(_PLAN, {"periods": [period], **fields, "id": plan_id})


def _filled(template: Row, fields: Row) -> Row:
    unknown = sorted(fields.keys() - template.keys())
    if unknown:
        raise TypeError(f"the CRM has no field {', '.join(unknown)} here")
    fresh = {name: list(value) if isinstance(value, list) else value for name, value in template.items()}
    return fresh | fields
