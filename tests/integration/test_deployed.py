"""The deployed functions at work: configuration from the secret, real protocols, metrics out of the log."""

import json
from collections import Counter

import boto3

from lab.local_aws import client
from lab.local_aws.emf_bridge import EmfBridge
from lab.local_aws.stack import Stack
from pppsync.report import metrics
from tests.integration.providers import ROUTER_PASSWORD, Provider


def test_the_deployed_sync_does_what_the_crm_says_once(stack: Stack, live: Provider) -> None:
    """The deployed sync creates and disables as the CRM says, and a second one has nothing left to do."""
    live.subscribe("NEW1", "one")
    live.subscribe("OUT1", "two", status=3)
    live.router.add_secret(name="OUT1", password="two", profile="30mbps", service="pppoe")
    first = client.invoke(stack.sync_function, {"action": "sync"})
    second = client.invoke(stack.sync_function, {"action": "sync"})

    assert not first.failed, first.error
    assert first.payload["ok"] is True
    assert first.payload["exclusive"] is True
    assert first.payload["routers"][0]["applied"] == {"create": 1, "disable": 1}
    assert second.payload["routers"][0]["planned"] == {}
    secrets = {secret["name"]: secret for secret in live.router.secrets()}
    assert (secrets["NEW1"]["password"], secrets["NEW1"]["disabled"]) == ("one", "false")
    assert secrets["OUT1"]["disabled"] == "true"


def test_the_deployed_import_writes_passwords_to_the_crm(stack: Stack, live: Provider) -> None:
    """The deployed import writes the router's password to the CRM."""
    subscriber = live.subscribe("OLD1")
    live.router.add_secret(name="OLD1", password="from-the-router", profile="30mbps", service="pppoe")
    answer = client.invoke(stack.pass_import_function, {})

    assert not answer.failed, answer.error
    assert answer.payload["ok"] is True
    assert answer.payload["imported"] == 1
    (attribute,) = live.crm.client(subscriber)["attributes"]
    assert (attribute["key"], attribute["value"]) == ("pppPassword", "from-the-router")


def test_log_lines_become_exactly_the_documented_metrics(stack: Stack, live: Provider) -> None:
    """A run's log lines become exactly the metrics of the table, for the function and again for each router."""
    live.subscribe("NEW2", "one")
    bridge = EmfBridge(stack.sync_function)
    client.invoke(stack.sync_function, {"action": "sync"})
    client.invoke(stack.sync_function, {"action": "plan"})
    forwarded = bridge.forward()
    listed = boto3.client("cloudwatch").list_metrics(Namespace=metrics.NAMESPACE)["Metrics"]
    of_function = {m["MetricName"] for m in listed if [d["Name"] for d in m["Dimensions"]] == ["FunctionName"]}
    of_router = {m["MetricName"] for m in listed if [d["Name"] for d in m["Dimensions"]] == ["FunctionName", "Router"]}

    assert forwarded > 0
    assert of_function == {*metrics.RUN_METRICS, *metrics.ROUTER_METRICS}
    assert of_router == set(metrics.ROUTER_METRICS)
    assert {d["Value"] for m in listed for d in m["Dimensions"] if d["Name"] == "FunctionName"} == {stack.sync_function}


def test_nothing_secret_is_logged(stack: Stack, live: Provider) -> None:
    """Neither the configuration's credentials nor a subscriber's password is in any log line, all of which is JSON."""
    live.subscribe("NEW3", "a-subscribers-password")
    before = Counter(client.log_lines(stack.sync_function))
    client.invoke(stack.sync_function, {"action": "sync"})
    lines = list((Counter(client.log_lines(stack.sync_function)) - before).elements())
    own = [line for line in lines if not line.startswith(("START ", "END ", "REPORT "))]

    assert own
    assert all(isinstance(json.loads(line), dict) for line in own)
    assert not [line for line in lines if "a-subscribers-password" in line or ROUTER_PASSWORD in line]
