"""The commands of the local AWS, and its stand-in for CloudWatch."""

import json
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest

from lab.local_aws import emulator as emulators
from lab.local_aws import environment
from lab.local_aws.build import build
from lab.local_aws.emf_bridge import EmfBridge
from lab.local_aws.emulator import Emulator, EmulatorError, free_port
from lab.local_aws.environment import ROOT, for_clients, pointed_at
from lab.local_aws.stack import Stack


def local(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m lab.local_aws ...` as the Makefile calls it."""
    return subprocess.run(
        [sys.executable, "-m", "lab.local_aws", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def port() -> str:
    """A port that nobody listens on."""
    return str(free_port())


def test_up_leaves_a_working_stack_and_down_leaves_nothing(port: str) -> None:
    """`up` leaves a stack that answers and says how to reach it; `down` leaves nothing."""
    up = local("up", "--port", port)
    try:
        assert up.returncode == 0, up.stderr
        for name, value in for_clients(f"http://127.0.0.1:{port}").items():
            assert f"export {name}={value}" in up.stdout
        with pointed_at(f"http://127.0.0.1:{port}"):
            stacks = boto3.client("cloudformation").describe_stacks(StackName="unms-ros-sync")["Stacks"]
        for output in stacks[0]["Outputs"]:
            assert f"{output['OutputKey']} " in up.stdout
            assert output["OutputValue"] in up.stdout

        second = local("up", "--port", port)
        assert second.returncode == 1
        assert f"A local AWS runs on port {port} already" in second.stderr
    finally:
        down = local("down", "--port", port)

    assert (down.returncode, down.stdout) == (0, f"The local AWS on port {port} has ended.\n")
    assert not emulators.is_taken(int(port))
    assert not list((ROOT / ".local" / "running").glob(f"{port}.json"))


def test_down_without_up_is_no_fault(port: str) -> None:
    """Ending what does not run is no fault."""
    down = local("down", "--port", port)

    assert (down.returncode, down.stdout) == (0, f"No local AWS runs on port {port}.\n")


def test_a_port_of_another_program_is_refused(emulator: Emulator) -> None:
    """A port that something else listens on is refused, and nothing of that program's is touched."""
    up = local("up", "--port", str(emulator.port))

    assert up.returncode == 1
    assert f"Port {emulator.port} of 127.0.0.1 is taken by another program" in up.stderr
    assert local("down", "--port", str(emulator.port)).stdout == f"No local AWS runs on port {emulator.port}.\n"
    assert emulators.is_taken(emulator.port)


def test_two_emulators_do_not_share_anything(emulator: Emulator) -> None:
    """Emulators on two ports know nothing of each other, and one ends without the other."""
    with Emulator() as other:
        with pointed_at(other.endpoint):
            boto3.client("sqs").create_queue(QueueName="only-here")
        with pointed_at(emulator.endpoint):
            assert not [url for url in boto3.client("sqs").list_queues().get("QueueUrls", ()) if "only-here" in url]

    assert not emulators.is_taken(other.port)
    assert emulators.is_taken(emulator.port)


def test_an_emulator_leaves_nothing_behind() -> None:
    """Its process and everything that it wrote are gone afterwards."""
    with Emulator() as emulator:
        process = emulator.process
        assert process.is_running()
        assert process.directory.is_dir()

    assert not process.is_running()
    assert not process.directory.exists()


def test_an_emulator_ends_with_its_parent() -> None:
    """Nothing stays behind even if the process that started the emulator is killed."""
    code = """
from lab.local_aws.emulator import Emulator
with Emulator() as emulator:
    print(emulator.process.pid, emulator.process.directory, flush=True)
    input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid, directory = parent.stdout.readline().split()
        parent.kill()

    deadline = time.monotonic() + 20
    while subprocess.run(["ps", "-p", pid], capture_output=True, check=False).returncode == 0:
        assert time.monotonic() < deadline, "the emulator still runs"
        time.sleep(0.05)
    assert not Path(directory).exists()


def test_an_emulator_outside_its_context_has_no_address() -> None:
    """An emulator that was not started has no address."""
    with pytest.raises(EmulatorError, match="use it as a context manager"):
        _ = Emulator().endpoint


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux shows the environment of a process")
def test_the_environment_does_not_reach_the_emulator(emulator: Emulator) -> None:
    """What this machine sets for itself, its certificates among it, does not reach the functions."""
    environ = Path(f"/proc/{emulator.process.pid}/environ").read_text(encoding="utf-8")
    names = {entry.partition("=")[0] for entry in environ.strip("\0").split("\0")}

    assert names == set(environment.for_emulator(emulator.port, emulator.process.directory, emulator.process.token))
    assert not [name for name in names if name.startswith(("AWS_", "PIP_")) or "CA_" in name or "SSL" in name]


def test_an_unchanged_build_is_kept() -> None:
    """Sources that have not changed are built once."""
    assert build() == build()


def test_a_metric_line_becomes_metrics_once(stack: Stack) -> None:
    """A metric line in a function's log becomes metrics with its dimensions, once."""
    logs = boto3.client("logs")
    group = f"/aws/lambda/{stack.sync_function}"
    logs.create_log_stream(logGroupName=group, logStreamName="a-run")
    now = int(time.time() * 1000)
    line = {
        "_aws": {
            "Timestamp": now,
            "CloudWatchMetrics": [
                {
                    "Namespace": "BridgeTest",
                    "Dimensions": [["FunctionName"]],
                    "Metrics": [{"Name": "RunSeconds", "Unit": "Seconds"}, {"Name": "Problems", "Unit": "Count"}],
                },
            ],
        },
        "FunctionName": stack.sync_function,
        "RunSeconds": [2.5],
        "Problems": 3,
    }
    messages = ["START RequestId: 1", json.dumps(line), '{"level": "INFO"}']
    logs.put_log_events(
        logGroupName=group,
        logStreamName="a-run",
        logEvents=[{"timestamp": now, "message": message} for message in messages],
    )
    bridge = EmfBridge(stack.sync_function)

    assert bridge.forward() >= 2
    assert bridge.forward() == 0
    listed = boto3.client("cloudwatch").list_metrics(Namespace="BridgeTest")["Metrics"]
    assert {metric["MetricName"] for metric in listed} == {"RunSeconds", "Problems"}
    assert all(metric["Dimensions"] == [{"Name": "FunctionName", "Value": stack.sync_function}] for metric in listed)
