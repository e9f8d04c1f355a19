"""What others do with their libraries as they come: read, compare, write one by one. Runs in the peers' environment.

`python -m lab.benchmarks.peers NAME < task`. The CRM is read as the floor reads it: only the router's side differs.
"""

from __future__ import annotations

import json
import ssl
import sys
from typing import TYPE_CHECKING, Any

from lab.benchmarks import floor
from lab.benchmarks.one_run import measure, read_librouteros
from lab.benchmarks.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Callable

type Row = dict[str, Any]
type Write = Callable[[str, Row], None]


def main() -> None:
    """Run the peer that the command line names."""
    task = json.load(sys.stdin)
    peers = {
        "librouteros": _librouteros,
        "RouterOS-api": _routeros_api,
        "read-librouteros": read_librouteros,
        "read-RouterOS-api": _read_routeros_api,
    }
    sys.stdout.write(json.dumps(measure(peers[sys.argv[1]](task))) + "\n")


def _librouteros(task: dict[str, Any]) -> Callable[[], Row]:
    from librouteros import connect  # noqa: PLC0415 - one peer in a process

    def run() -> Row:
        context = _context(task)
        api = connect(
            host="127.0.0.1",
            username="admin",
            password=task["config"]["router_os"]["password"],
            port=task["config"]["routers"][0]["port"],
            encoding="utf-8",
            timeout=120,
            ssl_wrapper=lambda sock: context.wrap_socket(sock, server_hostname="127.0.0.1"),
        )
        secrets = api.path("ppp", "secret")
        held = {row["name"]: row for row in secrets.select(".id", "name", "password", "profile", "disabled")}

        def write(identity: str, fields: Row) -> None:
            if identity:
                secrets.update(**{".id": identity, **fields})
            else:
                secrets.add(**fields)

        return {"written": _reconcile(task, held, write)}

    return run


def _routeros_api(task: dict[str, Any]) -> Callable[[], Row]:
    def run() -> Row:
        secrets = _pool(task).get_api().get_resource("/ppp/secret")
        held = {row["name"]: {**row, ".id": row["id"]} for row in secrets.get()}

        def write(identity: str, fields: Row) -> None:
            if identity:
                secrets.set(id=identity, **fields)
            else:
                secrets.add(**fields)

        return {"written": _reconcile(task, held, write)}

    return run


def _read_routeros_api(task: dict[str, Any]) -> Callable[[], Row]:
    secrets = _pool(task).get_api().get_resource("/ppp/secret")
    return lambda: {"rows": len(secrets.get())}


def _pool(task: dict[str, Any]) -> Any:
    import routeros_api  # noqa: PLC0415 - one peer in a process

    return routeros_api.RouterOsApiPool(
        "127.0.0.1",
        username="admin",
        password=task["config"]["router_os"]["password"],
        port=task["config"]["routers"][0]["port"],
        use_ssl=True,
        ssl_context=_context(task),
        plaintext_login=True,
    )


def _reconcile(task: dict[str, Any], held: dict[str, Row], write: Write) -> int:
    """The comparison that any script would make; the number of writes."""
    floor.read_crm(task["config"]["ucrm"], task["config"]["certificates"]["crm"])
    written = 0
    for one in Provider.read(task["provider"]).people():
        wanted = {name: value for name, value in one.wanted.items() if name != "remote_address"}
        row = held.get(one.login)
        if row is None:
            write("", {"name": one.login, "service": "pppoe", **wanted})
            written += 1
            continue
        disabled = "yes" if row["disabled"] in {True, "true"} else "no"
        has = {"password": row["password"], "profile": row["profile"], "disabled": disabled}
        differing = {name: value for name, value in wanted.items() if has[name] != value}
        if differing:
            write(row[".id"], differing)
            written += 1
    return written


def _context(task: dict[str, Any]) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=task["config"]["certificates"]["routers"])


if __name__ == "__main__":
    main()
