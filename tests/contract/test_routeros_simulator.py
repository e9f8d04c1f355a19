"""The simulated router as its own tests use it: by hand, by its log, from a file, from the command line."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from lab.simulators.routeros import Account, Fault, RouterSimulator
from lab.simulators.routeros.__main__ import main
from lab.simulators.routeros.raw_client import RawClient

if TYPE_CHECKING:
    from pathlib import Path


def test_edits_by_hand_leave_no_trace(router: RouterSimulator) -> None:
    """Profiles, secrets and sessions are made, changed and taken away without a client, and without a trace."""
    assert router.add_profile("30mbps", rate_limit="30M/30M") == "*1"
    assert router.add_secret(name="A1", password=b"\xe9", profile="30mbps", remote_address="10.0.0.9") == "*1"
    assert router.connect_session("A1") == "*80000001"
    router.edit_secret("A1", password="hand-made", remote_address=None, comment="x", disabled=True)
    secret = router.secret("A1")
    assert secret is not None
    assert (secret["password"], secret["comment"], secret["disabled"]) == ("hand-made", "x", "true")
    assert "remote-address" not in secret
    router.edit_secret("A1", comment=None)
    assert "comment" not in (router.secret("A1") or {})
    router.remove_profile("30mbps")
    assert (router.secret("A1") or {})["profile"] == "*1"
    router.remove_secret("A1")
    assert router.secret("A1") is None
    assert [session["address"] for session in router.sessions("A1")] == ["10.0.0.9"]
    assert [profile["name"] for profile in router.profiles()] == ["default", "default-encryption"]
    assert router.writes == []
    assert router.transcript == []


@pytest.mark.parametrize(
    "words",
    [
        {"name": "A1"},
        {"password": "x"},
        {"name": ""},
        {"name": "A2", "profile": "nope"},
        {"name": "A2", "remote_address": "pool1"},
        {"name": "A2", "nonsense": "1"},
    ],
)
def test_edits_by_hand_are_refused_as_a_clients_are(router: RouterSimulator, words: dict[str, Any]) -> None:
    """A test cannot seed what a router would not take; duplicates it can, if it says so."""
    router.add_secret(name="A1")
    with pytest.raises(ValueError, match=r".+"):
        router.add_secret(**words)
    router.add_secret(name="A1", allow_duplicate=True)
    assert [secret[".id"] for secret in router.secrets()] == ["*1", "*2"]
    with pytest.raises(ValueError, match="nonsense"):
        router.edit_secret("A1", nonsense="x")
    with pytest.raises(KeyError):
        router.remove_secret("A9")


def test_writes_are_kept_with_passwords_the_transcript_without(router: RouterSimulator) -> None:
    """Writes are kept with their passwords, the transcript is kept without."""
    with RawClient(router.host, router.port) as client:
        client.login()
        client.talk("/ppp/secret/add", "=name=A1", "=password=hidden", ".tag=7")
        client.talk("/ppp/secret/print", "=.proplist=name,password", "?password=hidden", "?=password=hidden")
        client.talk("/ppp/secret/remove", "=.id=*9")
        client.talk("/login", "=response=hidden")
    added, removed = router.writes
    assert (added.command, added.words, added.tag) == ("/ppp/secret/add", {"name": "A1", "password": "hidden"}, "7")
    assert (added.succeeded, removed.succeeded, added.connection) == (True, False, 1)
    assert added.time <= removed.time
    text = str(router.transcript)
    assert "hidden" not in text
    assert "=password=*****" in text
    said = [(exchange.direction, exchange.words[0]) for exchange in router.transcript]
    assert said[:6] == [
        ("in", "/login"),
        ("out", "!done"),
        ("in", "/ppp/secret/add"),
        ("out", "!done"),
        ("in", "/ppp/secret/print"),
        ("out", "!re"),
    ]
    assert router.commands == {"/ppp/secret/add": 1, "/ppp/secret/print": 1, "/ppp/secret/remove": 1, "/login": 1}
    router.clear_log()
    assert (router.writes, router.transcript, router.warnings, router.max_in_flight) == ([], [], [], 0)
    assert router.secret("A1") is not None


def test_writes_without_reading(router: RouterSimulator) -> None:
    """Who changes an item on a connection that has not read its menu is told on: ids may have changed since."""
    router.add_secret(name="A1")
    with RawClient(router.host, router.port) as client:
        client.login()
        client.talk("/ppp/secret/add", "=name=A2")
        client.talk("/ppp/secret/print", "=.proplist=.id")
        client.talk("/ppp/secret/set", "=.id=*1", "=comment=x")
        client.talk("/ppp/active/remove", "=.id=*80000001")
    with RawClient(router.host, router.port) as client:
        client.login()
        client.talk("/ppp/secret/set", "=.id=*1", "=comment=y")
    assert router.unread_writes == ["/ppp/active/remove on connection 1", "/ppp/secret/set on connection 2"]


def test_a_policy_must_be_one_that_routeros_has() -> None:
    """A policy must be one that RouterOS has."""
    with pytest.raises(ValueError, match="wirte"):
        Account("sync", "x", frozenset({"api", "wirte"}))


def test_a_dumped_state_seeds_an_equal_router(router: RouterSimulator) -> None:
    """What was dumped as JSON seeds an equal router: ids, odd bytes, read-only values and sessions."""
    router.add_profile("30mbps", rate_limit="30M/30M")
    router.add_secret(name="gone")
    router.add_secret(name=b"A\xe9", password=b"\xff=", profile="30mbps", remote_address="10.0.0.9", comment="ž")
    router.add_secret(name="A2", disabled=True)
    router.remove_secret("gone")
    router.connect_session("A2", address="10.0.0.7")
    router.disconnect_session("A2")
    router.connect_session(b"A\xe9", radius=True)
    document = json.loads(json.dumps(router.dump()))
    with RouterSimulator() as copy:
        copy.load(document)
        assert copy.secrets() == router.secrets()
        assert copy.profiles() == router.profiles()
        assert copy.secrets()[0]["password"] == "\udcff="
        (session,) = copy.sessions()
        assert (session["name"], session["radius"], session["address"]) == ("A\udce9", "true", "10.0.0.9")
        assert copy.add_secret(name="A3") == "*4"


@pytest.mark.parametrize(
    "document", [{"nonsense": []}, {"secrets": [{"password": "x"}]}, {"secrets": [{"name": "A1", "profile": "nope"}]}]
)
def test_a_bad_seed_is_refused(router: RouterSimulator, document: dict[str, Any]) -> None:
    """A seed that is not right is refused."""
    with pytest.raises(ValueError, match=r".+"):
        router.load(document)


def test_a_version_must_be_a_number() -> None:
    """A version must be a number."""
    with pytest.raises(ValueError, match="not a RouterOS version"):
        RouterSimulator("latest")


def test_defects_are_told() -> None:
    """What goes wrong inside the simulator is raised when it stops, and does not look like a router's fault."""
    router = RouterSimulator()
    router.start()
    router.faults.append(Fault("/ppp/secret/print", "call", call=lambda: 1 / 0))
    with RawClient(router.host, router.port) as client, pytest.raises(ConnectionResetError):
        client.login().talk("/ppp/secret/print")
    with pytest.raises(ZeroDivisionError):
        router.stop()


