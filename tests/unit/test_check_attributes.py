"""The self-test of the CRM's attributes: which have to be there, and which are easily confused with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pppsync.diagnose.check.attributes import Attribute, check_attributes
from tests.unit.check_world import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

PASSWORD = Attribute("pppPassword", "PPP Password", "client", "string")
OTHERS = (Attribute("staticIp", "Static IP", "client", "string"), Attribute("router", "Router", "client", ""))
NO_PASSWORD = "the CRM has no client attribute with the key pppPassword"
ATTRIBUTES = {
    "all there": ([PASSWORD, *OTHERS], (), "password_attribute", True, "client attribute pppPassword (PPP Password)"),
    "not there": (
        [*OTHERS],
        (),
        "password_attribute",
        False,
        f"{NO_PASSWORD}: no existing password is compared",
    ),
    "renamed": (
        [Attribute("pppoePassword", "PPPoE Password", "client", "string"), *OTHERS],
        (),
        "password_attribute",
        False,
        f"{NO_PASSWORD}, but the client attribute pppoePassword (PPPoE Password): rename it, or set pol",
    ),
    "of a service": (
        [Attribute("pppPassword", "PPP Password", "service", "string"), *OTHERS],
        (),
        "password_attribute",
        False,
        f"{NO_PASSWORD}, but the service attribute pppPassword (PPP Password): make one for clients",
    ),
    "a client's is nearer than a service's": (
        [
            Attribute("ppppassword", "x", "service", "string"),
            Attribute("pppPassWord", "y", "client", "string"),
            *OTHERS,
        ],
        (),
        "password_attribute",
        False,
        f"{NO_PASSWORD}, but the client attribute pppPassWord (y): rename it",
    ),
    "no text": (
        [Attribute("pppPassword", "PPP Password", "client", "integer"), *OTHERS],
        (),
        "password_attribute",
        False,
        "client attribute pppPassword (PPP Password) is of the type integer: make it a text",
    ),
    "an address that nobody uses": (
        [PASSWORD],
        (),
        "static_ip_attribute",
        True,
        "note: the CRM has no client attribute with the key staticIp; fine if it is not used",
    ),
    "an address under another spelling": (
        [PASSWORD, Attribute("staticip", "StaticIP", "client", "string")],
        (),
        "static_ip_attribute",
        False,
        "the CRM has no client attribute with the key staticIp, but the client attribute staticip (StaticIP): ren",
    ),
    "a router that merely sounds alike": (
        [PASSWORD, Attribute("routerMac", "Router MAC", "client", "string")],
        (),
        "router_attribute",
        True,
        "note: the CRM has no client attribute with the key router; fine if it is not used",
    ),
    "an address under a name that sounds alike": (
        [PASSWORD, Attribute("staticIpv4", "Static IPv4", "client", "string")],
        (),
        "static_ip_attribute",
        True,
        (
            "note: the CRM has no client attribute with the key staticIp; fine if it is not used; the nearest is the "
            "client attribute staticIpv4 (Static IPv4)"
        ),
    ),
    "at both levels": (
        [PASSWORD, Attribute("pppPassword", "PPP Password", "service", "string"), *OTHERS],
        (),
        "password_attribute",
        False,
        (
            "client attribute pppPassword (PPP Password) is read, but not the service attribute pppPassword (PPP "
            "Password): move the values to the first, then delete the other"
        ),
    ),
    "in two spellings": (
        [PASSWORD, Attribute("staticip", "StaticIP", "client", "string"), *OTHERS],
        (),
        "static_ip_attribute",
        False,
        "client attribute staticIp (Static IP) is read, but not the client attribute staticip (StaticIP): move the",
    ),
    "no router, and no default": (
        [PASSWORD],
        ("tower-1", "tower-2"),
        "router_attribute",
        False,
        "the CRM has no client attribute with the key router: no router is the default either, so new",
    ),
}


@pytest.mark.parametrize(("attributes", "routers", "name", "ok", "detail"), ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_a_missing_attribute_is_a_finding_where_it_is_needed(
    attributes: Sequence[Attribute], routers: Sequence[str], name: str, ok: bool, detail: str
) -> None:
    """A missing attribute is a finding where it is needed, and one that is named nearly so is named."""
    found = {one.check: one for one in check_attributes(attributes, settings(*routers))}

    assert list(found) == ["crm.password_attribute", "crm.static_ip_attribute", "crm.router_attribute"]
    assert found[f"crm.{name}"].ok is ok
    assert found[f"crm.{name}"].detail.startswith(detail)
