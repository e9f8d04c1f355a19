"""The config secret: what it may hold, what it defaults to, and how each fault is told."""

from __future__ import annotations

import copy
import dataclasses
import json
import traceback
from typing import Any

import pytest

from lab.simulators.certificates import Authority, self_signed
from pppsync.config.policy_section import GUARD_KEYS, POLICY_KEYS
from pppsync.config.settings import CrmSettings, RouterSettings, Settings, read_settings
from pppsync.core.masked import Masked
from pppsync.core.policy import GuardLimits, Policy, Suspension
from pppsync.errors import ConfigurationError
from pppsync.journal.forms import to_segment
from pppsync.net.endpoint import Endpoint, Tls

OLD = """
{
  "ucrm": {"ucrm_key": "fdkjfrekDGFnrekvjerCXXgfrSw", "domain_name": "example.com", "ip_address": "127.0.0.1"},
  "router_os": {"host": "192.168.1.1", "username": "admin", "password": "", "port": 8728, "plaintext_login": true,
                "use_ssl": false, "ssl_verify": true, "ssl_verify_hostname": true, "ssl_context": null}
}
"""
CA = Authority().pem
MINIMAL: dict[str, Any] = {
    "ucrm": {"ucrm_key": "key", "domain_name": "crm.example.com"},
    "router_os": {"host": "192.0.2.1"},
}
WHOLE: dict[str, Any] = {
    "ucrm": {
        "ucrm_key": "key",
        "domain_name": "crm.example.com:8443",
        "ip_address": "[2001:db8::1]:9443",
        "ssl_verify": True,
        "ssl_verify_hostname": False,
        "ssl_ca": "office",
        "timeout": 12.5,
        "page_size": 100,
    },
    "router_os": {"username": "sync", "password": "a=b ", "ssl_ca": CA, "mode": "observe"},
    "routers": [
        {"name": "tower-1", "default": True, "host": "10.0.0.1", "ssl_server_name": "tower-1.example.com"},
        {"name": "Wieża 2", "host": "10.0.0.1", "port": 18729, "mode": "enforce", "ssl_ca": None},
        {"name": "3", "host": "2001:DB8::3", "port": 8728, "username": "other", "ssl_relaxed_x509": True},
        {"name": "4", "host": "tower-4.example.com", "use_ssl": True, "port": 8728, "ssl_relaxed_x509": True},
    ],
    "certificates": {"office": CA, "unused": CA + CA},
    "policy": {
        "unmanaged_tag": "Hands off",
        "ppp_services": ["pppoe", "any", "l2tp"],
        "allow_numeric_custom_id": True,
        "profile_from": "servicePlanName",
        "profile_default": "basic",
        "suspension": {"mode": "profile", "profile": "suspended ", "reasons": [1, 1001]},
        "password_attribute": "secret",
        "missing_password": "registration_date",
        "static_ip_attribute": "address",
        "static_ip_absent": "clear",
        "router_attribute": "tower",
        "guard": {
            "min": 1,
            "percent": 2,
            "default_password": 3,
            "create_min": 4,
            "create_percent": 5.5,
            "fleet_min": 6,
            "day_min": 7,
            "day_percent": 8.5,
            "fleet_day_min": 9,
        },
        "drops_per_second": 0,
        "router_timeout": 240,
    },
}


def changed(base: dict[str, Any], path: str, value: object) -> str:
    """The document `base` as JSON text with the value at the dotted path replaced or added."""
    document = copy.deepcopy(base)
    *parents, last = path.split(".")
    node: Any = document
    for key in parents:
        node = node[int(key)] if isinstance(node, list) else node.setdefault(key, {})
    node[last] = value
    return json.dumps(document)


def faults(text: str) -> list[str]:
    """The faults that reading `text` raises."""
    with pytest.raises(ConfigurationError) as caught:
        read_settings(text)
    assert caught.value.code == "configuration_invalid"
    assert caught.value.__context__ is None, "a chained exception may carry the document"
    return caught.value.faults


def read(base: dict[str, Any], path: str, value: object) -> Settings:
    """The settings of the document `base` with one value changed."""
    return read_settings(changed(base, path, value))


