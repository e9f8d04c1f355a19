"""A provider that suspends by profile (R18), and what a test asks of its routers."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pppsync.core.outcome import Result
from tests.integration.providers import Provider, part, provider
from tests.integration.towers import conflicts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pppsync.report.response import Report

SUSPENDED = "suspended"
LIST = "walled"
SUSPENSION = {"mode": "profile", "profile": SUSPENDED}
ACTIVE, ENDED, SUSPENDED_SERVICE = 1, 2, 3
ADDRESS = "10.0.0.5"
DUES, ABUSE = 1, 2
"""Two reasons of a suspension, as the CRM numbers them."""


@contextmanager
def walled_provider(*names: str, version: str = "7.18.2", **suspension: Any) -> Iterator[Provider]:
    """A provider whose routers have the suspended profile with its list, and whose customers dial in again at once.

    `suspension` are more keys of that section. No write may be what a careful client would not have sent.
    """
    with provider(*names, version=version) as isp:
        suspend_by(isp, **suspension)
        for router in isp.routers.values():
            router.add_profile(SUSPENDED, address_list=LIST)
            router.redial = True
        yield isp
        for router in isp.routers.values():
            assert router.warnings == []
            assert conflicts(router) == []


def suspend_by(isp: Provider, **keys: Any) -> None:
    """Set the section `suspension` of the policy."""
    isp.sections["policy"] = isp.sections.get("policy", {}) | {"suspension": SUSPENSION | keys}


def customer(isp: Provider, name: str, status: int = ACTIVE, *, online: bool = True, **words: Any) -> int:
    """A customer in the CRM and on the only router, with the plan's profile unless given; the client's id."""
    client = isp.subscribe(name, "x", status)
    add_secret(isp, name, online=online, **words)
    return client


def add_secret(isp: Provider, name: str, tower: str = "tower-1", *, online: bool = True, **words: Any) -> None:
    """A secret of the customer on a router, who is online by it."""
    router = isp.routers[tower]
    router.add_secret(**{"name": name, "password": "x", "service": "pppoe", "profile": "30mbps"} | words)
    if online:
        router.connect_session(name)


def suspend(isp: Provider, client: int, reason: int = 1) -> None:
    """The CRM suspends a customer's first service for a reason."""
    service = isp.crm.services_of(client)[0]["id"]
    isp.crm.edit_service(service, status=SUSPENDED_SERVICE, suspensionReasonId=reason)


def sets(isp: Provider, tower: str = "tower-1") -> list[dict[str, str]]:
    """What each write of a secret said, in order, without the id."""
    writes = [one for one in isp.routers[tower].writes if one.command.startswith("/ppp/secret/")]
    return [{word: value for word, value in one.words.items() if word != ".id"} for one in writes]


def drops(isp: Provider, tower: str = "tower-1") -> list[str]:
    """The ids of the sessions that were dropped, in order."""
    return [one.words[".id"] for one in isp.routers[tower].writes if one.command == "/ppp/active/remove"]


def access(isp: Provider, name: str, tower: str = "tower-1") -> tuple[str, str]:
    """The profile of a secret and whether it is disabled."""
    secret = isp.routers[tower].secret(name) or {}
    return secret["profile"], secret["disabled"]


RESTRICTED = (SUSPENDED, "false")
FULL = ("30mbps", "false")
DISABLED = ("30mbps", "true")


def listed(isp: Provider, tower: str = "tower-1") -> list[str]:
    """The addresses in the list of the suspended profile."""
    items = isp.routers[tower].items("/ip/firewall/address-list")
    return sorted(one["address"] for one in items if one["list"] == LIST)


def results(report: Report, tower: str = "tower-1") -> dict[str, dict[str, int]]:
    """What became of the changes of a router that answered, by result and kind, without what did not happen."""
    found = part(report, tower)
    assert found.error is None
    return {result.value: dict(counts) for result in Result if (counts := found.count(result))}


def problems(report: Report) -> list[tuple[str | None, str | None, str]]:
    """Router, login and reason of each problem."""
    return [(one.router, one.name, one.reason.value) for one in report.problems]


def quiet_run(isp: Provider) -> Report:
    """One more run, which must plan nothing and write nothing."""
    known = {name: len(router.writes) for name, router in isp.routers.items()}
    report = isp.run()
    assert {name: len(router.writes) for name, router in isp.routers.items()} == known
    assert [(one.error, one.planned) for one in report.routers] == [(None, ())] * len(report.routers)
    return report
