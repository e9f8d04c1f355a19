"""`sam build`, once for each state of the sources, safe to call from several processes at once."""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.local_aws.environment import ROOT, SAM, STATE, for_build

_SOURCES = ("template.yaml", "functions", "layers")
_BUILDS = STATE / "builds"
_KEEP_SECONDS = 3600.0


class BuildError(Exception):
    """`sam build` failed; the message is what it printed."""


def host_architecture() -> str:
    """The Lambda name of this machine's processor: functions with compiled modules run here only if built for it."""
    return "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"


def build() -> Path:
    """The path of the built template; beside it lie the built functions and the layer.

    The sources are copied first and the build is named after what was copied, so that an edit at the wrong moment is
    never built half.
    """
    with _only_one():
        staged = _stage()
        done = _BUILDS / _digest(staged)
        if not done.is_dir():
            unfinished = _BUILDS / "unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            _sam_build(staged, unfinished)
            unfinished.rename(done)
        os.utime(done)
        _remove_old_builds()
    return done / "template.yaml"


@contextmanager
def _only_one() -> Iterator[None]:
    _BUILDS.mkdir(parents=True, exist_ok=True)
    with (STATE / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stage() -> Path:
    staged = STATE / "source"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
    for name in _SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, staged / name, ignore=ignore)
        else:
            shutil.copy2(source, staged / name)
    return staged


def _digest(staged: Path) -> str:
    digest = hashlib.sha256(host_architecture().encode())
    for path in sorted(path for path in staged.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(staged)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _sam_build(staged: Path, target: Path) -> None:
    command: list[str | Path] = [
        *(SAM, "build", "--cached", "--parallel", "--template-file", staged / "template.yaml"),
        *("--build-dir", target, "--cache-dir", STATE / "sam-cache"),
        *("--parameter-overrides", f"Architecture={host_architecture()}"),
    ]
    done = subprocess.run(  # noqa: S603 - fixed words and our own paths
        command,
        cwd=staged,
        env=for_build(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(f"sam build failed with exit code {done.returncode}:\n{done.stdout}")


def _remove_old_builds() -> None:
    """A build that nobody asked for in the last hour is not being deployed any more."""
    limit = time.time() - _KEEP_SECONDS
    for old in _BUILDS.iterdir():
        if old.stat().st_mtime < limit:
            shutil.rmtree(old, ignore_errors=True)