def test_the_old_program_s_file_works_unchanged() -> None:
    """The seed README's conf.json is one router named default, in the clear as it says, and the run says so."""
    settings = read_settings(OLD)
    assert settings == Settings(
        crm=CrmSettings(
            key=Masked("fdkjfrekDGFnrekvjerCXXgfrSw"),
            domain=Endpoint("example.com", 443),
            address=Endpoint("127.0.0.1", 443),
            tls=Tls(server_name="example.com"),
        ),
        routers=(RouterSettings(name="default", default=True, host="192.168.1.1", port=8728, tls=None),),
        policy=Policy(),
    )
    assert settings.weakened == ("routers.default.use_ssl",)


def test_whatever_is_left_out_has_its_default() -> None:
    """Whatever is left out has the documented default; connections are verified TLS."""
    settings = read_settings(json.dumps(MINIMAL))
    assert (settings.crm.timeout, settings.crm.page_size, settings.crm.address) == (30, 500, None)
    assert settings.crm.tls == Tls(True, True, None, "crm.example.com", False)
    assert settings.routers == (
        RouterSettings("default", True, "192.0.2.1", 8729, "admin", Masked(""), True, Tls(), "enforce"),
    )
    assert settings.policy == Policy()
    assert settings.weakened == ()


def test_policy_defaults_are_the_documented_ones() -> None:
    """A default of the policy is a promise to the operator; it does not change by accident."""
    assert dataclasses.asdict(Policy()) == {
        "unmanaged_tag": "Custom-Config",
        "ppp_services": frozenset({"pppoe", "any"}),
        "allow_numeric_custom_id": False,
        "profile_from": "name",
        "profile_default": None,
        "suspension": {"mode": "disable", "profile": None, "reasons": None},
        "password_attribute": "pppPassword",
        "missing_password": "leave",
        "static_ip_attribute": "staticIp",
        "static_ip_absent": "leave",
        "router_attribute": "router",
        "guard": {
            "min": 10,
            "percent": 20,
            "default_password": 0,
            "create_min": 50,
            "create_percent": 50,
            "fleet_min": 50,
            "day_min": 30,
            "day_percent": 25,
            "fleet_day_min": 100,
        },
        "drops_per_second": 20,
        "router_timeout": 30,
    }


def test_every_key_of_the_policy_is_a_field_and_the_other_way_round() -> None:
    """A key without a field would be lost, a field without a key could not be set."""
    assert list(POLICY_KEYS) == [field.name for field in dataclasses.fields(Policy)]
    assert list(GUARD_KEYS) == [field.name for field in dataclasses.fields(GuardLimits)]


def test_every_key_reaches_its_field() -> None:
    """Each key reaches its field; `router_os` beside `routers` gives the entries their defaults."""
    settings = read_settings(json.dumps(WHOLE))
    assert settings.crm == CrmSettings(
        key=Masked("key"),
        domain=Endpoint("crm.example.com", 8443),
        address=Endpoint("2001:db8::1", 9443),
        tls=Tls(verify_hostname=False, ca=CA, server_name="crm.example.com"),
        timeout=12.5,
        page_size=100,
    )
    login: dict[str, Any] = {"password": Masked("a=b ")}
    pinned = Tls(ca=CA, relaxed_x509=True)
    named = Tls(ca=CA, server_name="tower-1.example.com")
    assert settings.routers == (
        RouterSettings("tower-1", True, "10.0.0.1", 8729, "sync", mode="observe", tls=named, **login),
        RouterSettings("Wieża 2", False, "10.0.0.1", 18729, "sync", mode="enforce", tls=Tls(), **login),
        RouterSettings("3", False, "2001:db8::3", 8728, "other", mode="observe", tls=None, **login),
        RouterSettings("4", False, "tower-4.example.com", 8728, "sync", mode="observe", tls=pinned, **login),
    )
    assert settings.policy == Policy(
        unmanaged_tag="Hands off",
        ppp_services=frozenset({"pppoe", "any", "l2tp"}),
        allow_numeric_custom_id=True,
        profile_from="servicePlanName",
        profile_default="basic",
        suspension=Suspension("profile", "suspended ", frozenset({1, 1001})),
        password_attribute="secret",
        missing_password="registration_date",
        static_ip_attribute="address",
        static_ip_absent="clear",
        router_attribute="tower",
        guard=GuardLimits(1, 2, 3, 4, 5.5, 6, 7, 8.5, 9),
        drops_per_second=0,
        router_timeout=240,
    )
    assert settings.weakened == ("routers.3.use_ssl",), "a pinned certificate may bear any name"


