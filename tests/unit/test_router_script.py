"""The scripts for a router: what they do, that nothing in them breaks out, and that the password stays in its file."""

import json
import re
import stat
from copy import deepcopy
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pppctl.__main__ import main as pppctl
from pppctl.router_script import checker, garden, script
from pppctl.router_script.__main__ import main
from pppctl.router_script.checker import ScriptError, check
from pppctl.router_script.request import Forward, Request, RequestError, forward, network
from pppctl.router_script.vpn import read_vpn
from pppctl.router_script.words import quote
from pppsync.config.settings import read_settings
from pppsync.errors import ConfigurationError
from pppsync.net.tls import client_context
from tests.unit.router_builders import FILTER, KEYS, PASSWORD, VPN, XML, garden_request, gateway, request, router, rules
from tests.unit.routeros_values import ShellError, unquote

if TYPE_CHECKING:
    from collections.abc import Callable


def every_script() -> list[str]:
    """Each kind of script, for each kind of router."""
    made = [
        request(),
        request(return_via=IPv4Address("10.0.0.254")),
        gateway(),
        request(certificate="my api", also_from=(IPv4Network("192.168.88.0/24"),)),
    ]
    writers: list[Callable[[Request], str]] = [
        lambda one: script.setup(one, PASSWORD),
        script.undo,
        lambda one: script.rotation(one, PASSWORD),
        script.retirement,
    ]
    own: list[Callable[[Request], str]] = [lambda one: script.reissue(one, "3f9a01bc"), script.takeover]
    scripts = [write(one) for one in made for write in (writers if one.certificate else writers + own)]
    gardens = [garden_request(), garden_request(page=None, dns=(), rate_limit="1M/1M")]
    return scripts + [write(one) for one in gardens for write in (garden.setup, garden.undo)]


# --- what a router would read


@pytest.mark.parametrize("text", every_script())
def test_every_script_is_read_to_its_end(text: str) -> None:
    """Brackets and strings close, commands and properties are RouterOS's, no line is over the limit."""
    check(text)


def test_the_checker_knows_nothing_that_is_not_used() -> None:
    """Its tables cannot grow stale: each command in them stands in some script."""
    text = "\n".join(every_script()).replace("\\\n", "")

    assert [name for name in checker.COMMANDS if f"{name} " not in text and f"[{name}]" not in text] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("/user add name=x frobnicate=yes", "line 1: /user add has no property frobnicate"),
        ("\n/tool fetch url=x", "line 2: not a command"),
        (":system reboot", "line 1: not a command"),
        (':put "open', "line 1: a string that does not close"),
        (':put "a $variable"', "line 1: a string that does not close"),
        (':put "a \\q"', "line 1: a string that does not close"),
        (":if (1 = 1) do={ :delay 1s", "a { does not close"),
        (":put ]", "line 1: ] closes nothing"),
        (":put [:len x\n]", "line 1: [ does not close on its line"),
        (":put [/user frob]", "line 1: not a command"),
        (":put [/ip pool get $pool size]", "line 1: /ip pool get has no property size"),
        (':put "' + "x" * 250 + '"', "line 1: longer than 255"),
        (':put "é"', "line 1: a character outside"),
        (':put "\t"', "line 1: a character outside"),
    ],
)
def test_the_checker_refuses(text: str, fault: str) -> None:
    """What a router would stumble over is found, with its line and without its values."""
    with pytest.raises(ScriptError) as raised:
        check(text)

    assert str(raised.value).startswith(fault)


# --- what the scripts do


def test_user_has_the_four_policies_and_comes_from_aws_only() -> None:
    """Least privilege: api, read, write, and sensitive, without which no password can be compared; all else denied."""
    shell = router()
    shell.run(script.setup(request(also_from=(IPv4Network("192.168.88.0/24"),)), PASSWORD))

    assert shell.tables["/user group"] == [{"name": "ppp-sync", "policy": "api,read,write,sensitive"}]
    assert shell.tables["/user"] == [
        {
            "name": "ppp-sync-a",
            "group": "ppp-sync",
            "password": PASSWORD,
            "address": "10.80.0.0/24",
            "comment": "unms-ros-sync",
        }
    ]


