"""`--help` of the demo's programs: it says what they do, and starts nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("program", ["lab.demo", "lab.demo.tryout", "lab.demo.widget"])
@pytest.mark.parametrize(("argument", "code", "says"), [("--help", 0, "usage: python -m"), ("--no", 2, "error: ")])
def test_a_program_of_the_demo_explains_itself(program: str, argument: str, code: int, says: str) -> None:
    """A stranger who asks for help gets it; a wrong argument is a usage error, not a traceback."""
    command = [sys.executable, "-m", program, argument]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == code
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
