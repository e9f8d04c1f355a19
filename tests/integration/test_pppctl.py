"""The operator's command line against the deployed functions."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from lab.local_aws import client
from lab.local_aws.environment import ROOT
from pppctl.__main__ import main
from tests.integration.providers import Provider, crm_keys, router_keys

if TYPE_CHECKING:
    from pathlib import Path

    from lab.local_aws.stack import Stack


@pytest.fixture
def live(live: Provider) -> Provider:
    """A provider with one subscriber, which the deployed functions are configured for."""
    live.subscribe("ANN", "s3cret")
    return live


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """The exit code, and what was printed as JSON."""
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def without_profile(live: Provider, name: str) -> None:
    """A subscriber whose service plan is no profile of the router."""
    subscriber = live.crm.add_client(name, {"pppPassword": "s3cret"})
    live.crm.add_service(subscriber, 1, name="900mbps")


def test_from_check_to_explain(live: Provider, capsys: pytest.CaptureFixture[str]) -> None:
    """An operator's first hour: the self-test, the plan, the sync, and a subscriber explained."""
    checked = answer(capsys, "check")
    planned = answer(capsys, "plan")
    assert live.router.secret("ANN") is None
    synced = answer(capsys, "sync", "--router", "default")
    explained = answer(capsys, "explain", "ANN", "ghost")
    sentences = [one["sentence"] for one in explained[1]["explanations"]]

    assert [one for one in checked[1]["checks"] if not one["ok"]] == []
    assert [code for code, _ in (checked, planned, synced, explained)] == [0, 0, 0, 0]
    assert planned[1]["routers"][0]["planned"] == {"create": 1}
    assert synced[1]["routers"][0]["applied"] == {"create": 1}
    assert live.router.secret("ANN") is not None
    assert "both sides agree, so the next run changes nothing" in sentences[0]
    assert sentences[1].startswith("No subscriber in the CRM has the custom ID `ghost`; no router holds a secret")


def test_withheld_and_approved(live: Provider, capsys: pytest.CaptureFixture[str]) -> None:
    """A withheld plan is approved by the id that `plan` prints; an id that is not waiting is exit code 1."""
    for number in range(12):
        live.subscribe(f"SUB{number}", "x", status=3)
        live.router.add_secret(name=f"SUB{number}", password="x", profile="30mbps", service="pppoe")
    _, planned = answer(capsys, "plan")
    (plan,) = planned["routers"][0]["withheld_plans"]
    unknown = main(["approve", "--yes", "0123456789abcdef"])
    refused = capsys.readouterr().out
    applied = main(["approve", "--yes", plan["plan_id"]])
    confirmed = capsys.readouterr().out

    _, history = answer(capsys, "history", "SUB0")
    approved = [one["approved_by"] for one in history["records"] if one["result"] == "applied"]

    assert [str(by)[:8] for by in approved] == ["arn:aws:"]
    assert (unknown, applied) == (1, 0)
    assert "0123456789abcdef  unknown" in refused
    assert f"{plan['plan_id']}  applied" in confirmed
    assert {one["disabled"] for one in live.router.secrets() if one["name"].startswith("SUB")} == {"true"}


def test_stop_and_resume(live: Provider, capsys: pytest.CaptureFixture[str]) -> None:
    """An emergency: `stop` puts the hold itself, the deployed sync obeys it, and `resume` lets it write again."""
    stopped = answer(capsys, "stop", "--why", "a wrong price list")
    held = answer(capsys, "sync")
    checked = answer(capsys, "check")
    absent = live.router.secret("ANN") is None
    resumed = answer(capsys, "resume")
    synced = answer(capsys, "sync")
    (row,) = stopped[1]["routers"]

    assert [code for code, _ in (stopped, held, resumed, synced)] == [0, 0, 0, 0]
    assert (row["name"], row["hold"]["why"]) == (None, "a wrong price list")
    assert row["hold"]["by"].startswith("arn:aws:")
    assert (held[1]["routers"][0]["hold"], held[1]["routers"][0]["deferred"]) == (row["hold"], {"create": 1})
    assert absent
    assert [one["check"] for one in checked[1]["checks"] if one["check"].endswith(".hold")] == ["router.default.hold"]
    assert (synced[1]["routers"][0]["hold"], synced[1]["routers"][0]["applied"]) == (None, {"create": 1})