def test_api_has_a_certificate_and_its_networks() -> None:
    """TLS 1.2, a certificate for the address in use, signed by the router's authority; for AWS and who is named."""
    shell = router()
    shell.run(script.setup(request(also_from=(IPv4Network("192.168.88.0/24"),), port=18729), PASSWORD))
    _, authority, certificate = shell.tables["/certificate"]

    assert shell.tables["/ip service"] == [
        {
            "name": "api-ssl",
            "disabled": "no",
            "certificate": "unms-ros-sync-api",
            "address": "10.80.0.0/24,192.168.88.0/24",
            "port": "18729",
            "tls-version": "only-1.2",
        }
    ]
    assert authority["key-usage"] == "key-cert-sign,crl-sign"
    assert certificate["subject-alt-name"] == "IP:10.0.0.1"
    assert certificate["ca"] == "unms-ros-sync-ca"
    assert "PEM" in shell.printed


def test_certificate_of_a_name() -> None:
    """A router that is reached by name has that name in its certificate."""
    shell = router()
    shell.run(script.setup(request(host="tower-1.example.com"), PASSWORD))

    assert shell.tables["/certificate"][2]["subject-alt-name"] == "DNS:tower-1.example.com"


def test_own_certificate_is_used_if_there_is_one() -> None:
    """With --certificate nothing is made and nothing exported."""
    shell = router()
    shell.run(script.setup(request(certificate="my api"), PASSWORD))

    assert [row["name"] for row in shell.tables["/certificate"]] == ["my api"]
    assert shell.tables["/ip service"][0]["certificate"] == "my api"
    assert "PEM" not in shell.printed


def test_unsigned_certificate_ends_the_import() -> None:
    """If the router does not sign in time, the API is not opened without a certificate."""
    text = script.setup(request(), PASSWORD)
    text = "\n".join(line for line in text.splitlines() if "/certificate sign" not in line)
    shell = router()

    with pytest.raises(ShellError, match="unms-ros-sync-ca is not signed"):
        shell.run(text)
    assert shell.tables["/ip service"][0]["disabled"] == "yes"


@pytest.mark.parametrize("refusal", ["drop", "reject"])
def test_api_rule_stands_before_the_first_drop(refusal: str) -> None:
    """After the rules that accept, before the first that drops or rejects; other chains are not looked at."""
    shell = router(filter=rules("forward drop", "input accept", f"input {refusal}", "input drop"))
    shell.run(script.setup(request(), PASSWORD))

    assert shell.comments(FILTER, "input") == ["accept", "unms-ros-sync api 1", refusal, "drop"]
    (rule,) = [row for row in shell.tables[FILTER] if row.get("comment")]
    assert (rule["src-address"], rule["protocol"], rule["dst-port"]) == ("10.80.0.0/24", "tcp", "8729")
    assert "ipsec-policy" not in rule


def test_api_rule_without_any_drop() -> None:
    """A router that drops nothing gets the rule at the end."""
    shell = router(filter=rules("input accept"))
    shell.run(script.setup(request(), PASSWORD))

    assert shell.comments(FILTER, "input") == ["accept", "unms-ros-sync api 1"]


def test_gateway_admits_the_api_only_out_of_the_tunnel() -> None:
    """Where the VPN ends, a packet that claims to come from AWS must have come encrypted."""
    shell = router(filter=rules("input drop"))
    shell.run(script.setup(gateway(), PASSWORD))
    found = {row.get("comment", "drop"): row for row in shell.tables[FILTER] if row["chain"] == "input"}

    assert list(found)[-1] == "drop"
    assert found["unms-ros-sync api 1"]["ipsec-policy"] == "in,ipsec"
    assert {row["src-address"] for name, row in found.items() if " ike " in name or " esp " in name} == {
        "198.51.100.1",
        "198.51.100.2",
    }


def test_forwarding_stands_before_fasttrack() -> None:
    """Connections from AWS to the networks named, their answers, and nobody else's into AWS; before all other rules."""
    shell = router(
        filter=[{"chain": "forward", "action": "passthrough", "dynamic": "yes"}, *rules("forward fasttrack")]
    )
    shell.run(script.setup(gateway(), PASSWORD))

    assert shell.comments(FILTER, "forward") == [
        "passthrough",
        "unms-ros-sync forward 2",
        "unms-ros-sync forward 1",
        "unms-ros-sync answers",
        "unms-ros-sync all else",
        "fasttrack",
    ]
    found = {row.get("comment"): row for row in shell.tables[FILTER]}
    assert found["unms-ros-sync forward 1"]["dst-address"] == "10.0.0.0/16"
    assert found["unms-ros-sync forward 1"]["ipsec-policy"] == "in,ipsec"
    assert found["unms-ros-sync forward 2"]["dst-port"] == "443"
    assert found["unms-ros-sync all else"]["action"] == "drop"


