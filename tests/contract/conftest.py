"""The simulators as most contract tests meet them; a module that needs more in them extends the fixture by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from lab.simulators.routeros import RouterSimulator
from lab.simulators.routeros.raw_client import RawClient
from lab.simulators.uisp import UispSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def router() -> Iterator[RouterSimulator]:
    """A router of the default release, without secrets."""
    with RouterSimulator() as router:
        yield router


@pytest.fixture
def client(router: RouterSimulator) -> Iterator[RawClient]:
    """A client of the router, logged in with every right."""
    with RawClient(router.host, router.port) as client:
        yield client.login()


@pytest.fixture
def crm() -> Iterator[UispSimulator]:
    """An empty CRM."""
    with UispSimulator() as crm:
        yield crm


@pytest.fixture
def http() -> Iterator[requests.Session]:
    """An HTTP client with a write key, without settings from the environment."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["X-Auth-App-Key"] = "write-key"
        yield session
