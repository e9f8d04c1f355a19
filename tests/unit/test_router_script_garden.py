"""The scripts of a walled garden: whom they restrict, where their rules stand, what they refuse to do."""

from __future__ import annotations

import shlex
from copy import deepcopy
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pppctl.__main__ import main as pppctl
from pppctl.router_script import checker, garden, script
from pppctl.router_script.__main__ import main
from pppctl.router_script.garden_request import GardenRequest, Page, allowed_host, dns_server, page
from pppctl.router_script.request import RequestError
from tests.unit.router_builders import FILTER, PASSWORD, garden_request, plans, request, router, rules
from tests.unit.routeros_values import ShellError

if TYPE_CHECKING:
    from tests.unit.routeros_shell import Shell

GOLDEN = Path(__file__).parent / "golden" / "router_script"
NAT = "/ip firewall nat"
LISTS = "/ip firewall address-list"
PROFILES = "/ppp profile"
FASTTRACK = [
    {"chain": "forward", "action": "passthrough", "dynamic": "yes"},
    {"chain": "forward", "action": "fasttrack-connection", "connection-state": "established,related"},
    {"chain": "forward", "action": "accept", "connection-state": "established,related"},
    {"chain": "forward", "action": "drop", "connection-state": "invalid"},
]


def ready(*, arrays: bool = True, **tables: list[dict[str, str]]) -> Shell:
    """A router with plans, and FastTrack first in forward."""
    shell = plans(router(**{"filter": FASTTRACK, "nat": rules("srcnat masquerade"), **tables}))
    shell.arrays = arrays
    return shell


def profile(shell: Shell) -> dict[str, str]:
    """The suspended profile."""
    (found,) = [one for one in shell.tables[PROFILES] if one["name"] == "suspended"]
    return found


@pytest.mark.parametrize("name", ["setup", "undo"])
def test_the_whole_script(name: str) -> None:
    """A change of what a router is told shows here as a whole; write the file anew if it is meant."""
    written = getattr(garden, name)(garden_request())
    assert written == (GOLDEN / f"garden-{name}.rsc").read_text("ascii")


@pytest.mark.parametrize("arrays", [True, False])
def test_rules_stand_before_all_that_accepts(*, arrays: bool) -> None:
    """Both ways of a suspended customer are led off before FastTrack and what is established, on either release."""
    shell = ready(arrays=arrays)
    shell.run(garden.setup(garden_request()))

    assert shell.comments(FILTER, "forward") == [
        "passthrough",
        "unms-ros-garden-from",
        "unms-ros-garden-to",
        "fasttrack-connection",
        "accept",
        "drop",
    ]
    assert shell.comments(FILTER, "unms-ros-garden-from") == [
        "unms-ros-garden-from udp",
        "unms-ros-garden-from tcp",
        "unms-ros-garden-from hosts",
        "unms-ros-garden-from all else",
    ]
    assert shell.comments(FILTER, "unms-ros-garden-to")[-1] == "unms-ros-garden-to all else"


def test_what_the_rules_let_through() -> None:
    """DNS of the named server, the hosts of the list, and only answers the other way."""
    shell = ready()
    shell.run(garden.setup(garden_request()))
    found = {row.get("comment", ""): row for row in shell.tables[FILTER]}

    assert found["unms-ros-garden-from"]["src-address-list"] == "suspended"
    assert found["unms-ros-garden-to"]["dst-address-list"] == "suspended"
    assert found["unms-ros-garden-from udp"]["dst-address-list"] == "suspended-dns"
    assert found["unms-ros-garden-from hosts"]["dst-address-list"] == "suspended-allowed"
    assert found["unms-ros-garden-from all else"]["action"] == "reject"
    assert found["unms-ros-garden-to all else"]["action"] == "drop"
    accepted = [
        row for row in shell.tables[FILTER] if row["chain"] == "unms-ros-garden-to" and row["action"] == "accept"
    ]
    assert {row["connection-state"] for row in accepted} == {"established,related"}
    assert [(one["list"], one["address"]) for one in shell.tables[LISTS]] == [
        ("suspended-allowed", "crm.example.com"),
        ("suspended-allowed", "pay.example.com"),
        ("suspended-allowed", "192.0.2.10"),
        ("suspended-dns", "10.0.0.53"),
    ]