def test_tunnels_are_what_the_network_template_asks_for() -> None:
    """IKEv2, AES-256, SHA-256, group 14, for both tunnels; one policy from anywhere to AWS, which both serve."""
    shell = router()
    shell.run(script.setup(gateway(), PASSWORD))
    (profile,), (proposal,) = shell.tables["/ip ipsec profile"], shell.tables["/ip ipsec proposal"]
    (policy,) = shell.tables["/ip ipsec policy"]

    assert (profile["enc-algorithm"], profile["hash-algorithm"], profile["dh-group"]) == (
        "aes-256",
        "sha256",
        "modp2048",
    )
    assert (proposal["enc-algorithms"], proposal["auth-algorithms"]) == ("aes-256-cbc", "sha256")
    assert proposal["pfs-group"] == "modp2048"
    assert [(peer["address"], peer["exchange-mode"]) for peer in shell.tables["/ip ipsec peer"]] == [
        ("198.51.100.1/32", "ike2"),
        ("198.51.100.2/32", "ike2"),
    ]
    assert [(one["peer"], one["secret"], one["my-id"]) for one in shell.tables["/ip ipsec identity"]] == [
        ("unms-ros-sync-1", KEYS[0], "address:203.0.113.5"),
        ("unms-ros-sync-2", KEYS[1], "address:203.0.113.5"),
    ]
    assert (policy["peer"], policy["src-address"], policy["dst-address"]) == (
        "unms-ros-sync-1,unms-ros-sync-2",
        "0.0.0.0/0",
        "10.80.0.0/24",
    )
    assert [row["comment"] for row in shell.tables["/ip firewall nat"]] == ["unms-ros-sync nat"]


def test_release_that_takes_one_peer_gets_one_and_says_so() -> None:
    """Where a policy takes a single peer, the first tunnel is used and the import goes on."""
    shell = router()
    shell.lists_of_peers = False
    shell.run(script.setup(gateway(), PASSWORD))

    assert [policy["peer"] for policy in shell.tables["/ip ipsec policy"]] == ["unms-ros-sync-1"]
    assert "This release takes one tunnel in a policy: the second is not used." in shell.printed


@pytest.mark.parametrize("one", [request(), gateway(), request(certificate="my api")])
def test_second_import_changes_nothing(one: Request) -> None:
    """An import that broke off is simply done again."""
    shell = router(filter=rules("input drop", "forward drop"), nat=rules("srcnat masquerade"))
    shell.run(script.setup(one, PASSWORD))
    once = deepcopy(shell.tables)
    shell.run(script.setup(one, PASSWORD))
    once["/user"][0]["disabled"] = "no"  # said once more, of a user who was never disabled

    assert {menu: rows for menu, rows in shell.tables.items() if menu != "/file"} == {
        menu: rows for menu, rows in once.items() if menu != "/file"
    }


@pytest.mark.parametrize("one", [request(), gateway(), request(certificate="my api")])
def test_undo_leaves_the_router_as_it_was(one: Request) -> None:
    """Everything of ours is gone, both users too, everything else is there, api-ssl as it was."""
    shell = router(filter=rules("input drop", "forward drop"), nat=rules("srcnat masquerade"))
    factory = deepcopy(shell.tables)
    shell.run(script.setup(one, PASSWORD))
    shell.run(script.rotation(request(account="b"), PASSWORD))
    shell.run(script.undo(one))

    assert {menu: rows for menu, rows in shell.tables.items() if rows and menu != "/file"} == factory


def test_rotation_keeps_the_other_user_until_it_is_retired() -> None:
    """The other user is made ready while the first still works; only the third script ends the first."""
    shell = router()
    shell.run(script.setup(request(), "old"))
    shell.run(script.rotation(request(account="b"), "new"))

    assert [(user["name"], user["password"]) for user in shell.tables["/user"]] == [
        ("ppp-sync-a", "old"),
        ("ppp-sync-b", "new"),
    ]
    assert not any(user.get("disabled") == "yes" for user in shell.tables["/user"])
    shell.run(script.retirement(request(account="b")))
    assert [user.get("disabled", "no") for user in shell.tables["/user"]] == ["yes", "no"]


