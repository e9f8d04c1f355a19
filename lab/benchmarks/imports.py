"""What the function's first invocation pays before it begins: its imports, beside those of the libraries it needs."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from typing import Final

from lab.benchmarks.demands import Line
from lab.benchmarks.servers import ROOT

_ROUNDS: Final = 11
_LIBRARIES: Final = """
import boto3, requests
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider
Logger(); Tracer()
"""
_OURS: Final = "import app"
_TIMED: Final = "import time; a = time.process_time()\n{}\nprint(time.process_time() - a)"


def imports() -> list[Line]:
    """CPU seconds of the imports in fresh processes, in turn."""
    pairs = [(_seconds(_OURS), _seconds(_LIBRARIES)) for _ in range(_ROUNDS)]
    found = {
        "functions/sync/app.py s": round(statistics.median(ours for ours, _ in pairs), 3),
        "libraries s": round(statistics.median(libraries for _, libraries in pairs), 3),
    }
    value = statistics.median(ours / libraries for ours, libraries in pairs)
    return [Line("import of functions/sync/app.py", "CPU / its libraries", 1.2, value, found)]


def _seconds(code: str) -> float:
    path = os.pathsep.join(str(ROOT / each) for each in ("functions/sync", "layers/pppsync"))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _TIMED.format(code)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "POWERTOOLS_TRACE_DISABLED": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)