def test_plain_http_is_led_to_the_page() -> None:
    """Port 80 and no other, of suspended customers, to hosts that are not let through; before all of dstnat."""
    shell = ready(nat=rules("srcnat masquerade", "dstnat dst-nat"))
    shell.run(garden.setup(garden_request()))

    assert shell.comments(NAT, "dstnat") == ["unms-ros-garden page", "dst-nat"]
    (rule,) = [row for row in shell.tables[NAT] if row.get("comment")]
    assert (rule["dst-port"], rule["src-address-list"], rule["dst-address-list"]) == (
        "80",
        "suspended",
        "!suspended-allowed",
    )
    assert (rule["to-addresses"], rule["to-ports"]) == ("192.0.2.10", "8080")


def test_without_a_page_nothing_is_led_anywhere() -> None:
    """Without --page there is no NAT; without --dns every DNS server is let through, and the script says so."""
    shell = ready()
    shell.run(garden.setup(garden_request(page=None, dns=())))

    assert [row["chain"] for row in shell.tables[NAT]] == ["srcnat"]
    found = {row.get("comment", ""): row for row in shell.tables[FILTER]}
    assert "dst-address-list" not in found["unms-ros-garden-from udp"]
    assert "DNS is let through to every server: with --dns only to yours." in shell.printed


def test_the_profile_is_like_that_of_a_plan() -> None:
    """It has the plan's addresses, the list, and no IPv6; the plan's scripts are not taken over."""
    shell = ready()
    shell.run(garden.setup(garden_request(rate_limit="1M/1M")))

    assert profile(shell) == {
        "name": "suspended",
        "address-list": "suspended",
        "local-address": "10.64.0.1",
        "remote-address": "pppoe",
        "rate-limit": "1M/1M",
        "use-ipv6": "no",
        "on-up": "",
        "on-down": "",
        "comment": "unms-ros-garden",
    }


@pytest.mark.parametrize("one", [garden_request(), garden_request(page=None, dns=(), rate_limit="1M/1M")])
def test_a_second_import_changes_nothing(one: GardenRequest) -> None:
    """What is there is left as it is."""
    shell = ready()
    shell.run(garden.setup(one))
    once = deepcopy(shell.tables)
    shell.run(garden.setup(one))

    assert {menu: [{**row, "disabled": "no"} for row in rows] for menu, rows in shell.tables.items()} == {
        menu: [{**row, "disabled": "no"} for row in rows] for menu, rows in once.items()
    }


def test_a_second_import_repairs() -> None:
    """A rule of ours that somebody switched off or changed, a host that is missing, a profile whose list is gone."""
    shell = ready()
    shell.run(garden.setup(garden_request()))
    for row in shell.tables[FILTER]:
        if row.get("comment", "").startswith("unms-ros-garden-from"):
            row["disabled"] = "yes"
    del shell.tables[LISTS][0]
    profile(shell)["address-list"] = ""
    shell.run(garden.setup(garden_request()))

    assert not any(row.get("disabled") == "yes" for row in shell.tables[FILTER])
    assert "crm.example.com" in [one["address"] for one in shell.tables[LISTS]]
    assert profile(shell)["address-list"] == "suspended"


def test_a_new_host_is_let_through_before_all_else() -> None:
    """A rule that an earlier import did not make finds its place in front of the refusal."""
    shell = ready()
    shell.run(garden.setup(garden_request()))
    shell.tables[FILTER] = [one for one in shell.tables[FILTER] if one.get("comment") != "unms-ros-garden-from hosts"]
    shell.run(garden.setup(garden_request()))

    assert shell.comments(FILTER, "unms-ros-garden-from")[-2:] == [
        "unms-ros-garden-from hosts",
        "unms-ros-garden-from all else",
    ]