def test_rotation_back_enables_the_retired_user() -> None:
    """The users alternate: the one that was disabled comes back with a new password."""
    shell = router()
    for account, password in (("a", "first"), ("b", "second"), ("a", "third")):
        shell.run(script.rotation(request(account=account), password))
        shell.run(script.retirement(request(account=account)))

    assert [(user["password"], user["disabled"]) for user in shell.tables["/user"]] == [
        ("third", "no"),
        ("second", "yes"),
    ]


# --- nothing breaks out


@given(st.text())
@example('"; /user add name=evil group=full; #')
@example("\\")
@example("$password")
@example("line\nbreak")
def test_quote_holds_exactly_the_text(text: str) -> None:
    """A quoted text is one string token, and what it holds is the text."""
    try:
        literal = quote(text)
    except UnicodeEncodeError:
        return  # half of a surrogate pair, which no file can hold either

    assert [(token.kind, unquote(token.text)) for token in checker.tokens(literal)] == [("string", text)]


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
            "--help",
        ]
    ),
)
OPTIONS = (
    *("router-name", "host", "user", "certificate", "vpc-cidr", "also-from", "forward", "port", "account"),
    "return-via",
)


def shapes(directory: Path) -> set[tuple[str, ...]]:
    """The shapes of all scripts, without the values that need no quotes."""
    found = (checker.shape(path.read_text("ascii")) for path in directory.glob("*.rsc"))
    return {tuple(word.partition("=")[0] + "=" if "=" in word else word for word in shape) for shape in found}


@given(option=st.sampled_from(OPTIONS), value=HOSTILE)
def test_hostile_options_are_refused_or_quoted(
    tmp_path_factory: pytest.TempPathFactory, option: str, value: str
) -> None:
    """Whatever an option holds, the scripts do what they always do, or are not written at all."""
    options = {"router-name": "tower-1", "host": "10.0.0.1", "vpc-cidr": "10.80.0.0/24", "certificate": "api"}
    if option == "return-via":
        options["return-via"] = "10.0.0.254"
    if option in ("also-from", "forward"):
        options["also-from"] = "192.168.88.0/24"  # one more network is one more rule, whoever names it
    directory, usual = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("usual")
    main([*(f"--{name}={word}" for name, word in options.items()), f"--directory={usual}"])
    try:
        code = main(
            [*(f"--{name}={word}" for name, word in {**options, option: value}.items()), f"--directory={directory}"]
        )
    except SystemExit as refused:
        code = int(refused.code or 0)

    if code:
        assert list(directory.iterdir()) == []
    else:
        assert shapes(directory) == shapes(usual)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"router": ""}, "--router-name must be"),
        ({"router": "a\nb"}, "--router-name must be"),
        ({"router": "x" * 65}, "--router-name must be"),
        ({"host": "10.0.0.1:8729"}, "--host must be"),
        ({"host": "10.0.0"}, "--host must be"),
        ({"host": "fd00::1"}, "--host must be IPv4"),
        ({"host": "10.80.0.9"}, "--host 10.80.0.9 is inside --vpc-cidr 10.80.0.0/24"),
        ({"return_via": IPv4Address("10.80.0.9")}, "--return-via 10.80.0.9 is inside --vpc-cidr 10.80.0.0/24"),
        ({"user": "-sync"}, "--user must be"),
        ({"user": "sync "}, "--user must be"),
        ({"port": 0}, "--port must be"),
        ({"certificate": "zertifikät"}, "--certificate must be in ASCII"),
        ({"certificate": " "}, "--certificate must be"),
        ({"forwards": (Forward(IPv4Network("10.0.0.0/16"), 8729),)}, "--forward is for the router that ends the VPN"),
    ],
)
def test_requests_are_checked(words: dict[str, Any], sentence: str) -> None:
    """What RouterOS would refuse, or what cannot work, is refused in words."""
    with pytest.raises(RequestError, match=sentence):
        request(**words)


@pytest.mark.parametrize("text", ["", "10.80.0.1/24", "10.80.0.0/33", "0.0.0.0/0", "fd00::/8", "10.0.0.0/7"])
def test_networks_are_checked(text: str) -> None:
    """A network is IPv4, without bits of a host, and never the whole internet."""
    with pytest.raises(RequestError):
        network(text)


