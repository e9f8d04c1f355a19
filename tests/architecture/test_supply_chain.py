"""What comes from elsewhere: pinned to the byte, fetched from nowhere else, and of use without native code."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKED = [ROOT / "layers/pppsync/requirements.txt", *sorted((ROOT / "requirements").glob("*.txt"))]
PIN = re.compile(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==[0-9][0-9a-z.!+]*( ; [^\\]+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")

WITHOUT_NATIVE_CODE = """
import importlib, importlib.machinery as machinery, sys
site, pure = sys.argv[1], machinery.FileFinder.path_hook((machinery.SourceFileLoader, machinery.SOURCE_SUFFIXES))
def hook(path):
    if not path.startswith(site):
        raise ImportError(path)
    return pure(path)
sys.path_hooks.insert(0, hook)
sys.path_importer_cache.clear()
for name in sys.argv[2:]:
    importlib.import_module(name)
native = [one.__file__ for one in list(sys.modules.values()) if str(getattr(one, "__file__", "")).endswith(".so")]
print(*(file for file in native if file.startswith(site)))
"""


def requirements(file: Path) -> list[list[str]]:
    """Each requirement of a file as its parts: the pin, then its hashes."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.split("#")[0].strip()]
    joined = "\n".join(lines).replace("\\\n", "\n    ")
    return [[part.strip() for part in entry.splitlines()] for entry in re.split(r"\n(?=\S)", joined)]


@pytest.mark.parametrize("file", LOCKED, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_requirement_is_pinned_with_hashes(file: Path) -> None:
    """One version, at least one hash, and no index, link or path of its own."""
    found = requirements(file)
    assert found
    for pin, *hashes in found:
        assert PIN.fullmatch(pin.removesuffix("\\").strip()), pin
        assert hashes, pin
        assert all(HASH.fullmatch(one.removesuffix("\\").strip()) for one in hashes), pin


def test_nothing_is_installed_without_its_hash() -> None:
    """Each `pip install` of the Makefile asks for hashes, and none of them goes anywhere else."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--require-hashes" in text
    assert re.findall(r"pip install(?!.*--require-hashes)[^\n]*", text) == []
    assert "index-url" not in text.replace("--no-emit-index-url", "")


def test_the_layer_needs_no_native_code() -> None:
    """The layer is built for another processor: all that we import works from Python source alone."""
    modules = sorted(f"pppsync.{path.stem}" for path in (ROOT / "layers/pppsync/pppsync").glob("[!_]*.py"))
    libraries = ("boto3", "requests", "librouteros", "aws_lambda_powertools", "aws_xray_sdk.core", "wrapt")
    site = sysconfig.get_path("purelib")
    code = [sys.executable, "-c", WITHOUT_NATIVE_CODE, site, "charset_normalizer", *libraries, *modules]
    done = subprocess.run(
        code,
        env={"PYTHONPATH": str(ROOT / "layers/pppsync"), "AWS_DEFAULT_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
