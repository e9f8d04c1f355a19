"""Runs what `sam build` made as Lambda does: AWS's own runtime client, the layer, nothing of this project's venv."""

import importlib.metadata
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lab.local_aws.build import build

_RUNTIME_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
_RUNTIME_BOTO3 = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "urllib3", "six")
_WITHOUT_LAYER = ("WidgetFunction", "NotifyFunction")
_ANSWER_SECONDS = 20
# The runtime client crashes on an event without a content type.
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Execution:
    """What a function answered to one event, and the lines that it wrote.

    `kind` is `response`, `error`, or `init/error` if the function could not even be imported.
    """

    kind: str
    body: Any
    lines: list[str]


Run = Callable[..., Execution]


@dataclass
class _LambdaService:
    """Hands out one event and takes the answer; answers for Secrets Manager too, which holds one document."""

    events: list[dict[str, Any]]
    secret: str
    answers: queue.Queue[tuple[str, Any]] = field(default_factory=queue.Queue)
    closed: threading.Event = field(default_factory=threading.Event)

    def next_event(self) -> dict[str, Any] | None:
        """The event; when there is none left, the runtime waits until it is ended."""
        if self.events:
            return self.events.pop(0)
        self.closed.wait()
        return None


def _handler_for(api: _LambdaService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            event = api.next_event()
            if event is not None:
                self._answer(
                    event,
                    {
                        "Lambda-Runtime-Aws-Request-Id": "11111111-2222-3333-4444-555555555555",
                        "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 30) * 1000)),
                        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:built",
                        "Lambda-Runtime-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
                    },
                )

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
            if self.headers.get("X-Amz-Target") == "secretsmanager.GetSecretValue":
                self._answer({"ARN": body["SecretId"], "Name": "config", "SecretString": api.secret})
                return
            kind = "init/error" if "/init/" in self.path else self.path.rsplit("/", 1)[1]
            self._answer({})
            api.answers.put((kind, body))

        def _answer(self, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
            content = json.dumps(body).encode()
            self.send_response(200)
            for name, value in {**_JSON, "Content-Length": str(len(content)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Only the function writes."""

    return Handler


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder with what `sam build` made."""
    return build().parent


@pytest.fixture(scope="session")
def runtime_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with AWS's runtime client and what it needs itself: what Lambda has in /var/runtime."""
    return _linked(tmp_path_factory.mktemp("runtime"), _RUNTIME_CLIENT)


@pytest.fixture(scope="session")
def runtime_boto3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with boto3 and what it needs itself: Lambda's Python has one, which a function without a layer uses."""
    return _linked(tmp_path_factory.mktemp("boto3"), _RUNTIME_BOTO3)


def _linked(folder: Path, distributions: tuple[str, ...]) -> Path:
    for name in distributions:
        for file in importlib.metadata.files(name) or ():
            top = file.parts[0]
            if top != ".." and not (folder / top).exists():
                (folder / top).symlink_to(Path(str(file.locate())).parents[len(file.parts) - 1] / top)
    return folder


@pytest.fixture
def isolated(built: Path, runtime_client: Path, runtime_boto3: Path) -> Callable[[str], dict[str, str]]:
    """The environment of a function: its code, its layer, the runtime client, and no site-packages (`python -S`).

    A function without a layer has the boto3 of the runtime.
    """

    def environment(function: str) -> dict[str, str]:
        beside = runtime_boto3 if function in _WITHOUT_LAYER else built / "Layer" / "python"
        path = [built / function, beside, runtime_client]
        return {"PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHONDONTWRITEBYTECODE": "1", "TZ": ":UTC"}

    return environment


@pytest.fixture
def run(built: Path, isolated: Callable[[str], dict[str, str]]) -> Run:
    """`run("SyncFunction", {"action": "plan"}, secret="{}")`: one execution environment, one event."""

    def execute(function: str, event: dict[str, Any], *, secret: str = "{}", **variables: str) -> Execution:
        api = _LambdaService(events=[event], secret=secret)
        with ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(api)) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
            address = f"127.0.0.1:{server.server_address[1]}"
            environment = {**isolated(function), **_lambda_variables(function, address), **variables}
            try:
                return _execute(api, built / function, environment)
            finally:
                api.closed.set()
                server.shutdown()

    return execute


def _execute(api: _LambdaService, folder: Path, environment: dict[str, str]) -> Execution:
    with subprocess.Popen(
        [sys.executable, "-S", "-m", "awslambdaric", "app.lambda_handler"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            answer = api.answers.get(timeout=_ANSWER_SECONDS)
        except queue.Empty:
            answer = None
        process.terminate()
        output, _ = process.communicate()
    assert answer is not None, f"the function did not answer within {_ANSWER_SECONDS} seconds; it wrote:\n{output}"
    return Execution(*answer, lines=output.splitlines())


def _lambda_variables(function: str, address: str) -> dict[str, str]:
    return {
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "a-stream",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": f"http://{address}",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
        "TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:alarms",
        "STACK_NAME": "unms-ros-sync",
        "NOTICE_NAMES": "true",
        "CONFIG_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:config-AbCdEf",
        "POWERTOOLS_SERVICE_NAME": "unms-ros-sync",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "POWERTOOLS_METRICS_NAMESPACE": "UnmsRosSync",
        "POWERTOOLS_TRACER_CAPTURE_RESPONSE": "false",
        "POWERTOOLS_TRACER_CAPTURE_ERROR": "false",
    }