@pytest.mark.parametrize("text", ["10.0.0.0/16", "10.0.0.0/16:", "10.0.0.0/16:x", "10.0.0.0/16:70000", ":8729"])
def test_forwards_are_checked(text: str) -> None:
    """A forward is a network and a port."""
    with pytest.raises(RequestError):
        forward(text)


# --- what AWS says of the VPN


def test_vpn_is_read() -> None:
    """Both tunnels and the router's own address, from the XML that AWS prints."""
    assert read_vpn(XML) == VPN


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("<vpn_connection", "<!DOCTYPE x><vpn_connection"), "has a document type"),
        (("</vpn_connection>", ""), "is not XML"),
        (("ipsec_tunnel>", "other_tunnel>"), "describes 0 tunnels, not 2"),
        (("first.KEY_1", 'x"; /user'), "without a usable pre-shared key"),
        (("<ip_address>198.51.100.2</ip_address>", ""), "without the IPv4 address of its vpn_gateway"),
    ],
)
def test_vpn_is_checked(change: tuple[str, str], sentence: str) -> None:
    """Anything else is refused, by what it lacks and never by what it holds."""
    with pytest.raises(RequestError, match=sentence) as raised:
        read_vpn(XML.replace(*change))

    assert not any(key in str(raised.value) for key in KEYS)


def test_vpn_of_two_gateways_is_refused() -> None:
    """Both tunnels of a connection end at one router."""
    with pytest.raises(RequestError, match="two different customer gateways"):
        read_vpn(XML.replace("203.0.113.5", "203.0.113.6", 1))


def test_keys_are_not_shown() -> None:
    """A key is in no representation of the values that carry it."""
    assert not any(key in repr(gateway()) for key in KEYS)


# --- the command


def run(directory: Path, *more: str) -> int:
    """The command as an operator gives it."""
    return main(
        [
            *("--router-name", "tower-1", "--host", "10.0.0.1", "--vpc-cidr", "10.80.0.0/24"),
            *("--directory", str(directory), *more),
        ]
    )


