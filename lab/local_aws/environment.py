"""Every process of the local AWS gets the variables named here and no others.

The emulator's environment leaks into the functions that it runs, and the operator's own AWS profile must never be
what a local command talks to.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

STATE = ROOT / ".local"
"""What the local AWS keeps between commands: builds, SAM's cache, who runs on which port."""

REGION = "eu-west-1"
_EMULATOR = ROOT / ".venv-emulator" / "bin"
EMULATOR_PYTHON = _EMULATOR / "python"
SAM = ROOT / ".venv-sam" / "bin" / "sam"
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
_LOOPBACK = "127.0.0.1,localhost"

# What pip needs to reach the package index from here: a mirror, a proxy, a company's certificate authority.
_PIP_NAMES = frozenset(
    {
        *("HOME", "LANG", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "NETRC"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    },
)


def for_clients(endpoint: str) -> dict[str, str]:
    """An AWS client with these variables talks to the emulator, without any endpoint argument."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
    }


def for_emulator(port: int, directory: Path, token: str) -> dict[str, str]:
    """The emulator enforces IAM, listens on the loopback only and writes below `directory` only."""
    return {
        "PATH": _SYSTEM_PATH,
        "HOME": str(directory),
        "TMPDIR": str(directory),
        # As in Lambda, whose functions see the clock in UTC and text as UTF-8.
        "TZ": "UTC",
        "PYTHONUTF8": "1",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        # Its health answer carries the edition: that is how one emulator is told from another on the same port.
        "MINISTACK_EDITION": token,
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # No container of the operator's own daemon is ever looked at.
        "DOCKER_HOST": f"unix://{directory}/no-docker.sock",
    }


def for_build() -> dict[str, str]:
    """`sam build` runs pip with the operator's index settings and the emulator's Python 3.13 first."""
    inherited = {name: value for name, value in os.environ.items() if name in _PIP_NAMES or name.startswith("PIP_")}
    path = f"{_EMULATOR}{os.pathsep}{os.environ.get('PATH', _SYSTEM_PATH)}"
    return {**inherited, "PATH": path, "AWS_DEFAULT_REGION": REGION, **_quiet_sam()}


def for_deploy(endpoint: str, directory: Path) -> dict[str, str]:
    """`sam deploy` sees the emulator and nothing of the operator: no profile, no proxy, no certificates."""
    return {
        "PATH": _SYSTEM_PATH,
        "HOME": str(directory),
        "LANG": "C.UTF-8",
        "NO_PROXY": _LOOPBACK,
        "SAM_CLI_POLL_DELAY": "0.2",
        **for_clients(endpoint),
        **_quiet_sam(),
    }


@contextlib.contextmanager
def pointed_at(endpoint: str) -> Iterator[None]:
    """Inside, the clients of this process talk to the emulator; afterwards its environment is as before."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(for_clients(endpoint))
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [before.get(name), _LOOPBACK]))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _quiet_sam() -> dict[str, str]:
    """SAM asks for newer versions of itself unless it believes that it just did."""
    directory = STATE / "sam"
    directory.mkdir(parents=True, exist_ok=True)
    settings = directory / "metadata.json"
    fresh = directory / f"metadata.{os.getpid()}.json"
    fresh.write_text(json.dumps({"telemetryEnabled": False, "lastVersionCheck": time.time()}), encoding="utf-8")
    fresh.replace(settings)
    return {"SAM_CLI_TELEMETRY": "0", "__SAM_CLI_APP_DIR": str(directory)}
