"""One run of one contender in a fresh process; prints its figures as one JSON line.

`python -m lab.benchmarks.one_run NAME < task`; the task is one JSON document. `wall` and `cpu` are of the run itself,
imports left out; `peak` is the most memory that the process ever had.
"""

from __future__ import annotations

import importlib.util
import json
import os
import ssl
import sys
import time
import tracemalloc
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from lab.benchmarks import floor

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
_FUNCTION_SECONDS = 240


class _Context:
    function_name = invoked_function_arn = memory_limit_in_mb = aws_request_id = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        return _FUNCTION_SECONDS * 1000


def main() -> None:
    """Run the contender that the command line names."""
    task = json.load(sys.stdin)
    contenders = {
        "ours": _ours,
        "floor": _floor,
        "barest": _barest,
        "traced": _traced,
        "read-ours": _read_ours,
        "read-librouteros": read_librouteros,
    }
    sys.stdout.write(json.dumps(measure(contenders[sys.argv[1]](task))) + "\n")


def measure(run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The figures of one run."""
    started, used = time.perf_counter(), time.process_time()
    told = run()
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    status = Path("/proc/self/status").read_text("ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return {"wall": wall, "cpu": cpu, "peak": peak * 1024, **told}


def load_app(settings: dict[str, Any]) -> ModuleType:
    """The function's own module, its config secret replaced by a document."""
    sys.path.insert(0, str(ROOT / "layers" / "pppsync"))
    os.environ |= {"CONFIG_SECRET_ARN": "benchmark", "POWERTOOLS_TRACE_DISABLED": "1"}
    from pppsync.config import fetch  # noqa: PLC0415 - the path is known only now
    from pppsync.config.settings import read_settings  # noqa: PLC0415

    patch.object(fetch, "load", lambda *_: read_settings(json.dumps(settings))).start()
    spec = importlib.util.spec_from_file_location("app", ROOT / "functions" / "sync" / "app.py")
    if spec is None or spec.loader is None:
        raise ImportError("functions/sync/app.py")
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    return app


def _ours(task: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    app = load_app(task["config"])

    def run() -> dict[str, Any]:
        log = StringIO()
        with redirect_stdout(log):
            response = app.lambda_handler({}, _Context())
        routers = response["routers"]
        applied = sum(sum(one["applied"].values()) for one in routers)
        return {"ok": response["ok"], "applied": applied, "withheld": sum(len(one["withheld"]) for one in routers)}

    return run


def _traced(task: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    run = _ours(task)

    def traced() -> dict[str, Any]:
        tracemalloc.start()
        told = run()
        return {**told, "traced": tracemalloc.get_traced_memory()[1]}

    return traced


def _floor(task: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    def run() -> dict[str, Any]:
        floor.run(task["config"], task["floods"], confirm=task["confirm"])
        return {}

    return run


def _barest(task: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    def run() -> dict[str, Any]:
        floor.run(task["config"], task["floods"], confirm=task["confirm"], barest=True)
        return {}

    return run


def _read_ours(task: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Only the secrets of the first router, as the run reads them; connecting is left out."""
    load_app(task["config"])
    from pppsync.config.settings import read_settings  # noqa: PLC0415
    from pppsync.net.deadline import Deadline  # noqa: PLC0415
    from pppsync.routers.link import RouterLink  # noqa: PLC0415
    from pppsync.routers.rows import READ_SECRETS, SecretDecoder  # noqa: PLC0415

    deadline = Deadline.after(_FUNCTION_SECONDS)
    link = RouterLink.open(read_settings(json.dumps(task["config"])).routers[0], deadline)

    def run() -> dict[str, Any]:
        return {"rows": len(link.call(["/ppp/secret/print", READ_SECRETS], deadline, SecretDecoder()).rows)}

    return run


def read_librouteros(task: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """The same rows with librouteros as it comes."""
    from librouteros import connect  # noqa: PLC0415 - not in every process

    context = ssl.create_default_context(cadata=task["config"]["certificates"]["routers"])
    api = connect(
        host="127.0.0.1",
        username="admin",
        password=task["config"]["router_os"]["password"],
        port=task["config"]["routers"][0]["port"],
        encoding="utf-8",
        timeout=120,
        ssl_wrapper=lambda sock: context.wrap_socket(sock, server_hostname="127.0.0.1"),
    )

    def run() -> dict[str, Any]:
        return {"rows": len(list(api.rawCmd("/ppp/secret/print", floor.READ_SECRETS)))}

    return run


if __name__ == "__main__":
    main()
