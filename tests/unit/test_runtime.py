"""Python's housekeeping rests during an action, and is as it was afterwards."""

from __future__ import annotations

import gc
import json
import os
import sys

import pytest

from pppsync.actions import perform
from pppsync.config.event import read_event
from pppsync.config.settings import read_settings
from pppsync.errors import Code, CrmError
from pppsync.net.deadline import Deadline
from pppsync.runtime import in_bulk


def _state() -> tuple[bool, bool]:
    return gc.isenabled(), sys.getswitchinterval() > 0.01


def test_the_collector_is_off_inside_and_as_before_afterwards() -> None:
    """Also when one is inside another, and after an error."""
    before = gc.isenabled(), sys.getswitchinterval()
    with in_bulk():
        with in_bulk():
            assert _state() == (False, True)
        assert _state() == (False, True)
    assert (gc.isenabled(), sys.getswitchinterval()) == before
    with pytest.raises(KeyError), in_bulk():
        _ = os.environ["NO_SUCH_VARIABLE"]
    assert (gc.isenabled(), sys.getswitchinterval()) == before


def test_what_was_switched_off_before_stays_off() -> None:
    """Whoever runs without the collector keeps it so."""
    gc.disable()
    try:
        with in_bulk():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize("action", ["sync", "plan", "explain"])
def test_the_collector_stays_off_for_the_whole_action(action: str) -> None:
    """The collector is off to the end of an action: it would walk all that was read as soon as it is back."""
    seen = []

    class Crm:
        def read(self, _deadline: Deadline) -> None:
            seen.append(_state())
            raise CrmError(Code.CRM_UNREACHABLE, "down")

    document = {
        "ucrm": {"domain_name": "crm.example.org", "ucrm_key": "k"},
        "routers": [{"name": "tower-1", "host": "192.0.2.1", "username": "api", "password": "p"}],
    }
    settings = read_settings(json.dumps(document))
    event = read_event({"action": action} | ({"subscribers": ["ABC1"]} if action == "explain" else {}), ["tower-1"])
    with pytest.raises(CrmError):
        perform(event, settings, Crm(), [], Deadline.after(60))  # type: ignore[arg-type]
    assert seen == [(False, True)]
    assert _state() == (True, False)
