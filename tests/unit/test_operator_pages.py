"""Examples, tables and commands of the operators' pages, run and counted as they are printed there."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from ipaddress import IPv4Network
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.session import get_session
from cfnlint.decode import cfn_yaml

from lab.local_aws.environment import ROOT
from lab.simulators.certificates import Authority
from pppctl.arguments import parse
from pppctl.router_script import script
from pppctl.router_script.__main__ import main
from pppsync.config.settings import read_settings
from pppsync.core.census import Census
from pppsync.core.change import Change, Kind
from pppsync.core.guard import Guard
from pppsync.core.masked import Masked
from pppsync.core.plan import Plan, RouterPlan
from pppsync.core.policy import GuardLimits
from tests.builders import a_change
from tests.unit.router_builders import PASSWORD, XML, request, router

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = "An example: three routers and a management network"
GUARD = "Guard values for 2,000 customers a router"
ROUTERS = ("a", "b", "c")


def page(name: str) -> str:
    """A page of docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def section(name: str, title: str) -> str:
    """One section of a page."""
    return page(name).split(f"\n## {title}\n")[1].split("\n## ")[0]


@cache
def pem() -> str:
    """A certificate."""
    return Authority().pem


# --- the example of three routers


def parameters() -> dict[str, str]:
    """The parameters that the example deploys the network with."""
    return dict(re.findall(r"(\w+)=([\d./]+)", section("deploy.md", EXAMPLE).split("```")[1]))


def test_example_fits_the_network_template() -> None:
    """Each parameter exists, its value is allowed, and no two networks overlap."""
    known = cfn_yaml.load(str(ROOT / "network.yaml"))["Parameters"]

    assert all(re.fullmatch(known[name]["AllowedPattern"], value) for name, value in parameters().items())
    networks = [IPv4Network(value) for name, value in parameters().items() if name != "CustomerGatewayAddress"]
    assert not any(one.overlaps(other) for one, other in combinations(networks, 2))


def test_example_commands_write_every_router(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The three commands run as they are printed, with the networks of the parameters."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vpn.xml").write_text(XML, encoding="utf-8")
    commands = section("deploy.md", EXAMPLE).split("```")[3].replace("\\\n", " ").strip().splitlines()

    assert [main(shlex.split(line)[3:]) for line in commands] == [0, 0, 0]
    assert {path.name for path in (tmp_path / "router-scripts").glob("*.json")} == {
        "tower-1.json",
        "tower-2.json",
        "tower-3.json",
    }
    named = set(re.findall(r"--(?:vpc-cidr|forward) ([\d./]+)", " ".join(commands)))
    assert named == {value for name, value in parameters().items() if name != "CustomerGatewayAddress"}


def test_example_document_is_accepted() -> None:
    """Three routers, all observed, one of them the default, each with its certificate; every router is reachable."""
    document = json.loads(section("deploy.md", EXAMPLE).split("```json")[1].split("```")[0])
    document["certificates"] = dict.fromkeys(document["certificates"], pem())
    settings = read_settings(json.dumps(document))

    assert [(one.name, one.mode, one.default) for one in settings.routers] == [
        ("tower-1", "observe", False),
        ("tower-2", "observe", True),
        ("tower-3", "observe", False),
    ]
    reached = [IPv4Network(value) for name, value in parameters().items() if name.startswith("RouterNetwork")]
    assert all(any(IPv4Network(one.host).subnet_of(net) for net in reached) for one in settings.routers)
    assert settings.policy.guard.percent == 5


# --- the emergency stop


@pytest.mark.parametrize(
    "document",
    [
        {"routers": [{"name": "a", "host": "10.0.0.1"}, {"name": "b", "host": "10.0.0.2", "mode": "enforce"}]},
        {"router_os": {"host": "10.0.0.1"}},
    ],
)
def test_emergency_stop_observes_every_router(tmp_path: Path, document: dict[str, Any]) -> None:
    """The printed program makes all routers of a document observed, in the form with one router too."""
    ucrm = {"ucrm_key": "k", "domain_name": "crm.example.com"}
    (tmp_path / "config.json").write_text(json.dumps({"ucrm": ucrm, **document}), encoding="utf-8")
    program = section("operations.md", "Emergency stop").split("python3 -c '")[1].split("'\n")[0]
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    settings = read_settings((tmp_path / "config.json").read_text(encoding="utf-8"))

    assert {one.mode for one in settings.routers} == {"observe"}


# --- the guard


def withheld(kind: Kind, count: int, routers: int = 1, limits: GuardLimits | None = None) -> int:
    """How many of so many changes wait, on routers of 2,000 enabled secrets that share them."""
    parts = {}
    for number, name in enumerate(ROUTERS[:routers]):
        share = range(number, count, routers)
        parts[name] = RouterPlan(name, tuple(change(kind, name, one) for one in share), Census(2000, 2000, 2000))
    verdict = Guard(limits or GuardLimits(), Masked("key")).review(Plan(parts, ()), ())
    return sum(map(len, verdict.withheld.values()))


def change(kind: Kind, on: str, number: int) -> Change:
    """A change of this kind."""
    return a_change(kind, f"ABC{number}", router=on, number=number)


def rows(title: str, head: str) -> list[list[str]]:
    """The cells of a table."""
    table = section("operations.md", title).split(head)[1].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]