@pytest.mark.parametrize("arrays", [True, False])
@pytest.mark.parametrize(
    ("menu", "row", "told"),
    [
        (PROFILES, {"name": "suspended", "comment": "mine"}, "the profile suspended was not made by this script"),
        (PROFILES, {"name": "slow", "address-list": "suspended"}, "the profile slow has the address list suspended"),
        ("/interface pppoe-server server", {"default-profile": "suspended"}, "as its default-profile"),
        (LISTS, {"list": "suspended", "address": "10.0.0.9", "dynamic": "no"}, "the list suspended holds 10.0.0.9"),
        (FILTER, {"chain": "forward", "action": "drop", "src-address-list": "suspended"}, "uses the list suspended"),
        (NAT, {"chain": "dstnat", "action": "dst-nat", "src-address-list": "suspended"}, "uses the list suspended"),
    ],
)
def test_what_would_restrict_the_wrong_ones_ends_the_import(
    menu: str, row: dict[str, str], told: str, *, arrays: bool
) -> None:
    """Paying customers in the list, and rules of somebody else for it, are named; nothing has changed."""
    shell = ready(arrays=arrays)
    shell.tables[menu].append(row)
    before = deepcopy(shell.tables)
    with pytest.raises(ShellError) as raised:
        shell.run(garden.setup(garden_request()))

    assert told in str(raised.value)
    assert str(raised.value).endswith("Nothing was changed.")
    assert {name: rows for name, rows in shell.tables.items() if rows} == {
        name: rows for name, rows in before.items() if rows
    }


def test_what_would_let_nobody_pay_ends_the_import() -> None:
    """A plan's profile that is not there, and a host that the router cannot resolve."""
    shell = ready()
    with pytest.raises(ShellError, match="there is no profile 50mbps"):
        shell.run(garden.setup(garden_request(like="50mbps")))
    shell.unresolved = frozenset({"pay.example.com"})
    with pytest.raises(ShellError, match=r"cannot resolve pay\.example\.com.*Nothing was changed"):
        shell.run(garden.setup(garden_request()))
    assert shell.tables[LISTS] == []


@pytest.mark.parametrize("action", ["accept", "fasttrack-connection"])
def test_a_rule_that_was_put_above_ends_the_import_before_the_profile(action: str) -> None:
    """Where a rule lets everybody through first, no profile is made, and the sync goes on disabling."""
    shell = ready()
    shell.run(garden.setup(garden_request()))
    shell.tables[PROFILES].remove(profile(shell))
    shell.tables[FILTER].insert(0, {"chain": "forward", "action": action, "comment": "mine", "dynamic": "no"})
    with pytest.raises(ShellError, match=r"lets suspended customers through: mine\. Move the rules"):
        shell.run(garden.setup(garden_request()))

    assert [one["name"] for one in shell.tables[PROFILES]] == ["default", "30mbps"]


def test_rules_of_the_set_up_may_stand_above() -> None:
    """They concern AWS alone; and the undo of the set-up leaves the garden as it is."""
    shell = ready()
    shell.run(garden.setup(garden_request()))
    answers = {"chain": "forward", "action": "accept", "comment": "unms-ros-sync answers", "dynamic": "no"}
    shell.tables[FILTER].insert(0, answers)
    shell.run(garden.setup(garden_request()))
    kept = [one["comment"] for one in shell.tables[FILTER] if one.get("comment", "").startswith("unms-ros-garden")]
    shell.run(script.setup(request(), PASSWORD))
    shell.run(script.undo(request()))

    left = [one["comment"] for one in shell.tables[FILTER] if one.get("comment")]
    assert left == kept
    assert profile(shell)["address-list"] == "suspended"


def test_undo_leaves_the_router_as_it_was() -> None:
    """Everything of the garden is gone, everything else is there; twice does no harm."""
    shell = ready()
    before = deepcopy(shell.tables)
    shell.run(garden.setup(garden_request()))
    for _ in range(2):
        shell.run(garden.undo(garden_request()))

    assert {menu: rows for menu, rows in shell.tables.items() if rows} == {
        menu: rows for menu, rows in before.items() if rows
    }