COMMAND = [sys.executable, "-m", "lab.simulators.routeros", "--port", "0"]


def test_the_command_line_serves_until_sigterm_and_writes_the_state(tmp_path: Path) -> None:
    """A router of one's own: seeded, over TLS, told where it listens, ended by SIGTERM, its state written down."""
    seed, authority, dump = tmp_path / "seed.json", tmp_path / "ca.pem", tmp_path / "dump.json"
    seed.write_text(json.dumps({"profiles": [{"name": "30mbps"}], "secrets": [{"name": "A1", "profile": "30mbps"}]}))
    tls = ["--tls", "ca", "--write-ca", str(authority), "--server-name", "router-1.example.com"]
    state = ["--seed", str(seed), "--count", "3", "--dump", str(dump), "--version", "7.21.1"]
    command = [*COMMAND, *tls, *state, "--account", "sync:pa:ss:api,read,write"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("RouterOS 7.21.1 (tower-1) listens on 127.0.0.1:")
        context = ssl.create_default_context(cafile=str(authority))
        port = int(line.rpartition(":")[2])
        with RawClient("127.0.0.1", port, tls=context, server_name="router-1.example.com") as client:
            client.login("sync", "pa:ss")
            assert client.talk("/ppp/secret/print", "=count-only=") == [["!done", "=ret=4"]]
            client.talk("/ppp/secret/set", "=.id=*1", "=disabled=yes")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert json.loads(dump.read_text())["secrets"][0]["disabled"] == "true"


@pytest.mark.parametrize(
    "arguments", [["--account", ":x"], ["--account", "a:b:fly"], ["--tls", "perhaps"], ["--nonsense"]]
)
def test_the_command_line_refuses_bad_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What the command line does not understand it says."""
    with pytest.raises(SystemExit):
        main(arguments)
    assert "error" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"secrets": [{"name": "A1", "profile": "nope"}]}', "input does not match any value of profile"),
        ('{"secrets": ["A1"]}', "python -m lab.simulators.routeros: "),
        ('["A1"]', "python -m lab.simulators.routeros: "),
        ("{", "python -m lab.simulators.routeros: "),
    ],
)
def test_a_bad_seed_ends_the_command_line_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    """A seed that is not right ends it with a sentence."""
    seed = tmp_path / "seed.json"
    seed.write_text(text)
    with pytest.raises(SystemExit):
        main(["--seed", str(seed)])
    assert said in capsys.readouterr().err


def test_the_command_line_makes_up_the_subscribers_of_the_crm(tmp_path: Path) -> None:
    """So that both simulators started by hand know each other's customers."""
    dump = tmp_path / "dump.json"
    with subprocess.Popen(
        [*COMMAND, "--count", "2", "--dump", str(dump)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    secrets = json.loads(dump.read_text())["secrets"]
    assert [(one["name"], one["password"], one["profile"]) for one in secrets] == [
        ("ABC1", "secret-1", "30mbps"),
        ("ABC2", "secret-2", "30mbps"),
    ]


def test_without_accounts_there_is_admin_without_a_password() -> None:
    """Unless told otherwise there is `admin` without a password, and a named account may do everything."""
    with RouterSimulator() as router, RawClient(router.host, router.port) as client:
        client.login()
    with RouterSimulator(accounts=[Account("sync", "x")]) as router, RawClient(router.host, router.port) as client:
        client.login("sync", "x")
        assert client.talk("/ppp/secret/add", "=name=A1") == [["!done", "=ret=*1"]]
        with pytest.raises(PermissionError), RawClient(router.host, router.port) as stranger:
            stranger.login()


def test_what_breaks_while_a_client_is_let_in_is_told_at_the_end() -> None:
    """A defect of the simulator must not look like a router that hangs up."""
    router = RouterSimulator(allowed_network="nowhere")
    router.start()
    with RawClient(router.host, router.port) as client:
        assert client.wait_for_end() == b""
    with pytest.raises(ValueError, match="nowhere"):
        router.stop()