def test_hold_by_the_function(live: Provider, stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """The function's own role may put, read and take back holds; a slip of the name stops nothing."""
    event = {"action": "hold", "routers": ["default"], "for": "1h", "by": "anna", "why": "the tower moves"}
    held = client.invoke(stack.sync_function, event)
    answer(capsys, "sync")
    absent = live.router.secret("ANN") is None
    slip = main(["hold", "defualt", "--for", "1h", "--why", "x"])
    said = capsys.readouterr().err
    released = client.invoke(stack.sync_function, {"action": "release"})

    assert held.payload["routers"][0]["hold"]["by"] == "anna"
    assert absent
    assert (slip, "did you mean 'default'?" in said) == (3, True)
    assert (released.payload["ok"], released.payload["routers"]) == (True, [{"name": "default", "hold": None}])


def test_import(live: Provider, capsys: pytest.CaptureFixture[str]) -> None:
    """The import is tried with --dry-run, then done."""
    subscriber = live.subscribe("OLD1")
    live.router.add_secret(name="OLD1", password="from-the-router", profile="30mbps", service="pppoe")
    tried = answer(capsys, "import", "--dry-run")
    assert live.crm.client(subscriber)["attributes"] == []
    done = answer(capsys, "import", "--subscriber", "OLD1")

    assert [(code, found["dry_run"], found["imported"]) for code, found in (tried, done)] == [
        (0, True, 1),
        (0, False, 1),
    ]
    assert [one["value"] for one in live.crm.client(subscriber)["attributes"]] == ["from-the-router"]


def test_history_and_report(live: Provider, capsys: pytest.CaptureFixture[str]) -> None:
    """The records that the functions log are found by login, and summed up by router."""
    live.subscribe('O"Hara\\1/', "s3cret")
    without_profile(live, "NO-PROFILE")
    for _ in range(2):
        assert main(["sync"]) == 0
    capsys.readouterr()
    made, never = answer(capsys, "history", 'O"Hara\\1/'), answer(capsys, "history", "NO-PROFILE", "--days", "1")
    code, sums = answer(capsys, "report", "--days", "1")
    listed, all_problems = answer(capsys, "problems", "--days", "1", "--router", "default")
    (router,) = [one for one in sums["routers"] if one["name"] == "default"]

    assert [(one["kind"], one["result"]) for one in made[1]["records"]] == [("create", "applied")]
    assert [(one["reason"], one["times"]) for one in never[1]["records"]] == [("profile_missing", 2)]
    assert (code, router["still_broken"], router["unmatched_online"], sums["failed"]) == (0, 0, 0, None)
    assert (listed, all_problems["run_id"]) == (0, sums["latest"]["run_id"])
    assert ("NO-PROFILE", "profile_missing") in {(one["name"], one["reason"]) for one in all_problems["problems"]}
    assert router["new"] >= 2


def test_config(stack: Stack, live: Provider, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document goes from a file into the secret that the functions read, unless it has a fault."""
    file = tmp_path / "config.json"
    document = {"ucrm": crm_keys(live.crm), "router_os": router_keys(live.router)}
    client.put_config(stack.config_secret_arn, {})
    file.write_text(json.dumps(document | {"rooters": []}), encoding="utf-8")
    refused, first = answer(capsys, "config", "put", str(file)), main(["plan"])
    file.write_text(json.dumps(document), encoding="utf-8")
    done, second = answer(capsys, "config", "put", str(file)), main(["plan"])

    assert (refused[0], first) == (1, 3)
    assert refused[1]["faults"] == ["rooters: is an unknown key; did you mean `routers`?"]
    assert (done[0], done[1]["secret"], second) == (0, stack.config_secret_arn, 0)


def test_csv(live: Provider, capsys: pytest.CaptureFixture[str]) -> None:
    """A plan's problems and changes as they come out of the deployed function."""
    without_profile(live, "=1+1")
    assert main(["plan", "--csv", "problems"]) == 0
    problems = capsys.readouterr().out.splitlines()
    assert main(["plan", "--csv", "changes"]) == 0
    changes = capsys.readouterr().out.splitlines()

    assert problems[0] == "reason,name,subscriber,service,router,detail"
    assert problems[1].startswith("profile_missing,'=1+1,")
    assert changes[1].startswith('default,ANN,create,,,"30mbps, enabled"')


def test_another_run_is_under_way(stack: Stack, live: Provider, capsys: pytest.CaptureFixture[str]) -> None:
    """While a run holds the only place, the command waits and then does its work; told not to wait, it fails."""
    begun = threading.Event()
    live.crm.on_request = lambda _: begun.set()
    live.crm.latency = 2.0
    run = threading.Thread(target=client.invoke, args=(stack.sync_function, {"action": "sync"}))
    run.start()
    assert begun.wait(30)
    impatient = main(["plan", "--wait", "0"])
    refused = capsys.readouterr()
    patient = main(["plan", "--wait", "60"])
    told = capsys.readouterr()
    run.join()

    assert (impatient, refused.out) == (3, "")
    assert "another run is still under way after 0 s" in refused.err
    assert patient == 0
    assert "another run is under way; trying again in 1 s" in told.err


def test_nothing_configured(stack: Stack) -> None:
    """What the function raises is exit code 3, with its message on standard error; here as a process of its own."""
    client.put_config(stack.config_secret_arn, {})
    done = subprocess.run(
        [sys.executable, "-m", "pppctl", "check", "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (3, "")
    assert "unms-ros-sync-sync ended with an error: configuration_empty: nothing is configured yet" in done.stderr


def test_no_such_stack(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """A stack that does not exist is told with the options that may be wrong."""
    assert stack.sync_function
    assert main(["--stack", "another", "plan"]) == 3
    assert "there is no stack another in this account and region; see --stack" in capsys.readouterr().err
