"""Run the demo: exit code 0 only if the routers ended as the CRM says, and a second sync wrote nothing."""

from __future__ import annotations

import sys
from typing import Any

import boto3

from lab.demo.provider import Provider
from lab.demo.tables import console, picture, show_mismatches, show_response, show_scenes, step
from lab.local_aws import client, environment
from lab.local_aws.emf_bridge import EmfBridge
from lab.local_aws.emulator import Emulator
from lab.local_aws.stack import Stack, deploy


class DemoError(Exception):
    """The demo did not go as it has to; the message says where."""


def main() -> int:
    """Deploy, sync, sync again, import; every part stops before this returns."""
    console.rule("PPP secrets as the CRM says: two routers, a few hundred subscribers")
    try:
        with Provider() as provider, Emulator() as emulator, environment.pointed_at(emulator.endpoint):
            with step("deploying the real template to a local AWS (the first build takes about ten seconds)"):
                stack = deploy(emulator.endpoint)
                client.put_config(stack.config_secret_arn, provider.config())
            _first_sync(provider, stack)
            _second_sync(provider, stack)
            _import(provider, stack)
            _mistake(provider, stack)
            _metrics(stack)
    except DemoError as error:
        console.print(f"[bold red]{error}[/]")
        return 1
    console.rule("[green]The routers are as the CRM says; everything has stopped")
    return 0


def _first_sync(provider: Provider, stack: Stack) -> None:
    before = picture(provider)
    response = _invoke("the first sync", stack.sync_function, {"action": "sync"})
    show_scenes(before, picture(provider))
    show_response(response)
    mismatches = provider.mismatches()
    if mismatches:
        show_mismatches(mismatches)
    _demand(not mismatches, "the routers are not as the CRM says")
    _demand(response["ok"], "the first sync reports a failure")


def _second_sync(provider: Provider, stack: Stack) -> None:
    provider.clear_logs()
    response = _invoke("the second sync, which has nothing to do", stack.sync_function, {"action": "sync"})
    writes = provider.writes()
    console.print(f"Second sync: {writes} writes, {response['duration_ms']} ms")
    _demand(writes == 0, f"the second sync wrote {writes} times")


def _import(provider: Provider, stack: Stack) -> None:
    tried = _invoke("a dry run of the password import", stack.pass_import_function, {"dry_run": True})
    done = _invoke("the password import", stack.pass_import_function, {})
    console.print(f"Import: {tried['imported']} to do, {done['imported']} done, skipped {done['skipped']}")
    _demand(tried["imported"] == done["imported"] > 0, "the import did not do what its dry run said")
    provider.clear_logs()
    _invoke("a third sync, with the imported passwords", stack.sync_function, {"action": "sync"})
    _demand(provider.writes() == 0, "an imported password was not the router's")


def _mistake(provider: Provider, stack: Stack) -> None:
    """Somebody suspends a whole town by a wrong click: nobody is cut off until a person approves exactly that."""
    count = provider.suspend_by_mistake()
    provider.clear_logs()
    response = _invoke(f"a sync after {count} suspensions by mistake", stack.sync_function, {"action": "sync"})
    (withheld,) = (plan for router in response["routers"] for plan in router["withheld_plans"])
    console.print(f"Withheld as plan {withheld['plan_id']}: {withheld['reason']}")
    _demand(provider.writes() == 0, "a mass suspension went through without an approval")
    approval = {"action": "sync", "approve": [withheld["plan_id"]]}
    response = _invoke("the same, approved", stack.sync_function, approval)
    disabled = sum(router["applied"].get("disable", 0) for router in response["routers"])
    dropped = sum(router["sessions_dropped"] for router in response["routers"])
    console.print(f"Approved: {disabled} disabled, {dropped} sessions dropped, {response['duration_ms'] / 1000:.1f} s")
    _demand(disabled == count, "the approved plan was not applied")


def _metrics(stack: Stack) -> None:
    """CloudWatch makes metrics of log lines; here a stand-in does."""
    EmfBridge(stack.sync_function).forward()
    cloudwatch = boto3.client("cloudwatch")
    names = {metric["MetricName"] for metric in cloudwatch.list_metrics(Namespace="UnmsRosSync")["Metrics"]}
    console.print(f"Metrics in CloudWatch: {', '.join(sorted(names))}")
    _demand("RunsSucceeded" in names, "the sync published no metrics")


def _invoke(what: str, function: str, event: dict[str, Any]) -> dict[str, Any]:
    with step(what):
        answer = client.invoke(function, event)
    _demand(not answer.failed, f"{what} failed: {answer.error}")
    payload: dict[str, Any] = answer.payload
    return payload


def _demand(true: Any, otherwise: str) -> None:
    if not true:
        raise DemoError(otherwise)


if __name__ == "__main__":
    sys.exit(main())