@pytest.mark.parametrize(
    ("menu", "row", "told"),
    [
        ("/ppp secret", {"name": "S1", "profile": "suspended"}, "1 secrets have the suspended profile"),
        (LISTS, {"list": "suspended", "address": "10.0.0.9", "dynamic": "yes"}, "1 sessions are in the list suspended"),
    ],
)
def test_undo_waits_for_the_last_suspended_customer(menu: str, row: dict[str, str], told: str) -> None:
    """Without the rules he would have full service: nothing is taken back while there is one."""
    shell = ready()
    shell.run(garden.setup(garden_request()))
    shell.tables[menu].append(row)
    before = deepcopy(shell.tables)
    with pytest.raises(ShellError, match=told):
        shell.run(garden.undo(garden_request()))

    assert {name: rows for name, rows in shell.tables.items() if rows} == before


# --- what is asked for


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"allowed": ()}, "--allow is missing"),
        ({"profile": "default"}, "--profile default is a profile of RouterOS itself"),
        ({"profile": "30mbps"}, "--like names the profile of a service plan"),
        ({"like": ""}, "--like must be"),
        ({"like": "тариф" * 12}, "--like is too long for a script"),
        ({"router": "a\nb"}, "--router-name must be"),
        ({"address_list": "a b"}, "--list must be"),
        ({"address_list": "!paid"}, "--list must be"),
        ({"rate_limit": "1M"}, "--rate-limit must be"),
        ({"rate_limit": "0/0"}, "--rate-limit must be"),
    ],
)
def test_requests_are_checked(words: dict[str, Any], sentence: str) -> None:
    """What would restrict nobody, everybody or the wrong ones is refused in words."""
    with pytest.raises(RequestError, match=sentence):
        garden_request(**words)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Pay.Example.com", "pay.example.com"),
        ("192.0.2.10", "192.0.2.10"),
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("192.0.2.10/32", "192.0.2.10"),
    ],
)
def test_hosts_are_names_addresses_and_networks(text: str, kept: str) -> None:
    """A host is written as DNS and RouterOS have it."""
    assert allowed_host(text) == kept


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("https://pay.example.com", "must be a host name"),
        ("pay.example.com/pay", "must be a host name"),
        ("*.example.com", "must be a host name"),
        ("localhost", "must be a host name"),
        ("192.0.2.1/24", "must be a host name"),
        ("2001:db8::1", "must be a host name"),
        ("", "must be a host name"),
        ("x." * 60 + "com", "must be a host name"),
        ("0.0.0.0/0", "wider than /16"),
        ("10.0.0.0/8", "wider than /16"),
    ],
)
def test_hosts_are_checked(text: str, sentence: str) -> None:
    """A page's address, a wildcard, IPv6 and half the internet are refused."""
    with pytest.raises(RequestError, match=sentence):
        allowed_host(text)


@pytest.mark.parametrize("text", ["pay.example.com", "192.0.2.10:x", "192.0.2.10:0", "192.0.2.10:70000", ""])
def test_pages_are_checked(text: str) -> None:
    """A router leads packets to an address and a port, not to a name."""
    with pytest.raises(RequestError, match="--page"):
        page(text)


def test_pages_and_dns_servers() -> None:
    """A page has port 80 unless another is given; a DNS server is an address."""
    assert page("192.0.2.10") == Page(IPv4Address("192.0.2.10"), 80)
    assert page("192.0.2.10:8080").port == 8080
    assert dns_server("10.0.0.53") == IPv4Address("10.0.0.53")
    with pytest.raises(RequestError, match="--dns must be the IPv4 address"):
        dns_server("dns.example.com")


# --- the command


def run(directory: Path, *more: str) -> int:
    """The command as an operator gives it."""
    words = ("--router-name", "tower-1", "--like", "30mbps", "--allow", "pay.example.com")
    return main(["garden", *words, "--directory", str(directory), *more])


