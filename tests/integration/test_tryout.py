"""`make try`: everything is up, the configuration follows its file, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
import pytest

from lab.local_aws import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("tryout")


@contextmanager
def _running() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "lab.demo.tryout"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def _until(process: subprocess.Popen[str], words: str) -> list[str]:
    """The lines that it prints, to the first one with these words."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError(f"it ended without {words!r}: {lines}")


def test_the_printed_commands_work_as_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it prints works as it is typed; a saved file and a mistake in the CRM show at once."""
    with _running() as process:
        said = _until(process, "Ctrl-C ends everything")
        (exports,) = [line.split()[1:] for line in said if line.strip().startswith("export ")]
        variables = dict(one.split("=", 1) for one in exports)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        checked = _typed("pppctl", "check", "--json")
        assert '"check": "crm.domain.key",\n      "ok": true' in checked.stdout
        (config,) = environment.STATE.glob(f"try-{variables['AWS_ENDPOINT_URL'].rpartition(':')[2]}.json")
        config.write_text("{ broken")
        _until(process, "The configuration is in the config secret")
        assert boto3.client("secretsmanager").get_secret_value(SecretId=_secret())["SecretString"] == "{ broken"
        assert "configuration_invalid" in _typed("pppctl", "sync").stderr
        (page,) = [line.split()[2:4] for line in said if "lab.demo.widget" in line]
        assert "could not do its work" in _typed(*page).stdout
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        (suspended,) = _until(process, "subscribers of tower-south are suspended")
        assert int(suspended.split()[0]) > 100
        process.send_signal(signal.SIGTERM)
        _until(process, "Everything has stopped")
        assert (process.wait(30), config.exists()) == (0, False)


def _typed(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False, env=dict(os.environ)
    )


def _secret() -> str:
    stacks = boto3.client("cloudformation").describe_stacks(StackName="unms-ros-sync")["Stacks"]
    return str(next(one["OutputValue"] for one in stacks[0]["Outputs"] if one["OutputKey"] == "ConfigSecretArn"))