@pytest.mark.parametrize(
    ("keys", "use_ssl", "port"),
    [
        ({}, True, 8729),
        ({"use_ssl": True}, True, 8729),
        ({"use_ssl": False}, False, 8728),
        ({"port": 8728}, False, 8728),
        ({"port": 8728, "use_ssl": True}, True, 8728),
        ({"port": 8729, "use_ssl": False}, False, 8729),
        ({"port": 1}, True, 1),
    ],
)
def test_port_and_tls_follow_each_other(keys: dict[str, Any], use_ssl: bool, port: int) -> None:
    """TLS unless told otherwise or the port is 8728; the port follows TLS."""
    (router,) = read(MINIMAL, "router_os", {"host": "r", **keys}).routers
    assert (router.tls is not None, router.port) == (use_ssl, port)


@pytest.mark.parametrize(
    ("domain", "address", "expected"),
    [
        ("crm.example.com", "192.0.2.10", (("crm.example.com", 443), ("192.0.2.10", 443))),
        ("crm.example.com", "10.0.0.10:8443", (("crm.example.com", 443), ("10.0.0.10", 8443))),
        ("", "10.0.0.10", (None, ("10.0.0.10", 443))),
        (None, "[2001:DB8:0::a]", (None, ("2001:db8::a", 443))),
        ("crm.example.com.:1", " ", (("crm.example.com.", 1), None)),
        ("10.0.0.10", "10.0.0.10", (("10.0.0.10", 443), ("10.0.0.10", 443))),
    ],
)
def test_domain_and_address_of_the_crm_may_carry_a_port(
    domain: object, address: object, expected: tuple[tuple[str, int] | None, ...]
) -> None:
    """Domain and address may carry a port; one of them may be empty."""
    crm = read(MINIMAL, "ucrm", {"ucrm_key": "k", "domain_name": domain, "ip_address": address}).crm
    assert (crm.domain, crm.address) == tuple(pair and Endpoint(*pair) for pair in expected)
    assert crm.tls.server_name == (expected[0] and expected[0][0])


@pytest.mark.parametrize(
    ("path", "value", "weakened"),
    [
        ("ucrm.ssl_verify", False, ("ucrm.ssl_verify",)),
        ("ucrm.ssl_verify_hostname", False, ("ucrm.ssl_verify_hostname",)),
        ("router_os.ssl_verify", False, ("routers.default.ssl_verify",)),
        ("router_os.use_ssl", False, ("routers.default.use_ssl",)),
        ("router_os.port", 8728, ("routers.default.use_ssl",)),
        ("router_os.ssl_verify", True, ()),
        (
            "router_os",
            {"host": "r", "ssl_verify": False, "ssl_verify_hostname": False},
            ("routers.default.ssl_verify", "routers.default.ssl_verify_hostname"),
        ),
        ("router_os", {"host": "r", "ssl_ca": CA, "ssl_verify_hostname": False}, ()),
        ("router_os", {"host": "r", "ssl_ca": CA, "ssl_verify": False}, ("routers.default.ssl_verify",)),
    ],
)
def test_what_weakens_a_connection_is_named(path: str, value: object, weakened: tuple[str, ...]) -> None:
    """Each setting that lets somebody in between read or answer stands in `weakened` by its path."""
    assert read(MINIMAL, path, value).weakened == weakened


def test_weakened_is_sorted() -> None:
    """Two runs over one document say the same."""
    routers = [{"name": name, "host": name, "use_ssl": False} for name in ("b", "a")]
    document = {"ucrm": {**MINIMAL["ucrm"], "ssl_verify": False}, "routers": routers}
    settings = read_settings(json.dumps(document))
    assert settings.weakened == ("routers.a.use_ssl", "routers.b.use_ssl", "ucrm.ssl_verify")