def test_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The garden and its undo, named after the router; both are shown, and nothing is overwritten."""
    assert run(tmp_path) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"tower-1-garden.rsc", "tower-1-garden-undo.rsc"}
    assert str(tmp_path / "tower-1-garden.rsc") in capsys.readouterr().out
    assert run(tmp_path) == 1
    assert "exists" in capsys.readouterr().err


def test_pppctl_has_the_command(tmp_path: Path) -> None:
    """`pppctl router-script garden` is the same."""
    line = ["--router-name", "tower-1", "--like", "30mbps", "--allow", "pay.example.com", "--directory", str(tmp_path)]
    assert pppctl(["router-script", "garden", *line]) == 0
    assert (tmp_path / "tower-1-garden.rsc").exists()


def test_faults_end_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is said on the error stream, and nothing is written."""
    assert run(tmp_path / "out", "--allow", "https://pay.example.com") == 1
    assert "--allow 'https://pay.example.com' must be" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


PAGE = (Path(__file__).parents[2] / "docs/walled-garden.md").read_text("utf-8")


def test_the_page_prints_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command of docs/walled-garden.md runs as it stands there, and answers as it stands there."""
    monkeypatch.chdir(tmp_path)
    command, printed = PAGE.split("```\n$ python -m pppctl ")[1].split("```")[0].split("\nWritten", 1)
    assert pppctl(shlex.split(command.replace("\\\n", " "))) == 0
    assert capsys.readouterr().out == f"Written{printed}"


def test_the_page_names_every_option_and_danger() -> None:
    """Each option but the directory has its row, and each error that ends the import its advice."""
    options = {f"--{name}" for name in ("router-name", "like", "allow", "dns", "page", "rate-limit", "profile", "list")}
    assert all(f"`{option}`" in PAGE for option in options)
    for told in (
        *("there is no profile", "was not made by this script", "has the address list suspended too"),
        *("as its default-profile", "the list suspended holds", "uses the list suspended already"),
        *("the router cannot resolve", "a rule of forward stands above those of the garden"),
    ):
        assert told in PAGE
        assert told in garden.setup(garden_request()).replace(" \\\n", "")


HOSTILE = st.one_of(
    st.text(min_size=1, max_size=80),
    st.sampled_from(
        [
            '"; /user add name=evil group=full password=""; #',
            "x\n/system reset-configuration",
            "$[/system reboot]",
            "x\\",
            "x]}; :error",
            "10.0.0.1 disabled=no",
            "*1",
            "!paid",
        ]
    ),
)


def shapes(directory: Path) -> set[tuple[str, ...]]:
    """The shapes of both scripts, without the values that need no quotes."""
    found = (checker.shape(path.read_text("ascii")) for path in directory.glob("*.rsc"))
    return {tuple(word.partition("=")[0] + "=" if "=" in word else word for word in shape) for shape in found}


@given(option=st.sampled_from(["router-name", "like", "profile", "list", "page", "rate-limit", "dns"]), value=HOSTILE)
def test_hostile_options_are_refused_or_quoted(
    tmp_path_factory: pytest.TempPathFactory, option: str, value: str
) -> None:
    """Whatever an option holds, the scripts do what they always do, or are not written at all."""
    options = {"router-name": "tower-1", "like": "30mbps", "allow": "pay.example.com", "profile": "suspended"}
    options |= {"list": "suspended", "page": "192.0.2.10:80", "rate-limit": "1M/1M", "dns": "10.0.0.53"}
    directory, usual = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("usual")
    main(["garden", *(f"--{name}={word}" for name, word in options.items()), f"--directory={usual}"])
    try:
        hostile = {**options, option: value}
        code = main(["garden", *(f"--{name}={word}" for name, word in hostile.items()), f"--directory={directory}"])
    except SystemExit as refused:
        code = int(refused.code or 0)

    if code:
        assert list(directory.iterdir()) == []
    elif option == "rate-limit" and not value:
        assert shapes(directory) != shapes(usual)
    else:
        assert shapes(directory) == shapes(usual)
