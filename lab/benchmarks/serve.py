"""One side of the provider in a process of its own: prints where it listens, then answers one JSON line with another.

`python -m lab.benchmarks.serve crm|routers '{"subscribers": 1000, ...}'`; ends with its standard input.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections import Counter
from contextlib import ExitStack
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lab.benchmarks.provider import KEY, ROUTER_PASSWORD, Provider, differences, fill_crm, fill_routers, put_back
from lab.simulators.certificates import Authority
from lab.simulators.routeros import Account, RouterSimulator
from lab.simulators.uisp import UispSimulator

if TYPE_CHECKING:
    from collections.abc import Callable

type Answers = dict[str, Callable[[], dict[str, Any]]]


def main() -> None:
    """Serve until the standard input ends."""
    side, document = sys.argv[1:]
    provider = Provider.read(json.loads(document))
    authority = Authority()
    tls = authority.issue("127.0.0.1").server_context
    with ExitStack() as running:
        if side == "crm":
            crm = UispSimulator(keys={KEY: "write"}, tls=tls())
            fill_crm(crm, provider)
            running.enter_context(crm)
            ports, answers = [crm.port], _crm_answers(crm)
        else:
            account = Account("admin", ROUTER_PASSWORD)
            routers = [RouterSimulator(accounts=[account], tls=tls()) for _ in range(provider.routers)]
            fill_routers(routers, provider)
            for router in routers:
                running.enter_context(router)
            ports, answers = [router.port for router in routers], _router_answers(routers, provider)
        gc.collect()
        gc.freeze()  # a collection that walks the whole provider would show up in somebody's figures
        _say({"ports": ports, "ca": authority.pem})
        for line in sys.stdin:
            _say(answers[line.strip()]())


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _crm_answers(crm: UispSimulator) -> Answers:
    def facts() -> dict[str, Any]:
        endpoints = Counter(request.endpoint for request in crm.requests)
        return {"requests": len(crm.requests), "endpoints": endpoints, "cpu": time.process_time()}

    def reset() -> dict[str, Any]:
        crm.clear_log()
        return {}

    return {"facts": facts, "reset": reset}


def _router_answers(routers: list[RouterSimulator], provider: Provider) -> Answers:
    def facts() -> dict[str, Any]:
        commands: Counter[str] = Counter()
        written: Counter[tuple[str, ...]] = Counter()
        for number, router in enumerate(routers):
            commands.update(router.commands)
            for one in router.writes:
                value = ("",) if one.command.endswith("/remove") else tuple(sorted(one.words))
                written[str(number), one.command, one.words.get(".id") or one.words.get("name", ""), *value] += 1
        return {
            "commands": commands,
            "writes": written.total(),
            "repeated": sum(count - 1 for count in written.values()),
            "differences": differences(routers, provider),
            "conflicts": sum(len(router.in_flight_conflicts) for router in routers),
            "in_flight": max(router.max_in_flight for router in routers),
            "connections": sum(router.connections for router in routers),
            "cpu": time.process_time(),
        }

    def reset() -> dict[str, Any]:
        put_back(routers, provider)
        return {}

    return {
        "facts": facts,
        "reset": reset,
        "floods": lambda: {"floods": floods(routers[0], provider)},
        "flights": lambda: {"flights": _flights(routers[0])},
    }


def _flights(router: RouterSimulator) -> int:
    """The round trips of the last run after its TLS handshake: how often the client spoke after the router had."""
    directions = ["out", *(exchange.direction for exchange in router.transcript)]
    return sum(one == "out" and other == "in" for one, other in pairwise(directions))


def floods(router: RouterSimulator, provider: Provider) -> list[list[list[str]]]:
    """The sentences that mend the first router: the writes, then the drops."""
    writes: list[list[str]] = []
    drops: list[list[str]] = []
    for one in provider.drifted():
        wanted = {name.replace("_", "-"): value for name, value in one.wanted.items() if value}
        secret = router.secret(one.login)
        if secret is None:
            words = ["/ppp/secret/add", f"=name={one.login}", "=service=pppoe"]
            words += [f"={name}={value}" for name, value in wanted.items()]
        else:
            field = {"password": "password", "profile": "profile"}.get(one.drift, "disabled")
            words = ["/ppp/secret/set", f"=.id={secret['.id']}", f"={field}={wanted[field]}"]
        writes.append([*words, f".tag={len(writes)}"])
        drops += [
            ["/ppp/active/remove", f"=.id={live['.id']}", f".tag=d{len(drops)}"] for live in router.sessions(one.login)
        ]
    return [flood for flood in (writes, drops) if flood]


if __name__ == "__main__":
    main()
