"""What holds for every config secret, however wrong."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pppsync.config.kinds import host_and_port
from pppsync.config.reader import parse
from pppsync.config.settings import read_settings
from pppsync.errors import ConfigurationError

BASE: dict[str, Any] = {
    "ucrm": {"ucrm_key": "key", "domain_name": "crm.example.com", "ip_address": "192.0.2.10", "timeout": 30},
    "router_os": {"username": "sync", "password": "", "ssl_context": None, "ssl_ca": None},
    "routers": [{"name": "a", "host": "192.0.2.1", "port": 8729}, {"name": "b", "host": "b.example.com"}],
    "certificates": {},
    "policy": {"unmanaged_tag": "Custom-Config", "ppp_services": ["pppoe"], "guard": {"min": 10, "percent": 20}},
}
MARK = "hUnTeR2"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text().map(lambda text: MARK + text),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=50), inner, max_size=3),
    max_leaves=5,
)


def paths(node: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place below `node`."""
    entries: list[tuple[str | int, object]] = []
    if isinstance(node, dict):
        entries = list(node.items())
    elif isinstance(node, list):
        entries = list(enumerate(node))
    below = [found for key, child in entries for found in paths(child, (*path, key))]
    return [path, *below] if path else below


def replaced(places: list[tuple[tuple[str | int, ...], object]]) -> dict[str, Any]:
    """The base document with values put into places of it; a place that is gone by then is left out."""
    document = copy.deepcopy(BASE)
    for path, value in places:
        node: Any = document
        try:
            for key in path[:-1]:
                node = node[key]
            node[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    return document


@given(st.lists(st.tuples(st.sampled_from(paths(BASE)), JSON), min_size=1, max_size=4))
def test_a_document_reads_or_is_refused_without_showing_its_values(
    places: list[tuple[tuple[str | int, ...], object]],
) -> None:
    """Any JSON value in any place is either taken or a listed fault; no other exception, no value shown."""
    refused: ConfigurationError | None = None
    try:
        read_settings(json.dumps(replaced(places)))
    except ConfigurationError as error:
        refused = error
    assert refused is None or (refused.faults and MARK not in str(refused) and refused.__context__ is None)


@given(st.sets(st.sampled_from(["ucrm.timeout", "routers[0].port", "policy.guard.min", "policy.guard.percent"])))
def test_every_fault_is_listed(wrong: set[str]) -> None:
    """The faults are exactly the places that are wrong, however many."""
    document = copy.deepcopy(BASE)
    nodes: dict[str, tuple[dict[str, Any], str]] = {
        "ucrm.timeout": (document["ucrm"], "timeout"),
        "routers[0].port": (document["routers"][0], "port"),
        "policy.guard.min": (document["policy"]["guard"], "min"),
        "policy.guard.percent": (document["policy"]["guard"], "percent"),
    }
    for path in wrong:
        node, key = nodes[path]
        node[key] = "no number"
    if not wrong:
        assert len(read_settings(json.dumps(document)).routers) == 2
        return
    with pytest.raises(ConfigurationError) as caught:
        read_settings(json.dumps(document))
    assert {fault.partition(":")[0] for fault in caught.value.faults} == wrong


@given(st.text())
def test_any_text_at_all_reads_or_is_refused(text: str) -> None:
    """Whatever was put into the config secret, the answer is a `ConfigurationError` of a known code."""
    with pytest.raises(ConfigurationError) as caught:
        read_settings(text)
    assert caught.value.code in {"configuration_empty", "configuration_invalid"}


@given(st.text(), st.text())
def test_no_excerpt_of_broken_json_is_kept(before: str, after: str) -> None:
    """The exception neither shows the text nor carries the decoder's, which holds all of it."""
    with pytest.raises(ConfigurationError) as caught:
        parse(f"{before}{MARK}{after}")
    assert MARK not in str(caught.value)
    assert caught.value.__context__ is None


@given(st.ip_addresses(), st.integers(1, 65535))
def test_an_address_with_a_port_reads_back(address: object, port: int) -> None:
    """An IP address, IPv6 in brackets, keeps its value and its port."""
    text = f"[{address}]" if ":" in str(address) else str(address)
    assert host_and_port(text) == (str(address), None)
    assert host_and_port(f"{text}:{port}") == (str(address), port)