def test_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Set-up, undo and the part of the config secret, for their owner's eyes only; the screen shows no password."""
    assert run(tmp_path / "scripts") == 0

    files = {path.name: path for path in (tmp_path / "scripts").iterdir()}
    password = json.loads(files["tower-1.json"].read_text("ascii"))["routers"][0]["password"]
    shown = capsys.readouterr()
    assert set(files) == {"tower-1.rsc", "tower-1-undo.rsc", "tower-1.json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    assert stat.S_IMODE((tmp_path / "scripts").stat().st_mode) == 0o700
    assert password in files["tower-1.rsc"].read_text("ascii")
    assert password not in files["tower-1-undo.rsc"].read_text("ascii") + shown.out + shown.err
    assert all(str(path) in shown.out for path in files.values())


def test_pppctl_hands_the_rest_of_its_line_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`pppctl router-script` takes every option of this command, `--help` too, and its exit code."""
    line = ["--router-name", "tower-1", "--host", "10.0.0.1", "--vpc-cidr", "10.80.0.0/24", "--directory"]

    assert pppctl(["router-script", *line, str(tmp_path)]) == 0
    assert (tmp_path / "tower-1.rsc").exists()
    assert pppctl(["router-script", *line, str(tmp_path)]) == 1
    with pytest.raises(SystemExit) as ended:
        pppctl(["router-script", "--help"])
    assert ended.value.code == 0
    assert "--vpc-cidr NETWORK" in capsys.readouterr().out


def test_pppctl_lists_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`pppctl --help` names it; options of pppctl before it, which it would not heed, are refused."""
    with pytest.raises(SystemExit):
        pppctl(["--help"])
    assert "router-script" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        pppctl(["--stack", "x", "router-script"])
    assert ended.value.code == 2
    assert "router-script stands first" in capsys.readouterr().err


def test_password_is_strong_and_new(tmp_path: Path) -> None:
    """32 letters and digits in groups, never the same twice; every kind of character that RouterOS can ask for."""
    found = set()
    for number in range(3):
        run(tmp_path / str(number))
        text = (tmp_path / str(number) / "tower-1.json").read_text("ascii")
        found.add(json.loads(text)["routers"][0]["password"])

    assert len(found) == 3
    for password in found:
        assert re.fullmatch("[A-Za-z0-9]{8}(-[A-Za-z0-9]{8}){3}", password)
        assert all(re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[0-9]"))


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file may hold the only copy of a password that is in use."""
    run(tmp_path)
    before = (tmp_path / "tower-1.rsc").read_text("ascii")

    assert run(tmp_path) == 1
    assert (tmp_path / "tower-1.rsc").read_text("ascii") == before
    assert f"{tmp_path / 'tower-1.rsc'} exists" in capsys.readouterr().err


def test_config_is_a_part_of_the_config_secret(tmp_path: Path) -> None:
    """With the certificate put in, the document is accepted; without, the fault says which certificate is missing."""
    run(tmp_path, "--port", "18729")
    part = json.loads((tmp_path / "tower-1.json").read_text("ascii"))
    document = {"ucrm": {"ucrm_key": "k", "domain_name": "crm.example.com"}, **part}

    with pytest.raises(ConfigurationError, match="certificates"):
        read_settings(json.dumps(document))
    document["certificates"] = {"tower-1": authority_pem()}
    (found,) = read_settings(json.dumps(document)).routers
    assert (found.name, found.host, found.port, found.username) == ("tower-1", "10.0.0.1", 18729, "ppp-sync-a")
    assert found.tls is not None


def authority_pem() -> str:
    """A certificate as a router exports it."""
    from lab.simulators.certificates import Authority  # noqa: PLC0415 - makes a key, which takes a moment

    return Authority().pem


def test_rotation_files(tmp_path: Path) -> None:
    """The other user, its credentials, and the end of the first; the end holds no password."""
    assert run(tmp_path, "--rotate", "--account", "b") == 0

    assert {path.name for path in tmp_path.iterdir()} == {
        "tower-1-ppp-sync-b.rsc",
        "tower-1-ppp-sync-b.json",
        "tower-1-retire-ppp-sync-a.rsc",
    }
    credentials = json.loads((tmp_path / "tower-1-ppp-sync-b.json").read_text("ascii"))
    assert credentials["username"] == "ppp-sync-b"
    assert credentials["password"] not in (tmp_path / "tower-1-retire-ppp-sync-a.rsc").read_text("ascii")


def test_reissue_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The next certificate and its takeover: neither file holds a password, and none is announced."""
    assert run(tmp_path, "--reissue") == 0

    texts = {path.name: path.read_text("ascii") for path in tmp_path.iterdir()}
    assert set(texts) == {"tower-1-reissue.rsc", "tower-1-takeover.rsc"}
    assert not any("password" in text for text in texts.values())
    assert "password" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--reissue", "--rotate"), "--rotate and --reissue are two commands"),
        (("--reissue", "--certificate", "my api"), "--reissue is for the router's own certificate"),
        (("--return-via", "core.example.com"), "--return-via must be the IPv4 address of the next router"),
    ],
)
def test_options_that_do_not_go_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], sentence: str
) -> None:
    """They are refused in words, and nothing is written."""
    assert run(tmp_path / "out", *more) == 1
    assert capsys.readouterr().err.startswith(sentence)
    assert not (tmp_path / "out").exists()


def test_two_authorities_are_one_entry_of_the_config_secret(tmp_path: Path) -> None:
    """While a certificate is reissued the entry holds the present authority and the next one below it."""
    run(tmp_path)
    part = json.loads((tmp_path / "tower-1.json").read_text("ascii"))
    document = {"ucrm": {"ucrm_key": "k", "domain_name": "crm.example.com"}, **part}
    document["certificates"] = {"tower-1": authority_pem() + authority_pem()}
    (found,) = read_settings(json.dumps(document)).routers

    assert found.tls is not None
    assert client_context(found.tls).cert_store_stats()["x509_ca"] == 2


def test_vpn_file(tmp_path: Path) -> None:
    """The keys go from AWS's file into the set-up script, and into no other file."""
    (tmp_path / "vpn.xml").write_text(XML, encoding="utf-8")
    assert run(tmp_path / "out", "--vpn-config", str(tmp_path / "vpn.xml"), "--forward", "10.0.0.0/16:8729") == 0

    holding = {path.name for path in (tmp_path / "out").iterdir() if KEYS[0] in path.read_text("ascii")}
    assert holding == {"tower-1.rsc"}


def test_faults_end_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is said on the error stream, and nothing is written."""
    assert run(tmp_path / "out", "--vpn-config", str(tmp_path / "missing.xml")) == 1
    assert "missing.xml" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