def test_a_self_signed_certificate_can_be_pinned() -> None:
    """`ssl_ca` takes a certificate that nobody else signed."""
    pem = self_signed("192.0.2.1").trust_anchor
    (router,) = read(MINIMAL, "router_os.ssl_ca", pem).routers
    assert router.tls is not None
    assert router.tls.ca == pem


def test_a_byte_order_mark_is_no_fault() -> None:
    """A document saved by an editor that marks the byte order reads as any other."""
    assert read_settings("\ufeff" + OLD) == read_settings(OLD)


@pytest.mark.parametrize("text", ["", " \n\t", "{}", " { } ", "\ufeff"])
def test_an_empty_document_says_what_to_do(text: str) -> None:
    """A stack that was only just deployed is not faulty: it is not configured yet."""
    with pytest.raises(ConfigurationError) as caught:
        read_settings(text)
    assert caught.value.code == "configuration_empty"
    assert "nothing is configured yet; put" in str(caught.value)


HOST = "must be a host name (letters, digits, `-`) or an IP address, without blanks"
BARE = "must be the bare host name, without a scheme such as https:// and without a path"
PORT = "must be a whole number from 1 to 65535"
CERTIFICATE = "must be the PEM text of a certificate, with its BEGIN and END lines"
BRACKETS = "must be an IPv6 address in brackets, with or without :port after them"
BLANKS = "must have no outer blanks and no control characters"
TOO_LONG = "must have at most 100 characters, and 300 when it is percent-encoded"
SERVICES = "must be a list of one or more of any, async, l2tp, ovpn, pppoe, pptp, sstp, isdn"
FLAG, TEXT, BLANK, UNKNOWN = "must be true or false", "must be a text", "must not be blank", "is an unknown key"
HEADER = "must be printable ASCII characters without blanks or line breaks"


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("ucrm.ucrm_key", "", BLANK),
        ("ucrm.ucrm_key", 12, TEXT),
        ("ucrm.ucrm_key", "k\n", HEADER),
        ("ucrm.ucrm_key", "k k", HEADER),
        ("ucrm.ucrm_key", "kéy", HEADER),
        ("ucrm.domain_name", 1, TEXT),
        ("ucrm.domain_name", "https://crm.example.com", BARE),
        ("ucrm.domain_name", "crm.example.com/crm", BARE),
        ("ucrm.domain_name", "user@crm.example.com", HOST),
        ("ucrm.domain_name", " crm.example.com", HOST),
        ("ucrm.domain_name", "crm..example.com", HOST),
        ("ucrm.domain_name", "-crm.example.com", HOST),
        ("ucrm.domain_name", "bücher.example", HOST),
        ("ucrm.domain_name", "a." * 130 + "example", HOST),
        ("ucrm.domain_name", ":443", HOST),
        ("ucrm.domain_name", "crm.example.com:", "must have a whole number from 1 to 65535 after the colon"),
        ("ucrm.domain_name", "crm.example.com:0", "must have a whole number from 1 to 65535 after the colon"),
        ("ucrm.domain_name", "crm.example.com:65536", "must have a whole number from 1 to 65535 after the colon"),
        ("ucrm.domain_name", "crm.example.com:²", "must have a whole number from 1 to 65535 after the colon"),
        ("ucrm.ip_address", "10.0.0.300", HOST),
        ("ucrm.ip_address", "10.0.1", HOST),
        ("ucrm.ip_address", "2001:db8::1", "must have an IPv6 address in brackets, such as [2001:db8::1]:443"),
        ("ucrm.ip_address", "[2001:db8::1", BRACKETS),
        ("ucrm.ip_address", "[2001:db8::1]443", BRACKETS),
        ("ucrm.ip_address", "[10.0.0.1]", BRACKETS),
        ("ucrm.ip_address", "[2001:db8::1]:x", "must have a whole number from 1 to 65535 after the colon"),
        ("ucrm.ip_address", "[2001:db8::1::2]", HOST),
        ("ucrm.timeout", 0, "must be a number above 0 and at most 900"),
        ("ucrm.timeout", True, "must be a number above 0 and at most 900"),
        ("ucrm.timeout", float("nan"), "must be a number above 0 and at most 900"),
        ("ucrm.timeout", float("inf"), "must be a number above 0 and at most 900"),
        ("ucrm.timeout", 10**400, "must be a number above 0 and at most 900"),
        ("ucrm.page_size", 1, "must be a whole number from 2 to 10000"),
        ("ucrm.page_size", 10001, "must be a whole number from 2 to 10000"),
        ("ucrm.page_size", 500.0, "must be a whole number from 2 to 10000"),
        ("ucrm.ssl_verify", "false", FLAG),
        ("ucrm.ssl_verify_hostname", 0, FLAG),
        ("ucrm.ssl_ca", "office", "must be PEM text or a key of `certificates`"),
        ("ucrm.ssl_ca", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", CERTIFICATE),
        ("ucrm.ssl_ca", CA + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", CERTIFICATE),
        ("ucrm.ssl_ca", CA.replace("\n", ""), CERTIFICATE),
        ("ucrm.ssl_ca", self_signed("x").key + CA, "holds a private key; only certificates belong here"),
        ("ucrm.ssl_ca", "", BLANK),
        ("ucrm.host", "x", UNKNOWN),
        ("ucrm.ucmr_key", "x", f"{UNKNOWN}; did you mean `ucrm_key`?"),
        ("ucrm.Domain_Name", "x", f"{UNKNOWN}; did you mean `domain_name`?"),
        ("ucrm", [], "must be an object"),
        ("router_os", "192.0.2.1", "must be an object"),
        ("router_os.host", "", BLANK),
        ("router_os.host", "http://192.0.2.1", BARE),
        ("router_os.host", "192.0.2.1:8729", "must not carry a port; the port is a key of its own"),
        ("router_os.username", " ", BLANK),
        ("router_os.username", None, TEXT),
        ("router_os.password", 123, TEXT),
        ("router_os.password", "\ud800", "has half of a surrogate pair, which no encoding can carry"),
        ("router_os.port", 0, PORT),
        ("router_os.port", 65536, PORT),
        ("router_os.port", True, PORT),
        ("router_os.port", "8728", PORT),
        ("router_os.plaintext_login", None, FLAG),
        ("router_os.use_ssl", 1, FLAG),
        ("router_os.ssl_context", {}, "must be null; `ssl_ca` takes its place"),
        ("router_os.ssl_server_name", "a b", HOST),
        ("router_os.ssl_relaxed_x509", "yes", FLAG),
        ("router_os.mode", "dry", "must be one of enforce, observe"),
        ("router_os.mode", ["enforce"], "must be one of enforce, observe"),
        ("router_os.name", "x", f"{UNKNOWN}; did you mean `username`?"),
        ("routers", [], "must be a list of at least one router; without it `router_os` is the router"),
        ("routers", {}, "must be a list of at least one router; without it `router_os` is the router"),
        ("certificates", [], "must be an object"),
        ("certificates.office", "x", CERTIFICATE),
        ("certificates.office", "ż", CERTIFICATE),
        ("certificates.office", None, TEXT),
        ("policy", None, "must be an object"),
        ("policy.unmanaged_tag", " ", BLANK),
        ("policy.ppp_services", [], SERVICES),
        ("policy.ppp_services", "pppoe", SERVICES),
        ("policy.ppp_services", ["pppoe", "ppoe"], SERVICES),
        ("policy.ppp_services", [["pppoe"]], SERVICES),
        ("policy.allow_numeric_custom_id", "true", FLAG),
        ("policy.profile_from", "plan", "must be one of name, servicePlanName"),
        ("policy.password_attribute", "", BLANK),
        ("policy.password_attribute", "pppPassword ", BLANKS),
        ("policy.missing_password", None, "must be one of leave, registration_date"),
        ("policy.static_ip_attribute", "a\tb", BLANKS),
        ("policy.static_ip_attribute", "pppPassword", "must not be the attribute that holds the password"),
        ("policy.static_ip_absent", True, "must be one of leave, clear"),
        ("policy.router_attribute", "pppPassword", "must not be the attribute that holds the password"),
        ("policy.profile_default", " ", "must not be blank"),
        ("policy.suspension", "profile", "must be an object"),
        ("policy.suspension.mode", "garden", "must be one of disable, profile"),
        ("policy.suspension.profile", 1, "must be a text"),
        ("policy.suspension.reasons", 1, "must be a list of whole numbers, the ids of reasons in the CRM"),
        ("policy.suspension.reasons", [1, True], "must be a list of whole numbers, the ids of reasons in the CRM"),
        ("policy.suspension.reasons", [-1], "must be a list of whole numbers, the ids of reasons in the CRM"),
        ("policy.suspension.reason", [1], f"{UNKNOWN}; did you mean `reasons`?"),
        ("policy.guard", 10, "must be an object"),
        ("policy.guard.min", -1, "must be a whole number of at least 0"),
        ("policy.guard.min", 1.5, "must be a whole number of at least 0"),
        ("policy.guard.percent", 100.1, "must be a number from 0 to 100"),
        ("policy.guard.percent", -0.1, "must be a number from 0 to 100"),
        ("policy.guard.percent", "20 %", "must be a number from 0 to 100"),
        ("policy.guard.default_password", None, "must be a whole number of at least 0"),
        ("policy.guard.create_min", False, "must be a whole number of at least 0"),
        ("policy.guard.create_percent", float("-inf"), "must be a number from 0 to 100"),
        ("policy.guard.fleet_min", [], "must be a whole number of at least 0"),
        ("policy.guard.fleetmin", 1, f"{UNKNOWN}; did you mean `fleet_min`?"),
        ("policy.drops_per_second", -1, "must be a number from 0 to 1000000"),
        ("policy.router_timeout", 0, "must be a number above 0 and at most 240"),
        ("policy.router_timeout", 241, "must be a number above 0 and at most 240"),
        ("polcy", {}, f"{UNKNOWN}; did you mean `policy`?"),
    ],
)
def test_each_fault_is_told_by_its_path(path: str, value: object, sentence: str) -> None:
    """One wrong value is one fault, which begins with its path and says what would be right."""
    assert faults(changed(MINIMAL, path, value)) == [f"{path}: {sentence}"]


