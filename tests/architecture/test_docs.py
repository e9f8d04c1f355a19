"""The pages that operators read say what the code says."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from pppsync.config.event import ACTIONS, EVENT_KEYS, IMPORT_KEYS, read_event
from pppsync.config.settings import CRM_KEYS, ROUTER_KEYS, read_settings
from pppsync.core.policy import Policy
from pppsync.core.reasons import Reason
from pppsync.errors import Code, ConfigurationError

SENTENCES = {one.value: one.sentence for one in (*Reason, *Code)}
ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEMPLATE = (ROOT / "template.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "sentence"), SENTENCES.items())
def test_every_code_and_reason_stands_on_the_page(name: str, sentence: str) -> None:
    """docs/operations.md explains each code and reason with the sentence of the code's own table."""
    assert f"| `{name}` | {sentence} |" in OPERATIONS


def test_the_page_knows_no_other_codes() -> None:
    """A code or reason that was taken out of the code is taken out of docs/operations.md."""
    listed = re.findall(r"^\| `([a-z_]+)` \|", OPERATIONS, re.MULTILINE)

    assert sorted(SENTENCES) == sorted(listed)


def test_every_alarm_stands_on_the_page() -> None:
    """docs/operations.md explains each alarm of the template, and no other."""
    alarms = re.findall(r'AlarmName: !Sub "\$\{AWS::StackName\}-([a-z-]+)"', TEMPLATE)

    assert sorted(alarms) == sorted(re.findall(r"^\| `([a-z]+(?:-[a-z]+)+)` \|", OPERATIONS, re.MULTILINE))


def _flat(values: dict[str, Any], path: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{name}.") if isinstance(value, dict) else {path + name: value}
    return flat


def _table(head: str) -> dict[str, str]:
    """The first two columns of the table of docs/configuration.md whose head begins like this."""
    section = CONFIGURATION.split(f"| {head} | default |")[1].split("\n\n")[0]
    return dict(re.findall(r"^\| `([^`|]+)` \| ([^|]+) \|", section, re.MULTILINE))


def _json(cell: str) -> Any:
    return json.loads(cell.strip("`"))


def test_the_page_prints_the_whole_policy_with_its_defaults() -> None:
    """docs/configuration.md lists every setting of `policy` with its default, and no other."""
    printed = {name: _json(default) for name, default in _table("`policy`").items()}
    expected = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in _flat(asdict(Policy())).items()
    }

    assert expected == printed


TABLES = {
    "`ucrm`": CRM_KEYS.keys() | {"ssl_ca"},
    "`router_os`, `routers[]`": ROUTER_KEYS.keys() | {"ssl_ca", "name", "default"},
}


@pytest.mark.parametrize(("head", "keys"), TABLES.items())
def test_the_page_lists_every_key_of_the_crm_and_of_a_router(head: str, keys: set[str]) -> None:
    """docs/configuration.md lists every key that the settings know for `ucrm` and for a router, and no other."""
    assert sorted(keys) == sorted(_table(head))


def test_the_settings_know_every_key_of_the_page() -> None:
    """No key of the tables for `ucrm` and for a router is an unknown key; a key that is none would be noticed."""
    crm, router = (dict.fromkeys(_table(head), 0) for head in TABLES)
    document = {"ucrm": crm, "routers": [router | {"not_a_key": 0}]}

    with pytest.raises(ConfigurationError) as refused:
        read_settings(json.dumps(document))
    assert re.findall(r"(\S+): is an unknown key", str(refused.value)) == ["routers[0].not_a_key"]


def test_the_page_prints_the_defaults_of_the_crm_and_of_a_router() -> None:
    """A document that spells out every printed default means the same as one that leaves all of them out."""
    crm, router = ({key: _json(cell) for key, cell in _table(head).items() if cell.startswith("`")} for head in TABLES)
    needed_crm, needed_router = {"ucrm_key": "k", "domain_name": "crm.example.com"}, {"name": "a", "host": "10.0.0.1"}
    short = {"ucrm": needed_crm, "routers": [needed_router]}
    spelled_out = {"ucrm": crm | needed_crm, "routers": [router | needed_router]}

    assert read_settings(json.dumps(short)) == read_settings(json.dumps(spelled_out))
    assert len(crm) == len(TABLES["`ucrm`"]) - 3, "only the key, the domain and the address have no default"
    assert len(router) == len(TABLES["`router_os`, `routers[]`"]) - 2, "only the name and the host have no default"


def _document(page: str) -> str:
    """The first JSON document of a page."""
    return page.split("```json\n")[1].split("```", maxsplit=1)[0]


def test_the_document_of_the_readme_is_accepted() -> None:
    """The README's document can be put into the config secret as it is printed."""
    assert [router.name for router in read_settings(_document(README)).routers] == ["tower-1"]


def test_the_document_of_the_page_only_lacks_a_certificate() -> None:
    """In the document of docs/configuration.md nothing but the certificate has to be filled in."""
    with pytest.raises(ConfigurationError) as refused:
        read_settings(_document(CONFIGURATION))
    assert (
        str(refused.value)
        .removeprefix("configuration_invalid: ")
        .startswith("certificates.office: must be the PEM text")
    )
    assert len(str(refused.value).splitlines()) == 1


def test_the_events_of_the_page_are_accepted() -> None:
    """docs/operations.md lists an event for every action, each of them valid, and names every key of both events."""
    section = OPERATIONS.split("\n## Events\n")[1].split("\n## ")[0]
    events = [json.loads(event) for event in re.findall(r"^\| `(\{.+?\})` \|", section, re.MULTILINE)]

    assert {read_event(event, ["tower-1"]).action for event in events} == set(ACTIONS)
    assert {key for key in EVENT_KEYS | IMPORT_KEYS if f"`{key}`" not in section and f'"{key}"' not in section} == set()
