"""`pppctl config`: a document is judged by the functions' own reader, counted, and put without showing a value."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from pppctl.__main__ import main
from pppctl.aws import Aws
from pppctl.config_document import LIMIT, judge
from tests.unit.pppctl_answers import screen

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cr3t-of-a-router"
GOOD: dict[str, Any] = {
    "ucrm": {"ucrm_key": "k3y-of-the-crm", "domain_name": "crm.example.com"},
    "router_os": {"host": "10.0.0.1", "password": SECRET},
}


class FakeSecrets:
    """A Secrets Manager that keeps what is put, or refuses it."""

    def __init__(self, error: ClientError | None = None) -> None:
        self._error = error
        self.put: list[dict[str, str]] = []

    def client(self, service: str, config: object = None) -> Any:
        """The fake of a service; it is its own CloudFormation."""
        assert service in {"cloudformation", "secretsmanager"}
        assert config is None
        return self

    def describe_stacks(self, **_: str) -> Any:
        """The stack with its secret."""
        return {"Stacks": [{"Outputs": [{"OutputKey": "ConfigSecretArn", "OutputValue": "arn:the-secret"}]}]}

    def put_secret_value(self, **call: str) -> Any:
        """Keeps it."""
        if self._error:
            raise self._error
        self.put.append(call)
        return {"VersionId": "v1"}


def run(secrets: FakeSecrets, *arguments: str) -> int:
    """The exit code."""
    return main(["config", *arguments], lambda stack, **_: Aws(stack, session=lambda **_: secrets))


def saved(directory: Path, document: object) -> str:
    """The path of a file with that document."""
    file = directory / "config.json"
    file.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return str(file)


def test_a_good_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check` asks no AWS, and says how many of Secrets Manager's 65,536 bytes are left."""
    secrets = FakeSecrets()
    size = len(json.dumps(GOOD))

    assert run(secrets, "check", saved(tmp_path, GOOD)) == 0
    printed = capsys.readouterr()
    assert f"{size} of 65536 bytes, {65536 - size} left" in printed.out
    assert "The document has no faults." in printed.out
    assert printed.err == ""
    assert secrets.put == []


def test_all_faults_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each fault is a line that begins with its path; no value is ever shown, and nothing is put."""
    secrets = FakeSecrets()
    router = {**GOOD["router_os"], "port": SECRET, "usrname": "x"}
    code = run(secrets, "put", saved(tmp_path, {"ucrm": {"domain_name": ""}, "router_os": router}))
    printed = capsys.readouterr()
    lines = printed.out.splitlines()

    assert code == 1
    assert "ucrm.ucrm_key: is missing" in lines
    assert "router_os.usrname: is an unknown key; did you mean `username`?" in lines
    assert any(line.startswith("router_os.port: must be a whole number") for line in lines)
    assert "faults, so nothing was put into the config secret" in printed.out
    assert SECRET not in printed.out + printed.err
    assert secrets.put == []


def test_put(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A good document goes into the stack's secret byte by byte; the next advice is `plan`."""
    secrets = FakeSecrets()
    document = json.dumps(GOOD, indent=3)
    code = run(secrets, "put", saved(tmp_path, document.encode()))
    printed = capsys.readouterr()

    assert code == 0
    assert secrets.put == [{"SecretId": "arn:the-secret", "SecretString": document}]
    assert "arn:the-secret" in printed.out
    assert "Next: .venv/bin/python -m pppctl plan; it writes nothing" in printed.out
    assert SECRET not in printed.out + printed.err


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the judgement is for scripts."""
    assert run(FakeSecrets(), "check", saved(tmp_path, {}), "--json") == 1
    assert json.loads(capsys.readouterr().out) == {
        "action": "config check",
        "ok": False,
        "faults": [
            "nothing is configured yet; put the JSON document with `ucrm` and `router_os` into the config secret"
        ],
        "weakened": [],
        "bytes": 2,
        "bytes_left": 65534,
    }


@pytest.mark.parametrize(("spare", "ok"), [(0, True), (-1, False)])
def test_bytes_are_counted(spare: int, ok: bool) -> None:
    """The limit is one of bytes, not of characters, and counts the document as it is put."""
    document = json.dumps(GOOD | {"router_os": {**GOOD["router_os"], "password": "ż"}}, ensure_ascii=False).encode()
    found = judge(document + b" " * (LIMIT - len(document) - spare))

    assert (found["ok"], found["bytes_left"]) == (ok, spare)
    assert ok or "65537 bytes, Secrets Manager takes 65536: leave out the indentation" in found["faults"][0]


@pytest.mark.parametrize("document", [b"\xff\xfe{\x00}\x00", b'{"ucrm": "\xe9"}'])
def test_not_utf_8(document: bytes) -> None:
    """The fault names the first wrong byte of a file in another encoding."""
    assert judge(document)["faults"][0].endswith(": the document must be UTF-8 text")


def test_weakened_connections_are_named() -> None:
    """A document that switches verification off has no fault, but the screen names each such setting."""
    found = judge(json.dumps(GOOD | {"router_os": {"host": "10.0.0.1", "use_ssl": False}}).encode())

    assert found["ok"]
    assert "Not verified: routers.default.use_ssl" in screen("config", found)


def test_what_secrets_manager_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its message may repeat the value, so that the code alone is shown."""
    error = ClientError({"Error": {"Code": "ValidationException", "Message": f"'{SECRET}' is bad"}}, "PutSecretValue")
    code = run(FakeSecrets(error), "put", saved(tmp_path, GOOD))
    printed = capsys.readouterr()

    assert code == 3
    assert "Secrets Manager refused it: ValidationException; nothing was changed" in printed.err
    assert SECRET not in printed.out + printed.err


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error names the file."""
    assert run(FakeSecrets(), "check", str(tmp_path / "none.json")) == 3
    assert "none.json cannot be read: No such file or directory" in capsys.readouterr().err


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`-` reads a document that another program writes, so that it lies in no file."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(GOOD).encode())))

    assert run(FakeSecrets(), "check", "-") == 0
    assert "no faults" in capsys.readouterr().out