@pytest.mark.parametrize("row", rows(GUARD, "\n| on one router of 2,000 |"), ids=lambda row: row[0])
def test_guard_table_is_what_the_guard_does(row: list[str]) -> None:
    """Up to the first number nothing waits; from the second on all of it does."""
    kind, routers = Kind(re.findall(r"`(\w+)`", row[0])[0]), 3 if "three" in row[0] else 1
    done, waits = int(row[1]), int(row[2])

    assert withheld(kind, done, routers) == 0
    assert withheld(kind, waits, routers) == waits == done + 1


@pytest.mark.parametrize("row", rows(GUARD, "\n| `guard.percent` |"), ids=lambda row: row[0])
def test_percentages_are_what_the_guard_does(row: list[str]) -> None:
    """The number of cuts that are made without asking, on one router and on three."""
    limits = GuardLimits(percent=float(row[0]))

    for routers, cell in ((1, row[1]), (3, row[2])):
        assert withheld(Kind.DISABLE, int(cell), routers, limits) == 0
        assert withheld(Kind.DISABLE, int(cell) + 1, routers, limits) > 0


# --- the rights of whoever runs pppctl

RIGHTS = "Who may run which command"
RENAMED = {"lambda:Invoke": "lambda:InvokeFunction", "s3:ListObjectsV2": "s3:ListBucket"}
"""Operations whose right has another name."""
FOR_EVERYBODY = {"sts:GetCallerIdentity"}


def policies() -> dict[str, dict[str, Any]]:
    """The printed policies by role."""
    found = re.findall(r"\n(\w+):\n\n```json\n(.*?)```", section("deploy.md", RIGHTS), re.DOTALL)
    return {role: json.loads(document) for role, document in found}


def granted(policy: dict[str, Any]) -> set[str]:
    """The rights that a policy gives."""
    actions = (statement["Action"] for statement in policy["Statement"])
    return {one for action in actions for one in ([action] if isinstance(action, str) else action)}


def used(*paths: Path) -> set[str]:
    """The rights that programs use, by the names of the operations of AWS in them."""
    known = {
        xform_name(operation): f"{service}:{operation}"
        for service in ("cloudformation", "lambda", "logs", "s3", "secretsmanager", "sts")
        for operation in get_session().get_service_model(service).operation_names
    }
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {RENAMED.get(known[name], known[name]) for name in names & known.keys()}


def test_policies_give_what_the_command_line_uses() -> None:
    """The three policies together give every right that the code of `pppctl` uses, and no other but the keys'."""
    journal = ROOT / "layers" / "pppsync" / "pppsync" / "journal" / "store.py"
    given = set().union(*map(granted, policies().values()))

    assert [*policies()] == ["Reader", "Operator", "Administrator"]
    assert used(*(ROOT / "pppctl").rglob("*.py"), journal) - FOR_EVERYBODY == {
        one for one in given if not one.startswith("kms:")
    }


def test_a_reader_changes_nothing() -> None:
    """The reader's policy gives what the log's commands use; an operator gets no password and no config secret."""
    reader = [ROOT / "pppctl" / name for name in ("aws.py", "log_reader.py", "history.py", "report.py", "problems.py")]
    operator = json.dumps(policies()["Operator"])

    assert granted(policies()["Reader"]) == used(*reader)
    assert "/holds/*" in operator
    assert not any(word in operator for word in ("/passwords", "JOURNAL_BUCKET/*", "secretsmanager", "pass-import"))


def test_every_command_has_its_role(capsys: pytest.CaptureFixture[str]) -> None:
    """The table of roles names each command of `pppctl` once; a new one must be given to somebody."""
    table, after = section("deploy.md", RIGHTS).split("| --- | --- |\n")[1].split("\n\n", 1)
    named = {name.split()[0] for name in re.findall(r"`([\w-]+(?: put)?)`", table)}
    with pytest.raises(SystemExit):
        parse(["nothing"])
    known = set(re.findall(r"'?([\w-]+)'?(?:, |\))", capsys.readouterr().err.split("choose from ")[1]))

    assert named == known - {"router-script"}
    assert "`router-script` need no right" in after


# --- costs, region, what a script prints


def test_costs_add_up() -> None:
    """Each column of the stack's table has its sum."""
    table = section("costs.md", "The stack").split("\n\n")[2]
    columns = zip(*(line.strip("| ").split(" | ")[3:] for line in table.splitlines()[2:]), strict=True)

    for column in columns:
        *items, total = [float(found[0]) for cell in column if (found := re.findall(r"^\**\$([\d.]+)", cell))]
        assert round(sum(items), 2) == total


def test_one_setting_rules_the_region() -> None:
    """samconfig.toml names no region: SAM would prefer it to the one that all other commands use."""
    assert "region" not in str(tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8")))


def test_page_shows_what_the_script_prints() -> None:
    """docs/router-setup.md prints the lines of an import, in order; the certificate is left out."""
    shell = router()
    shell.run(script.setup(request(), PASSWORD))
    shown = page("router-setup.md").split("The script prints, in this order:\n\n```\n")[1].split("\n```")[0]

    assert shown.splitlines() == ["..." if line == "PEM" else line for line in shell.printed]
