"""Run the demo: exit code 0 only if the routers ended as the CRM says, and a second sync wrote nothing."""

from __future__ import annotations

import argparse
import sys
from typing import Final

import boto3

from lab.demo import mistakes
from lab.demo.acting import DemoError, demand, invoke
from lab.demo.provider import Provider
from lab.demo.tables import console, picture, show_mismatches, show_response, show_scenes, step
from lab.local_aws import client, environment
from lab.local_aws.emf_bridge import EmfBridge
from lab.local_aws.emulator import Emulator
from lab.local_aws.stack import Stack, deploy

_DESCRIPTION: Final = (
    "Deploys the stack to a local AWS, with a made-up CRM and two routers. Syncs twice, imports the passwords, plays "
    "some mistakes, and stops everything. The exit code is 0 only if all of it went as it should."
)


def main() -> int:
    """Deploy, sync, sync again, import; every part stops before this returns."""
    argparse.ArgumentParser(prog="python -m lab.demo", description=_DESCRIPTION).parse_args()
    console.rule("PPP secrets as the CRM says: two routers, a few hundred subscribers")
    try:
        with Provider() as provider, Emulator() as emulator, environment.pointed_at(emulator.endpoint):
            with step("deploying the real template to a local AWS (the first build takes about ten seconds)"):
                stack = deploy(emulator.endpoint)
                client.put_config(stack.config_secret_arn, provider.config())
            _first_sync(provider, stack)
            _second_sync(provider, stack)
            _import(provider, stack)
            mistakes.play(provider, stack)
            _metrics(stack)
    except DemoError as error:
        console.print(f"[bold red]{error}[/]")
        return 1
    console.rule("[green]The routers are as the CRM says; everything has stopped")
    return 0


def _first_sync(provider: Provider, stack: Stack) -> None:
    before = picture(provider)
    response = invoke("the first sync", stack.sync_function, {"action": "sync"})
    show_scenes(before, picture(provider))
    show_response(response)
    mismatches = provider.mismatches()
    if mismatches:
        show_mismatches(mismatches)
    demand(not mismatches, "the routers are not as the CRM says")
    demand(response["ok"], "the first sync reports a failure")


def _second_sync(provider: Provider, stack: Stack) -> None:
    provider.clear_logs()
    response = invoke("the second sync, which has nothing to do", stack.sync_function, {"action": "sync"})
    writes = provider.writes()
    console.print(f"Second sync: {writes} writes, {response['duration_ms']} ms")
    demand(writes == 0, f"the second sync wrote {writes} times")


def _import(provider: Provider, stack: Stack) -> None:
    tried = invoke("a dry run of the password import", stack.pass_import_function, {"dry_run": True})
    done = invoke("the password import", stack.pass_import_function, {})
    console.print(f"Import: {tried['imported']} to do, {done['imported']} done, skipped {done['skipped']}")
    demand(tried["imported"] == done["imported"] > 0, "the import did not do what its dry run said")
    provider.clear_logs()
    invoke("a third sync, with the imported passwords", stack.sync_function, {"action": "sync"})
    demand(provider.writes() == 0, "an imported password was not the router's")


def _metrics(stack: Stack) -> None:
    """CloudWatch makes metrics of log lines; here a stand-in does."""
    EmfBridge(stack.sync_function).forward()
    cloudwatch = boto3.client("cloudwatch")
    names = {metric["MetricName"] for metric in cloudwatch.list_metrics(Namespace="UnmsRosSync")["Metrics"]}
    console.print(f"Metrics in CloudWatch: {', '.join(sorted(names))}")
    demand("RunsSucceeded" in names, "the sync published no metrics")


if __name__ == "__main__":
    sys.exit(main())