ONLY_BY_PROFILE = 'has no meaning without `"mode": "profile"`'


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (
            {"suspension": {"mode": "profile"}},
            ["policy.suspension.profile: is missing; it names the profile of those who are restricted"],
        ),
        (
            {"suspension": {"mode": "profile", "profile": None}},
            ["policy.suspension.profile: is missing; it names the profile of those who are restricted"],
        ),
        ({"suspension": {"mode": "profile", "profile": " "}}, ["policy.suspension.profile: must not be blank"]),
        ({"suspension": {"profile": "suspended"}}, [f"policy.suspension.profile: {ONLY_BY_PROFILE}"]),
        (
            {"suspension": {"mode": "disable", "profile": "suspended", "reasons": []}},
            [f"policy.suspension.{key}: {ONLY_BY_PROFILE}" for key in ("profile", "reasons")],
        ),
        (
            {"suspension": {"mode": "garden", "profile": "suspended", "reasons": [1]}},
            ["policy.suspension.mode: must be one of disable, profile"],
        ),
        (
            {"profile_default": "suspended", "suspension": {"mode": "profile", "profile": "suspended"}},
            ["policy.profile_default: must not be the profile of those who are restricted"],
        ),
    ],
)
def test_what_does_not_fit_together_in_the_suspension_is_a_fault(policy: object, expected: list[str]) -> None:
    """R18: a mode without its profile, a profile without its mode, and a default that restricts are each told once."""
    assert faults(changed(MINIMAL, "policy", policy)) == expected


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({}, Suspension()),
        ({"mode": "disable"}, Suspension()),
        ({"mode": "profile", "profile": "suspended"}, Suspension("profile", "suspended", None)),
        ({"mode": "profile", "profile": "suspended", "reasons": []}, Suspension("profile", "suspended", frozenset())),
    ],
)
def test_the_suspension_is_read(section: object, expected: Suspension) -> None:
    """R18: `reasons` left out means any reason, an empty list means none: everybody is disabled."""
    found = read(MINIMAL, "policy", {"suspension": section}).policy.suspension
    assert (found, found.restricts(1), found.restricts(None)) == (
        expected,
        expected.profile is not None and expected.reasons is None,
        expected.profile is not None and expected.reasons is None,
    )


