"""One emulator and one deployed stack for a session (or for each worker of pytest-xdist), and a router that is read."""

from collections.abc import Iterator

import boto3
import pytest

from lab.local_aws import client, environment
from lab.local_aws.emulator import Emulator
from lab.local_aws.stack import Stack, deploy
from lab.simulators.routeros import RouterSimulator
from tests.integration.providers import Provider, certified_router, crm_keys, provider, router_keys
from tests.integration.towers import Tower, conflicts, read_tower


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """An emulator on a free port that enforces IAM."""
    with Emulator() as running:
        yield running


@pytest.fixture(scope="session")
def deployed(emulator: Emulator) -> Stack:
    """The real template, built and deployed once, with its schedule off."""
    return deploy(emulator.endpoint)


@pytest.fixture(scope="session")
def first_document(emulator: Emulator, deployed: Stack) -> str:
    """The document of the config secret as the deployment left it, read before any test writes it."""
    with environment.pointed_at(emulator.endpoint):
        answer = boto3.client("secretsmanager").get_secret_value(SecretId=deployed.config_secret_arn)
    document: str = answer["SecretString"]
    return document


@pytest.fixture
def stack(emulator: Emulator, deployed: Stack, first_document: str) -> Iterator[Stack]:  # noqa: ARG001 - read first
    """The deployed stack, and the AWS clients of this test talk to it: they take no endpoint argument."""
    with environment.pointed_at(emulator.endpoint):
        yield deployed


@pytest.fixture
def live(stack: Stack) -> Iterator[Provider]:
    """A provider that the deployed functions are configured for; afterwards nothing is configured again."""
    with provider() as running:
        document = {"ucrm": crm_keys(running.crm), "router_os": router_keys(running.router)}
        client.put_config(stack.config_secret_arn, document)
        yield running
    client.put_config(stack.config_secret_arn, {})


@pytest.fixture
def router() -> Iterator[RouterSimulator]:
    """A router with three secrets; at the end nothing that a careful client would not have done."""
    with certified_router() as running:
        for profile in ("30mbps", "50mbps"):
            running.add_profile(profile)
        for name in ("ABC1", "ABC2", "ABC3"):
            running.add_secret(name=name, password=f"old-{name}", service="pppoe", profile="30mbps")
        yield running
        assert running.warnings == []
        assert conflicts(running) == []


@pytest.fixture
def tower(router: RouterSimulator) -> Iterator[Tower]:
    """That router, read while nobody was online."""
    found = read_tower(router)
    with found.gateway:
        yield found
