"""The built functions fail as Lambda shows it: the true type of the error, its code, and logs that are JSON."""

import json
from typing import Any

import pytest

FUNCTIONS = ("SyncFunction", "PassImportFunction")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nothing_configured_yet(run: Any, function: str) -> None:
    """With the empty document that the stack creates, the error says so by its type and its code."""
    execution = run(function, {}, secret="{}")

    assert execution.kind == "error"
    assert execution.body["errorType"] == "ConfigurationError"
    assert execution.body["errorMessage"].startswith("configuration_empty: ")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_faults_of_the_configuration(run: Any, function: str) -> None:
    """Every fault is told in the one error, by its path, and no value is shown anywhere."""
    secret = {"ucrm": {"ucrm_key": "a-secret-key", "domain_name": 7}, "router_os": {"hots": "192.0.2.1"}}
    execution = run(function, {}, secret=json.dumps(secret))

    assert execution.body["errorType"] == "ConfigurationError"
    assert execution.body["errorMessage"].startswith("configuration_invalid: ")
    assert "ucrm.domain_name" in execution.body["errorMessage"]
    assert "router_os.hots" in execution.body["errorMessage"]
    assert "a-secret-key" not in "\n".join([json.dumps(execution.body), *execution.lines])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_event_that_is_not_understood(run: Any, function: str) -> None:
    """An unknown key is refused before anything is done: neither the CRM nor a router is looked for."""
    secret = {"ucrm": {"ucrm_key": "a-secret-key", "domain_name": "crm.invalid"}, "router_os": {"host": "192.0.2.1"}}
    execution = run(function, {"dry-run": True}, secret=json.dumps(secret))

    assert execution.kind == "error"
    assert execution.body["errorType"] == "EventError"
    assert execution.body["errorMessage"].startswith("event_invalid: ")
    assert "dry-run" in execution.body["errorMessage"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_logs_are_json(run: Any, function: str) -> None:
    """Every line is a JSON object with a level, so that it can be queried and filtered."""
    lines = run(function, {}, secret="{}").lines

    assert lines
    assert all("level" in json.loads(line) for line in lines)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_without_the_layer(run: Any, built: Any, runtime_client: Any, function: str) -> None:
    """The check itself: a function whose dependency is missing does not start, and the error names the module."""
    execution = run(function, {}, PYTHONPATH=f"{built / function}:{runtime_client}")

    assert execution.kind == "init/error"
    assert execution.body["errorType"] == "Runtime.ImportModuleError"
    assert "No module named" in execution.body["errorMessage"]


def test_notify_logs_what_is_no_event(run: Any) -> None:
    """An event that is none of S3 tells nobody, fails nothing, and is one JSON line with the level of an error."""
    execution = run("NotifyFunction", {"Records": "a-secret"})
    records = [json.loads(line) for line in execution.lines]

    assert (execution.kind, execution.body) == ("response", [])
    assert [(each["level"], each["message"]) for each in records if each["level"] == "ERROR"] == [
        ("ERROR", "no notice: the event is not of the form that S3 sends"),
    ]
    assert "a-secret" not in "".join(execution.lines)
