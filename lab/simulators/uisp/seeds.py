"""JSON documents in and out: a seed written by hand, a dump of everything, and made-up subscribers by the thousand.

A seed:

    {"attributes": [{"name": "PPP Password"}],
     "clients": [{"userIdent": "ABC1", "attributes": {"pppPassword": "x"}, "tags": ["Custom-Config"],
                  "services": [{"status": 1, "name": "30mbps"}]}],
     "services": [{"clientId": 1, "status": 3}]}

Keys are the API's field names, all of them optional but `name` and `clientId`. A dump is a seed too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lab.simulators.uisp.attributes import derived_key

if TYPE_CHECKING:
    from lab.simulators.uisp.administration import Administration
    from lab.simulators.uisp.records import Row

PASSWORD_ATTRIBUTE: Final = "PPP Password"  # noqa: S105 - the name of an attribute
_ARGUMENTS: Final = {
    "userIdent": "user_ident",
    "registrationDate": "registration_date",
    "isLead": "is_lead",
    "isArchived": "is_archived",
    "clientId": "client_id",
    "activeFrom": "active_from",
    "activeTo": "active_to",
    "servicePlanName": "plan_name",
    "servicePlanType": "plan_type",
    "attributeType": "attribute_type",
}


def load(crm: Administration, document: Row) -> None:
    """Adds a seed's or a dump's records. Raises KeyError, TypeError or ValueError for what the CRM cannot hold."""
    unknown = document.keys() - {"attributes", "clients", "services", "state"}
    if unknown:
        raise TypeError(f"unknown keys: {', '.join(sorted(unknown))}")
    if "state" in document:
        crm.state.restore(document["state"])
    for attribute in document.get("attributes", []):
        crm.add_attribute(**_arguments(attribute))
    for client in document.get("clients", []):
        services = client.get("services", [])
        client_id = crm.add_client(**_arguments({name: client[name] for name in client if name != "services"}))
        for service in services:
            crm.add_service(client_id, **_arguments(service))
    for service in document.get("services", []):
        crm.add_service(**_arguments(service))


def dump(crm: Administration) -> Row:
    """Everything the CRM holds, as a document that `load` takes back."""
    with crm.state.lock:
        return {"state": crm.state.export()}


def generate(crm: Administration, count: int) -> None:
    """Subscribers ABC1, ABC2, ... with the passwords secret-1, secret-2, ... and an active service named 30mbps."""
    key = derived_key(PASSWORD_ATTRIBUTE)
    if not any(row["key"] == key for row in crm.state.attributes):
        crm.add_attribute(PASSWORD_ATTRIBUTE)
    for number in range(1, count + 1):
        crm.add_service(crm.add_client(f"ABC{number}", {key: f"secret-{number}"}))


def _arguments(row: Row) -> dict[str, Any]:
    return {_ARGUMENTS.get(name, name): value for name, value in row.items()}