ROUTER_A = {"name": "a", "host": "a.example.com"}


@pytest.mark.parametrize(
    ("routers", "expected"),
    [
        ([{"host": "x"}], ["routers[0].name: is missing"]),
        ([{"name": "x"}], ["routers[0].host: is missing"]),
        (["x"], ["routers[0]: must be an object"]),
        ([{"name": "a\n", "host": "x"}], [f"routers[0].name: {BLANKS}"]),
        ([{"name": " ", "host": "x"}], [f"routers[0].name: {BLANK}"]),
        ([{"name": "a" * 101, "host": "x"}], [f"routers[0].name: {TOO_LONG}"]),
        ([{"name": "\u0416" * 51, "host": "x"}], [f"routers[0].name: {TOO_LONG}"]),
        ([ROUTER_A, {"name": "b", "host": "b", "port": 0}], [f"routers[1].port: {PORT}"]),
        ([ROUTER_A, ROUTER_A | {"host": "b"}], ["routers[1].name: is the name of routers[0]"]),
        (
            [ROUTER_A, {"name": "b", "host": "A.example.COM", "port": 8729}],
            ["routers[1].host: has the same host and port as routers[0]"],
        ),
        (
            [{"name": "a", "host": "2001:db8::1"}, {"name": "b", "host": "[2001:DB8:0::1]"}],
            ["routers[1].host: has the same host and port as routers[0]"],
        ),
        ([ROUTER_A, ROUTER_A | {"name": "b", "port": "8729"}], [f"routers[1].port: {PORT}"]),
        (
            [ROUTER_A | {"default": True}, {"name": "b", "host": "b", "default": True}],
            ["routers[1].default: only one router can be the default, and that is routers[0]"],
        ),
        ([ROUTER_A | {"hots": "x"}], [f"routers[0].hots: {UNKNOWN}; did you mean `host`?"]),
    ],
)
def test_entries_of_the_list_of_routers_are_named_by_index(routers: list[object], expected: list[str]) -> None:
    """Entries are told by their index; names and places must differ and only one entry is the default."""
    assert faults(json.dumps({"ucrm": MINIMAL["ucrm"], "routers": routers})) == expected


