"""What the safety tests are worth: takes one protection out of a copy of the source at a time, and shows who notices.

`python -m lab.faults.mutants` patches a copy in a temporary folder; the checkout is not touched. Each mutant is put
before the fault bench, and with `--tests` before the unit, property and integration tests too.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lab.faults.protections import MUTANTS

if TYPE_CHECKING:
    from lab.faults.mutant import Mutant

ROOT = Path(__file__).parents[2]
PACKAGE = Path("layers/pppsync/pppsync")
SUITES = ("tests/unit", "tests/property", "tests/integration/test_confirm.py", "tests/integration/test_disasters.py")


def main() -> int:
    """Try the mutants; 1 if one was noticed by nobody."""
    parser = argparse.ArgumentParser(prog="python -m lab.faults.mutants", description=__doc__)
    parser.add_argument("--only", default="", help="part of a mutant's name")
    parser.add_argument("--count", type=int, default=1500, help="schedules that a mutant may survive")
    parser.add_argument("--processes", type=int, default=2, help="one finds the lowest seed")
    parser.add_argument("--tests", action="store_true", help="also run the tests on it")
    asked = parser.parse_args()
    alive = 0
    if asked.tests:
        with tempfile.TemporaryDirectory() as folder:
            _copy(Path(folder))
            if failed := _failing_tests(Path(folder)):
                raise SystemExit(f"the tests fail although nothing was taken out: {failed[0]}")
    for mutant in MUTANTS:
        if asked.only not in mutant.name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            noticed = _try(mutant, Path(folder), asked)
        alive += not noticed
        sys.stdout.write(f"{'**' if mutant.named else '  '} {mutant.name}: {'; '.join(noticed) or 'NOT NOTICED'}\n")
        sys.stdout.flush()
    return bool(alive)


def _try(mutant: Mutant, copy: Path, asked: argparse.Namespace) -> list[str]:
    """Who noticed: the bench's first broken invariant, the first test that failed."""
    _copy(copy)
    target = copy / PACKAGE / mutant.file
    text = target.read_text()
    if mutant.before not in text:
        raise SystemExit(f"{mutant.name}: {mutant.file} no longer holds {mutant.before!r}")
    target.write_text(text.replace(mutant.before, mutant.after))
    noticed = []
    bounds = ("--count", str(asked.count), "--processes", str(asked.processes))
    said = _run(copy, "-m", "lab.faults", "--fail-fast", *bounds)
    if found := re.search(r"^schedule (\d+)$.*?^VIOLATION: ([^\n]*)", said, re.DOTALL | re.MULTILINE):
        noticed.append(f"schedule {found[1]} ({found[2][:90]})")
    if asked.tests:
        failed = _failing_tests(copy)
        noticed += [f"the tests, {failed[0]} first"] if failed else []
    return noticed


def _copy(folder: Path) -> None:
    """Everything but environments, caches and git's own."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"), dirs_exist_ok=True)


def _failing_tests(folder: Path) -> list[str]:
    said = _run(folder, "-m", "pytest", "-q", "--maxfail=3", "-p", "no:cacheprovider", *SUITES)
    return re.findall(r"^(?:FAILED|ERROR) (\S+)", said, re.MULTILINE)


def _run(folder: Path, *arguments: str) -> str:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{folder / 'layers/pppsync'}:{folder / 'functions/widget'}:{folder}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