def test_one_host_may_serve_two_ports() -> None:
    """Two routers behind one address differ by their ports."""
    routers = [ROUTER_A, ROUTER_A | {"name": "b", "port": 18729}]
    settings = read_settings(json.dumps({"ucrm": MINIMAL["ucrm"], "routers": routers}))
    assert [router.port for router in settings.routers] == [8729, 18729]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"policy": {}},
            [
                "ucrm: is missing",
                "router_os: is missing; it describes the router, or `routers` lists several",
            ],
        ),
        (
            {"ucrm": {}, "router_os": {}},
            [
                "ucrm.ucrm_key: is missing",
                "ucrm: needs `domain_name` or `ip_address`; both are empty",
                "router_os.host: is missing",
            ],
        ),
        (
            {**MINIMAL, "ucrm": {"ucrm_key": "k", "domain_name": "", "ip_address": None}},
            ["ucrm: needs `domain_name` or `ip_address`; both are empty"],
        ),
        (
            {**MINIMAL, "ucrm": {"ucrm_key": "k", "domain_name": "http://x", "ip_address": ""}},
            [f"ucrm.domain_name: {BARE}"],
        ),
        (
            {**MINIMAL, "routers": [ROUTER_A]},
            ["router_os.host: must be left out beside `routers`, where each entry has its own `host`"],
        ),
        (
            {**MINIMAL, "certificates": {"office": "x"}, "router_os": {"host": "r", "ssl_ca": "office"}},
            [f"certificates.office: {CERTIFICATE}"],
        ),
        (
            {"ucrm": {"ucrm_key": 1, "x": 1}, "routers": [{"name": 1, "port": 0}], "policy": {"guard": {"min": "1"}}},
            [
                f"ucrm.ucrm_key: {TEXT}",
                f"ucrm.x: {UNKNOWN}",
                "ucrm: needs `domain_name` or `ip_address`; both are empty",
                f"routers[0].name: {TEXT}",
                f"routers[0].port: {PORT}",
                "routers[0].host: is missing",
                "policy.guard.min: must be a whole number of at least 0",
            ],
        ),
    ],
)
def test_all_faults_are_told_at_once(document: dict[str, Any], expected: list[str]) -> None:
    """The operator corrects the document once, not once for each fault; no fault follows from another."""
    assert faults(json.dumps(document)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"ucrm": {"ucrm_key": "hunter2",}}', "line 1, column 32: this is not JSON"),
        ('{\n  "ucrm": hunter2}', "line 2, column 11: this is not JSON"),
        ("hunter2", "line 1, column 1: this is not JSON"),
        (
            '{"certificates": {"x": "hunter2\n"}}',
            "line 1, column 32: this is not JSON; a line break or tab inside a text is written as \\n or \\t",
        ),
        ('["hunter2"]', "the document must be a JSON object"),
        ('"hunter2"', "the document must be a JSON object"),
        ("null", "the document must be a JSON object"),
        ('{"x": ' + "9" * 5000 + "}", "the document has a number too long or lists too deep to be read"),
        ("[" * 200_000, "the document has a number too long or lists too deep to be read"),
    ],
)
def test_what_is_not_json_is_told_by_its_position(text: str, expected: str) -> None:
    """No part of the text is shown, for it may be the password."""
    assert faults(text) == [expected]


def test_a_key_given_twice_is_a_fault() -> None:
    """Of two values the reader would keep one, and the operator may have meant the other."""
    text = OLD.replace('"port": 8728', '"port": 8728, "port": 8729, "ssl_ca": null, "ssl_ca": null')
    assert faults(text) == ["router_os.port: is given more than once", "router_os.ssl_ca: is given more than once"]


@pytest.mark.parametrize("name", ["hunter2hunter2hunter2hunter2hunter2hunter2", "hunter2!", "7hunter2", "hünter2", ""])
def test_the_name_of_a_key_that_may_be_a_credential_is_not_shown(name: str) -> None:
    """A credential pasted into the place of a key is no more shown than a value."""
    assert faults(json.dumps({**MINIMAL, name: 1})) == ["(name not shown): is an unknown key"]
    document = {**MINIMAL, "certificates": {name: "x"}, "policy": {name: 1}}
    assert [fault.partition(":")[0] for fault in faults(json.dumps(document))] == [
        "certificates.(name not shown)",
        "policy.(name not shown)",
    ]


def test_credentials_are_shown_by_nothing() -> None:
    """Neither the settings nor a fault's traceback print a password or the API key."""
    document = changed(WHOLE, "ucrm.ucrm_key", "hunter2key")
    document = document.replace("a=b ", "hunter2password")
    broken = document.replace('"observe"', '"hunter2mode"')
    settings = read_settings(document)
    assert settings.routers[0].password.reveal() == "hunter2password"
    assert "hunter2" not in repr(settings)
    with pytest.raises(ConfigurationError) as caught:
        read_settings(broken)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("name", ["a" * 100, "\u0416" * 50, "." * 100])
def test_the_longest_name_of_a_router_fits_a_key_of_the_journal(name: str) -> None:
    """A name at the limit leaves room for all that stands beside it in a key, which has 1,024 bytes at most."""
    document = {"ucrm": MINIMAL["ucrm"], "routers": [{"name": name, "host": "x"}]}
    (router,) = read_settings(json.dumps(document)).routers
    moment, run_id = "20261125T120000Z", "11111111-2222-3333-4444-555555555555"

    assert router.name == name
    assert len(f"day/{moment}/{to_segment(name)}/default_password/{run_id}-planned-100000".encode()) <= 1024
    assert len(f"holds/router/{to_segment(name)}.json".encode()) <= 1024
